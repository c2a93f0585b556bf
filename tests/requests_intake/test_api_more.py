"""Filing by a program, the rest of it: upstream numbers, extra questions, whom it is about, what comes later."""

from io import BytesIO
from uuid import uuid4

import pytest

from governance.jobs.services import job_run
from governance.outbox.models import DomainEvent
from requests_intake import events
from requests_intake.models import Attachment, BatchRow, Category, ServiceRequest, UpstreamOrder
from requests_intake.models.upstream import RowState
from requests_intake.questions import raw_of
from requests_intake.selectors.catalogue import catalogue_forget
from requests_intake.services.upstream import batch_run
from tests.factories.world import MORNING
from tests.governance.file_samples import drawing, encoded
from tests.requests_intake.programs import API, Program, issue, told
from tests.requests_intake.test_questions import ALL
from tests.requests_intake.upstream_files import order, received, source_of, xlsx
from tests.requests_intake.walk import to_state


@pytest.fixture
def hotline(world):
    return Program(issue(world, "exchange").secret)


# An order that upstream knows, by a table and by a call


def numbered(source, number: int, **changes):
    return told(upstream_source=source.key, upstream_no=f"BJ2026{number:06d}", case_no="C-1", **changes)


def run(world, batch):
    job = batch_run(batch=batch, actor=world.viewer("dispatcher"), at=MORNING)
    return job_run(job_id=job.pk, clock=lambda: MORNING)


def test_an_order_filed_by_call_is_known_to_a_table(world, hotline):
    source = source_of()
    filed = hotline.post("/requests/", numbered(source, 7), key="hotline-0007")
    assert filed.status_code == 201, filed.json()
    kept = UpstreamOrder.objects.get()
    assert (kept.request.number, kept.source, kept.batch) == (filed.json()["number"], source, None)
    assert (kept.upstream_no, kept.case_no) == ("BJ2026000007", "C-1")
    batch = received(world, source, xlsx([order(7), order(8)]))
    run(world, batch)
    rows = {row.line: row for row in BatchRow.objects.filter(batch=batch)}
    assert sorted(row.state for row in rows.values()) == [RowState.FILED, RowState.REPEATED]
    assert next(row for row in rows.values() if row.state == RowState.REPEATED).order == kept
    assert ServiceRequest.objects.count() == 2


def test_an_order_filed_by_table_is_known_to_a_call(world, hotline):
    source = source_of()
    run(world, received(world, source, xlsx([order(7)])))
    answer = hotline.post("/requests/", numbered(source, 7), key="hotline-0007")
    assert (answer.status_code, answer.json()["code"]) == (409, "upstream_known")
    number = ServiceRequest.objects.get().number
    assert number in answer.json()["message"].replace("-", "").replace(" ", "")


def test_the_same_call_again_is_a_repeat_and_another_call_a_conflict(world, hotline):
    source = source_of()
    first = hotline.post("/requests/", numbered(source, 7), key="hotline-0007")
    again = hotline.post("/requests/", numbered(source, 7), key="hotline-0007")
    assert (again.status_code, again.json()) == (200, first.json())
    other = hotline.post("/requests/", numbered(source, 7), key="hotline-0008")
    assert (other.status_code, other.json()["code"]) == (409, "upstream_known")
    assert ServiceRequest.objects.count() == UpstreamOrder.objects.count() == 1


def test_a_number_needs_a_source_that_this_token_may_import_from(world, hotline):
    source = source_of()
    half = hotline.post("/requests/", told(upstream_no="1"), key="hotline-0001")
    assert (half.status_code, half.json()["code"], half.json()["field"]) == (400, "upstream_half", "upstream_no")
    unknown = hotline.post("/requests/", told(upstream_source="nobody", upstream_no="1"), key="hotline-0001")
    assert (unknown.status_code, unknown.json()["field"]) == (422, "upstream_source")
    clerk = Program(issue(world, "counter_clerk").secret)
    refused = clerk.post("/requests/", numbered(source, 7, channel="counter"), key="counter-0001")
    assert refused.status_code == 403
    assert not ServiceRequest.objects.exists()


# Extra questions, and whom it is about


@pytest.fixture
def asking(world):
    """The item of the sample call asks the questions of the questions' own tests."""
    Category.objects.filter(pk=world.categories["lamp"].pk).update(questions=raw_of(ALL))
    catalogue_forget()
    yield
    catalogue_forget()


def test_the_catalogue_names_the_questions(hotline, asking):
    items = {item["code"]: item for item in hotline.get("/catalogue/").json()}
    shown = items["010101"]["questions"]
    assert [one["key"] for one in shown] == [question.key for question in ALL]
    assert all({"kind", "label", "required", "options", "only_if"} <= set(one) for one in shown)
    assert [item["questions"] for code, item in items.items() if code != "010101"] == [[]] * (len(items) - 1)


def test_answers_are_kept_in_the_words_of_the_question(hotline, asking):
    sent = {"what": "street", "pole": "A-7", "when": ["dusk", "night"]}
    answer = hotline.post("/requests/", told(answers=sent), key="hotline-0001")
    assert answer.status_code == 201, answer.json()
    kept = ServiceRequest.objects.get().answers.rows
    assert [row["label"] for row in kept] == ["是什么灯？", "灯杆编号", "什么时候不亮"]
    assert [value["zh"] for value in kept[2]["values"]] == ["傍晚", "半夜"]


def test_an_answer_that_nobody_asked_for_is_refused(hotline, asking):
    for sent, status, field in (
        ({"nobody": "x"}, 422, "answers.nobody"),
        ({"what": "street"}, 422, "answers.pole"),
        ({"what": "bare"}, 422, "answers.what"),
        ({ALL[0].key: {"a": 1}}, 400, f"answers.{ALL[0].key}"),
        ({ALL[0].key: ["x"] * 13}, 400, f"answers.{ALL[0].key}"),
    ):
        answer = hotline.post("/requests/", told(answers=sent), key="hotline-0001")
        assert (answer.status_code, answer.json()["field"]) == (status, field)
    assert not ServiceRequest.objects.exists()


def test_without_answers_nobody_asked(hotline, asking):
    assert hotline.post("/requests/", told(), key="hotline-0001").status_code == 201


def test_a_complaint_names_whom_it_is_about(world, hotline):
    office = world.organisations["street"]
    answer = hotline.post("/requests/", told(kind="complaint", complained=str(office.public_id)), key="hotline-0001")
    assert answer.status_code == 201, answer.json()
    assert ServiceRequest.objects.get().complained_organisation == office
    for body, code in (
        (told(complained=str(office.public_id)), "not_complaint"),
        (told(kind="complaint", complained=str(uuid4())), "organisation_unknown"),
    ):
        refused = hotline.post("/requests/", body, key="hotline-0002")
        assert (refused.status_code, refused.json()["code"], refused.json()["field"]) == (422, code, "complained")


# What comes later


def photo(program: Program) -> str:
    upload = BytesIO(encoded(drawing(), "JPEG"))
    upload.name = "lamp.jpg"
    return program.upload("/attachments/", file=upload).json()["id"]


def test_photos_and_words_come_later(world, hotline):
    number = hotline.post("/requests/", told(), key="hotline-0001").json()["number"]
    body = {"text": "市民又发来一张照片", "attachments": [photo(hotline)]}
    answer = hotline.post(f"/requests/{number}/supplements/", body)
    assert answer.status_code == 201, answer.json()
    request = ServiceRequest.objects.get()
    attachment = Attachment.objects.get(request=request)
    assert attachment.supplement.text == "市民又发来一张照片"
    assert DomainEvent.objects.filter(name=events.SUPPLEMENTED.name).count() == 1
    shown = hotline.get(f"/requests/{number}/").json()
    assert [(one["text"], len(one["attachments"])) for one in shown["supplements"]] == [("市民又发来一张照片", 1)]
    assert shown["attachments"] == []


def test_nothing_comes_after_the_end_and_nothing_without_a_word(world, hotline):
    closed = to_state(world, "closed")
    desk = Program(issue(world, "dispatcher").secret)
    late = desk.post(f"/requests/{closed.number}/supplements/", {"text": "还有一张"})
    assert (late.status_code, late.json()["code"]) == (409, "request_ended")
    still_open = to_state(world, "accepted")
    for body, status, field in (
        ({"text": " "}, 422, "text"),
        ({"text": "x", "attachments": ["y"]}, 400, "attachments.0"),
        ({"text": "x", "attachments": [str(uuid4())]}, 422, "photos"),
        ({"text": "x", "attachments": [str(uuid4()) for _ in range(7)]}, 422, "photos"),
    ):
        answer = desk.post(f"/requests/{still_open.number}/supplements/", body)
        assert (answer.status_code, answer.json()["field"]) == (status, field)
    handler = Program(issue(world, "handler").secret)
    assert handler.post(f"/requests/{still_open.number}/supplements/", {"text": "x"}).status_code == 403


# What is asked wrongly


@pytest.mark.parametrize("path", ["/requests/", "/results/"])
@pytest.mark.parametrize("cursor", ["x", "WzAsIjIwMjYiXQ:1:abc"])
def test_a_mangled_cursor_is_said_and_not_the_first_page(hotline, path, cursor):
    answer = hotline.get(path, cursor=cursor)
    assert (answer.status_code, answer.json()["code"], answer.json()["field"]) == (400, "cursor_unknown", "cursor")


def test_the_cursor_of_another_list_is_mangled_here(world, hotline):
    for key in ("hotline-0001", "hotline-0002"):
        hotline.post("/requests/", told(), key=key)
    cursor = hotline.get("/requests/", limit=1).json()["next"]
    assert hotline.get("/requests/", limit=1, cursor=cursor).status_code == 200
    assert hotline.get("/results/", cursor=cursor).status_code == 400


def test_unknown_addresses_and_methods_are_refused_as_json(hotline):
    lost = hotline.get("/nothing/here/")
    assert (lost.status_code, lost.json()["code"]) == (404, "not_found")
    assert "/api/v1/schema/" in lost.json()["message"]
    wrong = hotline.client.delete(f"{API}/requests/", headers=hotline.headers)
    assert (wrong.status_code, wrong.json()["code"]) == (405, "method_not_allowed")
    page = hotline.client.get("/nothing/here/")
    assert (page.status_code, page["Content-Type"].split(";")[0]) == (404, "text/html")


def test_a_fault_of_the_program_is_json_too(hotline, monkeypatch):
    def broken(viewer):
        raise RuntimeError("a fault of the program")

    monkeypatch.setattr("requests_intake.api.views.requests_listed", broken)
    hotline.client.raise_request_exception = False
    answer = hotline.get("/requests/")
    assert (answer.status_code, answer.json()["code"]) == (500, "server_error")
    assert "RuntimeError" not in answer.content.decode()
