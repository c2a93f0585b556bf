"""Where: the areas one level below, the map of grids, and who waits longest."""

from collections.abc import Mapping
from typing import Any

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from governance.access import areas
from governance.access.viewer import Viewer
from governance.dashboards.figures import count_change, rate
from governance.dashboards.periods import Period
from governance.dashboards.registry import Panel
from requests_intake.panels.rows import cases, of_period, rows_url
from requests_intake.permissions import Capability
from requests_intake.selectors.metrics import (
    count_waiting,
    local_day,
    longest_waiting,
    open_by_area,
    scope,
)
from requests_intake.selectors.rollups import Waiting, read, waiting_by_area, windowed_lines
from requests_intake.selectors.sight import covered_all

_GRID, _COMMUNITY = 15, 12
_NONE = Waiting(0, 0)


class AreasPanel(Panel):
    """One row for each area a level below; its name goes down to it."""

    key = "intake-areas"
    title = _("下面各处")
    capability = Capability.VIEW_REQUEST
    order = 40
    span = 12
    flush = True
    lazy = True
    wall = True
    template = "requests_intake/panels/areas.html"

    @staticmethod
    def sheet(context: Mapping[str, Any]) -> Any:
        """A line an area."""
        names = ("code", "label", "open", "late", "new", "valid", "solved", "rate")
        titles = [
            gettext("编码"), gettext("哪里"), gettext("未办结"), gettext("超期"), gettext("新收"), gettext("有效回访"),
            gettext("解决了"), gettext("解决率"),
        ]  # fmt: skip
        return titles, [[row[name] for name in names] for row in context["rows"]]

    def data(self, viewer: Viewer, area: str, period: Period) -> Mapping[str, Any]:
        """Return the areas, those with the most late first: 5 SQL."""
        inside = scope(viewer, area)
        named = dict(areas.children(area)) if area else areas.names(inside)
        codes = [code for code in named if any(code.startswith(own) for own in inside)]
        now = waiting_by_area(codes, period.at)
        counts = _counts(codes, local_day(period.start), local_day(period.end))
        before = period.before
        last = {line.area: line.value for line in windowed_lines(codes, ["new"], before.start, before.end)}
        rows: list[dict[str, Any]] = []
        for code in codes:
            waiting, found = now.get(code, _NONE), counts.get(code, {})
            new, valid, solved = (found.get(name, 0) for name in ("new", "valid", "solved"))
            rows.append(
                {
                    "code": code,
                    "label": named[code],
                    "down": f"{reverse('dashboards:overview')}?{urlencode({'area': code, **dict(period.query)})}",
                    "open": waiting.open,
                    "open_url": rows_url(code, view="open"),
                    "late": waiting.late,
                    "late_url": rows_url(code, view="overdue"),
                    "new": new,
                    "new_url": rows_url(code, view="all", **of_period(period, "")),
                    "change": count_change(new, last.get(code, 0), period, cases(abs(new - last.get(code, 0)))),
                    "valid": valid,
                    "solved": solved,
                    "rate": round(rate(solved, valid) or 0, 1) if valid else None,
                    "solved_url": rows_url(code, view="all", rated="solved", **of_period(period, "rated")),
                }
            )
        rows.sort(key=lambda row: (-row["late"], -row["open"], row["code"]))
        return {"rows": rows}


def _counts(codes: list[str], since: Any, until: Any) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for line in read(codes, ["new", "valid", "solved"], since=since, until=until, by_area=True):
        sums = found.setdefault(line.area, {})
        sums[line.series] = sums.get(line.series, 0) + line.value
    return found


class MapPanel(Panel):
    """Open requests by grid; the table beside the map is its source."""

    key = "intake-map"
    title = _("哪里还没办完")
    capability = Capability.VIEW_REQUEST
    order = 45
    span = 12
    lazy = True
    template = "requests_intake/panels/map.html"

    def data(self, viewer: Viewer, area: str, period: Period) -> Mapping[str, Any]:
        """Return one row for every grid of the area, busiest first, and what has no grid: 5 SQL."""
        inside = scope(viewer, area)
        names: dict[str, str] = {}
        for code in inside:
            names |= dict(areas.below(code[:_COMMUNITY]))
        grids = [code for code in names if len(code) == _GRID and any(code.startswith(own) for own in inside)]
        counts = open_by_area(viewer, area, grids)
        communities = areas.names({code[:_COMMUNITY] for code in grids})
        rows = [
            {
                "code": code,
                "name": f"{communities.get(code[:_COMMUNITY], '')} {names[code]}".strip(),
                "value": counts.get(code, 0),
                "url": rows_url(code, view="open"),
            }
            for code in sorted(grids, key=lambda code: (-counts.get(code, 0), code))
        ]
        return {
            "rows": rows,
            "without_grid": count_waiting(inside, period.at).open - sum(counts.values()),
            "without_url": rows_url(area, view="open", gridless="true"),
            "area": area,
        }


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
        rows = longest_waiting(viewer, area, period.at)
        covered_all(rows, viewer)
        return {"rows": rows, "all_url": rows_url(area, view="overdue"), "now": period.at}
