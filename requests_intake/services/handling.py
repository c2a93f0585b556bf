"""The handling office's steps: sign, contact, reply; and reading the requester's number."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from governance.access.checks import require
from governance.access.viewer import Viewer
from governance.errors import DomainError, Forbidden
from governance.files.services import files_adopt
from governance.privacy.services import log_read
from governance.refs import ref_of
from governance.text import clean_text
from requests_intake import events
from requests_intake.models import (
    Attachment,
    ConcernedPerson,
    ContactRecord,
    Reply,
    RequesterContact,
    ServiceRequest,
    WorkOrder,
)
from requests_intake.permissions import Capability
from requests_intake.selectors.recusals import stands_back
from requests_intake.selectors.sight import is_shielded
from requests_intake.services.replies import REPLY_PHOTOS_MAX, checked_reply
from requests_intake.services.resting import question_end
from requests_intake.services.site_checks import closing_check_ask
from requests_intake.services.stepping import (
    check_step,
    order_lock,
    order_step,
    publish_of_order,
    publish_of_request,
    request_refreshed,
    request_step,
)
from requests_intake.workflow import OPEN_ORDER_STATES, OrderRole, Waiting


def order_sign(*, order: WorkOrder, actor: Viewer, at: datetime) -> WorkOrder:
    """Sign for an order: from now on it has a name, and the contact clock runs."""
    with transaction.atomic():
        request, locked = order_lock(order.pk)
        check_step(locked, "sign", actor)
        order_step(locked, "sign", actor=actor, at=at, changes={"signed_at": at, "handler": actor.user})
        request_step(
            request,
            "signed",
            actor=actor,
            at=at,
            order=locked,
            organisation=locked.organisation,
            changes={"handler": actor.user},
        )
        publish_of_order(events.SIGNED, request, locked, actor, at)
    return locked


def order_contact(
    *, order: WorkOrder, how: str, reached: bool | None, note: str, actor: Viewer, at: datetime
) -> ContactRecord:
    """Record an attempt to reach the resident. Only one that reached them stops the contact clock."""
    with transaction.atomic():
        request, locked = order_lock(order.pk)
        check_step(locked, "contact", actor, how=how, reached=reached)
        if how not in ContactRecord.How.values:
            raise DomainError("how_unknown", _("请选怎么联系的"), field="how")
        record = ContactRecord.objects.create(
            order=locked, at=at, by=actor.user, how=how, reached=bool(reached), note=clean_text(note)[:500]
        )
        first = bool(reached) and request.contacted_at is None
        order_step(
            locked,
            "contact",
            actor=actor,
            at=at,
            stop=bool(reached),
            changes={"contacted_at": at} if reached and locked.contacted_at is None else None,
        )
        if first:
            request.contacted_at = at
        if reached and request.waiting_for == Waiting.QUESTION:  # whoever was reached has been asked
            question_end(request, at=at)
        request_refreshed(request, at=at, fields={"contacted_at"} if first else set())
        if reached:
            request.transitions.create(
                name="contacted",
                from_state=request.state,
                to_state=request.state,
                at=at,
                actor=actor.user,
                actor_kind=actor.kind,
                organisation=locked.organisation,
            )
        publish_of_request(events.CONTACTED, request, actor, at, order_id=locked.pk, reached=bool(reached))
    return record


def order_reply(*, order: WorkOrder, text: str, file_ids: Sequence[UUID], actor: Viewer, at: datetime) -> Reply:
    """Answer the resident. The request goes to call-back; the answer is shown on the tracking page at once.

    Where the category asks for a review, a reviewer reads it first (济南 §27). Raises `DomainError` on "text" while a
    helping organisation still owes its result (条例 §14): it comes in first, or the desk stops waiting for it.
    """
    words = checked_reply(text)
    with transaction.atomic():
        request, locked = order_lock(order.pk)
        check_step(locked, "reply", actor, text=words)
        check_results_in(locked)
        reviewed = request.category is not None and request.category.needs_review
        reply = Reply.objects.create(order=locked, at=at, by=actor.user, text=words, is_released=not reviewed)
        photos_attach(reply, file_ids, actor=actor, at=at)
        order_step(locked, "reply", actor=actor, at=at, changes={"replied_at": at})
        if reviewed:
            request_step(request, "handed_in", actor=actor, at=at, order=locked, organisation=locked.organisation)
            publish_of_order(events.HANDED_IN, request, locked, actor, at)
            return reply
        request_step(
            request,
            "replied",
            actor=actor,
            at=at,
            order=locked,
            organisation=locked.organisation,
            text=words,
            changes={"replied_at": at},
        )
        publish_of_order(events.REPLIED, request, locked, actor, at)
        closing_check_ask(request, words, at=at)
    return reply


def photos_attach(reply: Reply, file_ids: Sequence[UUID], *, actor: Viewer, at: datetime) -> None:
    """Give uploaded photos to a reply. Raises `DomainError` on "photos" for more than six."""
    if len(file_ids) > REPLY_PHOTOS_MAX:
        raise DomainError("too_many_photos", _("答复最多放 6 张照片"), field="photos")
    if file_ids:
        files = files_adopt(files=file_ids, owner_ref=ref_of(reply), actor=actor, at=at)
        Attachment.objects.bulk_create(
            Attachment(request=reply.order.request, reply=reply, file=file, position=position)
            for position, file in enumerate(files)
        )


def check_results_in(lead: WorkOrder) -> None:
    """Raise `DomainError` on "text", naming those that help, while their results are still to come (条例 §14)."""
    owing = (
        WorkOrder.objects.filter(request_id=lead.request_id, is_current=True, state__in=OPEN_ORDER_STATES)
        .exclude(role=OrderRole.LEAD)
        .select_related("organisation")
        .order_by("pk")
    )
    names = _("、").join(order.organisation.short_label for order in owing)
    if names:
        raise DomainError(
            "results_missing",
            _("%(offices)s的协办结果还没有交。等齐了再答复居民，或请派单员不再等。") % {"offices": names},
            field="text",
        )


def contact_reveal(*, request: ServiceRequest, purpose: str, actor: Viewer, at: datetime) -> RequesterContact | None:
    """Return the requester's name, number and e-mail in full, and log who read which and why. None if none was left.

    Where somebody reported for somebody else, the person concerned (`request.concerned`) is read along, and logged.
    """
    if not purpose.strip():
        raise DomainError("purpose_required", _("请写为什么要看号码"), field="purpose")
    require(actor, Capability.REVEAL_CONTACT, request)
    if is_shielded(request, actor):
        raise Forbidden("complained_about", _("这件事反映的是您单位，不能看是谁反映的"))
    if stands_back(request, actor):
        raise Forbidden("recused", _("您已经回避这件诉求，每一步都请别人来做"))
    with transaction.atomic():
        contact = RequesterContact.objects.filter(request=request).first()
        if contact is not None:
            log_read(
                user_id=actor.user_id,
                subject=ref_of(contact),
                fields=[name for name in ("name", "phone", "email") if getattr(contact, name)],
                purpose=purpose.strip(),
                at=at,
            )
        person = ConcernedPerson.objects.filter(request=request).first() if request.is_for_other else None
        if person is not None:
            fields = [name for name in ("name", "phone") if getattr(person, name)]
            log_read(user_id=actor.user_id, subject=ref_of(person), fields=fields, purpose=purpose.strip(), at=at)
        if contact is not None or person is not None:
            publish_of_request(events.CONTACT_REVEALED, request, actor, at)
    return contact
