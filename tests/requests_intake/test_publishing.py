"""The public version follows its request, and nothing of it is public before somebody released it."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from governance.access.viewer import requester
from governance.notifications.models import Message
from governance.outbox import relay
from governance.outbox.events import declared
from governance.outbox.subscriptions import subscribed_names
from governance.refs import ref_of
from requests_intake.handlers import SILENT
from requests_intake.models import Follow, Progress, Publication, PublicReason, PublicState, Reply, WorkOrder
from requests_intake.publication import last_answer
from requests_intake.services.closing import request_merge, request_withdraw
from requests_intake.services.following import follow_ask
from requests_intake.services.handling import order_reply
from requests_intake.services.me_too import me_too_add
from requests_intake.services.publishing import publications_follow
from tests.factories.world import EAST_GRID, IN_EAST, MORNING
from tests.requests_intake.public_side import LATER, open_version, release
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


# ---------- what leaves the public ----------


def test_a_withdrawn_request_leaves_the_public_and_is_never_offered_for_release(world):
    public = release(world, world.submit(may_be_public=True).request)
    waiting = world.submit(may_be_public=True).request
    relay.drain()
    for request in (public.request, waiting):
        request_withdraw(request=request, comment="", actor=requester(ref_of(request)), at=LATER)
    relay.drain()
    public.refresh_from_db()
    assert (public.state, public.reason) == (PublicState.TAKEN_BACK, PublicReason.WITHDRAWN)
    other = Publication.objects.get(request=waiting)
    assert (other.state, other.needs_review) == (PublicState.KEPT, False)
    assert Client().get(reverse("intake:public-one", args=[public.key])).status_code == 404
    assert not Message.objects.filter(kind="requests_intake.taken_back").exists()  # they know: they did it


def test_neighbours_of_a_merged_request_move_along(world):
    target = release(world, world.submit(may_be_public=True).request)
    source = release(world, world.submit(may_be_public=True).request)
    follow_ask(email="a@example.com", language="en", publication=source, at=LATER)
    follow_ask(email="b@example.com", language="en", publication=source, at=LATER)
    follow_ask(email="b@example.com", language="en", publication=target, at=LATER)
    for person in ("cookie:1", "cookie:2"):
        me_too_add(publication=source, person=person, at=LATER)
    me_too_add(publication=target, person="cookie:2", at=LATER)
    request_merge(request=source.request, target=target.request, actor=world.viewer("dispatcher"), at=LATER)
    relay.drain()
    publications_follow(request_ids=[source.request_id, target.request_id], at=LATER)  # again: no harm
    source.refresh_from_db()
    target.refresh_from_db()
    assert (source.state, source.reason, source.moved_to) == (PublicState.TAKEN_BACK, PublicReason.MERGED, target)
    assert Follow.objects.filter(publication=target).count() == 2
    assert (target.me_too_count, target.request.me_too_count) == (2, 2)
    assert target.history[-1]["name"] == "joined"
    old = Client().get(reverse("intake:public-one", args=[source.key]))
    assert old["Location"] == reverse("intake:public-one", args=[target.key])


def test_an_answer_that_a_reviewer_still_reads_is_no_answer(world):
    request = to_state(world, "contacted", may_be_public=True)
    order = WorkOrder.objects.get(request=request)
    Reply.objects.create(order=order, at=LATER, by=world.people["handler"], text="还没审过", is_released=False)
    assert last_answer(request) is None
    public = release(world, request)
    assert public.reply == ""


def test_events_of_a_request_are_followed_unless_they_are_none_of_the_publics_business():
    key = "requests_intake.handlers.follow_requests"
    followed = {name.partition(".")[2] for name, keys in subscribed_names().items() if key in keys}
    for name in ("submitted", "dispatched", "replied", "sent_back", "withdrawn", "reopened", "closed", "archived"):
        assert name in followed, name
    for name in ("handed_in", "assigned", "contact_revealed", "publication_moved", "policy_confirmed"):
        assert name not in followed, name
    declared_names = {name.partition(".")[2] for name in declared() if name.startswith("requests_intake.")}
    assert set(SILENT) <= declared_names  # a name that nobody publishes any more would hide a new one


@pytest.mark.parametrize(
    ("reason", "words"), [("", "公开了，邻居们看得到"), (PublicReason.OTHERS, "指名道姓说到了别人")]
)
def test_the_tracking_page_says_whether_it_is_public(world, reason, words):
    request = world.submit(may_be_public=True).request
    page = reverse("intake:track", args=[request.track_token])
    open_version(request)
    assert "工作人员核对后才公开" in Client().get(page).content.decode()
    release(world, request, **({"body": "路灯不亮。", "reason": reason} if reason else {}))
    assert words in Client().get(page).content.decode()
