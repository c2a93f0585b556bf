"""Reading through the interface: pages by key, filters, what changed, what became of it; masked, counted."""

from datetime import timedelta

import pytest

from governance.privacy.models import AccessLog
from requests_intake.models import ServiceRequest
from tests.factories.bulk import scatter
from tests.factories.world import EAST_GRID, MORNING
from tests.requests_intake.programs import Program, issue
from tests.requests_intake.walk import to_state, to_turn
from tests.sql import assert_sql


@pytest.fixture
def program(world, time_machine):
    time_machine.move_to(MORNING + timedelta(hours=2), tick=False)
    one = Program(issue(world, "dispatcher").secret)
    one.get("/areas/")  # the first call of a day notes the day
    return one


def test_the_list_costs_three_statements_and_shows_every_row_once(world, program):
    scatter(world, 250)
    visible = set(ServiceRequest.objects.visible_to(world.viewer("dispatcher")).values_list("number", flat=True))
    seen, cursor = [], ""
    while cursor is not None:
        with assert_sql(3):  # the token, its grants, the page
            answer = program.get("/requests/", limit=100, **({"cursor": cursor} if cursor else {}))
        seen += [row["number"] for row in answer.json()["results"]]
        cursor = answer.json()["next"]
    assert len(seen) == len(set(seen)) > 100
    assert set(seen) == visible
    assert "count" not in answer.json()


def test_filters_mean_what_they_mean_on_the_page(world, program):
    lamp = to_state(world, "accepted")
    noise = to_state(world, "submitted", category_id=world.categories["noise"].pk, kind="complaint", lng=121.915)
    closed = to_state(world, "closed")

    def numbers(**query):
        answer = program.get("/requests/", **query)
        assert answer.status_code == 200, answer.json()
        return {row["number"] for row in answer.json()["results"]}

    assert numbers() == {lamp.number, noise.number, closed.number}
    assert numbers(kind="complaint") == {noise.number}
    assert numbers(state="accepted") == {lamp.number}
    assert numbers(state="open") == {lamp.number, noise.number}
    assert numbers(category="010102") == {noise.number}
    assert numbers(area=EAST_GRID) == {lamp.number, closed.number}
    assert numbers(organisation=str(world.organisations["lamps"].public_id)) == {closed.number}
    assert numbers(q=f"number:{lamp.number_tail}") >= {lamp.number}
    assert numbers(submitted_since=(MORNING + timedelta(minutes=1)).isoformat()) == set()
    assert numbers(overdue="true") == {lamp.number, noise.number} & numbers(q="state:overdue")


def test_what_nobody_understands_lists_nothing(program):
    assert program.get("/requests/", q="state:bogus").status_code == 422
    assert program.get("/requests/", stat="open").json()["code"] == "unknown_field"
    assert program.get("/requests/", limit=0).status_code == 400
    assert program.get("/requests/", limit=10_000).status_code == 400
    assert program.get("/requests/", q="\0路灯").status_code in (400, 422)
    assert program.get("/requests/", area="990199").status_code == 400
    assert program.get("/areas/", below="990105").json()["code"] == "unknown_field"


def test_only_what_took_a_step_since_then(world, program):
    to_state(world, "submitted")
    moved = to_state(world, "dispatched")  # accepted after ten minutes, dispatched after twenty
    since = (MORNING + timedelta(minutes=5)).isoformat()
    with assert_sql(3):
        rows = program.get("/requests/", updated_since=since).json()["results"]
    assert [row["number"] for row in rows] == [moved.number]


def test_one_request_is_shown_as_on_the_page(world, program):
    request = to_state(world, "contacted")
    with assert_sql(12, at_most=True):
        shown = program.get(f"/requests/{request.number}/").json()
    assert shown["body"] == request.body
    assert shown["contact"] == {"name": "周*", "phone": "139****2046", "email": shown["contact"]["email"]}
    assert "13912342046" not in str(shown)
    assert request.track_token not in str(shown)
    assert [step["name"] for step in shown["history"]] == ["submit", "accept", "dispatch", "signed", "contacted"]
    assert shown["orders"] == [
        {
            "role": "lead",
            "state": "in_progress",
            "organisation": {"id": str(world.organisations["lamps"].public_id), "name": "市政设施所"},
            "next_due_at": shown["orders"][0]["next_due_at"],
        }
    ]
    assert {clock["kind"] for clock in shown["clocks"]} >= {"answer"}
    assert shown["place"] == "柳塘街道 · 槐安社区 · 第一网格"
    assert "id" not in shown


def test_the_number_in_full_is_logged(world, program):
    request = to_state(world, "accepted")
    refused = program.post(f"/requests/{request.number}/contact/", {"purpose": "curiosity"})
    assert (refused.status_code, refused.json()["field"]) == (422, "purpose")
    assert not AccessLog.objects.exists()
    shown = program.post(f"/requests/{request.number}/contact/", {"purpose": "contact"}).json()
    assert shown["phone"] == "13912342046"
    log = AccessLog.objects.get()
    assert (log.purpose, log.user.kind) == ("contact", "program")
    assert sorted(log.fields) == ["email", "name", "phone"]


def test_results_say_what_became_of_it(world, program):
    to_state(world, "callback")  # answered, but nobody closed it yet
    closed = to_state(world, "closed")
    refused = to_turn(world, "not_dispatched")
    with assert_sql(5):
        answer = program.get("/results/", since=MORNING.isoformat()).json()
    rows = {row["number"]: row for row in answer["results"]}
    assert set(rows) == {closed.number, refused.number}
    good = rows[closed.number]
    assert (good["reply"], good["contacted"], good["solved"], good["satisfied"]) == (
        "两盏灯都修好了。",
        True,
        True,
        True,
    )
    assert good["organisation"]["name"] == "市政设施所"
    bad = rows[refused.number]
    assert (bad["no_dispatch_reason"], bad["reply"], bad["satisfied"]) == ("legal", "请找法院。", None)
    assert program.get("/results/", since=(MORNING + timedelta(days=1)).isoformat()).json()["results"] == []


def test_results_page_by_the_moment_of_closing(world, program):
    closed = [to_state(world, "closed", at=MORNING - timedelta(days=day)) for day in range(3)]
    first = program.get("/results/", limit=2).json()
    second = program.get("/results/", limit=2, cursor=first["next"]).json()
    seen = [row["number"] for row in [*first["results"], *second["results"]]]
    assert seen == [request.number for request in reversed(closed)]
    assert second["next"] is None


def test_what_a_form_needs_is_there(world, program):
    items = {item["code"]: item for item in program.get("/catalogue/").json()}
    assert items["010103"]["elsewhere"] == "请马上打 119。"
    assert items["010101"]["elsewhere"] == ""
    names = {one["name"] for one in program.get("/organisations/").json()}
    assert "市政设施所" in names
    areas = program.get("/areas/").json()
    assert {"code": "990105001001", "name": "槐安社区", "level": "community"} in areas
    within = program.get("/areas/", within="990105001001").json()
    assert [area["code"] for area in within] == [EAST_GRID]
    assert (
        Program(program.headers["Authorization"][7:], **{"Accept-Language": "en"})
        .get("/catalogue/")
        .json()[0]["name"]
        .isascii()
    )
