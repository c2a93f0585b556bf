"""Three administrators: what each may do alone, separating them, and that nobody gets two of them afterwards."""

import uuid
from datetime import timedelta

import pytest
from django.urls import reverse

from governance.access.duties import duties_in, duty_of, holders
from governance.access.models import AccessPolicy, Grant, Role
from governance.access.permissions import DUTIES, JOINT
from governance.access.services import grant_create
from governance.access.services.duties import duties_separate
from governance.access.services.roles import Difference, role_create, roles_change
from governance.access.sync import all_capabilities, built_in
from governance.access.viewer import viewer_for
from governance.errors import DomainError, Forbidden, StaleState
from governance.outbox.models import DomainEvent
from tests.access.conftest import DISTRICT, WEST
from tests.sql import assert_sql

pytestmark = pytest.mark.django_db
SYSTEM, SECURITY, AUDIT = DUTIES
PAGE = "/staff/admin/duties/"


def test_each_duty_is_one_administrators_alone():
    given = built_in()
    assert set(duty_of()) <= all_capabilities()
    for duty in DUTIES:
        assert duties_in(given[duty]) == {duty}, "none can do another's work"
    assert duties_in(given[JOINT[0]] | given[JOINT[1]]) == set(DUTIES), "who starts alone can do everything"
    assert {name for name, duty in duty_of().items() if duty == AUDIT} == {"audit.read_trail", "audit.export_trail"}
    security = {name for name, duty in duty_of().items() if duty == SECURITY}
    access = {name for name in given["administrator"] if name.startswith("access.")}
    assert security == access - {"access.work", "access.view_matrix"} | {
        "audit.watch",
        "protection.keep_breaches",
        "protection.file_assessments",
        "protection.handle_person_requests",
    }
    business = [role for role in given if role not in (*DUTIES, *JOINT)]
    assert not any(duties_in(given[role]) for role in business)
    own = given[SYSTEM] | given[SECURITY] | given[AUDIT]
    assert not {name for name in own if name.endswith(("view_request", "view_order", "reveal_contact", "call_back"))}


MAY = [
    ("/staff/admin/grants/", SECURITY),
    ("/staff/admin/grants/new/", SECURITY),
    ("/staff/admin/explain/", SECURITY),
    ("/staff/admin/tokens/new/", SECURITY),
    ("/staff/admin/sign-in/", SECURITY),
    ("/staff/admin/roles/new/", SECURITY),
    ("/staff/admin/calendar/", SYSTEM),
    ("/staff/messages/robots/", SYSTEM),
    ("/staff/audit/", AUDIT),
]


def test_they_cannot_open_each_others_pages(client, viewer_with):
    for role in DUTIES:
        client.force_login(viewer_with(role, DISTRICT).user)
        opened = {address for address, _duty in MAY if client.get(address).status_code == 200}
        assert opened == {address for address, duty in MAY if duty == role}, role
        assert client.get(PAGE).status_code == 200
        assert client.get("/staff/requests/").status_code == 403


@pytest.fixture
def office(viewer_with, make_user, give, at):
    """One who does all and more, and two who could take over."""
    boss = viewer_with("administrator", DISTRICT)
    give(boss.user, "operations_admin", DISTRICT)
    give(boss.user, "dispatcher", WEST)
    return {
        "boss": viewer_for(boss.user, at),
        "system": viewer_with(SYSTEM, DISTRICT),
        "audit": viewer_with(AUDIT, DISTRICT, ends_at=at + timedelta(days=30)),
    }


def separate(office, at, **fields):
    boss = office["boss"]
    values = {"keep": {boss.user_id: SECURITY}, "reason": "三位都到岗了", "actor": boss}
    return duties_separate(**(values | fields), at=at)


def live_roles(user, at):
    return set(Grant.objects.live(at).filter(user=user).values_list("role__key", "area_code"))


def test_separating_leaves_each_with_one_and_nobody_gets_two_again(office, make_user, give, viewer_with, at):
    boss = office["boss"]
    with assert_sql(3):
        found = holders(at)
    assert {holder.user: holder.duties for holder in found}[boss.user] == DUTIES
    grant_create(  # before it is done, one may hold several
        user=office["audit"].user, role=Role.objects.get(key=SYSTEM), area_code=WEST, organisation=None,
        starts_at=at + timedelta(days=3), ends_at=None, reason="顶替", actor=boss, at=at,
    )  # fmt: skip
    keep = {boss.user_id: SECURITY, office["audit"].user_id: AUDIT}
    for changes, code in (
        ({}, "keep_missing"),  # the second one's grant of next week counts
        ({"keep": keep, "reason": " "}, "reason_required"),
        ({"keep": keep | {boss.user_id: SYSTEM}}, "last_guardian"),
        ({"keep": keep | {office["audit"].user_id: SYSTEM}}, "duty_unheld"),
    ):
        with pytest.raises(DomainError) as caught:
            separate(office, at, **changes)
        assert caught.value.code == code
        assert not AccessPolicy.objects.filter(separated_at__isnull=False).exists()
    for actor in (office["system"], viewer_with("security_admin", WEST)):
        with pytest.raises(Forbidden):
            separate(office, at, actor=actor, keep=keep)
    later = at + timedelta(seconds=1)
    separate(office, later, keep=keep)
    after = later + timedelta(seconds=1)
    assert live_roles(boss.user, after) == {(SECURITY, DISTRICT), ("dispatcher", WEST)}, "daily work is left alone"
    assert live_roles(office["audit"].user, after) == {(AUDIT, DISTRICT)}
    assert all(len(holder.duties) == 1 for holder in holders(after))
    assert DomainEvent.objects.get(name="access.duties_separated").payload == {"count": 2}
    kept = Grant.objects.live(after).get(user=boss.user, role__key=SECURITY)
    assert (kept.granted_by, kept.reason, kept.ends_at) == (boss.user, "三位都到岗了", None)
    with pytest.raises(StaleState):
        separate({**office, "boss": viewer_for(boss.user, after)}, after, keep={})

    security = viewer_for(boss.user, after)

    def give_role(user, role):
        return grant_create(
            user=user, role=Role.objects.get(key=role), area_code=WEST, organisation=None, starts_at=after,
            ends_at=None, reason="顶替", actor=security, at=after,
        )  # fmt: skip

    fresh = make_user()
    for user, role in (
        (office["system"].user, AUDIT),
        (office["audit"].user, "operations_admin"),
        (fresh, "administrator"),
    ):
        with pytest.raises(DomainError) as caught:
            give_role(user, role)
        assert (caught.value.code, caught.value.field) == ("duties_apart", "role")
    give_role(fresh, SYSTEM)
    give_role(fresh, "handler")

    def change(role, name):
        differences = {role: Difference(added=frozenset({name}))}
        values = {"seen": 0, "reason": "试试", "submission_key": uuid.uuid4(), "actor": security, "at": after}
        return roles_change(differences=differences, **values)

    for role, name in ((SYSTEM, "audit.read_trail"), ("handler", "audit.read_trail")):
        with pytest.raises(DomainError) as caught:  # the second: somebody with the system duty handles orders, too
            change(role, name)
        assert caught.value.code == "duties_apart"
    change("grid_worker", "audit.read_trail")  # whoever holds it is an auditor now
    with pytest.raises(DomainError):
        give_role(fresh, "grid_worker")
    with pytest.raises(DomainError):
        role_create(
            name="全能", name_en="All", like=Role.objects.get(key="administrator"), reason="方便",
            submission_key=uuid.uuid4(), actor=security, at=after,
        )  # fmt: skip


def test_the_page_says_so_and_does_it(client, office, at):
    boss = office["boss"]
    client.force_login(boss.user)
    assert "还没有分给不同的人" in client.get("/staff/admin/grants/").content.decode()
    assert "还没有分给不同的人" not in client.get("/staff/account/").content.decode()
    html = client.get(PAGE).content.decode()
    assert "1 个人同时担任其中几种" in html
    field = f"keep-{boss.user.public_id}"
    empty = client.post(PAGE, {"reason": ""})
    assert empty.status_code == 422
    assert f'name="{field}"' in empty.content.decode()
    refused = client.post(PAGE, {field: AUDIT, "reason": "试试"})
    assert "最后一位" in refused.content.decode()
    assert client.post(PAGE, {field: SECURITY, "reason": "三位都到岗了"})["Location"] == PAGE
    html = client.get(PAGE).content.decode()
    assert "已经分开" in html
    assert "三位都到岗了" in html
    assert reverse("access:person", args=[office["audit"].user.public_id]) in html
    assert "还没有分给不同的人" not in client.get("/staff/admin/grants/").content.decode()
    client.force_login(office["audit"].user)
    assert "分开三员" not in client.get(PAGE).content.decode()
    assert client.post(PAGE, {"reason": "我来"}).status_code == 403
