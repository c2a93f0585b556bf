"""What every record of the registry says of itself: where it comes from, and when somebody last saw that it is true."""

from calendar import monthrange
from datetime import date, datetime, time, timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

_USER = settings.AUTH_USER_MODEL


class Source(models.TextChoices):
    """Where a record comes from (PIPL art. 8: what is not known to be right must be traceable)."""

    DOOR = "door", _("上门核对")
    COUNTER = "counter", _("窗口办理")
    RESIDENT = "resident", _("本人在网上填的")
    IMPORT = "import", _("单位已有的台账")
    OFFICIAL = "official", _("上级或部门给的数据")


class Collected(models.Model):
    """Who collected a record, how, and when it was last confirmed. A record nobody confirmed since is as of then."""

    source = models.CharField(_("来源"), max_length=8, choices=Source)
    collected_at = models.DateTimeField(_("登记时间"))
    collected_by = models.ForeignKey(_USER, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    confirmed_at = models.DateTimeField(_("最后核对"), db_index=False)
    confirmed_by = models.ForeignKey(_USER, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        abstract = True

    def months_old(self, at: datetime) -> int:
        """Whole months since it was last confirmed, 0 or more (local dates)."""
        return months_between(timezone.localdate(self.confirmed_at), timezone.localdate(at))


def months_between(earlier: date, later: date) -> int:
    """Whole months from one day to another: 31 January to 28 February is none; never below 0."""
    months = (later.year - earlier.year) * 12 + later.month - earlier.month
    return max(0, months - (later.day < earlier.day))


def due_before(at: datetime, months: int) -> datetime:
    """The moment before which a last confirmation is `months` old: exactly where `months_old(at)` reaches them."""
    today = timezone.localdate(at)
    year, month = divmod(today.year * 12 + today.month - 1 - months, 12)
    day = date(year, month + 1, min(today.day, monthrange(year, month + 1)[1]))
    return timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min))
