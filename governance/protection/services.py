"""The only writers of breach cases and of their time limits."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from governance.access.checks import require
from governance.access.viewer import SYSTEM, Viewer
from governance.audit.models import Finding
from governance.errors import DomainError, StaleState, constraint_errors
from governance.outbox.services import publish
from governance.protection import events
from governance.protection.models import BreachCase, BreachPolicy
from governance.protection.permissions import Capability
from governance.text import clean_text

AUTHORITY, PERSONS = "authority", "persons"
# what a case says, with the longest text of each
WORDS = {
    "title": 80, "what": 2000, "kinds": 300, "cause": 1000, "harm": 1000, "measures": 2000, "advice": 1000,
    "contact": 200,
}  # fmt: skip
NEEDED = {
    "title": _("请写一句话说是什么事"),
    "what": _("请写发生了什么"),
    "kinds": _("请写是哪些信息，例如姓名、电话"),
}
TEXT_MAX, WHY_MAX, OUTCOME_MAX = 4000, 1000, 2000
# what is said where something is missing, by the service and beside the field
NOTICED_MISSING = _("请写什么时候发现的，不能晚于现在")
TEXT_MISSING = _("请写告知的原文")
WHY_MISSING = _("请写哪些措施避免了危害，为什么可以不告知")
OUTCOME_MISSING = _("请写结果：查清了什么，以后怎么防")
REASON_MISSING = _("请写明为什么改，以后查起来才清楚")


def breach_open(
    *,
    words: Mapping[str, str],
    noticed_at: datetime | None,
    people: int | None,
    finding: Finding | None,
    submission_key: UUID,
    actor: Viewer,
    at: datetime,
) -> BreachCase:
    """Begin a case; the same key twice is one case. Raises `DomainError` beside the field, `Forbidden`."""
    require(actor, Capability.KEEP_BREACHES, None)
    said = _said(words)
    if noticed_at is None or noticed_at > at:
        raise DomainError("noticed_at", NOTICED_MISSING, field="noticed_at")
    with constraint_errors(), transaction.atomic():
        policy = BreachPolicy.objects.filter(pk=BreachPolicy.ROW).first() or BreachPolicy()
        fields = {
            **said,
            "noticed_at": noticed_at,
            "people": people,
            "finding": finding,
            "opened_at": at,
            "opened_by": actor.user,
            "changed_at": at,
            "authority_hours": policy.authority_hours,
            "persons_hours": policy.persons_hours,
        }
        case, made = BreachCase.objects.get_or_create(submission_key=submission_key, defaults=fields)
        if made:
            payload = {"noticed_at": noticed_at, "persons_count": people, "finding_id": finding.pk if finding else None}
            publish(events.BREACH_OPENED, subject=case, actor=actor, payload=payload, at=at)
    return case


def breach_change(
    *,
    case: BreachCase,
    words: Mapping[str, str],
    people: int | None,
    seen: datetime | None,
    actor: Viewer,
    at: datetime,
) -> BreachCase:
    """Write what is known by now. Raises `StaleState` where somebody wrote meanwhile (`seen`: `changed_at` as read)."""
    said = _said(words)
    with constraint_errors(), transaction.atomic():
        locked = _lock(case, actor)
        if locked.changed_at != seen:
            raise StaleState("breach_changed", _("刚才有人改过这件事，请看现在写的是什么"))
        for name, text in said.items():
            setattr(locked, name, text)
        locked.people, locked.changed_at = people, at
        locked.save()
        publish(events.BREACH_CHANGED, subject=locked, actor=actor, payload={"persons_count": people}, at=at)
    return locked


def breach_tell(*, case: BreachCase, whom: str, text: str, actor: Viewer, at: datetime) -> BreachCase:
    """Note that the authority or the persons were told, with what. Raises `DomainError` on "text", `StaleState`."""
    said = clean_text(text)
    with transaction.atomic():
        locked = _lock(case, actor)
        if getattr(locked, f"{whom}_told_at") is not None:
            raise StaleState("breach_told", _("这一步已经有人记过了"))
        if not said:
            raise DomainError("text_required", TEXT_MISSING, field="text")
        setattr(locked, f"{whom}_told_at", at)
        setattr(locked, f"{whom}_text", said[:TEXT_MAX])
        locked.save()
        payload = {"whom": whom, "due_at": getattr(locked, f"{whom}_due_at")}
        publish(events.BREACH_TOLD, subject=locked, actor=actor, payload=payload, at=at)
    return locked


def breach_waive(*, case: BreachCase, why: str, actor: Viewer, at: datetime) -> BreachCase:
    """Note that the persons need not be told because measures keep harm away (§57), and why."""
    said = clean_text(why)
    with transaction.atomic():
        locked = _lock(case, actor)
        if locked.is_persons_settled:
            raise StaleState("breach_told", _("这一步已经有人记过了"))
        if not said:
            raise DomainError("why_required", WHY_MISSING, field="why")
        locked.persons_waived_at, locked.persons_waived_why = at, said[:WHY_MAX]
        locked.save()
        publish(events.BREACH_WAIVED, subject=locked, actor=actor, payload={"whom": PERSONS}, at=at)
    return locked


def breach_close(*, case: BreachCase, outcome: str, actor: Viewer, at: datetime) -> BreachCase:
    """End a case of which everybody was told. Raises `DomainError` on "outcome" or where somebody was not told."""
    said = clean_text(outcome)
    with constraint_errors(), transaction.atomic():
        locked = _lock(case, actor)
        if locked.authority_told_at is None or not locked.is_persons_settled:
            raise DomainError("breach_untold", _("报告和告知都有了交代，才能了结"))
        if not said:
            raise DomainError("outcome_required", OUTCOME_MISSING, field="outcome")
        locked.outcome, locked.closed_at, locked.closed_by = said[:OUTCOME_MAX], at, actor.user
        locked.save()
        publish(events.BREACH_CLOSED, subject=locked, actor=actor, at=at)
    return locked


def breaches_overdue(*, at: datetime) -> int:
    """Tell those who keep the cases, once each, what is overdue; return how many. Open cases are few."""
    count = 0
    with transaction.atomic():
        for case in BreachCase.objects.select_for_update(no_key=True).filter(closed_at=None):
            for whom in (AUTHORITY, PERSONS):
                settled = case.authority_told_at is not None if whom == AUTHORITY else case.is_persons_settled
                due = getattr(case, f"{whom}_due_at")
                if settled or due > at or getattr(case, f"{whom}_late_told_at") is not None:
                    continue
                setattr(case, f"{whom}_late_told_at", at)
                case.save(update_fields=[f"{whom}_late_told_at"])
                payload = {"whom": whom, "due_at": due}
                publish(events.BREACH_OVERDUE, subject=case, actor=SYSTEM, payload=payload, at=at)
                count += 1
    return count


def breach_policy_change(
    *, authority_hours: int, persons_hours: int, reason: str, actor: Viewer, at: datetime
) -> BreachPolicy:
    """Say how soon whom to tell, for cases opened from now on. Raises `DomainError` beside the field."""
    require(actor, Capability.KEEP_BREACHES, None)
    why = clean_text(reason, multiline=False)
    if not why:
        raise DomainError("reason_required", REASON_MISSING, field="reason")
    with constraint_errors(), transaction.atomic():
        hours = {"authority_hours": authority_hours, "persons_hours": persons_hours}
        row, _made = BreachPolicy.objects.update_or_create(
            pk=BreachPolicy.ROW, defaults={**hours, "changed_at": at, "changed_by": actor.user, "why": why}
        )
        publish(events.BREACH_POLICY_CHANGED, subject=row, actor=actor, payload=hours, at=at)
    return row


def _said(words: Mapping[str, str]) -> dict[str, Any]:
    said = {name: clean_text(words.get(name, ""))[:most] for name, most in WORDS.items()}
    for name, message in NEEDED.items():
        if not said[name]:
            raise DomainError(f"{name}_required", message, field=name)
    return said


def _lock(case: BreachCase, actor: Viewer) -> BreachCase:
    require(actor, Capability.KEEP_BREACHES, None)
    locked = BreachCase.objects.select_for_update(of=("self",), no_key=True).get(pk=case.pk)
    if locked.closed_at is not None:
        raise StaleState("breach_closed", _("这件事已经了结，不能再改"))
    return locked
