"""Dates and spans of time the way people write them, in the active language.

Pure: the moment of looking (`now`) is an argument; only template tags read the clock.
"""

from datetime import date, datetime, timedelta
from functools import lru_cache

from django.utils import timezone
from django.utils.translation import get_language, gettext, ngettext, pgettext
from django.utils.translation import gettext_noop as _

WEEKDAYS = (_("周一"), _("周二"), _("周三"), _("周四"), _("周五"), _("周六"), _("周日"))
MONTHS = (
    _("1月"),
    _("2月"),
    _("3月"),
    _("4月"),
    _("5月"),
    _("6月"),
    _("7月"),
    _("8月"),
    _("9月"),
    _("10月"),
    _("11月"),
    _("12月"),
)
MINUTE, HOUR, DAY = 60, 3600, 86400


def _parts(day: date) -> dict[str, object]:
    return {
        "year": day.year,
        "month": gettext(MONTHS[day.month - 1]),
        "day": day.day,
        "weekday": gettext(WEEKDAYS[day.weekday()]),
    }


def _local(value: date) -> date:
    """Datetimes in local time, dates unchanged."""
    return timezone.localtime(value) if isinstance(value, datetime) else value


def _day_of(value: date) -> date:
    return value.date() if isinstance(value, datetime) else value


def clock_time(value: datetime) -> str:
    """18:00, local."""
    return f"{_local(value):%H:%M}"


def day_words(value: date, now: datetime) -> str:
    """11月19日（周四）; with the year when it is not this one."""
    day = _day_of(_local(value))
    if day.year == _day_of(_local(now)).year:
        return gettext("%(month)s%(day)d日（%(weekday)s）") % _parts(day)
    return gettext("%(year)d年%(month)s%(day)d日（%(weekday)s）") % _parts(day)


def date_words(value: date, now: datetime) -> str:
    """11月19日（周四）18:00; a plain date is written without a time."""
    words = day_words(value, now)
    if isinstance(value, datetime):
        return gettext("%(day)s%(time)s") % {"day": words, "time": clock_time(value)}
    return words


def short_words(value: date, now: datetime) -> str:
    """今天 18:00, 昨天 09:12, 明天 12:00, else 11月18日 15:30: for lists, where the day is near."""
    day, today = _day_of(_local(value)), _day_of(_local(now))
    near = {-1: gettext("昨天"), 0: gettext("今天"), 1: gettext("明天")}.get((day - today).days)
    if near is None:
        form = gettext("%(month)s%(day)d日") if day.year == today.year else gettext("%(year)d年%(month)s%(day)d日")
        near = form % _parts(day)
    if isinstance(value, datetime):
        return gettext("%(day)s %(time)s") % {"day": near, "time": clock_time(value)}
    return near


def _form(unit: str, count: int) -> str:
    if unit == "day":
        return ngettext("%(count)d 天", "%(count)d 天", count)
    if unit == "hour":
        return ngettext("%(count)d 小时", "%(count)d 小时", count)
    return ngettext("%(count)d 分", "%(count)d 分", count)


@lru_cache(maxsize=1024)
def _amount_in(language: str, unit: str, count: int) -> str:
    """Lists write the same amounts again and again: each is looked up once a language."""
    return _form(unit, count) % {"count": count}


def _amount(unit: str, count: int) -> str:
    return _amount_in(get_language() or "", unit, count)


def unit_forms() -> dict[str, str]:
    """Return the forms for one and for many of each unit, for the script that keeps badges fresh."""
    units = ("day", "hour", "minute")
    return {**{unit: _form(unit, 1) for unit in units}, **{f"{unit}s": _form(unit, 2) for unit in units}}


def span_words(span: timedelta, *, minutes: bool = True) -> str:
    """Two units at most: 2 天, 1 天 20 小时, 3 小时 40 分 (minutes only under ten hours), 25 分.

    Rounded down, so that a promise is never said to be longer than it is.
    """
    seconds = int(abs(span.total_seconds()))
    days, rest = divmod(seconds, DAY)
    hours, rest = divmod(rest, HOUR)
    left = rest // MINUTE
    if days >= 2:
        return _amount("day", days)
    if days:
        return f"{_amount('day', 1)} {_amount('hour', hours)}" if hours else _amount("day", 1)
    if hours:
        return (
            f"{_amount('hour', hours)} {_amount('minute', left)}"
            if minutes and hours < 10 and left
            else _amount("hour", hours)
        )
    return _amount("minute", max(left, 1))


def due_words(due: datetime, now: datetime, *, resident: bool = False) -> str:
    """剩 3 小时 40 分, or 超期 1 天 20 小时; to residents 还有… and 晚了…"""
    if due > now:
        words = span_words(due - now)
        return (gettext("还有 %(span)s") if resident else gettext("剩 %(span)s")) % {"span": words}
    words = span_words(now - due, minutes=False)
    return (gettext("晚了 %(span)s") if resident else gettext("超期 %(span)s")) % {"span": words}


def due_level(due: datetime, now: datetime, warn_at: datetime | None = None) -> str:
    """`late`, `soon` or `active`: soon from `warn_at` on (75 % of the time), or on the last day without one."""
    if due <= now:
        return "late"
    if warn_at is None:
        return "soon" if due - now < timedelta(days=1) else "active"
    return "soon" if now >= warn_at else "active"


def ago_words(value: datetime, now: datetime) -> str:
    """刚刚, 25 分前, 3 小时前; from the day before yesterday on, the date."""
    span = now - value
    if span < timedelta(minutes=1):
        return gettext("刚刚")
    if span < timedelta(days=2):
        return pgettext("time that passed", "%(span)s前") % {"span": span_words(span, minutes=False)}
    return short_words(value, now)
