"""After a commit, tell a worker that deliveries wait. A lost nudge costs a minute at most: then the sweep looks.

The nudge is sent beside the request, by a thread of its own: the broker's answer took a quarter of a submission's time,
and the resident has nothing to gain from waiting for it. While one is on its way, those that arrive share the next.
"""

import os
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar

import structlog
from django.db import transaction
from kombu.exceptions import OperationalError

log = structlog.get_logger(__name__)
_relaying: ContextVar[bool] = ContextVar("relaying", default=False)


def nudge_after_commit() -> None:
    """Have one nudge sent when the current transaction commits, however many events it publishes.

    None is needed inside the relay, which goes on until nothing is due.
    """
    if _relaying.get():
        return
    waiting = transaction.get_connection().run_on_commit
    if not any(entry[1] is nudge for entry in waiting):
        transaction.on_commit(nudge)


def nudge() -> None:
    """Have one relay run put on the queue, soon; returns at once."""
    _sender.wake()


def settle() -> None:
    """Wait until every nudge asked for so far has been tried (tests; the end of the process does it by itself)."""
    _sender.settle()


def send() -> None:
    """Put one relay run on the queue now. A dead broker delays the deliveries and fails nobody."""
    from governance.outbox.tasks import run_relay

    try:
        run_relay.apply_async(queue="outbox")
    except OperationalError:
        log.warning("outbox_nudge_lost")


class Sender:
    """One thread of this process that sends nudges; a forked child begins with its own."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="outbox-nudge")
        self._asked = False

    def wake(self) -> None:
        """Ask for one; one that waits to be sent serves whoever asks meanwhile."""
        if not self._asked:
            self._asked = True
            self._thread.submit(self._send).add_done_callback(_tell)

    def settle(self) -> None:
        """Return when what was asked for has been tried."""
        self._thread.submit(lambda: None).result()

    def _send(self) -> None:
        self._asked = False  # before sending: whoever commits from here on asks again
        send()


def _tell(sent: Future[None]) -> None:
    """Nobody waits for the thread's result: a fault of the program is said in the log."""
    if (fault := sent.exception()) is not None:
        log.error("outbox_nudge_failed", exc_info=fault)


_sender = Sender()


def _begin_anew() -> None:
    global _sender
    _sender = Sender()


os.register_at_fork(after_in_child=_begin_anew)


@contextmanager
def relaying() -> Iterator[None]:
    """Mark the code inside as the relay."""
    token = _relaying.set(True)
    try:
        yield
    finally:
        _relaying.reset(token)
