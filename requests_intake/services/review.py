"""A reviewer reads a reply (济南 §27): lets the resident have it, or sends it back."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from governance.access.viewer import Viewer
from governance.errors import Forbidden
from governance.text import clean_text
from requests_intake import events
from requests_intake.models import ServiceRequest
from requests_intake.services.site_checks import closing_check_ask
from requests_intake.services.stepping import (
    check_step,
    lead_order_lock,
    order_step,
    publish_of_order,
    request_lock,
    request_step,
)


def reply_approve(*, request: ServiceRequest, actor: Viewer, at: datetime) -> ServiceRequest:
    """Let the resident have the reply. Never by whoever wrote it: raises `Forbidden` then."""
    with transaction.atomic():
        locked = request_lock(request.pk)
        check_step(locked, "approve", actor)
        _check_not_own(locked, actor)
        order = lead_order_lock(locked)
        reply = order.replies.order_by("-at", "-pk").first()
        assert reply is not None  # noqa: S101 - a request in review has one
        reply.is_released = True
        reply.save(update_fields=["is_released"])
        row = request_step(
            locked,
            "approve",
            actor=actor,
            at=at,
            order=order,
            organisation=order.organisation,
            changes={"replied_at": at},
        )
        locked.transitions.create(
            name="replied",
            from_state=row.from_state,
            to_state=row.to_state,
            at=reply.at,
            actor=reply.by,
            actor_kind="staff" if reply.by_id else "external",
            organisation=order.organisation,
            text=reply.text,
        )
        publish_of_order(events.REPLIED, locked, order, actor, at)
        closing_check_ask(locked, reply.text, at=at)
    return locked


def reply_send_back(*, request: ServiceRequest, comment: str, actor: Viewer, at: datetime) -> ServiceRequest:
    """Send a reply back to be done better, before the resident has it or before they rate it (济南 §27)."""
    words = clean_text(comment)[:500]
    with transaction.atomic():
        locked = request_lock(request.pk)
        check_step(locked, "send_back", actor, comment=words)
        _check_not_own(locked, actor)
        order = lead_order_lock(locked)
        request_step(
            locked,
            "send_back",
            actor=actor,
            at=at,
            order=order,
            organisation=order.organisation,
            text=words,
            changes={"rework_count": locked.rework_count + 1},
        )
        order_step(order, "rework", actor=actor, at=at, text=words, changes={"due_at": locked.due_at})
        locked.next_due_at = order.next_due_at
        locked.save(update_fields=["next_due_at"])
        publish_of_order(events.SENT_BACK, locked, order, actor, at)
    return locked


def _check_not_own(request: ServiceRequest, actor: Viewer) -> None:
    if actor.user_id is not None and request.handler_id == actor.user_id:
        raise Forbidden("handler_cannot_review", _("自己写的答复要请别人审核"))
