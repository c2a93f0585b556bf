"""Where everything lives: the clone, var/, and the folder of the database files."""

import hashlib
import os
import pwd
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from governance.embedded.errors import EmbeddedError

ACCOUNT = "liren-db"
# A Unix socket's path must fit into 108 bytes; the server adds "/.s.PGSQL.5432.lock" to its folder.
LONGEST_SOCKET_FOLDER = 80


@dataclass(frozen=True)
class Places:
    """Folders of one clone, and the account that owns the database files (None: the person who runs this)."""

    root: Path
    var: Path
    state: Path
    account: pwd.struct_passwd | None

    @property
    def run(self) -> Path:
        """Locks, process numbers, addresses of the running servers."""
        return self.var / "run"

    @property
    def logs(self) -> Path:
        """What the processes write."""
        return self.var / "log"

    def sockets(self, kind: str) -> Path:
        """Folder of the sockets of a stack: private to its owner, for whoever reaches a socket may use the server."""
        folder = self.state / "sockets" / kind
        if len(os.fsencode(folder)) > LONGEST_SOCKET_FOLDER:
            folder = Path(tempfile.gettempdir()) / f"liren-{os.geteuid()}-{fingerprint(self.var)}-{kind}"
        make_private(folder, self.account)
        return folder


def fingerprint(path: Path) -> str:
    """A short name for a folder."""
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:10]


def make_private(folder: Path, account: pwd.struct_passwd | None) -> None:
    """Make a folder that only its owner may enter; refuse one that belongs to somebody else."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    owner = account.pw_uid if account else os.geteuid()
    if folder.is_symlink() or folder.stat().st_uid not in {owner, os.geteuid()}:
        raise EmbeddedError(f"{folder} belongs to somebody else; remove it and start again.")
    if account:
        os.chown(folder, account.pw_uid, account.pw_gid)
    folder.chmod(0o700)


def database_account() -> pwd.struct_passwd | None:
    """PostgreSQL refuses to run as root: root gets a system account for it, made once. Others run it themselves."""
    if os.geteuid():
        return None
    try:
        return pwd.getpwnam(ACCOUNT)
    except KeyError:
        pass
    useradd = shutil.which("useradd") or shutil.which("useradd", path="/usr/sbin:/sbin")
    if not useradd:
        raise EmbeddedError(
            "PostgreSQL refuses to run as root, and this machine has no useradd to make an account for it.\n"
            f"Make a system account named {ACCOUNT}, or run this as an ordinary user."
        )
    options = ["--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent", "--shell", "/bin/false"]
    subprocess.run([useradd, *options, ACCOUNT], check=True)
    return pwd.getpwnam(ACCOUNT)


def places(var: Path | None = None) -> Places:
    """The places of this clone; `var` or LIREN_VAR_DIR moves var/ elsewhere.

    For root the database files live under /var/lib, since the database account may not be able to reach the clone.
    """
    root = Path(__file__).resolve().parents[2]
    var = (var or Path(os.environ.get("LIREN_VAR_DIR") or root / "var")).resolve()
    account = database_account()
    state = Path(f"/var/lib/liren-{fingerprint(var)}") if account else var
    found = Places(root=root, var=var, state=state, account=account)
    for folder in (var, found.run, found.logs, state):
        folder.mkdir(parents=True, exist_ok=True)
    if account and not (state / "OWNER").exists():
        (state / "OWNER").write_text(f"Database files of Liren in {var}\n", encoding="utf-8")
    return found
