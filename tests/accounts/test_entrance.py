"""Signing up and in by code or password; wrong codes, strangers, the two doors."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from governance.access.models import User, UserKind, UserPhone
from governance.access.viewer import viewer_for
from governance.notifications.models import Message
from governance.outbox.models import DomainEvent
from tests.accounts.people import MAIL, OTHER_PHONE, PHONE, Visitor, last_code, said
from tests.factories.world import PASSWORD, World

pytestmark = pytest.mark.django_db


def test_sign_up_by_phone_without_password():
    visitor = Visitor().sign_up(phone="138 1234-5678", name="周女士")
    user = visitor.user
    assert user is not None
    assert (user.kind, user.called, user.email, user.has_usable_password()) == ("resident", "周女士", None, False)
    phone = UserPhone.objects.get(user=user)
    assert str(phone.number) == "+8613812345678"
    assert phone.verified_at is not None
    assert set(DomainEvent.objects.values_list("name", flat=True)) >= {
        "accounts.account_created",
        "accounts.phone_verified",
        "access.signed_in",
    }


def test_sign_up_by_e_mail():
    visitor = Visitor().sign_up(email="Zhou@Example.com")
    assert visitor.user is not None
    assert visitor.user.email == MAIL
    message = Message.objects.get(kind="accounts.code")
    assert (message.channel, str(message.address)) == ("email", MAIL)


def test_codes_are_messages_of_the_outbox_and_nothing_is_sent_from_the_request(mailoutbox: list[Any]):
    Visitor().post("account_signup", email=MAIL)
    assert mailoutbox == []
    message = Message.objects.get()
    assert (message.state, message.context) == ("queued", {})
    assert (message.expires_at - message.created_at).total_seconds() == 300


@pytest.mark.parametrize(
    ("typed", "complaint"),
    [
        ({"phone": "", "email": ""}, "请填手机号，或者填邮箱"),
        ({"phone": "021-88120316"}, "手机号没有看懂，请写成 13812345678"),
        ({"phone": "", "email": "at home"}, "邮箱没有看懂，请写成 name@example.com 这样"),
        ({"phone": PHONE, "name": "周" * 41}, "称呼太长了，最多 40 个字"),
    ],
)
def test_a_form_that_is_not_right_comes_back_with_what_was_typed(typed: dict[str, str], complaint: str):
    page = Visitor().post("account_signup", **typed)
    assert page.status_code == 422
    assert complaint in said(page)
    for value in filter(None, typed.values()):
        assert value in page.content.decode()
    assert not User.objects.exists()


def test_sign_in_by_code_with_the_number_as_people_write_it():
    Visitor().sign_up(phone=PHONE)
    visitor = Visitor()
    visitor.post("account_login", login="138 1234 5678")
    page = visitor.follow()
    assert "138****5678" in page.content.decode()
    assert PHONE not in page.content.decode()
    visitor.post("account_confirm_login_code", code=last_code())
    assert visitor.user is not None


def test_wrong_code_three_times_and_it_is_dead():
    Visitor().sign_up(phone=PHONE)
    visitor = Visitor()
    visitor.post("account_login", login=PHONE)
    right = last_code()
    wrong = "000000" if right != "000000" else "111111"
    for _try in range(2):
        page = visitor.post("account_confirm_login_code", code=wrong)
        assert page.status_code == 422
        assert said(page) == ["验证码不对。请看清楚再填，或者重新发一个。"]
    page = visitor.post("account_confirm_login_code", code=wrong)
    assert page.status_code == 302
    assert "试的次数太多了" in visitor.follow().content.decode()
    page = visitor.post("account_confirm_login_code", code=right)
    assert page["Location"] == reverse("account_login"), "the right one comes too late"
    assert visitor.user is None


def test_a_code_is_asked_for_three_times_a_minute_and_not_more():
    Visitor().sign_up(phone=PHONE)
    before = Message.objects.count()
    answers = [Visitor().post("account_login", login=PHONE) for _try in range(4)]
    assert [answer.status_code for answer in answers] == [302, 302, 302, 422]
    assert "试的次数太多了" in said(answers[-1])[0]
    assert Message.objects.count() == before + 3


def test_a_new_code_after_half_a_minute_kills_the_old_one(time_machine: Any):
    visitor = Visitor()
    time_machine.move_to("2026-11-17T02:00:00Z", tick=False)
    visitor.post("account_signup", phone=PHONE)
    old = last_code()
    visitor.post("account_verify_phone", action="resend")
    assert "发得太快了" in visitor.follow().content.decode()
    time_machine.move_to("2026-11-17T02:00:31Z", tick=False)
    visitor.post("account_verify_phone", action="resend")
    visitor.follow()
    new = last_code()
    assert new != old
    assert visitor.post("account_verify_phone", code=old).status_code == 422
    assert visitor.post("account_verify_phone", code=new).status_code == 302


def test_a_code_dies_after_five_minutes(time_machine: Any):
    visitor = Visitor()
    time_machine.move_to("2026-11-17T02:00:00Z", tick=False)
    visitor.post("account_signup", phone=PHONE)
    code = last_code()
    time_machine.move_to("2026-11-17T02:05:01Z", tick=False)
    assert visitor.post("account_verify_phone", code=code).status_code == 302
    assert visitor.user is None


def test_whether_a_number_has_an_account_is_told_to_its_owner_alone(settings: Any):
    Visitor().sign_up(phone=PHONE)
    settings.ACCOUNT_RATE_LIMITS = {"verify_phone": ""}
    answers = []
    for name, field, number in [
        ("account_login", "login", PHONE),
        ("account_login", "login", OTHER_PHONE),
        ("account_signup", "phone", "13712345678"),
        ("account_signup", "phone", PHONE),
    ]:
        page = Visitor().post(name, **{field: number})
        answers.append((page.status_code, page["Location"]))
    assert answers[0] == answers[1]
    assert answers[2] == answers[3]
    kinds = dict(Message.objects.exclude(kind="accounts.code").values_list("kind", "channel"))
    assert kinds == {"accounts.unknown": "sms", "accounts.exists": "sms"}
    assert User.objects.count() == 2


def test_sign_up_again_with_a_known_number_never_lets_anybody_in(time_machine: Any):
    time_machine.move_to("2026-11-17T02:00:00Z", tick=False)
    Visitor().sign_up(phone=PHONE)
    visitor = Visitor()
    assert visitor.post("account_signup", phone=PHONE).status_code == 429, "half a minute between two codes"
    time_machine.move_to("2026-11-17T02:00:31Z", tick=False)
    assert visitor.post("account_signup", phone=PHONE).status_code == 302
    for code in (last_code() or "123456", "", "000000"):
        visitor.post("account_verify_phone", code=code)
        assert visitor.user is None


def test_a_password_is_an_extra_and_wrong_ones_are_counted_in_the_database(settings: Any):
    visitor = Visitor().sign_up(phone=PHONE)
    user = visitor.user
    assert user is not None
    user.set_password(PASSWORD)
    user.save()
    for _try in range(5):
        page = Visitor().post("account:password-sign-in", login=PHONE, password="wrong-password")
        assert page.status_code == 422
        assert said(page) == ["账号或密码不对。也可以用验证码登录，不用密码。"]
        assert 'value="' + PHONE in page.content.decode() or "+86" + PHONE in page.content.decode()
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
    page = Visitor().post("account:password-sign-in", login=PHONE, password=PASSWORD)
    assert page.status_code == 422
    assert "试的次数太多了" in said(page)[0]


def test_sign_in_by_password():
    visitor = Visitor().sign_up(email=MAIL)
    assert visitor.user is not None
    visitor.user.set_password(PASSWORD)
    user = visitor.user
    user.set_password(PASSWORD)
    user.save()
    other = Visitor()
    page = other.post("account:password-sign-in", login=MAIL, password=PASSWORD)
    assert page.status_code == 302
    assert other.user == user


def test_without_a_gateway_only_e_mail_is_offered(settings: Any):
    settings.SMS_PROVIDER = ""
    page = Visitor().get("account_signup").content.decode()
    assert 'name="phone"' not in page
    assert Visitor().sign_up(email=MAIL).user is not None


def test_back_to_where_one_came_from_and_nowhere_else():
    Visitor().sign_up(phone=PHONE)
    for wanted, expected in [("/privacy/", "/privacy/"), ("https://evil.example/", None)]:
        visitor = Visitor()
        visitor.post("account_login", f"?next={wanted}", login=PHONE)
        assert visitor.page is not None
        visitor.page = visitor.client.post(visitor.page["Location"], {"code": last_code()})
        location = visitor.page["Location"]
        assert location == expected if expected else location.startswith("/")


@pytest.fixture
def staff(db: None) -> User:
    return User.objects.create_user(email="staff@example.com", password=PASSWORD, display_name="Staff")


def test_staff_are_led_to_their_own_door(staff: User):
    visitor = Visitor()
    visitor.post("account_login", login=staff.email)
    visitor.follow()
    page = visitor.post("account_confirm_login_code", code=last_code())
    assert page["Location"] == reverse("access:sign-in")
    assert "请从工作人员入口登录" in visitor.follow().content.decode()
    assert visitor.user is None
    page = visitor.post("account:password-sign-in", login=staff.email, password=PASSWORD)
    assert page["Location"] == reverse("access:sign-in")
    assert visitor.user is None
    assert Visitor().post("account:password-sign-in", login=staff.email, password="wrong").status_code == 422


def test_a_residents_password_opens_no_staff_door_and_no_staff_page():
    visitor = Visitor().sign_up(email=MAIL)
    user = visitor.user
    assert user is not None
    user.set_password(PASSWORD)
    user.save()
    client = Client()
    page = client.post(reverse("access:sign-in"), {"email": MAIL, "password": PASSWORD})
    assert page.status_code == 200
    assert "_auth_user_id" not in client.session
    visitor.post("account:password-sign-in", login=MAIL, password=PASSWORD)
    for name in ("web:work", "intake:queue", "access:grants", "notifications:inbox"):
        assert visitor.get(name).status_code == 403, name


def test_staff_do_not_reach_the_account_pages(staff: User):
    client = Client()
    client.force_login(staff, backend="governance.access.backends.GrantBackend")
    for name in ("account:home", "account_email", "mfa_index", "account:devices"):
        assert client.get(reverse(name))["Location"] == reverse("web:work"), name


def test_a_resident_holds_no_grant(world: World):
    from governance.access.models import Role
    from governance.access.selectors import people_search, people_visible_to
    from governance.access.services import grant_create
    from governance.access.viewer import SYSTEM
    from governance.errors import DomainError
    from tests.factories.world import EAST, MORNING, grant

    resident = User.objects.create(kind=UserKind.RESIDENT, private_name="周梅")
    with pytest.raises(DomainError) as refused:
        grant_create(
            user=resident,
            role=Role.objects.get(key="dispatcher"),
            area_code=EAST,
            organisation=None,
            starts_at=MORNING,
            ends_at=None,
            reason="x",
            actor=SYSTEM,
            at=MORNING,
        )
    assert refused.value.code == "user_is_resident"
    world.people["resident"] = resident
    grant(world, "resident", "dispatcher", EAST)  # even if a row said so
    assert viewer_for(resident, MORNING).capabilities == frozenset()
    administrator = world.viewer("administrator")
    assert people_search(viewer=administrator, words="周梅") == []
    assert resident not in people_visible_to(administrator)


@pytest.mark.parametrize(
    "name",
    [
        "account:home",
        "account:devices",
        "account:leave",
        "account:password",
        "account_email",
        "account_change_phone",
        "mfa_index",
    ],
)
def test_signed_out_the_residents_door_opens_first(name: str):
    page = Visitor().get(name)
    assert page.status_code == 302
    assert page["Location"].startswith(reverse("account_login") + "?next=")


def test_what_is_not_ours_is_not_there():
    for address in (
        "/accounts/login/",
        "/account/login/",
        "/account/logout/",
        "/account/inactive/",
        "/account/password/reset/",
    ):
        assert Client().get(address).status_code == 404, address
