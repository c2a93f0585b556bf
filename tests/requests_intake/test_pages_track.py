"""Following a request without an account: looking changes nothing, rating does, and nobody finds another's."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from requests_intake.models import Attachment, CallBack, RequestTransition, ServiceRequest
from requests_intake.services.handling import order_contact, order_reply
from tests.factories.world import MORNING
from tests.requests_intake.resident import Resident, fields_of
from tests.requests_intake.walk import STATES, to_state
from tests.sql import assert_sql

NOW = MORNING + timedelta(hours=3)
RATING = {"contacted": "yes", "solved": "yes", "grade": "5", "comment": "谢谢"}


@pytest.fixture(autouse=True)
def _now(time_machine):
    time_machine.move_to(NOW, tick=False)


def track(request, name="track"):
    return reverse(f"intake:{name}", args=[request.track_token])


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("method", ["get", "head"])
def test_looking_changes_nothing_in_any_state(world, client, state, method):
    """Mail scanners open every link, and some ask with HEAD first."""
    request = to_state(world, state)
    for name in ("track", "receipt"):
        with CaptureQueriesContext(connection) as captured:
            assert getattr(client, method)(track(request, name)).status_code == 200
        assert {query["sql"].split()[0] for query in captured.captured_queries} == {"SELECT"}
    assert ServiceRequest.objects.get(pk=request.pk).state == request.state
    assert not client.cookies.get("sessionid")


@pytest.mark.parametrize(
    ("state", "steps", "next_title"),
    [
        ("submitted", ["您提交了"], "等受理"),
        ("accepted", ["已受理", "您提交了"], "等派单"),
        ("dispatched", ["派给市政设施所", "已受理"], "等签收"),
        ("signed", ["市政设施所签收", "派给市政设施所"], "正在办"),
        ("contacted", ["市政设施所联系了您", "市政设施所签收"], "正在办"),
        ("callback", ["市政设施所答复", "市政设施所联系了您"], "等您评价"),
        ("rework", ["没有解决，退回重办", "市政设施所答复"], "正在办"),
        ("closed", ["已办结", "市政设施所答复"], "已办结"),
    ],
)
def test_every_step_office_and_what_comes_next(world, client, state, steps, next_title):
    request = to_state(world, state)
    shown = client.get(track(request)).context["tracking"]
    assert [step.title for step in shown.steps[: len(steps)]] == steps
    assert shown.next_title == next_title
    assert len(shown.steps) == RequestTransition.objects.filter(request=request).count()
    assert [step.at for step in shown.steps] == sorted((step.at for step in shown.steps), reverse=True)


def test_staff_stay_unnamed_and_notes_unseen(world, client):
    request = to_state(world, "callback")
    noted = to_state(world, "signed")
    order_contact(
        order=noted.orders.get(),
        how="phone",
        reached=True,
        note="脾气不好",
        actor=world.viewer("handler"),
        at=NOW,
    )
    for one in (request, noted):
        shown = client.get(track(one)).content.decode()
        assert "Handler Person" not in shown
        assert "脾气不好" not in shown
    assert "两盏灯都修好了" in client.get(track(request)).content.decode()


def test_answers_of_earlier_rounds_stay_readable(world, client):
    request = to_state(world, "rework")
    order, handler = request.orders.get(), world.viewer("handler")
    before = client.get(track(request)).context["tracking"]
    assert (before.is_answered_before, before.answer.text) == (True, "两盏灯都修好了。")
    assert before.demand
    for text in ("换了整根灯杆。", "又换了线。"):
        order_contact(order=order, how="phone", reached=True, note="", actor=handler, at=NOW)
        order_reply(order=order, text=text, file_ids=[], actor=handler, at=NOW)
        if text == "换了整根灯杆。":
            client.post(track(request, "rate"), RATING | {"solved": "no", "comment": "还是不亮"})
    shown = client.get(track(request))
    for text in ("两盏灯都修好了。", "换了整根灯杆。", "又换了线。"):
        assert shown.content.decode().count(text) == 1, text
    assert shown.context["tracking"].answer.text == "又换了线。"
    assert shown.context["tracking"].is_answered_before is False


def test_it_says_when_somebody_waits_too_long(world, client, time_machine):
    request = to_state(world, "contacted")
    assert client.get(track(request)).context["tracking"].is_late is False
    time_machine.move_to(request.due_at + timedelta(minutes=1), tick=False)
    assert client.get(track(request)).context["tracking"].is_late is True


def test_tracking_costs_few_statements(world, client):
    request = to_state(world, "rework")
    with assert_sql(7, at_most=True):
        client.get(track(request))


def test_rating_by_the_link_closes_once(world):
    """No session, no cookies: the link is the right."""
    request = to_state(world, "callback")
    client = Client()
    form = fields_of(client.get(track(request)))
    answer = client.post(track(request, "rate"), form | RATING)
    assert (answer.status_code, answer["Location"]) == (302, track(request))
    assert ServiceRequest.objects.get().state == "closed"
    again = client.post(track(request, "rate"), form | RATING | {"solved": "no", "comment": "又坏了"})
    assert again.status_code == 422
    assert "这次没有重复做" in again.content.decode() or "做不了" in again.content.decode()
    assert CallBack.objects.get().solved == "yes"
    assert client.get(track(request, "rate")).status_code == 405


def test_an_incomplete_rating_comes_back_with_what_was_chosen(world, client):
    request = to_state(world, "callback")
    refused = client.post(track(request, "rate"), {"contacted": "no", "solved": "no", "grade": "2", "comment": ""})
    assert refused.status_code == 422
    assert {name: fields_of(refused)[name] for name in ("contacted", "solved", "grade")} == {
        "contacted": "no",
        "solved": "no",
        "grade": "2",
    }
    for mangled in ({}, {"contacted": "maybe"}, RATING | {"grade": "9"}, RATING | {"comment": "长" * 1001}):
        assert client.post(track(request, "rate"), mangled).status_code == 422
    assert not CallBack.objects.exists()


@pytest.mark.parametrize("token", ["x" * 22, "长" * 22, "%00", "a" * 64, "a" * 65, "."])
def test_an_unknown_link_says_where_to_ask(world, client, token):
    to_state(world, "callback")
    for address in ("/t/{}/", "/t/{}/receipt/"):
        assert client.get(address.format(token)).status_code == 404
    assert client.post(f"/t/{token}/rate/", RATING).status_code == 404
    assert ServiceRequest.objects.get().state == "callback"


def test_a_link_ends_a_year_after_closing(world, client, time_machine):
    request = to_state(world, "closed")
    time_machine.move_to(request.closed_at + timedelta(days=365), tick=False)
    assert client.get(track(request)).status_code == 200
    time_machine.shift(timedelta(seconds=1))
    assert client.get(track(request)).status_code == 404
    assert client.get(track(request, "receipt")).status_code == 404
    assert client.post(track(request, "rate"), RATING).status_code == 404


# --- without the link ---


def look_up(clock, number, contact, client=None):
    resident = Resident(clock=clock, client=client or Client())
    resident.open(reverse("intake:lookup"))
    return resident.send(follow=False, number=number, contact=contact)


@pytest.mark.parametrize(
    "contact", ["13912342046", "139 1234 2046", "+86 139-1234-2046", "１３９１２３４２０４６", "ZHOU@example.com "]
)
def test_number_and_telephone_or_address_lead_to_the_request(world, time_machine, contact):
    request = to_state(world, "accepted")
    for number in (request.number, request.number_grouped, f" {request.number[:8]} {request.number[8:]}"):
        answer = look_up(time_machine, number, contact)
        assert (answer.status_code, answer["Location"]) == (302, track(request))


def test_somebody_else_s_number_and_no_number_get_the_same_words(world, time_machine):
    request, without = to_state(world, "accepted"), to_state(world, "accepted", phone="", email="", name="")
    assert look_up(time_machine, request.number, "13912342046").status_code == 302
    answers = [
        look_up(time_machine, number, contact)
        for number, contact in [
            (request.number, "13800000000"),
            (request.number, "other@example.com"),
            ("202611170000007", "13912342046"),
            ("abc", "13912342046"),
            (without.number, "13912342046"),
            (without.number, "."),
        ]
    ]
    assert {answer.status_code for answer in answers} == {422}
    words = {str(answer.context["form"].non_field_errors()) for answer in answers}
    assert len(words) == 1
    assert "没有找到" in words.pop()


def test_asking_too_often_is_slowed_down(world, time_machine):
    request = to_state(world, "accepted")
    client = Client()
    codes = [look_up(time_machine, request.number, "13800000000", client).status_code for _ in range(21)]
    assert codes == [422] * 20 + [429]
    assert look_up(time_machine, request.number, "13912342046", client).status_code == 429
    assert client.get(reverse("intake:lookup")).status_code == 200


def test_a_script_is_asked_to_press_again(world, time_machine):
    request = to_state(world, "accepted")
    client = Client()
    shown = fields_of(client.get(reverse("intake:lookup")))
    typed = shown | {"number": request.number, "contact": "13912342046"}
    answer = client.post(reverse("intake:lookup"), typed)
    assert answer.status_code == 422
    assert fields_of(answer)["number"] == request.number
    time_machine.shift(timedelta(seconds=5))
    assert client.post(reverse("intake:lookup"), typed).status_code == 302


def test_photos_open_for_whoever_holds_the_page(world, time_machine):
    resident = Resident(clock=time_machine)
    resident.begin().answer_all(world.categories["lamp"].pk, photos=1)
    resident.send()
    request = ServiceRequest.objects.get()
    (photo,) = resident.open(track(request)).context["tracking"].own_photos
    assert Client().get(photo.thumb_url).status_code == 200
    bare = photo.thumb_url.partition("?")[0]
    assert Client().get(bare).status_code in (302, 403, 404)
    time_machine.shift(timedelta(hours=2))
    assert Client().get(photo.thumb_url).status_code in (302, 403, 404)
    assert Attachment.objects.get().file.owner_ref.endswith(f":{request.pk}")
