"""After an outage: whoever missed reminders gets one summary of them all, and nobody hears twice."""

from datetime import timedelta

import pytest

from governance.notifications.contacts import resolve
from governance.notifications.models import Message
from governance.notifications.texts import late_values, render
from requests_intake.models import Clock, Escalation
from requests_intake.services import escalation
from requests_intake.services.escalation import SweepResult, deadline_sweep
from tests.factories.bulk import answer_clocks, request_row, save_requests
from tests.factories.world import MORNING, WEST_GRID
from tests.requests_intake.ladder import SUMMARY, people, sweep_and_tell, told
from tests.requests_intake.walk import to_state

HOUR = timedelta(hours=1)
NOW = MORNING + timedelta(days=3)


def requests_of(world, count, first=0, **values):
    office = {"state": "in_progress", "organisation": world.organisations["lamps"], "handler": world.people["handler"]}
    rows = [request_row(world, first + number, **office | values) for number in range(count)]
    return save_requests(rows, handler=world.people["handler"])


def warned(world, hours_ago, first=0, **values):
    """Clocks that reached their warning so many hours before NOW, and fall due long after."""
    rows = requests_of(world, len(hours_ago), first, **values)
    return answer_clocks(rows, [NOW + timedelta(days=10) - ago * HOUR for ago in hours_ago], timedelta(days=40))


def late(world, hours_ago, first=0, **values):
    """Clocks that fell due so many hours before NOW; the warning was told before the outage."""
    rows = requests_of(world, len(hours_ago), first, **values)
    clocks = answer_clocks(rows, [NOW - ago * HOUR for ago in hours_ago], timedelta(days=4))
    for clock in clocks:
        clock.level, clock.next_at = 1, clock.due_at
    Clock.objects.bulk_update(clocks, ["level", "next_at"])
    return clocks


def summaries():
    return {
        message.user.email.partition("@")[0]: (message.context["warned"], message.context["overdue"])
        for message in Message.objects.filter(kind=SUMMARY, channel="in_app").select_related("user")
    }


def test_one_summary_a_person_and_nothing_beside_it(world):
    warned(world, [30, 20, 5, 0.2])
    late(world, [30, 20], first=100)
    assert sweep_and_tell(NOW) == SweepResult(clocks=6, escalations=7, summaries=3)
    # the last warning is only minutes old, and still goes into the summary of somebody who gets one anyhow
    assert summaries() == {"handler": (4, 0), "head": (0, 2), "supervisor": (0, 1)}
    assert not told()
    assert set(told(SUMMARY).values()) == {1}
    assert sweep_and_tell(NOW + HOUR / 2) == SweepResult()
    assert set(told(SUMMARY).values()) == {1}


def test_whoever_missed_nothing_is_told_one_by_one(world):
    late(world, [30, 20])
    late(world, [0.1], first=100, area_code=WEST_GRID)  # no head there: the supervisor hears
    fresh = warned(world, [0.3, 0.2], first=200)
    assert sweep_and_tell(NOW).summaries == 2
    assert summaries() == {"head": (0, 2), "supervisor": (0, 2)}
    assert people() == {"handler": len(fresh)}


def test_a_request_counts_once_for_each_person(world):
    """Warned and overdue in one outage, by two clocks: one request, in the graver column."""
    request = to_state(world, "signed")
    running = Clock.objects.filter(request=request, stopped_at=None)
    assert running.count() == 2
    long_after = max(clock.due_at for clock in running) + timedelta(days=10)
    sweep_and_tell(long_after)
    assert summaries() == {"handler": (1, 0), "head": (0, 1), "supervisor": (0, 1), "district": (0, 1)}
    assert Escalation.objects.count() == 8


def test_the_next_rungs_are_told_one_by_one_again(world):
    (clock,) = late(world, [5])
    sweep_and_tell(NOW)
    assert summaries() == {"head": (0, 1)}
    sweep_and_tell(clock.due_at + timedelta(days=1))
    assert people() == {"supervisor": 1}
    assert len(summaries()) == 1


def test_an_hour_is_no_outage(world):
    warned(world, [1])
    warned(world, [0.99], first=100)
    assert sweep_and_tell(NOW).summaries == 0
    assert people() == {"handler": 2}


def test_a_second_outage_brings_a_second_summary(world):
    late(world, [5])
    sweep_and_tell(NOW)
    late(world, [3], first=100)
    sweep_and_tell(NOW)
    assert people(SUMMARY) == {"head": 2}


class Died(BaseException):
    """Stands for the end of the process."""


@pytest.mark.parametrize("batches", [1, 2])
def test_a_sweep_that_dies_after_an_outage_still_leads_to_one_summary(world, monkeypatch, batches):
    """Also for rungs that are fresh when the next sweep finds them: the person is owed a summary already."""
    warned(world, [30, 20, 10, 0.5, 0.4])
    monkeypatch.setattr(escalation, "BATCH", 2)
    original, calls = escalation._claim, []

    def dies(at):
        calls.append(at)
        if len(calls) > batches:
            raise Died
        return original(at)

    monkeypatch.setattr(escalation, "_claim", dies)
    with pytest.raises(Died):
        deadline_sweep(at=NOW)
    assert Escalation.objects.count() == 2 * batches
    monkeypatch.setattr(escalation, "_claim", original)
    sweep_and_tell(NOW)
    assert summaries() == {"handler": (5, 0)}
    assert not told()


def test_the_summary_leads_to_the_overdue_list(world):
    late(world, [5, 6])
    sweep_and_tell(NOW)
    message = Message.objects.get(kind=SUMMARY, channel="email")
    (values,) = late_values([message])
    text = render(message, "zh-hans", {}, values)
    assert text.subject == "系统停过一阵：快到期 0 件，超期 2 件"
    assert "/staff/requests/?view=overdue" in text.body
    assert resolve([message.recipient_ref])[message.recipient_ref].email == "head@example.com"
