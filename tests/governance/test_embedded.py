"""The whole stack, really started by the supervisor: healthy, wounded, killed, stopped."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from governance.embedded.places import Places, places
from governance.embedded.postgres import Cluster
from governance.embedded.processes import leftovers
from governance.embedded.servers import Servers, child_environment

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.slow


class Stack:
    """A clone's supervisor under test, with var/ and port of its own."""

    def __init__(self, where: Places, port: int) -> None:
        self.where = where
        self.port = port
        self.log = where.var / "supervisor.txt"
        self.process: subprocess.Popen[bytes] | None = None
        here = {"LIREN_VAR_DIR": str(where.var), "PORT": str(port), "LIREN_DEMO": "0"}
        if (
            sys.pycache_prefix or sys.dont_write_bytecode
        ):  # what this run has compiled, its stack does not compile again
            here["PYTHONPYCACHEPREFIX"] = sys.pycache_prefix or str(ROOT / "var" / "pycache")
        self.environment = child_environment(where, here)
        for name in ("DATABASE_URL", "REDIS_URL", "LIREN_EMBEDDED", "HOST", "PUBLIC_URL", "DJANGO_SETTINGS_MODULE"):
            self.environment.pop(name, None)

    @property
    def marker(self) -> str:
        """What the processes of this stack carry in their environment."""
        return f"run:{self.where.var}"

    def start(self) -> None:
        """Start the supervisor and wait until it says that everything is healthy."""
        self.process = self.spawn()
        assert wait_for(lambda: b"healthy after" in self.log.read_bytes() or self.process.poll() is not None, 120)
        assert self.process.poll() is None, self.log.read_text(encoding="utf-8")

    def spawn(self) -> subprocess.Popen[bytes]:
        """Start a supervisor."""
        command = [sys.executable, "-m", "governance.embedded", "run"]
        with self.log.open("wb") as log:
            return subprocess.Popen(command, cwd=ROOT, env=self.environment, stdout=log, stderr=log)

    def health(self) -> tuple[int, dict[str, str]]:
        """Status and parts that /healthz names; 0 while nobody answers."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=5) as answer:
                return answer.status, json.loads(answer.read())["parts"]
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read())["parts"]
        except OSError:
            return 0, {}

    def healthy(self) -> bool:
        """Whether /healthz is 200."""
        return self.health()[0] == 200

    def processes(self, *words: str) -> list[int]:
        """Processes of this stack whose command line has these words."""
        found = []
        for pid in leftovers(self.marker):
            try:
                command = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
            except FileNotFoundError:
                continue
            if all(word.encode() in command for word in words):
                found.append(pid)
        return sorted(found)

    def cluster(self) -> Cluster:
        """The database of this stack."""
        cluster = Servers(self.where, "run").cluster
        assert cluster is not None
        return cluster


@pytest.fixture
def stack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stack]:
    for name in ("DATABASE_URL", "REDIS_URL"):
        monkeypatch.delenv(name, raising=False)
    where = places(tmp_path / "var")
    if (ROOT / "var" / "vendor").exists():
        shutil.copytree(ROOT / "var" / "vendor", where.var / "vendor")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    made = Stack(where, port)
    yield made
    if made.process and made.process.poll() is None:
        made.process.send_signal(signal.SIGTERM)
        made.process.wait(60)
    shutil.rmtree(where.state, ignore_errors=True)


def test_the_stack_survives_wounds_and_leaves_nothing_behind(stack: Stack) -> None:
    stack.start()
    assert stack.health() == (200, {"database": "ok", "broker": "ok", "worker_and_beat": "ok"})

    _a_second_start_is_refused(stack)
    _a_dead_worker_is_seen_and_replaced(stack)
    _killed_servers_come_back(stack)
    _swept_sockets_come_back(stack)
    _a_killed_supervisor_blocks_nothing(stack)
    _sigterm_stops_everything(stack)


def _a_second_start_is_refused(stack: Stack) -> None:
    command = [sys.executable, "-m", "governance.embedded", "run"]
    second = subprocess.run(command, cwd=ROOT, env=stack.environment, capture_output=True, text=True, check=False)
    assert second.returncode == 1
    assert f"already runs in this clone at http://127.0.0.1:{stack.port}" in second.stderr
    assert stack.healthy()


def _a_dead_worker_is_seen_and_replaced(stack: Stack) -> None:
    before = stack.processes("celery", "worker")
    assert before
    for pid in before:
        os.kill(pid, signal.SIGSTOP)  # lies there as if dead, while the supervisor sees nothing wrong yet
    # A minute of silence, without waiting for it: the row is the clock.
    stack.cluster().sql("UPDATE health_heartbeat SET at = at - interval '61 seconds'", database="liren")
    status, parts = stack.health()
    assert (status, parts) == (503, {"database": "ok", "broker": "ok", "worker_and_beat": "failed"})
    for pid in before:
        os.kill(pid, signal.SIGKILL)
    assert wait_for(stack.healthy, 60)
    assert not set(before) & set(stack.processes("celery", "worker"))
    assert "worker started again" in stack.log.read_text(encoding="utf-8")


def _killed_servers_come_back(stack: Stack) -> None:
    cluster = stack.cluster()
    postmaster = cluster.read_pid()
    assert postmaster is not None
    os.kill(postmaster, signal.SIGKILL)
    [valkey] = [pid for pid in leftovers(stack.marker) if b"valkey-server" in Path(f"/proc/{pid}/cmdline").read_bytes()]
    os.kill(valkey, signal.SIGKILL)
    assert wait_for(lambda: cluster.read_pid() not in {None, postmaster} and stack.healthy(), 60)


def _swept_sockets_come_back(stack: Stack) -> None:
    sockets = stack.cluster().sockets
    shutil.rmtree(sockets)
    assert wait_for(lambda: (sockets / "valkey.sock").exists() and stack.healthy(), 60)


def _a_killed_supervisor_blocks_nothing(stack: Stack) -> None:
    assert stack.process is not None
    stack.process.kill()
    stack.process.wait()
    stack.start()
    assert stack.healthy()
    assert len(stack.processes("governance.wsgi:application")) == 3  # one web server: its master and two workers


def _sigterm_stops_everything(stack: Stack) -> None:
    assert stack.process is not None
    stack.process.send_signal(signal.SIGTERM)
    assert stack.process.wait(60) == 0
    assert leftovers(stack.marker) == []
    assert stack.cluster().read_pid() is None
    assert not (stack.where.run / "embedded.json").exists()
    assert stack.health() == (0, {})


def test_a_busy_port_starts_nothing(stack: Stack) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", stack.port))
        taken.listen()
        assert stack.spawn().wait(60) == 1
    assert f"make run PORT={stack.port + 1}" in stack.log.read_text(encoding="utf-8")
    assert not (stack.where.state / "pg").exists()
    assert leftovers(stack.marker) == []


def wait_for(condition: Callable[[], object], seconds: float) -> bool:
    """Poll a condition until it holds; False when it never does."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.1)
    return False
