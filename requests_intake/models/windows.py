"""Service windows (办事窗口): the counters to which people go, with what is done there, telephones and hours."""

import uuid
from typing import Any

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, IntegerRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from governance.access.models import User
from governance.access.rules import Rule, VisibleQuerySet, held_in_area, held_in_organisation
from governance.access.viewer import Scope
from governance.organisations.models import AREA_CODE_SHAPE, Organisation
from requests_intake.permissions import Capability
from requests_intake.slots import Offer

DAY_MINUTES = 24 * 60


class ServiceWindowQuerySet(VisibleQuerySet):
    """Windows."""

    def public(self) -> Any:
        """Windows that everybody may read of, with their organisation and hours: 2 SQL."""
        found = self.filter(is_active=True, organisation__is_active=True)
        return found.select_related("organisation").prefetch_related("hours")


class ServiceWindow(models.Model):
    """One counter of an organisation. Everything said of it is public: offices want to be found.

    On public holidays of the working calendar it is closed unless `open_on_holidays`; on make-up workdays it keeps the
    hours of a weekday.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=60)
    name_en = models.CharField(max_length=100, blank=True)
    # What one can do there, in plain words.
    services = models.CharField(max_length=500, blank=True)
    services_en = models.CharField(max_length=800, blank=True)
    area_code = models.CharField(max_length=17, db_collation="C")
    address = models.CharField(max_length=120)
    address_en = models.CharField(max_length=200, blank=True)
    phones = ArrayField(models.CharField(max_length=30), default=list, blank=True)
    # Ramp, lift, sign language, where to wait: for those who must know before they set out.
    access = models.CharField(max_length=300, blank=True)
    access_en = models.CharField(max_length=500, blank=True)
    open_on_holidays = models.BooleanField(default=False)
    position = models.PositiveSmallIntegerField(default=0)
    is_active = models.BooleanField(default=True)
    # Appointments: slots of so many minutes (none: nobody books here) with so many seats, from and to days ahead;
    # nobody books or moves within so many hours of the beginning.
    slot_minutes = models.PositiveSmallIntegerField(null=True, blank=True)
    slot_seats = models.PositiveSmallIntegerField(default=1)
    book_from_days = models.PositiveSmallIntegerField(default=1)
    book_until_days = models.PositiveSmallIntegerField(default=14)
    cutoff_hours = models.PositiveSmallIntegerField(default=2)
    # What people may come for, as [Chinese, English]; empty: nobody is asked.
    subjects = models.JSONField(default=list, blank=True)
    # Days unlike their week, as [date, [[opens, closes], ...], Chinese, English]: stocktaking, a training, a fair.
    special_days = models.JSONField(default=list, blank=True)
    changed_at = models.DateTimeField()
    changed_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    why = models.CharField(max_length=200, blank=True, default="")

    objects = ServiceWindowQuerySet.as_manager()
    RULES = [
        Rule("area", _("在可以改窗口的区域内"), held_in_area(Capability.EDIT_WINDOWS)),
        Rule("office", _("是所在单位的窗口"), held_in_organisation(Capability.EDIT_WINDOWS, "organisation")),
    ]

    class Meta:
        ordering = ["area_code", "position", "name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "name"],
                name="service_window_name",
                violation_error_message=_("这个单位已经有叫这个名字的窗口"),
            ),
            models.CheckConstraint(
                condition=~Q(name="") & ~Q(address=""),
                name="service_window_filled",
                violation_error_message=_("窗口要有名称和地址"),
            ),
            models.CheckConstraint(
                condition=Q(area_code__regex=AREA_CODE_SHAPE),
                name="service_window_area_shape",
                violation_error_message=_("区域编码应为 6、9、12、15 或 17 位"),
            ),
            models.CheckConstraint(
                condition=(Q(slot_minutes__isnull=True) | Q(slot_minutes__gte=5, slot_minutes__lte=240))
                & Q(slot_seats__gte=1, slot_seats__lte=50, book_from_days__lte=F("book_until_days"))
                & Q(book_until_days__lte=60, cutoff_hours__lte=72),
                name="service_window_slots",
                violation_error_message=_("预约的设置超出了范围"),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def access_scope(self) -> Scope:
        """Where it lies, and whose it is."""
        return Scope(self.area_code, frozenset({self.organisation_id}))

    @property
    def label(self) -> str:
        """Name in the language of the page."""
        return self._said("name")

    @property
    def services_label(self) -> str:
        """What one can do there, in the language of the page."""
        return self._said("services")

    @property
    def address_label(self) -> str:
        """Address in the language of the page."""
        return self._said("address")

    @property
    def access_label(self) -> str:
        """Who gets in and how, in the language of the page."""
        return self._said("access")

    @property
    def offer(self) -> Offer | None:
        """How it takes appointments; None where it takes none."""
        if self.slot_minutes is None:
            return None
        return Offer(
            minutes=self.slot_minutes,
            seats=self.slot_seats,
            from_days=self.book_from_days,
            until_days=self.book_until_days,
            cutoff_hours=self.cutoff_hours,
            open_on_holidays=self.open_on_holidays,
        )

    @property
    def phone_links(self) -> list[tuple[str, str]]:
        """(as written, as a tel: link wants it) of each telephone."""
        return [(phone, phone.replace(" ", "")) for phone in self.phones]

    def _said(self, name: str) -> str:
        english = getattr(self, f"{name}_en") if get_language() == "en" else ""
        return str(english or getattr(self, name))


class WindowHours(models.Model):
    """One stretch of a weekday (Monday 0) in which a window is open; two on a day leave a gap, for lunch.

    `opens` and `closes` are minutes since midnight, local time; 1440 is midnight at the end of the day.
    """

    window = models.ForeignKey(ServiceWindow, on_delete=models.CASCADE, related_name="hours")
    weekday = models.PositiveSmallIntegerField()
    opens = models.PositiveSmallIntegerField()
    closes = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["weekday", "opens"]
        constraints = [
            models.CheckConstraint(
                condition=Q(weekday__lte=6, closes__gt=F("opens"), closes__lte=DAY_MINUTES),
                name="window_hours_in_order",
                violation_error_message=_("关门要晚于开门，而且在同一天"),
            ),
            ExclusionConstraint(
                name="window_hours_apart",
                expressions=[
                    ("window", RangeOperators.EQUAL),
                    ("weekday", RangeOperators.EQUAL),
                    (
                        Func(F("opens"), F("closes"), function="int4range", output_field=IntegerRangeField()),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                violation_error_message=_("同一天的几段时间不能重叠"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.window_id}: {self.weekday} {self.opens}-{self.closes}"
