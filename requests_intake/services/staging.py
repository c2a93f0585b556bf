"""Stages before the answer (a first look, a stop-gap): the office says that one is reached, and what it did."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from governance.access.viewer import Viewer
from governance.errors import DomainError, StaleState
from governance.files.services import files_adopt
from governance.refs import ref_of
from requests_intake import events
from requests_intake.models import Attachment, Clock, Reply, WorkOrder
from requests_intake.services.clocks import clocks_go_on, stages_of
from requests_intake.services.replies import REPLY_PHOTOS_MAX, checked_reply
from requests_intake.services.stepping import (
    check,
    note,
    order_lock,
    order_step,
    publish_of_order,
    request_refreshed,
)
from requests_intake.workflow import ORDER_TRANSITIONS, ClockKind


def order_reach_stage(
    *, order: WorkOrder, stage: str, text: str, file_ids: Sequence[UUID], actor: Viewer, at: datetime
) -> Reply:
    """Note that a stage (its position in the policy, as text) is reached: its clock stops, the resident reads `text`.

    Raises `StaleState` when it was reached before or nobody waits for it any more, `DomainError` on "stage" for one
    that the request was not promised, on "text" for no words, on "photos" for more than six.
    """
    words = checked_reply(text)
    if len(file_ids) > REPLY_PHOTOS_MAX:
        raise DomainError("too_many_photos", _("最多放 6 张照片"), field="photos")
    with transaction.atomic():
        request, locked = order_lock(order.pk)
        values = {"stage": stage, "text": words}
        step = ORDER_TRANSITIONS["reach_stage"]
        check(step, state=locked.state, obj=locked, actor=actor, values=values, history=locked.transitions)
        reached = next((one for one in stages_of(request.policy_id) if str(one.position) == stage), None)
        if reached is None:
            raise DomainError("stage_unknown", _("这件诉求没有这个阶段"), field="stage")
        running = Clock.objects.filter(request=request, kind=ClockKind.STAGE, stage=reached, stopped_at__isnull=True)
        if not running.exists():
            raise StaleState("stage_over", _("这个阶段已经记过了，请看最新进展。"))
        clocks_go_on(running, at)
        running.update(stopped_at=at, next_at=None)
        reply = Reply.objects.create(order=locked, at=at, by=actor.user, text=words, stage=reached)
        files = files_adopt(files=file_ids, owner_ref=ref_of(reply), actor=actor, at=at) if file_ids else []
        Attachment.objects.bulk_create(
            Attachment(request=request, reply=reply, file=file, position=position)
            for position, file in enumerate(files)
        )
        order_step(locked, "reach_stage", actor=actor, at=at, text=words)
        request_refreshed(request, at=at)
        name = reached.name_en if request.language == "en" else reached.name
        note(request, "stage", actor=actor, at=at, text=f"{name}\n{words}", organisation=locked.organisation)
        publish_of_order(events.STAGE_REACHED, request, locked, actor, at, stage=stage)
    return reply
