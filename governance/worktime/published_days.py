"""The days of a year as the State Council's notices have them, from the `holidays` package.

The package names substituted days after the make-up day they are swapped with and leaves weekends inside a holiday
unnamed; here every day of a holiday bears the holiday's name, as in the notice. A year whose notice is not out yet is
known by having no make-up days at all: its days are estimates.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

import holidays

_SWAPPED_WITH = re.compile(r"由 (\d{4}-\d{2}-\d{2}) 调休")
_REMARK = re.compile(r"（.*?）")
_EVE = "农历除夕"
_ENGLISH = {
    "元旦": "New Year's Day",
    "春节": "Spring Festival",
    "清明节": "Tomb-Sweeping Day",
    "劳动节": "Labour Day",
    "端午节": "Dragon Boat Festival",
    "中秋节": "Mid-Autumn Festival",
    "国庆节": "National Day",
}


@dataclass(frozen=True)
class PublishedDay:
    """One date: whether it is worked, and the holiday's name if it belongs to one or makes up for one."""

    date: date
    is_workday: bool
    name: str
    name_en: str
    is_estimate: bool


def days_of(year: int) -> list[PublishedDay]:
    """Return every day of a year, in order."""
    package = holidays.country_holidays("CN", years=[year - 1, year, year + 1], language="zh_CN")
    made_up = set(package.weekend_workdays)
    is_estimate = not any(day.year == year for day in made_up)
    span = [date(year, 1, 1) - timedelta(days=31) + timedelta(days=number) for number in range(366 + 62)]
    rest_names: dict[date, str] = {}
    make_up_names: dict[date, str] = {}
    for is_rest, run in groupby(span, lambda day: day not in made_up and (day.weekday() >= 5 or day in package)):
        if is_rest:
            for day, name, swapped_with in _named_run(list(run), package):
                rest_names[day] = name
                if swapped_with:
                    make_up_names[swapped_with] = name
    return [
        _published(day, rest_names.get(day), make_up_names.get(day, ""), is_estimate)
        for day in span
        if day.year == year
    ]


def _named_run(run: list[date], package: holidays.HolidayBase) -> Iterator[tuple[date, str, date | None]]:
    """Give each rest day of an unbroken run its holiday's name: its own, else the last one before, else the next."""
    own = {day: _holiday_names(package.get(day) or "") for day in run}
    current = next((name for name in own.values() if name), "")
    for day in run:
        current = own[day] or current
        swapped = _SWAPPED_WITH.search(package.get(day) or "")
        yield day, current, date.fromisoformat(swapped[1]) if swapped else None


def _holiday_names(label: str) -> str:
    if _SWAPPED_WITH.search(label):
        return ""
    names = (_REMARK.sub("", part).strip() for part in re.split(r"[;；]", label))
    return "、".join(dict.fromkeys("春节" if name == _EVE else name for name in names if name))


def _published(day: date, rest_name: str | None, make_up_name: str, is_estimate: bool) -> PublishedDay:
    if rest_name is not None:
        return PublishedDay(day, False, rest_name, _english(rest_name), is_estimate)
    if day.weekday() >= 5:
        name = f"{make_up_name}调休上班"
        name_en = f"Make-up working day for {_english(make_up_name)}" if make_up_name else "Make-up working day"
        return PublishedDay(day, True, name, name_en, is_estimate)
    return PublishedDay(day, True, "", "", is_estimate)


def _english(name: str) -> str:
    return ", ".join(_ENGLISH.get(part, part) for part in name.split("、")) if name else ""
