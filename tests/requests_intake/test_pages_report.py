"""The whole public walk without script: forwards, back, again, without cookies, too late, twice."""

import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from requests_intake.models import Attachment, Draft, ServiceRequest
from requests_intake.services.drafts import drafts_expire
from tests.factories import world as worlds
from tests.factories.world import EAST, EAST_GRID, MORNING, OUTSIDE
from tests.requests_intake.resident import WORDS, Resident, fields_of, jpeg
from tests.sql import assert_sql


@pytest.fixture
def resident(world, time_machine):
    time_machine.move_to(MORNING, tick=False)
    return Resident(clock=time_machine)


def lamp(world):
    return world.categories["lamp"].pk


def test_the_walk_from_first_choice_to_tracking(world, resident):
    resident.begin().answer_all(lamp(world), photos=2)
    preview = resident.open(resident.address).content.decode()
    assert "槐安里 7 号楼" in preview
    assert preview.count("<figure") == 2
    resident.send()
    receipt = resident.open(resident.address)
    request = ServiceRequest.objects.get()
    page = receipt.content.decode()
    assert request.number_grouped in page
    assert "市政设施所" in page
    assert reverse("intake:track", args=[resident.token]) in page
    assert (request.area_code, request.body, request.category_id) == (EAST_GRID, WORDS, lamp(world))
    assert request.contact.phone == "13912342046"
    assert Attachment.objects.filter(request=request).count() == 2
    tracking = resident.open(reverse("intake:track", args=[resident.token])).content.decode()
    assert request.title in tracking
    assert not Draft.objects.exists()


def test_a_question_needs_no_place_and_no_photos(world, resident):
    resident.begin("enquiry")
    visited = [resident.step]
    resident.answer_all("unsure")
    assert visited == ["what"]
    resident.send()
    request = ServiceRequest.objects.get()
    assert (request.kind, request.place_kind, request.category) == ("enquiry", "none", None)


def test_every_answer_is_there_after_going_back_and_reloading(world, resident):
    resident.begin().answer_all(lamp(world), where={"address": "北侧第三盏"})
    for step, name, value in [
        ("where", "address", "北侧第三盏"),
        ("where", "lng", "121.905"),
        ("what", "body", WORDS),
        ("category", "category", str(lamp(world))),
        ("contact", "phone", "13912342046"),
        ("contact", "may_be_public", "no"),
    ]:
        for _reload in range(2):
            assert fields_of(resident.go(step))[name] == value, step


def test_the_back_button_of_the_page_keeps_what_was_typed(world, resident):
    resident.begin()
    resident.send(lng="121.905", lat="30.905")
    half = "写到一半，还没想好"
    resident.send(body=half, back="1")
    assert resident.step == "where"
    assert fields_of(resident.go("what"))["body"] == half


def test_lost_cookies_in_the_middle_lose_nothing(world, resident):
    resident.begin()
    resident.send(lng="121.905", lat="30.905")
    resident.client = Client(enforce_csrf_checks=True)  # another browser, or all cookies deleted
    resident.send(body=WORDS)
    resident.client = Client(enforce_csrf_checks=True)
    resident.answer_all(lamp(world))
    resident.client = Client(enforce_csrf_checks=True)
    resident.send()
    assert ServiceRequest.objects.get().body == WORDS


def test_bad_input_comes_back_with_what_was_typed_and_a_word_beside_it(world, resident):
    resident.begin()
    refused = resident.send(address="", lng="", lat="", area_code="")
    assert refused.status_code == 422
    resident.send(lng="121.905", lat="30.905")
    long = "长" * 10_000
    refused = resident.send(body=long)
    assert refused.status_code == 422
    assert fields_of(refused)["body"] == long
    assert fields_of(resident.go("what"))["body"] == long
    assert resident.send(body=" ").status_code == 422
    resident.send(body=WORDS)
    assert resident.send(category="").status_code == 422
    assert resident.send(category=str(lamp(world))).status_code == 302
    resident.send()
    refused = resident.send(phone="周梅", email="nobody")
    assert refused.status_code == 422
    assert fields_of(refused)["phone"] == "周梅"


def test_script_tags_are_shown_as_text(world, resident):
    resident.begin()
    words = "<script>alert(1)</script> & <b>路灯</b>不亮"
    resident.answer_all(lamp(world), what={"body": words}, contact={"name": "<i>周</i>"})
    pages = [resident.open(resident.address)]
    resident.send()
    assert ServiceRequest.objects.get().body == words
    pages += [resident.open(resident.address), resident.open(reverse("intake:track", args=[resident.token]))]
    for page in pages:
        text = page.content.decode()
        assert "<script>alert" not in text
        assert "<b>路灯" not in text
        assert "<i>周" not in text
    assert "&lt;script&gt;alert(1)" in pages[2].content.decode()


def test_an_emergency_stops_with_a_number_to_call(world, resident):
    resident.begin()
    resident.send(lng="121.905", lat="30.905")
    resident.send(body="三楼着火了，冒黑烟")
    assert "tel:119" in resident.open(resident.address).content.decode()
    stopped = resident.send(category="other", other=str(world.categories["fire"].pk))
    assert stopped.status_code == 422
    assert "tel:119" in stopped.content.decode()
    assert resident.step == "category"
    # not an emergency after all
    assert resident.send(category="other", other=str(lamp(world))).status_code == 302
    resident.answer_all(lamp(world))
    resident.send()
    assert ServiceRequest.objects.get().category_id == lamp(world)


def test_a_category_stays_chosen_when_the_words_change(world, resident):
    resident.begin().answer_all(lamp(world))
    resident.go("what")
    resident.send(body="工地半夜施工，噪声很大")
    assert fields_of(resident.go("category"))["category"] == str(lamp(world))
    resident.go("preview")
    resident.send()
    assert ServiceRequest.objects.get().category_id == lamp(world)


def test_a_pin_outside_is_kept_and_said_so(world, resident):
    resident.begin().answer_all(lamp(world), where={"lng": str(OUTSIDE[0]), "lat": str(OUTSIDE[1])})
    assert "图钉在本区以外" in resident.open(resident.address).content.decode()
    resident.send()
    assert "图钉在本区以外" in resident.open(resident.address).content.decode()
    assert ServiceRequest.objects.get().is_outside_district


def test_a_community_from_the_list_and_no_place_at_all(world, resident):
    for answer, code in [({"area_code": EAST}, EAST), ({"skip": "1"}, "990105")]:
        resident.begin()
        resident.answer_all(lamp(world), where={"lng": "", "lat": ""} | answer)
        resident.send()
        assert ServiceRequest.objects.latest("pk").area_code == code


def test_a_tip_off_is_not_asked_whether_it_may_be_public(world, resident):
    resident.begin("tip_off").answer_all(lamp(world), contact={"may_be_public": "yes"})
    assert 'name="may_be_public"' not in resident.go("contact").content.decode()
    resident.go("preview")
    resident.send()
    assert ServiceRequest.objects.get().may_be_public is False


def test_pressing_send_twice_leads_to_one_receipt(world, resident):
    resident.begin().answer_all(lamp(world))
    shown = fields_of(resident.open(resident.address))
    first = resident.client.post(resident.address, shown)
    second = resident.client.post(resident.address, shown)
    assert (first.status_code, second.status_code) == (302, 302)
    assert first["Location"] == second["Location"]
    assert ServiceRequest.objects.count() == 1


def test_a_reload_after_sending_says_that_it_was_sent(world, resident):
    resident.begin().answer_all(lamp(world))
    preview = resident.address
    resident.send()
    assert resident.client.get(preview).status_code == 410


def test_an_expired_and_an_unknown_draft_say_so(world, resident, time_machine):
    resident.begin()
    page = resident.address
    assert resident.client.get(page).status_code == 200
    time_machine.shift(timedelta(days=7, minutes=1))
    assert resident.client.get(page).status_code == 410
    assert resident.client.post(page, {"address": "x"}).status_code == 410
    drafts_expire(at=MORNING + timedelta(days=30))
    for token in ("x" * 22, "长", "a" * 500):
        assert resident.client.get(reverse("intake:step", args=[token, "what"])).status_code == 410


def test_unanswered_questions_are_asked_before_sending(world, resident):
    resident.begin()
    resident.send(lng="121.905", lat="30.905")
    answer = resident.client.post(reverse("intake:step", args=[resident.token, "preview"]))
    assert (answer.status_code, answer["Location"]) == (302, reverse("intake:step", args=[resident.token, "what"]))
    assert not ServiceRequest.objects.exists()


def test_photos_one_by_one_wrong_ones_and_too_many(world, resident):
    resident.begin()
    resident.send(skip="1")
    resident.send(body=WORDS)
    resident.send(category="unsure")
    pdf = SimpleUploadedFile("单子.pdf", b"%PDF-1.4 nothing", "application/pdf")
    refused = resident.send(photos=[jpeg(), pdf], add="1")
    assert refused.status_code == 422
    assert "单子.pdf" in refused.content.decode()
    refused = resident.send(photos=[jpeg(100 + 8 * number) for number in range(12)], add="1")
    assert refused.status_code == 422
    draft = Draft.objects.get()
    assert len(draft.data["photos"]) == 9
    resident.send(remove=draft.data["photos"][0])
    assert len(Draft.objects.get().data["photos"]) == 8
    for nonsense in ("x", "1" * 40):
        assert resident.client.post(resident.address, {"remove": nonsense}).status_code < 500


def test_the_language_can_change_in_the_middle(world, resident):
    resident.begin()
    resident.send(lng="121.905", lat="30.905")
    resident.send(body="Lamp is out", _preference="lang:en")
    assert resident.client.cookies
    assert fields_of(resident.open(resident.address))["body"] == "Lamp is out"


@pytest.mark.parametrize("photos", [0, 3])
def test_the_final_submit_costs_at_most_fifteen_statements(world, resident, photos):
    # a process that has filed a request in the last minute: it keeps calendar, ladder and limits that long
    world.submit(MORNING)
    resident.begin().answer_all(lamp(world), photos=photos)
    shown = fields_of(resident.open(resident.address))
    with assert_sql(15, at_most=True):
        response = resident.client.post(resident.address, shown)
    assert re.fullmatch(r"/t/[\w-]{22}/receipt/", response["Location"])


def test_the_first_submit_of_a_process_reads_four_more_tables(world, resident):
    resident.begin().answer_all(lamp(world), photos=3)
    shown = fields_of(resident.open(resident.address))
    worlds.forget()
    with assert_sql(19, at_most=True):
        response = resident.client.post(resident.address, shown)
    assert response.status_code == 302


def test_beginning_too_often_is_slowed_down(world, resident):
    codes = [resident.client.post(reverse("intake:start"), {"kind": "help"}).status_code for _ in range(61)]
    assert codes == [302] * 60 + [429]
