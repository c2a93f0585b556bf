"""What the address of a list of tasks says; what was not understood narrows nothing."""

import re
from collections.abc import Mapping
from datetime import date

from grid.task_lists import BURDEN, DONE, MINE, OPEN, WAITING, TaskWanted

_NUMBER, _AREA, _MONTH = re.compile(r"\d{1,9}"), re.compile(r"\d{6,17}"), re.compile(r"(\d{4})-(\d{2})")


def wanted_of(query: Mapping[str, str], usual: str) -> TaskWanted:
    """The list that an address names; `usual` where it names no view."""
    view, area = query.get("view", ""), query.get("area", "")
    return TaskWanted(
        view=view if view in (MINE, OPEN, WAITING, DONE, BURDEN) else usual,
        area=area if _AREA.fullmatch(area) else "",
        month=month_read(query.get("month", "")),
        organisation=_number(query.get("organisation", "")),
        duty=_number(query.get("duty", "")),
        forms_only=query.get("forms") == "1",
        known_only=query.get("known") == "1",
    )


def month_read(text: str) -> date | None:
    """First day of the month that "2026-10" names; None for anything else."""
    found = _MONTH.fullmatch(text)
    if found is None or not 1 <= int(found[2]) <= 12 or not 2000 <= int(found[1]) <= 2100:
        return None
    return date(int(found[1]), int(found[2]), 1)


def _number(text: str) -> int | None:
    return int(text) if _NUMBER.fullmatch(text) else None
