"""Impact assessments (个人信息保护法 §55, §56): the lock, and the only writers of what opens it."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from governance.access.checks import require
from governance.access.reasons import checked_reason
from governance.access.viewer import SYSTEM, Viewer
from governance.errors import DomainError, Forbidden, StaleState, constraint_errors
from governance.outbox.events import EventType
from governance.outbox.services import publish
from governance.privacy.register import sensitive_uses
from governance.protection import events
from governance.protection.models import ImpactAssessment
from governance.protection.permissions import Capability
from governance.text import clean_text

WORDS_MAX, NOTE_MAX = 2000, 1000
# The law asks to assess before a use begins, and sets no date for doing so again: these are the office's own.
USUAL_DAYS, DAYS_MOST, REMIND_DAYS = 365, 3 * 365, 30
MISSING = {
    "necessity": _("请写为什么要这样用，没有它行不行"),
    "risks": _("请写对本人可能有什么影响，数据可能怎么出问题"),
    "measures": _("请写怎么防，防得住防不住"),
}
DAY_WRONG = _("请写从明天起三年以内的一天")
NOTE_MISSING = _("请写哪里要改，写的人才知道怎么改")
ENDED_WHY_MISSING = _("请写为什么提前结束")


def is_assessed(use: str, *, on: date) -> bool:
    """Whether this use of people's data is open on a local day. 1 SQL."""
    open_now = ImpactAssessment.objects.filter(use=use, is_approved=True, ended_at=None, valid_until__gte=on)
    return open_now.exists()


def require_assessed(use: str, *, at: datetime) -> None:
    """Raise `DomainError` unless this use is open at `at`: nobody has assessed its impact, or it has run out. 1 SQL."""
    if is_assessed(use, on=timezone.localdate(at)):
        return
    message = _("“%(use)s”还锁着：要先写个人信息保护影响评估，由另一个人批准。请找管理员。")
    raise DomainError("assessment_missing", message % {"use": sensitive_uses()[use].title})


def assessment_file(
    *, use: str, words: Mapping[str, str], valid_until: date | None, submission_key: UUID, actor: Viewer, at: datetime
) -> ImpactAssessment:
    """Hand in an assessment; the same key twice is one. Raises `DomainError` beside the field, `Forbidden`."""
    require(actor, Capability.FILE_ASSESSMENTS, None)
    if use not in sensitive_uses():
        raise DomainError("use_unknown", _("没有这一项"), field="use")
    said = {name: clean_text(words.get(name, ""))[:WORDS_MAX] for name in MISSING}
    for name, message in MISSING.items():
        if not said[name]:
            raise DomainError(f"{name}_required", message, field=name)
    today = timezone.localdate(at)
    if valid_until is None or not today < valid_until <= today + timedelta(DAYS_MOST):
        raise DomainError("valid_until", DAY_WRONG, field="valid_until")
    fields = {**said, "use": use, "valid_until": valid_until, "filed_at": at, "filed_by": actor.user}
    with constraint_errors(), transaction.atomic():
        row, made = ImpactAssessment.objects.get_or_create(submission_key=submission_key, defaults=fields)
        if made:
            _publish(events.ASSESSMENT_FILED, row, actor, at)
    return row


def assessment_decide(
    *, assessment: ImpactAssessment, approve: bool, note: str, actor: Viewer, at: datetime
) -> ImpactAssessment:
    """Approve somebody else's assessment, or give it back with a note. Raises `DomainError`, `StaleState`."""
    said = clean_text(note)[:NOTE_MAX]
    with constraint_errors(), transaction.atomic():
        locked = _lock(assessment, Capability.APPROVE_ASSESSMENTS, actor)
        if locked.decided_at is not None:
            raise StaleState("assessment_decided", _("这一份已经有人批过了"))
        if locked.filed_by_id == actor.user_id:
            raise Forbidden("assessment_own", _("自己写的评估，要由另一个人批准"))
        if approve and locked.valid_until < timezone.localdate(at):
            raise DomainError("assessment_past", _("它写的有效期已经过了，请退回重写"))
        if not approve and not said:
            raise DomainError("note_required", NOTE_MISSING, field="note")
        locked.is_approved, locked.note = approve, said
        locked.decided_at, locked.decided_by = at, actor.user
        locked.save(update_fields=["is_approved", "note", "decided_at", "decided_by"])
        _publish(events.ASSESSMENT_APPROVED if approve else events.ASSESSMENT_RETURNED, locked, actor, at)
    return locked


def assessment_end(*, assessment: ImpactAssessment, why: str, actor: Viewer, at: datetime) -> ImpactAssessment:
    """Lock the use again at once, unless another assessment holds it open. Raises `DomainError` on "reason"."""
    with constraint_errors(), transaction.atomic():
        locked = _lock(assessment, Capability.FILE_ASSESSMENTS, actor)
        if not locked.is_open_on(timezone.localdate(at)):
            raise StaleState("assessment_over", _("这一份没有在用，不用结束"))
        locked.ended_why = checked_reason(why, missing=ENDED_WHY_MISSING)
        locked.ended_at, locked.ended_by = at, actor.user
        locked.save(update_fields=["ended_why", "ended_at", "ended_by"])
        _publish(events.ASSESSMENT_ENDED, locked, actor, at)
    return locked


def assessments_running_out(*, at: datetime) -> int:
    """Say once of each assessment that it runs out within 30 days, where none follows it; return how many."""
    today = timezone.localdate(at)
    with transaction.atomic():
        held = ImpactAssessment.objects.filter(is_approved=True, ended_at=None, valid_until__gte=today)
        soon = held.filter(valid_until__lte=today + timedelta(REMIND_DAYS), reminded_at=None)
        rows = list(soon.select_for_update(no_key=True).order_by("pk"))
        lasting = set(held.filter(valid_until__gt=today + timedelta(REMIND_DAYS)).values_list("use", flat=True))
        rows = [row for row in rows if row.use not in lasting]
        ImpactAssessment.objects.filter(pk__in=[row.pk for row in rows]).update(reminded_at=at)
        for row in rows:
            _publish(events.ASSESSMENT_RUNS_OUT, row, SYSTEM, at)
    return len(rows)


def _lock(assessment: ImpactAssessment, capability: Capability, actor: Viewer) -> ImpactAssessment:
    require(actor, capability, None)
    return ImpactAssessment.objects.select_for_update(of=("self",), no_key=True).get(pk=assessment.pk)


def _publish(event: EventType, row: ImpactAssessment, actor: Viewer, at: datetime) -> None:
    known = {"use": row.use, "valid_until": row.valid_until}
    publish(event, subject=row, actor=actor, payload={key: known[key] for key in event.keys}, at=at)
