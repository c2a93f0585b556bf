"""Organisations that help: they sign for their part and give the lead their result (条例 §14)."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from governance.access.viewer import Viewer
from governance.text import clean_text
from requests_intake import events
from requests_intake.models import Reply, WorkOrder
from requests_intake.services.grants import grants_end
from requests_intake.services.handling import photos_attach
from requests_intake.services.replies import checked_reply
from requests_intake.services.stepping import check_step, order_lock, order_step, publish_of_order, request_refreshed
from requests_intake.workflow import OrderRole


def order_give_result(
    *, order: WorkOrder, text: str, actor: Viewer, at: datetime, file_ids: Sequence[UUID] = ()
) -> WorkOrder:
    """Give the lead what this organisation did; the resident reads it in the lead's words (条例 §14).

    Photos stand in a reply that is not released: the offices see them, the resident does not.
    """
    words = checked_reply(text)
    with transaction.atomic():
        request, locked = order_lock(order.pk)
        check_step(locked, "give_result", actor, text=words)
        order_step(locked, "give_result", actor=actor, at=at, text=words, changes={"result": words, "done_at": at})
        if file_ids:
            shown = Reply.objects.create(order=locked, at=at, by=actor.user, text=words, is_released=False)
            photos_attach(shown, file_ids, actor=actor, at=at)
        request_refreshed(request, at=at)
        publish_of_order(events.RESULT_GIVEN, request, locked, actor, at)
    return locked


def order_co_sign(*, order: WorkOrder, actor: Viewer, at: datetime) -> WorkOrder:
    """Sign for an order in which this organisation helps: it has a name now."""
    with transaction.atomic():
        request, locked = order_lock(order.pk)
        check_step(locked, "co_sign", actor)
        order_step(locked, "co_sign", actor=actor, at=at, changes={"signed_at": at, "handler": actor.user})
        request_refreshed(request, at=at)
        publish_of_order(events.HELP_SIGNED, request, locked, actor, at)
    return locked


def order_release(*, order: WorkOrder, text: str, actor: Viewer, at: datetime) -> WorkOrder:
    """Stop waiting for a helping organisation, with the reason: the lead may answer without it."""
    words = clean_text(text)[:500]
    with transaction.atomic():
        request, locked = order_lock(order.pk)
        check_step(locked, "release", actor, text=words)
        order_step(locked, "release", actor=actor, at=at, text=words, changes={"is_current": False})
        if locked.role == OrderRole.WHISTLE:
            grants_end(request=request, organisation=locked.organisation, at=at)
        request_refreshed(request, at=at)
        publish_of_order(events.HELP_RELEASED, request, locked, actor, at)
    return locked
