"""代录: what a clerk takes down is a request like any other, kept while it is typed, compared before it is saved."""

from datetime import timedelta
from html import unescape

import pytest
from django.urls import reverse

from governance.errors import DomainError, Forbidden
from governance.notifications.models import Message
from governance.outbox import relay
from governance.outbox.models import DomainEvent
from requests_intake.models import Attachment, Draft, RequesterContact, RequestTransition, ServiceRequest
from requests_intake.selectors.callers import same_caller
from requests_intake.selectors.entries import entry_slip
from requests_intake.services.entry import entry_submit
from requests_intake.services.submission import Submission
from requests_intake.services.worklists import worklist_save
from tests.factories.world import EAST, EAST_GRID, IN_EAST, MORNING, OUTSIDE, add_person
from tests.requests_intake.resident import jpeg
from tests.requests_intake.walk import to_state
from tests.sql import assert_sql

KEY = "c" * 32
PAGE = f"/staff/entry/{KEY}/"
LAMP = "路灯不亮 010101"
WORDS = "槐安里 9 号楼门口的路灯坏了三天，老人晚上出门看不清。"
TOLD = {
    "channel": "phone",
    "kind": "help",
    "phone": "139 1234 2046",
    "name": "周梅",
    "body": WORDS,
    "address": "槐安里 9 号楼",
    "area_code": EAST,
    "category_words": LAMP,
    "urgent_remark": "老人独居",
}


@pytest.fixture(autouse=True)
def _morning(time_machine):
    time_machine.move_to(MORNING, tick=False)


@pytest.fixture
def clerk(client_of):
    return client_of("clerk")


def test_what_a_clerk_takes_down_is_a_request_like_any_other(world, clerk):
    response = clerk.post(PAGE, TOLD)
    request = ServiceRequest.objects.get()
    assert response["Location"] == reverse("intake:entry-slip", args=[request.number])
    assert (request.channel, request.entered_by) == ("phone", world.people["clerk"])
    assert (request.kind, request.body, request.category) == ("help", WORDS, world.categories["lamp"])
    assert (request.area_code, request.address, request.place_kind) == (EAST, "槐安里 9 号楼", "address")
    assert request.urgent_remark == "老人独居"
    assert request.probable_organisation == world.organisations["lamps"]
    assert request.contact.phone == "13912342046"
    step = RequestTransition.objects.get(request=request)
    assert (step.name, step.actor, step.actor_kind) == ("submit", world.people["clerk"], "staff")
    assert DomainEvent.objects.get(name="requests_intake.submitted").actor_id == world.people["clerk"].pk


def test_the_slip_can_be_read_out_and_printed_and_the_next_entry_is_one_key_away(world, clerk):
    page = clerk.get(clerk.post(PAGE, TOLD)["Location"]).content.decode()
    request = ServiceRequest.objects.get()
    assert request.number_grouped in page
    assert reverse("intake:track", args=[request.track_token]) in page
    assert "<svg" in page
    assert 'data-key="n"' in page
    assert client_sees(world, request)


def test_the_person_gets_number_and_link_by_sms_or_mail(world, clerk, client_of):
    for number, (left, channel) in enumerate([({}, "sms"), ({"email": "zhou@example.com"}, "email")]):
        response = clerk.post(f"/staff/entry/{number:032x}/", TOLD | left | {"is_new": "1"})
        relay.drain(MORNING)
        message = Message.objects.get(kind="requests_intake.received", channel=channel)
        request = ServiceRequest.objects.get(number=response["Location"].rstrip("/").rpartition("/")[2])
        assert message.subject_ref == f"requests_intake.servicerequest:{request.pk}"
    assert "短信" in clerk.get(clerk.post(f"/staff/entry/{0:032x}/", TOLD)["Location"]).content.decode()


def client_sees(world, request):
    """The person follows it with the link of the slip, without any account."""
    from django.test import Client

    return Client().get(reverse("intake:track", args=[request.track_token])).status_code == 200


def test_somebody_without_telephone_place_and_category(world, clerk):
    clerk.post(PAGE, {"channel": "counter", "kind": "enquiry", "body": "老年卡在哪里办？"})
    request = ServiceRequest.objects.get()
    assert (request.channel, request.place_kind, request.area_code, request.category) == (
        "counter", "none", "990105", None,
    )  # fmt: skip
    assert not RequesterContact.objects.exists()
    assert "没有留联系方式" in clerk.get(reverse("intake:entry-slip", args=[request.number])).content.decode()


@pytest.mark.parametrize(("point", "area"), [(IN_EAST, EAST_GRID), (OUTSIDE, "990105")])
def test_a_pin_on_the_map(world, clerk, point, area):
    clerk.post(PAGE, TOLD | {"address": "", "area_code": "", "lng": str(point[0]), "lat": str(point[1])})
    request = ServiceRequest.objects.get()
    assert (request.place_kind, request.area_code, request.is_outside_district) == ("pin", area, point == OUTSIDE)


def test_a_tip_off_is_never_public(world, clerk):
    clerk.post(PAGE, TOLD | {"kind": "tip_off", "may_be_public": "on"})
    assert ServiceRequest.objects.get().may_be_public is False


# --- nothing typed is lost, nothing is filed twice ---


def test_what_is_typed_is_kept_before_it_is_complete(world, clerk, client_of):
    assert clerk.post(PAGE, {"body": "话说到一半", "phone": "xx", "autosave": "1"}).status_code == 204
    assert not ServiceRequest.objects.exists()
    page = clerk.get(PAGE).content.decode()
    assert "话说到一半" in page
    assert 'value="xx"' in page
    assert "话说到一半" in clerk.get("/staff/entry/" + "d" * 32 + "/").content.decode()  # among the unfinished
    others = client_of("dispatcher")
    assert "话说到一半" not in others.get(PAGE).content.decode()
    assert others.post(PAGE, TOLD).status_code == 403
    assert client_of("").get(f"/report/{KEY}/what/").status_code == 410


def test_bad_input_is_told_beside_the_field_and_everything_stays(world, clerk):
    bad = TOLD | {"phone": "打给我", "kind": "", "body": "", "category_words": "没有这一项", "email": "不是邮箱"}
    response = clerk.post(PAGE, bad)
    page = unescape(response.content.decode())
    assert response.status_code == 422
    for message in ["请写几句", "电话没有看懂", "请选一种类型", "没有这个事项", "邮箱没有看懂"]:
        assert message in page
    for typed in ["打给我", "没有这一项", "不是邮箱", "槐安里 9 号楼", "老人独居"]:
        assert typed in page
    assert not ServiceRequest.objects.exists()
    assert clerk.post(PAGE, TOLD | {"body": " "}).status_code == 422
    assert "请写几句" in clerk.post(PAGE, TOLD | {"body": " "}).content.decode()


def test_pressed_twice_it_is_filed_once(world, clerk):
    first, second = clerk.post(PAGE, TOLD), clerk.post(PAGE, TOLD)
    assert ServiceRequest.objects.count() == 1
    assert first["Location"] == second["Location"]
    assert clerk.post(PAGE, TOLD | {"autosave": "1"}).status_code == 204
    assert not Draft.objects.exists()


def test_a_scan_goes_along(world, clerk):
    clerk.post(PAGE, TOLD | {"add": "1", "photos": jpeg()})
    assert clerk.get(PAGE).content.decode().count("<figure") == 1
    clerk.post(PAGE, TOLD | {"photos": jpeg(90)})
    assert Attachment.objects.filter(request=ServiceRequest.objects.get()).count() == 2


def test_dropped_on_purpose(world, clerk):
    clerk.post(PAGE, {"body": "打错了", "autosave": "1"})
    clerk.post(f"{PAGE}drop/")
    assert not Draft.objects.exists()


# --- compared before it is saved ---


def test_the_same_matter_is_shown_before_it_is_saved(world, clerk):
    other = world.submit(body="槐安里 9 号楼门口路灯坏了，老人晚上出门看不清路", place_kind="address",
                         address="槐安里9栋", area_code=EAST, lng=None, lat=None).request  # fmt: skip
    elsewhere = world.submit(body="小区门口有人乱停车，消防通道堵了", phone="13800000001").request
    response = clerk.post(PAGE, TOLD)
    page = response.content.decode()
    assert ServiceRequest.objects.count() == 2
    assert other.number in page
    assert "同一个地方" in page
    assert elsewhere.number not in page
    clerk.post(PAGE, TOLD | {"is_new": "1"})
    assert ServiceRequest.objects.count() == 3


def test_who_has_seen_it_beside_the_form_is_not_asked_again(world, clerk):
    other = world.submit(body=WORDS, place_kind="address", address="槐安里 9 号楼", area_code=EAST).request
    aside = clerk.post(f"{PAGE}?aside=1", TOLD).content.decode()
    assert f'name="seen" value="{other.number}"' in aside
    assert not Draft.objects.exists()
    clerk.post(PAGE, TOLD | {"seen": other.number})
    assert ServiceRequest.objects.count() == 2


def test_closed_ones_and_those_out_of_sight_are_not_compared(world, clerk, client_of):
    to_state(world, "closed", body=WORDS, place_kind="address", address="槐安里 9 号楼", area_code=EAST)
    clerk.post(PAGE, TOLD)
    assert ServiceRequest.objects.count() == 2
    add_person(world, "far", "counter_clerk", "990105001002", world.organisations["west"])
    page = client_of("far").post("/staff/entry/" + "e" * 32 + "/?aside=1", TOLD).content.decode()
    assert "同一个地方" not in page


def test_the_same_caller_is_shown_to_whom_it_is_meant(world, clerk, client_of):
    for days in (1, 2, 40, 400):
        world.submit(MORNING - timedelta(days=days), phone="13912342046")
    page = clerk.post(f"{PAGE}?aside=1", {"phone": "139-1234-2046"}).content.decode()
    assert "本月 2 次，今年 3 次" in page
    assert "这个电话" not in client_of("head").post(f"{PAGE}?aside=1", {"phone": "13912342046"}).content.decode()
    found = same_caller(world.viewer("clerk"), "13912342046", at=MORNING)
    assert found is not None
    assert len(found.latest) == 4
    assert same_caller(world.viewer("clerk"), "139", at=MORNING) is None


def test_a_telephone_number_in_the_search_box_finds_what_came_from_it(world, clerk, client_of):
    made = world.submit(MORNING - timedelta(days=1), phone="13912342046").request
    for typed in ("13912342046", "139-1234 2046"):
        assert clerk.get("/staff/find/", {"q": typed}, follow=True).content.decode().count(made.number) > 0
    assert made.number not in clerk.get("/staff/requests/", {"q": "13912342047"}).content.decode()
    assert made.number not in client_of("head").get("/staff/requests/", {"q": "13912342046"}).content.decode()
    saved = {"name": "老客户", "page": "requests", "view": "all", "query": "13912342046", "share": "", "key": "0" * 32}
    with pytest.raises(DomainError, match="电话号码不能存进清单"):
        worklist_save(**saved, actor=world.viewer("clerk"), at=MORNING)


def test_likely_items_come_from_the_words_and_an_emergency_is_told(world, clerk):
    page = clerk.post(f"{PAGE}?aside=1", {"body": "楼下着火了"}).content.decode()
    assert "119" in page
    suggested = clerk.post(PAGE, TOLD | {"category_words": "", "suggest": LAMP}).content.decode()
    assert f'value="{LAMP}"' in suggested
    assert not ServiceRequest.objects.exists()


# --- in the same go; who may ---


def test_accepted_in_the_same_go(world, client_of):
    client_of("dispatcher").post(PAGE, TOLD | {"accept": "on"})
    request = ServiceRequest.objects.get()
    assert (request.state, request.accepted_at) == ("accepted", MORNING)
    names = DomainEvent.objects.order_by("pk").values_list("name", flat=True)
    assert list(names) == ["requests_intake.submitted", "requests_intake.accepted"]


def test_what_cannot_be_accepted_is_not_filed_either(world, client_of):
    response = client_of("dispatcher").post(PAGE, TOLD | {"accept": "on", "category_words": ""})
    assert response.status_code == 422
    assert "请选一个事项" in response.content.decode()
    assert not ServiceRequest.objects.exists()
    assert Draft.objects.count() == 1


def test_a_clerk_who_may_not_accept_is_not_offered_it(world, clerk):
    assert 'name="accept"' not in clerk.get(PAGE).content.decode()
    clerk.post(PAGE, TOLD | {"accept": "on"})
    assert ServiceRequest.objects.get().state == "submitted"


@pytest.mark.parametrize("name", ["handler", "agent", "supervisor", "administrator", "stranger"])
def test_others_may_not_enter(world, client_of, name):
    assert client_of(name).get(PAGE).status_code == 403
    assert client_of(name).post(PAGE, TOLD).status_code == 403
    with pytest.raises(Forbidden):
        entry_submit(
            submission=Submission(kind="help", body=WORDS, submission_key=KEY, channel="counter"),
            accept=False,
            actor=world.viewer(name),
            at=MORNING,
        )
    assert not ServiceRequest.objects.exists()


def test_the_slip_is_for_the_clerk_who_hands_it_over_on_that_day(world, clerk, client_of):
    address = clerk.post(PAGE, TOLD)["Location"]
    assert client_of("dispatcher").get(address).status_code == 404
    assert clerk.get(address).status_code == 200
    number = ServiceRequest.objects.get().number
    assert entry_slip(number, world.viewer("clerk"), at=MORNING + timedelta(hours=23)) is not None
    assert entry_slip(number, world.viewer("clerk"), at=MORNING + timedelta(hours=25)) is None


def test_what_was_entered_for_another_area_stays_in_sight_of_the_clerk(world, client_of):
    add_person(world, "west", "counter_clerk", "990105001002", world.organisations["west"])
    client_of("west").post(PAGE, TOLD)
    request = ServiceRequest.objects.get()
    assert request in ServiceRequest.objects.visible_to(world.viewer("west"))
    assert client_of("west").get(reverse("intake:request", args=[request.number])).status_code == 200
    add_person(world, "second_west", "counter_clerk", "990105001002", world.organisations["west"])
    assert request not in ServiceRequest.objects.visible_to(world.viewer("second_west"))


def test_what_saving_costs(world, clerk):
    clerk.post(PAGE, TOLD | {"autosave": "1"})
    with assert_sql(34, at_most=True):
        clerk.post(PAGE, TOLD)
