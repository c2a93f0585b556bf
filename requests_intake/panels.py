"""Panels of the overview: four figures, the map of grids, and who waits longest."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from governance.access import areas
from governance.access.viewer import Viewer
from governance.dashboards.figures import Figure, count_change, rate, rate_change
from governance.dashboards.periods import Period
from governance.dashboards.registry import Panel, register
from requests_intake.permissions import Capability
from requests_intake.selectors.metrics import (
    count_new,
    count_open,
    longest_waiting,
    open_by_area,
    three_rates,
)
from requests_intake.selectors.sight import covered_all

_GRID, _COMMUNITY = 15, 12


def _cases(count: int) -> str:
    return ngettext("件", "件", count)


def _rows(area: str, **query: Any) -> str:
    """Address of the list that shows exactly what a figure counts."""
    values = {key: value.isoformat() if isinstance(value, datetime) else value for key, value in query.items()}
    return f"{reverse('intake:queue')}?{urlencode({**values, 'area': area})}"


class FiguresPanel(Panel):
    """New, open, overdue, and the three rates."""

    key = "intake-figures"
    title = _("诉求")
    capability = Capability.VIEW_REQUEST
    order = 10
    span = 12
    frame = False
    template = "requests_intake/panels/figures.html"

    def data(self, viewer: Viewer, area: str, period: Period) -> Mapping[str, Any]:
        """Return the figures: 5 SQL statements."""
        new = count_new(viewer, area, period.start, period.end)
        before = count_new(viewer, area, period.before.start, period.before.end)
        waiting = count_open(viewer, area, period.at)
        rates = three_rates(viewer, area, period.start, period.end)
        earlier = three_rates(viewer, area, period.before.start, period.before.end)
        window = {"view": "all", "rated_since": period.start, "rated_until": period.end}
        figures = [
            Figure(
                label=_("新收"),
                value=new,
                unit=_cases(new),
                change=count_change(new, before, period, _cases(abs(new - before))),
                url=_rows(area, view="all", since=period.start, until=period.end),
            ),
            Figure(label=_("未办结"), value=waiting.total, unit=_cases(waiting.total), url=_rows(area, view="open")),
            Figure(
                label=_("超期"),
                value=waiting.overdue,
                unit=_cases(waiting.overdue),
                late=True,
                note=_("有人等得太久了") if waiting.overdue else _("没有人等过头"),
                url=_rows(area, view="overdue"),
            ),
        ]
        three = [
            Figure(
                label=label,
                value=rate(getattr(rates, part), rates.valid),
                unit="%",
                change=rate_change(
                    rate(getattr(rates, part), rates.valid), rate(getattr(earlier, part), earlier.valid), period
                ),
                note=f"{getattr(rates, part)} / {rates.valid}",
                url=_rows(area, rated=part, **window),
            )
            for label, part in ((_("响应率"), "contacted"), (_("解决率"), "solved"), (_("满意率"), "satisfied"))
        ]
        return {"figures": figures, "rates": three, "unrated": rates.unrated, "valid": rates.valid}


class MapPanel(Panel):
    """Open requests by grid; the table beside the map is its source."""

    key = "intake-map"
    title = _("哪里还没办完")
    capability = Capability.VIEW_REQUEST
    order = 20
    span = 7
    template = "requests_intake/panels/map.html"

    def data(self, viewer: Viewer, area: str, period: Period) -> Mapping[str, Any]:
        """Return one row for every grid of the area, busiest first, and what has no grid."""
        counts = open_by_area(viewer, area, _GRID)
        names = dict(areas.below(area[:_COMMUNITY])) if area else areas.names(counts)
        names |= areas.names({code[:_COMMUNITY] for code in [area, *names] if len(code) >= _COMMUNITY})
        grids = sorted(code for code in {*names, *counts} if len(code) == _GRID and code.startswith(area))
        rows = [
            {
                "code": code,
                "name": f"{names.get(code[:_COMMUNITY], '')} {names.get(code, code)}".strip(),
                "value": counts.get(code, 0),
                "url": _rows(code, view="open"),
            }
            for code in sorted(grids, key=lambda code: -counts.get(code, 0))
        ]
        return {
            "rows": rows,
            "without_grid": sum(counts.values()) - sum(counts.get(code, 0) for code in grids),
            "area": area,
        }


def _covered(rows: Any, viewer: Viewer) -> list[Any]:
    found = list(rows)
    covered_all(found, viewer)
    return found


class WaitingPanel(Panel):
    """Who waits longest."""

    key = "intake-waiting"
    title = _("等得最久的")
    capability = Capability.VIEW_REQUEST
    order = 30
    span = 5
    template = "requests_intake/panels/waiting.html"

    def data(self, viewer: Viewer, area: str, period: Period) -> Mapping[str, Any]:
        """Return up to eight overdue requests."""
        return {
            "rows": _covered(longest_waiting(viewer, area, period.at), viewer),
            "all_url": _rows(area, view="overdue"),
            "now": period.at,
        }


register(FiguresPanel())
register(MapPanel())
register(WaitingPanel())
