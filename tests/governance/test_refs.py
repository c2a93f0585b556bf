"""References to any object, and what they mean to whom."""

from datetime import date

import pytest
from django.core.exceptions import ImproperlyConfigured

from governance import refs
from governance.refs import Described, RefKind, describe, describe_many, ref_of, register, resolve
from governance.worktime.models import CalendarDay, Source
from tests.sql import assert_sql


class NewYearOnly:
    """A viewer who may know of nothing but the first of January."""


def visible(viewer):
    days = CalendarDay.objects.all()
    return days.filter(date__month=1, date__day=1) if isinstance(viewer, NewYearOnly) else days


def label(day):
    return f"{day.date:%d.%m.}"


def url(day):
    return f"/day/{day.pk}/"


KIND = RefKind("worktime.calendarday", label, url, visible)


@pytest.fixture
def days(db, monkeypatch):
    monkeypatch.setattr(refs, "_kinds", {})
    register(KIND)
    return [
        CalendarDay.objects.create(date=date(2026, 1, day), is_workday=True, source=Source.MANUAL) for day in (1, 2)
    ]


def test_ref_of(days):
    assert ref_of(days[0]) == f"worktime.calendarday:{days[0].pk}"
    with pytest.raises(ValueError, match="unsaved"):
        ref_of(CalendarDay())


def test_resolves_what_the_viewer_may_see(days):
    with assert_sql(1):
        assert resolve(ref_of(days[1]), None) == days[1]
    assert resolve(ref_of(days[0]), NewYearOnly()) == days[0]
    assert resolve(ref_of(days[1]), NewYearOnly()) is None
    assert describe(ref_of(days[1]), None) == Described("02.01.", f"/day/{days[1].pk}/")
    assert describe(ref_of(days[1]), NewYearOnly()) is None


@pytest.mark.parametrize(
    "ref", ["", ":", "worktime.calendarday", "worktime.calendarday:", "worktime.calendarday:x", "grid.nothing:1"]
)
def test_nonsense_resolves_to_nothing(days, ref):
    assert resolve(ref, None) is None
    assert describe(ref, None) is None


@pytest.mark.parametrize("pk", ["0", "-1", "99999999999999999999999999"])
def test_gone_or_impossible_keys_resolve_to_nothing(days, pk):
    assert resolve(f"worktime.calendarday:{pk}", None) is None


def test_a_page_of_references_is_one_statement_a_kind(days):
    wanted = [ref_of(days[1]), "grid.nothing:1", ref_of(days[0]), "worktime.calendarday:0"]
    with assert_sql(1):
        found = describe_many(wanted, None)
    assert {ref: described.label for ref, described in found.items()} == {
        ref_of(days[0]): "01.01.",
        ref_of(days[1]): "02.01.",
    }
    assert set(describe_many(wanted, NewYearOnly())) == {ref_of(days[0])}
    with assert_sql(0):
        assert describe_many([], None) == {}


def test_a_kind_is_registered_once(days):
    register(KIND)
    with pytest.raises(ImproperlyConfigured, match="twice"):
        register(RefKind("worktime.calendarday", url, url, visible))
    assert refs.registered_kinds() == {"worktime.calendarday"}
