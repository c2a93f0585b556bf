"""The limits, texts and rungs that an office makes its own, as their pages show them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Model
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from governance.access.models import Role
from governance.outbox.models import DomainEvent
from governance.outbox.selectors import events_about
from governance.worktime import Duration, Unit
from requests_intake.models import EscalationStep, NoDispatchReason, ReasonText, RiskWords, TurnLimit
from requests_intake.models.deadlines import MINUTES, TIMES
from requests_intake.selectors.policies import limit_text
from requests_intake.services.escalation import HANDLER
from requests_intake.services.office_settings import AT_ONCE

SHOWN_CHANGES = 20
_NOW, _FROM_NOW_ON = (
    gettext_lazy("保存后一分钟内，正在办的诉求也按新的算"),
    gettext_lazy("已经起算的不变，以后起算的按新的"),
)
_EFFECTS: dict[str, str | Promise] = {
    "milestone": gettext_lazy("只是申请挂账时先填好的日子，申请的人可以改"),
    "appointment_keep": gettext_lazy("一小时内，过了这么多天的预约都删掉姓名、电话和邮箱"),
}


@dataclass(frozen=True, slots=True)
class SettingLine:
    """One row of the list: what it is, what it says now, what a change does to what is open."""

    row: TurnLimit | ReasonText | EscalationStep | RiskWords
    label: str
    text: str
    note: str | Promise = ""


@dataclass(frozen=True, slots=True)
class SettingChange:
    """One change: when, by whom, what the row said after it."""

    at: datetime
    by: str
    text: str
    is_confirmed: bool


def limit_lines() -> list[SettingLine]:
    """Return the limits of turns. 1 SQL."""
    return [limit_line(row) for row in TurnLimit.objects.all()]


def limit_line(row: TurnLimit) -> SettingLine:
    """Return one limit as the list shows it."""
    effect = _EFFECTS.get(row.key, _NOW if row.key in AT_ONCE else _FROM_NOW_ON)
    return SettingLine(row, row.label, amount_text(row.key, row.amount, row.unit), effect)


def amount_text(key: str, amount: int, unit: str) -> str:
    """Return "24 小时", "2 次"; the longest extension in terms of the promise: "1 倍"."""
    if unit == MINUTES:
        return ngettext("%(n)s 分钟", "%(n)s 分钟", amount) % {"n": amount}
    if unit != TIMES:
        return limit_text(Duration(amount, Unit(unit)))
    if key == "extend_max":
        return ngettext("原期限的 %(n)s 倍", "原期限的 %(n)s 倍", amount) % {"n": amount}
    return ngettext("%(n)s 次", "%(n)s 次", amount) % {"n": amount}


def reason_lines() -> list[SettingLine]:
    """Return the texts of the six legal reasons, in the order of the law. 1 SQL."""
    rows = {row.reason: row for row in ReasonText.objects.all()}
    return [reason_line(rows[reason]) for reason in NoDispatchReason.values if reason in rows]


def reason_line(row: ReasonText) -> SettingLine:
    """Return the text of one reason as the list shows it."""
    return SettingLine(row, str(NoDispatchReason(row.reason).label), row.text)


def words_lines() -> list[SettingLine]:
    """Return the risk words. 1 SQL."""
    return [words_line(row) for row in RiskWords.objects.order_by("pk")]


def words_line(row: RiskWords) -> SettingLine:
    """Return the risk words as the list shows them."""
    return SettingLine(row, _("危险的词"), "　".join(row.words))


def rung_lines() -> list[SettingLine]:
    """Return the ladder of reminders, the first rung first. 2 SQL."""
    names = role_names()
    return [rung_line(row, names) for row in EscalationStep.objects.all()]


def rung_line(row: EscalationStep, names: Mapping[str, str]) -> SettingLine:
    """Return one rung as the list shows it."""
    percent = round(row.share * 100) if row.share is not None else None
    return SettingLine(row, row.label, rung_text(percent, row.hours_after), names.get(row.role, row.role))


def rung_text(percent: int | None, hours: int | None) -> str:
    """Return when a rung is reached."""
    if percent is not None:
        return _("时间用掉 %(percent)s%%") % {"percent": percent}
    if not hours:
        return _("一到期")
    return ngettext("超期 %(n)s 小时", "超期 %(n)s 小时", hours) % {"n": hours}


def role_names() -> dict[str, str]:
    """Return key -> name of those who can be reminded: whoever handles it first. 1 SQL."""
    others = {role.key: str(role) for role in Role.objects.order_by("pk")}
    return {HANDLER: _("经办人（没有人签收时，承办单位）")} | {key: others[key] for key in others if key != HANDLER}


def setting_changes(row: Model, names: Mapping[str, str] | None = None) -> list[SettingChange]:
    """Return the latest changes of a row, newest first. 2 SQL."""
    found = events_about(row).select_related("actor").order_by("-pk")[:SHOWN_CHANGES]
    return [
        SettingChange(
            at=event.at,
            by=event.actor.display_name if event.actor is not None else "",
            text=_change_text(event, names or {}),
            is_confirmed=bool(event.payload["is_confirmed"]),
        )
        for event in found
    ]


def _change_text(event: DomainEvent, names: Mapping[str, str]) -> str:
    said = event.payload
    if "amount" in said:
        return amount_text(str(said["key"]), int(said["amount"]), str(said["unit"]))
    if "level" in said:
        return f"{rung_text(said['percent'], said['hours_after'])} · {names.get(said['role'], said['role'])}"
    if "count" in said:
        return ngettext("%(n)s 个词", "%(n)s 个词", said["count"]) % {"n": said["count"]}
    return _("改了用语")
