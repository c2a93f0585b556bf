"""The public version follows its request, and nothing of it is public before somebody released it."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from governance.outbox import relay
from requests_intake.models import Progress, Publication, PublicState
from requests_intake.services.publishing import publications_follow
from tests.factories.world import EAST_GRID, IN_EAST, MORNING
from tests.requests_intake.public_side import release
from tests.requests_intake.walk import to_state

pytestmark = pytest.mark.django_db


def test_a_submitted_request_waits_when_its_author_agrees(world):
    agreed = world.submit(may_be_public=True).request
    private = world.submit().request
    tip = world.submit(kind="tip_off", may_be_public=True).request
    relay.drain()
    waiting = Publication.objects.get()
    assert waiting.request_id == agreed.pk
    assert (waiting.state, waiting.needs_review, waiting.title, waiting.body) == (PublicState.WAITING, True, "", "")
    assert not Publication.objects.filter(request__in=[private, tip]).exists()


def test_the_pin_snaps_to_the_grid(world):
    request = world.submit(may_be_public=True, lng=121.9012, lat=30.9011).request
    publications_follow(request_ids=[request.pk], at=MORNING)
    publication = Publication.objects.get()
    assert (publication.lng, publication.lat) == IN_EAST  # the label of the grid, not the pin of the home
    assert publication.area_code == EAST_GRID


def test_without_a_place_there_is_no_pin(world):
    request = world.submit(may_be_public=True, place_kind="none", lng=None, lat=None).request
    publications_follow(request_ids=[request.pk], at=MORNING)
    publication = Publication.objects.get()
    assert (publication.lng, publication.lat) == (None, None)


def test_progress_and_history_follow_without_names_and_words(world):
    request = to_state(world, "closed", may_be_public=True)
    relay.drain()
    publication = Publication.objects.get()
    assert publication.progress == Progress.DONE
    assert [step["name"] for step in publication.history] == [
        "submit",
        "accept",
        "dispatch",
        "signed",
        "contacted",
        "replied",
        "close",
    ]
    assert all(set(step) == {"name", "at", "office", "office_en"} for step in publication.history)
    assert publication.organisation == request.organisation


def test_following_again_changes_nothing(world):
    request = to_state(world, "callback", may_be_public=True)
    assert publications_follow(request_ids=[request.pk], at=MORNING) == 1
    assert publications_follow(request_ids=[request.pk, request.pk], at=MORNING + timedelta(hours=1)) == 0
    assert Publication.objects.count() == 1


def test_a_new_answer_of_a_released_request_asks_for_a_look(world):
    publication = release(world, to_state(world, "contacted", may_be_public=True))
    assert not publication.needs_review
    from requests_intake.models import WorkOrder
    from requests_intake.services.handling import order_reply

    order = WorkOrder.objects.get(request_id=publication.request_id)
    at = MORNING + timedelta(hours=2)
    order_reply(order=order, text="周梅您好，修好了。", file_ids=[], actor=world.viewer("handler"), at=at)
    relay.drain()
    publication.refresh_from_db()
    assert publication.needs_review
    assert publication.progress == Progress.ANSWERED
    assert publication.reply == ""  # the office's words are public only after a look, as everybody's are


def test_the_database_refuses_public_tip_offs_and_empty_releases(world):
    request = world.submit(may_be_public=True).request
    publications_follow(request_ids=[request.pk], at=MORNING)
    for wrong in (
        {"kind": "tip_off"},
        {"state": "released", "released_at": timezone.now(), "decided_at": timezone.now()},
        {"state": "kept", "decided_at": timezone.now()},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Publication.objects.update(**wrong)
