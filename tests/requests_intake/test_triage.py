"""The dispatcher's two steps, and the clock that runs between them."""

from datetime import timedelta

import pytest

from governance.access.viewer import ANONYMOUS, SYSTEM, requester
from governance.errors import DomainError, Forbidden, StaleState
from governance.outbox.models import DomainEvent
from governance.refs import ref_of
from requests_intake.models import Category, Clock, RequestTransition, ServiceRequest, WorkOrder, WorkOrderTransition
from requests_intake.services.stepping import check
from requests_intake.services.triage import request_accept, request_dispatch
from requests_intake.workflow import ORDER_TRANSITIONS, REQUEST_TRANSITIONS
from tests.factories.world import EAST_GRID, MORNING
from tests.requests_intake.walk import to_state

LATER = MORNING + timedelta(minutes=30)


def accept(world, request, category=None, actor=None, at=LATER):
    return request_accept(request=request, category=category, actor=actor or world.viewer("dispatcher"), at=at)


def dispatch(world, request, office="lamps", actor=None, at=LATER, **more):
    return request_dispatch(
        request=request,
        organisation=world.organisations.get(office),
        actor=actor or world.viewer("dispatcher"),
        at=at,
        **more,
    )


def running(request):
    return dict(Clock.objects.filter(request=request, stopped_at=None).values_list("kind", "due_at"))


def test_accepting_stops_its_clock_and_starts_that_of_dispatching(world):
    request = accept(world, to_state(world, "submitted"))
    assert (request.state, request.accepted_at, request.category) == ("accepted", LATER, world.categories["lamp"])
    accepted = Clock.objects.get(request=request, kind="accept")
    assert (accepted.stopped_at, accepted.next_at) == (LATER, None)
    # two working hours from 10:30, with the midday break from 12:00 to 13:30: as long as the office has to sign
    assert running(request) == {"dispatch": MORNING + timedelta(hours=4), "answer": request.due_at}
    assert request.next_due_at == min(running(request).values())
    step = RequestTransition.objects.get(request=request, name="accept")
    assert (step.from_state, step.actor, step.organisation) == (
        "submitted",
        world.people["dispatcher"],
        world.organisations["street"],
    )


def test_an_accepted_request_is_never_without_a_near_deadline(world):
    """Otherwise it could lie on the desk until the answer is due."""
    request = accept(world, to_state(world, "submitted"))
    assert request.next_due_at - LATER < timedelta(days=1)
    order = dispatch(world, request)
    assert "dispatch" not in running(request)
    assert order.next_due_at - LATER < timedelta(days=1)


def test_another_category_changes_the_owner_but_not_the_promise(world):
    request = to_state(world, "submitted")
    accepted = accept(world, request, category=world.categories["noise"])
    assert accepted.category == world.categories["noise"]
    assert (accepted.due_at, accepted.policy_id) == (request.due_at, request.policy_id)


def test_accepting_needs_an_item_of_the_third_level_in_use(world):
    unsure = to_state(world, "submitted", category_id=None)
    with pytest.raises(DomainError) as refused:
        accept(world, unsure)
    assert (refused.value.code, refused.value.field) == ("category_required", "category")
    branch = Category.objects.create(code="01", name="市政", name_en="Public works", policy_key="general")
    retired = world.categories["noise"]
    retired.is_active = False
    retired.save()
    for category in (branch, retired, world.categories["fire"]):
        with pytest.raises(DomainError) as refused:
            accept(world, unsure, category=category)
        assert refused.value.code == "category_unknown"
    assert ServiceRequest.objects.get().state == "submitted"
    assert accept(world, unsure, category=world.categories["lamp"]).state == "accepted"


def test_dispatching_makes_the_order_and_starts_the_signing_clock(world):
    request = to_state(world, "accepted")
    order = dispatch(world, request, instruction="  先看\x00东侧  ")
    request.refresh_from_db()
    assert (request.state, request.organisation, request.dispatched_at) == (
        "dispatched",
        world.organisations["lamps"],
        LATER,
    )
    assert (order.state, order.role, order.instruction, order.area_code) == (
        "dispatched",
        "lead",
        "先看东侧",
        EAST_GRID,
    )
    assert order.due_at == order.original_due_at == request.due_at
    assert set(running(request)) == {"sign", "answer"}
    order.refresh_from_db()
    assert order.next_due_at == request.next_due_at == running(request)["sign"]
    assert Clock.objects.get(kind="sign").order == order
    assert WorkOrderTransition.objects.get(order=order).name == "dispatch"
    event = DomainEvent.objects.get(name="requests_intake.dispatched")
    assert event.payload == {
        "order_id": order.pk,
        "organisation_id": world.organisations["lamps"].pk,
        "due_at": event.payload["due_at"],
    }


def test_dispatching_needs_an_office_that_works(world):
    request = to_state(world, "accepted")
    with pytest.raises(DomainError) as refused:
        dispatch(world, request, office="nowhere")
    assert (refused.value.code, refused.value.field) == ("organisation_required", "organisation")
    parks = world.organisations["parks"]
    parks.is_active = False
    parks.save()
    with pytest.raises(DomainError) as refused:
        dispatch(world, request, office="parks")
    assert refused.value.code == "organisation_inactive"
    assert not WorkOrder.objects.exists()
    assert dispatch(world, request).organisation == world.organisations["lamps"]


def test_a_community_never_leads_what_it_only_assists_with(world):
    assists, leads = (
        accept(world, to_state(world, "submitted", category_id=world.categories[key].pk)) for key in ("noise", "lamp")
    )
    with pytest.raises(DomainError) as refused:
        dispatch(world, assists, office="east")
    assert (refused.value.code, refused.value.field) == ("community_cannot_lead", "organisation")
    assert dispatch(world, leads, office="east").organisation == world.organisations["east"]
    assert dispatch(world, assists, office="street").organisation == world.organisations["street"]


def test_whoever_comes_second_is_told_who_and_when(world):
    request = accept(world, to_state(world, "submitted"))
    with pytest.raises(StaleState) as told:
        accept(world, request, at=LATER + timedelta(hours=1))
    assert "Dispatcher Person" in str(told.value)
    assert "11月17日 10:30" in str(told.value)
    with pytest.raises(StaleState) as told:
        dispatch(world, to_state(world, "contacted"))
    assert "办理中" in str(told.value)


def test_only_dispatchers_of_the_place(world):
    request = to_state(world, "submitted")
    for name in ("handler", "head", "agent", "supervisor", "district", "grid_worker", "administrator", "stranger"):
        with pytest.raises(Forbidden):
            accept(world, request, actor=world.viewer(name))
    with pytest.raises(Forbidden):
        accept(world, to_state(world, "submitted", place_kind="none"))  # lies with the district, not with this street
    assert accept(world, request).state == "accepted"


@pytest.mark.parametrize("name", [*REQUEST_TRANSITIONS, *ORDER_TRANSITIONS])
def test_a_tracking_link_takes_no_step_of_the_offices(world, name):
    """The link's holder takes the requester's own steps, and no other; a link of another request not even those."""
    transition = REQUEST_TRANSITIONS.get(name) or ORDER_TRANSITIONS[name]
    request = to_state(world, "submitted")
    request.waiting_for = transition.waiting or ""  # as where the step is due
    values = dict.fromkeys(transition.required, "x")

    def attempt(actor):
        check(
            transition,
            state=transition.sources[0],
            obj=request,
            actor=actor,
            values=values,
            history=request.transitions,
        )

    if transition.capability is not None:
        attempt(SYSTEM)
    other = to_state(world, "submitted")
    with pytest.raises(Forbidden):
        attempt(requester(ref_of(other)))
    if name in ("close", "bring_back", "withdraw", "reopen"):
        attempt(requester(ref_of(request)))
    else:
        with pytest.raises(Forbidden):
            attempt(requester(ref_of(request)))
    if transition.capability is not None:
        with pytest.raises(Forbidden):
            attempt(ANONYMOUS)
