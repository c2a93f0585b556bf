"""Following by e-mail: confirmed by the address' owner, told once, ended with one press."""

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from governance.notifications.models import Message
from governance.notifications.services.sending import send_batch
from governance.outbox import relay
from requests_intake.models import Follow, WorkOrder
from requests_intake.services.following import area_news, follow_ask, follow_confirm, follow_token, follows_forget
from requests_intake.services.handling import order_reply
from tests.factories.world import DISTRICT, EAST, MORNING, WEST
from tests.requests_intake.public_side import LATER, open_version, release
from tests.requests_intake.walk import to_state

pytestmark = pytest.mark.django_db
NEXT_DAY = LATER + timedelta(days=1)


@pytest.fixture(autouse=True)
def _clock(time_machine):
    time_machine.move_to(LATER, tick=False)


def letters(at=LATER + timedelta(minutes=5)):
    """Deliver what is due and return the letters sent since."""
    relay.drain()
    before = len(mail.outbox)
    while send_batch(at=at).claimed:
        pass
    return mail.outbox[before:]


def asked(publication=None, area="", email="neighbour@example.com"):
    follow_ask(email=email, language="zh-hans", publication=publication, area_code=area, at=LATER)
    return Follow.objects.order_by("pk").last()


def test_the_link_of_the_letter_shows_and_only_a_press_confirms(world):
    public = release(world, to_state(world, "contacted", may_be_public=True))
    client = Client(enforce_csrf_checks=True)
    page = client.get(reverse("intake:public-one", args=[public.key]))
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.content.decode())[1]
    sent = client.post(
        reverse("intake:follow-one", args=[public.key]),
        {"email": "neighbour@example.com", "csrfmiddlewaretoken": token},
    )
    assert "请看邮箱" in sent.content.decode()
    (letter,) = [one for one in letters() if one.to == ["neighbour@example.com"]]
    link = re.search(r"/follow/\S+/", letter.body)[0]
    scanner = Client(enforce_csrf_checks=True)
    assert scanner.get(link).status_code == 200
    assert scanner.head(link).status_code == 200
    assert Follow.objects.get().confirmed_at is None
    assert scanner.post(link).status_code == 200
    assert Follow.objects.get().confirmed_at == LATER


def test_followers_hear_of_each_step_once_and_end_it_with_one_press(world):
    request = to_state(world, "contacted", may_be_public=True)
    public = release(world, request)
    follow_confirm(follow=asked(public), at=LATER)
    asked(public, email="unconfirmed@example.com")
    order = WorkOrder.objects.get(request=request)
    order_reply(order=order, text="修好了。", file_ids=[], actor=world.viewer("handler"), at=LATER)
    letters()
    told = Message.objects.filter(kind="requests_intake.followed_moved")
    assert told.count() == 1
    (letter,) = [one for one in mail.outbox if "有进展" in one.body]
    assert letter.to == ["neighbour@example.com"]
    assert letter.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    link = letter.extra_headers["List-Unsubscribe"].strip("<>")
    path = "/" + link.partition("://")[2].partition("/")[2]
    assert "修好了" not in letter.body  # the office's words wait for a look
    Client(enforce_csrf_checks=True).post(path, {"List-Unsubscribe": "One-Click"})
    assert Follow.objects.get(confirmed_at__isnull=False).ended_at is not None
    release(world, request, version=public.version)
    letters()
    assert told.count() == 1


def test_newly_released_words_of_the_office_are_a_step(world):
    request = to_state(world, "contacted", may_be_public=True)
    public = release(world, request)
    follow_confirm(follow=asked(public), at=LATER)
    order = WorkOrder.objects.get(request=request)
    order_reply(order=order, text="修好了。", file_ids=[], actor=world.viewer("handler"), at=LATER)
    relay.drain()
    release(world, request, version=1)
    relay.drain()
    steps = [
        message.context["step"]["zh"]
        for message in Message.objects.filter(kind="requests_intake.followed_moved").order_by("pk")
    ]
    assert steps == ["市政设施所答复", "答复公开了"]


def test_news_of_an_area_come_once_a_day_and_each_release_once(world):
    follow_confirm(follow=asked(area=EAST), at=LATER - timedelta(hours=1))
    follow_confirm(follow=asked(area=WEST, email="west@example.com"), at=LATER - timedelta(hours=1))
    release(world, world.submit(may_be_public=True, body="第一件：路灯不亮").request, at=LATER)
    open_version(world.submit(may_be_public=True, body="不公开的一件").request)
    assert area_news(at=LATER + timedelta(hours=2)) == 0  # too soon
    assert area_news(at=NEXT_DAY) == 1
    assert area_news(at=NEXT_DAY) == 0
    assert area_news(at=NEXT_DAY + timedelta(hours=2)) == 0
    letters(at=NEXT_DAY + timedelta(hours=1))
    (letter,) = [one for one in mail.outbox if "新公开" in one.subject]
    assert letter.to == ["neighbour@example.com"]
    assert "第一件" in letter.body
    assert "不公开的一件" not in letter.body
    release(world, world.submit(may_be_public=True, body="第二件：井盖响").request, at=NEXT_DAY + timedelta(hours=3))
    assert area_news(at=NEXT_DAY + timedelta(days=1)) == 1
    relay.drain()
    counts = [m.context["count"] for m in Message.objects.filter(kind="requests_intake.area_news").order_by("pk")]
    assert counts == [1, 1]


def test_whoever_follows_already_is_told_the_same_words_and_gets_no_letter(world):
    public = release(world, world.submit(may_be_public=True).request)
    follow_confirm(follow=asked(public), at=LATER)
    letters()
    again = Client().post(reverse("intake:follow-one", args=[public.key]), {"email": "Neighbour@example.com"})
    assert "请看邮箱" in again.content.decode()
    assert [one for one in letters() if one.to == ["neighbour@example.com"]] == []
    assert Follow.objects.count() == 1


def test_a_stranger_cannot_flood_an_address(world):
    publics = [release(world, world.submit(may_be_public=True).request) for _number in range(8)]
    for public in publics:
        asked(public, email="victim@example.com")
    relay.drain()
    assert Message.objects.filter(kind="requests_intake.follow_confirm").count() == 5


def test_forged_late_and_ended_links(world):
    public = release(world, world.submit(may_be_public=True).request)
    follow = asked(public)
    token = follow_token(follow.pk)
    client = Client()
    for forged in ("x", token[:-1], f"{follow.pk + 1}{token[len(str(follow.pk)) :]}", "9" * 5000):
        assert client.get(reverse("intake:follow-confirm", args=[forged])).status_code == 404
    Follow.objects.update(asked_at=LATER - timedelta(days=8))
    late = client.post(reverse("intake:follow-confirm", args=[token]))
    assert (late.status_code, "7 天" in late.content.decode()) == (409, True)
    assert follows_forget(at=LATER) == 1


def test_bad_addresses_and_areas_get_words(world):
    client = Client()
    codes = [code for code, _name in client.get(reverse("intake:follow-area")).context["form"].fields["area"].choices]
    assert DISTRICT in codes
    assert len(codes) == len(set(codes))
    page = client.post(reverse("intake:follow-area"), {"email": "no address", "area": "123"})
    assert page.status_code == 422
    assert "邮箱没有看懂" in page.content.decode()
    assert "没有这一项" in page.content.decode()
    assert 'value="no address"' in page.content.decode()
    assert client.post(reverse("intake:follow-area"), {"email": "a@example.com", "area": EAST}).status_code == 200
    assert Follow.objects.get().area_code == EAST


def test_the_address_is_encrypted_and_never_in_the_trail(world):
    from django.db import connection

    from governance.outbox.models import DomainEvent

    asked(release(world, world.submit(may_be_public=True).request))
    with connection.cursor() as cursor:
        cursor.execute("SELECT email FROM requests_intake_follow")
        assert b"neighbour" not in bytes(cursor.fetchone()[0])
    assert "neighbour" not in str(list(DomainEvent.objects.values_list("payload", "subject_ref")))


def test_morning_only(world, time_machine):
    from requests_intake.tasks import run_area_news

    follow_confirm(follow=asked(area=EAST), at=MORNING)
    release(world, world.submit(may_be_public=True).request, at=LATER)
    time_machine.move_to(NEXT_DAY.replace(hour=22), tick=False)  # 6:00 in Shanghai
    run_area_news()
    relay.drain()
    assert not Message.objects.filter(kind="requests_intake.area_news").exists()
    time_machine.move_to(NEXT_DAY.replace(hour=23, minute=59) + timedelta(minutes=2), tick=False)  # 8:01
    run_area_news()
    relay.drain()
    assert Message.objects.filter(kind="requests_intake.area_news").count() == 1
