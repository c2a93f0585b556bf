"""One request for staff: what the page costs, hides and says to whoever comes second or types nonsense."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from governance.privacy.models import AccessLog
from requests_intake.models import Attachment, ContactRecord, Reply, ServiceRequest, WorkOrder
from tests.factories import world as worlds
from tests.factories.world import MORNING
from tests.requests_intake.resident import Resident, fields_of, jpeg
from tests.requests_intake.walk import STATES, to_state, to_turn
from tests.sql import assert_sql

SEES = ["dispatcher", "head", "agent", "supervisor", "district", "grid_worker"]


@pytest.fixture(autouse=True)
def _now(time_machine):
    time_machine.move_to(MORNING.replace(hour=5), tick=False)


def page(number, name=""):
    if name in ("", "why", "reveal"):
        return reverse(f"intake:{name or 'request'}", args=[number])
    return reverse("intake:act", args=[number, name])


@pytest.mark.parametrize("name", [*SEES, "handler", "second_handler"])
@pytest.mark.parametrize("state", STATES)
def test_the_page_costs_at_most_ten_statements(world, client_of, name, state):
    request = to_state(world, state)
    client = client_of(name)
    if "handler" in name and state in ("submitted", "accepted"):
        assert client.get(page(request.number)).status_code == 404
        return
    with assert_sql(10, at_most=True):
        response = client.get(page(request.number))
    assert request.title in response.content.decode()


def test_it_costs_no_more_with_a_long_history_and_many_photos(world, client_of, time_machine):
    resident = Resident(clock=time_machine)
    resident.begin().answer_all(world.categories["lamp"].pk, photos=9)
    resident.send()
    request = ServiceRequest.objects.get()
    client = {name: client_of(name) for name in ("dispatcher", "handler", "agent")}
    client["dispatcher"].post(page(request.number, "accept"), {"category": world.categories["lamp"].pk})
    client["dispatcher"].post(page(request.number, "dispatch"), {"organisation": world.organisations["lamps"].pk})
    client["handler"].post(page(request.number, "sign"))
    for round_ in range(3):
        time_machine.shift(60)
        for _time in range(3):
            record = {"how": "phone", "reached": "yes", "note": "打过"}
            assert client["handler"].post(page(request.number, "contact"), record).status_code == 302
        answer = {"text": f"第 {round_} 次", "photos": [jpeg(100 + 8 * (3 * round_ + n)) for n in range(3)]}
        assert client["handler"].post(page(request.number, "reply"), answer).status_code == 302
        if round_ < 2:
            words = {"contacted": "yes", "solved": "no", "grade": "1", "comment": "还没好"}
            assert client["agent"].post(page(request.number, "close"), words).status_code == 302
    assert (Reply.objects.count(), ContactRecord.objects.count(), Attachment.objects.count()) == (3, 9, 18)
    for one in client.values():
        with assert_sql(10, at_most=True):
            shown = one.get(page(request.number)).content.decode()
        assert len(re.findall(r"<img [^>]*thumb", shown)) == 18


@pytest.mark.parametrize("name", [*SEES, "handler"])
def test_numbers_are_masked_until_revealed(world, client_of, name):
    request = to_state(world, "contacted")
    shown = client_of(name).get(page(request.number)).content.decode()
    assert "13912342046" not in shown
    assert "139****2046" in shown
    assert "周梅" not in shown
    assert "zhou@example.com" not in shown
    assert AccessLog.objects.count() == 0


def test_revealing_takes_a_reason_and_leaves_a_row_each_time(world, client_of):
    request = to_state(world, "contacted")
    handler = client_of("handler")
    for reason in ({}, {"purpose": ""}, {"purpose": "curious"}):
        refused = handler.post(page(request.number, "reveal"), reason)
        assert refused.status_code == 422
        assert "13912342046" not in refused.content.decode()
    assert AccessLog.objects.count() == 0
    for count in (1, 2):
        shown = handler.post(page(request.number, "reveal"), {"purpose": "visit"})
        assert "13912342046" in shown.content.decode()
        assert "no-store" in shown["Cache-Control"]
        assert AccessLog.objects.count() == count
    assert "13912342046" not in handler.get(page(request.number)).content.decode()
    opened = handler.get(page(request.number, "reveal"))
    assert opened.status_code == 405
    assert f'href="{page(request.number)}"' in opened.content.decode()  # back to the page above
    assert client_of("supervisor").post(page(request.number, "reveal"), {"purpose": "visit"}).status_code == 403
    assert client_of("other_handler").post(page(request.number, "reveal"), {"purpose": "visit"}).status_code == 404
    assert AccessLog.objects.count() == 2


def test_an_address_alone_can_be_revealed_too(world, client_of):
    request = to_state(world, "contacted", name="", phone="")
    shown = client_of("handler").post(page(request.number, "reveal"), {"purpose": "contact"}).content.decode()
    assert "zhou@example.com" in shown


def test_what_one_may_not_see_is_not_there(world, client_of):
    request = to_state(world, "contacted")
    for name, expected in [("dispatcher", 200), ("other_handler", 404), ("stranger", 403), ("administrator", 403)]:
        assert client_of(name).get(page(request.number)).status_code == expected, name
        assert client_of(name).get(page(request.number, "why")).status_code == expected, name
    assert client_of().get(page(request.number)).status_code == 302


@pytest.mark.parametrize("number", ["202611170000000", "0", "%00", "abc", "1" * 300, "２０２６１１１７０００００００"])
def test_numbers_that_are_none(world, client_of, number):
    request = to_state(world, "accepted")
    for address in ("/staff/requests/{}/", "/staff/requests/{}/why/"):
        assert client_of("dispatcher").get(address.format(request.number)).status_code == 200
        assert client_of("dispatcher").get(address.format(number)).status_code == 404
    assert client_of("dispatcher").post(f"/staff/requests/{number}/do/accept/").status_code == 404


def test_the_second_one_is_told_and_sees_how_it_stands(world, client_of):
    request = to_state(world, "dispatched")
    assert client_of("handler").post(page(request.number, "sign")).status_code == 302
    late = client_of("second_handler").post(page(request.number, "sign"))
    assert late.status_code == 409
    shown = late.content.decode()
    assert "Handler Person 已经在 11月17日 13:00 做了“签收”" in shown
    assert page(request.number, "contact") in shown


def test_bad_input_comes_back_beside_its_field_with_what_was_typed(world, client_of):
    request = to_state(world, "contacted")
    handler = client_of("handler")
    long = "答" * 2001
    refused = handler.post(page(request.number, "reply"), {"text": long})
    assert refused.status_code == 422
    assert long in refused.content.decode()
    assert handler.post(page(request.number, "reply"), {"text": " "}).status_code == 422
    refused = handler.post(page(request.number, "contact"), {"how": "phone", "note": "打了三次都没人接"})
    assert refused.status_code == 422
    assert fields_of(refused)["note"] == "打了三次都没人接"
    pdf = SimpleUploadedFile("x.jpg", b"%PDF-1.4", "image/jpeg")
    refused = handler.post(page(request.number, "reply"), {"text": "好了", "photos": [pdf]})
    assert refused.status_code == 422
    assert "好了" in refused.content.decode()
    assert not Reply.objects.exists()
    refused = client_of("dispatcher").post(page(request.number, "suspend"), {"text": " "})
    assert refused.status_code == 422
    shown = refused.content.decode()  # all that is missing at once, each in the words of this step
    assert "请写明为什么暂停、等什么" in shown
    assert "请选到哪一天" in shown
    shown = handler.get(page(request.number), {"turn": "ask_resident"}).content.decode()
    ids = re.findall(r' id="([^"]+)"', shown)
    assert len(ids) == len(set(ids))  # each label leads to its own field, however many forms stand on the page


def test_what_a_helper_owes_is_a_button_on_top_and_leaves_the_other_steps(world, client_of):
    request = to_turn(world, "helped")
    client = client_of("other_handler")
    for owed in ("co_sign", "give_result"):
        shown = client.get(page(request.number))
        assert [turn.name for turn in shown.context["decisions"]] == [owed]
        assert owed not in {turn.name for turn in shown.context["turns"]}
        order = shown.context["decisions"][0].order.pk
        client.post(page(request.number, owed), {"order": order, "text": "树枝剪好了"})
    assert client.get(page(request.number)).context["decisions"] == []


def test_what_is_still_missing_stands_on_top_until_it_is_answered_anew(world, client_of):
    request = to_state(world, "rework")
    demand = client_of("handler").get(page(request.number)).context["detail"].demand
    assert (demand.name, demand.text) == ("bring_back", "灯还是不亮")
    assert client_of("handler").get(page(to_state(world, "callback").number)).context["detail"].demand is None


def test_accepting_and_sending_in_one_press_leaves_both_steps(world, client_of):
    client, steps = client_of("dispatcher"), {}
    for category in ("lamp", "noise"):
        request = to_state(world, "submitted")
        office = client.get(page(request.number)).context["at_once"]
        assert office == world.organisations["lamps"]
        sent = {"category": world.categories[category].pk, "send_to": office.pk}
        client.post(page(request.number, "accept"), sent)
        steps[category] = list(request.transitions.order_by("pk").values_list("name", flat=True))
    assert steps["lamp"] == ["submit", "accept", "dispatch"]
    assert steps["noise"] == ["submit", "accept"]  # another item was chosen: the office on the button may be wrong


def test_whoever_answers_is_told_whether_it_is_read_first(world, client_of):
    words = []
    for read_first in (False, True):
        world.categories["lamp"].needs_review = read_first
        world.categories["lamp"].save()
        request = to_state(world, "contacted")
        done = client_of("handler").post(page(request.number, "reply"), {"text": "修好了。"}, follow=True)
        words.append([str(message) for message in done.context["messages"]])
    assert words == [["已答复，居民马上能看到"], ["已送审，通过以后居民才看到"]]
    reviewer = client_of("supervisor")
    reviewer.post(page(request.number, "send_back"), {"comment": "请写哪天修的"})
    client_of("handler").post(page(request.number, "contact"), {"how": "phone", "reached": "yes"})
    shown = client_of("handler").get(page(request.number))
    assert "修好了。" in shown.context["forms"]["reply"].as_p()  # what was sent back is mended, not written anew


def test_only_steps_that_can_be_taken_are_drawn_and_only_those_work(world, client_of):
    names = {"accept": "accept", "dispatch": "dispatch", "sign": "sign", "contact": "contact", "reply": "reply"}
    names |= {"close": "close"}
    drawn = {
        ("dispatcher", "submitted"): {"accept"},
        ("dispatcher", "accepted"): {"dispatch"},
        ("dispatcher", "callback"): set(),
        ("handler", "dispatched"): {"sign"},
        ("handler", "signed"): {"contact"},
        ("handler", "contacted"): {"contact", "reply"},
        ("handler", "rework"): {"contact"},
        ("agent", "callback"): {"close"},
        ("agent", "closed"): set(),
        ("supervisor", "submitted"): set(),
    }
    for (name, state), expected in drawn.items():
        request = to_state(world, state)
        shown = client_of(name).get(page(request.number)).content.decode()
        assert {key for key, url in names.items() if f'"{page(request.number, url)}"' in shown} == expected


def test_whoever_dispatched_sees_no_rating_form_and_cannot_post_one(world, client_of):
    request = to_state(world, "callback")
    worlds.grant(world, "dispatcher", "callback_agent", worlds.STREET)
    client = client_of("dispatcher")
    assert page(request.number, "close") not in client.get(page(request.number)).content.decode()
    answer = client.post(page(request.number, "close"), {"contacted": "yes", "solved": "yes", "grade": "5"})
    assert answer.status_code == 403
    assert ServiceRequest.objects.get().state == "callback"


def test_dispatch_offers_the_offices_around_the_probable_one_first(world, client_of):
    request = to_state(world, "accepted")
    form = client_of("dispatcher").get(page(request.number)).context["forms"]["dispatch"]
    offered = list(form.fields["organisation"].queryset)
    assert offered[0] == world.organisations["lamps"]
    assert world.organisations["west"] not in offered
    assert world.organisations["east"] in offered
    answer = client_of("dispatcher").post(
        page(request.number, "dispatch"), {"organisation": world.organisations["west"].pk}
    )
    assert answer.status_code == 422
    assert not WorkOrder.objects.exists()


def test_why_this_date_counts_from_the_submission_and_after_rework_from_there(world, client_of):
    for state, day in [("contacted", "11月24日"), ("rework", "11月24日")]:
        request = to_state(world, state)
        shown = client_of("supervisor").get(page(request.number, "why")).content.decode()
        assert day in shown
        assert "11月17日" in shown


def test_the_partial_is_part_of_the_page(world, client_of):
    request = to_state(world, "contacted")
    client = client_of("supervisor")
    for name in ("", "why"):
        whole = client.get(page(request.number, name)).content.decode()
        partial = client.get(page(request.number, name), headers={"HX-Request": "true"}).content.decode()
        assert "<html" not in partial
        assert partial.strip() in whole
