"""Dates as tables hold them: written in many ways, or as Excel's count of days."""

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone

_WRITTEN = re.compile(
    r"(?P<year>\d{4})\s*[-/.年]\s*(?P<month>\d{1,2})\s*[-/.月]\s*(?P<day>\d{1,2})\s*日?"
    r"(?:[\sT]*(?P<hour>\d{1,2})\s*[:：时点]\s*(?P<minute>\d{1,2})?\s*分?"
    r"(?:\s*[:：]?\s*(?P<second>\d{1,2})(?:\.\d+)?\s*秒?)?)?"
)
_PACKED = re.compile(
    r"(?P<year>20\d{2})(?P<month>\d{2})(?P<day>\d{2})(?:(?P<hour>\d{2})(?P<minute>\d{2})(?P<second>\d{2})?)?"
)
_SERIAL = re.compile(r"\d{5}(?:\.\d+)?")
_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001  Excel counts local days


def moment_of(text: str) -> datetime | None:
    """Return the moment that a cell names, read as local time; None for words that name none.

    Understands 2026-11-20 08:30, 2026/11/20, 2026年11月20日8时30分, 20261120083000 and Excel's serial numbers. A date
    without a time is the end of that day for nobody in particular: midnight at its beginning.
    """
    text = text.strip()
    if match := _WRITTEN.fullmatch(text) or _PACKED.fullmatch(text):
        parts = {name: int(value or 0) for name, value in match.groupdict().items()}
        try:
            return datetime(**parts, tzinfo=_zone())
        except ValueError:
            return None
    if _SERIAL.fullmatch(text):
        local = _EPOCH + timedelta(seconds=round(float(text) * 86_400))
        return local.replace(tzinfo=_zone())
    return None


def names_a_day(text: str) -> bool:
    """Whether a cell names a day without a time: a due date of that kind holds until the day ends."""
    text = text.strip()
    if match := _WRITTEN.fullmatch(text) or _PACKED.fullmatch(text):
        return match["hour"] is None
    return text.isdigit() and _SERIAL.fullmatch(text) is not None


def _zone() -> ZoneInfo:
    return ZoneInfo(timezone.get_default_timezone_name())
