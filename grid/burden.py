"""The burden board: what communities were asked for in a month, against a year before and against their neighbours."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.db.models import Sum
from django.urls import reverse
from django.utils.translation import get_language

from grid.models import Area, BurdenCell, DutyItem
from grid.task_lists import BURDEN, month_after

MEASURES = ("asks", "forms", "known", "hours")
TOP = 10
MONTHS = 24
_SUMS = {name: Sum(name) for name in MEASURES}
Sums = Mapping[str, Any]
NOTHING: Sums = {"asks": 0, "forms": 0, "known": 0, "hours": Decimal(0)}


@dataclass(frozen=True, slots=True)
class Line:
    """One community: this month, the same month a year before, and where the rows are."""

    area: Area
    now: Sums
    before: Sums
    url: str


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asked, or for which duty (`label` "" for none), how much."""

    label: str
    sums: Sums
    url: str


@dataclass(frozen=True, slots=True)
class Board:
    """Everything that the page shows. `average` is what one community of the sub-district was asked for."""

    lines: list[Line]
    average: Sums
    average_before: Sums
    total: Sums
    organisations: list[Asker]
    duties: list[Asker]
    months: list[tuple[date, Sums, str]]


def rows_url(area: str, month: date, **more: Any) -> str:
    """Address of exactly the rows that a figure counts."""
    return f"{reverse('grid:tasks')}?{urlencode({'view': BURDEN, 'area': area, 'month': f'{month:%Y-%m}', **more})}"


def board_of(root: str, month: date, today: date) -> Board:
    """The board of a sub-district or of one community. 6 SQL, however much was asked."""
    street, year_before = root[:9], month_after(month, -12)
    communities = list(
        Area.objects.valid_on(today)
        .filter(code__startswith=street, level="community")
        .defer("geometry")
        .order_by("code")
    )
    cells = BurdenCell.objects.filter(area_code__startswith=street, month__in=(month, year_before)).order_by()
    sums = {(row["area_code"], row["month"]): row for row in cells.values("area_code", "month").annotate(**_SUMS)}
    lines = [
        Line(
            area,
            sums.get((area.code, month), NOTHING),
            sums.get((area.code, year_before), NOTHING),
            rows_url(area.code, month),
        )
        for area in communities
        if area.code.startswith(root)
    ]
    return Board(
        lines=lines,
        average=_average(sums, month, len(communities)),
        average_before=_average(sums, year_before, len(communities)),
        total=_added([line.now for line in lines]),
        organisations=_organisations(root, month),
        duties=_duties(root, month),
        months=_months(root, month),
    )


def _average(sums: Mapping[tuple[str, date], Sums], month: date, communities: int) -> Sums:
    total = _added([row for (_code, of), row in sums.items() if of == month])
    return {name: total[name] / Decimal(communities or 1) for name in MEASURES}


def _added(rows: list[Sums]) -> Sums:
    return {name: sum((row[name] for row in rows), NOTHING[name]) for name in MEASURES}


def _organisations(root: str, month: date) -> list[Asker]:
    cells = BurdenCell.objects.filter(area_code__startswith=root, month=month, asks__gt=0)
    rows = cells.values("organisation", "organisation__name", "organisation__name_en").annotate(**_SUMS)
    return [
        Asker(
            _label(row["organisation__name"], row["organisation__name_en"]),
            row,
            rows_url(root, month, organisation=row["organisation"]),
        )
        for row in rows.order_by("-hours", "organisation")[:TOP]
    ]


def _duties(root: str, month: date) -> list[Asker]:
    cells = BurdenCell.objects.filter(area_code__startswith=root, month=month, asks__gt=0)
    rows = list(cells.values("duty").annotate(**_SUMS).order_by("-hours", "duty")[:TOP])
    names = DutyItem.objects.in_bulk([row["duty"] for row in rows if row["duty"]])
    return [
        Asker(names[row["duty"]].label if row["duty"] else "", row, rows_url(root, month, duty=row["duty"] or 0))
        for row in rows
    ]


def _months(root: str, month: date) -> list[tuple[date, Sums, str]]:
    since = month_after(month, 1 - MONTHS)
    cells = BurdenCell.objects.filter(area_code__startswith=root, month__range=(since, month)).order_by()
    found = {row["month"]: row for row in cells.values("month").annotate(**_SUMS)}
    months = [month_after(since, number) for number in range(MONTHS)]
    return [(one, found.get(one, NOTHING), rows_url(root, one)) for one in months]


def _label(name: str, name_en: str) -> str:
    return name_en if name_en and get_language() == "en" else name
