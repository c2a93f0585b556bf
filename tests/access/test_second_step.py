"""A second step at sign-in, by role: the grace, the way through it, what stays closed, and a lost telephone."""

import re
import uuid
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from allauth.usersessions.models import UserSession
from django.test import Client
from django.urls import reverse

from governance.access.models import AccessPolicy, Role
from governance.access.permissions import Capability
from governance.access.services.passwords import password_reset
from governance.access.services.roles import Difference, role_change_undo, roles_change
from governance.access.services.second_step import policy_change, second_step_reset
from governance.access.viewer import viewer_for
from governance.errors import DomainError, Forbidden, StaleState
from governance.notifications.models import Message
from governance.outbox import relay
from governance.outbox.models import DomainEvent
from setup_wizard.links import invitation_token
from tests.access.conftest import DISTRICT, EAST, WEST
from tests.accounts.people import dynamic_code
from tests.sql import assert_sql

pytestmark = pytest.mark.django_db
PASSWORD = "jasmine-tea-at-nine"
GRANTS = "/staff/admin/grants/"


@pytest.fixture
def lin(make_user, give):
    user = make_user("林晓", email="lin@liren.example", password=PASSWORD)
    give(user, "administrator", DISTRICT)
    return user


@pytest.fixture
def at_once(db):
    """No grace: the office is serious from today."""
    AccessPolicy.objects.update_or_create(pk=1, defaults={"grace_days": 0})


def sign_in(client, **fields):
    return client.post("/staff/sign-in/", {"email": "lin@liren.example", "password": PASSWORD, **fields})


def secret_on(page):
    return re.search(r"<code[^>]*>([A-Z2-7]{32})</code>", page.content.decode())[1]


def set_up(client, next_page=GRANTS):
    """Walk the page as a person does; return (secret, recovery codes)."""
    address = reverse("account:second-step-new", query={"next": next_page})
    secret = secret_on(client.get(address))
    page = client.post(address, {"code": dynamic_code(secret), "next": next_page})
    assert f'href="{next_page}"' in page.content.decode()
    return secret, re.findall(r"<li><code>(\d+)</code>", page.content.decode())


def test_nothing_opens_until_the_second_step_is_set_up_and_then_what_was_wanted(client, lin, at_once):
    answer = sign_in(client, next=f"{GRANTS}?q=x")
    assert answer["Location"] == f"{GRANTS}?q=x"
    wanted = client.get(f"{GRANTS}?q=x")
    page = wanted["Location"]
    assert page == "/staff/account/second-step/?" + urlencode({"next": f"{GRANTS}?q=x"}, safe="/")
    for closed in ("/staff/", reverse("access:matrix"), reverse("access:person", args=[lin.public_id])):
        assert client.get(closed)["Location"].startswith("/staff/account/second-step/"), closed
        assert client.post(closed, {"save": "1"}).status_code == 302
    piece = client.get(GRANTS, headers={"HX-Request": "true"})
    assert (piece.content, piece["HX-Redirect"]) == (b"", "/staff/account/second-step/")
    assert lin.display_name not in client.get("/").content.decode()
    shown = client.get(page).content.decode()
    assert "授权" not in shown.split("<main")[1].split("</main>")[0].replace("给授权", "")
    assert 'href="/staff/admin' not in shown, "no rail of what one may not open yet"

    secret = secret_on(client.get(page))
    wrong = client.post(page, {"code": "000000" if dynamic_code(secret) != "000000" else "111111"})
    assert wrong.status_code == 422
    assert "动态码不对" in wrong.content.decode()
    assert secret_on(wrong) == secret, "the code on the telephone stays good"
    done = client.post(page, {"code": dynamic_code(secret), "next": f"{GRANTS}?q=x"})
    html = done.content.decode()
    assert "no-store" in done["Cache-Control"]
    assert len(re.findall(r"<li><code>\d+</code>", html)) == 10
    assert f'href="{GRANTS}?q=x"' in html
    with assert_sql(11, at_most=True):
        assert client.get(f"{GRANTS}?q=x").status_code == 200
    assert DomainEvent.objects.filter(name="access.second_step_set", actor=lin).count() == 1


def test_from_then_on_the_code_is_asked_for_and_each_recovery_code_works_once(client, lin, at_once, at):
    sign_in(client)
    _secret, codes = set_up(client)
    other = Client()
    first = sign_in(other, next=GRANTS)
    assert first["Location"] == reverse("account:sign-in-code")
    assert "_auth_user_id" not in other.session
    assert other.get(GRANTS)["Location"].startswith("/staff/sign-in/")
    assert other.post(first["Location"], {"code": "12345678"}).status_code == 422
    passed = other.post(first["Location"], {"code": codes[0]})
    assert passed["Location"] == GRANTS
    assert other.get(GRANTS).status_code == 200
    third = Client()
    sign_in(third)
    page = reverse("account:sign-in-code")
    for _ in range(4):  # the wrong one above counts, too
        assert third.post(page, {"code": codes[0]}, REMOTE_ADDR="198.51.100.9").status_code == 422
    refused = third.post(page, {"code": codes[1]}, REMOTE_ADDR="203.0.113.5")
    assert "15 分钟" in refused.content.decode(), "from whatever address"
    assert Client().get(page)["Location"] == "/staff/sign-in/"


def test_the_password_alone_counts_for_ten_minutes(client, lin, monkeypatch, at):
    sign_in(client)
    set_up(client)
    other = Client()
    sign_in(other)
    page = reverse("account:sign-in-code")
    assert other.get(page).status_code == 200
    monkeypatch.setattr("governance.accounts.views.staff.timezone.now", lambda: at + timedelta(minutes=11))
    assert other.get(page)["Location"] == "/staff/sign-in/"


def test_in_the_grace_one_step_is_enough_and_a_banner_says_until_when(client, lin, give, make_user, at):
    AccessPolicy.objects.update_or_create(pk=1, defaults={"grace_days": 7})
    sign_in(client)
    html = client.get(GRANTS).content.decode()
    assert "现在设" in html
    Role.objects.filter(key="administrator").update(second_step_since=at - timedelta(days=300))
    old, new = make_user(), make_user()
    give(old, "administrator", WEST, starts_at=at - timedelta(days=7, minutes=1))
    give(new, "administrator", WEST, starts_at=at - timedelta(days=6, hours=23))
    for user, opens in ((old, 302), (new, 200)):
        client.force_login(user)
        assert client.get(GRANTS).status_code == opens
    worker = make_user()
    give(worker, "handler", WEST)
    client.force_login(worker)
    assert "现在设" not in client.get("/staff/", follow=True).content.decode()
    set_up(client, "/staff/")  # whoever wants one may have one
    assert client.get("/staff/", follow=True).status_code == 200


def test_has_perm_waits_too_and_a_session_from_before_shows_the_telephone(client, lin, at_once, rf):
    first, second = Client(), client
    AccessPolicy.objects.update(grace_days=7)
    sign_in(first)
    sign_in(second)
    _secret, codes = set_up(second)
    AccessPolicy.objects.update(grace_days=0)
    answer = first.get(GRANTS, follow=True)  # its password was right, but the telephone is another's proof
    assert answer.redirect_chain[-1][0].startswith(reverse("account:sign-in-code"))
    assert first.post(answer.redirect_chain[-1][0], {"code": codes[3], "next": GRANTS})["Location"] == GRANTS
    assert first.get(GRANTS).status_code == 200
    assert second.get(reverse("account:second-step-new")).status_code == 200, (
        "another telephone, for whoever came with one"
    )


def test_a_lost_telephone_is_taken_off_by_somebody_else(client, lin, viewer_with, at_once, at):
    sign_in(client)
    set_up(client)
    boss, street = viewer_with("administrator", DISTRICT), viewer_with("administrator", WEST)
    for actor, wrong in (
        (viewer_for(lin, at), Forbidden),
        (street, Forbidden),
        (viewer_with("supervisor", DISTRICT), Forbidden),
    ):
        with pytest.raises(wrong):
            second_step_reset(user=lin, reason="手机丢了", actor=actor, at=at)
    with pytest.raises(DomainError) as caught:
        second_step_reset(user=lin, reason=" ", actor=boss, at=at)
    assert caught.value.field == "reason"
    helper, page = Client(), reverse("access:second-step-reset", args=[lin.public_id])
    helper.force_login(boss.user)
    session = helper.session
    session["second_step"] = True
    session.save()
    assert page in helper.get(reverse("access:person", args=[lin.public_id])).content.decode()
    assert helper.post(page, {"reason": ""}).status_code == 422
    assert helper.post(page, {"reason": "手机丢了，当面来的"})["Location"] == reverse(
        "access:person", args=[lin.public_id]
    )
    assert "手机丢了，当面来的" in helper.get(reverse("access:person", args=[lin.public_id])).content.decode()
    assert client.get(GRANTS)["Location"].startswith("/staff/sign-in/"), "signed out everywhere"
    assert not UserSession.objects.filter(user=lin).exists()
    event = DomainEvent.objects.get(name="access.second_step_reset")
    assert (event.actor_id, event.payload) == (boss.user_id, {"sessions": 1})
    relay.drain()
    told = set(Message.objects.filter(user=lin).values_list("kind", "channel"))
    assert told == {
        (f"accounts.second_step_{what}", channel) for what in ("set", "reset") for channel in ("in_app", "email")
    }
    with pytest.raises(StaleState):
        second_step_reset(user=lin, reason="再来", actor=boss, at=at)
    assert sign_in(client, next=GRANTS)["Location"] == GRANTS
    assert client.get(GRANTS)["Location"].startswith("/staff/account/second-step/")


def test_which_role_needs_it_is_a_change_of_roles(viewer_with, client, at):
    boss = viewer_with("administrator", DISTRICT)
    page = reverse("access:matrix")
    client.force_login(boss.user)
    html = client.get(page).content.decode()
    assert "登录要两步" in html
    cells = re.findall(r'name="cell" value="([^"]+)" checked', html)
    rows = re.findall(r'name="row" value="([^"]+)"', html)
    form = {
        "row": rows,
        "cell": [*cells, "dispatcher second-step"],
        "reason": "",
        "seen": "0",
        "submission_key": str(uuid.uuid4()),
    }
    looked = client.post(page, form | {"look": "1"}).content.decode()
    assert "派单员登录要两步" in looked
    assert re.findall(r'name="read" value="([^"]+)"', looked) == ["+ dispatcher second-step"]
    saved = client.post(page, form | {"save": "1", "read": ["+ dispatcher second-step"], "reason": "区里要求"})
    assert saved.status_code == 302, saved.content.decode()
    role = Role.objects.get(key="dispatcher")
    assert role.second_step_since is not None
    assert role.follows_code, "what it may do is as delivered"
    assert DomainEvent.objects.get(name="access.role_changed").payload["second_step"] is True
    assert "登录要两步" in client.get(reverse("access:role-history")).content.decode()
    change = role.changes.get().change
    role_change_undo(change=change, reason="改错了", submission_key=uuid.uuid4(), actor=boss, at=at)
    assert Role.objects.get(key="dispatcher").second_step_since is None
    off = {"administrator": Difference(second_step=False)}
    with pytest.raises(Forbidden):  # nobody spares themselves
        roles_change(differences=off, seen=0, reason="麻烦", submission_key=uuid.uuid4(), actor=boss, at=at)


def test_the_rule_of_the_office(client, viewer_with, at):
    boss = viewer_with("administrator", DISTRICT)
    values = {"grace_days": 3, "fresh_minutes": 20, "idle_minutes": 25, "reason": "安全检查", "seen": None}
    for changes, field in (
        ({"grace_days": 367}, "grace_days"),
        ({"fresh_minutes": 0}, "fresh_minutes"),
        ({"idle_minutes": 4}, "idle_minutes"),
        ({"reason": ""}, "reason"),
    ):
        with pytest.raises(DomainError) as caught:
            policy_change(**(values | changes), actor=boss, at=at)
        assert caught.value.field == field
    with pytest.raises(Forbidden):
        policy_change(**values, actor=viewer_with("administrator", EAST), at=at)
    client.force_login(boss.user)
    page = reverse("access:sign-in-policy")
    assert 'value="7"' in client.get(page).content.decode()
    assert (
        client.post(
            page, {"grace_days": "3", "fresh_minutes": "20", "idle_minutes": "25", "reason": "安全检查", "seen": ""}
        ).status_code
        == 302
    )
    assert DomainEvent.objects.get(name="access.policy_changed").payload == {
        "grace_days": 3,
        "fresh_minutes": 20,
        "idle_minutes": 25,
    }
    with pytest.raises(StaleState):
        policy_change(**values, actor=boss, at=at)
    assert viewer_for(boss.user, at).second_step_due == Role.objects.get(
        key="administrator"
    ).second_step_since + timedelta(days=3)
    assert viewer_for(boss.user, at).can(Capability.RESET_SECOND_STEP)


def test_devices_of_staff_are_listed_and_signed_out_from_afar(client, lin, make_user):
    sign_in(client)
    other = Client(headers={"User-Agent": "Mozilla/5.0 (Windows NT 10.0) Chrome/130.0"})
    sign_in(other)
    page = reverse("account:staff")
    assert page in client.get("/staff/", follow=True).content.decode(), "in the menu"
    html = client.get(page).content.decode()
    assert html.count('name="device"') == 1
    assert "Chrome" in html
    stranger = Client()
    stranger.force_login(make_user())
    device = UserSession.objects.get(session_key=other.session.session_key)
    stranger.post(reverse("account:staff-sign-out"), {"device": device.pk})
    assert other.get(page).status_code == 200
    client.post(reverse("account:staff-sign-out"), {"device": device.pk})
    assert other.get(page)["Location"].startswith("/staff/sign-in/")
    assert client.get(page).status_code == 200
    assert client.post(reverse("account:second-step-codes")).status_code == 302, "no telephone, no codes"


def test_a_password_is_changed_by_its_owner_or_taken_away_and_set_anew(client, lin, viewer_with, at):
    sign_in(client)
    other = Client()
    sign_in(other)
    page = reverse("account:staff-password")
    for new, again, said in (("short", "short", "password"), ("a-new-password-1", "other", "password_again")):
        refused = client.post(page, {"password": new, "password_again": again})
        assert refused.status_code == 422
        assert f'href="#id_{said}"' in refused.content.decode()
    answer = client.post(page, {"password": "a-new-password-1", "password_again": "a-new-password-1"})
    assert answer["Location"] == reverse("account:staff")
    assert client.get(GRANTS).status_code == 200
    assert UserSession.objects.get(user=lin).session_key == client.session.session_key, "the device is still listed"
    assert other.get(GRANTS)["Location"].startswith("/staff/sign-in/")
    assert sign_in(Client()).status_code == 200, "the old one is over"

    _secret, codes = set_up(client)
    boss = viewer_with("administrator", DISTRICT)
    for actor in (viewer_for(lin, at), viewer_with("administrator", WEST)):
        with pytest.raises(Forbidden):
            password_reset(user=lin, reason="忘了", actor=actor, at=at)
    helper = Client()
    helper.force_login(boss.user)
    reset = reverse("access:person-password", args=[lin.public_id])
    assert reset in helper.get(reverse("access:person", args=[lin.public_id])).content.decode()
    assert helper.post(reset, {"reason": "忘了密码，当面来的"}).status_code == 302
    assert client.get(GRANTS)["Location"].startswith("/staff/sign-in/")
    lin.refresh_from_db()
    assert not lin.has_usable_password()
    relay.drain()
    kinds = set(Message.objects.filter(user=lin).values_list("kind", flat=True))
    assert {"accounts.password_changed", "setup_wizard.password_reset"} <= kinds
    with pytest.raises(StaleState):
        password_reset(user=lin, reason="再来", actor=boss, at=at)
    door = Client()
    new = "another-password-2"
    answer = door.post(reverse("setup:welcome", args=[invitation_token(lin)]), {"password": new, "password_again": new})
    assert answer["Location"] == reverse("account:sign-in-code"), "the link alone opens nothing"
    assert door.get(GRANTS)["Location"].startswith("/staff/sign-in/")
    assert door.post(answer["Location"], {"code": codes[0]}).status_code == 302
    assert door.get(GRANTS).status_code == 200
