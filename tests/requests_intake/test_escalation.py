"""The ladder: 75 %, overdue, one day, three days; one message a channel, level and clock, to whoever holds the role."""

from datetime import timedelta

import pytest

from governance.access.models import Grant
from governance.notifications.models import Message
from governance.outbox import relay
from governance.outbox.models import Delivery, DomainEvent
from requests_intake.models import Clock, Escalation, EscalationStep
from requests_intake.services import escalation
from requests_intake.services.escalation import SweepResult, deadline_sweep
from requests_intake.services.handling import order_reply
from tests.factories.bulk import answer_clocks, request_row, save_requests
from tests.factories.world import DISTRICT, EAST, MORNING, add_person
from tests.requests_intake.ladder import DEADLINE, RUNGS, SUMMARY, moments, people, sweep_and_tell, told
from tests.requests_intake.walk import to_state
from tests.sql import assert_sql

SECOND = timedelta(seconds=1)


def answer_clock(world, state="contacted"):
    return Clock.objects.get(request=to_state(world, state), kind="answer")


def test_four_rungs_reach_four_people_once_a_channel(world):
    clock = answer_clock(world)
    expected = {}
    for level, at in moments(clock).items():
        assert sweep_and_tell(at - SECOND) == SweepResult()
        assert told() == expected
        assert sweep_and_tell(at) == SweepResult(clocks=1, escalations=1)
        rung = EscalationStep.objects.get(level=level).name_en
        number = clock.request.number_grouped
        expected |= {(number, f"the answer {rung}", RUNGS[level], channel): 1 for channel in ("in_app", "email")}
        assert told() == expected
    clock.refresh_from_db()
    assert (clock.level, clock.next_at) == (4, None)
    assert sweep_and_tell(clock.due_at + timedelta(days=400)) == SweepResult()
    assert told() == expected
    assert not told(SUMMARY)


def test_a_rung_holds_no_name_and_no_words_of_anybody(world):
    clock = answer_clock(world)
    sweep_and_tell(clock.warn_at)
    message = Message.objects.get(kind=DEADLINE, channel="in_app")
    assert message.context == {
        "number": clock.request.number_grouped,
        "clock": {"zh": "答复", "en": "the answer"},
        "rung": {"zh": "快到期", "en": "Due soon"},
        "due_at": message.context["due_at"],
    }
    event = DomainEvent.objects.get(name="requests_intake.deadline_reached")
    assert set(event.payload) == {"clock_id", "clock", "level", "recipient_id", "due_at"}


def test_sweeping_and_delivering_again_adds_nothing(world):
    clock = answer_clock(world)
    sweep_and_tell(clock.warn_at)
    before = told()
    assert sum(before.values()) == 2
    for _time in range(2):
        assert sweep_and_tell(clock.warn_at) == SweepResult()
    Delivery.objects.update(state="pending", attempts=0, next_at=clock.warn_at, done_at=None)
    assert relay.drain(at=clock.warn_at) > 0
    assert told() == before
    assert Escalation.objects.count() == 1


def test_a_stopped_clock_is_silent(world):
    clock = answer_clock(world)
    sweep_and_tell(clock.warn_at)
    order_reply(
        order=clock.request.orders.get(), text="好了", file_ids=[], actor=world.viewer("handler"), at=clock.warn_at
    )
    assert deadline_sweep(at=clock.due_at + timedelta(days=9)) == SweepResult()
    assert Escalation.objects.count() == 1


def test_the_rating_clock_reminds_nobody(world):
    request = to_state(world, "callback")
    assert set(Clock.objects.filter(request=request, stopped_at=None).values_list("kind", "next_at")) == {
        ("rate", None)
    }
    assert deadline_sweep(at=MORNING + timedelta(days=90)) == SweepResult()


@pytest.mark.parametrize(
    ("state", "clock", "person"),
    [
        ("submitted", "accept", "dispatcher"),
        ("accepted", "dispatch", "dispatcher"),
        ("dispatched", "sign", "handler"),
        ("signed", "contact", "handler"),
    ],
)
def test_every_clock_warns_whoever_must_act_now(world, state, clock, person):
    warn_at = Clock.objects.get(request=to_state(world, state), kind=clock).warn_at
    sweep_and_tell(warn_at)
    assert people() == {person: 1}


def test_two_requests_are_two_messages(world):
    clocks = [answer_clock(world) for _ in range(2)]
    sweep_and_tell(clocks[0].warn_at)
    assert len(told()) == 4


# --- who hears when somebody is missing ---


def end_grants(world, *names):
    Grant.objects.filter(user__in=[world.people[name] for name in names]).update(ends_at=MORNING)


def test_the_reminder_of_a_handler_who_left_goes_to_a_colleague(world):
    clock = answer_clock(world)
    end_grants(world, "handler")
    sweep_and_tell(clock.warn_at)
    assert people() == {"second_handler": 1}


def test_of_an_office_without_handlers_to_the_dispatcher(world):
    clock = answer_clock(world)
    end_grants(world, "handler", "second_handler")
    sweep_and_tell(clock.warn_at)
    assert people() == {"dispatcher": 1}


def test_somebody_inactive_holds_no_role(world):
    clock = answer_clock(world)
    for name in ("handler", "head"):
        world.people[name].is_active = False
        world.people[name].save()
    for level in (1, 2):
        sweep_and_tell(moments(clock)[level])
    assert people() == {"second_handler": 1, "supervisor": 1}


def test_where_no_head_is_the_next_one_up_hears(world):
    west = Clock.objects.get(request=to_state(world, "contacted", lng=121.915), kind="answer")
    sweep_and_tell(west.warn_at)
    sweep_and_tell(west.due_at)
    assert people() == {"handler": 1, "supervisor": 1}


def test_for_a_request_without_place_the_district_hears(world):
    clock = Clock.objects.get(request=world.submit(place_kind="none").request, kind="accept")
    for at in moments(clock).values():
        sweep_and_tell(at)
    assert people() == {"district": 4}


def test_the_administrator_is_the_last_and_nobody_is_written_down(world):
    clock = answer_clock(world)
    end_grants(world, *(name for name in world.people if name != "administrator"))
    sweep_and_tell(clock.warn_at)
    assert people() == {"administrator": 1}
    end_grants(world, "administrator")
    sweep_and_tell(clock.due_at)
    assert people() == {"administrator": 1}
    assert list(Escalation.objects.order_by("level").values_list("level", "recipient")) == [
        (1, world.people["administrator"].pk),
        (2, None),
    ]


def test_the_grant_nearest_to_the_place_wins_then_the_oldest(world):
    add_person(world, "far_head", "community_head", DISTRICT, world.organisations["district"])
    add_person(world, "younger_head", "community_head", EAST, world.organisations["east"])
    clock = answer_clock(world)
    sweep_and_tell(clock.warn_at)
    sweep_and_tell(clock.due_at)
    assert people() == {"handler": 1, "head": 1}


# --- the ladder is data ---


def test_an_office_may_drop_a_rung_and_name_another_role(world):
    EscalationStep.objects.filter(level=2).delete()
    EscalationStep.objects.filter(level=3).update(role="grid_worker", hours_after=5)
    clock = answer_clock(world)
    for hours in (-48, 0, 5, 72):
        sweep_and_tell(clock.due_at + timedelta(hours=hours) if hours >= 0 else clock.warn_at)
    assert people() == {"handler": 1, "grid_worker": 1, "district": 1}


def test_without_any_rung_nothing_is_due(world):
    clock = answer_clock(world)
    EscalationStep.objects.all().delete()
    assert deadline_sweep(at=clock.due_at) == SweepResult()


# --- cost, and a fault in the middle ---


def many(world, count):
    rows = save_requests([request_row(world, number) for number in range(count)])
    return answer_clocks(rows, [MORNING + timedelta(days=1)] * count, timedelta(days=1))


def test_thirty_clocks_cost_as_many_statements_as_one(world):
    clocks = many(world, 30)
    at = clocks[0].warn_at
    Clock.objects.exclude(pk=clocks[0].pk).update(next_at=at + timedelta(minutes=1))
    # ladder, summaries, claim, grants, advance, rungs, events, claim again, summaries
    with assert_sql(9):
        assert deadline_sweep(at=at).escalations == 1
    with assert_sql(9):
        assert deadline_sweep(at=at + timedelta(minutes=1)).escalations == 29


class Died(BaseException):
    """Stands for the end of the process: nothing may catch it."""


@pytest.mark.parametrize("where", ["publish_many", "_reach", "_summarise"])
def test_a_sweep_that_dies_leaves_the_rest_to_the_next_one(world, monkeypatch, where):
    clocks = many(world, 9)
    at = clocks[0].warn_at
    monkeypatch.setattr(escalation, "BATCH", 3)
    original, calls = getattr(escalation, where), []

    def dies(*args, **kwargs):
        calls.append(1)
        result = original(*args, **kwargs)
        if where == "_summarise" or len(calls) == 2:
            raise Died
        return result

    monkeypatch.setattr(escalation, where, dies)
    with pytest.raises(Died):
        deadline_sweep(at=at)
    assert Escalation.objects.count() == (9 if where == "_summarise" else 3)
    assert DomainEvent.objects.filter(name="requests_intake.deadline_reached").count() == Escalation.objects.count()
    monkeypatch.setattr(escalation, where, original)
    sweep_and_tell(at)
    assert Escalation.objects.count() == 9
    assert set(told().values()) == {1}
    assert len(told()) == 18
