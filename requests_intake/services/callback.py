"""The call-back: contacted, solved, satisfied; "not solved" brings the request back to the same office."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from governance.access.viewer import SYSTEM, Viewer
from governance.errors import DomainError, Forbidden, constraint_errors
from governance.text import clean_text
from requests_intake import events
from requests_intake.models import (
    CallBack,
    Clock,
    Grade,
    ServiceRequest,
    Solved,
    WorkOrder,
)
from requests_intake.selectors.independence import is_independent
from requests_intake.services.stepping import (
    check_step,
    lead_order_lock,
    order_step,
    publish_of_order,
    publish_of_request,
    request_lock,
    request_step,
)
from requests_intake.workflow import REQUEST_TRANSITIONS, ClockKind

COMMENT_MAX = 1000


def request_rate(
    *,
    request: ServiceRequest,
    contacted: bool | None,
    solved: str,
    grade: int | None,
    comment: str,
    actor: Viewer,
    at: datetime,
) -> CallBack:
    """Record a call-back by the resident (viewer kind "requester") or by an agent, and close or bring back.

    Raises `Forbidden` for an agent who dispatched or handled the request or belongs to the handling organisation
    (济南 §27; ARCHITECTURE: who handles never verifies), `StaleState` when it is no longer open for rating.
    """
    words = _checked(contacted, solved, grade, comment)
    name = "bring_back" if solved == Solved.NO else "close"
    with constraint_errors(), transaction.atomic():
        locked = request_lock(request.pk)
        check_step(locked, name, actor, solved=solved, comment=words)
        if actor.kind == "staff" and not is_independent(locked, actor):
            raise Forbidden("handler_cannot_call_back", _("您派过或办过这件事，回访要请别人来做"))
        order = lead_order_lock(locked)
        callback = CallBack.objects.create(
            request=locked,
            round=locked.rework_count + 1,
            organisation_id=locked.organisation_id,
            source=CallBack.Source.AGENT if actor.kind == "staff" else CallBack.Source.LINK,
            at=at,
            agent=actor.staff_user,
            contacted=contacted,
            solved=solved,
            grade=grade,
            comment=words,
        )
        if name == "close":
            _close(locked, order, callback, "close", actor, at)
        else:
            _bring_back(locked, order, callback, words, actor, at)
    return callback


def request_call_at_limit(
    *,
    request: ServiceRequest,
    contacted: bool | None,
    solved: str,
    grade: int | None,
    comment: str,
    actor: Viewer,
    at: datetime,
) -> CallBack:
    """Record a call-back by an agent because the answer is overdue (条例 §23): it counts, and nothing moves.

    Once a round. Raises `DomainError` before the limit has passed, and as `request_rate` does.
    """
    words = _checked(contacted, solved, grade, comment)
    with constraint_errors(), transaction.atomic():
        locked = request_lock(request.pk)
        check_step(locked, "call_at_limit", actor, solved=solved)
        if not is_independent(locked, actor):
            raise Forbidden("handler_cannot_call_back", _("您派过或办过这件事，回访要请别人来做"))
        if not limit_call_due(locked, at):
            raise DomainError("limit_call_not_due", _("答复的期限还没有过，或者这一轮已经回访过了"))
        callback = CallBack.objects.create(
            request=locked,
            round=locked.rework_count + 1,
            organisation_id=locked.organisation_id,
            is_at_limit=True,
            source=CallBack.Source.AGENT,
            at=at,
            agent=actor.user,
            contacted=contacted,
            solved=solved,
            grade=grade,
            comment=words,
        )
        request_step(
            locked,
            "call_at_limit",
            actor=actor,
            at=at,
            changes={"limit_called_round": callback.round, **_copies(callback)},
        )
        publish_of_request(
            events.CALLED_AT_LIMIT,
            locked,
            actor,
            at,
            round=callback.round,
            organisation_id=locked.organisation_id,
            solved=solved,
            grade=grade,
        )
    return callback


def limit_call_due(request: ServiceRequest, at: datetime) -> bool:
    """Whether the answer is overdue, its clock runs, and nobody has called back about that in this round."""
    return (
        request.due_at <= at and request.paused_until is None and request.limit_called_round != request.rework_count + 1
    )


def _checked(contacted: bool | None, solved: str, grade: int | None, comment: str) -> str:
    if contacted is None:
        raise DomainError("contacted_required", _("请选：有人联系过您吗？"), field="contacted")
    if grade is not None and grade not in Grade.values:
        raise DomainError("grade_unknown", _("请从五个里选一个"), field="grade")
    if solved and solved not in Solved.values:
        raise DomainError("solved_unknown", _("请选：事情解决了吗？"), field="solved")
    return clean_text(comment)[:COMMENT_MAX]


def rating_expire(*, request_id: int, at: datetime) -> CallBack | None:
    """Close a request whose rating window has passed, as "not rated". None if it is no longer due."""
    with constraint_errors(), transaction.atomic():
        locked = request_lock(request_id)
        due = Clock.objects.filter(
            request=locked, kind=ClockKind.RATE, stopped_at__isnull=True, due_at__lte=at
        ).exists()
        if not due or locked.state not in REQUEST_TRANSITIONS["close_unrated"].sources:
            return None
        order = lead_order_lock(locked)
        callback = CallBack.objects.create(
            request=locked,
            round=locked.rework_count + 1,
            organisation_id=locked.organisation_id,
            source=CallBack.Source.SILENT,
            at=at,
        )
        _close(locked, order, callback, "close_unrated", SYSTEM, at)
    return callback


def _copies(callback: CallBack) -> dict[str, Any]:
    """What the request keeps of its last call-back."""
    return {
        "rated_at": callback.at,
        "rated_organisation_id": callback.organisation_id,
        "rated_contacted": callback.contacted,
        "rated_solved": callback.solved,
        "rated_grade": callback.grade,
    }


def _close(
    request: ServiceRequest, order: WorkOrder, callback: CallBack, name: str, actor: Viewer, at: datetime
) -> None:
    order_step(order, "finish", actor=actor, at=at, changes={"done_at": at})
    request_step(request, name, actor=actor, at=at, order=order, text=callback.comment, changes=_copies(callback))
    publish_of_request(
        events.CLOSED,
        request,
        actor,
        at,
        round=callback.round,
        source=callback.source,
        solved=callback.solved,
        grade=callback.grade,
    )


def _bring_back(
    request: ServiceRequest, order: WorkOrder, callback: CallBack, words: str, actor: Viewer, at: datetime
) -> None:
    request_step(
        request,
        "bring_back",
        actor=actor,
        at=at,
        order=order,
        organisation=order.organisation,
        text=words,
        changes={"rework_count": request.rework_count + 1, **_copies(callback)},
    )
    order_step(order, "rework", actor=actor, at=at, text=words, changes={"due_at": request.due_at})
    request.next_due_at = order.next_due_at  # the order's step has started one more clock
    request.save(update_fields=["next_due_at"])
    publish_of_order(events.BROUGHT_BACK, request, order, actor, at, round=callback.round)
