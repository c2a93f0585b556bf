"""The first administrator of an empty office."""

import pytest
from django.core.management import CommandError, call_command

from governance.access import areas
from governance.access.models import AccessPolicy, Grant, User
from governance.access.viewer import viewer_for
from governance.outbox.models import DomainEvent
from tests.access.conftest import DISTRICT

pytestmark = pytest.mark.django_db


@pytest.fixture
def type_password(monkeypatch):
    def typing(*words):
        answers = iter(words)
        monkeypatch.setattr(
            "governance.access.management.commands.create_administrator.getpass", lambda prompt: next(answers)
        )

    return typing


def create(**options):
    call_command("create_administrator", email="zhou@office.example", name="周宁", **options)


def test_account_and_grant_for_the_only_district(type_password, at, capsys):
    type_password("jasmine-tea-at-nine", "jasmine-tea-at-nine")
    create()
    user = User.objects.get(email="zhou@office.example")
    assert user.check_password("jasmine-tea-at-nine")
    assert viewer_for(user, Grant.objects.get().starts_at).areas("access.give_grant") == (DISTRICT,)
    assert set(DomainEvent.objects.values_list("name", "actor_kind")) == {
        ("access.user_created", "system"),
        ("access.grant_given", "system"),
    }
    assert "jasmine" not in capsys.readouterr().out


def test_before_any_territory_the_district_is_named(type_password, monkeypatch):
    monkeypatch.setattr(areas, "_directory", areas._NoDirectory())
    type_password(*["jasmine-tea-at-nine"] * 4)
    with pytest.raises(CommandError, match="--area"):
        create()
    create(area="110101")
    assert set(Grant.objects.values_list("role__key", "area_code")) == {
        ("administrator", "110101"),
        ("operations_admin", "110101"),
    }


@pytest.mark.parametrize(
    ("typed", "options", "complaint"),
    [
        (("jasmine-tea-at-nine", "jasmine-tea-at-ten"), {}, "differ"),
        (("short", "short"), {}, "Nothing was created"),
        (("jasmine-tea-at-nine", "jasmine-tea-at-nine"), {"area": "123456"}, "Nothing was created"),
    ],
)
def test_nothing_is_left_behind_by_a_mistake(type_password, typed, options, complaint):
    type_password(*typed)
    with pytest.raises(CommandError, match=complaint):
        create(**options)
    assert not User.objects.exists()
    assert not DomainEvent.objects.exists()


def test_a_taken_address_is_refused(type_password, make_user):
    make_user(email="zhou@office.example")
    type_password("jasmine-tea-at-nine", "jasmine-tea-at-nine")
    with pytest.raises(CommandError, match="Nothing was created"):
        create()
    assert not Grant.objects.exists()


def test_where_the_three_are_apart_it_makes_one_of_them(type_password, at, viewer_with):
    boss = viewer_with("security_admin", DISTRICT)
    AccessPolicy.objects.update_or_create(pk=1, defaults={"separated_at": at, "separated_by": boss.user})
    type_password(*["jasmine-tea-at-nine"] * 6)
    with pytest.raises(CommandError, match="Nothing was created"):
        create()
    with pytest.raises(CommandError, match="no such role"):
        create(role="nobody")
    create(role="security_admin")
    user = User.objects.get(email="zhou@office.example")
    assert [grant.role.key for grant in user.grants.all()] == ["security_admin"]
