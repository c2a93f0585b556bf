"""The indicators of evaluation of GB/T 30428.4's lineage: areas, offices, posts as groups. No ranking, no persons."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils import timezone
from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from governance.access import areas
from governance.access.viewer import Viewer
from governance.dashboards.figures import rate
from governance.dashboards.periods import Period
from governance.dashboards.registry import Panel
from governance.organisations.models import Organisation
from grid.models import CheckKind
from grid.tallies import checks_kept
from requests_intake.permissions import Capability
from requests_intake.selectors.evaluation import area_lines, office_lines
from requests_intake.selectors.metrics import local_day, scope

UNCONFIRMED = _("这些算法还没有和正式的标准文本核对，仅供参考；不排名，不算到个人。")
Row = tuple[str, Sequence[int | float | None]]


class _Indicators(Panel):
    """A table: one row for each area or office, one column for each indicator, and what they mean."""

    capability = Capability.VIEW_REQUEST
    span = 12
    flush = True
    lazy = True
    template = "requests_intake/panels/indicators.html"
    first: str | Promise = ""
    heads: tuple[tuple[str | Promise, str], ...] = ()  # (heading, unit)
    meanings: tuple[str | Promise, ...] = ()

    @staticmethod
    def sheet(context: Mapping[str, Any]) -> Any:
        """A line a row."""
        titles = [str(context["first"]), *(str(head) for head, _unit in context["heads"])]
        return titles, [[row["label"], *row["values"]] for row in context["rows"]]

    def table(self, rows: Sequence[Row]) -> Mapping[str, Any]:
        """The context: numbers as they are read, "no data" for a ratio without a denominator."""
        drawn = [
            {
                "label": label,
                "values": values,
                "cells": [(head, _shown(value, unit)) for (head, unit), value in zip(self.heads, values, strict=True)],
            }
            for label, values in rows
        ]
        told = {"first": self.first, "heads": self.heads, "meanings": self.meanings, "unconfirmed": UNCONFIRMED}
        return {"rows": drawn, **told}


def _shown(value: int | float | None, unit: str) -> str:
    if value is None:
        return gettext("没有数据")
    places = 0 if isinstance(value, int) else 1
    return f"{number_format(round(value, places), places, use_l10n=False, force_grouping=True)}{unit}"


class FoundPanel(_Indicators):
    """What was found in each area a level below, by whom, and how much of it is settled."""

    key = "intake-found"
    title = _("评价：发案和结案")
    order = 70
    first = _("哪里")
    heads = ((_("发案数"), ""), (_("每网格发案"), ""), (_("公众举报率"), " %"), (_("结案率"), " %"))
    meanings = (
        _("发案数：这段时间收到的诉求和巡查发现的事项。"),
        _("每网格发案：发案数 ÷ 现在的网格数。"),
        _("公众举报率：居民反映的 ÷ 发案数；其余是巡查发现的。"),
        _("结案率：这些里面已经办结或直接答复的 ÷ 发案数。"),
    )

    def data(self, viewer: Viewer, area: str, period: Period) -> Mapping[str, Any]:
        """Return the areas in the order of their codes: 3 SQL."""
        inside = scope(viewer, area)
        named = dict(areas.children(area)) if area else areas.names(inside)
        codes = sorted(code for code in named if any(code.startswith(own) for own in inside))
        lines = area_lines(codes, local_day(period.start), local_day(period.end))
        return self.table(
            [(named[code], (one.cases, one.per_grid, one.reported, one.closing)) for code, one in lines.items()]
        )


class HandledPanel(_Indicators):
    """What each office had to have done, and what became of it."""

    key = "intake-handled"
    title = _("评价：承办单位")
    order = 71
    first = _("单位")
    heads = (
        (_("应处置"), ""),
        (_("处置率"), " %"),
        (_("按期处置率"), " %"),
        (_("结案率"), " %"),
        (_("返工率"), " %"),
        (_("超期率"), " %"),
        (_("督办率"), " %"),
    )
    meanings = (
        _("应处置：牵头的工单里，答复期限在这段时间、到昨天为止已经到期的。以下都除以它。"),
        _("处置率：已经答复、没有退回重办的。"),
        _("按期处置率：其中在期限以前答复的；超期率是其余的。"),
        _("结案率：已经办结的。返工率：退回重办过的。督办率：督办过的。"),
    )

    def data(self, viewer: Viewer, area: str, period: Period) -> Mapping[str, Any]:
        """Return the offices in the order of their names: 3 SQL."""
        until = min(local_day(period.end), timezone.localdate(period.at))
        lines = office_lines(scope(viewer, area), local_day(period.start), until)
        offices = Organisation.objects.in_bulk(list(lines)) if lines else {}
        shares = ("done", "ontime", "closed", "rework", "late", "pressed")
        rows: list[Row] = [
            (offices[key].short_label, (one.owed, *(one.share(name) for name in shares))) for key, one in lines.items()
        ]
        return self.table(sorted(rows, key=lambda row: row[0]))


class LooksPanel(_Indicators):
    """Whether those who look on site came in time, all together."""

    key = "intake-looks"
    title = _("评价：核实和核查")
    order = 72
    span = 6
    first = _("哪一种")
    heads = ((_("应去看"), ""), (_("按时看了"), ""), (_("按时率"), " %"))
    meanings = (_("应去看：期限在这段时间、已经到期的，不用看了的不算。按时率：在期限以前看过的 ÷ 应去看的。"),)

    def data(self, viewer: Viewer, area: str, period: Period) -> Mapping[str, Any]:
        """Return one row for each kind: 1 SQL."""
        kept = checks_kept(scope(viewer, area), period.start, min(period.end, period.at))
        labels = dict(CheckKind.choices)
        return self.table([(str(labels[one.kind]), (one.due, one.ontime, rate(one.ontime, one.due))) for one in kept])
