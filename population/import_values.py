"""Cells of tables as values."""

import re
from datetime import date, timedelta

_DATE = re.compile(r"^(\d{4})[-/.年]?(\d{1,2})[-/.月]?(\d{1,2})日?(?: 00:00:00)?$")


def day_of(text: str) -> date | None:
    """A day, however it is written."""
    text = text.strip()
    if text.isascii() and text.isdecimal() and 3 <= len(text) <= 5:
        return date(1899, 12, 30) + timedelta(days=int(text))
    match = _DATE.match(text)
    if match is None:
        return None
    try:
        return date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        return None
