"""Processes of a stack: started in sessions of their own, found again after a crash, stopped for certain."""

import contextlib
import ctypes
import fcntl
import os
import pwd
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Any

from governance.embedded.errors import EmbeddedError

MARKER = "LIREN_EMBEDDED"  # in the environment of every process of a stack: "<kind>:<var folder>"
PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
BACKOFF = (1, 2, 4, 8, 15, 30)  # seconds before a dead process is started again
STEADY = 60  # seconds after which a process counts as healthy and its backoff starts anew


def die_with_parent() -> None:
    """In the child, on Linux: ask for SIGTERM when the supervisor dies without having been able to stop us."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def adopt_orphans() -> None:
    """On Linux: become the parent of what our children leave behind, such as the PostgreSQL that pg_ctl started.

    Inside a container nobody else may collect their exit status, and they would stay as zombies.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)


def reap_strangers(known: set[int]) -> None:
    """Collect the exit status of adopted children; those in `known` are waited for by name."""
    if sys.platform != "linux":
        return
    with contextlib.suppress(ChildProcessError):
        while True:
            ended = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            if ended is None or ended.si_pid in known:
                return
            os.waitpid(ended.si_pid, os.WNOHANG)


def identity(account: pwd.struct_passwd | None) -> dict[str, Any]:
    """Arguments that make subprocess run a program as another account."""
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []} if account else {}


class Child:
    """One process that is kept running: restarted with growing pauses, stopped with patience."""

    def __init__(
        self,
        name: str,
        command: Sequence[str | Path],
        *,
        environment: Mapping[str, str],
        folder: Path,
        log: Path,
        account: pwd.struct_passwd | None = None,
        patience: float = 15.0,
    ) -> None:
        self.name = name
        self.command = [str(part) for part in command]
        self.environment = dict(environment)
        self.folder = folder
        self.log = log
        self.account = account
        self.patience = patience
        self.deaths = 0
        self.process: subprocess.Popen[bytes] | None = None
        self.started = 0.0
        self.retry_at = 0.0

    def start(self) -> None:
        """Start the process; what it prints goes to its log."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command,
                cwd=self.folder,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C reaches the supervisor alone, which then stops them in order
                preexec_fn=die_with_parent,
                **identity(self.account),
            )
        self.started = time.monotonic()
        self.retry_at = 0.0

    def died(self) -> int | None:
        """Exit status when the process has ended since it was last asked, else None."""
        if self.process is None or self.process.poll() is None:
            return None
        status = self.process.returncode
        end_group(self.process.pid)
        self.process = None
        self.deaths = 1 if time.monotonic() - self.started > STEADY else self.deaths + 1
        self.retry_at = time.monotonic() + self.pause
        return status

    @property
    def pause(self) -> int:
        """Seconds to wait before the next start."""
        return BACKOFF[min(self.deaths, len(BACKOFF)) - 1]

    def revive(self) -> bool:
        """Start again once the pause is over."""
        if self.process is None and self.retry_at and time.monotonic() >= self.retry_at:
            self.start()
            return True
        return False

    def stop(self) -> None:
        """End the process: a polite signal, patience, then none; its children with it."""
        if self.process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            self.process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(self.patience)
        end_group(self.process.pid)
        self.process.wait()
        self.process = None

    def last_lines(self, count: int = 25) -> str:
        """The end of its log."""
        return tail(self.log, count)


def tail(path: Path, count: int = 25) -> str:
    """The last lines of a text file; nothing when there is none."""
    if not path.exists():
        return ""
    return "\n".join(path.read_text(encoding="utf-8", errors="replace").splitlines()[-count:])


def rotate(path: Path, largest: int = 5_000_000) -> None:
    """Keep one older log when the present one has grown large."""
    if path.exists() and path.stat().st_size > largest:
        path.replace(path.with_suffix(path.suffix + ".1"))


def end_group(pid: int) -> None:
    """Kill whatever is left of the process group that a child led."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


@contextlib.contextmanager
def only_one(path: Path, message: Callable[[str], str]) -> Iterator[None]:
    """Hold a lock file; the kernel frees it however the holder ends. `message` gets the holder's process number."""
    with path.open("a+", encoding="ascii") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            raise EmbeddedError(message(file.read().strip())) from None
        write_pid(file)
        try:
            yield
        finally:
            file.truncate(0)


def write_pid(file: IO[str]) -> None:
    """Note who holds the lock."""
    file.truncate(0)
    file.write(str(os.getpid()))
    file.flush()


def held_by(path: Path) -> int | None:
    """Process number of the holder of a lock file, or None when nobody holds it."""
    if not path.exists():
        return None
    with path.open("r+", encoding="ascii") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return int(file.read().strip() or 0) or None
        return None


def leftovers(marker: str) -> list[int]:
    """Processes that a killed supervisor left behind, known by the marker in their environment (Linux only)."""
    needle = f"{MARKER}={marker}".encode()
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            environment = (folder / "environ").read_bytes()
        except OSError:
            continue  # ended meanwhile, or somebody else's
        if needle in environment.split(b"\0") and int(folder.name) != os.getpid():
            found.append(int(folder.name))
    return found


def end_leftovers(marker: str) -> int:
    """Stop what a killed supervisor left behind; return how many there were."""
    first = leftovers(marker)
    for pid in first:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + 5
    while (still := leftovers(marker)) and time.monotonic() < deadline:
        time.sleep(0.1)
    for pid in still:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    return len(first)
