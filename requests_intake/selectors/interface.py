"""Reads for programs: the list, what changed since a moment, what became of what was closed."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q

from governance.access.viewer import Viewer
from requests_intake.models import CallBack, RequestTransition, ServiceRequest, Solved
from requests_intake.rollups import SATISFIED_FROM
from requests_intake.workflow import RequestState

# Steps whose words are the answer to the resident.
ANSWERS = ("replied", "answer_directly", "not_dispatch")


def requests_listed(viewer: Viewer) -> Any:
    """Visible requests with category and office, without their long words: 1 SQL."""
    found = ServiceRequest.objects.visible_to(viewer).select_related("category", "organisation")
    return found.defer("body", "track_token")


def changed_since(queryset: Any, since: datetime) -> Any:
    """Narrow a list to requests that took a step at `since` or later."""
    recent = RequestTransition.objects.filter(at__gte=since)
    return queryset.filter(pk__in=recent.order_by().values("request_id"))


def requests_closed(viewer: Viewer, *, since: datetime | None, until: datetime | None) -> Any:
    """Visible requests that were closed in `[since, until)` and are not archived yet."""
    found = requests_listed(viewer).filter(~Q(state=RequestState.ARCHIVED), closed_at__isnull=False)
    if since is not None:
        found = found.filter(closed_at__gte=since)
    return found.filter(closed_at__lt=until) if until is not None else found


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a request: the last answer, and what the resident said of it (None: nobody was asked yet)."""

    request: ServiceRequest
    reply: str
    callback: CallBack | None

    @property
    def contacted(self) -> bool | None:
        """Whether somebody had contacted the resident; None where nobody answered."""
        return self.callback.contacted if self.callback is not None else None

    @property
    def solved(self) -> bool | None:
        """Whether the matter was solved, as in the rate of solved ones (only a full yes)."""
        return None if self.callback is None or not self.callback.solved else self.callback.solved == Solved.YES

    @property
    def satisfied(self) -> bool | None:
        """Whether the grade counts as satisfied; silence never does, and is None."""
        if self.callback is None or self.callback.grade is None:
            return None
        return self.callback.grade >= SATISFIED_FROM


def results_of(requests: Iterable[ServiceRequest]) -> list[Result]:
    """Return what became of each of these requests, in their order: 2 SQL however many."""
    rows = list(requests)
    keys = [row.pk for row in rows]
    answers = RequestTransition.objects.filter(request_id__in=keys, name__in=ANSWERS).exclude(text="")
    replies = {one.request_id: one.text for one in answers.order_by("at", "pk")}  # the last one stays
    rounds = {one.request_id: one for one in CallBack.objects.filter(request_id__in=keys).order_by("round")}
    return [Result(row, replies.get(row.pk, ""), rounds.get(row.pk)) for row in rows]
