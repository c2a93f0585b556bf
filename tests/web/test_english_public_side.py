"""The public side and its moderation in English, with real rows: nothing Chinese but what residents wrote, marked."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from requests_intake.models import Follow, PublicReason
from requests_intake.services.figures import figures_refresh
from requests_intake.services.following import follow_ask, follow_confirm, follow_token
from requests_intake.services.moderation import photo_cover, publication_keep
from tests.factories import world as worlds
from tests.factories.world import EAST, IN_EAST, MORNING
from tests.requests_intake.public_side import LATER, open_version, release
from tests.requests_intake.resident import Resident
from tests.requests_intake.test_moderation import BODY, with_photo
from tests.requests_intake.walk import STATES, to_state
from tests.web.english import chinese_in, language_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def town(db, time_machine):
    """A released request in every state, one that waits with a photo, one refused; the clock stands a day later."""
    world = worlds.build()
    time_machine.move_to(MORNING + timedelta(days=1), tick=False)
    publics = [release(world, to_state(world, state, may_be_public=True)) for state in STATES]
    request = world.submit(may_be_public=True, body=BODY).request
    photo = with_photo(request)
    waiting = open_version(request)
    moderator = world.viewer("dispatcher")
    photo_cover(publication=waiting, version=0, source_id=photo.pk, areas=[(1, 1, 9, 9)], actor=moderator, at=LATER)
    kept = open_version(world.submit(may_be_public=True).request)
    publication_keep(publication=kept, version=0, reason=PublicReason.WORDS, actor=moderator, at=LATER)
    figures_refresh(at=MORNING + timedelta(days=1))
    yield world, publics, waiting, photo, kept
    worlds.forget()


def english() -> Client:
    client = Client()
    client.cookies["liren_lang"] = "en"
    return client


def read(response, written=(), status=200):
    html = response.content.decode()
    assert response.status_code == status, html[-500:]
    if "<html" in html:
        assert language_of(html) == "en"
    assert chinese_in(html, written=written) == []


def titles(*publications):
    return tuple({one.request.title for one in publications} | {one.title for one in publications if one.title})


def test_what_everybody_reads(town):
    _world, publics, *_rest = town
    client = english()
    for query in ("", "?state=late", "?q=x", "?q=" + "x" * 200, f"?area={EAST}", "?state=open&period=7"):
        read(client.get(reverse("intake:public") + query), titles(*publics))
    for one in publics:
        read(client.get(reverse("intake:public-one", args=[one.key])), titles(one))
        bad = client.post(reverse("intake:follow-one", args=[one.key]), {"email": "x"})
        read(bad, titles(one), status=422)
    read(client.get(reverse("intake:public-figures")))
    read(client.get(reverse("intake:follow-area") + f"?area={EAST}"))
    read(client.post(reverse("intake:follow-area"), {"email": "a@example.com", "area": EAST}))
    read(client.get(reverse("intake:public-map") + "?box=x"), status=400)
    feed = client.get(reverse("intake:public-feed")).content.decode()
    assert "<title>Chengwan District: what neighbours report</title>" in feed
    assert "<category>Street lamp out</category>" in feed


def test_pages_of_letters(town):
    _world, publics, *_rest = town
    follow_ask(email="b@example.com", language="en", publication=publics[0], at=LATER)
    follow_ask(email="b@example.com", language="en", area_code=EAST, at=LATER)
    for follow in Follow.objects.all():
        follow_confirm(follow=follow, at=LATER)
        token = follow_token(follow.pk)
        for name in ("intake:follow-confirm", "intake:unfollow"):
            for method in (english().get, english().post):
                read(method(reverse(name, args=[token])), titles(publics[0]))


def test_what_moderators_read(town):
    world, publics, waiting, photo, kept = town
    client = Client()
    client.force_login(world.people["dispatcher"])
    client.cookies["liren_lang"] = "en"
    for view in ("", "?view=released", "?view=refused"):
        read(client.get(reverse("intake:moderation") + view), titles(waiting, kept, *publics))
    for one in (waiting, kept, publics[0], publics[5]):
        address = reverse("intake:publication", args=[one.request.number])
        read(client.get(address), titles(one))
        stale = {"title": "x", "body": "y", "reply": "", "reason": "words", "note": "", "version": "77"}
        read(client.post(address, {**stale, "keep": "1"}), titles(one), status=409)
    wrong = {"title": "", "body": "", "reply": "", "reason": "", "note": "x" * 300, "version": "1", "release": "1"}
    read(client.post(reverse("intake:publication", args=[waiting.request.number]), wrong), titles(waiting), status=422)
    cover = reverse("intake:cover", args=[waiting.request.number, photo.pk])
    read(client.get(cover))
    read(client.post(cover, {"version": "1", "left_0": "200", "top_0": "1"}), status=422)


def test_similar_ones_while_reporting(town, time_machine):
    world, publics, *_rest = town
    assert settings.LANGUAGE_COOKIE_NAME == "liren_lang"
    resident = Resident(clock=time_machine)
    resident.client.cookies["liren_lang"] = "en"
    resident.begin()
    resident.send(lng=str(IN_EAST[0]), lat=str(IN_EAST[1]))
    resident.send(body="槐安里 7 号楼北侧的路灯不亮了")
    resident.send(category=str(world.categories["lamp"].pk))
    assert resident.address.endswith("/similar/")
    read(resident.client.get(resident.address), titles(*publics))
    counted = resident.client.post(resident.address, {"me_too": publics[0].key})
    assert counted.status_code in (200, 302)
    if counted.status_code == 302:
        read(resident.client.get(counted["Location"]), titles(*publics))
