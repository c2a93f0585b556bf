"""Changing what the portal came with: limits of turns, texts of legal reasons, the ladder of reminders.

The rows are read anew by every process within a minute. What has begun keeps its date, but for the limits in
`AT_ONCE`, which are asked for only at the moment of a turn.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

from django.db import transaction
from django.utils.translation import gettext as _

from governance.access.models import Role
from governance.access.reasons import checked_reason
from governance.access.viewer import Viewer
from governance.errors import DomainError, StaleState, constraint_errors
from governance.outbox.events import EventType
from governance.outbox.services import publish
from governance.text import clean_text
from governance.worktime import Unit
from requests_intake import events
from requests_intake.models import EscalationStep, ReasonText, RiskWords, TurnLimit
from requests_intake.models.deadlines import MINUTES, TIMES
from requests_intake.models.office_settings import OfficeSetting
from requests_intake.permissions import Capability
from requests_intake.services.clocks import ladder_clear, turn_limits_forget
from requests_intake.services.escalation import HANDLER
from requests_intake.services.office import checked_text, require_office
from requests_intake.services.replies import REPLY_MAX
from requests_intake.services.submission import limits_forget

# Asked for when somebody takes the turn: a new number holds for requests that are open already, too.
AT_ONCE = (
    "return",
    "return_urgent",
    "reopen",
    "reopen_max",
    "remind",
    "archive",
    "extend_max",
    "suspend_max",
    "alert_ack",
    "appointment_keep",
)
# The turn counts plain days here, or counts instead of measuring time.
FIXED_UNITS: Mapping[str, str] = {
    "archive": Unit.NATURAL_DAY,
    "milestone": Unit.NATURAL_DAY,
    "appointment_keep": Unit.NATURAL_DAY,
    "alert_ack": MINUTES,
    "reopen_max": TIMES,
    "extend_max": TIMES,
}
LONGEST, MOST_TIMES, LATEST_HOURS = 999, 20, 999
WORD_MAX, WORDS_MOST = 20, 200

Row = TypeVar("Row", bound=OfficeSetting)


def turn_limit_change(
    *,
    limit: TurnLimit,
    amount: int | None,
    unit: str,
    is_confirmed: bool,
    reason: str,
    seen: datetime | None,
    actor: Viewer,
    at: datetime,
) -> TurnLimit:
    """Say how long a turn may take from now on. `seen` is the row's `changed_at` as the person saw it.

    Raises `StaleState` when somebody has changed it meanwhile, `DomainError` with the field for an amount out of
    bounds, an unknown unit, no reason, or nothing changed. The unit of some limits cannot be chosen: it is kept.
    """
    require_office(actor, Capability.EDIT_POLICIES)
    fixed = FIXED_UNITS.get(limit.key)
    most = MOST_TIMES if fixed == TIMES else LONGEST
    if amount is None or not 1 <= amount <= most:
        raise DomainError("amount_range", _("请写 1 到 %(most)s 的整数") % {"most": most}, field="amount")
    if fixed is None and unit not in [known.value for known in Unit]:
        raise DomainError("unit_unknown", _("请选怎么算"), field="unit")
    changes = {"amount": amount, "unit": fixed or str(unit), "is_confirmed": is_confirmed}
    payload = {"key": limit.key, **changes}
    changed = _change(limit, changes, events.LIMIT_CHANGED, payload, reason=reason, seen=seen, actor=actor, at=at)
    transaction.on_commit(turn_limits_forget)
    transaction.on_commit(limits_forget)  # those of a policy hold these for what it does not say itself
    return changed


def reason_text_change(
    *,
    row: ReasonText,
    text: str,
    text_en: str,
    is_confirmed: bool,
    reason: str,
    seen: datetime | None,
    actor: Viewer,
    at: datetime,
) -> ReasonText:
    """Write what residents are told for a legal reason, in both languages. Raises as `turn_limit_change` does."""
    require_office(actor, Capability.EDIT_POLICIES)
    changes: dict[str, Any] = {"is_confirmed": is_confirmed}
    for field, value in (("text", text), ("text_en", text_en)):
        changes[field] = clean_text(value)
        if not changes[field]:
            raise DomainError(f"{field}_required", _("两种语言都要写"), field=field)
        if len(changes[field]) > REPLY_MAX:
            message = _("太长了，最多 %(limit)s 个字") % {"limit": REPLY_MAX}
            raise DomainError(f"{field}_too_long", message, field=field)
    payload = {"reason": row.reason, "is_confirmed": is_confirmed}
    return _change(row, changes, events.REASON_TEXT_CHANGED, payload, reason=reason, seen=seen, actor=actor, at=at)


def risk_words_change(
    *,
    row: RiskWords,
    words: Sequence[str],
    is_confirmed: bool,
    reason: str,
    seen: datetime | None,
    actor: Viewer,
    at: datetime,
) -> RiskWords:
    """Say which words mean that somebody may be in danger. Raises as `turn_limit_change` does.

    A single character would stand in half of all requests: each word has two at least.
    """
    require_office(actor, Capability.EDIT_POLICIES)
    kept = list(dict.fromkeys(clean_text(word, multiline=False) for word in words))
    if any(not 2 <= len(word) <= WORD_MAX for word in kept):
        raise DomainError("word_length", _("每个词 2 到 20 个字"), field="words")
    if not 1 <= len(kept) <= WORDS_MOST:
        raise DomainError("words_number", _("写 1 到 %(most)s 个词") % {"most": WORDS_MOST}, field="words")
    changes = {"words": kept, "is_confirmed": is_confirmed}
    payload = {"count": len(kept), "is_confirmed": is_confirmed}
    return _change(row, changes, events.RISK_WORDS_CHANGED, payload, reason=reason, seen=seen, actor=actor, at=at)


def rung_change(
    *,
    rung: EscalationStep,
    name: str,
    name_en: str,
    percent: int | None,
    hours_after: int | None,
    role: str,
    is_confirmed: bool,
    reason: str,
    seen: datetime | None,
    actor: Viewer,
    at: datetime,
) -> EscalationStep:
    """Say when a rung is reached and who hears of it: the first by `percent` of the time, the others by hours.

    Rungs are reached one after the other, so each lies between its neighbours. Raises as `turn_limit_change` does.
    """
    require_office(actor, Capability.EDIT_POLICIES)
    names = {"name": name, "name_en": name_en}
    changes: dict[str, Any] = {
        "name": checked_text(names, "name", 20, required=_("请写名称")),
        "name_en": checked_text(names, "name_en", 40, required=_("请写英文名称")),
        "role": role,
        "is_confirmed": is_confirmed,
    }
    if role != HANDLER and not Role.objects.filter(key=role).exists():
        raise DomainError("role_unknown", _("请选提醒谁"), field="role")
    if rung.hours_after is None:
        if percent is None or not 1 <= percent <= 99:
            raise DomainError("percent_range", _("请写 1 到 99 的整数"), field="percent")
        changes["share"] = percent / 100
    else:
        _check_hours(rung, hours_after)
        changes["hours_after"] = hours_after
    payload = {
        "level": rung.level,
        "role": role,
        "percent": percent if rung.hours_after is None else None,
        "hours_after": None if rung.hours_after is None else hours_after,
        "is_confirmed": is_confirmed,
    }
    changed = _change(rung, changes, events.RUNG_CHANGED, payload, reason=reason, seen=seen, actor=actor, at=at)
    transaction.on_commit(ladder_clear)
    return changed


def _check_hours(rung: EscalationStep, hours: int | None) -> None:
    others = EscalationStep.objects.filter(hours_after__isnull=False).order_by("level")
    least = max((one.hours_after or 0 for one in others if one.level < rung.level), default=0)
    most = min((one.hours_after or 0 for one in others if one.level > rung.level), default=LATEST_HOURS)
    if hours is None or not least <= hours <= most:
        message = _("要在上一级和下一级之间：请写 %(least)s 到 %(most)s 的整数") % {"least": least, "most": most}
        raise DomainError("hours_range", message, field="hours_after")


def _change(
    row: Row,
    changes: Mapping[str, Any],
    event: EventType,
    payload: Mapping[str, Any],
    *,
    reason: str,
    seen: datetime | None,
    actor: Viewer,
    at: datetime,
) -> Row:
    """Lock, compare, write, publish."""
    why = checked_reason(reason)
    with constraint_errors(), transaction.atomic():
        locked = type(row)._default_manager.select_for_update(of=("self",), no_key=True).get(pk=row.pk)
        if locked.changed_at != seen:
            raise StaleState("setting_changed", _("刚才有人改过，请看过最新的再改"))
        if all(getattr(locked, name) == value for name, value in changes.items()):
            raise DomainError("nothing_changed", _("和现在的一样，没有改动"))
        for name, value in changes.items():
            setattr(locked, name, value)
        locked.changed_at, locked.changed_by, locked.why = at, actor.user, why
        locked.save(update_fields=[*changes, "changed_at", "changed_by", "why"])
        publish(event, subject=locked, actor=actor, payload=payload, at=at)
    return locked
