"""The closed loop: a look on site before filing, orders of a patrol, and who may verify them (STANDARDS 2.5)."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.urls import reverse

from governance.access.models import Grant, Role
from governance.access.viewer import SYSTEM
from governance.errors import DomainError, Forbidden, StaleState
from governance.outbox import relay
from governance.outbox.models import DomainEvent
from governance.refs import ref_of
from grid.models import Check
from grid.services.checks import check_complete
from requests_intake.models import CallBack, Clock, RequestTransition, ServiceRequest, WorkOrder
from requests_intake.selectors.detail import available_steps, request_for
from requests_intake.selectors.queue import WORKLISTS, requests_in
from requests_intake.services.callback import request_call_at_limit, request_rate
from requests_intake.services.handling import order_contact, order_reply, order_sign
from requests_intake.services.helping import order_co_sign, order_give_result
from requests_intake.services.resting import request_ask
from requests_intake.services.site_checks import request_ask_check, request_drop_check
from requests_intake.services.stepping import request_lock
from requests_intake.services.submission import Submission, request_submit
from requests_intake.services.triage import helper_open, request_accept, request_dispatch
from tests.factories.world import EAST, EAST_GRID, IN_EAST, MORNING, STREET, add_person, grant
from tests.requests_intake.walk import to_state

LATER = MORNING + timedelta(hours=2)


def patrolled(world, key="finding:1", **changes):
    values = {"kind": "help", "body": "槐安里 7 号楼北侧井盖缺一角", "submission_key": key, "channel": "patrol"}
    values |= {"category_id": world.categories["lamp"].pk, "place_kind": "pin", "lng": IN_EAST[0], "lat": IN_EAST[1]}
    return request_submit(submission=Submission(**values | changes), actor=SYSTEM, at=MORNING).request


def handled(world, key="finding:1", helpers=()):
    """A patrol's matter, accepted, sent out, done by the office, its result told."""
    request = patrolled(world, key)
    desk, handler = world.viewer("dispatcher"), world.viewer("handler")
    request = request_accept(request=request, category=None, actor=desk, at=MORNING)
    lamps = world.organisations["lamps"]
    order = request_dispatch(request=request, organisation=lamps, helpers=helpers, actor=desk, at=MORNING)
    order = order_sign(order=order, actor=handler, at=MORNING)
    assert order.state == "in_progress", "nobody has to be reached first"
    for helper in WorkOrder.objects.filter(request=request, role="co"):
        other = world.viewer("other_handler")
        order_give_result(
            order=order_co_sign(order=helper, actor=other, at=MORNING), text="剪了", actor=other, at=MORNING
        )
    order_reply(order=order, text="换了新井盖。", file_ids=[], actor=handler, at=MORNING)
    return ServiceRequest.objects.get(pk=request.pk)


def seen(world, request, by="head", result="settled", words="看过了"):
    check = Check.objects.open().get(subject_ref=ref_of(request))
    check_complete(check=check, result=result, words=words, file_ids=[], actor=world.viewer(by), at=LATER)
    relay.drain()
    return ServiceRequest.objects.get(pk=request.pk)


def test_before_filing_somebody_looks_and_the_desk_gets_what_was_seen(world, client_of):
    request = to_state(world, "submitted")
    desk, page = world.viewer("dispatcher"), reverse("intake:request", args=[request.number])
    act = reverse("intake:act", args=[request.number, "ask_check"])
    form = client_of("dispatcher").get(page, {"turn": "ask_check"}).content.decode()
    assert "路灯不亮了" in form, "filled in with the words of the report"
    assert client_of("dispatcher").post(act, {"text": " "}).status_code == 422
    assert client_of("head").post(act, {"text": "看灯"}).status_code == 403
    assert client_of("dispatcher").post(act, {"text": "看灯亮不亮，13912342046"}).status_code == 302
    check = Check.objects.get()
    assert (check.kind, check.area_code, check.excluded_user_ids) == ("before_filing", EAST_GRID, [])
    assert check.due_at > MORNING
    assert "2046" not in check.what
    shown = client_of("dispatcher").get(page).content.decode()
    assert "等现场核实" in shown
    assert "等人去看" in shown
    waiting = next(one for one in WORKLISTS if one.key == "check")
    assert list(requests_in(waiting, desk, at=LATER)) == [request]
    with pytest.raises(StaleState):
        request_ask_check(request=request, text="再看", actor=desk, at=LATER)
    with pytest.raises(StaleState):
        request_ask(request=request, text="在哪里？", actor=desk, at=LATER)
    request = seen(world, request, by="grid_worker", result="found", words="三盏都不亮")
    assert (request.state, request.waiting_for) == ("submitted", ""), "evidence: the desk decides"
    row = RequestTransition.objects.get(name="checked_found")
    assert (row.actor, row.at, row.is_public) == (world.people["grid_worker"], LATER, False)
    shown = client_of("dispatcher").get(page).content.decode()
    assert "三盏都不亮" in shown
    assert "属实，问题在" in shown
    assert DomainEvent.objects.get(name="requests_intake.check_received").payload["result"] == "found"
    relay.drain()
    # asked once more: the desk waits no more, or sends it out without waiting
    for leave in ("drop", "dispatch"):
        other = to_state(world, "accepted")
        request_ask_check(request=other, text="看灯", actor=desk, at=LATER)
        if leave == "drop":
            request_drop_check(request=other, actor=desk, at=LATER)
        else:
            request_dispatch(request=other, organisation=world.organisations["lamps"], actor=desk, at=LATER)
        other.refresh_from_db()
        assert (other.waiting_for, Check.objects.filter(subject_ref=ref_of(other)).get().state) == ("", "withdrawn")


def test_a_patrols_order_is_closed_by_a_third_person_and_nobody_is_called(world):
    request = handled(world)
    assert (request.state, request.waiting_for, request.state_label) == ("callback", "check", "已办理，等核查")
    assert not Clock.objects.filter(request=request, kind__in=["contact", "rate"]).exists()
    check = Check.objects.get()
    assert (check.kind, check.asked_by) == ("before_closing", None)
    assert "换了新井盖" in check.what
    assert set(check.excluded_user_ids) == {world.people["dispatcher"].pk, world.people["handler"].pk}
    assert check.excluded_organisation_ids == [world.organisations["lamps"].pk]
    agent = world.viewer("agent")
    with pytest.raises(DomainError, match="没有反映人"):
        request_rate(request=request, contacted=True, solved="yes", grade=5, comment="", actor=agent, at=LATER)
    with pytest.raises(DomainError, match="没有反映人"):
        request_call_at_limit(request=request, contacted=True, solved="yes", grade=5, comment="", actor=agent, at=LATER)
    assert not requests_in(next(one for one in WORKLISTS if one.key == "callback"), agent, at=LATER).exists()
    request = seen(world, request, result="found", words="还是缺一角")
    order = WorkOrder.objects.get(request=request)
    assert (request.state, request.rework_count, order.state) == ("in_progress", 1, "in_progress")
    page = request_for(request.number, world.viewer("handler"))
    offered = {one.transition.name for one in available_steps(page, [order], world.viewer("handler"), at=LATER)}
    assert "reply" in offered
    assert not offered & {"contact", "ask_resident"}
    with pytest.raises(DomainError, match="没有反映人"):
        order_contact(order=order, how="visit", reached=True, note="", actor=world.viewer("handler"), at=LATER)
    order_reply(order=order, text="又换了一个。", file_ids=[], actor=world.viewer("handler"), at=LATER)
    request = seen(world, request, by="supervisor", result="cannot_tell", words="积水盖着")
    assert (request.state, request.waiting_for) == ("callback", "")
    request_ask_check(request=request, text="水退了再看", actor=world.viewer("dispatcher"), at=LATER)
    request = seen(world, request, by="supervisor")
    order.refresh_from_db()
    assert (request.state, order.state, request.rated_at) == ("closed", "done", None)
    assert not CallBack.objects.exists(), "in none of the three rates"
    closed = DomainEvent.objects.get(name="requests_intake.closed")
    assert closed.payload == {"round": 2, "source": "check", "solved": "yes", "grade": None}
    assert RequestTransition.objects.get(name="verify").actor == world.people["supervisor"]
    with pytest.raises(StaleState):  # of a resident's request the resident says whether it is solved
        request_ask_check(request=to_state(world, "callback"), text="看", actor=world.viewer("dispatcher"), at=LATER)


ROLES = (
    "dispatcher", "handler", "community_head", "callback_agent", "supervisor", "district_viewer", "grid_worker",
    "counter_clerk", "administrator", "operations_admin", "exchange", "system_admin", "security_admin", "audit_admin",
)  # fmt: skip
# Who may verify at all, by the matrix that comes with Liren.
CALLS, LOOKS = {"callback_agent"}, {"grid_worker", "community_head", "supervisor", "administrator"}


def test_who_dispatched_or_handled_never_verifies_whatever_their_role(world):
    """Every built-in role, given to somebody who dispatched, handled, helped, belongs to an office that did, or none.

    For each: rating an answered request, calling at the limit, and the look on site before a patrol's order closes.
    """
    assert set(Role.objects.filter(is_built_in=True).values_list("key", flat=True)) == set(ROLES)
    parks, lamps = world.organisations["parks"], world.organisations["lamps"]
    answered, late = to_state(world, "callback"), to_state(world, "contacted", MORNING - timedelta(days=9))
    check = Check.objects.open().get(subject_ref=ref_of(handled(world, helpers=[parks])))
    for request in (answered, late):  # the other office helped there, too
        locked = request_lock(request.pk)
        order = helper_open(locked, parks, role="co", actor=world.viewer("dispatcher"), at=MORNING)
        order_co_sign(order=order, actor=world.viewer("other_handler"), at=MORNING)
    parts = {"dispatched": "dispatcher", "handled": "handler", "helped": "other_handler"}
    offices = {"office": lamps, "helpers": parks, "neither": world.organisations["east"]}
    for number, role in enumerate(ROLES):
        place = EAST if role in LOOKS else STREET
        for part in (*parts, *offices):
            who = f"{number} {part}"
            if part in parts:
                world.people[who] = world.people[parts[part]]
                held = Grant.objects.filter(user=world.people[who], role__key=role, area_code=place)
                given = None if held.exists() else grant(world, who, role, place)
            else:
                add_person(world, who.replace(" ", "-"), role, place, offices[part])
                who = who.replace(" ", "-")
            actor, free = world.viewer(who), part == "neither"
            assert _may(request_rate, answered, actor) == (role in CALLS and free), (role, part, "rate")
            assert _may(request_call_at_limit, late, actor) == (role in CALLS and free), (role, part, "limit")
            assert _may_look(check, actor) == (role in LOOKS and free), (role, part, "look")
            if part in parts and given is not None:
                given.delete()


def _may(service, request, actor) -> bool:
    values = {"contacted": True, "solved": "yes", "grade": 5, "comment": "", "at": LATER}
    return _tried(lambda: service(request=request, actor=actor, **values))


def _may_look(check, actor) -> bool:
    return _tried(lambda: check_complete(check=check, result="settled", words="", file_ids=[], actor=actor, at=LATER))


def _tried(act) -> bool:
    """Whether it is allowed; nothing of it stays."""
    with transaction.atomic():
        try:
            act()
        except Forbidden:
            return False
        transaction.set_rollback(True)
    return True
