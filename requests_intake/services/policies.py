"""Versions of deadline policies. A version that somebody was promised never changes; a better one follows it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from governance.access.reasons import checked_reason
from governance.access.viewer import Viewer
from governance.errors import DomainError, StaleState, constraint_errors
from governance.outbox.services import publish
from governance.refs import ref_of
from governance.worktime import Calendar, Duration, add, calendar_current
from requests_intake import events
from requests_intake.models import DeadlinePolicy, PolicyClock, PolicyStage, ServiceRequest
from requests_intake.permissions import Capability
from requests_intake.services.office import checked_text, require_office
from requests_intake.services.submission import limits_forget
from requests_intake.workflow import ClockKind

# Without these a request could lie somewhere for ever: no version is saved that lacks one of them.
NEEDED = (ClockKind.ACCEPT, ClockKind.SIGN, ClockKind.CONTACT, ClockKind.ANSWER)
LONGEST = 999
STAGES_MAX = 4
_KEY = re.compile(r"[a-z][a-z0-9_]{1,39}")


@dataclass(frozen=True, slots=True)
class StageDraft:
    """One stage as it was typed."""

    name: str
    name_en: str
    limit: Duration | None


@dataclass(frozen=True, slots=True)
class PolicyDraft:
    """A version as it was typed. `limits`: kind of clock -> how long it runs."""

    name: str
    name_en: str
    valid_from: date
    limits: Mapping[ClockKind, Duration]
    source: str = ""
    is_confirmed: bool = False
    stages: tuple[StageDraft, ...] = ()


def policy_create(*, key: str, draft: PolicyDraft, reason: str, actor: Viewer, at: datetime) -> DeadlinePolicy:
    """Begin a policy under a new key (small letters, digits, underscores). Raises as `policy_version_create` does."""
    require_office(actor, Capability.EDIT_POLICIES)
    if not _KEY.fullmatch(key) or key == "new":  # that is an address of its own
        raise DomainError("key_shape", _("代号用小写英文字母开头，后面只有字母、数字和下划线"), field="key")
    if DeadlinePolicy.objects.filter(key=key).exists():
        raise DomainError("key_taken", _("已经有这个代号的时限政策，请到它那里出新版本"), field="key")
    return _add(key, None, draft, reason, actor, at)


def policy_version_create(
    *, key: str, after: int, draft: PolicyDraft, reason: str, actor: Viewer, at: datetime
) -> DeadlinePolicy:
    """Add the version that follows version `after`; requests filed before it begins keep what they were promised.

    Raises `StaleState` when somebody else has made a version meanwhile, `DomainError` with the field for a needed
    limit that is missing, a first day in the past or before the version it follows, and a draft that changes nothing.
    """
    require_office(actor, Capability.EDIT_POLICIES)
    with constraint_errors(), transaction.atomic():
        latest = (
            DeadlinePolicy.objects.select_for_update(of=("self",), no_key=True)
            .filter(key=key)
            .order_by("-version")
            .first()
        )
        if latest is None or latest.version != after:
            raise StaleState("policy_changed", _("刚才有人出了新版本，请看过最新的再改"))
        return _add(key, latest, draft, reason, actor, at)


def policy_version_withdraw(*, policy: DeadlinePolicy, actor: Viewer, at: datetime) -> None:
    """Take back the newest version before its first day. Raises `StaleState` once it is in force or no more newest."""
    require_office(actor, Capability.EDIT_POLICIES)
    with transaction.atomic():
        locked = DeadlinePolicy.objects.select_for_update(of=("self",)).filter(pk=policy.pk).first()
        if locked is None or DeadlinePolicy.objects.filter(key=locked.key, version__gt=locked.version).exists():
            raise StaleState("policy_not_newest", _("只能收回最新的、还没生效的版本"))
        if locked.valid_from <= timezone.localdate(at) or ServiceRequest.objects.filter(policy=locked).exists():
            raise StaleState("policy_in_force", _("这个版本已经生效，不能收回；要改，请出新版本"))
        subject, payload = ref_of(locked), {"key": locked.key, "version": locked.version}
        locked.delete()
        publish(events.POLICY_VERSION_WITHDRAWN, subject=subject, actor=actor, payload=payload, at=at)
        transaction.on_commit(limits_forget)


def policy_confirm(
    *, policy: DeadlinePolicy, source: str, is_confirmed: bool, actor: Viewer, at: datetime
) -> DeadlinePolicy:
    """Say where the numbers of a version come from and whether they are confirmed; the numbers stay as they are.

    Raises `DomainError` on field "source" for a confirmation that names no source.
    """
    require_office(actor, Capability.EDIT_POLICIES)
    text = _checked_source(source, is_confirmed)
    with transaction.atomic():
        locked = DeadlinePolicy.objects.select_for_update(of=("self",), no_key=True).get(pk=policy.pk)
        locked.source, locked.is_confirmed = text, is_confirmed
        locked.save(update_fields=["source", "is_confirmed"])
        publish(
            events.POLICY_CONFIRMED,
            subject=ref_of(locked),
            actor=actor,
            payload={"key": locked.key, "version": locked.version, "is_confirmed": is_confirmed},
            at=at,
        )
    return locked


def _add(
    key: str, latest: DeadlinePolicy | None, draft: PolicyDraft, reason: str, actor: Viewer, at: datetime
) -> DeadlinePolicy:
    names = {"name": draft.name, "name_en": draft.name_en}
    policy = DeadlinePolicy(
        key=key,
        version=latest.version + 1 if latest else 1,
        name=checked_text(names, "name", 60, required=_("请写名称")),
        name_en=checked_text(names, "name_en", 80, required=_("请写英文名称")),
        source=_checked_source(draft.source, draft.is_confirmed),
        is_confirmed=draft.is_confirmed,
        valid_from=draft.valid_from,
        made_at=at,
        made_by=actor.user,
        reason=checked_reason(reason),
    )
    _check_first_day(policy, latest, at)
    _check_limits(draft.limits)
    stages = _checked_stages(draft, calendar_current())
    if latest is not None and _same(policy, draft.limits, stages, latest):
        raise DomainError("nothing_changed", _("和现在的版本一样，没有改动"))
    with constraint_errors(), transaction.atomic():
        policy.save(force_insert=True)
        PolicyClock.objects.bulk_create(
            PolicyClock(policy=policy, kind=kind, amount=limit.amount, unit=limit.unit)
            for kind, limit in draft.limits.items()
        )
        for stage in stages:
            stage.policy = policy
        PolicyStage.objects.bulk_create(stages)
        publish(
            events.POLICY_VERSION_MADE,
            subject=ref_of(policy),
            actor=actor,
            payload={"key": key, "version": policy.version, "valid_from": policy.valid_from},
            at=at,
        )
        transaction.on_commit(limits_forget)
    return policy


def _check_first_day(policy: DeadlinePolicy, latest: DeadlinePolicy | None, at: datetime) -> None:
    if policy.valid_from < timezone.localdate(at):
        raise DomainError("valid_from_past", _("生效日期不能早于今天：过去作的承诺不改"), field="valid_from")
    if latest is not None and policy.valid_from < latest.valid_from:
        raise DomainError("valid_from_order", _("生效日期不能早于上一个版本的生效日期"), field="valid_from")


def _check_limits(limits: Mapping[ClockKind, Duration]) -> None:
    for kind in NEEDED:
        if kind not in limits:
            raise DomainError("limit_needed", _("这一项时限不能空着"), field=f"{kind}_amount")
    for kind, limit in limits.items():
        if limit.amount > LONGEST:
            raise DomainError("limit_too_long", _("时限最多写到 999"), field=f"{kind}_amount")


def _checked_stages(draft: PolicyDraft, calendar: Calendar) -> list[PolicyStage]:
    """Return the stages as rows; each needs both names and a limit, and comes after the one before it.

    Which of two limits ends first may hang on the day: they are compared as of the opening of the version's first day.
    """
    if len(draft.stages) > STAGES_MAX:
        raise DomainError("stages_many", _("最多写 %(most)s 个阶段") % {"most": STAGES_MAX})
    start = datetime.combine(draft.valid_from, calendar.hours[0][0], calendar.zone)
    before, rows = start, []
    for position, stage in enumerate(draft.stages, 1):
        names = {f"stage{position}_name": stage.name, f"stage{position}_name_en": stage.name_en}
        name = checked_text(names, f"stage{position}_name", 20, required=_("请写名称"))
        name_en = checked_text(names, f"stage{position}_name_en", 40, required=_("请写英文名称"))
        field = f"stage{position}_amount"
        if stage.limit is None:
            raise DomainError("limit_needed", _("这一项时限不能空着"), field=field)
        if stage.limit.amount > LONGEST:
            raise DomainError("limit_too_long", _("时限最多写到 999"), field=field)
        due = add(start, stage.limit, calendar)
        if due < before:
            raise DomainError("stage_order", _("这个阶段比前一个阶段还早，请排好先后"), field=field)
        if due > add(start, draft.limits[ClockKind.ANSWER], calendar):
            raise DomainError("stage_late", _("阶段不能比答复还晚"), field=field)
        before = due
        limit = stage.limit
        rows.append(PolicyStage(position=position, name=name, name_en=name_en, amount=limit.amount, unit=limit.unit))
    return rows


def _checked_source(source: str, is_confirmed: bool) -> str:
    text = checked_text({"source": source}, "source", 200)
    if is_confirmed and not text:
        raise DomainError("source_required", _("确认过的时限要写明出处，例如文件名和条款"), field="source")
    return text


def _same(
    policy: DeadlinePolicy,
    limits: Mapping[ClockKind, Duration],
    stages: list[PolicyStage],
    latest: DeadlinePolicy,
) -> bool:
    known = {row.kind: row.duration for row in latest.clocks.all()}
    fields = ("name", "name_en", "source", "is_confirmed")
    if [_said(stage) for stage in stages] != [_said(stage) for stage in latest.stages.all()]:
        return False
    return known == dict(limits) and all(getattr(policy, field) == getattr(latest, field) for field in fields)


def _said(stage: PolicyStage) -> tuple[str, str, Duration]:
    return stage.name, stage.name_en, stage.duration
