"""The two servers of a stack: those of the environment when it names them, else our own."""

import os
import time
from collections.abc import Mapping
from pathlib import Path

from governance.embedded.binaries import binaries
from governance.embedded.errors import EmbeddedError, say
from governance.embedded.places import Places
from governance.embedded.postgres import Cluster
from governance.embedded.processes import MARKER, Child, rotate
from governance.embedded.valkey import answers, valkey_child, valkey_url, wait_until_it_answers

PATIENCE = 10  # seconds that Valkey may be silent
DATA = {"run": "pg", "test": "test-pg"}


def marker(places: Places, kind: str) -> dict[str, str]:
    """What the environment of every process of a stack carries, so that a later start can find it again."""
    return {MARKER: f"{kind}:{places.var}"}


class Servers:
    """PostgreSQL and Valkey of the stack `kind` (run or test)."""

    def __init__(self, places: Places, kind: str, settings: Mapping[str, str] | None = None) -> None:
        self.places = places
        self.cluster: Cluster | None = None
        self.valkey: Child | None = None
        self.sockets: Path | None = None
        self.retry_at = 0.0
        self.kind = kind
        self.silent_since: float | None = None
        wanted = [name for name in ("DATABASE_URL", "REDIS_URL") if not os.environ.get(name)]
        if not wanted:
            return
        programs = binaries(places)
        self.sockets = places.sockets(kind)
        if "DATABASE_URL" in wanted:
            self.cluster = Cluster(
                programs=programs.postgres,
                data=places.state / DATA[kind],
                sockets=self.sockets,
                account=places.account,
                settings=settings,
            )
        if "REDIS_URL" in wanted:
            log = places.logs / f"valkey-{kind}.log"
            rotate(log)
            self.valkey = valkey_child(
                program=programs.valkey,
                sockets=self.sockets,
                log=log,
                account=places.account,
                marker=marker(places, kind),
            )

    def start(self) -> None:
        """Start what the environment does not name; return when both answer."""
        if self.valkey:
            self.valkey.start()
        if self.cluster:
            self.cluster.start()
        if self.valkey and self.sockets:
            wait_until_it_answers(self.valkey, self.sockets)

    @property
    def environment(self) -> dict[str, str]:
        """Addresses for Django."""
        return {
            "DATABASE_URL": self.cluster.url() if self.cluster else os.environ["DATABASE_URL"],
            "REDIS_URL": valkey_url(self.sockets) if self.valkey and self.sockets else os.environ["REDIS_URL"],
        }

    def revive(self) -> None:
        """Start again what died, or what cannot be reached: a cleaner of temporary files may take a socket away."""
        if self.valkey and self.sockets:
            self.revive_valkey(self.valkey, self.sockets)
        if self.cluster and time.monotonic() >= self.retry_at and not self.cluster.alive():
            say("PostgreSQL is gone; starting it again")
            try:
                self.places.sockets(self.kind)
                self.cluster.start()
            except EmbeddedError as error:
                say(str(error))
                self.retry_at = time.monotonic() + 15

    def revive_valkey(self, valkey: Child, sockets: Path) -> None:
        """Restart Valkey when it has ended or has been silent for a while."""
        status = valkey.died()
        if status is not None:
            say(f"Valkey ended with {status}; starting it again in {valkey.pause} s")
        if valkey.process is None or answers(sockets):
            self.silent_since = None
        elif self.silent_since is None:
            self.silent_since = time.monotonic()
        elif time.monotonic() - self.silent_since > PATIENCE:
            say("Valkey does not answer; starting it again")
            self.silent_since = None
            self.places.sockets(self.kind)
            valkey.stop()
            valkey.start()
        valkey.revive()

    def stop(self) -> None:
        """Stop what was started: Valkey, then PostgreSQL."""
        if self.valkey:
            self.valkey.stop()
        if self.cluster:
            self.cluster.stop()


def child_environment(places: Places, *parts: Mapping[str, str]) -> dict[str, str]:
    """The person's environment with `parts` on top, ready for processes of the application.

    libpq's variables go, for they would change how Django reaches the database. Where Python was told to write no
    bytecode it writes it under var/: four processes that compile everything anew take three times as long to start.
    """
    base = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    if base.pop("PYTHONDONTWRITEBYTECODE", ""):
        base.setdefault("PYTHONPYCACHEPREFIX", str(places.var / "pycache"))
    for part in parts:
        base |= part
    return base
