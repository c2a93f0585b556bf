"""Appointments (预约) at a service window: a time, a seat, a person who is told and forgotten afterwards."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from governance.access.rules import Rule, VisibleQuerySet, held_in_area, held_in_organisation
from governance.access.viewer import Scope
from governance.privacy.fields import BlindIndexField, EncryptedTextField
from governance.refs import ref_of
from requests_intake.models.windows import ServiceWindow
from requests_intake.numbers import grouped
from requests_intake.permissions import Capability


class AppointmentState(models.TextChoices):
    """What became of it. `lapsed`: the time passed, and nobody noted whether somebody came."""

    BOOKED = "booked", _("已预约")
    ARRIVED = "arrived", _("来了")
    NO_SHOW = "no_show", _("没来")
    LAPSED = "lapsed", _("没有记")
    WITHDRAWN = "withdrawn", _("本人取消")
    CANCELLED = "cancelled", _("窗口取消")


# Those who hold, or held, a seat.
SEATED = (AppointmentState.BOOKED, AppointmentState.ARRIVED, AppointmentState.NO_SHOW, AppointmentState.LAPSED)


class Appointment(models.Model):
    """Somebody comes to a window in `[starts_at, ends_at)`.

    A seat is one of the window's places at a time: two appointments never share one, whoever presses at once. Name,
    telephone and e-mail are encrypted, and removed some days after (`forgotten_at`).
    """

    window = models.ForeignKey(ServiceWindow, on_delete=models.PROTECT, related_name="appointments")
    number = models.CharField(max_length=15, unique=True, db_collation="C")
    token_digest = models.CharField(max_length=64, unique=True)
    token = EncryptedTextField()
    submission_key = models.UUIDField(unique=True)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    seat = models.PositiveSmallIntegerField()
    subject = models.CharField(max_length=60, blank=True)
    subject_en = models.CharField(max_length=100, blank=True)
    name = EncryptedTextField()
    phone = EncryptedTextField()
    phone_index = BlindIndexField(of="phone", purpose="requests_intake.phone", without=r"[\s\-]", blank=True)
    email = EncryptedTextField()
    language = models.CharField(max_length=10, default="zh-hans")
    state = models.CharField(max_length=10, choices=AppointmentState, default=AppointmentState.BOOKED)
    # Why the office cancelled it: the person reads it.
    reason = models.CharField(max_length=200, blank=True)
    booked_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    reminded_at = models.DateTimeField(null=True, blank=True)
    forgotten_at = models.DateTimeField(null=True, blank=True)

    objects = VisibleQuerySet.as_manager()
    RULES = [
        Rule("area", _("在接待预约的区域内"), held_in_area(Capability.KEEP_APPOINTMENTS, "window__area_code")),
        Rule(
            "office",
            _("约的是所在单位的窗口"),
            held_in_organisation(Capability.KEEP_APPOINTMENTS, "window__organisation"),
        ),
    ]

    class Meta:
        ordering = ["starts_at", "seat"]
        indexes = [
            models.Index(fields=["window", "starts_at"], name="appointment_window_day"),
            models.Index(
                fields=["starts_at"],
                name="appointment_to_remind",
                condition=Q(state=AppointmentState.BOOKED, reminded_at__isnull=True),
            ),
            models.Index(fields=["ends_at"], name="appointment_open", condition=Q(state=AppointmentState.BOOKED)),
            models.Index(fields=["ends_at"], name="appointment_to_forget", condition=Q(forgotten_at__isnull=True)),
        ]
        constraints = [
            ExclusionConstraint(
                name="appointment_seat_once",
                expressions=[
                    ("window", RangeOperators.EQUAL),
                    ("seat", RangeOperators.EQUAL),
                    (
                        Func(F("starts_at"), F("ends_at"), function="tstzrange", output_field=DateTimeRangeField()),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                condition=Q(state__in=SEATED),
                violation_error_message=_("这个时间刚刚约满，请换一个"),
            ),
            models.UniqueConstraint(
                fields=["window", "phone_index"],
                condition=Q(state=AppointmentState.BOOKED),
                name="appointment_one_open",
                violation_error_message=_("这个电话在这个窗口已经有一个预约，先改期或者取消那一个"),
            ),
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")),
                name="appointment_ends_later",
                violation_error_message=_("结束要晚于开始"),
            ),
            models.CheckConstraint(
                condition=Q(state=AppointmentState.BOOKED, ended_at__isnull=True)
                | (~Q(state=AppointmentState.BOOKED) & Q(ended_at__isnull=False)),
                name="appointment_ended_iff_over",
                violation_error_message=_("过去的预约要有结束的时间，没过去的没有"),
            ),
            models.CheckConstraint(
                condition=~Q(state=AppointmentState.CANCELLED) | ~Q(reason=""),
                name="appointment_cancelled_says_why",
                violation_error_message=_("取消要写原因，对方看得到"),
            ),
        ]

    def __str__(self) -> str:
        return ref_of(self)

    @property
    def number_grouped(self) -> str:
        """The number as people read it aloud."""
        return grouped(self.number)

    @property
    def subject_label(self) -> str:
        """What the person comes for, in the language of the page."""
        return self.subject_en if self.subject_en and get_language() == "en" else self.subject

    @property
    def is_open(self) -> bool:
        """Whether somebody is still to come."""
        return self.state == AppointmentState.BOOKED

    def access_scope(self) -> Scope:
        """Where its window lies, and whose it is."""
        return self.window.access_scope()
