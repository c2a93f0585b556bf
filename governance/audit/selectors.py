"""Reads of the trail: events and looks at personal data, in one order of time."""

import re
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet
from django.utils import timezone, translation

from governance.access.models import User, UserKind
from governance.access.permissions import DUTIES, JOINT
from governance.audit.filters import TrailFilter
from governance.audit.merging import Merged
from governance.audit.models import Finding, WatchKey, WatchRule
from governance.audit.watch_words import CLOSES, OPENS
from governance.outbox.events import declared
from governance.outbox.models import DomainEvent
from governance.outbox.telling import TrailKind, code_text, subject_of, told, told_codes, words_of
from governance.privacy.models import AccessLog
from governance.refs import find, kind_of, ref_of
from governance.worktime import HorizonPassed, calendar_current
from governance.worktime.days import midnight

EVENT, LOOK = "event", "look"  # the two tables, in addresses
PEOPLE_FOUND = 20
ROWS_SHOWN = 100
LANGUAGES = ("zh-hans", "en")
_REF = re.compile(r"[a-z0-9_]+\.[a-z0-9_]+:[A-Za-z0-9-]{1,40}")
_PERSON = re.compile(r"/people/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})")


def trail(narrowed: TrailFilter) -> Merged:
    """Return the rows, events before looks in rank. For those who may read the trail: the caller asks."""
    return Merged([_events(narrowed), _looks(narrowed)])


def _events(narrowed: TrailFilter) -> "QuerySet[DomainEvent]":
    rows = DomainEvent.objects.select_related("actor")
    if narrowed.kind:
        rows = rows.filter(name__in=_names_of(narrowed.kind))
    if narrowed.people is not None:
        rows = rows.filter(actor__in=narrowed.people)
    if narrowed.words:
        rows = rows.filter(name__in=names_with(narrowed.words))
    return _within(rows, narrowed)


def _looks(narrowed: TrailFilter) -> "QuerySet[AccessLog]":
    rows = AccessLog.objects.select_related("user")
    if not narrowed.wants_reads:
        return rows.none()
    if narrowed.people is not None:
        rows = rows.filter(user__in=narrowed.people)
    if narrowed.words:
        codes = _with(narrowed.words, {code: code_text(code) for code in told_codes()})
        said = Q(purpose__icontains=narrowed.words) | Q(purpose__in=codes) | Q(fields__overlap=codes)
        rows = rows.filter(said)
    return _within(rows, narrowed)


def _within(rows: "QuerySet[DomainEvent] | QuerySet[AccessLog]", narrowed: TrailFilter) -> "QuerySet":  # type: ignore[type-arg]
    if narrowed.refs is not None:
        rows = rows.filter(subject_ref__in=narrowed.refs)
    if narrowed.since is not None:
        rows = rows.filter(at__gte=narrowed.since)
    if narrowed.until is not None:
        rows = rows.filter(at__lt=narrowed.until)
    return rows


def one_row(source: str, pk: int) -> DomainEvent | AccessLog | None:
    """Return a row with its seal by the name of its table and its key. 1 SQL."""
    if source == EVENT:
        return DomainEvent.objects.select_related("actor", "seal").filter(pk=pk).first()
    if source == LOOK:
        return AccessLog.objects.select_related("user", "seal").filter(pk=pk).first()
    return None


def _names_of(kind: str) -> list[str]:
    """All declared events of a kind, those without words among the ordinary ones."""
    return sorted(name for name in declared() | dict(told()) if words_of(name).kind == kind)


def names_with(words: str) -> list[str]:
    """Names of the events whose words, in either language, or whose name contain these."""
    return _with(words, {name: words_of(name).text for name in declared()})


def _with(words: str, texts: dict[str, object]) -> list[str]:
    wanted = words.casefold()
    found = {code for code in texts if wanted in code.casefold()}
    for language in LANGUAGES:
        with translation.override(language):
            found |= {code for code, text in texts.items() if wanted in str(text).casefold()}
    return sorted(found)


def people_named(words: str) -> list[int]:
    """At most 20 people of staff by name, number or address, closed accounts and the emergency one, too. 1 SQL."""
    named = Q(display_name__icontains=words) | Q(email__iexact=words) | Q(staff_no__iexact=words)
    people = User.objects.filter(named, kind__in=(UserKind.STAFF, UserKind.EMERGENCY))
    return list(people.order_by("display_name", "pk").values_list("pk", flat=True)[:PEOPLE_FOUND])


def refs_of(text: str) -> tuple[str, ...]:
    """References of the record that a pasted number, address or reference means, and of what belongs to it."""
    if _REF.fullmatch(text):
        return (text,)
    if (person := _PERSON.search(text)) is not None:
        pk = User.objects.filter(public_id=UUID(person[1])).values_list("pk", flat=True).first()
        return (f"{User._meta.label_lower}:{pk}",) if pk is not None else ()
    record = find(text)
    if record is None:
        return ()
    ref = ref_of(record)
    parts = subject_of(kind_of(ref)).parts
    return (ref, *(parts(record) if parts is not None else ()))


def kinds() -> list[tuple[str, str]]:
    """What a review can be narrowed to."""
    return [(kind.value, str(kind.label)) for kind in TrailKind]


# those whose work it is to look; residents looking at their own are none of them
_WATCHED = (UserKind.STAFF, UserKind.EMERGENCY, UserKind.PROGRAM)
_GRANTS = ("access.grant_given", "access.grant_extended", "access.grant_ended")
_WEIGHTY = (
    "access.role_changed",
    "access.duties_separated",
    "access.emergency_opened",
    "access.second_step_reset",
    "access.password_reset",
)


def counted(rule: WatchRule, since: datetime, until: datetime) -> list[tuple[int, str, int]]:
    """Return (person, record, how many) beyond the rule's limit from one midnight to the next. 1 SQL."""
    rows = _watched(rule.key, since, until)
    by = ["actor_id" if rows.model is DomainEvent else "user_id"]
    if rule.key == WatchKey.ONE_RECORD:
        by.append("subject_ref")
    found = rows.order_by().values_list(*by).annotate(n=Count("pk")).filter(n__gt=rule.limit)
    return [(row[0], row[1] if len(by) > 1 else "", row[-1]) for row in found]


def rows_behind(finding: Finding) -> list[DomainEvent | AccessLog]:
    """Return the rows that a finding counts, the newest first, at most 100. 1 SQL."""
    since = midnight(finding.day)
    rows = _watched(finding.rule.key, since, since + timedelta(days=1))
    if finding.record:
        rows = rows.filter(subject_ref=finding.record)
    if rows.model is DomainEvent:
        mine: Any = rows.filter(actor=finding.person).select_related("actor")
    else:
        mine = rows.filter(user=finding.person).select_related("user")
    return list(mine.order_by("-at", "-pk")[:ROWS_SHOWN])


def _watched(key: str, since: datetime, until: datetime) -> Any:
    looks = AccessLog.objects.filter(at__gte=since, at__lt=until, user__kind__in=_WATCHED)
    done = DomainEvent.objects.filter(at__gte=since, at__lt=until, actor__kind__in=_WATCHED)
    match key:
        case WatchKey.LOOKS | WatchKey.ONE_RECORD:
            return looks
        case WatchKey.OFF_HOURS:
            inside = Q(at__gte=since + timedelta(hours=OPENS), at__lt=since + timedelta(hours=CLOSES))
            return looks.exclude(inside) if _is_workday(timezone.localdate(since)) else looks
        case WatchKey.EXPORTS:
            return done.filter(name__in=_names_of(TrailKind.EXPORT))
        case WatchKey.RIGHTS:
            return done.filter(name__in=_GRANTS)
    given = Q(name="access.grant_given", payload__role__in=(*DUTIES, *JOINT))
    return done.filter(given | Q(name__in=_WEIGHTY))


def _is_workday(day: date) -> bool:
    try:
        return calendar_current().is_workday(day)
    except HorizonPassed:  # nobody has filled in that year yet; the calendar page says so loudly
        return day.weekday() < 5
