"""What the roll-ups of requests know of an area."""

from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from governance.facts import Fact, Known, register
from requests_intake.selectors.rollups import total, totals

_REQUESTS = _("诉求统计")


def _open(area_code: str, at: datetime) -> Known:
    return Known(str(total(totals([area_code], ["open"]), "open")), _REQUESTS, timezone.localdate(at))


def _last_month(area_code: str, at: datetime) -> Known:
    until = timezone.localdate(at).replace(day=1)
    last = until - timedelta(days=1)
    count = total(totals([area_code], ["new"], last.replace(day=1), until), "new")
    return Known(str(count), _REQUESTS, last)


register(
    Fact("intake.open", _("没办结的诉求几件"), "number", _open),
    Fact("intake.new_last_month", _("上个月新收的诉求几件"), "number", _last_month),
)
