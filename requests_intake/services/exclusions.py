"""Exclusion (剔除): an office applies with evidence, the sub-district checks, the district decides: three people.

The order goes on as ever, and the resident is answered: a request nobody answered cannot be excluded. Who applied
never checks, who checked never decides.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from governance.access.checks import can, require
from governance.access.viewer import Viewer
from governance.errors import DomainError, Forbidden, StaleState, constraint_errors
from governance.text import clean_text
from requests_intake import events
from requests_intake.models import Exclusion, ExclusionGround, ServiceRequest, WorkOrder
from requests_intake.permissions import Capability
from requests_intake.services.evidence import Evidence, evidence_attach
from requests_intake.services.stepping import note, publish_of_request, request_lock
from requests_intake.workflow import OrderRole

TEXT_MAX = 1000
DECISION_MAX = 500
_S = Exclusion.State


def exclusion_ask(
    *, request: ServiceRequest, ground: str, text: str, evidence: Sequence[Evidence], actor: Viewer, at: datetime
) -> Exclusion:
    """Apply, by somebody who handles in the office that leads (or led) the request.

    `evidence`: one to six received files. Raises `DomainError` on "ground", "text" or "evidence"; `Forbidden` for
    who does not handle it.
    """
    words = clean_text(text)
    with constraint_errors(), transaction.atomic():
        locked = request_lock(request.pk)
        order = _led_by(locked, actor)
        if ground not in ExclusionGround.values:
            raise DomainError("ground_unknown", _("请选剔除的理由"), field="ground")
        if not words:
            raise DomainError("text_required", _("请写清楚为什么符合这条理由"), field="text")
        if len(words) > TEXT_MAX:
            raise DomainError("text_too_long", _("最多写 1000 字，请写短一些"), field="text")
        if not evidence:
            raise DomainError("evidence_required", _("请放上证明材料"), field="evidence")
        asked = Exclusion.objects.create(
            request=locked,
            organisation_id=order.organisation_id,
            area_code=locked.area_code,
            ground=ground,
            text=words,
            asked_by=actor.user,
            asked_at=at,
        )
        evidence_attach(owner=asked, evidence=evidence, actor=actor, at=at)
        _told(events.EXCLUSION_ASKED, "ask_exclusion", asked, locked, words, actor, at)
    return asked


def may_ask(request: ServiceRequest, actor: Viewer) -> bool:
    """Whether this viewer may apply for this request."""
    return request.excluded_at is None and _own_order(request, actor) is not None


def _own_order(request: ServiceRequest, actor: Viewer) -> WorkOrder | None:
    orders = WorkOrder.objects.filter(request=request, role=OrderRole.LEAD, is_current=True)
    return next((order for order in orders if can(actor, Capability.HANDLE_ORDER, order)), None)


def _led_by(request: ServiceRequest, actor: Viewer) -> WorkOrder:
    order = _own_order(request, actor)
    if order is None:
        raise Forbidden("not_your_order", _("只有牵头承办这件事的单位能申请剔除"))
    return order


def exclusion_check(*, exclusion: Exclusion, is_upheld: bool, text: str, actor: Viewer, at: datetime) -> Exclusion:
    """Check an application in the sub-district: pass it on to the district, or refuse it with the reason."""
    words = _words(text, needed=not is_upheld)
    with constraint_errors(), transaction.atomic():
        locked, request = _lock(exclusion, _S.ASKED)
        require(actor, Capability.CHECK_EXCLUSION, request)
        if actor.user_id == locked.asked_by_id:
            raise Forbidden("own_exclusion", _("自己申请的，要请别人核对"))
        locked.checked_by, locked.checked_at, locked.check_words = actor.user, at, words
        locked.state = _S.CHECKED
        if not is_upheld:
            locked.state, locked.decided_by, locked.decided_at, locked.decision = _S.REFUSED, actor.user, at, words
        locked.save()
        event = events.EXCLUSION_CHECKED if is_upheld else events.EXCLUSION_DECIDED
        _told(event, "check_exclusion" if is_upheld else "refuse_exclusion", locked, request, words, actor, at)
    return locked


def exclusion_decide(*, exclusion: Exclusion, is_granted: bool, text: str, actor: Viewer, at: datetime) -> Exclusion:
    """Decide in the district. Granted, the request no longer counts in the rates; it stays counted beside them.

    Raises `DomainError` where the resident has no answer yet, or on "text" for a refusal without reason.
    """
    words = _words(text, needed=not is_granted)
    with constraint_errors(), transaction.atomic():
        locked, request = _lock(exclusion, _S.CHECKED)
        require(actor, Capability.DECIDE_EXCLUSION, request)
        if actor.user_id in (locked.asked_by_id, locked.checked_by_id):
            raise Forbidden("own_exclusion", _("申请和核对过的人不能再审核，请别人来做"))
        if is_granted and request.replied_at is None and request.closed_at is None:
            raise DomainError("not_answered", _("居民还没有得到答复。剔除只是不计入考核，先要答复居民。"))
        locked.state = _S.GRANTED if is_granted else _S.REFUSED
        locked.decided_by, locked.decided_at, locked.decision = actor.user, at, words
        locked.save()
        if is_granted:
            request.excluded_at = at
            request.save(update_fields=["excluded_at"])
        name = "exclude" if is_granted else "refuse_exclusion"
        _told(events.EXCLUSION_DECIDED, name, locked, request, words, actor, at)
    return locked


def _lock(exclusion: Exclusion, state: str) -> tuple[Exclusion, ServiceRequest]:
    request = request_lock(exclusion.request_id)
    locked = Exclusion.objects.select_for_update(of=("self",), no_key=True).get(pk=exclusion.pk)
    if locked.state != state:
        raise StaleState("stale_state", _("这份申请已经有人处理过了，请看最新的结果。"))
    return locked, request


def _words(text: str, *, needed: bool) -> str:
    words = clean_text(text)
    if needed and not words:
        raise DomainError("text_required", _("不同意的，请写明理由"), field="text")
    if len(words) > DECISION_MAX:
        raise DomainError("text_too_long", _("最多写 500 字，请写短一些"), field="text")
    return words


def _told(
    event: Any, name: str, asked: Exclusion, request: ServiceRequest, words: str, actor: Viewer, at: datetime
) -> None:
    office = actor.user.organisation if actor.user else None
    note(request, name, actor=actor, at=at, text=words, organisation=office, is_public=False)
    publish_of_request(
        event, request, actor, at, organisation_id=asked.organisation_id, exclusion_id=asked.pk, ground=asked.ground
    )
