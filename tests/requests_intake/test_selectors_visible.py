"""Who sees which requests and orders: the named rules against a reference that knows no SQL, for every role."""

from datetime import timedelta

import pytest

from governance.access.models import Grant
from governance.access.rules import matching_rules
from governance.access.viewer import ANONYMOUS, SYSTEM, requester
from governance.refs import ref_of
from requests_intake.models import ServiceRequest, WorkOrder
from requests_intake.selectors.queue import orders_for
from tests.factories.bulk import scatter
from tests.factories.world import EAST, MORNING, World, add_person

ROLES = [
    "dispatcher", "handler", "second_handler", "other_handler", "head", "agent", "supervisor", "district",
    "grid_worker", "administrator", "stranger", "two_hats", "gone", "clerk",
]  # fmt: skip
SEES_REQUESTS = {
    "dispatcher", "community_head", "callback_agent", "supervisor", "district_viewer", "grid_worker", "counter_clerk",
}  # fmt: skip
SEES_ORDERS = {"handler"}


def grants_of(world: World, name: str):
    live = Grant.objects.filter(user=world.people[name], starts_at__lte=MORNING).select_related("role")
    return [grant for grant in live if grant.ends_at is None or grant.ends_at > MORNING]


def may_see(row: ServiceRequest | WorkOrder, grants) -> bool:
    """The reference: an area grant shows what lies inside, an office grant what the office handles."""
    for grant in grants:
        if grant.organisation_id is None:
            if grant.role.key in SEES_REQUESTS and row.area_code.startswith(grant.area_code):
                return True
        elif grant.role.key in SEES_ORDERS and row.organisation_id == grant.organisation_id:
            return True
    return False


@pytest.fixture
def town(world):
    """Also somebody with two roles, and somebody whose grant is over."""
    add_person(world, "two_hats", "community_head", EAST, world.organisations["east"])
    Grant.objects.create(
        user=world.people["two_hats"],
        role=Grant.objects.get(user=world.people["other_handler"]).role,
        area_code=world.organisations["parks"].area_code,
        organisation=world.organisations["parks"],
        starts_at=MORNING - timedelta(days=1),
        reason="test",
        created_at=MORNING,
    )
    add_person(world, "gone", "supervisor", "990105", world.organisations["district"])
    Grant.objects.filter(user=world.people["gone"]).update(ends_at=MORNING)
    scatter(world, 120)
    return world


@pytest.mark.parametrize("name", ROLES)
def test_requests_and_orders_that_each_role_sees(town, name):
    viewer, grants = town.viewer(name), grants_of(town, name)
    requests, orders = list(ServiceRequest.objects.all()), list(WorkOrder.objects.all())
    seen = {request.pk for request in requests if may_see(request, grants)}
    seen_orders = {order.pk for order in orders if may_see(order, grants)}
    assert set(ServiceRequest.objects.visible_to(viewer).values_list("pk", flat=True)) == seen
    assert set(WorkOrder.objects.visible_to(viewer).values_list("pk", flat=True)) == seen_orders
    assert {request.pk for request in requests[:20] if matching_rules(request, viewer)} == seen & {
        request.pk for request in requests[:20]
    }
    if name not in ("administrator", "stranger", "gone"):
        assert 0 < len(seen) < len(requests) or name == "district"
    else:
        assert not seen


def test_no_row_comes_twice_whatever_rules_match(town):
    viewer = town.viewer("two_hats")
    pks = list(ServiceRequest.objects.visible_to(viewer).values_list("pk", flat=True))
    assert len(pks) == len(set(pks))


def test_a_link_sees_its_own_request_and_nobody_signed_out_sees_any(town):
    request, other = ServiceRequest.objects.order_by("pk")[:2]
    assert ServiceRequest.objects.visible_to(requester(ref_of(request))).get() == request
    assert not ServiceRequest.objects.visible_to(requester(f"requests_intake.servicerequest:{10**9}")).exists()
    assert not ServiceRequest.objects.visible_to(requester(f"requests_intake.workorder:{other.pk}")).exists()
    assert not ServiceRequest.objects.visible_to(ANONYMOUS).exists()
    assert ServiceRequest.objects.visible_to(SYSTEM).count() == 120


@pytest.mark.parametrize("name", ["handler", "other_handler", "two_hats", "dispatcher", "stranger"])
def test_the_list_of_orders_is_that_of_one_s_offices(town, name):
    offices = {grant.organisation_id for grant in grants_of(town, name) if grant.role.key in SEES_ORDERS}
    open_states, viewer = {"dispatched", "signed", "in_progress", "rework"}, town.viewer(name)
    mine = [order for order in WorkOrder.objects.all() if order.organisation_id in offices]
    assert set(orders_for(viewer)) == {order for order in mine if order.state in open_states}
    assert set(orders_for(viewer, done=True)) == {order for order in mine if order.state not in open_states}
    assert bool(mine) == (name in ("handler", "other_handler", "two_hats"))
