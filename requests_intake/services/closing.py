"""The requester's own turns (withdraw, add, remind, reopen), merging, and the archive."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from governance.access.viewer import SYSTEM, Viewer
from governance.errors import DomainError, Forbidden, StaleState, constraint_errors
from governance.files.services import files_adopt
from governance.files.services.recordings import recording_adopt
from governance.refs import ref_of
from governance.text import clean_text
from governance.worktime import add, calendar_current
from requests_intake import events
from requests_intake.models import Attachment, ExternalLink, ServiceRequest, Supplement, TurnLimit, WorkOrder
from requests_intake.permissions import Capability
from requests_intake.selectors.requester import is_requester
from requests_intake.services.clocks import turn_limit
from requests_intake.services.pausing import pause_end
from requests_intake.services.stepping import (
    check_step,
    note,
    open_orders_lock,
    order_step,
    orders_refreshed,
    publish_of_request,
    request_lock,
    request_refreshed,
    request_step,
)
from requests_intake.workflow import REQUEST_TRANSITIONS, OrderRole, RequestState, Waiting

WORDS_MAX = 1000
SUPPLEMENT_PHOTOS_MAX = 6
REOPEN_MAX = "reopen_max"


def request_withdraw(*, request: ServiceRequest, comment: str, actor: Viewer, at: datetime) -> ServiceRequest:
    """End a request because its requester no longer wants it; open orders are cancelled. The words are optional."""
    words = clean_text(comment)[:WORDS_MAX]
    with transaction.atomic():
        locked = request_lock(request.pk)
        check_step(locked, "withdraw", actor)
        _end(locked, "withdraw", words, actor, at)
        publish_of_request(events.WITHDRAWN, locked, actor, at, organisation_id=locked.organisation_id)
    return locked


def request_reopen(*, request: ServiceRequest, comment: str, actor: Viewer, at: datetime) -> ServiceRequest:
    """Take an ended request up again, with the reason: the desk looks at it anew and a new promise runs from now.

    By the requester within the limit "reopen" after the end, as often as `reopen_max` allows [GK]; by a supervisor at
    any time before it is archived. Raises `DomainError` on "comment" for no reason, and where it is too late.
    """
    words = clean_text(comment)[:WORDS_MAX]
    with transaction.atomic():
        locked = request_lock(request.pk)
        check_step(locked, "reopen", actor, comment=words)
        if is_requester(actor, locked) and not may_reopen(locked, at):
            raise DomainError("reopen_too_late", _("现在不能再打开这一件了。如果问题还在，请重新反映一次。"))
        WorkOrder.objects.filter(request=locked, is_current=True).update(is_current=False)
        request_step(
            locked,
            "reopen",
            actor=actor,
            at=at,
            text=words,
            changes={
                "reopen_count": locked.reopen_count + 1,
                "rework_count": locked.rework_count + 1,  # the next call-back is another round
                "organisation": None,
                "handler": None,
                "is_designated": False,
                "no_dispatch_reason": "",
                "contacted_at": None,
                "replied_at": None,
            },
        )
        publish_of_request(events.REOPENED, locked, actor, at, count=locked.reopen_count)
    return locked


def may_reopen(request: ServiceRequest, at: datetime) -> bool:
    """Whether the requester may still have an ended request taken up again."""
    if request.state not in REQUEST_TRANSITIONS["reopen"].sources or request.closed_at is None:
        return False
    most = TurnLimit.objects.filter(key=REOPEN_MAX).values_list("amount", flat=True).first() or 0
    return request.reopen_count < most and at <= add(request.closed_at, turn_limit("reopen"), calendar_current())


def request_merge(
    *, request: ServiceRequest, target: ServiceRequest | None, actor: Viewer, at: datetime
) -> ServiceRequest:
    """Join a request to another one about the same matter: its requester follows that one from now on.

    Requests merged into it before move along. Raises `DomainError` on "target" for none, itself, one that has ended,
    or one that was merged itself; `Forbidden` for one that the actor may not see.
    """
    with constraint_errors(), transaction.atomic():
        pks = sorted({request.pk, target.pk}) if target is not None else [request.pk]
        rows = {pk: request_lock(pk) for pk in pks}  # in the order of their keys: two merges cannot wait for each other
        locked = rows[request.pk]
        check_step(locked, "merge", actor, target=target)
        assert target is not None  # noqa: S101 - `check_step` has refused None
        into = rows[target.pk]
        _check_target(locked, into, actor)
        ServiceRequest.objects.filter(merged_into=locked).update(merged_into=into)
        _end(locked, "merge", "", actor, at, merged_into=into)
        into.transitions.create(
            name="joined",
            from_state=into.state,
            to_state=into.state,
            at=at,
            actor=actor.staff_user,
            actor_kind=actor.kind,
        )
        publish_of_request(events.MERGED, locked, actor, at, into=ref_of(into), organisation_id=locked.organisation_id)
    return locked


def _check_target(request: ServiceRequest, into: ServiceRequest, actor: Viewer) -> None:
    if into.pk == request.pk:
        raise DomainError("merge_self", _("不能并到自己"), field="target")
    if not ServiceRequest.objects.visible_to(actor).filter(pk=into.pk).exists():
        raise Forbidden("target_hidden", _("您看不到要并入的那一件"), field="target")
    if into.state == RequestState.MERGED:
        raise DomainError("merge_into_merged", _("那一件自己已经并到别处了，请并到最后的那一件"), field="target")
    if not into.is_open:
        raise DomainError("merge_into_ended", _("那一件已经结束了，不能再并进去"), field="target")


def request_supplement(
    *,
    request: ServiceRequest,
    text: str,
    file_ids: Sequence[UUID],
    actor: Viewer,
    at: datetime,
    recording_id: UUID | None = None,
) -> Supplement:
    """Add words, photos, a film or voice note to an open request, by its requester.

    Raises `DomainError` on "text" for no words.
    """
    words = _checked_words(text, file_ids, _("请写要补充什么"))
    with transaction.atomic():
        locked = _own_open(request, actor)
        added = _add(locked, "supplement", words, file_ids, actor, at)
        _add_recording(locked, added, recording_id, actor, at)
        publish_of_request(events.SUPPLEMENTED, locked, actor, at, organisation_id=locked.organisation_id)
    return added


def request_supplement_for(
    *, request: ServiceRequest, text: str, file_ids: Sequence[UUID], actor: Viewer, at: datetime
) -> Supplement:
    """Add what the requester told or sent later to whoever takes requests down (首问负责), to an open request.

    Raises `DomainError` on "text" for no words, `Forbidden` for who may not take requests down by any way,
    `StaleState` once the request has ended.
    """
    words = _checked_words(text, file_ids, _("请写要补充什么"))
    if not (actor.can(Capability.ENTER_REQUEST) or actor.can(Capability.IMPORT_ORDERS)):
        raise Forbidden("forbidden", _("您的角色不能代为登记。如果工作需要，请找管理员授权。"))
    with transaction.atomic():
        locked = _open(request)
        added = _add(locked, "supplement", words, file_ids, actor, at)
        publish_of_request(events.SUPPLEMENTED, locked, actor, at, organisation_id=locked.organisation_id)
    return added


def request_answer(
    *,
    request: ServiceRequest,
    text: str,
    file_ids: Sequence[UUID],
    actor: Viewer,
    at: datetime,
    recording_id: UUID | None = None,
) -> Supplement:
    """Answer the question that was asked, by its requester: the clocks go on with what was left of them.

    Raises `DomainError` on "text" for no words, `StaleState` where nobody waits for an answer any more.
    """
    words = _checked_words(text, file_ids, _("请写您的回答"))
    with transaction.atomic():
        locked = _own_open(request, actor)
        if locked.waiting_for != Waiting.QUESTION:
            raise StaleState("not_asked", _("已经不等您回答了。还有要说的，请用“补充情况”。"))
        added = _add(locked, "answer", words, file_ids, actor, at)
        _add_recording(locked, added, recording_id, actor, at)
        fields = pause_end(locked, at=at, answer=added)
        locked.waiting_for = ""
        request_refreshed(locked, at=at, fields={*fields, "waiting_for"})
        orders_refreshed(locked)
        publish_of_request(events.QUESTION_ANSWERED, locked, actor, at, organisation_id=locked.organisation_id)
    return added


def _checked_words(text: str, file_ids: Sequence[UUID], wanted: str) -> str:
    words = clean_text(text)
    if not words:
        raise DomainError("text_required", wanted, field="text")
    if len(words) > WORDS_MAX:
        raise DomainError("text_too_long", _("补充最多 1000 字，请写短一些"), field="text")
    if len(file_ids) > SUPPLEMENT_PHOTOS_MAX:
        raise DomainError("too_many_photos", _("一次最多补 6 张照片"), field="photos")
    return words


def _add(
    request: ServiceRequest, name: str, words: str, file_ids: Sequence[UUID], actor: Viewer, at: datetime
) -> Supplement:
    added = Supplement.objects.create(request=request, at=at, text=words)
    if file_ids:
        files = files_adopt(files=file_ids, owner_ref=ref_of(added), actor=actor, at=at)
        Attachment.objects.bulk_create(
            Attachment(request=request, supplement=added, file=file, position=position)
            for position, file in enumerate(files)
        )
    note(request, name, actor=actor, at=at, text=words)
    return added


def _add_recording(
    request: ServiceRequest, added: Supplement, recording_id: UUID | None, actor: Viewer, at: datetime
) -> None:
    if recording_id is not None:
        recording_adopt(recording_id=recording_id, owner_ref=ref_of(added), actor=actor, at=at)
        request.has_recording = True
        request.save(update_fields=["has_recording"])


def request_remind(*, request: ServiceRequest, actor: Viewer, at: datetime) -> ServiceRequest:
    """Remind whoever has the request, by its requester, once within the limit "remind" [GK]."""
    with transaction.atomic():
        locked = _own_open(request, actor)
        if locked.state == RequestState.CALLBACK:
            raise DomainError("already_answered", _("已经答复您了，请看一看，再告诉我们解决了没有"))
        if locked.state == RequestState.REVIEW:
            raise DomainError("in_review", _("答复已经写好，正在审核，通过就发给您"))
        if not may_remind(locked, at):
            raise DomainError("reminded_lately", _("刚提醒过了，承办的人已经收到。过一阵还没有动静，再提醒一次。"))
        locked.reminded_at = at
        locked.save(update_fields=["reminded_at"])
        note(locked, "remind", actor=actor, at=at)
        publish_of_request(events.REMINDED, locked, actor, at, organisation_id=locked.organisation_id)
    return locked


def may_remind(request: ServiceRequest, at: datetime) -> bool:
    """Whether the requester may remind now: an office still owes something, and the last time is long enough ago."""
    if not request.is_open or request.state in (RequestState.CALLBACK, RequestState.REVIEW):
        return False
    last = request.reminded_at
    return last is None or add(last, turn_limit("remind"), calendar_current()) <= at


def requests_to_archive(*, at: datetime, limit: int) -> list[int]:
    """Return the requests that ended more days ago than the limit "archive" says, the oldest first."""
    ended = ServiceRequest.objects.filter(closed_at__isnull=False).exclude(state=RequestState.ARCHIVED)
    old = ended.filter(closed_at__lt=at - timedelta(days=turn_limit("archive").amount))
    return list(old.order_by("closed_at", "pk").values_list("pk", flat=True)[:limit])


def request_archive(*, request_id: int, at: datetime) -> bool:
    """File away a request that ended long ago: nothing opens it again. Whether it was still to be filed."""
    with transaction.atomic():
        locked = request_lock(request_id)
        if locked.state not in REQUEST_TRANSITIONS["archive"].sources:
            return False
        request_step(locked, "archive", actor=SYSTEM, at=at)
        # nobody outside has to be reached about it any more
        ExternalLink.objects.filter(order__request=locked).update(email="", phone="")
        publish_of_request(events.ARCHIVED, locked, SYSTEM, at)
    return True


def _own_open(request: ServiceRequest, actor: Viewer) -> ServiceRequest:
    locked = _open(request)
    if not is_requester(actor, locked):
        raise Forbidden("not_your_request", _("这个链接不能做这件事"))
    return locked


def _open(request: ServiceRequest) -> ServiceRequest:
    locked = request_lock(request.pk)
    if not locked.is_open:
        raise StaleState("request_ended", _("这件事已经结束了。如果问题还在，请重新打开，或再反映一次。"))
    return locked


def _end(
    request: ServiceRequest,
    name: str,
    text: str,
    actor: Viewer,
    at: datetime,
    merged_into: ServiceRequest | None = None,
) -> None:
    """End a locked request before it was answered: its open orders are cancelled, its clocks stopped."""
    for order in open_orders_lock(request):
        order_step(order, "cancel", actor=actor, at=at, changes={"is_current": order.role == OrderRole.LEAD})
    changes = {"waiting_for": "", **({"merged_into": merged_into} if merged_into is not None else {})}
    request_step(request, name, actor=actor, at=at, text=text, changes=changes)
