"""Organisations: made by the system, with the trail; a refusal beside each success."""

import pytest

from governance.access.viewer import SYSTEM
from governance.errors import DomainError, Forbidden
from governance.organisations.models import Organisation, OrganisationKind
from governance.organisations.selectors import organisations_by_pk, organisations_within
from governance.organisations.services import organisation_change, organisation_create
from governance.outbox.models import DomainEvent
from tests.access.conftest import EAST, LAKE, WEST

pytestmark = pytest.mark.django_db


@pytest.fixture
def order(at):
    return {
        "kind": OrganisationKind.COMMUNITY,
        "name": "湖畔社区居委会",
        "short_name": "湖畔社区",
        "area_code": LAKE,
        "actor": SYSTEM,
        "at": at,
    }


def test_created_with_an_event(order):
    made = organisation_create(**order)
    event = DomainEvent.objects.get(name="organisations.organisation_created")
    assert (event.area_code, event.payload["kind"]) == (LAKE, "community")
    assert Organisation.objects.get() == made


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"area_code": "99010000"}, "organisation_area_code_shape", "area_code"),
        ({"area_code": "9901000010010011"}, "organisation_area_code_shape", "area_code"),
        ({"kind": "circus"}, "invalid", "kind"),
        ({"name": ""}, "invalid", "name"),
        ({"short_name": "长" * 21}, "invalid", "short_name"),
    ],
)
def test_refused_at_its_field(order, change, code, field):
    with pytest.raises(DomainError) as refused:
        organisation_create(**(order | change))
    assert (refused.value.code, refused.value.field) == (code, field)
    assert not Organisation.objects.exists()
    assert not DomainEvent.objects.exists()


def test_a_name_is_taken_once(order):
    organisation_create(**order)
    with pytest.raises(DomainError) as refused:
        organisation_create(**(order | {"area_code": EAST}))
    assert (refused.value.code, refused.value.field) == ("organisation_name_unique", "name")


def test_only_who_may_makes_and_changes_organisations(order, administrator, viewer_with):
    handler = viewer_with("handler", LAKE)
    with pytest.raises(Forbidden):
        organisation_create(**(order | {"actor": handler}))
    made = organisation_create(**(order | {"actor": administrator}))
    with pytest.raises(Forbidden):
        organisation_change(organisation=made, actor=handler, at=order["at"], phone="1")
    organisation_change(organisation=made, actor=administrator, at=order["at"], phone="1")
    assert DomainEvent.objects.filter(actor_kind="staff").count() == 2


def test_a_change_names_its_fields_and_no_change_leaves_no_trace(order, at):
    made = organisation_create(**order)
    organisation_change(organisation=made, actor=SYSTEM, at=at, phone="8812 0316", name=made.name)
    assert DomainEvent.objects.get(name="organisations.organisation_changed").payload == {"fields": ["phone"]}
    organisation_change(organisation=made, actor=SYSTEM, at=at, phone="8812 0316")
    assert DomainEvent.objects.filter(name="organisations.organisation_changed").count() == 1
    with pytest.raises(TypeError):
        organisation_change(organisation=made, actor=SYSTEM, at=at, area_code=EAST)


def test_within_an_area(order, at):
    lake = organisation_create(**order)
    east = organisation_create(**(order | {"name": "东岭街道办事处", "area_code": EAST}))
    closed = organisation_create(**(order | {"name": "关了的社区"}))
    organisation_change(organisation=closed, actor=SYSTEM, at=at, is_active=False)
    assert list(organisations_within([WEST])) == [lake]
    assert list(organisations_within([LAKE, EAST])) == [lake, east]
    assert list(organisations_within([])) == []
    assert set(organisations_by_pk([closed.pk, east.pk])) == {closed.pk, east.pk}
