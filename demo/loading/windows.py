"""The directory of service windows of the demo district, and who comes to them today and on the next open day."""

import secrets
import tomllib
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any
from uuid import uuid4

from django.utils import timezone

from demo.people import invent
from governance.access.viewer import SYSTEM
from governance.organisations.models import Organisation
from governance.worktime import calendar_current
from requests_intake.models import Appointment, AppointmentState, ServiceWindow
from requests_intake.numbers import number_for
from requests_intake.opening import Stretch, parse_stretches
from requests_intake.services.filing import phone_index
from requests_intake.services.submission_data import token_digest
from requests_intake.services.windows import WindowDraft, week_of, window_create
from requests_intake.slots import Span, spans_on

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DATA = Path(__file__).parents[1] / "data" / "windows.toml"


def load_windows(offices: dict[str, Organisation], at: datetime) -> list[ServiceWindow]:
    """Create the windows, through the service that editors use."""
    rows = tomllib.loads(_DATA.read_text(encoding="utf-8"))["window"]
    return [
        window_create(
            draft=WindowDraft(organisation=offices[row.pop("organisation")], hours=_week(row.pop("hours")), **row),
            actor=SYSTEM,
            at=at,
        )
        for row in rows
    ]


def _week(written: dict[str, Any]) -> dict[int, list[Stretch]]:
    week = {}
    for span, text in written.items():
        first, _, last = span.partition("-")
        for weekday in range(_DAYS.index(first), _DAYS.index(last or first) + 1):
            week[weekday] = parse_stretches(text, field=span)
    return week


def load_appointments(windows: list[ServiceWindow], at: datetime) -> None:
    """About every third slot of today and of the next days on which a window is open; what is over was noted."""
    rng = Random(20261116)
    rows = [
        _appointment(window, span, rng, number, at)
        for number, (window, span) in enumerate(_taken(windows, timezone.localdate(at), rng))
    ]
    Appointment.objects.bulk_create(rows)


def _taken(windows: list[ServiceWindow], today: date, rng: Random) -> Iterator[tuple[ServiceWindow, Span]]:
    calendar = calendar_current()
    for window in windows:
        if window.offer is None:
            continue
        for ahead in range(4):
            spans = spans_on(today + timedelta(days=ahead), window.offer, week_of(window), calendar)
            yield from ((window, span) for span in spans if rng.random() < 0.3)


def _appointment(window: ServiceWindow, span: Span, rng: Random, number: int, at: datetime) -> Appointment:
    person, token = invent(rng, age=rng.choice(("old", "mid", "young"))), secrets.token_urlsafe(16)
    subject = rng.choice(window.subjects) if window.subjects else ("", "")
    state = AppointmentState.BOOKED
    if span[1] <= at:
        state = AppointmentState.ARRIVED if rng.random() < 0.85 else AppointmentState.NO_SHOW
    booked_at = min(span[0], at) - timedelta(days=rng.randint(1, 5), minutes=rng.randint(0, 400))
    return Appointment(
        window=window,
        # from the far end of the sequence, where no request of the demo comes
        number=number_for(timezone.localdate(booked_at), 999_999 - number),
        token_digest=token_digest(token),
        token=token,
        submission_key=uuid4(),
        starts_at=span[0],
        ends_at=span[1],
        seat=0,
        subject=subject[0],
        subject_en=subject[1],
        name=person.name,
        phone=person.phone,
        phone_index=phone_index(person.phone),
        email="",
        state=state,
        booked_at=booked_at,
        ended_at=span[0] if state != AppointmentState.BOOKED else None,
        reminded_at=at,
    )
