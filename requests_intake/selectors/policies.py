"""Deadline policies as their pages show them: which version is in force, what each limit means on a day one chooses."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from governance.errors import DomainError
from governance.worktime import Calendar, Duration, Line, Unit, add, calendar_current, explain
from requests_intake.models import Category, DeadlinePolicy
from requests_intake.services.clocks import Limits, limits_of
from requests_intake.workflow import LIMIT_KINDS, ClockKind

UNIT_CHOICES = [
    (Unit.NATURAL_HOUR.value, _("小时（昼夜都算）")),
    (Unit.NATURAL_DAY.value, _("天（周末和节假日都算）")),
    (Unit.WORKING_HOUR.value, _("工作小时")),
    (Unit.WORKING_DAY.value, _("工作日")),
]


@dataclass(frozen=True, slots=True)
class LimitRow:
    """One limit: what is timed, from when, how long; `is_default` where the policy itself says nothing."""

    label: str | Promise
    text: str
    is_default: bool = False


@dataclass(frozen=True, slots=True)
class PolicyVersion:
    """One version. `state` is "now", "later" or "past"."""

    policy: DeadlinePolicy
    state: str
    limits: list[LimitRow]


@dataclass(frozen=True, slots=True)
class PolicyRow:
    """One policy of the list: the version in force (None before its first day), one that is to come, who uses it."""

    key: str
    current: PolicyVersion | None
    coming: PolicyVersion | None
    categories: int

    @property
    def shown(self) -> PolicyVersion:
        """The version that the list describes."""
        found = self.current or self.coming
        assert found is not None  # noqa: S101  a key without a version has no row
        return found


@dataclass(frozen=True, slots=True)
class Trial:
    """When one limit would end, line by line; `problem` instead where the working calendar does not reach."""

    kind: ClockKind
    label: str | Promise
    due_at: datetime | None
    lines: list[Line]
    problem: str = ""


def limit_text(limit: Duration) -> str:
    """Return "7 天", "2 个工作小时", in the language of the page."""
    n = limit.amount
    texts = {
        Unit.NATURAL_HOUR: ngettext("%(n)s 小时", "%(n)s 小时", n),
        Unit.NATURAL_DAY: ngettext("%(n)s 天", "%(n)s 天", n),
        Unit.WORKING_HOUR: ngettext("%(n)s 个工作小时", "%(n)s 个工作小时", n),
        Unit.WORKING_DAY: ngettext("%(n)s 个工作日", "%(n)s 个工作日", n),
    }
    return texts[limit.unit] % {"n": n}


def policy_rows(today: date) -> list[PolicyRow]:
    """Return all policies by key: 4 SQL statements."""
    using = dict(
        Category.objects.filter(is_active=True)
        .order_by()
        .values_list("policy_key")
        .annotate(number=Count("pk"))
        .values_list("policy_key", "number")
    )
    by_key: dict[str, list[DeadlinePolicy]] = {}
    for policy in DeadlinePolicy.objects.prefetch_related("clocks", "stages").order_by("key", "-version"):
        by_key.setdefault(policy.key, []).append(policy)
    return [_row(key, versions, today, using.get(key, 0)) for key, versions in by_key.items()]


def policy_versions(key: str, today: date) -> list[PolicyVersion]:
    """Return the versions of one policy, newest first, with who made them: 3 SQL; empty for an unknown key."""
    found = list(
        DeadlinePolicy.objects.filter(key=key)
        .select_related("made_by")
        .prefetch_related("clocks", "stages")
        .order_by("-version")
    )
    return _versions(found, today)


def policy_choices() -> list[tuple[str, str]]:
    """Return (key, name) of every policy, for choosing one: 1 SQL."""
    newest = DeadlinePolicy.objects.order_by("key", "-version").distinct("key")
    return [(policy.key, policy.label) for policy in newest]


def policy_trial(policy: DeadlinePolicy, start: datetime) -> list[Trial]:
    """Return when each limit of a version would end, were its clock started at `start`."""
    calendar, limits = calendar_current(), _limits(policy)
    timed: list[tuple[ClockKind, str | Promise, Duration]] = []
    for kind in LIMIT_KINDS:
        if kind is ClockKind.ANSWER:
            timed += [(ClockKind.STAGE, stage.label, stage.duration) for stage in policy.stages.all()]
        if kind in limits.durations:
            timed.append((kind, kind.label, limits.durations[kind]))
    return [_trial(kind, label, limit, start, calendar) for kind, label, limit in timed]


def _trial(kind: ClockKind, label: str | Promise, limit: Duration, start: datetime, calendar: Calendar) -> Trial:
    try:
        return Trial(kind, label, add(start, limit, calendar), explain(start, limit, calendar))
    except DomainError as error:  # the calendar ends before the limit does
        return Trial(kind, label, None, [], str(error))


def _limits(policy: DeadlinePolicy) -> Limits:
    return limits_of(sorted(policy.clocks.all(), key=lambda clock: clock.pk))


def _row(key: str, versions: list[DeadlinePolicy], today: date, categories: int) -> PolicyRow:
    shown = _versions(versions, today)
    return PolicyRow(
        key=key,
        current=next((one for one in shown if one.state == "now"), None),
        coming=next((one for one in shown if one.state == "later"), None),
        categories=categories,
    )


def _versions(newest_first: list[DeadlinePolicy], today: date) -> list[PolicyVersion]:
    versions, in_force = [], False
    for policy in newest_first:
        state = "later" if policy.valid_from > today else "past" if in_force else "now"
        in_force = in_force or state == "now"
        versions.append(PolicyVersion(policy, state, _limit_rows(policy)))
    return versions


def _limit_rows(policy: DeadlinePolicy) -> list[LimitRow]:
    own = {clock.kind for clock in policy.clocks.all()}
    durations = _limits(policy).durations if own else {}
    rows: list[LimitRow] = []
    for kind in LIMIT_KINDS:
        if kind is ClockKind.ANSWER:
            rows += [LimitRow(stage.label, limit_text(stage.duration)) for stage in policy.stages.all()]
        if kind in durations:
            rows.append(LimitRow(kind.label, limit_text(durations[kind]), kind not in own))
    return rows
