"""Who may call the interface: live tokens, within their rights; all others are refused in words and change nothing."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from governance.access.models import ApiToken, User
from governance.access.services import token_revoke
from requests_intake.models import ServiceRequest
from tests.factories.world import EAST, WEST
from tests.requests_intake.programs import API, Program, issue, told
from tests.requests_intake.walk import to_state

READS = ["/requests/", "/results/", "/catalogue/", "/organisations/", "/areas/"]


@pytest.mark.parametrize("path", READS)
def test_a_live_token_opens_and_nothing_else_does(world, path):
    secret = issue(world).secret
    assert Program(secret).get(path).status_code == 200
    for headers in (
        {},
        {"Authorization": f"Token {secret}"},
        {"Authorization": f"Bearer {secret}x"},
        {"Authorization": f"Bearer {secret} {secret}"},
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer \x80\xff"},
        {"X-Authorization": f"Bearer {secret}"},
    ):
        answer = Program(**headers).get(path)
        assert answer.status_code == 401, headers
        assert answer["WWW-Authenticate"] == "Bearer"
        assert answer.json()["message"]


def test_expired_and_revoked_tokens_are_refused_at_once(world, time_machine):
    first, second = issue(world), issue(world)
    token_revoke(token=first.token, reason="泄露", actor=world.viewer("administrator"), at=timezone.now())
    assert Program(first.secret).get("/areas/").json()["code"] == "token_invalid"
    assert Program(second.secret).get("/areas/").status_code == 200
    time_machine.move_to(second.token.expires_at + timedelta(seconds=1))
    assert Program(second.secret).get("/areas/").status_code == 401


def test_the_token_of_a_closed_organisation_opens_nothing(world):
    issued = issue(world)
    assert Program(issued.secret).get("/areas/").status_code == 200
    world.organisations["street"].is_active = False
    world.organisations["street"].save()
    assert Program(issued.secret).get("/areas/").status_code == 401


def test_a_session_of_a_colleague_is_no_token(world, client_of):
    assert client_of("dispatcher").get("/staff/requests/").status_code == 200
    assert client_of("dispatcher").get(f"{API}/requests/").status_code == 401


def test_the_account_of_a_token_signs_in_nowhere(world):
    account = issue(world).token.user
    assert account.kind == "program"
    assert not account.has_usable_password()
    client = Client()
    client.force_login(account, backend="governance.access.backends.GrantBackend")
    assert client.get("/staff/").status_code == 302
    assert client.get("/staff/requests/").status_code == 302


def test_the_last_day_of_use_is_noted_once_a_day(world, time_machine):
    issued = issue(world)
    today = timezone.localdate()
    for _ in range(2):
        Program(issued.secret).get("/areas/")
        assert ApiToken.objects.get(pk=issued.token.pk).last_used_date == today


def test_only_what_lies_in_the_area_of_the_token_is_there(world):
    east, west = to_state(world, "submitted"), to_state(world, "submitted", lng=121.915, lat=30.905)
    program = Program(issue(world, area=EAST).secret)
    assert [row["number"] for row in program.get("/requests/").json()["results"]] == [east.number]
    assert program.get(f"/requests/{east.number}/").status_code == 200
    for path in ("", "transitions/"):
        assert program.get(f"/requests/{west.number}/{path}").status_code == 404
    assert program.post(f"/requests/{west.number}/transitions/accept/", {}).status_code == 404
    assert program.post(f"/requests/{west.number}/contact/", {"purpose": "contact"}).status_code == 404
    assert program.get("/requests/000000000000000/").json()["code"] == "not_found"
    assert Program(issue(world, area=WEST).secret).get(f"/requests/{west.number}/").status_code == 200


def test_an_office_sees_and_handles_its_orders_only(world):
    mine = to_state(world, "dispatched")
    to_state(world, "dispatched", organisation="parks")
    program = Program(issue(world, "handler", area="", organisation="lamps").secret)
    assert [row["number"] for row in program.get("/requests/").json()["results"]] == [mine.number]
    assert program.post(f"/requests/{mine.number}/transitions/sign/", {}).status_code == 200


def test_what_the_role_may_not_do_is_refused(world):
    request = to_state(world, "accepted")
    exchange = Program(issue(world, "exchange").secret)
    assert exchange.get(f"/requests/{request.number}/").status_code == 200
    refused = exchange.post(f"/requests/{request.number}/transitions/dispatch/", {"organisation": "x"})
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    assert exchange.post(f"/requests/{request.number}/contact/", {"purpose": "contact"}).status_code == 403
    viewer = Program(issue(world, "district_viewer").secret)
    assert viewer.post("/requests/", told(channel="counter"), key="k" * 8).status_code == 403
    clerk = Program(issue(world, "counter_clerk").secret)
    assert clerk.post("/requests/", told(channel="hotline"), key="k" * 8).status_code == 403
    assert clerk.post("/requests/", told(channel="counter"), key="k" * 8).status_code == 201
    assert ServiceRequest.objects.count() == 2


def test_too_many_calls_wait(world, settings):
    settings.API_PER_MINUTE = 2
    first, second = Program(issue(world).secret), Program(issue(world).secret)
    assert [first.get("/areas/").status_code for _ in range(3)] == [200, 200, 429]
    assert int(first.get("/areas/")["Retry-After"]) > 0
    assert second.get("/areas/").status_code == 200


def test_refusals_speak_the_language_that_is_asked_for(world):
    request = to_state(world, "dispatched")
    secret = issue(world).secret
    path = f"/requests/{request.number}/transitions/accept/"
    chinese = Program(secret, **{"Accept-Language": "zh"}).post(path, {}).json()
    english = Program(secret, **{"Accept-Language": "en"}).post(path, {}).json()
    assert chinese["code"] == english["code"] == "stale_state"
    assert "派单" in chinese["message"]
    assert english["message"].isascii() or "Dispatcher" in english["message"]


def test_a_program_is_no_colleague(world):
    """Nobody finds it to give it a role, and nothing is escalated or sent to it."""
    from governance.access.selectors import holders_of, people_search
    from governance.worktime.permissions import Capability as Worktime
    from requests_intake.notices import handlers_of

    issued = issue(world, "handler", area="", organisation="lamps", name="路灯所系统")
    assert people_search(viewer=world.viewer("administrator"), words="路灯所系统") == []
    told_of = handlers_of([world.organisations["lamps"].pk], timezone.now())[world.organisations["lamps"].pk]
    assert told_of
    assert str(issued.token.user_id) not in {one.ref.rpartition(":")[2] for one in told_of}
    assert issued.token.user_id not in holders_of(Worktime.EDIT_CALENDAR, timezone.now())
    assert User.objects.filter(kind="program").count() == 1


def test_the_party_complained_about_never_learns_who_complained(world):
    from requests_intake.services.triage import request_name_complained

    words = "园林所的人态度很差，我叫周梅，电话 13912342046，请回我。"
    request = to_state(world, "accepted", kind="complaint", body=words)
    request_name_complained(
        request=request, complained=world.organisations["parks"], actor=world.viewer("dispatcher"), at=timezone.now()
    )
    open_to = Program(issue(world, "dispatcher").secret)
    assert "13912342046" in str(open_to.get(f"/requests/{request.number}/").json())
    shielded = Program(issue(world, "dispatcher", organisation="parks").secret)
    for path in (f"/requests/{request.number}/", "/requests/"):
        shown = shielded.get(path)
        assert shown.status_code == 200
        assert "13912342046" not in str(shown.json())
    assert shielded.get(f"/requests/{request.number}/").json()["contact"] is None
    assert shielded.post(f"/requests/{request.number}/contact/", {"purpose": "contact"}).status_code in (403, 404)
