"""Steps through the interface: the table, forms, rights and words of the pages."""

from io import BytesIO

import pytest
from django.urls import reverse

from requests_intake.actions import ACTIONS
from requests_intake.api.reading import TransitionSerializer
from requests_intake.api.steps import BESIDE, UPLOADS
from requests_intake.models import ServiceRequest, WorkOrder
from tests.governance.file_samples import drawing, encoded
from tests.requests_intake.programs import Program, issue
from tests.requests_intake.walk import to_state, to_turn


@pytest.fixture
def desk(world):
    return Program(issue(world, "dispatcher").secret)


@pytest.fixture
def office(world):
    return Program(issue(world, "handler", area="", organisation="lamps").secret)


def path(request, name):
    return f"/requests/{request.number}/transitions/{name}/"


def test_a_request_goes_the_whole_way(world, desk, office):
    request = to_state(world, "submitted")
    photo = BytesIO(encoded(drawing(), "JPEG"))
    photo.name = "lamp.jpg"
    lamps = str(world.organisations["lamps"].public_id)
    agent = Program(issue(world, "callback_agent").secret)
    for program, name, body in [
        (desk, "accept", {"category": "010101"}),
        (desk, "dispatch", {"organisation": lamps, "instruction": "今天去看"}),
        (office, "sign", {}),
        (office, "contact", {"how": "phone", "reached": True, "note": "约好下午"}),
    ]:
        answer = program.post(path(request, name), body)
        assert answer.status_code == 200, answer.json()
        assert answer.json()["message"] == str(ACTIONS[name].done)
    replied = office.upload(path(request, "reply"), text="两盏灯都修好了，今晚会亮。", photos=photo)
    assert replied.status_code == 200, replied.json()
    rated = agent.post(path(request, "close"), {"contacted": True, "solved": "yes", "grade": 5, "comment": "很快"})
    assert rated.json()["request"]["state"] == "closed"
    order = WorkOrder.objects.get(request=request)
    assert order.handler.kind == "program"
    assert order.instruction == "今天去看"
    assert order.replies.get().attachments.count() == 1


@pytest.mark.parametrize(
    ("state", "name", "who", "body"),
    [
        ("submitted", "accept", "dispatcher", {"category": "999999"}),
        ("accepted", "dispatch", "dispatcher", {}),
        ("accepted", "dispatch", "dispatcher", {"organisation": "no such office"}),
        ("accepted", "not_dispatch", "dispatcher", {}),
        ("accepted", "not_dispatch", "dispatcher", {"reason": "bogus", "text": "不行"}),
        ("accepted", "merge", "dispatcher", {"target": "123"}),
        ("signed", "contact", "handler", {}),
        ("contacted", "reply", "handler", {"text": " "}),
        ("signed", "request_return", "handler", {"ground": "", "text": "不是我们的"}),
        ("signed", "dispute", "handler", {"basis": "长" * 1001}),
        ("callback", "close", "agent", {"contacted": "yes"}),
    ],
)
def test_page_and_interface_say_the_same(world, client_of, state, name, who, body):
    request = to_state(world, state)
    role = {"dispatcher": "dispatcher", "handler": "handler", "agent": "callback_agent"}[who]
    place = {"area": "", "organisation": "lamps"} if who == "handler" else {}
    said = Program(issue(world, role, **place).secret).post(path(request, name), body)
    page = client_of(who).post(reverse("intake:act", args=[request.number, name]), body)
    assert said.status_code == page.status_code == 422
    assert said.json()["message"] in page.content.decode()
    assert ServiceRequest.objects.get(pk=request.pk).state == request.state


def test_whoever_comes_second_is_told_what_happened(world, desk, client_of):
    request = to_state(world, "submitted")
    assert desk.post(path(request, "accept"), {}).status_code == 200
    again = desk.post(path(request, "accept"), {})
    assert (again.status_code, again.json()["code"]) == (409, "stale_state")
    page = client_of("dispatcher").post(reverse("intake:act", args=[request.number, "accept"]), {})
    assert page.status_code == 409
    assert again.json()["message"] in page.content.decode()


def test_the_text_of_a_legal_reason_is_proposed(world, desk):
    request = to_state(world, "accepted")
    answer = desk.post(path(request, "not_dispatch"), {"reason": "legal", "text": ""})
    assert (answer.status_code, answer.json()["code"]) == (422, "text_filled")
    sent = desk.post(path(request, "not_dispatch"), {"reason": "legal", "text": answer.json()["suggestion"]})
    assert sent.json()["request"]["state"] == "no_dispatch"


@pytest.mark.parametrize("body", [{"categry": "010101"}, {"order": 1}, {"photos": []}])
def test_fields_that_the_step_has_not_are_refused(world, desk, body):
    request = to_state(world, "submitted")
    answer = desk.post(path(request, "accept"), body)
    assert (answer.status_code, answer.json()["code"]) == (400, "unknown_field")
    assert answer.json()["field"] == next(iter(body))
    assert ServiceRequest.objects.get(pk=request.pk).state == "submitted"


@pytest.mark.parametrize("body", [[], "x", 1, None, {"category": {"a": 1}}, {"category": [["x"]]}])
def test_what_has_no_shape_is_refused(world, desk, body):
    assert desk.post(path(to_state(world, "submitted"), "accept"), body).status_code == 400


def test_unknown_steps_are_not_there(world, desk):
    request = to_state(world, "submitted")
    for name in ("submit", "archive", "replied", "bogus"):
        assert desk.post(path(request, name), {}).status_code == 404


def test_the_steps_that_are_listed_can_be_taken(world, desk):
    request = to_state(world, "submitted")
    listed = {step["name"]: step for step in desk.get(f"/requests/{request.number}/transitions/").json()}
    assert "accept" in listed
    assert listed["accept"]["order_of"] is None
    assert [field["name"] for field in listed["accept"]["fields"]] == ["category"]
    desk.post(path(request, "accept"), {})
    listed = {step["name"]: step for step in desk.get(f"/requests/{request.number}/transitions/").json()}
    fields = {field["name"]: field for field in listed["dispatch"]["fields"]}
    chosen = fields["organisation"]["choices"][0]
    assert fields["helpers"]["many"]
    answer = desk.post(path(request, "dispatch"), {"organisation": chosen["value"], "helpers": []})
    assert answer.status_code == 200, answer.json()
    assert answer.json()["request"]["organisation"]["name"] == chosen["label"]


def test_a_helping_office_moves_its_own_order(world):
    request = to_turn(world, "helped")
    parks = world.organisations["parks"]
    helper = Program(issue(world, "handler", area="", organisation="parks").secret)
    listed = helper.get(f"/requests/{request.number}/transitions/").json()
    assert [(step["name"], step["order_of"]) for step in listed] == [("co_sign", str(parks.public_id))]
    assert helper.post(path(request, "co_sign"), {}).status_code == 403  # the lead's order is meant, and is not theirs
    assert helper.post(path(request, "co_sign"), {"order_of": str(parks.public_id)}).status_code == 200
    assert helper.post(path(request, "give_result"), {"order_of": "x", "text": "好了"}).status_code == 409
    done = helper.post(path(request, "give_result"), {"order_of": str(parks.public_id), "text": "树枝剪好了"})
    assert done.status_code == 200


def test_the_description_names_every_field_of_every_step(world):
    """The steps are a table; what is written about them for programmers must not fall behind it."""
    request = to_turn(world, "disputed")
    order = WorkOrder.objects.get(request=request, role="lead")
    described = set(TransitionSerializer().fields)
    used = {name for action in ACTIONS.values() for name in action.form(request, order, None).fields}
    assert used | BESIDE | set(UPLOADS.values()) == described
