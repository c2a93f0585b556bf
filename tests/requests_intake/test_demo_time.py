"""Time travel for demonstrations: the clocks of one request move, what was promised does not."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from requests_intake.models import Clock, ServiceRequest
from requests_intake.services.escalation import clocks_move, deadline_sweep
from requests_intake.services.resting import pause_expire, pauses_due
from tests.factories.world import MORNING
from tests.requests_intake.ladder import SUMMARY, people, sweep_and_tell, told
from tests.requests_intake.walk import STATES, to_state, to_turn

LATER = MORNING + timedelta(hours=1)
HOUR = timedelta(hours=1)


def demo_time(number, *arguments):
    out = StringIO()
    call_command("demo_time", number, *arguments, stdout=out)
    return out.getvalue()


def running(request):
    return dict(Clock.objects.filter(request=request, stopped_at=None).values_list("kind", "due_at"))


@pytest.mark.parametrize("state", STATES)
def test_running_clocks_and_their_copies_move_promises_stay(world, state):
    request, other = to_state(world, state), to_state(world, state)
    before = running(request)
    moved = clocks_move(request=request, by=30 * HOUR, at=LATER)
    assert moved == len(before)
    after = ServiceRequest.objects.get(pk=request.pk)
    assert running(request) == {kind: due - 30 * HOUR for kind, due in before.items()}
    assert (after.original_due_at, after.accept_due_at) == (request.original_due_at, request.accept_due_at)
    assert not Clock.objects.filter(request=request, original_due_at__lt=request.submitted_at).exists()
    assert after.next_due_at == min(running(request).values(), default=None)
    order = after.orders.first()
    if order is not None and state not in ("callback", "closed"):
        assert (order.next_due_at, order.due_at) == (after.next_due_at, after.due_at)
        assert order.original_due_at == request.original_due_at
    assert ServiceRequest.objects.get(pk=other.pk).next_due_at == other.next_due_at


def test_what_rests_goes_on_when_its_day_has_come(world):
    """Clocks stand still meanwhile: only the day moves."""
    request = to_turn(world, "suspended")
    before, by = running(request), timedelta(days=7)
    assert clocks_move(request=request, by=by, at=LATER) == 0
    assert running(request) == before
    assert pauses_due(at=request.paused_until - by, limit=9) == [request.pk]
    assert pause_expire(request_id=request.pk, at=request.paused_until - by)
    assert ServiceRequest.objects.get(pk=request.pk).state == "in_progress"


def test_each_rung_passed_is_told_on_its_own_and_once(world):
    """A day goes by in a second: that is no outage, so nobody gets a summary."""
    request = to_state(world, "contacted")
    due_in = running(request)["answer"] - LATER
    clocks_move(request=request, by=due_in + 25 * HOUR, at=LATER)
    sweep_and_tell(LATER + timedelta(seconds=30))
    assert people() == {"handler": 1, "head": 1, "supervisor": 1}
    clocks_move(request=request, by=48 * HOUR, at=LATER + HOUR)
    sweep_and_tell(LATER + HOUR)
    assert people() == {"handler": 1, "head": 1, "supervisor": 1, "district": 1}
    assert set(told().values()) == {1}
    assert not people(SUMMARY)


def test_a_small_step_makes_nothing_due(world):
    request = to_state(world, "contacted")
    clocks_move(request=request, by=HOUR, at=LATER)
    assert deadline_sweep(at=LATER).escalations == 0
    clock = Clock.objects.get(request=request, kind="answer")
    assert clock.next_at == clock.warn_at


def test_the_command_moves_and_says_what_is_due_next(world, time_machine):
    time_machine.move_to(LATER, tick=False)
    request = to_state(world, "contacted")
    before = running(request)
    printed = demo_time(request.number_grouped, "--hours", "30")
    assert running(request) == {"answer": before["answer"] - 30 * HOUR}
    assert printed.splitlines() == [
        f"{request.number_grouped}: 1 running clock(s) moved by 30 h.",
        "  answer: due 2026-11-23 12:00; Due soon (to handler) at 2026-11-21 16:00",
    ]
    printed = demo_time(request.number, "--hours", "200")
    assert "reminders due now" in printed
    sweep_and_tell(LATER + timedelta(seconds=30))
    assert people() == {"handler": 1, "head": 1, "supervisor": 1}
    assert "(to district_viewer)" in demo_time(request.number, "--hours", "0.5")


def test_it_refuses_outside_a_demo_and_what_makes_no_sense(world, settings):
    request = to_state(world, "submitted")
    assert "2 running clock(s)" in demo_time(request.number, "--hours", "1")
    before = running(request)
    for number, hours in [("20261117-000000-0", "1"), ("x", "1"), (request.number, "0"), (request.number, "-3")]:
        with pytest.raises(CommandError):
            demo_time(number, "--hours", hours)
    for hours in ("nan", "inf", "99999"):
        with pytest.raises(CommandError):
            demo_time(request.number, "--hours", hours)
    settings.LIREN_DEMO = False
    with pytest.raises(CommandError, match="LIREN_DEMO"):
        demo_time(request.number, "--hours", "1")
    assert running(request) == before
