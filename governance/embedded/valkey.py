"""Valkey from the wheel, on a Unix socket, without files: what must not be lost is a row in PostgreSQL."""

import os
import pwd
import socket
import time
from pathlib import Path
from urllib.parse import quote

from governance.embedded.errors import EmbeddedError
from governance.embedded.processes import Child

DATABASES = 64  # xdist workers take one each


def valkey_child(
    *, program: Path, sockets: Path, log: Path, account: pwd.struct_passwd | None, marker: dict[str, str]
) -> Child:
    """The server as a supervised process.

    Queue keys have no expiry, so that only cache entries are ever pushed out when memory runs short.
    """
    options = {
        "--port": "0",
        "--unixsocket": str(sockets / "valkey.sock"),
        "--unixsocketperm": "700",
        "--save": "",
        "--appendonly": "no",
        "--dir": str(sockets),
        "--databases": str(DATABASES),
        "--maxmemory": "256mb",
        "--maxmemory-policy": "volatile-lru",
        "--daemonize": "no",
        "--set-proc-title": "no",  # a new title would overwrite the marker in its environment
    }
    command: list[str | Path] = [program, *(part for pair in options.items() for part in pair)]
    environment = {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C", **marker}
    return Child("valkey", command, environment=environment, folder=Path("/"), log=log, account=account, patience=10)


def valkey_url(sockets: Path, database: int = 0) -> str:
    """Address for Django and Celery."""
    return f"unix://{quote(str(sockets / 'valkey.sock'), safe='/')}?db={database}"


def answers(sockets: Path) -> bool:
    """Whether the server answers PING."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(1)
        try:
            connection.connect(str(sockets / "valkey.sock"))
            connection.sendall(b"PING\r\n")
            return connection.recv(64).startswith(b"+PONG")
        except OSError:
            return False


def wait_until_it_answers(child: Child, sockets: Path, seconds: float = 15) -> None:
    """Return once the server answers; raise EmbeddedError with the end of its log when it does not."""
    deadline = time.monotonic() + seconds
    while not answers(sockets):
        if child.died() is not None or time.monotonic() > deadline:
            raise EmbeddedError(f"Valkey did not start.\n{child.last_lines()}")
        time.sleep(0.02)
