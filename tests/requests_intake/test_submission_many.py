"""Many at once: the same rows, rules and repeats as one by one, for a handful of statements."""

from datetime import UTC, datetime, timedelta

import pytest
from django.forms.models import model_to_dict

from governance.errors import DomainError
from governance.outbox.models import DomainEvent
from requests_intake.models import Clock, RequesterContact, RequestTransition, ServiceRequest
from requests_intake.services.submission import Submission, request_submit
from requests_intake.services.submission_many import requests_submit_many
from tests.factories.world import IN_EAST, MORNING, WEST
from tests.sql import assert_sql

OWN = {"id", "number", "number_tail", "track_digest", "track_token", "submission_key"}


def said(world, key, **changes):
    values = {
        "kind": "complaint",
        "body": "槐安里 7 号楼北侧的路灯不亮了。请派人看看。",
        "submission_key": f"{key:032x}",
        "category_id": world.categories["lamp"].pk,
        "place_kind": "pin",
        "lng": IN_EAST[0],
        "lat": IN_EAST[1],
        "name": "周梅",
        "phone": "13912342046",
        "channel": "hotline",
        "urgent_remark": "急",
    } | changes
    return Submission(**values)


def everything(request):
    """All that was written for a request, but for what is its own."""
    row = {key: value for key, value in model_to_dict(request).items() if key not in OWN}
    clocks = Clock.objects.filter(request=request).order_by("kind")
    steps = RequestTransition.objects.filter(request=request)
    event = DomainEvent.objects.get(subject_ref=f"requests_intake.servicerequest:{request.pk}")
    return [
        row,
        [{k: v for k, v in model_to_dict(clock).items() if k not in ("id", "request")} for clock in clocks],
        [{k: v for k, v in model_to_dict(step).items() if k not in ("id", "request")} for step in steps],
        (request.contact.name, request.contact.phone, request.contact.phone_index),
        (event.name, event.payload, event.area_code, event.actor_id, event.at),
    ]


def test_the_same_rows_as_one_by_one(world):
    actor = world.viewer("dispatcher")
    one = request_submit(submission=said(world, 1), actor=actor, at=MORNING).request
    many = requests_submit_many(submissions=[said(world, 2), said(world, 3)], actor=actor, at=MORNING)
    for outcome in many:
        assert everything(outcome.request) == everything(one)
    numbers = set(ServiceRequest.objects.values_list("number", flat=True))
    assert len(numbers) == 3


def test_each_has_its_own_outcome_and_none_stops_another(world):
    actor = world.viewer("dispatcher")
    first = request_submit(submission=said(world, 1), actor=actor, at=MORNING)
    outcomes = requests_submit_many(
        submissions=[
            said(world, 1, body="别的话"),
            said(world, 2),
            said(world, 3, body=" "),
            said(world, 2),
            said(world, 4, category_id=world.categories["fire"].pk),
            said(world, 5, kind="nonsense"),
            said(world, 6, category_id=10**9),
            said(world, 7, place_kind="address", area_code=WEST, lng=None, lat=None),
        ],
        actor=actor,
        at=MORNING,
    )
    assert outcomes[0].request == first.request
    assert outcomes[0].token == first.token
    assert [getattr(one, "is_repeat", None) for one in outcomes] == [True, False, None, True, None, None, None, False]
    assert [getattr(one, "code", "") for one in outcomes] == [
        "", "", "body_required", "", "emergency", "kind_unknown", "category_unknown", "",
    ]  # fmt: skip
    assert outcomes[7].request.area_code == WEST
    assert ServiceRequest.objects.count() == 3
    assert RequesterContact.objects.count() == 3


def test_without_the_right_nothing_is_filed(world):
    outcomes = requests_submit_many(submissions=[said(world, 1)], actor=world.viewer("handler"), at=MORNING)
    assert isinstance(outcomes[0], DomainError)
    assert outcomes[0].code == "forbidden"
    assert not ServiceRequest.objects.exists()


@pytest.mark.parametrize("count", [1, 40])
def test_what_many_cost(world, count):
    actor = world.viewer("dispatcher")
    requests_submit_many(submissions=[said(world, 999)], actor=actor, at=MORNING)
    with assert_sql(7):
        requests_submit_many(submissions=[said(world, n) for n in range(count)], actor=actor, at=MORNING)


def test_a_promise_made_before_ours_is_kept(world):
    actor = world.viewer("dispatcher")
    soon, late = MORNING + timedelta(days=2), MORNING + timedelta(days=30)
    kept, ours = requests_submit_many(
        submissions=[said(world, 1, promised_at=soon), said(world, 2, promised_at=late)], actor=actor, at=MORNING
    )
    assert kept.request.due_at == kept.request.original_due_at == soon
    assert Clock.objects.get(request=kept.request, kind="answer").due_at == soon
    assert ours.request.due_at == datetime(2026, 11, 24, 10, 0, tzinfo=UTC)


def test_what_is_past_keeps_its_date_and_calls_nobody(world):
    past = MORNING - timedelta(days=300)
    (outcome,) = requests_submit_many(
        submissions=[said(world, 1, received_at=past)], actor=world.viewer("dispatcher"), at=MORNING
    )
    request = outcome.request
    assert (request.submitted_at, request.number[:8]) == (past, f"{past:%Y%m%d}")
    assert request.due_at < MORNING
    assert set(Clock.objects.filter(request=request).values_list("next_at", flat=True)) == {None}
    assert [event.name for event in DomainEvent.objects.all()] == ["requests_intake.history_loaded"]
