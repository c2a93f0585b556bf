"""Accounts and sign-in: counted by account and address together, in the database."""

from datetime import timedelta

import pytest

from governance.access.models import SignInFailure, User
from governance.access.services import (
    FAILURES_PER_ACCOUNT_AND_ADDRESS,
    FAILURES_PER_ADDRESS,
    sign_in_allowed,
    sign_in_failed,
    sign_in_succeeded,
    user_create,
)
from governance.access.viewer import SYSTEM, viewer_for
from governance.errors import DomainError, Forbidden
from governance.outbox.models import DomainEvent
from tests.sql import assert_sql

pytestmark = pytest.mark.django_db

HOME, OFFICE = "192.0.2.7", "198.51.100.20"


def fail(times, *, at, email="lin@liren.example", address=HOME):
    for _ in range(times):
        sign_in_failed(email=email, address=address, at=at)


def test_five_failures_lock_this_account_from_this_address_only(at):
    fail(FAILURES_PER_ACCOUNT_AND_ADDRESS - 1, at=at)
    assert sign_in_allowed(email="lin@liren.example", address=HOME, at=at)
    fail(1, at=at)
    assert not sign_in_allowed(email="lin@liren.example", address=HOME, at=at)
    assert not sign_in_allowed(email=" LIN@liren.example ", address=HOME, at=at)
    assert sign_in_allowed(email="lin@liren.example", address=OFFICE, at=at)
    assert sign_in_allowed(email="wu@liren.example", address=HOME, at=at)


def test_the_lock_opens_after_a_quarter_of_an_hour(at):
    fail(FAILURES_PER_ACCOUNT_AND_ADDRESS, at=at)
    assert not sign_in_allowed(email="lin@liren.example", address=HOME, at=at + timedelta(minutes=14, seconds=59))
    assert sign_in_allowed(email="lin@liren.example", address=HOME, at=at + timedelta(minutes=15))


def test_one_address_does_not_try_a_whole_list(at):
    for number in range(FAILURES_PER_ADDRESS):
        fail(1, at=at, email=f"name{number}@liren.example")
    assert not sign_in_allowed(email="another@liren.example", address=HOME, at=at)
    assert sign_in_allowed(email="another@liren.example", address=OFFICE, at=at)


def test_success_forgets_this_persons_failures(make_user, at):
    user = make_user(email="lin@liren.example")
    fail(4, at=at)
    fail(4, at=at, email="wu@liren.example")
    sign_in_succeeded(actor=viewer_for(user, at), address=HOME, at=at)
    fail(4, at=at)
    assert sign_in_allowed(email="lin@liren.example", address=HOME, at=at)
    assert SignInFailure.objects.count() == 8
    event = DomainEvent.objects.get(name="access.signed_in")
    assert (event.actor_id, event.subject_ref) == (user.pk, f"access.user:{user.pk}")


def test_failures_hold_no_address_in_the_clear_and_die_after_a_day(at):
    fail(1, at=at - timedelta(days=1, seconds=1))
    fail(1, at=at)
    row = SignInFailure.objects.get()
    assert "lin" not in row.account_index
    assert HOME not in row.address_index


def test_the_question_costs_two_statements(at):
    fail(3, at=at)
    with assert_sql(2):
        sign_in_allowed(email="lin@liren.example", address=HOME, at=at)


@pytest.fixture
def account(at):
    return {
        "email": "Xu@Liren.example ",
        "display_name": "徐平",
        "password": "jasmine-tea-at-nine",
        "actor": SYSTEM,
        "at": at,
    }


def test_an_account_can_sign_in_and_may_do_nothing(account, at):
    user = user_create(**account)
    assert user.email == "xu@liren.example"
    assert user.check_password("jasmine-tea-at-nine")
    assert viewer_for(user, at).grants == ()
    assert DomainEvent.objects.filter(name="access.user_created").count() == 1


@pytest.mark.parametrize(
    ("change", "field"),
    [({"password": "12345678"}, "password"), ({"email": "xu"}, "email"), ({"email": ""}, "email")],
)
def test_a_bad_account_is_refused_at_its_field(account, change, field):
    with pytest.raises(DomainError) as refused:
        user_create(**(account | change))
    assert refused.value.field == field
    assert not User.objects.exists()


def test_an_address_belongs_to_one_person_whatever_its_case(account):
    user_create(**account)
    with pytest.raises(DomainError) as refused:
        user_create(**(account | {"email": "XU@liren.example"}))
    assert (refused.value.code, refused.value.field) == ("user_email_unique", "email")
    assert User.objects.count() == 1


def test_only_who_gives_grants_makes_accounts(account, administrator, viewer_with, organisation):
    with pytest.raises(Forbidden):
        user_create(**(account | {"actor": viewer_with("supervisor", "990100001"), "organisation": organisation}))
    with pytest.raises(Forbidden):  # no organisation: nowhere, so nobody but the system
        user_create(**(account | {"actor": administrator}))
    assert user_create(**(account | {"actor": administrator, "organisation": organisation})).pk
