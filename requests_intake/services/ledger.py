"""The long-term ledger (挂账, STANDARDS 1.6): an objective reason, a plan with milestones, the day it comes back.

The office asks, the sub-district checks, the district decides; nobody does two of these for one matter.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from governance.access.viewer import SYSTEM, Viewer
from governance.errors import DomainError, Forbidden, StaleState, constraint_errors
from governance.text import clean_text
from requests_intake import events
from requests_intake.models import LedgerEntry, LedgerMilestone, PauseKind, ServiceRequest, WorkOrder
from requests_intake.services.evidence import Evidence, evidence_attach
from requests_intake.services.resting import opening, rest
from requests_intake.services.stepping import (
    check_step,
    order_lock,
    order_step,
    orders_refreshed,
    publish_of_order,
    request_lock,
    request_refreshed,
    request_step,
)
from requests_intake.workflow import Waiting

TEXT_MAX = 500
PLAN_MAX = 1000
MILESTONES_MOST = 8
MILESTONE_MAX = 100
NOTE_MAX = 200
# a day with any sign between its numbers, then what; after a Chinese date stands the sign for "day"
_LINE = re.compile(r"(\d{4})\D(\d{1,2})\D(\d{1,2})(?!\d)(.*)")
_DAY_SIGN = chr(0x65E5)


@dataclass(frozen=True, slots=True)
class Milestone:
    """A step of a plan: by which day, what."""

    day: date
    text: str


def milestones_of(lines: str, *, until: date | None, today: date) -> list[Milestone]:
    """Read milestones, one a line: "2026-12-20 buy the pole", sorted by day. Raises `DomainError` on "steps"."""
    found = []
    for number, line in enumerate(filter(None, clean_text(lines).split("\n")), start=1):
        match = _LINE.fullmatch(line.strip())
        words = match[4].removeprefix(_DAY_SIGN).lstrip(" \u3000:\uff1a,\uff0c") if match else ""
        try:
            day = date(*map(int, match.groups()[:3])) if match else None
        except ValueError:
            day = None
        if not words or day is None:
            raise DomainError(
                "steps_line",
                _("第 %(line)d 行请写成“日期 做什么”，例如 2026-12-20 采购灯杆") % {"line": number},
                field="steps",
            )
        if day <= today or (until is not None and day > until):
            raise DomainError(
                "steps_day", _("第 %(line)d 行的日期要在明天到“哪一天再看”之间") % {"line": number}, field="steps"
            )
        if len(words) > MILESTONE_MAX:
            raise DomainError(
                "steps_long",
                _("第 %(line)d 行太长，最多 %(most)d 个字") % {"line": number, "most": MILESTONE_MAX},
                field="steps",
            )
        found.append(Milestone(day, words))
    if len(found) > MILESTONES_MOST:
        raise DomainError("steps_many", _("最多 %(most)d 个节点") % {"most": MILESTONES_MOST}, field="steps")
    return sorted(dict.fromkeys(found), key=lambda one: one.day)


def order_ask_ledger(
    *,
    order: WorkOrder,
    text: str,
    plan: str,
    milestone: date | None,
    steps: str = "",
    evidence: Sequence[Evidence] = (),
    actor: Viewer,
    at: datetime,
) -> LedgerEntry:
    """Ask to put a matter on the long-term ledger. Until it is decided, the clocks run on.

    `milestone` is the day on which it comes back to work, `steps` the milestones until then, one a line. The office
    that asks is responsible; its evidence is for those who check and decide. Raises `DomainError` on "text", "plan",
    "steps", "milestone" or "evidence".
    """
    words, planned = clean_text(text)[:TEXT_MAX], clean_text(plan)[:PLAN_MAX]
    with constraint_errors(), transaction.atomic():
        request, locked = order_lock(order.pk)
        check_step(locked, "ask_ledger", actor, text=words, plan=planned, milestone=milestone)
        assert milestone is not None  # noqa: S101 - `check_step` has refused None
        if opening(milestone) <= at:
            raise DomainError("milestone_past", _("请选以后的日期"), field="milestone")
        planned_steps = milestones_of(steps, until=milestone, today=timezone.localdate(at))
        entry = LedgerEntry.objects.create(
            request=request,
            order=locked,
            text=words,
            plan=planned,
            office=locked.organisation,
            milestone=milestone,
            asked_by=actor.user,
            asked_at=at,
        )
        LedgerMilestone.objects.bulk_create(
            LedgerMilestone(entry=entry, day=one.day, text=one.text) for one in planned_steps
        )
        evidence_attach(owner=entry, evidence=evidence, actor=actor, at=at)
        order_step(locked, "ask_ledger", actor=actor, at=at, text=words)
        request.waiting_for = Waiting.LEDGER
        request_refreshed(request, at=at, fields={"waiting_for"})
        publish_of_order(events.LEDGER_ASKED, request, locked, actor, at)
    return entry


def ledger_check(*, request: ServiceRequest, actor: Viewer, at: datetime) -> LedgerEntry:
    """Uphold the asking for the sub-district: the district decides. Raises `Forbidden` for whoever asked."""
    with constraint_errors(), transaction.atomic():
        locked, entry = _lock(request, "check_ledger", "", actor)
        _others(actor, entry.asked_by_id)
        entry.checked_by, entry.checked_at = actor.user, at
        entry.save(update_fields=["checked_by", "checked_at"])
        request_step(locked, "check_ledger", actor=actor, at=at, changes={"waiting_for": Waiting.LEDGER_REVIEW})
        orders_refreshed(locked)
        publish_of_order(events.LEDGER_CHECKED, locked, entry.order, actor, at)
    return entry


def ledger_approve(*, request: ServiceRequest, actor: Viewer, at: datetime) -> LedgerEntry:
    """Put the matter on the ledger: its clocks stand still until the day planned, and the resident is told why.

    Raises `Forbidden` for whoever asked or checked.
    """
    with constraint_errors(), transaction.atomic():
        locked, entry = _lock(request, "ledger", "", actor)
        _others(actor, entry.asked_by_id, entry.checked_by_id)
        until = opening(entry.milestone)
        if until <= at:
            raise DomainError("milestone_past", _("计划再看的那天已经过了，请不同意这次申请，让承办单位重新申请"))
        _decide(entry, True, "", actor, at)
        lines = [_("%(reason)s\n打算：%(plan)s") % {"reason": entry.text, "plan": entry.plan}]
        lines += [f"{step.day:%Y-%m-%d} {step.text}" for step in entry.steps.all()]
        rest(locked, "ledger", PauseKind.LEDGERED, "\n".join(lines), until, actor, at)
        publish_of_order(events.LEDGERED, locked, entry.order, actor, at, until=until.isoformat())
    return entry


def ledger_reach(*, request: ServiceRequest, step: str, text: str, actor: Viewer, at: datetime) -> LedgerMilestone:
    """Note that a milestone (its primary key as text) is reached, and what was done; the resident reads it.

    Raises `DomainError` on "step" or "text", `StaleState` where somebody noted it before.
    """
    words = clean_text(text)[:NOTE_MAX]
    with transaction.atomic():
        locked = request_lock(request.pk)
        check_step(locked, "reach_milestone", actor, step=step, text=words)
        found = LedgerMilestone.objects.select_for_update(of=("self",), no_key=True).filter(
            entry__request=locked, entry__is_approved=True, pk=int(step) if step.isascii() and step.isdigit() else 0
        )
        milestone = found.select_related("entry__order").first()
        if milestone is None:
            raise DomainError("step_unknown", _("请选一个节点"), field="step")
        if milestone.reached_at is not None:
            raise StaleState("step_reached", _("这个节点已经有人记过了，请看最新进展。"))
        milestone.reached_at, milestone.reached_by, milestone.note = at, actor.user, words
        milestone.save(update_fields=["reached_at", "reached_by", "note"])
        told = f"{milestone.text}\n{words}"
        office = milestone.entry.office
        request_step(locked, "reach_milestone", actor=actor, at=at, organisation=office, text=told)
        publish_of_order(events.LEDGER_REACHED, locked, milestone.entry.order, actor, at)
    return milestone


def ledger_refuse(*, request: ServiceRequest, text: str, actor: Viewer, at: datetime) -> LedgerEntry:
    """Refuse while checking, with the reason: the office goes on within its dates."""
    return _refused(request, "refuse_ledger", text, actor, at)


def ledger_decline(*, request: ServiceRequest, text: str, actor: Viewer, at: datetime) -> LedgerEntry:
    """Refuse what was checked, with the reason: the office goes on within its dates."""
    return _refused(request, "decline_ledger", text, actor, at)


def ledger_expire(request: ServiceRequest, *, at: datetime) -> None:
    """Refuse what nobody decided in time; the request is locked."""
    entry = LedgerEntry.objects.select_related("order").get(request=request, decided_at__isnull=True)
    name = "refuse_ledger" if request.waiting_for == Waiting.LEDGER else "decline_ledger"
    _refuse(request, name, entry, _("到期没有人定夺，按原来的期限办。"), SYSTEM, at)


def _others(actor: Viewer, *before: int | None) -> None:
    if actor.user_id is not None and actor.user_id in before:
        raise Forbidden("own_ledger", _("申请和核对过的人不能再定，请别人来做"))


def _refused(request: ServiceRequest, name: str, text: str, actor: Viewer, at: datetime) -> LedgerEntry:
    words = clean_text(text)[:TEXT_MAX]
    with transaction.atomic():
        locked, entry = _lock(request, name, words, actor)
        return _refuse(locked, name, entry, words, actor, at)


def _lock(request: ServiceRequest, name: str, words: str, actor: Viewer) -> tuple[ServiceRequest, LedgerEntry]:
    locked = request_lock(request.pk)
    check_step(locked, name, actor, text=words)
    return locked, LedgerEntry.objects.select_related("order").get(request=locked, decided_at__isnull=True)


def _decide(entry: LedgerEntry, is_approved: bool, words: str, actor: Viewer, at: datetime) -> None:
    entry.decided_by, entry.decided_at, entry.is_approved, entry.decision = actor.user, at, is_approved, words
    entry.save(update_fields=["decided_by", "decided_at", "is_approved", "decision"])


def _refuse(
    request: ServiceRequest, name: str, entry: LedgerEntry, words: str, actor: Viewer, at: datetime
) -> LedgerEntry:
    _decide(entry, False, words, actor, at)
    request_step(request, name, actor=actor, at=at, text=words, changes={"waiting_for": ""})
    orders_refreshed(request)
    publish_of_order(events.LEDGER_REFUSED, request, entry.order, actor, at)
    return entry
