"""Workload of the organisations: what each has, what is late, what came and went, and what people said."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from governance.access.viewer import Viewer
from governance.dashboards.figures import rate
from governance.dashboards.periods import Period
from governance.dashboards.registry import Panel
from governance.organisations.models import Organisation
from requests_intake.panels.rows import of_period, rows_url
from requests_intake.permissions import Capability
from requests_intake.selectors.metrics import local_day, scope
from requests_intake.selectors.rollups import Waiting, totals, waiting_by_office

SHOWN = 15
_NONE = Waiting(0, 0)
_KEY = "OFFICE"  # capitals stand nowhere else in these addresses


class OfficesPanel(Panel):
    """One row an organisation, those with the most late first. Organisations, never people."""

    key = "intake-offices"
    title = _("各单位手上的")
    capability = Capability.VIEW_REQUEST
    order = 50
    span = 12
    flush = True
    lazy = True
    template = "requests_intake/panels/offices.html"

    @staticmethod
    def sheet(context: Mapping[str, Any]) -> Any:
        """A line an organisation."""
        names = ("label", "open", "late", "sent", "ended", "valid", "solved", "rate")
        titles = [
            gettext("单位"), gettext("未办结"), gettext("超期"), gettext("派来"), gettext("已办结"),
            gettext("有效回访"), gettext("解决了"), gettext("解决率"),
        ]  # fmt: skip
        return titles, [[row[name] for name in names] for row in (*context["rows"], *context["more"])]

    def data(self, viewer: Viewer, area: str, period: Period) -> Mapping[str, Any]:
        """Return the organisations with something open, or something done in the period: 4 SQL."""
        inside = scope(viewer, area)
        now = waiting_by_office(inside, period.at)
        series = ["sent_office", "ended_office", "valid_office", "solved_office"]
        found = totals(inside, series, local_day(period.start), local_day(period.end))
        keys = {key for name in series for key in found.get(name, {})} | set(now)
        offices = Organisation.objects.in_bulk([int(key) for key in keys])
        urls = _urls(area, period)
        rows: list[dict[str, Any]] = []
        for key in keys:
            waiting = now.get(key, _NONE)
            valid = found.get("valid_office", {}).get(key, 0)
            solved = found.get("solved_office", {}).get(key, 0)
            rows.append(
                {
                    "label": offices[int(key)].short_label,
                    "open": waiting.open,
                    "late": waiting.late,
                    "sent": found.get("sent_office", {}).get(key, 0),
                    "ended": found.get("ended_office", {}).get(key, 0),
                    "valid": valid,
                    "solved": solved,
                    "rate": round(rate(solved, valid) or 0, 1) if valid else None,
                    **{f"{name}_url": url.replace(_KEY, key) for name, url in urls.items()},
                }
            )
        rows.sort(key=lambda row: (-row["late"], -row["open"], row["label"]))
        away = rows_url(area, view="away") if viewer.can(Capability.INTERVENE) else ""
        return {"rows": rows[:SHOWN], "more": rows[SHOWN:], "away_url": away}


def _urls(area: str, period: Period) -> dict[str, str]:
    """The addresses of a row with `_KEY` for the office: written once, not for each of many offices."""
    own = {"view": "all", "organisation": _KEY}
    return {
        "open": rows_url(area, view="open", organisation=_KEY),
        "late": rows_url(area, view="overdue", organisation=_KEY),
        "sent": rows_url(area, **own, **of_period(period, "sent")),
        "ended": rows_url(area, ended="closed", **own, **of_period(period, "closed")),
        "solved": rows_url(area, rated="solved", view="all", rated_office=_KEY, **of_period(period, "rated")),
    }
