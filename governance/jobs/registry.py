"""Kinds of job: what a step does. Apps register theirs with `@job_kind` in `<app>/job_kinds.py`."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.utils.functional import Promise

from governance.access.viewer import Viewer

STEP_ROWS = 500


@dataclass(frozen=True, slots=True)
class Step:
    """What one step did: `rows` dealt with, where to go on (`cursor`, JSON; None means that nothing is left)."""

    rows: int
    cursor: Any = None


# A step gets the job's params, where to go on (None at first), how many rows at most, who started it and the time.
StepFunction = Callable[..., Step]
CountFunction = Callable[..., int]


@dataclass(frozen=True, slots=True)
class JobKind:
    """A kind of job. `back_url` names the page that the owner returns to."""

    key: str
    title: str | Promise
    step: StepFunction
    count: CountFunction | None
    back_url: str

    def total(self, params: dict[str, Any], actor: Viewer, at: Any) -> int | None:
        """Return how many rows there are to deal with, if the kind can say."""
        return self.count(params=params, actor=actor, at=at) if self.count is not None else None


_kinds: dict[str, JobKind] = {}


def job_kind(
    key: str, *, title: str | Promise, count: CountFunction | None = None, back_url: str = "web:work"
) -> Callable[[StepFunction], StepFunction]:
    """Register the decorated function as the step of a kind of job.

    It is called `step(params=..., cursor=..., limit=..., actor=..., at=...) -> Step`, each time in a transaction of its
    own, until the cursor is None. It deals with at most `limit` rows (500) and must be written so that rows done
    before are not met again after the cursor. Raising `DomainError` ends the job with that message.
    `count(params=..., actor=..., at=...)` gives the total once, before the first step.
    """

    def register(function: StepFunction) -> StepFunction:
        if key in _kinds:
            raise ImproperlyConfigured(f"The job kind {key!r} is registered twice.")
        _kinds[key] = JobKind(key, title, function, count, back_url)
        return function

    return register


def unregister(key: str) -> None:
    """Forget a kind (tests register their own)."""
    _kinds.pop(key, None)


def get(key: str) -> JobKind | None:
    """Return a kind by its key; None when no code declares it any more."""
    return _kinds.get(key)
