"""The account of somebody signed in: number, address, password, second step, devices, leaving."""

from datetime import timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from governance.access.models import User, UserKind, UserPhone
from governance.accounts.services import accounts_sweep, phone_index
from governance.notifications.models import Message
from governance.outbox.models import DomainEvent
from tests.accounts.people import MAIL, OTHER_PHONE, PHONE, Visitor, dynamic_code, last_code, said
from tests.factories.world import PASSWORD
from tests.sql import assert_sql

pytestmark = pytest.mark.django_db


@pytest.fixture
def clock(time_machine: Any) -> Any:
    time_machine.move_to("2026-11-17T02:00:00Z", tick=False)
    return time_machine


@pytest.fixture
def visitor(clock: Any) -> Visitor:
    """Somebody who has just signed up by phone."""
    visitor = Visitor().sign_up(phone=PHONE, name="周梅")
    clock.shift(timedelta(minutes=2))
    return visitor


def user_of(visitor: Visitor) -> User:
    assert visitor.user is not None
    return visitor.user


def told() -> list[tuple[str, str, str]]:
    """Security notices: (channel, address, what)."""
    rows = Message.objects.filter(kind="accounts.changed").order_by("id")
    return [(row.channel, str(row.address), row.secret["what"]["zh"]) for row in rows if row.secret]


def test_the_account_page_shows_masked_facts_in_a_fixed_number_of_statements(visitor: Visitor):
    with assert_sql(4):  # session, person, number, second step
        page = visitor.get("account:home")
    html = page.content.decode()
    assert "138****5678" in html
    assert PHONE not in html
    assert "周梅" in html


def test_a_name_is_changed_and_a_long_one_comes_back(visitor: Visitor):
    assert visitor.post("account:home", name="周女士").status_code == 302
    assert user_of(visitor).called == "周女士"
    page = visitor.post("account:home", name="周" * 41)
    assert page.status_code == 422
    assert "周" * 41 in page.content.decode()


def test_a_number_changes_only_with_a_proof_and_a_code_and_the_old_one_hears_of_it(visitor: Visitor, clock: Any):
    visitor.post("account_change_phone", phone=OTHER_PHONE)
    assert "/again/" in visitor.page["Location"]
    visitor.prove()
    assert visitor.page.status_code == 302
    visitor.follow()
    assert UserPhone.objects.get().number == "+8613812345678", "not before the code came back"
    visitor.post("account_verify_phone", code=last_code("+8613912342046"))
    assert UserPhone.objects.get().number == "+8613912342046"
    assert told() == [("sms", "+8613812345678", "登录手机号改了")]


def test_a_number_of_somebody_else_is_refused_at_the_end(visitor: Visitor, clock: Any):
    Visitor().sign_up(phone=OTHER_PHONE)
    clock.shift(timedelta(minutes=2))
    visitor.post("account_change_phone", phone=OTHER_PHONE)
    visitor.prove()
    page = visitor.post("account_verify_phone", code=last_code("+8613912342046"))
    assert page.status_code == 422
    assert said(page) == ["这个号码已经有账号了，请直接登录"]
    assert UserPhone.objects.get(user=user_of(visitor)).number == "+8613812345678"


def test_a_claim_that_nobody_proved_does_not_keep_a_number_from_its_owner(clock: Any):
    squatter = User.objects.create(kind=UserKind.RESIDENT)
    UserPhone.objects.create(user=squatter, number="+8613812345678", number_index=phone_index(PHONE))
    visitor = Visitor()
    visitor.post("account_login", login=PHONE)
    visitor.post("account_confirm_login_code", code=last_code())
    assert visitor.user == squatter, "whoever holds the telephone holds the account"
    assert UserPhone.objects.get().verified_at is not None


def test_an_address_is_added_and_changed(visitor: Visitor, clock: Any):
    visitor.post("account_email", action_add="1", email=MAIL)
    visitor.prove()
    visitor.follow()
    visitor.post("account_email_verification_sent", code=last_code(MAIL))
    assert user_of(visitor).email == MAIL
    clock.shift(timedelta(minutes=10))
    visitor.post("account_email", action_add="1", email="new@example.com")
    visitor.prove()
    visitor.follow()
    visitor.post("account_email_verification_sent", code=last_code("new@example.com"))
    assert user_of(visitor).email == "new@example.com"
    assert EmailAddress.objects.count() == 1
    assert ("email", MAIL, "登录邮箱改了") in told()


def test_a_password_is_set_after_a_proof_and_ends_other_devices(visitor: Visitor, clock: Any):
    other = Visitor()
    other.post("account_login", login=PHONE)
    other.post("account_confirm_login_code", code=last_code())
    assert other.get("account:home").status_code == 200
    clock.shift(timedelta(minutes=2))
    visitor.get("account:password")
    visitor.prove()
    page = visitor.post("account:password", password1="short", password2="short")
    assert page.status_code == 422
    page = visitor.post("account:password", password1=PASSWORD, password2=PASSWORD + "x")
    assert said(page) == ["两遍写得不一样，请再写一遍"]
    assert PASSWORD not in page.content.decode()
    assert visitor.post("account:password", password1=PASSWORD, password2=PASSWORD).status_code == 302
    assert user_of(visitor).check_password(PASSWORD)
    assert other.get("account:home").status_code == 302
    assert told() == [("sms", "+8613812345678", "设了密码")]


def test_the_second_step_from_on_to_off(visitor: Visitor, clock: Any, django_capture_on_commit_callbacks: Any):
    visitor.get("mfa_activate_totp")
    visitor.prove()
    page = visitor.get("mfa_activate_totp")
    secret = visitor.client.session["mfa.totp.secret"]
    assert secret in page.content.decode()
    page = visitor.post("mfa_activate_totp", code="000000")
    assert page.status_code == 422
    assert said(page) == ["动态码不对。动态码半分钟变一次，请填最新的。"]
    with django_capture_on_commit_callbacks(execute=True):
        visitor.post("mfa_activate_totp", code=dynamic_code(secret))
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(data::text, '') FROM mfa_authenticator")
        assert secret not in cursor.fetchone()[0], "secrets are encrypted"
    codes = Authenticator.objects.get(type="recovery_codes").wrap().get_unused_codes()
    shown = visitor.get("mfa_view_recovery_codes").content.decode()
    assert all(code in shown for code in codes)

    clock.shift(timedelta(minutes=2))
    other = Visitor()
    other.post("account_login", login=PHONE)
    other.post("account_confirm_login_code", code=last_code())
    assert other.user is None, "the first step alone lets nobody in"
    other.follow()
    page = other.post("mfa_authenticate", code="000000")
    assert page.status_code == 422
    other.post("mfa_authenticate", code=codes[0])
    assert other.user is not None
    assert codes[0] not in Authenticator.objects.get(type="recovery_codes").wrap().get_unused_codes()

    visitor.get("mfa_deactivate_totp")
    visitor.prove()
    visitor.post("mfa_deactivate_totp")
    assert not Authenticator.objects.exists()
    assert {what for _channel, _address, what in told()} == {"打开了两步登录", "关掉了两步登录"}


def test_devices_are_listed_and_signed_out_from_afar(visitor: Visitor, clock: Any):
    others = []
    for _device in range(2):
        clock.shift(timedelta(minutes=2))
        other = Visitor()
        other.client.defaults["HTTP_USER_AGENT"] = "Mozilla/5.0 (Linux; Android 14) Chrome/120.0 Mobile"
        other.post("account_login", login=PHONE)
        other.post("account_confirm_login_code", code=last_code())
        others.append(other)
    with assert_sql(4):
        page = visitor.get("account:devices")
    html = page.content.decode()
    assert html.count('name="device"') == 2
    assert "Chrome" in html
    one = UserSession.objects.get(session_key=others[0].client.session.session_key)
    visitor.post("account:devices-sign-out", device=one.pk)
    assert others[0].get("account:home").status_code == 302
    assert others[1].get("account:home").status_code == 200
    visitor.post("account:devices-sign-out")
    assert others[1].get("account:home").status_code == 302
    assert visitor.get("account:home").status_code == 200


def test_nobody_signs_out_the_devices_of_others(visitor: Visitor, clock: Any):
    stranger = Visitor().sign_up(phone=OTHER_PHONE)
    mine = UserSession.objects.get(user=user_of(visitor))
    stranger.post("account:devices-sign-out", device=mine.pk)
    assert visitor.get("account:home").status_code == 200


def test_leaving_takes_everything_personal_and_keeps_the_trail(visitor: Visitor, clock: Any):
    user = user_of(visitor)
    assert "/again/" in visitor.get("account:leave")["Location"]
    visitor.prove()
    page = visitor.post("account:leave")
    assert page.status_code == 422
    assert said(page) == ["要注销，请先打勾"]
    visitor.post("account:leave", sure="on")
    assert visitor.user is None
    user.refresh_from_db()
    assert (user.is_active, user.called, user.email) == (False, "", None)
    assert not UserPhone.objects.exists()
    assert not Message.objects.filter(user=user).exists()
    assert DomainEvent.objects.filter(name="accounts.account_deleted", actor=user).exists()
    clock.shift(timedelta(minutes=2))
    again = Visitor().sign_up(phone=PHONE)
    assert again.user != user, "the number is free again"


def test_what_nobody_proved_is_gone_after_a_day(clock: Any):
    proven = Visitor().sign_up(phone=PHONE).user
    clock.shift(timedelta(minutes=2))
    Visitor().post("account_signup", phone=OTHER_PHONE)
    Visitor().post("account_signup", email=MAIL)
    assert User.objects.count() == 3
    assert accounts_sweep(at=timezone.now() + timedelta(hours=23)) == 0
    assert accounts_sweep(at=timezone.now() + timedelta(hours=25)) == 2
    assert list(User.objects.all()) == [proven]
    assert not EmailAddress.objects.exists()


def test_staff_and_residents_who_signed_in_are_never_swept(clock: Any):
    User.objects.create_user(email="staff@example.com", display_name="Staff", created_at=timezone.now())
    assert accounts_sweep(at=timezone.now() + timedelta(days=9)) == 0


def test_the_header_leads_residents_to_their_own_things(visitor: Visitor):
    html = visitor.client.get("/").content.decode()
    assert "我的" in html
    assert reverse("web:work") not in html
