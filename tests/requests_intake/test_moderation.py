"""Moderation: what is released, in which words and with which photos; refused, taken back, undone; told to whom."""

import io
from datetime import timedelta

import pytest
from django.core.files.storage import default_storage
from django.test import Client
from django.urls import reverse
from PIL import Image

from governance.access.viewer import ANONYMOUS
from governance.errors import DomainError, Forbidden, StaleState
from governance.files.keys import file_url
from governance.files.services import image_store
from governance.notifications.models import Message
from governance.outbox import relay
from governance.refs import ref_of
from requests_intake.models import (
    Attachment,
    ModerationStep,
    Publication,
    PublicPhoto,
    PublicReason,
    PublicState,
    WorkOrder,
)
from requests_intake.publication import PublicWords
from requests_intake.selectors.moderation import difference, marked
from requests_intake.services.handling import order_reply
from requests_intake.services.moderation import (
    photo_cover,
    publication_keep,
    publication_release,
    publication_undo,
)
from tests.factories.world import MORNING
from tests.governance.file_samples import encoded
from tests.requests_intake.public_side import LATER, open_version, release
from tests.requests_intake.resident import fields_of
from tests.requests_intake.walk import to_state
from tests.sql import assert_sql

pytestmark = pytest.mark.django_db
BODY = "路灯不亮，电话 13812345678，车牌沪A12345，请修。"


def with_photo(request):
    """Give a request one photo: white on the left, red on the right."""
    picture = Image.new("RGB", (400, 300), "white")
    picture.paste((200, 20, 20), (200, 0, 400, 300))
    stored = image_store(
        upload=io.BytesIO(encoded(picture, "JPEG")), owner_ref=ref_of(request), actor=ANONYMOUS, at=MORNING
    )
    Attachment.objects.create(request=request, file=stored, position=0)
    return stored


def pixel(file, x, y):
    with default_storage.open(file.path()) as data:
        return Image.open(data).convert("RGB").getpixel((x, y))


def test_personal_data_is_masked_whatever_the_moderator_types(world):
    request = to_state(world, "callback", may_be_public=True, body=BODY)
    publication = release(world, request, body=BODY + "真的", reason=PublicReason.WORDS)
    assert publication.body == "路灯不亮，电话 ***********，车牌*******，请修。真的"
    assert "13812345678" not in publication.title + publication.body + publication.reply
    request.refresh_from_db()
    assert "13812345678" in request.body  # the original stays


def test_changed_words_need_a_reason_and_the_requester_hears_it(world):
    request = to_state(world, "callback", may_be_public=True)
    with pytest.raises(DomainError) as error:
        release(world, request, body="路灯不亮。")
    assert error.value.field == "reason"
    release(world, request, body="路灯不亮。", reason=PublicReason.OTHERS)
    relay.drain()
    told = Message.objects.get(kind="requests_intake.made_public_edited")
    assert told.context["reason"] == {"zh": "指名道姓说到了别人", "en": "It names other people"}
    assert not Message.objects.filter(kind="requests_intake.made_public").exists()


def test_the_automatic_words_need_no_reason(world):
    publication = release(world, to_state(world, "callback", may_be_public=True))
    relay.drain()
    assert (publication.state, publication.reason) == (PublicState.RELEASED, "")
    assert Message.objects.filter(kind="requests_intake.made_public").count() == 1


def test_refused_and_taken_back_with_a_reason_that_is_told(world):
    waiting = open_version(world.submit(may_be_public=True).request)
    moderator = world.viewer("supervisor")
    with pytest.raises(DomainError) as error:
        publication_keep(publication=waiting, version=0, reason="", actor=moderator, at=LATER)
    assert error.value.field == "reason"
    kept = publication_keep(
        publication=waiting, version=0, reason=PublicReason.PRIVATE_MATTER, actor=moderator, at=LATER
    )
    assert kept.state == PublicState.KEPT
    public = release(world, world.submit(may_be_public=True).request)
    back = publication_keep(
        publication=public, version=1, reason=PublicReason.REQUESTER, note="您来电话说的", actor=moderator, at=LATER
    )
    assert back.state == PublicState.TAKEN_BACK
    relay.drain()
    kinds = set(Message.objects.values_list("kind", flat=True))
    assert {"requests_intake.kept_private", "requests_intake.taken_back"} <= kinds


def test_undo_brings_back_what_stood_there_and_undo_again_does_it_again(world):
    moderator = world.viewer("dispatcher")
    first = release(world, world.submit(may_be_public=True).request)
    changed = publication_release(
        publication=first,
        version=1,
        words=PublicWords("灯不亮", "灯不亮"),
        answer_id=None,
        photo_ids=[],
        reason=PublicReason.WORDS,
        actor=moderator,
        at=LATER + timedelta(minutes=1),
    )
    assert changed.title == "灯不亮"
    undone = publication_undo(publication=changed, version=2, actor=moderator, at=LATER + timedelta(minutes=2))
    assert (undone.title, undone.body, undone.reason) == (first.title, first.body, "")
    again = publication_undo(publication=undone, version=3, actor=moderator, at=LATER + timedelta(minutes=3))
    assert again.title == "灯不亮"
    names = list(ModerationStep.objects.order_by("at").values_list("name", flat=True))
    assert names == ["release", "revise", "undo", "undo"]


def test_undoing_the_release_takes_it_from_the_public(world):
    public = release(world, world.submit(may_be_public=True).request)
    undone = publication_undo(publication=public, version=1, actor=world.viewer("dispatcher"), at=LATER)
    assert (undone.state, undone.needs_review, undone.released_at) == (PublicState.WAITING, True, None)
    assert Client().get(reverse("intake:public-one", args=[undone.key])).status_code == 404


def test_the_second_of_two_moderators_is_told(world):
    waiting = open_version(world.submit(may_be_public=True).request)
    release(world, waiting.request)
    with pytest.raises(StaleState) as error:
        publication_keep(
            publication=waiting,
            version=0,
            reason=PublicReason.WORDS,
            actor=world.viewer("supervisor"),
            at=LATER,
        )
    assert "Dispatcher Person" in str(error.value)
    waiting.refresh_from_db()
    assert waiting.state == PublicState.RELEASED


def test_an_answer_that_came_meanwhile_is_not_released_unread(world, client_of):
    request = to_state(world, "contacted", may_be_public=True)
    open_version(request)
    client = client_of("dispatcher")
    address = reverse("intake:publication", args=[request.number])
    shown = fields_of(client.get(address))
    order_reply(
        order=WorkOrder.objects.get(request=request),
        text="周女士：修好了。",
        file_ids=[],
        actor=world.viewer("handler"),
        at=LATER,
    )
    late = client.post(address, {**shown, "release": "1"})
    assert late.status_code == 409
    assert Publication.objects.get().state == PublicState.WAITING
    assert "周女士：修好了。" in late.content.decode()
    again = fields_of(late)
    left_out = {**again, "reply": "", "release": "1"}
    assert client.post(address, left_out).status_code == 302
    assert Publication.objects.get().reply == ""


def test_nobody_without_the_right_moderates(world):
    waiting = open_version(world.submit(may_be_public=True).request)
    for name in ("handler", "agent", "head", "administrator", "stranger"):
        with pytest.raises(Forbidden):
            publication_keep(
                publication=waiting, version=0, reason=PublicReason.WORDS, actor=world.viewer(name), at=LATER
            )


def test_without_consent_nothing_is_released(world):
    request = world.submit(may_be_public=True).request
    waiting = open_version(request)
    type(request).objects.filter(pk=request.pk).update(may_be_public=False)
    with pytest.raises(DomainError) as error:
        publication_release(
            publication=waiting,
            version=0,
            words=PublicWords("灯", "灯不亮"),
            answer_id=None,
            photo_ids=[],
            reason=PublicReason.WORDS,
            actor=world.viewer("dispatcher"),
            at=LATER,
        )
    assert error.value.code == "not_public"


# ---------- photos ----------


def test_a_covered_photo_is_a_new_file_and_the_original_stays_private(world):
    request = world.submit(may_be_public=True).request
    original = with_photo(request)
    waiting = open_version(request)
    moderator = world.viewer("dispatcher")
    photo = photo_cover(
        publication=waiting, version=0, source_id=original.pk, areas=[(50, 0, 50, 100)], actor=moderator, at=LATER
    )
    assert pixel(original, 300, 150)[0] > 150  # red as it was
    assert max(pixel(photo.file, 300, 150)) < 70
    assert min(pixel(photo.file, 100, 150)) > 240
    client = Client()
    assert client.get(file_url(photo.file)).status_code == 404  # not released yet
    waiting.refresh_from_db()
    public = release(world, request, version=waiting.version, photo_ids=[original.pk])
    assert client.get(file_url(photo.file)).status_code == 200
    assert client.get(file_url(original)).status_code == 404
    page = client.get(reverse("intake:public-one", args=[public.key])).content.decode()
    assert str(photo.file.pk) in page
    assert str(original.pk) not in page


def test_covering_again_hides_the_older_copy_at_once(world):
    request = world.submit(may_be_public=True).request
    original = with_photo(request)
    public = release(world, request, photo_ids=[original.pk])
    old = PublicPhoto.objects.get()
    assert Client().get(file_url(old.file)).status_code == 200
    new = photo_cover(
        publication=public,
        version=1,
        source_id=original.pk,
        areas=[(0, 0, 100, 50)],
        actor=world.viewer("dispatcher"),
        at=LATER,
    )
    assert Client().get(file_url(old.file)).status_code == 404
    assert Client().get(file_url(new.file)).status_code == 200
    publication_keep(
        publication=public, version=2, reason=PublicReason.PERSONAL, actor=world.viewer("dispatcher"), at=LATER
    )
    assert Client().get(file_url(new.file)).status_code == 404


@pytest.mark.parametrize("area", [(100, 0, 5, 5), (-1, 0, 5, 5), (0, 0, 0, 5), (0, 99.9, 5, -1)])
def test_a_box_outside_the_photo_is_refused(world, area):
    request = world.submit(may_be_public=True).request
    original = with_photo(request)
    waiting = open_version(request)
    with pytest.raises(DomainError) as error:
        photo_cover(
            publication=waiting,
            version=0,
            source_id=original.pk,
            areas=[area],
            actor=world.viewer("dispatcher"),
            at=LATER,
        )
    assert error.value.field == "areas"
    assert not PublicPhoto.objects.exists()


def test_another_requests_photo_is_not_covered(world):
    original = with_photo(world.submit(may_be_public=True).request)
    waiting = open_version(world.submit(may_be_public=True).request)
    with pytest.raises(DomainError):
        photo_cover(
            publication=waiting,
            version=0,
            source_id=original.pk,
            areas=[],
            actor=world.viewer("dispatcher"),
            at=LATER,
        )


# ---------- pages ----------


def test_the_queue_costs_the_same_for_many(world, client_of):
    for _number in range(3):
        open_version(world.submit(may_be_public=True).request)
    client = client_of("dispatcher")
    address = reverse("intake:moderation")
    client.get(address)
    with assert_sql(5):  # session, person, grants, rows, names
        page = client.get(address)
    assert page.content.decode().count("s-rows__t") == 3
    assert client_of("handler").get(address).status_code == 403


def test_a_moderator_releases_on_the_page_without_scripts(world, client_of):
    request = world.submit(may_be_public=True, body=BODY).request
    original = with_photo(request)
    open_version(request)
    client = client_of("dispatcher")
    address = reverse("intake:publication", args=[request.number])
    page = client.get(address).content.decode()
    assert '<mark class="m-found">13812345678<small>手机号</small></mark>' in page
    assert "<del>" in page  # what masking takes away
    form = {"title": "路灯不亮", "body": "路灯不亮，请修。", "reply": "", "reason": "", "note": "", "version": "0"}
    looked = client.post(address, {**form, "look": "1"})
    assert looked.status_code == 200
    assert Publication.objects.get().state == PublicState.WAITING
    refused = client.post(address, {**form, "release": "1"})
    assert refused.status_code == 422
    assert "路灯不亮，请修。" in refused.content.decode()  # kept
    done = client.post(address, {**form, "reason": "personal", "photos": [str(original.pk)], "release": "1"})
    assert done.status_code == 302
    public = Publication.objects.get()
    assert (public.title, public.body, public.state) == ("路灯不亮", "路灯不亮，请修。", PublicState.RELEASED)
    assert PublicPhoto.objects.get().is_shown
    stale = client.post(address, {**form, "reason": "words", "keep": "1"})
    assert stale.status_code == 409
    assert "Dispatcher Person" in stale.content.decode()
    assert client.post(address, {**form, "version": "1", "undo": "1"}).status_code == 302
    assert Publication.objects.get().state == PublicState.WAITING


def test_a_photo_is_covered_by_numbers(world, client_of):
    request = world.submit(may_be_public=True).request
    original = with_photo(request)
    open_version(request)
    client = client_of("supervisor")
    address = reverse("intake:cover", args=[request.number, original.pk])
    assert client.get(address).status_code == 200
    half = client.post(address, {"version": "0", "left_0": "10", "top_0": "10"})
    assert half.status_code == 422
    assert 'value="10"' in half.content.decode()
    done = client.post(address, {"version": "0", "left_0": "10", "top_0": "10", "width_0": "20", "height_0": "20.5"})
    assert done.status_code == 302
    assert PublicPhoto.objects.get().areas == [[10.0, 10.0, 20.0, 20.5]]
    assert client_of("handler").get(address).status_code == 403


def test_another_areas_moderator_does_not_know_it_exists(world, client_of):
    from tests.factories.world import EAST, WEST, add_person

    add_person(world, "west_desk", "dispatcher", WEST, world.organisations["west"])
    request = world.submit(may_be_public=True).request
    assert request.area_code.startswith(EAST)
    open_version(request)
    client = Client()
    client.force_login(world.people["west_desk"])
    assert client.get(reverse("intake:publication", args=[request.number])).status_code == 404
    assert b"s-rows__t" not in client.get(reverse("intake:moderation")).content


def test_marks_and_differences_are_readable():
    pieces = marked("请打 13812345678，7号楼2单元。")
    assert [(piece.text, piece.kind) for piece in pieces] == [
        ("请打 ", ""),
        ("13812345678", "mobile"),
        ("，", ""),
        ("7号楼2单元", "house"),
        ("。", ""),
    ]
    changed = difference("路灯不亮，找老王。", "路灯不亮，请修。")
    assert [(piece.text, piece.kind) for piece in changed] == [
        ("路灯不亮，", ""),
        ("找老王", "dropped"),
        ("请修", "added"),
        ("。", ""),
    ]
    assert difference("一样", "一样") == []
