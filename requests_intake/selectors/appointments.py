"""Times that can be booked, the appointment behind a link, the day's sheet of a window."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Count, Q

from governance.access.checks import can
from governance.access.viewer import Viewer
from governance.privacy.masks import mask_email, mask_name, mask_phone
from governance.worktime import calendar_current
from governance.worktime.days import midnight
from requests_intake.models import Appointment, AppointmentState, ServiceWindow
from requests_intake.models.appointments import SEATED
from requests_intake.numbers import parse_number
from requests_intake.permissions import Capability
from requests_intake.services.filing import phone_index
from requests_intake.services.submission_data import token_digest
from requests_intake.services.windows import week_of
from requests_intake.slots import Slot, days_offered, fits, slots_on

UNFIT_LOOKED_AT = 1000


@dataclass(frozen=True, slots=True)
class DayChoice:
    """A day on which the window is open, with the slots that may be booked."""

    day: date
    slots: list[Slot]

    @property
    def free(self) -> int:
        """How many seats are free all day."""
        return sum(slot.free for slot in self.slots)


def days_to_book(window: ServiceWindow, *, at: datetime) -> list[DayChoice]:
    """Return the days that may be booked now; days off are left out, full ones stay. 1 SQL, 2 with the hours."""
    offer, calendar = window.offer, calendar_current()
    if offer is None:
        return []
    days = days_offered(offer, calendar, at)
    begin, end = midnight(days[0]), midnight(days[-1] + timedelta(days=1))
    seated = Appointment.objects.filter(window=window, state__in=SEATED, starts_at__lt=end, ends_at__gt=begin)
    taken = list(seated.values_list("starts_at", "ends_at", "seat"))
    week = week_of(window)
    found = [DayChoice(day, slots_on(day, offer, week, calendar, taken, at)) for day in days]
    return [one for one in found if one.slots]


def appointment_by_token(token: str) -> Appointment | None:
    """Return the appointment of a link until it is forgotten: 1 SQL."""
    found = Appointment.objects.filter(token_digest=token_digest(token), forgotten_at__isnull=True)
    return found.select_related("window__organisation").first()


def appointment_by_number(number: str, contact: str) -> Appointment | None:
    """Return the appointment with this number that was made with this telephone or e-mail; else None, for all alike."""
    parsed = parse_number(number)
    found = Appointment.objects.filter(number=parsed or "", forgotten_at__isnull=True).first()
    if found is None:
        return None
    typed = contact.strip()
    by_email = bool(found.email) and found.email.casefold() == typed.casefold()
    return found if by_email or phone_index(typed) == found.phone_index else None


# ---------- staff ----------


@dataclass(frozen=True, slots=True)
class AppointmentLine:
    """One person of the day's sheet, masked."""

    appointment: Appointment
    name: str
    phone: str
    email: str


def masked(appointment: Appointment) -> AppointmentLine:
    """Return it as staff read it before they say why they need more."""
    return AppointmentLine(
        appointment,
        mask_name(appointment.name),
        mask_phone(appointment.phone) if appointment.phone else "",
        mask_email(appointment.email) if appointment.email else "",
    )


def windows_kept(viewer: Viewer, day: date) -> list[Any]:
    """Windows whose appointments this person keeps, each with `booked`, how many come that day: 1 SQL."""
    conditions = [Q(organisation__in=viewer.organisations(Capability.KEEP_APPOINTMENTS))]
    conditions += [Q(area_code__startswith=code) for code in viewer.areas(Capability.KEEP_APPOINTMENTS)]
    that_day = Q(
        appointments__starts_at__gte=midnight(day),
        appointments__starts_at__lt=midnight(day + timedelta(days=1)),
        appointments__state__in=SEATED,
    )
    rows = ServiceWindow.objects.filter(reduce(or_, conditions)).annotate(booked=Count("appointments", filter=that_day))
    return list(rows.filter(Q(slot_minutes__isnull=False) | Q(booked__gt=0)).order_by("area_code", "position", "pk"))


def day_sheet(viewer: Viewer, window: ServiceWindow, day: date) -> list[AppointmentLine]:
    """Return who comes to a window on a day, by time; cancelled ones too. 1 SQL."""
    rows = Appointment.objects.visible_to(viewer).filter(
        window=window, starts_at__gte=midnight(day), starts_at__lt=midnight(day + timedelta(days=1))
    )
    return [masked(row) for row in rows.order_by("starts_at", "seat", "pk")]


def appointment_for(number: str, viewer: Viewer) -> Appointment | None:
    """Return the appointment with this number if the viewer may see it: 1 SQL."""
    found = Appointment.objects.visible_to(viewer).filter(number=number)
    return found.select_related("window__organisation").first()


def may_reveal(viewer: Viewer, appointment: Appointment) -> bool:
    """Whether the viewer may read name and telephone in full, and they are still there."""
    return appointment.forgotten_at is None and can(viewer, Capability.REVEAL_CONTACT, appointment)


def unfit(viewer: Viewer, *, at: datetime, window: ServiceWindow | None = None) -> list[Appointment]:
    """Return the next appointments that no longer fit: the hours changed, a day off came, the window closed. 2 SQL.

    Of the next thousand of the viewer, so that a district is looked through in one go.
    """
    rows = Appointment.objects.visible_to(viewer).filter(state=AppointmentState.BOOKED, starts_at__gt=at)
    if window is not None:
        rows = rows.filter(window=window)
    coming = rows.select_related("window__organisation").prefetch_related("window__hours").order_by("starts_at", "pk")
    return _unfit(coming[:UNFIT_LOOKED_AT])


def _unfit(rows: Iterable[Appointment]) -> list[Appointment]:
    calendar = calendar_current()
    return [
        row
        for row in rows
        if not row.window.is_active
        or not row.window.organisation.is_active
        or not fits(
            row.starts_at,
            row.ends_at,
            week_of(row.window),
            calendar,
            open_on_holidays=row.window.open_on_holidays,
        )
    ]
