"""Parties outside the portal: an order goes out by a link, and whoever holds it signs, reports and answers by it.

What they answer for a request that they lead is read here first; what they answer as helpers goes to the lead.
"""

import secrets
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from governance.access.checks import require
from governance.access.viewer import Viewer
from governance.access.viewer import external as external_viewer
from governance.errors import DomainError, Forbidden, StaleState, constraint_errors
from governance.organisations.models import OUTSIDE_KINDS, Organisation
from governance.privacy.services import log_read
from governance.protection.assessments.services import require_assessed
from governance.refs import ref_of
from governance.text import clean_text, mobile_number
from governance.worktime import add, calendar_current
from requests_intake import events
from requests_intake.models import (
    ConcernedPerson,
    ExternalLink,
    Reply,
    RequesterContact,
    RequestKind,
    ServiceRequest,
    WorkOrder,
)
from requests_intake.permissions import Capability
from requests_intake.personal import OUTSIDE_LINKS
from requests_intake.selectors.outside import link_end
from requests_intake.selectors.sight import is_shielded
from requests_intake.services.clocks import turn_limit
from requests_intake.services.handling import check_results_in, order_sign, photos_attach
from requests_intake.services.helping import order_co_sign, order_give_result
from requests_intake.services.replies import checked_reply
from requests_intake.services.stepping import (
    check_step,
    note,
    order_lock,
    order_step,
    publish_of_order,
    publish_of_request,
    request_lock,
    request_step,
)
from requests_intake.services.submission_data import token_digest
from requests_intake.services.triage import INSTRUCTION_MAX, helper_open
from requests_intake.workflow import OPEN_ORDER_STATES, OrderRole

NOTE_MAX = 500


def request_send_outside(
    *,
    request: ServiceRequest,
    organisation: Organisation | None,
    actor: Viewer,
    at: datetime,
    instruction: str = "",
    email: str = "",
    phone: str = "",
    may_call: bool = False,
) -> ExternalLink:
    """Let an organisation outside the portal answer by a link, good for the limit "outside_link" [GK].

    Where it leads or helps already, its order goes out; else it is called in to help the lead. A link that was made
    before is called back. With `email` or else `phone` the link is sent there. Raises `DomainError` on "organisation"
    for none or one that works in the portal, on "phone" for a number that gets no messages, on "may_call" where
    nobody outside may learn who asked; and while handing data outside is not assessed (个人信息保护法 §55).
    """
    with constraint_errors(), transaction.atomic():
        locked = request_lock(request.pk)
        check_step(locked, "send_outside", actor, organisation=organisation)
        assert organisation is not None  # noqa: S101 - `check_step` has refused None
        require_assessed(OUTSIDE_LINKS, at=at)
        if organisation.kind not in OUTSIDE_KINDS:
            raise DomainError(
                "works_inside", _("这个单位在平台上办，请用派单、协办或吹哨，不用发链接"), field="organisation"
            )
        if phone and not mobile_number(phone):
            raise DomainError("phone_no_mobile", _("请填手机号；座机收不到短信"), field="phone")
        if may_call:
            _check_may_call(locked, organisation)
        order = _order_of(locked, organisation, instruction, actor, at)
        ExternalLink.objects.filter(order=order, revoked_at__isnull=True).update(revoked_at=at)
        token = secrets.token_urlsafe(16)
        link = ExternalLink.objects.create(
            order=order,
            token=token,
            token_digest=token_digest(token),
            email=email.strip(),
            phone=phone.strip(),
            may_call=may_call,
            made_by=actor.user,
            made_at=at,
            expires_at=add(at, turn_limit("outside_link"), calendar_current()),
        )
        request_step(locked, "send_outside", actor=actor, at=at, organisation=organisation)
        publish_of_order(events.SENT_OUTSIDE, locked, order, actor, at, link_id=link.pk)
    return link


def _check_may_call(request: ServiceRequest, organisation: Organisation) -> None:
    if request.kind == RequestKind.TIP_OFF or request.complained_organisation_id == organisation.pk:
        raise DomainError("never_told", _("举报，或者反映的就是这个单位的，不能让它知道是谁反映的"), field="may_call")


def _order_of(
    request: ServiceRequest, organisation: Organisation, instruction: str, actor: Viewer, at: datetime
) -> WorkOrder:
    """The open order of this organisation, locked; a new one to help where it has none."""
    words = clean_text(instruction)[:INSTRUCTION_MAX]
    order = WorkOrder.objects.filter(request=request, organisation=organisation, is_current=True).first()
    if order is None:
        order = helper_open(request, organisation, role=OrderRole.CO, actor=actor, at=at, instruction=words)
    elif order.state not in OPEN_ORDER_STATES or order.role == OrderRole.WHISTLE:
        raise DomainError("order_over", _("这个单位的这一份已经交了，不用再发链接"), field="organisation")
    elif words:
        order.instruction = words
    order.is_outside = True
    order.save(update_fields=["is_outside", "instruction"])
    return order


def link_revoke(*, link: ExternalLink, actor: Viewer, at: datetime) -> ExternalLink:
    """Call a link back: from now on it shows that it ended, and nothing else. A second time changes nothing."""
    with transaction.atomic():
        request, order = order_lock(link.order_id)
        require(actor, Capability.SEND_OUTSIDE, request)
        locked = ExternalLink.objects.get(pk=link.pk)
        if locked.revoked_at is None:
            locked.revoked_at = at
            locked.save(update_fields=["revoked_at"])
            publish_of_order(events.LINK_REVOKED, request, order, actor, at, link_id=link.pk)
    return locked


def order_take_back(*, order: WorkOrder, text: str, actor: Viewer, at: datetime) -> WorkOrder:
    """Take the lead from a party outside that does not answer: the request waits to be dispatched again.

    Raises `DomainError` for an office that works in the portal: it asks to return an order itself.
    """
    words = clean_text(text)[:NOTE_MAX]
    with transaction.atomic():
        request, locked = order_lock(order.pk)
        check_step(locked, "take_back", actor, text=words)
        if not locked.is_outside:
            raise DomainError("not_outside", _("只有发给外单位的才能这样收回"))
        order_step(locked, "take_back", actor=actor, at=at, text=words, changes={"is_current": False})
        request_step(
            request,
            "returned",
            actor=actor,
            at=at,
            order=locked,
            organisation=locked.organisation,
            changes={"organisation": None, "handler": None},
        )
        publish_of_order(events.TAKEN_BACK, request, locked, actor, at)
    return locked


def link_opened(*, link: ExternalLink, at: datetime) -> None:
    """Note when a link was opened last. Moves nothing."""
    ExternalLink.objects.filter(pk=link.pk).update(opened_at=at)


def holder(link: ExternalLink) -> Viewer:
    """The viewer who holds this link: acts for the order's organisation, on this order, and sees nothing else."""
    return external_viewer(ref_of(link.order), link.order.organisation_id)


def link_sign(*, link: ExternalLink, at: datetime) -> WorkOrder:
    """Sign for the order, as the lead or as a helper. Raises `StaleState` where link or order are over."""
    with transaction.atomic():
        order = _living(link, at)
        sign = order_sign if order.role == OrderRole.LEAD else order_co_sign
        return sign(order=order, actor=holder(link), at=at)


def link_note(*, link: ExternalLink, text: str, at: datetime) -> WorkOrder:
    """Say how it goes or when somebody comes, for the offices to read. Raises `DomainError` on "text" for nothing."""
    words = clean_text(text)[:NOTE_MAX]
    with transaction.atomic():
        order, actor = _living(link, at), holder(link)
        check_step(order, "outside_note", actor, text=words)
        order_step(order, "outside_note", actor=actor, at=at, text=words)
        note(
            order.request,
            "outside_note",
            actor=actor,
            at=at,
            text=words,
            organisation=order.organisation,
            is_public=False,
        )
        publish_of_order(events.NOTED_OUTSIDE, order.request, order, actor, at)
    return order


def link_hand_in(*, link: ExternalLink, text: str, file_ids: Sequence[UUID], at: datetime) -> WorkOrder:
    """Give the result. A helper's goes to the lead; a lead's is read by a reviewer before the resident gets it.

    Raises `DomainError` on "text" for nothing, or while another helper still owes its result.
    """
    words = checked_reply(text)
    with transaction.atomic():
        order, actor = _living(link, at), holder(link)
        if order.role != OrderRole.LEAD:
            return order_give_result(order=order, text=words, file_ids=file_ids, actor=actor, at=at)
        check_step(order, "hand_in", actor, text=words)
        check_results_in(order)
        reply = Reply.objects.create(order=order, at=at, text=words, is_released=False)
        photos_attach(reply, file_ids, actor=actor, at=at)
        order_step(order, "hand_in", actor=actor, at=at, changes={"replied_at": at})
        request_step(order.request, "handed_in", actor=actor, at=at, order=order, organisation=order.organisation)
        publish_of_order(events.HANDED_IN, order.request, order, actor, at)
    return order


def link_contact(*, link: ExternalLink, at: datetime) -> RequesterContact | ConcernedPerson | None:
    """Return name and number of the resident, or of whom they chose, where the desk allowed it, and log the look.

    Raises `Forbidden` where it did not, or the party is complained about. None if none was left.
    """
    with transaction.atomic():
        order, actor = _living(link, at), holder(link)
        if not link.may_call or is_shielded(order.request, actor):
            raise Forbidden("contact_not_shown", _("没有让您单位直接联系居民，有事请找派单的单位"))
        called = ConcernedPerson.objects.filter(request=order.request, is_called=True).first()
        contact = called or RequesterContact.objects.filter(request=order.request).first()
        if contact is not None:
            log_read(user_id=None, subject=ref_of(contact), fields=["name", "phone"], purpose="external_link", at=at)
            publish_of_request(events.CONTACT_REVEALED, order.request, actor, at)
    return contact


def _living(link: ExternalLink, at: datetime) -> WorkOrder:
    """The order of a link, locked with its request. Raises `StaleState` where the link has ended meanwhile."""
    _request, order = order_lock(link.order_id)
    link.refresh_from_db(fields=["revoked_at", "expires_at", "may_call"])
    if link_end(link, order, at):
        raise StaleState("link_over", _("这个链接已经不能用了，请找派单的单位"))
    link.order = order
    return order
