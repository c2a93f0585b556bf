"""What waits: deadlines, age, how long things take, and the turns that orders took."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from governance.access.viewer import Viewer
from governance.dashboards.periods import Period
from governance.dashboards.registry import Panel
from governance.web.words import short_words
from requests_intake.panels.rows import bars, bars_sheet, of_period, rows_url
from requests_intake.permissions import Capability
from requests_intake.rollups import Spread
from requests_intake.selectors.metrics import TURNS, ages, count_waiting, due_days, local_day, scope, times
from requests_intake.selectors.rollups import total, totals
from requests_intake.workflow import RequestState

_DAY, _HOUR = 86_400, 3_600
_NAMES = {"returned": _("申请退单"), "disputed": _("派单异议"), "ledgered": _("长期挂账"), "excluded": _("剔除")}
_OUTCOMES = (
    (RequestState.NOT_DISPATCHED, _("不予派单")),
    (RequestState.MERGED, _("并案")),
    (RequestState.WITHDRAWN, _("居民撤回")),
)


class DuePanel(Panel):
    """What is due when."""

    key = "intake-due"
    title = _("什么时候到期")
    capability = Capability.VIEW_REQUEST
    order = 60
    span = 6
    flush = True
    lazy = True
    template = "requests_intake/panels/bars.html"
    sheet = staticmethod(bars_sheet)

    def data(self, viewer: Viewer, area: str, period: Period) -> Mapping[str, Any]:
        """Return late, the rest of today, the next seven days, later: 3 SQL."""
        inside, at = scope(viewer, area), period.at
        late = count_waiting(inside, at).late
        days = due_days(inside, at)
        today = local_day(at)
        week = [today + timedelta(days=number) for number in range(1, 8)]
        waits = {"view": "all", "waits": "true"}
        rest = sum(number for day, number in days.items() if day <= today) - late
        lines: list[Any] = [
            (_("已经超期"), late, rows_url(area, view="overdue")),
            (_("今天还要到期"), rest, rows_url(area, due_since=at, due_until=week[0], **waits)),
        ]
        for day in week:
            label = short_words(day, at)
            url = rows_url(area, due_since=day, due_until=day + timedelta(days=1), **waits)
            lines.append((label, days.get(day, 0), url))
        after = week[-1] + timedelta(days=1)
        later = sum(number for day, number in days.items() if day >= after)
        lines.append((_("更晚"), later, rows_url(area, due_since=after, **waits)))
        return {"name": _("到期"), "bars": bars(lines), "late_first": bool(late)}


class AgesPanel(Panel):
    """How long what is open has been open."""

    key = "intake-ages"
    title = _("没办完的等了多久")
    capability = Capability.VIEW_REQUEST
    order = 61
    span = 6
    flush = True
    lazy = True
    template = "requests_intake/panels/bars.html"
    sheet = staticmethod(bars_sheet)

    def data(self, viewer: Viewer, area: str, period: Period) -> Mapping[str, Any]:
        """Return the classes of age: 1 SQL."""
        today = local_day(period.at)
        lines = []
        for since, until, number in ages(scope(viewer, area), period.at):
            youngest = 0 if until is None else (today - until).days + 1
            oldest = None if since is None else (today - since).days
            lines.append((_age(youngest, oldest), number, rows_url(area, view="open", since=since, until=until)))
        return {"name": _("提交到现在"), "bars": bars(lines)}


def _age(youngest: int, oldest: int | None) -> Any:
    if oldest is None:
        return _("%(days)s 天以上") % {"days": youngest}
    if oldest == 0:
        return _("今天提交的")
    return _("%(first)s 到 %(last)s 天") % {"first": youngest, "last": oldest}


class TimesPanel(Panel):
    """How long the first contact and the end took: half of them at most so long, nine of ten at most so long."""

    key = "intake-times"
    title = _("办得快不快")
    capability = Capability.VIEW_REQUEST
    order = 62
    span = 6
    flush = True
    lazy = True
    template = "requests_intake/panels/times.html"

    @staticmethod
    def sheet(context: Mapping[str, Any]) -> Any:
        """Half and nine tenths of each part of the way."""
        titles = [gettext("哪一段"), gettext("一半不超过"), gettext("九成不超过"), gettext("件")]
        return titles, [(row["label"], row["half"], row["most"], row["total"]) for row in context["rows"]]

    def data(self, viewer: Viewer, area: str, period: Period) -> Mapping[str, Any]:
        """Return both distributions: 1 SQL."""
        found = times(scope(viewer, area), period.start, period.end)
        contacted = rows_url(area, view="all", **of_period(period, "contacted"))
        ended = rows_url(area, view="all", ended="closed,answered", **of_period(period, "closed"))
        return {
            "rows": [
                _line(_("从提交到第一次联系"), found.contact, contacted),
                _line(_("从提交到办结"), found.took, ended),
            ]
        }


def _line(label: Any, spread: Spread, url: str) -> dict[str, Any]:
    return {
        "label": label,
        "total": spread.total,
        "half": _duration(spread.quantile(0.5)),
        "most": _duration(spread.quantile(0.9)),
        "url": url,
    }


def _duration(seconds: float | None) -> str:
    """A duration in words that are as exact as the buckets are."""
    if seconds is None:
        return ""
    if seconds < _HOUR:
        minutes = max(1, round(seconds / 60))
        return ngettext("%(n)s 分钟", "%(n)s 分钟", minutes) % {"n": minutes}
    if seconds < 2 * _DAY:
        hours = round(seconds / _HOUR)
        return ngettext("%(n)s 小时", "%(n)s 小时", hours) % {"n": hours}
    days = round(seconds / _DAY)
    return ngettext("%(n)s 天", "%(n)s 天", days) % {"n": days}


class TurnsPanel(Panel):
    """The turns that orders took in the period."""

    key = "intake-turns"
    title = _("没有直着办完的")
    capability = Capability.VIEW_REQUEST
    order = 63
    span = 6
    flush = True
    lazy = True
    template = "requests_intake/panels/bars.html"
    sheet = staticmethod(bars_sheet)

    def data(self, viewer: Viewer, area: str, period: Period) -> Mapping[str, Any]:
        """Return how many were given back, disputed, put on the ledger, excluded, or ended without an office: 1 SQL."""
        found = totals(scope(viewer, area), [*TURNS, "ended"], local_day(period.start), local_day(period.end))
        lines: list[Any] = [
            (_NAMES[name], total(found, name), rows_url(area, view="all", **of_period(period, name))) for name in TURNS
        ]
        for outcome, label in _OUTCOMES:
            number = found.get("ended", {}).get(outcome, 0)
            lines.append((label, number, rows_url(area, view="all", ended=outcome, **of_period(period, "closed"))))
        return {"name": _("怎么了"), "bars": bars(lines)}
