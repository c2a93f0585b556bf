"""Giving and ending grants: every refusal starts from the same arrangement as the success beside it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from governance.access.models import Grant, Role
from governance.access.services import grant_create, grant_end
from governance.access.viewer import SYSTEM, viewer_for
from governance.errors import DomainError, Forbidden
from governance.outbox.models import DomainEvent
from tests.access.conftest import EAST, LAKE, WEST

pytestmark = pytest.mark.django_db


@pytest.fixture
def order(make_user, administrator, at):
    """A grant the administrator of the west may give; tests change one thing in it."""
    return {
        "user": make_user("林晓"),
        "role": Role.objects.get(key="dispatcher"),
        "area_code": LAKE,
        "organisation": None,
        "starts_at": at,
        "ends_at": at + timedelta(days=30),
        "reason": "顶替休假的同事",
        "actor": administrator,
        "at": at,
    }


def test_grant_is_written_and_published(order, administrator, at):
    grant = grant_create(**order)
    grant.refresh_from_db()
    assert (grant.area_code, grant.reason, grant.granted_by_id) == (LAKE, "顶替休假的同事", administrator.user_id)
    event = DomainEvent.objects.get(name="access.grant_given")
    assert (event.actor_id, event.area_code) == (administrator.user_id, LAKE)
    assert event.payload["user_id"] == order["user"].pk
    assert event.payload["role"] == "dispatcher"
    assert "林晓" not in str(event.payload)


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"area_code": EAST}, "forbidden", None),
        ({"area_code": "990100001999"}, "area_unknown", "area_code"),
        ({"area_code": ""}, "area_required", "area_code"),
        ({"reason": "   "}, "reason_required", "reason"),
    ],
)
def test_refusals_of_place_and_reason(order, change, code, field):
    with pytest.raises(DomainError) as refused:
        grant_create(**(order | change))
    assert (refused.value.code, refused.value.field) == (code, field)
    assert not Grant.objects.filter(user=order["user"]).exists()
    assert not DomainEvent.objects.filter(name="access.grant_given").exists()


def test_outside_the_area_is_forbidden_for_this_actor_only(order, viewer_with):
    with pytest.raises(Forbidden):
        grant_create(**(order | {"area_code": EAST}))
    assert grant_create(**(order | {"area_code": EAST, "actor": viewer_with("administrator", EAST)})).pk


@pytest.mark.parametrize("role", ["supervisor", "dispatcher", "handler", "district_viewer"])
def test_only_a_role_that_gives_grants_may_give_them(order, viewer_with, role):
    with pytest.raises(Forbidden):
        grant_create(**(order | {"actor": viewer_with(role, WEST)}))
    assert grant_create(**order).pk


def test_an_expired_administrator_gives_nothing(order, make_user, give, at):
    person = make_user()
    give(person, "administrator", WEST, ends_at=at)
    with pytest.raises(Forbidden):
        grant_create(**(order | {"actor": viewer_for(person, at)}))


def test_nobody_gives_grants_to_themselves(order, administrator):
    with pytest.raises(Forbidden) as refused:
        grant_create(**(order | {"user": administrator.user}))
    assert (refused.value.code, refused.value.field) == ("grant_to_self", "user")
    assert "自己" in str(refused.value)


def test_a_closed_account_gets_no_grant(order):
    order["user"].is_active = False
    order["user"].save(update_fields=["is_active"])
    with pytest.raises(DomainError) as refused:
        grant_create(**order)
    assert refused.value.field == "user"


@pytest.mark.parametrize(
    ("starts", "ends", "code"),
    [
        (timedelta(days=2), timedelta(days=1), "ends_before_start"),
        (timedelta(days=2), timedelta(days=2), "ends_before_start"),
        (timedelta(days=-3), timedelta(days=-1), "ends_in_past"),
        (timedelta(days=-3), timedelta(0), "ends_in_past"),
    ],
)
def test_period_must_make_sense(order, at, starts, ends, code):
    with pytest.raises(DomainError) as refused:
        grant_create(**(order | {"starts_at": at + starts, "ends_at": at + ends}))
    assert (refused.value.code, refused.value.field) == (code, "ends_at")


def test_open_end_and_future_start_are_fine(order, at):
    grant = grant_create(**(order | {"starts_at": at + timedelta(days=5), "ends_at": None}))
    assert grant.ends_at is None


def test_the_same_grant_does_not_overlap_but_may_follow(order, at):
    first = grant_create(**order)
    with pytest.raises(DomainError) as refused:
        grant_create(**(order | {"starts_at": first.ends_at - timedelta(seconds=1), "ends_at": None}))
    assert refused.value.code == "grant_no_overlap"
    assert "同样的授权" in str(refused.value)
    assert grant_create(**(order | {"starts_at": first.ends_at, "ends_at": None})).pk
    assert Grant.objects.filter(user=order["user"]).count() == 2


@pytest.mark.parametrize("differs", ["role", "area", "organisation"])
def test_a_different_grant_may_overlap(order, organisation, differs):
    grant_create(**order)
    other = {
        "role": {"role": Role.objects.get(key="handler")},
        "area": {"area_code": WEST},
        "organisation": {"organisation": organisation},  # lies in the same area
    }[differs]
    assert grant_create(**(order | other)).pk


def test_a_grant_in_an_organisation_takes_its_area(order, organisation):
    grant = grant_create(**(order | {"organisation": organisation, "area_code": ""}))
    assert grant.area_code == organisation.area_code
    organisation.area_code = EAST
    organisation.save(update_fields=["area_code"])
    with pytest.raises(Forbidden):
        grant_create(**(order | {"organisation": organisation, "area_code": LAKE, "starts_at": order["ends_at"]}))


def test_a_closed_organisation_gets_no_grant(order, organisation):
    organisation.is_active = False
    organisation.save(update_fields=["is_active"])
    with pytest.raises(DomainError) as refused:
        grant_create(**(order | {"organisation": organisation}))
    assert refused.value.field == "organisation"


def test_the_first_grant_comes_before_the_map(order, monkeypatch):
    from governance.access import areas

    monkeypatch.setattr(areas, "_directory", areas._NoDirectory())
    assert grant_create(**(order | {"actor": SYSTEM, "area_code": "110101"})).pk


def test_ending_takes_effect_at_once_and_only_once(order, administrator, at):
    grant = grant_create(**order)
    later = at + timedelta(hours=1)
    assert grant_end(grant=grant, actor=administrator, at=later).ends_at == later
    assert grant_end(grant=grant, actor=administrator, at=later + timedelta(hours=1)).ends_at == later
    assert DomainEvent.objects.filter(name="access.grant_ended").count() == 1


def test_ending_a_grant_that_has_not_begun(order, administrator, at):
    grant = grant_create(**(order | {"starts_at": at + timedelta(days=3)}))
    for _ in range(2):
        ended = grant_end(grant=grant, actor=administrator, at=at)
    assert ended.ends_at == ended.starts_at
    assert ended.life(at) == "ended"
    assert DomainEvent.objects.filter(name="access.grant_ended").count() == 1
    assert grant_create(**order).pk  # the period is free again


def test_ending_outside_the_area_is_forbidden(order, administrator, viewer_with, at):
    grant = grant_create(**order)
    with pytest.raises(Forbidden):
        grant_end(grant=grant, actor=viewer_with("administrator", EAST), at=at)
    grant.refresh_from_db()
    assert grant.ends_at == order["ends_at"]
    assert grant_end(grant=grant, actor=administrator, at=at).ends_at == at


def test_life_agrees_with_the_query_set(make_user, give, at):
    """Live, future and ended share no row and leave none out; the row's own property says the same."""
    hour = timedelta(hours=1)
    for starts, ends in [
        (-hour, None), (-hour, hour), (-hour, timedelta(0)), (-2 * hour, -hour), (timedelta(0), None),
        (hour, None), (hour, 2 * hour), (hour, hour), (-hour, -hour), (timedelta(0), timedelta(0)),
    ]:  # fmt: skip
        give(make_user(), "handler", LAKE, starts_at=at + starts, ends_at=None if ends is None else at + ends)
    rows = Grant.objects.all()
    for name in ("live", "future", "ended"):
        assert {g.pk for g in getattr(rows, name)(at)} == {g.pk for g in rows if g.life(at) == name}, name
    assert rows.live(at).count() + rows.future(at).count() + rows.ended(at).count() == rows.count() == 10


@pytest.mark.parametrize("code", ["", "9901", "99010000", "99010000100", "9901000010010", "99010000100100101X"])
def test_the_database_refuses_codes_of_no_level(make_user, give, code):
    """An empty code would be a prefix of every record's code."""
    from django.db import DataError, IntegrityError

    with pytest.raises((IntegrityError, DataError)):
        give(make_user(), "handler", code)


def test_clock_is_an_argument(order, administrator):
    """A grant that ended an hour ago by the given time is not reopened by the wall clock."""
    grant = grant_create(**order)
    assert grant.created_at == order["at"] <= timezone.now()
