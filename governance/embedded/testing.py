"""The stack of the tests: a cluster of its own without fsync, a migrated template, one run at a time per clone."""

import contextlib
import hashlib
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from governance.embedded.errors import EmbeddedError, say
from governance.embedded.places import Places, places
from governance.embedded.postgres import FAST_AND_LOOSE
from governance.embedded.processes import MARKER, end_leftovers, only_one
from governance.embedded.servers import Servers, child_environment, marker

TEMPLATE = "liren_template"
SETTINGS = "governance.settings.test"


@contextlib.contextmanager
def test_stack(where: Places) -> Iterator[dict[str, str]]:
    """Start the servers of the tests and yield the variables that lead Django to them.

    Servers that the environment names are used instead, and then every worker migrates a database of its own.
    """
    if os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL"):
        yield {"DJANGO_SETTINGS_MODULE": SETTINGS}
        return
    busy = "Another test run is under way in this clone (process {}). Wait for it or stop it."
    with only_one(where.run / "test.lock", busy.format):
        end_leftovers(marker(where, "test")[MARKER])
        servers = Servers(where, "test", FAST_AND_LOOSE)
        try:
            servers.start()
            found = servers.environment | {"DJANGO_SETTINGS_MODULE": SETTINGS} | marker(where, "test")
            if servers.cluster:
                make_template(where, servers, found)
                found["TEST_DB_TEMPLATE"] = TEMPLATE
            yield found
        finally:
            servers.stop()


def make_template(where: Places, servers: Servers, found: dict[str, str]) -> None:
    """Migrate once; every test database is a copy of the result.

    A template of the run before is kept and brought up to date, as an office's database is: migrating from nothing
    takes a minute. It is made anew when a migration that it went through was changed or taken away.
    """
    cluster = servers.cluster
    if cluster is None:
        return
    note, wanted = cluster.data / "liren-test-template.json", migrations_of(where.root)
    gone_through = json.loads(note.read_text(encoding="ascii")) if note.exists() else {}
    note.unlink(missing_ok=True)  # until it is whole again
    if not gone_through or not gone_through.items() <= wanted.items():
        cluster.drop_database(TEMPLATE)
        cluster.create_database(TEMPLATE)
    environment = child_environment(where, found, {"DATABASE_URL": cluster.url(TEMPLATE)})
    command = [sys.executable, str(where.root / "manage.py"), "migrate", "-v", "0", "--skip-checks"]
    answer = subprocess.run(command, cwd=where.root, env=environment, check=False)
    if answer.returncode:
        raise EmbeddedError("The test database could not be migrated; see above.")
    note.write_text(json.dumps(wanted), encoding="ascii")


def migrations_of(root: Path) -> dict[str, str]:
    """Digest of every migration of this clone by its path below it, and of the lock that brings those of others."""
    files = [root / "requirements" / "runtime.txt", *root.glob("*/migrations/*.py"), *root.glob("*/*/migrations/*.py")]
    return {str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(files)}


def redis_of_worker(url: str, worker: str) -> str:
    """Address with a database number of its own for an xdist worker (gw0 takes 1, and so on)."""
    number = int(re.sub(r"\D", "", worker) or 0) + 1
    return re.sub(r"db=\d+", f"db={number}", url)


def run_tests(arguments: Sequence[str]) -> int:
    """`embedded test ...`: run pytest against the test stack; its exit status is ours."""
    where = places()
    with test_stack(where) as found:
        environment = child_environment(where, found)
        process = subprocess.Popen([sys.executable, "-m", "pytest", *arguments], cwd=where.root, env=environment)
        # Ctrl-C reaches pytest through the terminal; SIGTERM reaches only us and is passed on.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, lambda *_: process.terminate())
        status = process.wait()
    if status < 0:
        say(f"pytest ended by signal {-status}")
    return status if status >= 0 else 128 - status
