"""Account pages are ours in both languages: English without a Chinese word, Chinese without one of allauth's."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.http import HttpResponse
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from governance.access.models import AccessPolicy
from governance.access.services.second_step import second_step_set
from governance.notifications.registry import all_kinds
from tests.accounts.people import PHONE, Visitor, dynamic_code, last_code
from tests.factories.world import PASSWORD
from tests.web.english import chinese_in, language_of

pytestmark = pytest.mark.django_db
ENTRANCES = ["account_login", "account:password-sign-in", "account_signup"]
SIGNED_IN = [
    "account:home",
    "account:devices",
    "account:notices",
    "account:leave",
    "account:password",
    "account_change_phone",
    "account_email",
    "mfa_index",
    "mfa_activate_totp",
    "mfa_view_recovery_codes",
    "mfa_generate_recovery_codes",
    "mfa_deactivate_totp",
]
ON_THE_WAY = [
    "account_confirm_login_code",
    "account_verify_phone",
    "account_email_verification_sent",
    "account_reauthenticate",
    "account_request_reauthentication_code",
    "account_confirm_reauthentication_code",
    "mfa_authenticate",
    "mfa_reauthenticate",
]
NO_PAGES = {"account:devices-sign-out", "account:staff-sign-out"}
# Of staff: read below, as one of them walks them.
OF_STAFF = {
    "account:staff-password",
    "account:staff",
    "account:sign-in-code",
    "account:second-step-new",
    "account:second-step-codes",
}
# What an untouched page of allauth would say, in either of the languages that it knows.
FOREIGN_WORDS = ("allauth", "Sign In", "Menu:", "Forgot your password?", "忘记密码", "电子邮件地址", "example.com site")


def names(resolver: URLResolver, space: str = "") -> Iterator[str]:
    for part in resolver.url_patterns:
        if isinstance(part, URLResolver):
            yield from names(part, f"{part.namespace}:" if part.namespace else space)
        elif isinstance(part, URLPattern) and part.name:
            yield f"{space}{part.name}"


def test_every_account_page_is_read_here():
    ours = {name for name in names(get_resolver()) if name.startswith(("account", "mfa", "usersessions"))}
    assert ours == {*ENTRANCES, *SIGNED_IN, *ON_THE_WAY} | NO_PAGES | OF_STAFF


class Reader:
    """Reads pages in one language and remembers what is wrong with them."""

    def __init__(self, language: str) -> None:
        self.language = language
        self.faults: dict[str, object] = {}

    def read(self, page: HttpResponse, name: str) -> HttpResponse:
        html = page.content.decode()
        if page.status_code in (200, 422):
            assert '<a class="lr-brand"' in html, f"{name}: not our layout"
            if self.language == "en" and (found := chinese_in(html)):
                self.faults[name] = found
            if self.language == "zh-hans" and (found := [word for word in FOREIGN_WORDS if word in html]):
                self.faults[name] = found
            assert language_of(html).lower().startswith(self.language[:2])
        return page


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_page_with_and_without_faults(language: str, time_machine: Any):
    time_machine.move_to("2026-11-17T02:00:00Z", tick=False)
    reader, opened = Reader(language), set()

    def visitor() -> Visitor:
        one = Visitor()
        one.client.cookies["liren_lang"] = language
        return one

    def look(one: Visitor, name: str, /, **faulty: str) -> None:
        assert reader.read(one.get(name), name).status_code == 200, name
        opened.add(name)
        if faulty:
            assert reader.read(one.post(name, **faulty), f"{name}, refused").status_code == 422, name

    stranger = visitor()
    look(stranger, "account_login", login="nobody")
    look(stranger, "account:password-sign-in", login=PHONE, password="wrong")
    look(stranger, "account_signup", phone="1")
    me = visitor()
    me.post("account_signup", phone=PHONE)
    look(me, "account_verify_phone", code="1")
    me.post("account_verify_phone", code=last_code())
    for name, faulty in [
        ("account:home", {"name": "x" * 50}),
        ("account:devices", {}),
        ("account:notices", {"quiet_from": "1"}),
        ("mfa_index", {}),
    ]:
        look(me, name, **faulty)
    time_machine.shift(timedelta(minutes=2))
    me.get("account:leave")
    look(me, "account_request_reauthentication_code", recipient="nobody")
    me.post("account_request_reauthentication_code", recipient="+8613812345678")
    look(me, "account_confirm_reauthentication_code", code="1")
    me.post("account_confirm_reauthentication_code", code=last_code())
    look(me, "account:leave", other="1")
    look(me, "account:password", password1="short", password2="other")
    look(me, "account_change_phone", phone="1")
    look(me, "account_email", action_add="1", email="at home")
    me.post("account_email", action_add="1", email="zhou@example.com")
    look(me, "account_email_verification_sent", code="1")
    look(me, "mfa_activate_totp", code="1")
    me.post("mfa_activate_totp", code=dynamic_code(me.client.session["mfa.totp.secret"]))
    for name in ("mfa_index", "mfa_view_recovery_codes", "mfa_generate_recovery_codes", "mfa_deactivate_totp"):
        look(me, name)
    look(me, "mfa_reauthenticate", code="1")
    user = me.user
    assert user is not None
    user.set_password("a-long-test-password")
    user.save()
    time_machine.shift(timedelta(minutes=2))
    again = visitor()
    again.post("account_login", login=PHONE)
    look(again, "account_confirm_login_code", code="1")
    again.post("account_confirm_login_code", code=last_code())
    look(again, "mfa_authenticate", code="1")
    with_password = visitor()
    with_password.client.force_login(user, backend="governance.accounts.backends.ResidentBackend")
    look(with_password, "account_reauthenticate", password="wrong")
    assert reader.faults == {}
    assert opened == {*ENTRANCES, *SIGNED_IN, *ON_THE_WAY}


def test_the_kinds_of_messages_are_registered():
    assert {kind.key for kind in all_kinds()} >= {
        "accounts.code",
        "accounts.unknown",
        "accounts.exists",
        "accounts.changed",
    }


def test_pages_about_how_staff_sign_in_are_read_in_english(client, world):
    reader, person = Reader("en"), world.people["administrator"]
    client.cookies["liren_lang"] = "en"
    client.force_login(person)
    AccessPolicy.objects.update_or_create(pk=1, defaults={"grace_days": 0})

    def look(name: str, *arguments: Any, status: int = 200, **form: str) -> str:
        address = reverse(name, args=arguments)
        page = client.post(address, form) if form else client.get(address)
        assert page.status_code == status, (name, page.status_code)
        html = page.content.decode()
        if found := chinese_in(html):
            reader.faults[name] = found
        return html

    look("account:second-step-new")
    look("account:second-step-new", status=422, code="1")
    secret = client.session["mfa.totp.secret"]
    assert "go on" in look("account:second-step-new", code=dynamic_code(secret))
    look("account:second-step-new")
    assert "10 backup codes" in look("account:staff")
    look("account:second-step-codes", sure="1")
    look("account:staff-password", status=422, password="short", password_again="other")
    look("access:sign-in-policy", status=422, grace_days="x")
    look("access:matrix")
    second_step_set(secret=secret, actor=world.viewer("operations"), at=timezone.now())
    look("access:person", world.people["operations"].public_id)
    look("access:person-password", world.people["operations"].public_id, status=422, reason="")
    look("access:second-step-reset", world.people["operations"].public_id, status=422, reason="")
    client.logout()
    client.cookies["liren_lang"] = "en"
    client.post(reverse("access:sign-in"), {"email": person.email, "password": PASSWORD})
    look("account:sign-in-code")
    look("account:sign-in-code", status=422, code="1")
    AccessPolicy.objects.update(grace_days=30)
    client.force_login(world.people["administrator"])
    client.cookies["liren_lang"] = "en"
    assert "needs two steps" in look("access:grants")
    assert reader.faults == {}
