"""What the panels share: addresses of the rows that a figure counts, and shares as bars."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from governance.dashboards.periods import Period
from governance.worktime.days import midnight


def cases(count: int) -> str:
    """The unit of a count of requests."""
    return ngettext("件", "件", count)


def rows_url(area: str, **query: Any) -> str:
    """Address of the list that shows exactly what a figure counts; days count from their local midnight."""
    values = {key: _text(value) for key, value in query.items() if value is not None and value != ""}
    return f"{reverse('intake:queue')}?{urlencode({**values, **({'area': area} if area else {})})}"


def _text(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, date):
        return midnight(value).isoformat()
    return str(value)


def of_period(period: Period, name: str) -> dict[str, datetime]:
    """The window of a period as conditions on `name`: since and until."""
    prefix = f"{name}_" if name else ""
    return {f"{prefix}since": period.start, f"{prefix}until": period.end}


@dataclass(frozen=True, slots=True)
class Bar:
    """A line of a table with a bar: the number, its share of the largest (0 to 20, for the width), its rows."""

    label: str | Promise
    value: int
    width: int
    url: str = ""
    late: bool = False


def bars(lines: Sequence[tuple[str | Promise, int, str]]) -> list[Bar]:
    """Return lines with bars drawn to one scale."""
    most = max((value for _label, value, _url in lines), default=0)
    return [Bar(label, value, round(20 * value / most) if most else 0, url) for label, value, url in lines]


def bars_sheet(context: Mapping[str, Any]) -> Any:
    """The export of a table with bars, with those that the page folds away."""
    return [context["name"], _("件")], [(bar.label, bar.value) for bar in (*context["bars"], *context.get("rest", ()))]


def largest(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    """Return (key, count), the largest first."""
    return sorted(((key, value) for key, value in counts.items() if value), key=lambda pair: (-pair[1], pair[0]))
