"""Filing through the interface: once, by the rules of the pages, with the words of the pages."""

import threading
from io import BytesIO
from uuid import uuid4

import pytest
from django.db import connection

from governance.outbox.models import DomainEvent
from requests_intake import events
from requests_intake.models import Attachment, RequesterContact, ServiceRequest
from tests.governance.file_samples import drawing, encoded
from tests.requests_intake.programs import Program, issue, told


@pytest.fixture
def hotline(world):
    return Program(issue(world, "exchange").secret)


def test_a_request_is_filed_with_number_promise_place_and_link(world, hotline):
    answer = hotline.post("/requests/", told(urgent_remark="老人独居"), key="hotline-0001")
    assert answer.status_code == 201
    shown = answer.json()
    request = ServiceRequest.objects.get(number=shown["number"])
    assert answer["Location"] == f"/api/v1/requests/{request.number}/"
    assert shown["state"] == "submitted"
    assert shown["area_code"] == "990105001001001"
    assert shown["category"] == {"code": "010101", "name": "路灯不亮"}
    assert shown["tracking_url"].endswith(f"/t/{request.track_token}/")
    assert request.channel == "hotline"
    assert request.entered_by.kind == "program"
    assert request.urgent_remark == "老人独居"
    assert RequesterContact.objects.get(request=request).phone == "13912342046"
    assert DomainEvent.objects.filter(name=events.SUBMITTED.name, area_code=request.area_code).exists()


def test_the_same_call_again_returns_the_first_request(world, hotline):
    first = hotline.post("/requests/", told(), key="hotline-0001")
    again = hotline.post("/requests/", told(), key="hotline-0001")
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()
    other = hotline.post("/requests/", told(body="另一件事"), key="hotline-0001")
    assert (other.status_code, other.json()["code"]) == (409, "key_reused")
    assert ServiceRequest.objects.count() == 1


def test_the_key_of_another_caller_is_another_key(world, hotline):
    second = Program(issue(world, "exchange").secret)
    numbers = {program.post("/requests/", told(), key="hotline-0001").json()["number"] for program in (hotline, second)}
    assert len(numbers) == 2


@pytest.mark.parametrize("key", ["", "short", "with space", "é" * 10, "x" * 201])
def test_without_a_good_key_nothing_is_filed(world, hotline, key):
    answer = hotline.post("/requests/", told(), key=key)
    assert (answer.status_code, answer.json()["field"]) == (400, "Idempotency-Key")
    assert not ServiceRequest.objects.exists()


@pytest.mark.parametrize(
    ("changes", "status", "code", "field"),
    [
        ({"bodyy": "x"}, 400, "unknown_field", "bodyy"),
        ({"entered_by": 1}, 400, "unknown_field", "entered_by"),
        ({"kind": "bogus"}, 400, "invalid_choice", "kind"),
        ({"channel": "web"}, 400, "invalid_choice", "channel"),
        ({"body": ["x"]}, 400, "invalid", "body"),
        ({"body": "x\0"}, 400, "unreadable", None),
        ({"lng": 181}, 400, "max_value", "lng"),
        ({"lng": "NaN"}, 400, "invalid", "lng"),
        ({"lat": None}, 400, "point_half", "lat"),
        ({"area_code": "990105009"}, 400, "invalid", "area_code"),
        ({"promised_at": "0001-01-01T00:00:00Z"}, 400, "far", "promised_at"),
        ({"attachments": ["x"]}, 400, "invalid", "attachments.0"),
        ({"phone": "不知道"}, 400, "invalid", "phone"),
        ({"body": " "}, 422, "body_required", "body"),
        ({"body": "长" * 10_001}, 422, "body_too_long", "body"),
        ({"category": "999999"}, 422, "category_unknown", "category"),
        ({"category": "010103"}, 422, "emergency", "category"),
        ({"attachments": [str(uuid4())]}, 422, "file_gone", "photos"),
        ({"accept": True}, 403, "forbidden", None),
    ],
)
def test_bad_input_is_told_and_files_nothing(world, hotline, changes, status, code, field):
    answer = hotline.post("/requests/", told(**changes), key="hotline-0001")
    said = answer.json()
    assert (answer.status_code, said["code"], said["field"]) == (status, code, field)
    assert said["message"]
    assert not ServiceRequest.objects.exists()
    assert hotline.post("/requests/", told(), key="hotline-0001").status_code == 201


@pytest.mark.parametrize("raw", [b"", b"{", b"\xff", b'{"body": "\\ud800"}', b"[]", b"1", b"null", b'{"lng": 1e999}'])
def test_what_is_no_object_in_json_is_refused(world, hotline, raw):
    answer = hotline.client.post(
        "/api/v1/requests/",
        raw,
        content_type="application/json",
        headers=hotline.headers | {"Idempotency-Key": "hotline-0001"},
    )
    assert answer.status_code == 400


def test_a_body_without_end_is_refused(world, hotline, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 2_000
    assert hotline.post("/requests/", told(body="x" * 3_000), key="hotline-0001").status_code == 413


def test_the_page_says_the_same_about_the_same_mistakes(world, hotline, client_of):
    """One clerk types it, one program sends it: the words about it are the same."""
    clerk = client_of("clerk")
    key = uuid4().hex
    for typed, sent in [
        ({"body": "  "}, {"body": "  "}),
        ({"phone": "不知道"}, {"phone": "不知道"}),
        ({"body": "长" * 10_001}, {"body": "长" * 10_001}),
    ]:
        form = {"channel": "phone", "kind": "help", "body": "路灯不亮", "is_new": "1"} | typed
        page = clerk.post(f"/staff/entry/{key}/", form)
        said = hotline.post("/requests/", told(channel="phone") | sent, key=uuid4().hex).json()
        assert page.status_code == 422
        assert said["message"] in page.content.decode()


def test_photos_are_checked_and_travel_with_the_request(world, hotline):
    photo = BytesIO(encoded(drawing(), "JPEG"))
    photo.name = "lamp.jpg"
    stored = hotline.upload("/attachments/", file=photo)
    assert stored.status_code == 201
    filed = hotline.post("/requests/", told(attachments=[stored.json()["id"]]), key="hotline-0001").json()
    assert Attachment.objects.get(request__number=filed["number"]).file.uuid.hex == stored.json()["id"].replace("-", "")
    shown = hotline.get(f"/requests/{filed['number']}/").json()["attachments"]
    assert hotline.client.get(shown[0]["url"]).status_code == 200

    text = BytesIO(b"not a picture")
    text.name = "lamp.jpg"
    refused = hotline.upload("/attachments/", file=text)
    assert refused.status_code == 422
    assert refused.json()["message"]
    assert hotline.upload("/attachments/", photo=text).json()["code"] == "unknown_field"
    assert hotline.upload("/attachments/").status_code == 400


def test_another_programs_upload_is_not_ours_to_use(world, hotline):
    photo = BytesIO(encoded(drawing(), "JPEG"))
    photo.name = "lamp.jpg"
    foreign = Program(issue(world, "exchange").secret).upload("/attachments/", file=photo).json()["id"]
    assert hotline.post("/requests/", told(attachments=[foreign]), key="hotline-0001").json()["code"] == "file_gone"


def test_who_may_accept_does_it_in_the_same_go(world):
    program = Program(issue(world, "dispatcher").secret)
    assert program.post("/requests/", told(accept=True), key="hotline-0001").json()["state"] == "accepted"


def test_two_calls_at_the_same_moment_file_one(committed_world):
    secret = issue(committed_world, "exchange").secret
    ready, answers = threading.Barrier(4), []

    def call():
        ready.wait()
        answers.append(Program(secret).post("/requests/", told(), key="hotline-0001"))
        connection.close()

    threads = [threading.Thread(target=call) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 201]
    assert len({answer.json()["number"] for answer in answers}) == 1
    assert ServiceRequest.objects.count() == 1
