"""The emergency account: two people open it, for hours, loudly; it closes by itself and what it did is listed."""

import re
import uuid
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from governance.access.models import AccessPolicy, EmergencyRelease, Grant, Role, User, UserKind
from governance.access.permissions import Capability
from governance.access.selectors import people_search
from governance.access.services import grant_create, grant_end
from governance.access.services.emergency import (
    ADDRESS,
    release_agree,
    release_ask,
    release_close,
    releases_expire,
)
from governance.access.viewer import Scope, viewer_for
from governance.errors import DomainError, Forbidden, StaleState
from governance.notifications.models import Message
from governance.outbox import relay
from governance.outbox.models import DomainEvent
from tests.access.conftest import DISTRICT, WEST
from tests.web.english import chinese_in

pytestmark = pytest.mark.django_db
PAGE = "/staff/admin/emergency/"


@pytest.fixture
def system(viewer_with):
    return viewer_with("system_admin", DISTRICT)


@pytest.fixture
def security(viewer_with):
    return viewer_with("security_admin", DISTRICT)


def ask(actor, at, **fields):
    values = {"hours": 2, "reason": "安全管理员住院", "submission_key": uuid.uuid4()}
    return release_ask(**(values | fields), actor=actor, at=at)


def test_two_different_administrators_of_the_whole_territory_open_it(system, security, viewer_with, at):
    for actor in (viewer_with("supervisor", DISTRICT), viewer_with("administrator", WEST)):
        with pytest.raises(Forbidden):
            ask(actor, at)
    for fields, field in (({"hours": 0}, "hours"), ({"hours": 9}, "hours"), ({"reason": " "}, "reason")):
        with pytest.raises(DomainError) as caught:
            ask(system, at, **fields)
        assert caught.value.field == field
    release = ask(system, at)
    assert not User.objects.filter(kind=UserKind.EMERGENCY).exists(), "asking opens nothing"
    with pytest.raises(StaleState):
        ask(security, at)
    for actor in (system, viewer_with("supervisor", DISTRICT)):
        with pytest.raises(Forbidden):
            release_agree(release=release, actor=actor, at=at)
    with pytest.raises(StaleState):  # an asking that nobody answered for a day is worth nothing
        release_agree(release=release, actor=security, at=at + timedelta(hours=24))
    opened = release_agree(release=release, actor=security, at=at)
    user = opened.release.user
    assert opened.release.ends_at == at + timedelta(hours=2)
    during = viewer_for(user, at + timedelta(minutes=119))
    assert during.holds(Capability.GIVE_GRANT, Scope(WEST))
    assert during.holds("requests_intake.edit_policies", Scope(DISTRICT))
    assert not during.can("requests_intake.view_request"), "it mends rights and settings; it reads no requests"
    assert not viewer_for(user, at + timedelta(hours=2)).capabilities, "over at the minute, whatever the worker does"
    assert people_search(viewer=security, words="应急") == []
    with pytest.raises(DomainError) as caught:  # it is no one who could be left in charge
        grant_end(grant=Grant.objects.get(user=security.user), actor=during, at=at + timedelta(minutes=1))
    assert caught.value.code == "last_guardian"
    for step in (
        lambda: release_agree(release=release, actor=during, at=at),
        lambda: grant_create(
            user=user, role=Role.objects.get(key="dispatcher"), area_code=WEST, organisation=None, starts_at=at,
            ends_at=None, reason="留下来", actor=during, at=at,
        ),
    ):  # fmt: skip
        with pytest.raises(Forbidden):
            step()
    with pytest.raises(DomainError) as caught:  # nor does anybody make it a colleague for good
        grant_create(
            user=user, role=Role.objects.get(key="dispatcher"), area_code=WEST, organisation=None, starts_at=at,
            ends_at=None, reason="留下来", actor=security, at=at,
        )  # fmt: skip
    assert caught.value.code == "user_is_emergency"


def test_it_signs_in_only_while_open_loudly_and_what_it_did_is_listed(client, system, security, make_user, at):
    AccessPolicy.objects.update_or_create(pk=1, defaults={"grace_days": 0})
    first, second = Client(), Client()
    for one, viewer in ((first, system), (second, security)):
        one.force_login(viewer.user)
        session = one.session
        session["second_step"] = True
        session.save()
    second.cookies["liren_lang"] = "en"

    def english(answer):
        """Nothing Chinese but what people are called and have written."""
        found = chinese_in(answer.content.decode())
        return [line for line in found if "职员" not in line and "住院" not in line]

    page = first.get(PAGE).content.decode()
    key = re.search(r'name="key" value="([^"]+)"', page)[1]
    assert first.post(PAGE, {"hours": "9", "reason": "", "key": key}).status_code == 422
    for _ in range(2):  # pressed twice
        assert first.post(PAGE, {"hours": "1", "reason": "安全管理员住院", "key": key}).status_code == 302
    release = EmergencyRelease.objects.get()
    agree = reverse("access:emergency-agree", args=[release.pk])
    assert agree not in first.get(PAGE).content.decode()
    assert first.post(agree).status_code == 403
    waiting = second.get(PAGE)
    assert agree in waiting.content.decode()
    shown = second.post(agree)
    assert "no-store" in shown["Cache-Control"]
    password = re.findall(r"<code[^>]*>([^<]+)</code>", shown.content.decode())[1]
    assert second.post(agree).status_code == 409, "shown once"

    relay.drain()
    told = Message.objects.filter(kind__startswith="administration.emergency").values_list("kind", "user")
    for kind in ("administration.emergency_asked", "administration.emergency_opened"):
        assert {user for one, user in told if one == kind} == {system.user_id, security.user_id}

    def sign_in(one):
        return one.post("/staff/sign-in/", {"email": ADDRESS, "password": password})

    assert sign_in(client).status_code == 302
    handler = make_user()
    given = client.get(reverse("access:grants"))
    assert given.status_code == 200, "two people's word is its second step"
    form = {
        "user_words": handler.email, "user": str(handler.public_id), "role": "handler", "area_code": WEST,
        "starts_at": "2026-11-01T09:00", "ends_at": "", "organisation": "", "reason": "顶替", "key": "0" * 32,
    }  # fmt: skip
    assert client.post(reverse("access:grant-new"), form).status_code == 302
    for one in (first, client):
        assert "应急账号开着" in one.get("/staff/admin/roles/").content.decode()
    listed = reverse("access:emergency-done", args=[release.pk])
    done = first.get(listed).content.decode().partition("<main")[2]
    assert done.index("给了授权") < done.index("登录"), "the newest first"

    for answer in (waiting, shown, second.get(listed), second.get(PAGE)):
        assert english(answer) == []

    release.refresh_from_db()
    assert releases_expire(at=release.ends_at - timedelta(seconds=1)) == 0
    assert releases_expire(at=release.ends_at) == 1
    assert client.get(reverse("access:grants"))["Location"].startswith("/staff/sign-in/")
    assert sign_in(Client()).status_code == 200
    user = User.objects.get(kind=UserKind.EMERGENCY)
    assert (user.is_active, user.has_usable_password()) == (False, False)
    assert "应急账号开着" not in first.get("/staff/admin/roles/").content.decode()
    names = list(
        DomainEvent.objects.filter(name__startswith="access.emergency").order_by("pk").values_list("name", flat=True)
    )
    assert names == [f"access.emergency_{what}" for what in ("asked", "opened", "closed")]


def test_it_is_sealed_early_by_an_administrator_or_by_itself(system, security, viewer_with, at):
    release = ask(system, at)
    release_close(release=release, actor=system, at=at)  # taken back
    with pytest.raises(StaleState):
        release_agree(release=release, actor=security, at=at)
    opened = release_agree(release=ask(security, at), actor=system, at=at).release
    with pytest.raises(Forbidden):
        release_close(release=opened, actor=viewer_with("dispatcher", DISTRICT), at=at)
    later = at + timedelta(minutes=5)
    assert release_close(release=opened, actor=viewer_for(opened.user, later), at=later).closed_by == opened.user
    assert not viewer_for(User.objects.get(pk=opened.user_id), later).capabilities
    assert release_close(release=opened, actor=security, at=later + timedelta(minutes=1)).closed_at == later
    again = release_agree(release=ask(system, later), actor=security, at=later).release
    assert again.user == opened.user, "one account"


@pytest.mark.parametrize(("role", "status"), [("supervisor", 403), ("operations_admin", 200), ("audit_admin", 200)])
def test_every_administrator_sees_it_and_nobody_else(client, viewer_with, role, status):
    client.force_login(viewer_with(role, DISTRICT).user)
    assert {client.get(page).status_code for page in (PAGE, "/staff/admin/duties/")} == {status}
