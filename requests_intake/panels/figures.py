"""Eight figures that say whether to act, and the three rates with what was left out of them."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from governance.access.viewer import Viewer
from governance.dashboards.figures import Change, Figure, count_change, rate, rate_change
from governance.dashboards.periods import Period
from governance.dashboards.registry import Panel
from requests_intake.panels.rows import cases, of_period, rows_url
from requests_intake.permissions import Capability
from requests_intake.selectors.metrics import PARTS, count_new, count_waiting, local_day, rates_of, scope, three_rates
from requests_intake.selectors.rollups import total, totals
from requests_intake.workflow import RequestState

_ENDED = "closed,answered"


class FiguresPanel(Panel):
    """What is open, late, due and to be called back; what came in and what was ended in the period."""

    key = "intake-figures"
    title = _("诉求")
    capability = Capability.VIEW_REQUEST
    order = 10
    span = 12
    frame = False
    wall = True
    template = "requests_intake/panels/figures.html"

    @staticmethod
    def sheet(context: Mapping[str, Any]) -> Any:
        """Name and number of each figure."""
        return [gettext("指标"), gettext("件")], [(figure.label, figure.value) for figure in context["figures"]]

    def data(self, viewer: Viewer, area: str, period: Period) -> Mapping[str, Any]:
        """Return the figures: 7 SQL."""
        inside = scope(viewer, area)
        waiting = count_waiting(inside, period.at)
        now = totals(inside, ["new", "ended"], local_day(period.start), local_day(period.end))
        before = count_new(inside, period.before.start, period.before.end)
        states = totals(inside, ["open_state"]).get("open_state", {})
        today = local_day(period.at)
        tomorrow = today + timedelta(days=1)
        due = total(totals(inside, ["due"], today, tomorrow), "due")
        new, rated = total(now, "new"), states.get(RequestState.CALLBACK, 0)
        ended = sum(now.get("ended", {}).get(outcome, 0) for outcome in _ENDED.split(","))
        return {
            "figures": [
                Figure(_("未办结"), waiting.open, cases(waiting.open), url=rows_url(area, view="open")),
                Figure(
                    _("超期"),
                    waiting.late,
                    cases(waiting.late),
                    late=True,
                    note=_("有人等得太久了") if waiting.late else _("没有人等过头"),
                    url=rows_url(area, view="overdue"),
                ),
                Figure(
                    _("今天到期"),
                    due,
                    cases(due),
                    url=rows_url(area, view="all", waits="true", due_since=today, due_until=tomorrow),
                ),
                Figure(
                    _("等居民评价"),
                    rated,
                    cases(rated),
                    note=_("已经答复，还没有回访"),
                    url=rows_url(area, view="open", state=RequestState.CALLBACK),
                ),
                Figure(
                    _("新收"),
                    new,
                    cases(new),
                    count_change(new, before, period, cases(abs(new - before))),
                    url=rows_url(area, view="all", **of_period(period, "")),
                ),
                Figure(
                    _("已办结"),
                    ended,
                    cases(ended),
                    _balance(new, ended),
                    url=rows_url(area, view="all", ended=_ENDED, **of_period(period, "closed")),
                ),
            ]
        }


def _balance(new: int, ended: int) -> Change | None:
    """Whether more came in than was ended, in words."""
    if new == ended:
        return Change("same", gettext("和新收一样多"))
    if ended > new:
        return Change("up", gettext("比新收多 %(number)s 件") % {"number": f"{ended - new:,}"})
    return Change("down", gettext("比新收少 %(number)s 件") % {"number": f"{new - ended:,}"})


class RatesPanel(Panel):
    """响应率, 解决率, 满意率 with their parts, and beside them what is not in them."""

    key = "intake-rates"
    title = _("三率")
    capability = Capability.VIEW_REQUEST
    order = 20
    span = 7
    flush = True
    wall = True
    template = "requests_intake/panels/rates.html"

    @staticmethod
    def sheet(context: Mapping[str, Any]) -> Any:
        """Rates with their parts, and what is in none of them."""
        rows = [(row["figure"].label, row["figure"].value, row["part"], context["valid"]) for row in context["rates"]]
        rows += [(figure.label, None, figure.value, None) for figure in context["left_out"]]
        return [gettext("指标"), "%", gettext("件"), gettext("基数")], rows

    def data(self, viewer: Viewer, area: str, period: Period) -> Mapping[str, Any]:
        """Return the rates with their rows: 3 SQL."""
        inside = scope(viewer, area)
        found = totals(inside, [*PARTS, "excluded", "ledgered"], local_day(period.start), local_day(period.end))
        now = rates_of(found)
        before = three_rates(inside, period.before.start, period.before.end)
        window = {"view": "all", **of_period(period, "rated")}
        named = (
            ("contacted", _("响应率"), _("居民说联系过")),
            ("solved", _("解决率"), _("居民说解决了")),
            ("satisfied", _("满意率"), _("基本满意以上")),
        )
        rates = []
        for part, label, meaning in named:
            share = rate(getattr(now, part), now.valid)
            rates.append(
                {
                    "figure": Figure(
                        label,
                        share,
                        "%",
                        rate_change(share, rate(getattr(before, part), before.valid), period),
                        url=rows_url(area, rated=part, **window),
                    ),
                    "meaning": meaning,
                    "part": getattr(now, part),
                    "width": round(share / 5) if share is not None else 0,
                }
            )
        return {
            "rates": rates,
            "valid": now.valid,
            "valid_url": rows_url(area, rated="valid", **window),
            "left_out": [
                Figure(
                    _("剔除"),
                    total(found, "excluded"),
                    note=_("有法定理由，逐件批准"),
                    url=rows_url(area, view="all", **of_period(period, "excluded")),
                ),
                Figure(
                    _("挂账"),
                    total(found, "ledgered"),
                    note=_("一时办不了，有期限有人管"),
                    url=rows_url(area, view="all", **of_period(period, "ledgered")),
                ),
                Figure(
                    _("没有评价"),
                    now.unrated,
                    note=_("不算满意，也不算不满意"),
                    url=rows_url(area, rated="unrated", **window),
                ),
            ],
        }
