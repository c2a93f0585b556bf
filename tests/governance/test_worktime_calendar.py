"""The working calendar in the database: filling, editing, horizon; checked against an independent day list."""

import csv
from datetime import date, time, timedelta
from io import StringIO
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command
from django.db import transaction

from governance.errors import DomainError, constraint_errors
from governance.worktime import calendar_current, calendar_forget
from governance.worktime.models import CalendarDay, Source
from governance.worktime.published_days import days_of
from governance.worktime.selectors import horizon_of, parse_hours
from governance.worktime.services import calendar_day_set, calendar_fill
from tests.sql import assert_sql


@pytest.fixture(autouse=True)
def _fresh_calendar():
    calendar_forget()
    yield
    calendar_forget()


def test_agrees_with_an_independent_list_of_twenty_years(data_dir):
    with (data_dir / "holidays" / "cn_days_2004_2026.csv").open(encoding="utf-8", newline="") as file:
        listed = {date.fromisoformat(row["date"]): row["kind"] == "makeup_workday" for row in csv.DictReader(file)}
    days = [day for year in range(2007, 2027) for day in days_of(year)]
    assert len(days) == 20 * 365 + 5
    assert [day.date for day in days if day.is_workday != listed.get(day.date, day.date.weekday() < 5)] == []
    assert not any(day.is_estimate for day in days)
    assert all(day.name for day in days if day.date in listed)


def test_the_notice_for_2026():
    """The six make-up days, and the holiday each belongs to (a September Sunday makes up for October)."""
    made_up = {day.date: day.name for day in days_of(2026) if day.is_workday and day.date.weekday() >= 5}
    assert made_up == {
        date(2026, 1, 4): "元旦调休上班",
        date(2026, 2, 14): "春节调休上班",
        date(2026, 2, 28): "春节调休上班",
        date(2026, 5, 9): "劳动节调休上班",
        date(2026, 9, 20): "国庆节调休上班",
        date(2026, 10, 10): "国庆节调休上班",
    }
    spring = [day for day in days_of(2026) if day.name == "春节"]
    assert [day.date for day in spring] == [date(2026, 2, 15) + timedelta(days=number) for number in range(9)]
    assert {day.name_en for day in spring} == {"Spring Festival"}


@pytest.mark.django_db
def test_filling_marks_years_without_notice_as_estimates():
    assert calendar_fill(year=2026) == (365, 0)
    assert calendar_fill(year=2027) == (365, 0)
    assert set(CalendarDay.objects.filter(date__year=2026).values_list("source", flat=True)) == {Source.PUBLISHED}
    assert set(CalendarDay.objects.filter(date__year=2027).values_list("source", flat=True)) == {Source.ESTIMATE}
    calendar = calendar_current()
    assert (calendar.confirmed, calendar.horizon) == (date(2026, 12, 31), date(2027, 12, 31))


@pytest.mark.django_db
def test_filling_keeps_rows_edited_by_hand_and_replaces_others():
    calendar_fill(year=2026)
    calendar_day_set(day=date(2026, 11, 20), is_workday=False, name="台风停工", name_en="Typhoon")
    CalendarDay.objects.filter(date=date(2026, 11, 23)).update(is_workday=False)
    assert calendar_fill(year=2026) == (364, 1)
    rows = {row.date: row for row in CalendarDay.objects.filter(date__month=11)}
    assert (rows[date(2026, 11, 20)].is_workday, rows[date(2026, 11, 20)].source) == (False, Source.MANUAL)
    assert rows[date(2026, 11, 23)].is_workday
    assert CalendarDay.objects.count() == 365


@pytest.mark.django_db
def test_the_calendar_is_read_once_and_again_after_a_change():
    calendar_fill(year=2026)
    with assert_sql(1):
        calendar = calendar_current()
    with assert_sql(0):
        assert calendar_current() is calendar
    assert calendar.zone == ZoneInfo("Asia/Shanghai")
    assert calendar.hours == ((time(8, 30), time(12)), (time(13, 30), time(18)))
    assert calendar.is_workday(date(2026, 11, 20))
    assert calendar.names[date(2026, 10, 1)] == ("国庆节", "National Day")
    calendar_day_set(day=date(2026, 11, 20), is_workday=False, name="", name_en="")
    assert not calendar_current().is_workday(date(2026, 11, 20))


@pytest.mark.django_db
def test_the_calendar_is_read_again_after_a_minute(monkeypatch):
    clock = [1000.0]
    monkeypatch.setattr("governance.worktime.selectors.monotonic", lambda: clock[0])
    calendar = calendar_current()
    assert calendar.horizon == date.min
    clock[0] += 60
    assert calendar_current() is calendar
    clock[0] += 1
    assert calendar_current() is not calendar


def test_the_horizon_is_the_end_of_an_unbroken_year():
    start = date(2025, 1, 1)
    two_years = [start + timedelta(days=number) for number in range(730)]
    assert horizon_of(two_years) == date(2026, 12, 31)
    assert horizon_of([*two_years, date(2028, 5, 1)]) == date(2026, 12, 31)
    assert horizon_of([date(2020, 1, 1), *two_years]) == date(2026, 12, 31)
    assert horizon_of([day for day in two_years if day != date(2026, 6, 1)]) == date(2026, 5, 31)
    assert horizon_of(two_years[:364]) == date.min
    assert horizon_of([]) == date.min


@pytest.mark.django_db
def test_a_day_exists_once():
    CalendarDay.objects.create(date=date(2026, 1, 1), is_workday=False, source=Source.MANUAL)
    with pytest.raises(DomainError) as caught, constraint_errors(), transaction.atomic():
        CalendarDay.objects.create(date=date(2026, 1, 1), is_workday=True, source=Source.MANUAL)
    assert (caught.value.code, caught.value.field) == ("calendarday_date", "date")
    assert str(caught.value) == "日历里已经有这一天"


@pytest.mark.django_db
def test_commands():
    out, err = StringIO(), StringIO()
    call_command("worktime_fill", "2025", "2026", "2027", stdout=out, stderr=err)
    assert "2026: 365 days written, 0 edited by hand kept" in out.getvalue()
    assert "reaches 2027-12-31" in out.getvalue()
    assert "2026-12-31 are estimates" in err.getvalue()
    call_command("worktime_day", "2027-02-11", "rest", "--name", "春节", stdout=out)
    row = CalendarDay.objects.get(date=date(2027, 2, 11))
    assert (row.is_workday, row.name, row.source) == (False, "春节", Source.MANUAL)


def test_office_hours_come_from_settings(settings, db):
    settings.OFFICE_HOURS = "09:00-17:30"
    assert calendar_current().hours == ((time(9), time(17, 30)),)
    assert parse_hours("08:30-12:00, 14:00-17:30") == ((time(8, 30), time(12)), (time(14), time(17, 30)))
    with pytest.raises(ValueError, match="not enough values"):
        parse_hours("nine to five")
