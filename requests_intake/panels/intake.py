"""What came in: by day, by kind, way in, matter, and hour of the week."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from governance.access.viewer import Viewer
from governance.dashboards.periods import Period
from governance.dashboards.registry import Panel
from requests_intake.models import Category, Channel, RequestKind
from requests_intake.panels.rows import bars, bars_sheet, largest, of_period, rows_url
from requests_intake.permissions import Capability
from requests_intake.selectors.metrics import local_day, scope
from requests_intake.selectors.rollups import read, totals

MATTERS = 12
WEEKDAYS = (_("周一"), _("周二"), _("周三"), _("周四"), _("周五"), _("周六"), _("周日"))
# A line of a chart is a day, a week, or a month, so that there are never more than about sixty.
_DAYS, _WEEKS = 62, 400


class _Intake(Panel):
    capability = Capability.VIEW_REQUEST
    flush = True
    lazy = True


class TrendPanel(_Intake):
    """New and ended, day by day (week by week, month by month)."""

    key = "intake-trend"
    title = _("每天新收和办结")
    order = 80
    span = 12
    wall = True
    template = "requests_intake/panels/trend.html"

    @staticmethod
    def sheet(context: Mapping[str, Any]) -> Any:
        """A line a step."""
        rows = [(row["day"].isoformat(), row["new"], row["ended"]) for row in context["rows"]]
        return [gettext("日期"), gettext("新收"), gettext("已办结")], rows

    def data(self, viewer: Viewer, area: str, period: Period) -> Mapping[str, Any]:
        """Return (first day, new, ended, addresses) of each step: 1 SQL."""
        first, after = local_day(period.start), min(local_day(period.end), local_day(period.at) + timedelta(days=1))
        steps = [first]
        while (following := _next(steps[-1], period.days)) < after:
            steps.append(following)
        counts = {step: {"new": 0, "ended": 0} for step in steps}
        for line in read(scope(viewer, area), ["new", "ended"], since=first, until=after, by_day=True):
            if line.day is not None and (line.series == "new" or line.dim in ("closed", "answered")):
                step = next(step for step in reversed(steps) if step <= line.day)
                counts[step][line.series] += line.value
        rows = []
        for step, until in zip(steps, [*steps[1:], after], strict=True):
            rows.append(
                {
                    "day": step,
                    "new": counts[step]["new"],
                    "ended": counts[step]["ended"],
                    "new_url": rows_url(area, view="all", since=step, until=until),
                    "ended_url": rows_url(
                        area, view="all", ended="closed,answered", closed_since=step, closed_until=until
                    ),
                }
            )
        return {"rows": rows, "step": "day" if period.days <= _DAYS else "week" if period.days <= _WEEKS else "month"}


def _next(day: Any, days: int) -> Any:
    if days <= _DAYS:
        return day + timedelta(days=1)
    if days <= _WEEKS:
        return day + timedelta(days=7 - day.weekday())
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


class KindsPanel(_Intake):
    """New by kind."""

    key = "intake-kinds"
    title = _("新收：哪一类")
    order = 90
    span = 4
    template = "requests_intake/panels/bars.html"
    sheet = staticmethod(bars_sheet)

    def data(self, viewer: Viewer, area: str, period: Period) -> Mapping[str, Any]:
        """Return the kinds, the largest first: 1 SQL."""
        return {"name": _("类型"), "bars": _by_choice(viewer, area, period, "new_kind", "kind", RequestKind)}


class ChannelsPanel(_Intake):
    """New by way in."""

    key = "intake-channels"
    title = _("新收：从哪里来")
    order = 91
    span = 4
    template = "requests_intake/panels/bars.html"
    sheet = staticmethod(bars_sheet)

    def data(self, viewer: Viewer, area: str, period: Period) -> Mapping[str, Any]:
        """Return the ways in, the largest first: 1 SQL."""
        return {"name": _("渠道"), "bars": _by_choice(viewer, area, period, "new_channel", "channel", Channel)}


def _by_choice(viewer: Viewer, area: str, period: Period, series: str, key: str, choices: Any) -> Any:
    found = totals(scope(viewer, area), [series], local_day(period.start), local_day(period.end)).get(series, {})
    ordered = largest(found)
    labels = dict(choices.choices)
    return bars(
        [
            (labels[value], number, rows_url(area, view="all", **{key: value}, **of_period(period, "")))
            for value, number in ordered
        ]
    )


class CategoriesPanel(_Intake):
    """New by matter."""

    key = "intake-categories"
    title = _("新收：什么事")
    order = 92
    span = 4
    template = "requests_intake/panels/bars.html"
    sheet = staticmethod(bars_sheet)

    def data(self, viewer: Viewer, area: str, period: Period) -> Mapping[str, Any]:
        """Return the matters, the largest first, and the rest to be unfolded: 2 SQL."""
        since, until = local_day(period.start), local_day(period.end)
        found = totals(scope(viewer, area), ["new_category"], since, until).get("new_category", {})
        ordered = largest(found)
        rows = Category.objects.in_bulk([int(key) for key, _number in ordered if key])
        window = {"view": "all", **of_period(period, "")}
        lines = [
            (
                rows[int(key)].label if key else _("还没有分类"),
                number,
                rows_url(area, category_id=key, **window) if key else rows_url(area, uncategorised="true", **window),
            )
            for key, number in ordered
        ]
        drawn = bars(lines)
        return {"name": _("事项"), "bars": drawn[:MATTERS], "rest": drawn[MATTERS:]}


class HoursPanel(_Intake):
    """New by day of the week and hour: when somebody should be at the desk."""

    key = "intake-hours"
    title = _("新收：一周里的什么时候")
    order = 95
    span = 12
    template = "requests_intake/panels/hours.html"

    @staticmethod
    def sheet(context: Mapping[str, Any]) -> Any:
        """A line a day of the week, a column an hour."""
        rows = [(row["name"], *(cell["value"] for cell in row["cells"])) for row in context["rows"]]
        return [gettext("几点"), *map(str, range(24))], rows

    def data(self, viewer: Viewer, area: str, period: Period) -> Mapping[str, Any]:
        """Return seven rows of 24 (number, shade 0 to 4, address): 1 SQL."""
        since, until = local_day(period.start), local_day(period.end)
        counts = [[0] * 24 for _weekday in WEEKDAYS]
        for line in read(scope(viewer, area), ["new_hour"], since=since, until=until, by_weekday=True):
            if line.day is not None:
                counts[line.day.weekday()][int(line.dim)] += line.value
        most = max(map(max, counts))
        rows = []
        for number, (name, hours) in enumerate(zip(WEEKDAYS, counts, strict=True), 1):
            cells = [
                {
                    "hour": hour,
                    "value": value,
                    "shade": -(-4 * value // most) if most else 0,
                    "url": rows_url(area, view="all", weekday=number, hour=hour, **of_period(period, "")),
                }
                for hour, value in enumerate(hours)
            ]
            rows.append({"name": name, "cells": cells, "total": sum(hours)})
        return {"rows": rows, "hours": range(24), "most": most}
