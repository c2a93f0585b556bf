"""The viewer and the permission backend: live grants and nothing else."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.db import IntegrityError, transaction

from governance.access.backends import GrantBackend
from governance.access.checks import can
from governance.access.models import Role, User
from governance.access.permissions import Capability
from governance.access.viewer import ANONYMOUS, SYSTEM, HeldGrant, Scope, Viewer, viewer_for
from tests.access.conftest import DISTRICT, EAST, HILL, LAKE, LAKE_1, WEST
from tests.sql import assert_sql

GIVE = Capability.GIVE_GRANT


def holding(*places: str | int) -> Viewer:
    grants = tuple(
        HeldGrant(
            grant_id=number,
            role="administrator",
            capabilities=frozenset({str(GIVE)}),
            area_code=place if isinstance(place, str) else None,
            organisation_id=place if isinstance(place, int) else None,
        )
        for number, place in enumerate(places)
    )
    return Viewer(kind="staff", grants=grants)


@pytest.mark.parametrize(
    ("places", "areas"),
    [
        ((), ()),
        ((LAKE,), (LAKE,)),
        ((LAKE, WEST), (WEST,)),
        ((WEST, LAKE, LAKE_1, HILL), (WEST,)),
        ((EAST, LAKE, LAKE), (LAKE, EAST)),
        ((DISTRICT, EAST, LAKE_1), (DISTRICT,)),
        ((7, LAKE), (LAKE,)),
    ],
)
def test_the_shorter_area_absorbs_the_longer(places, areas):
    assert holding(*places).areas(GIVE) == areas
    assert holding(*places).areas(Capability.VIEW_MATRIX) == ()


def test_organisations_are_listed_apart():
    assert holding(9, LAKE, 3, 9).organisations(GIVE) == (3, 9)


@pytest.mark.parametrize(
    ("places", "scope", "held"),
    [
        ((LAKE,), Scope(LAKE_1), True),
        ((LAKE,), Scope(LAKE), True),
        ((LAKE,), Scope(HILL), False),
        ((LAKE_1,), Scope(LAKE), False),
        ((LAKE,), Scope(""), False),
        ((7,), Scope(LAKE, frozenset({7, 8})), True),
        ((7,), Scope(LAKE, frozenset({8})), False),
        ((7,), Scope(LAKE), False),
        ((), Scope(LAKE), False),
    ],
)
def test_a_capability_holds_inside_its_grant_only(places, scope, held):
    viewer = holding(*places)
    assert viewer.holds(GIVE, scope) is held
    assert can(viewer, GIVE, scope) is held
    assert not viewer.holds(Capability.VIEW_MATRIX, scope)


def test_the_system_may_and_nobody_may_not():
    assert can(SYSTEM, GIVE)
    assert can(SYSTEM, GIVE, Scope(LAKE))
    assert not can(ANONYMOUS, GIVE)
    assert not can(ANONYMOUS, GIVE, Scope(LAKE))


@pytest.mark.django_db
class TestBackend:
    @pytest.mark.parametrize(
        ("starts", "ends", "live"),
        [
            (timedelta(hours=-1), None, True),
            (timedelta(hours=-1), timedelta(hours=1), True),
            (timedelta(0), None, True),
            (timedelta(hours=-2), timedelta(hours=-1), False),
            (timedelta(hours=-2), timedelta(0), False),
            (timedelta(hours=1), None, False),
            (timedelta(hours=1), timedelta(hours=2), False),
        ],
    )
    def test_only_live_grants_count(self, make_user, give, at, starts, ends, live):
        user = make_user()
        give(user, "administrator", WEST, starts_at=at + starts, ends_at=None if ends is None else at + ends)
        assert viewer_for(user, at).can(GIVE) is live

    def test_has_perm_follows_the_grant(self, make_user, give, at):
        user = make_user()
        assert not user.has_perm(str(GIVE))
        give(user, "administrator", WEST)
        user = User.objects.get(pk=user.pk)
        assert user.has_perm(str(GIVE))
        assert not user.has_perm("requests_intake.nothing")
        assert str(GIVE) in user.get_all_permissions()

    def test_has_perm_for_a_record_asks_for_its_place(self, make_user, give):
        user = make_user()
        inside, outside = give(user, "administrator", WEST), give(make_user(), "handler", EAST)
        user = User.objects.get(pk=user.pk)
        assert user.has_perm(str(GIVE), inside)
        assert not user.has_perm(str(GIVE), outside)

    def test_one_statement_however_often_it_is_asked(self, make_user, give):
        user = make_user()
        for area in (LAKE, EAST, HILL):
            give(user, "administrator", area)
        user = User.objects.get(pk=user.pk)
        with assert_sql(1):
            for _ in range(3):
                assert user.has_perm(str(GIVE))
                assert user.get_all_permissions()

    def test_groups_and_user_permissions_give_nothing(self, make_user):
        """`user.groups` stays empty; were somebody to fill it by hand, it would still open nothing."""
        user = make_user()
        user.groups.add(Role.objects.get(key="administrator").group)
        user.user_permissions.add(Permission.objects.get(codename="give_grant"))
        user = User.objects.get(pk=user.pk)
        assert not user.has_perm(str(GIVE))
        assert user.get_all_permissions() == set()

    def test_a_closed_account_holds_nothing(self, make_user, give, at):
        user = make_user(is_active=False)
        give(user, "administrator", WEST)
        assert viewer_for(user, at) == ANONYMOUS
        assert not User.objects.get(pk=user.pk).has_perm(str(GIVE))

    def test_the_database_refuses_a_super_user(self, make_user):
        user = make_user()
        user.is_superuser = True
        with pytest.raises(IntegrityError), transaction.atomic():
            user.save()

    def test_passwords(self, make_user):
        user = make_user(email="lin@liren.example", password="jasmine-tea-at-nine")
        backend = GrantBackend()
        assert backend.authenticate(None, username=" LIN@liren.example", password="jasmine-tea-at-nine") == user
        assert backend.authenticate(None, username="lin@liren.example", password="wrong") is None
        assert backend.authenticate(None, username="nobody@liren.example", password="jasmine-tea-at-nine") is None
        assert backend.authenticate(None, username="", password="") is None
        User.objects.filter(pk=user.pk).update(is_active=False)
        assert backend.authenticate(None, username="lin@liren.example", password="jasmine-tea-at-nine") is None
        assert backend.get_user(user.pk) is None

    def test_an_unknown_address_costs_one_hash_too(self, make_user, monkeypatch):
        """Otherwise the time of the answer would tell who has an account."""
        from django.contrib.auth import hashers

        make_user(email="lin@liren.example")
        counted: list[str] = []
        original = hashers.get_hasher("default").__class__.encode
        monkeypatch.setattr(
            hashers.get_hasher("default").__class__,
            "encode",
            lambda self, *args, **kwargs: counted.append("hash") or original(self, *args, **kwargs),
        )
        GrantBackend().authenticate(None, username="lin@liren.example", password="wrong")
        known = len(counted)
        GrantBackend().authenticate(None, username="nobody@liren.example", password="wrong")
        assert known == len(counted) - known == 1
