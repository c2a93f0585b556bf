"""Who is on duty this week and the next, and two alerts of the past weeks that somebody answered."""

from datetime import datetime, timedelta

from django.utils import timezone

from demo import staff
from demo.organisations import DISTRICT_CODE
from governance.access.models import User
from governance.worktime import calendar_current
from requests_intake.models import AlertCall, AlertCause, DutyShift, RiskAlert, ServiceRequest
from requests_intake.selectors.duty import duty_window

# Whoever the built-in roles let answer alerts, in turn.
TURNS = ("dispatcher", "supervisor", "community_head")
ANSWERED = (
    (AlertCause.ROUND_THE_CLOCK, "", "打电话核实过，没有人受困；已请抢修的人连夜去，明早再看一次。"),
    (AlertCause.HAND, "居民在电话里说家里有老人，担心出事。", "到现场看过，老人没事，抢修的人也到了。"),
)


def load_duty(people: dict[str, User], at: datetime) -> None:
    """A shift for each day of last week, this one and the next, but one of the next week that nobody has taken yet."""
    places = {
        grant.area_code: [one for one in staff.staff() if one.role in TURNS and _answers(one, grant.area_code)]
        for person in staff.staff()
        if person.role == "supervisor"
        for grant in person.grants
        if grant.area_code
    }
    places[DISTRICT_CODE] = [one for one in staff.staff() if one.role == "dispatcher" and _answers(one, DISTRICT_CODE)]
    calendar = calendar_current()
    today = timezone.localdate(at)
    monday = today - timedelta(days=today.weekday() + 7)
    for area_code, turns in places.items():
        for number in range(21):
            if not turns or number == 18:
                continue
            window = duty_window(monday + timedelta(days=number), calendar)
            person = turns[number % len(turns)]
            DutyShift.objects.create(
                person=people[person.key],
                area_code=area_code,
                phone=person.phone or f"021-5555-{1000 + number}",
                starts_at=window.start,
                ends_at=window.end,
                entered_at=at - timedelta(days=20),
            )
        if area_code != DISTRICT_CODE:
            _alerts(area_code, [people[person.key] for person in turns], at)


def _answers(person: staff.DemoStaff, area_code: str) -> bool:
    return any(area_code.startswith(grant.area_code) for grant in person.grants if grant.area_code)


def _alerts(area_code: str, turns: list[User], at: datetime) -> None:
    """Two requests of the last weeks that have ended were alerts once."""
    ended = ServiceRequest.objects.filter(
        area_code__startswith=area_code,
        state="closed",
        kind="help",
        category__round_the_clock=True,
        submitted_at__gte=at - timedelta(days=30),
    ).order_by("-submitted_at")[: len(ANSWERED)]
    for request, (cause, text, action) in zip(ended, ANSWERED, strict=False):
        raised = request.submitted_at + timedelta(minutes=3)
        alert = RiskAlert.objects.create(
            request=request,
            area_code=request.area_code,
            cause=cause,
            text=text,
            raised_at=raised,
            raised_by=turns[0] if cause == AlertCause.HAND and turns else None,
            level=1,
            acknowledged_at=raised + timedelta(minutes=6),
            acknowledged_by=turns[-1],
            action=action,
        )
        AlertCall.objects.create(alert=alert, level=1, recipient=turns[-1], at=raised)
