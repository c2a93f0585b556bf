"""Dates and moments as text in the reader's language, made when they are shown."""

from datetime import date, datetime

from django.utils.dateformat import format as format_date
from django.utils.functional import Promise, lazy
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

# Django's date format characters; English wants "j M Y", "j M" and "j M".
_WITH_YEAR = pgettext_lazy("date format", "Y年n月j日")
_WITHOUT_YEAR = pgettext_lazy("date format", "n月j日")
_SAME_MONTH = pgettext_lazy("date format, second date of the same month", "j日")


def _render(value: date, pattern: str | Promise) -> str:
    return format_date(value, str(pattern))


_render_lazy = lazy(_render, str)


def date_text(day: date, *, with_year: bool = False) -> str | Promise:
    """Return 11月12日 or 2026年11月12日, lazily."""
    return _render_lazy(day, _WITH_YEAR if with_year else _WITHOUT_YEAR)


def moment_text(local: datetime, *, with_year: bool = False) -> str | Promise:
    """Return 11月12日 20:41, lazily, for a moment already in local time."""
    return format_lazy("{} {}", date_text(local, with_year=with_year), f"{local.hour}:{local:%M}")


def days_text(days: list[date], *, year: int) -> str | Promise:
    """Return one date, two dates, or the first and last of several that follow each other, lazily.

    The year is named where it is not `year`, and again when it changes.
    """
    begin, end = days[0], days[-1]
    first = date_text(begin, with_year=begin.year != year)
    if len(days) == 1:
        return first
    same_month = (begin.year, begin.month) == (end.year, end.month)
    last = _render_lazy(end, _SAME_MONTH) if same_month else date_text(end, with_year=end.year != begin.year)
    return format_lazy(_("{first}、{last}") if len(days) == 2 else _("{first}至{last}"), first=first, last=last)
