"""At most so many passwords are tried at once from browsers that nobody has signed in with yet.

Hashing is slow on purpose, and a flood of guesses must not take the machine from people. Whoever comes back to their
own browser (`web/device.py`) tries at once; everybody else takes one of a few places, waits a moment for one if their
address has not failed lately, or is told to press again. The places are locks on files: they hold for all processes of
a machine, and a process that dies gives its place back. An address that hammers gets a line of text for an answer,
since even saying no on a page takes time from others.
"""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import IO

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from governance.web import device
from governance.web.throttle import seconds_to_wait

PLACES = max(1, (os.cpu_count() or 2) // 2)  # half of the machine stays for those who are known
CHAIRS = 2  # so many may wait: each takes a thread of a web process
WAIT = 3.0  # seconds, at most
_LOOK_EVERY = 0.02
A_MINUTE = 60  # looks and tries from one address, in browsers that nobody has signed in with
_TOO_MANY = _("试得太多了，请过一分钟再来。")


def turned_away(request: HttpRequest) -> HttpResponse | None:
    """The short answer to an address that hammers at the entrance; None for everybody else. No SQL."""
    if device.is_known(request):
        return None
    wait = seconds_to_wait(request, "entrance", A_MINUTE, 60)
    if not wait:
        return None
    text = f"{_TOO_MANY}\n"
    return HttpResponse(text, status=429, content_type="text/plain; charset=utf-8", headers={"Retry-After": wait})


@contextmanager
def turn(*, is_known: bool, may_wait: bool) -> Iterator[bool]:
    """Whether a password may be tried now; the place is given back at the end of the block."""
    if is_known:
        yield True
        return
    place = _wait() if may_wait else _take("place", PLACES)
    try:
        yield place is not None
    finally:
        if place is not None:
            place.close()  # which unlocks


def _wait() -> IO[bytes] | None:
    chair = _take("chair", CHAIRS)
    if chair is None:
        return None
    with chair:
        end = time.monotonic() + WAIT
        while (place := _take("place", PLACES)) is None and time.monotonic() < end:
            time.sleep(_LOOK_EVERY)
    return place


def _take(kind: str, count: int) -> IO[bytes] | None:
    folder = settings.VAR_DIR / "run"
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(count):
        file = (folder / f"sign-in-{kind}-{number}.lock").open("ab")
        with suppress(BlockingIOError):
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return file
        file.close()
    return None
