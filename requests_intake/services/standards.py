"""The only writer of case standards: those that come with Liren, and what the office makes of them."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from governance.access.reasons import checked_reason
from governance.access.viewer import Viewer
from governance.errors import DomainError, StaleState, constraint_errors
from governance.outbox.services import publish
from governance.worktime import Duration, Unit
from grid.models import CodeItem, CodeKind
from grid.services.codes import code_list_on
from requests_intake import events
from requests_intake.case_defaults import DEFAULTS, SOURCE, Default
from requests_intake.models import CaseStandard, DeadlinePolicy
from requests_intake.permissions import Capability
from requests_intake.services.office import checked_text, require_office
from requests_intake.services.policies import PolicyDraft, StageDraft, policy_create
from requests_intake.workflow import ClockKind

_LIMITS = {
    ClockKind.ACCEPT: Duration(2, Unit.NATURAL_HOUR),
    ClockKind.SIGN: Duration(2, Unit.WORKING_HOUR),
    ClockKind.CONTACT: Duration(24, Unit.NATURAL_HOUR),
}


def case_standards_load(*, actor: Viewer, at: datetime) -> int:
    """Add the standards that come with Liren, unconfirmed, with their time limits; what is there stays. How many.

    Raises `DomainError` while no code list is loaded.
    """
    require_office(actor, Capability.EDIT_POLICIES)
    code_list = code_list_on(timezone.localdate(at))
    if code_list is None:
        raise DomainError("no_code_list", _("还没有装入代码表，请管理员先在“部件和事项代码”里装入。"))
    items = {item.code: item for item in CodeItem.objects.filter(code_list=code_list, kind=CodeKind.MATTER)}
    made = 0
    with constraint_errors(), transaction.atomic():
        keys = set(DeadlinePolicy.objects.values_list("key", flat=True))
        known = set(CaseStandard.objects.values_list("item_id", flat=True))
        for one in DEFAULTS:
            item = items.get(one.code)
            if item is None or item.pk in known:
                continue
            if one.key not in keys:
                policy_create(key=one.key, draft=_draft(one, at), reason=SOURCE, actor=actor, at=at)
            row = CaseStandard(item=item, filing=one.filing, closing=one.closing, policy_key=one.key, source=SOURCE)
            row.save(force_insert=True)
            _publish(row, actor, at)
            made += 1
    return made


def case_standard_set(
    *,
    item: CodeItem,
    filing: str,
    closing: str,
    policy_key: str,
    source: str,
    is_confirmed: bool,
    reason: str,
    seen: datetime | None,
    actor: Viewer,
    at: datetime,
) -> CaseStandard:
    """Say when this matter is filed and closed here, and by which time limits. `seen` is `changed_at` as it was read.

    Requests that were filed keep what they were promised. Raises `StaleState` when somebody has changed it meanwhile,
    `DomainError` with the field for no matter, an unknown set of limits, a confirmation without a source, no reason.
    """
    require_office(actor, Capability.EDIT_POLICIES)
    if item.kind != CodeKind.MATTER or len(item.code) != 5:
        raise DomainError("matter_unknown", _("请选一个事项代码，五位数字的"), field="item")
    if policy_key and not DeadlinePolicy.objects.filter(key=policy_key).exists():
        raise DomainError("policy_unknown", _("没有这个时限政策"), field="policy_key")
    said = {"filing": filing, "closing": closing, "source": source}
    texts = {name: checked_text(said, name, 200) for name in said}
    if is_confirmed and not texts["source"]:
        raise DomainError("source_required", _("核实过的要写出处，例如文件名和条款"), field="source")
    why = checked_reason(reason)
    with constraint_errors(), transaction.atomic():
        row = CaseStandard.objects.select_for_update(of=("self",), no_key=True).filter(item=item).first()
        if (row.changed_at if row is not None else None) != seen:
            raise StaleState("setting_changed", _("刚才有人改过，请看过最新的再改"))
        row = row or CaseStandard(item=item)
        for name, text in texts.items():
            setattr(row, name, text)
        row.policy_key, row.is_confirmed = policy_key, is_confirmed
        row.changed_at, row.changed_by, row.why = at, actor.user, why
        row.save()
        _publish(row, actor, at)
    return row


def _draft(one: Default, at: datetime) -> PolicyDraft:
    return PolicyDraft(
        name=one.name,
        name_en=one.name_en,
        valid_from=timezone.localdate(at),
        limits={**_LIMITS, ClockKind.ANSWER: one.answer},
        source=SOURCE,
        stages=tuple(StageDraft(name, name_en, limit) for name, name_en, limit in one.stages),
    )


def _publish(row: CaseStandard, actor: Viewer, at: datetime) -> None:
    payload = {"matter": row.item.code, "key": row.policy_key, "is_confirmed": row.is_confirmed}
    publish(events.STANDARD_CHANGED, subject=row, actor=actor, payload=payload, at=at)
