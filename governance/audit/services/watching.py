"""The only writers of what is watched: the sweep over two days, the verdict on a finding, the rules themselves."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from governance.access.checks import require
from governance.access.viewer import SYSTEM, Viewer
from governance.audit import events
from governance.audit.models import Finding, Verdict, WatchRule
from governance.audit.permissions import Capability
from governance.audit.selectors import counted
from governance.errors import DomainError, Forbidden, StaleState, constraint_errors
from governance.outbox.services import NewEvent, publish, publish_many
from governance.text import clean_text
from governance.worktime.days import midnight

WORDS_MAX, LIMIT_MOST = 500, 100_000
VERDICT_MISSING = _("请选一个结论")
WORDS_MISSING = _("请写问了谁、怎么回事、怎么处理的")
REASON_MISSING = _("请写明为什么改，以后查起来才清楚")


def findings_sweep(*, at: datetime, days: int = 2) -> int:
    """Count the last days anew, today among them, and keep what stands out; return what there is to tell.

    Whole days, not what came since the last time: a row that commits late is counted, and running it again changes
    nothing. One SQL for each rule and day, over the index of that day's rows. A person is told of once a rule and day,
    however many records it is about, and again where a finding opens again.
    """
    news: list[Finding] = []
    with transaction.atomic():
        rules = list(WatchRule.objects.select_for_update(no_key=True).filter(is_on=True))
        today = timezone.localdate(at)
        for rule in rules:
            for ago in range(days):
                news += _kept(rule, today - timedelta(days=ago), at)
        publish_many(_found(one, at) for one in news)
    return len(news)


def _kept(rule: WatchRule, day: date, at: datetime) -> list[Finding]:
    """Write what one rule finds on one day; return what somebody has to be told of."""
    known = {(one.person_id, one.record): one for one in Finding.objects.select_for_update().filter(rule=rule, day=day)}
    told = {person_id for person_id, _record in known}
    tell: dict[int, Finding] = {}
    for person_id, record, count in counted(rule, midnight(day), midnight(day + timedelta(days=1))):
        found = known.get((person_id, record))
        if found is None:
            fields = {"day": day, "record": record, "count": count, "found_at": at}
            found = Finding.objects.create(rule=rule, person_id=person_id, **fields)
            if person_id not in told:
                tell.setdefault(person_id, found)
        elif count > found.count:
            found.count = count
            if found.closed_at is not None and count > found.count_closed + rule.limit:
                found.closed_at = found.closed_by = None
                found.verdict = ""
                tell.setdefault(person_id, found)
            found.save(update_fields=["count", "closed_at", "closed_by", "verdict"])
    return list(tell.values())


def finding_close(*, finding: Finding, verdict: str, words: str, actor: Viewer, at: datetime) -> Finding:
    """Say what became of it. Raises `Forbidden` for the person it is about, `DomainError` on "verdict" or "words"."""
    require(actor, Capability.WATCH, None)
    said = clean_text(words)
    with constraint_errors(), transaction.atomic():
        locked = Finding.objects.select_for_update(of=("self",), no_key=True).get(pk=finding.pk)
        if locked.person_id == actor.user_id:
            raise Forbidden("finding_of_oneself", _("这条说的是您自己，请别人来定"))
        if locked.closed_at is not None:
            raise StaleState("finding_closed", _("这一条已经有人了结了，请看结论。"))
        if verdict not in Verdict.values:
            raise DomainError("verdict_required", VERDICT_MISSING, field="verdict")
        if not said:
            raise DomainError("words_required", WORDS_MISSING, field="words")
        locked.verdict, locked.words = verdict, said[:WORDS_MAX]
        locked.closed_at, locked.closed_by, locked.count_closed = at, actor.user, locked.count
        locked.save()
        payload = {"rule": locked.rule.key, "user_id": locked.person_id, "verdict": verdict}
        publish(events.FINDING_CLOSED, subject=locked, actor=actor, payload=payload, at=at)
    return locked


def rules_change(
    *, values: Mapping[str, tuple[int, bool]], reason: str, actor: Viewer, at: datetime
) -> list[WatchRule]:
    """Set limits and switches, by key; return those that changed. Raises `DomainError` on "reason" or "limit_<key>"."""
    require(actor, Capability.WATCH, None)
    why = clean_text(reason, multiline=False)
    with constraint_errors(), transaction.atomic():
        changed = []
        for rule in WatchRule.objects.select_for_update(no_key=True):
            limit, is_on = values.get(rule.key, (rule.limit, rule.is_on))
            if not 0 <= limit <= LIMIT_MOST:
                raise DomainError("limit_bounds", _("请写 0 到 100000 之间的数"), field=f"limit_{rule.key}")
            if (limit, is_on) != (rule.limit, rule.is_on):
                before = rule.limit
                rule.limit, rule.is_on, rule.changed_at, rule.changed_by, rule.why = limit, is_on, at, actor.user, why
                changed.append((rule, before))
        if not changed:
            raise DomainError("nothing_changed", _("没有改动"))
        if not why:
            raise DomainError("reason_required", REASON_MISSING, field="reason")
        WatchRule.objects.bulk_update(
            [rule for rule, _before in changed], ["limit", "is_on", "changed_at", "changed_by", "why"]
        )
        publish_many(_changed(rule, before, actor, at) for rule, before in changed)
    return [rule for rule, _before in changed]


def _found(finding: Finding, at: datetime) -> NewEvent:
    payload = {"rule": finding.rule.key, "user_id": finding.person_id, "count": finding.count}
    return NewEvent(event_type=events.FINDING_MADE, subject=finding, actor=SYSTEM, payload=payload, at=at)


def _changed(rule: WatchRule, before: int, actor: Any, at: datetime) -> NewEvent:
    payload = {"rule": rule.key, "limit_before": before, "limit": rule.limit, "is_on": rule.is_on}
    return NewEvent(event_type=events.WATCH_CHANGED, subject=rule, actor=actor, payload=payload, at=at)
