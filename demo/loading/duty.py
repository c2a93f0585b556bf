"""Who is on duty this week and the next, and two alerts of the past weeks that somebody answered."""

from datetime import datetime, timedelta

from django.utils import timezone

from demo import staff
from governance.access.models import User
from governance.worktime import calendar_current
from requests_intake.models import AlertCall, AlertCause, DutyShift, RiskAlert, ServiceRequest
from requests_intake.selectors.duty import duty_window

# Whoever the built-in roles let answer alerts, in turn.
TURNS = ("dispatcher", "supervisor", "community_head")
ANSWERED = (
    (AlertCause.ROUND_THE_CLOCK, "", "已叫自来水公司抢修队，四十分钟到场，先关阀。"),
    (AlertCause.HAND, "居民说闻到味道，像是燃气。", "燃气公司和消防到场检测，没有泄漏，是装修的油漆味，已告诉居民。"),
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
        _alerts(area_code, [people[person.key] for person in turns], at)


def _answers(person: staff.DemoStaff, area_code: str) -> bool:
    return any(area_code.startswith(grant.area_code) for grant in person.grants if grant.area_code)


def _alerts(area_code: str, turns: list[User], at: datetime) -> None:
    """Two requests of the last weeks that have ended were alerts once."""
    ended = ServiceRequest.objects.filter(
        area_code__startswith=area_code,
        state="closed",
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
