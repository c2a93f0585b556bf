"""After a commit, tell a worker that deliveries wait. A lost nudge costs a minute at most: then the sweep looks."""

from collections.abc import Iterator
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
    """Put one relay run on the queue. A dead broker delays the deliveries and fails nobody."""
    from governance.outbox.tasks import run_relay

    try:
        run_relay.apply_async(queue="outbox")
    except OperationalError:
        log.warning("outbox_nudge_lost")


@contextmanager
def relaying() -> Iterator[None]:
    """Mark the code inside as the relay."""
    token = _relaying.set(True)
    try:
        yield
    finally:
        _relaying.reset(token)
