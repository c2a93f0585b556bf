"""Asking the dispatch rules: the first one that fits says whom to suggest. Kept in the process for a minute.

Rules are found by the prefixes of category and area, of which a district uses a handful of lengths, so that asking
some hundred rules costs a few look-ups; the other conditions are looked at only for the rules found.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time
from functools import lru_cache
from time import monotonic

import structlog

from governance.errors import DomainError
from governance.organisations.models import Organisation
from governance.worktime import Calendar, calendar_current
from requests_intake.models import DispatchRule, RequestKind, RuleHours, ServiceRequest

log = structlog.get_logger(__name__)

_CACHE_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Matter:
    """What a rule looks at: of a request, or of one that is about to be filed. `at`: when it came in."""

    category_code: str
    area_code: str
    at: datetime
    kind: str = ""
    channel: str = ""
    words: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """One rule as it is asked; `rank` is its place in the order."""

    pk: int
    rank: int
    category_prefix: str
    area_prefix: str
    kinds: frozenset[str]
    channels: frozenset[str]
    words: tuple[str, ...]
    hours: str
    span: tuple[time, time] | None
    organisation_id: int
    acts: bool = False

    @property
    def is_plain(self) -> bool:
        """Whether it looks at category and area only."""
        return not (self.kinds or self.channels or self.words or self.span) and self.hours == RuleHours.ANY

    @property
    def fits_all(self) -> bool:
        """Whether it fits whatever comes."""
        return self.is_plain and not self.category_prefix and not self.area_prefix

    def fits(self, matter: Matter, calendar: Calendar) -> bool:
        """Whether all conditions but the prefixes are met. Raises `HorizonPassed` where the calendar does not reach."""
        return (
            (not self.kinds or matter.kind in self.kinds)
            and (not self.channels or matter.channel in self.channels)
            and (not self.words or any(word in matter.words for word in self.words))
            and (self.span is None or _within(self.span, calendar.local(matter.at).time()))
            and (self.hours == RuleHours.ANY or (self.hours == RuleHours.OFFICE) == is_open(matter.at, calendar))
        )

    def covers(self, other: "Asked") -> bool:
        """Whether whatever fits the other rule fits this one, too, as far as can be seen from the conditions."""
        return (
            other.category_prefix.startswith(self.category_prefix)
            and other.area_prefix.startswith(self.area_prefix)
            and (not self.kinds or (bool(other.kinds) and other.kinds <= self.kinds))
            and (not self.channels or (bool(other.channels) and other.channels <= self.channels))
            and (not self.words or (bool(other.words) and set(other.words) <= set(self.words)))
            and (self.hours == RuleHours.ANY or other.hours == self.hours)
            and (self.span is None or other.span == self.span)
        )


def is_open(at: datetime, calendar: Calendar) -> bool:
    """Whether the offices were open at a moment. Raises `HorizonPassed` where the calendar does not reach."""
    day = calendar.local(at).date()
    return calendar.is_workday(day) and any(opens <= at < closes for opens, closes in calendar.periods(day))


def _within(span: tuple[time, time], moment: time) -> bool:
    begin, end = span
    return begin <= moment < end if begin <= end else moment >= begin or moment < end


@dataclass(frozen=True, slots=True)
class Answer:
    """What the rules say: the rule that fits first, if one does, and those that could not be asked."""

    rule: Asked | None
    broken: list[int] = field(default_factory=list)


class RuleBook:
    """Rules in their order, found by prefix."""

    def __init__(self, rules: Sequence[Asked]) -> None:
        self.rules = list(rules)
        self._by_prefix: dict[tuple[str, str], list[Asked]] = {}
        for rule in rules:
            self._by_prefix.setdefault((rule.category_prefix, rule.area_prefix), []).append(rule)
        self._category_lengths = sorted({len(category) for category, _area in self._by_prefix})
        self._area_lengths = sorted({len(area) for _category, area in self._by_prefix})

    def first(self, matter: Matter, calendar: Calendar) -> Answer:
        """Return the first rule that fits. A rule that fails is passed over and named: it must not stop a request."""
        broken: list[int] = []
        for rule in self.in_question(matter.category_code, matter.area_code):
            try:
                if rule.is_plain or rule.fits(matter, calendar):
                    return Answer(rule, broken)
            except DomainError as error:  # the calendar has run out
                log.warning("dispatch_rule_failed", rule=rule.pk, error=error.code)
                broken.append(rule.pk)
        return Answer(None, broken)

    def in_question(self, category_code: str, area_code: str) -> list[Asked]:
        """Return the rules whose prefixes fit, in order."""
        found: list[Asked] = []
        for category_length in self._category_lengths:
            if category_length > len(category_code):
                break
            category = category_code[:category_length]
            for area_length in self._area_lengths:
                if area_length > len(area_code):
                    break
                found += self._by_prefix.get((category, area_code[:area_length]), ())
        if len(found) > 1:
            found.sort(key=_rank)
        return found

    def shadowing(self, rule: Asked) -> Asked | None:
        """Return an earlier rule that takes whatever this one fits, or None."""
        before = self.in_question(rule.category_prefix, rule.area_prefix)
        return next((one for one in before if one.rank < rule.rank and one.covers(rule)), None)


def matter_of(request: ServiceRequest) -> Matter:
    """Return what the rules look at of a request, with the category it has now."""
    return Matter(
        category_code=request.category.code if request.category else "",
        area_code=request.area_code,
        at=request.submitted_at,
        kind=request.kind,
        channel=request.channel,
        words=request.body,
    )


def for_people(request: ServiceRequest) -> bool:
    """Whether people look at this first, whatever the rules say.

    A report of a violation, what lies outside the district, and what has no item or one for 110.
    """
    return (
        request.kind == RequestKind.TIP_OFF
        or request.is_outside_district
        or request.category is None
        or bool(request.category.stop_text)
    )


def rule_sends(request: ServiceRequest) -> Organisation | None:
    """To whom a rule dispatches this request, just accepted for the first time; None where people do.

    For the page that comes before it is done. 0 SQL, 1 where a rule acts, while this process knows the rules.
    """
    if request.waiting_for or request.reopen_count or request.is_designated or for_people(request):
        return None
    rule = ask_rules(matter_of(request)).rule
    return Organisation.objects.filter(pk=rule.organisation_id).first() if rule is not None and rule.acts else None


def _rank(rule: Asked) -> int:
    return rule.rank


def rule_book(also: DispatchRule | None = None) -> RuleBook:
    """Return the rules in use, read now: 1 SQL. `also`: one more, as if it were in use."""
    rows = DispatchRule.objects.filter(is_active=True, organisation__is_active=True)
    found = list(rows)
    if also is not None and also.pk not in {row.pk for row in found}:
        found.append(also)
    return RuleBook(asked_of(found))


def asked_of(rows: Iterable[DispatchRule]) -> list[Asked]:
    """Return rows as rules that can be asked, in their order: by position, then the more specific first."""
    ordered = sorted(
        rows, key=lambda row: (row.position, -len(row.category_prefix), -len(row.area_prefix), row.pk or 0)
    )
    return [
        Asked(
            pk=row.pk,
            rank=rank,
            category_prefix=row.category_prefix,
            area_prefix=row.area_prefix,
            kinds=frozenset(row.kinds),
            channels=frozenset(row.channels),
            words=tuple(row.words),
            hours=row.hours,
            span=(row.time_from, row.time_until) if row.time_from and row.time_until else None,
            organisation_id=row.organisation_id,
            acts=row.acts,
        )
        for rank, row in enumerate(ordered)
    ]


@lru_cache(maxsize=2)
def _book(bucket: int) -> RuleBook:
    return rule_book()


def ask_rules(matter: Matter) -> Answer:
    """Ask the rules in use. 0 SQL while this process read them within the last minute."""
    return _book(int(monotonic() // _CACHE_SECONDS)).first(matter, calendar_current())


def rules_forget() -> None:
    """Forget the kept rules (after an edit, and in tests)."""
    _book.cache_clear()
