"""Changing what roles may do: differences, undo, own roles, and who is kept from raising themselves."""

import re
import uuid

import pytest
from django.urls import reverse
from django.utils import timezone

from governance.access.models import Role, RoleChange
from governance.access.permissions import Capability
from governance.access.services import grant_create, grant_end, token_issue
from governance.access.services.roles import (
    Difference,
    role_change_undo,
    role_create,
    role_retire,
    roles_change,
)
from governance.access.sync import built_in, sync_capabilities
from governance.access.viewer import Scope, viewer_for
from governance.errors import DomainError, Forbidden, StaleState
from governance.outbox.models import DomainEvent
from tests.access.conftest import DISTRICT, LAKE, WEST
from tests.sql import assert_sql

pytestmark = pytest.mark.django_db

REVEAL = "requests_intake.reveal_contact"
PAGE = "/staff/admin/roles/"


@pytest.fixture
def security(viewer_with):
    """Administers the whole district."""
    return viewer_with("administrator", DISTRICT)


def change(actor, at, role="grid_worker", added=(), removed=(), **fields):
    values = {
        "differences": {role: Difference(frozenset(added), frozenset(removed))},
        "seen": 0,
        "reason": "办公会定的",
        "submission_key": uuid.uuid4(),
    }
    return roles_change(**(values | fields), actor=actor, at=at)


def held(role):
    return {
        f"{one.content_type.app_label}.{one.codename}" for one in Role.objects.get(key=role).group.permissions.all()
    }


def test_a_change_holds_from_the_next_request_and_survives_a_release(security, viewer_with, at):
    worker = viewer_with("grid_worker", LAKE)
    assert not worker.holds(REVEAL, Scope(LAKE))
    made = change(security, at, added=[REVEAL, str(Capability.WORK)], removed=["requests_intake.enter_request"])
    after = viewer_for(worker.user, at)
    assert after.holds(REVEAL, Scope(LAKE))
    assert worker.user.has_perm(REVEAL)  # the one backend
    assert not after.can("requests_intake.enter_request")
    row = made.rows.get()
    assert (row.added, row.removed) == ([REVEAL], ["requests_intake.enter_request"])  # WORK it had already
    event = DomainEvent.objects.get(name="access.role_changed")
    assert event.payload == {
        "change_id": made.pk,
        "role": "grid_worker",
        "added": [REVEAL],
        "removed": ["requests_intake.enter_request"],
        "second_step": None,
        "undoes_id": None,
    }
    sync_capabilities()
    assert REVEAL in held("grid_worker")
    assert not Role.objects.get(key="grid_worker").follows_code
    undone = role_change_undo(change=made, reason="改错了", submission_key=uuid.uuid4(), actor=security, at=at)
    assert undone.undoes == made
    assert held("grid_worker") == built_in()["grid_worker"]
    assert Role.objects.get(key="grid_worker").follows_code
    with pytest.raises(StaleState, match="撤回过"):
        role_change_undo(change=made, reason="再撤", submission_key=uuid.uuid4(), actor=security, at=at)


def test_two_who_change_one_role_read_it_again(security, viewer_with, at):
    other = viewer_with("administrator", DISTRICT)
    first = change(security, at, added=[REVEAL])
    change(other, at, role="counter_clerk", added=[REVEAL])  # another role is none of its business
    with pytest.raises(StaleState):
        change(other, at, added=["requests_intake.moderate"])
    change(other, at, added=["requests_intake.moderate"], seen=first.pk)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"added": ["requests_intake.fly"]}, "capability_unknown"),
        ({"added": [str(Capability.WORK)]}, "nothing_changed"),
        ({"role": "emperor", "added": [REVEAL]}, "role_unknown"),
        ({"added": [REVEAL], "reason": " "}, "reason_required"),
        ({"added": [REVEAL], "reason": "长" * 201}, "reason_too_long"),
        ({"role": "administrator", "removed": [str(Capability.GIVE_GRANT)]}, "last_guardian"),
        ({"role": "administrator", "removed": [str(Capability.EDIT_ROLES)]}, "last_guardian"),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(security, at, fields, code):
    with pytest.raises(DomainError) as caught:
        change(security, at, **fields)
    assert caught.value.code == code
    assert not RoleChange.objects.exists()
    assert held("administrator") == built_in()["administrator"]


def test_nobody_raises_themselves_and_no_program_gives_rights(security, administrator, viewer_with, organisation, at):
    with pytest.raises(Forbidden, match="您自己担任"):
        change(security, at, role="administrator", added=[REVEAL])
    with pytest.raises(Forbidden):  # of one sub-district only
        change(administrator, at, added=[REVEAL])
    with pytest.raises(Forbidden):
        change(viewer_with("supervisor", DISTRICT), at, added=[REVEAL])
    token_issue(
        name="热线", organisation=organisation, role=Role.objects.get(key="exchange"), area_code=DISTRICT,
        expires_at=at.replace(year=at.year + 1), reason="对接", submission_key=uuid.uuid4(), actor=security, at=at,
    )  # fmt: skip
    with pytest.raises(DomainError) as caught:
        change(security, at, role="exchange", added=[str(Capability.GIVE_GRANT)])
    assert caught.value.code == "role_too_strong"


def test_the_last_guardian_stays(security, viewer_with, make_user, at):
    second = viewer_with("administrator", DISTRICT)
    grant_end(grant=security.user.grants.get(), actor=second, at=at)
    with pytest.raises(DomainError, match="最后一位"):
        grant_end(grant=second.user.grants.get(), actor=second, at=at)
    assert second.user.grants.get().ends_at is None
    west = viewer_with("administrator", WEST)
    grant_end(grant=west.user.grants.get(), actor=second, at=at)  # of a sub-district: others are left


def test_a_role_of_ones_own_lives_and_ends(security, make_user, at):
    like = Role.objects.get(key="counter_clerk")
    fields = {"name_en": "Volunteer", "reason": "志愿者", "submission_key": uuid.uuid4(), "actor": security, "at": at}
    role = role_create(name="志愿者", like=like, **fields)
    assert held(role.key) == built_in()["counter_clerk"]
    with pytest.raises(DomainError) as caught:
        role_create(name="志愿者", like=None, **fields | {"submission_key": uuid.uuid4()})
    assert (caught.value.code, caught.value.field) == ("role_name_taken", "name")
    given = grant_create(
        user=make_user(), role=role, area_code=LAKE, organisation=None, starts_at=at, ends_at=None, reason="来帮忙",
        actor=security, at=at,
    )  # fmt: skip
    with pytest.raises(DomainError, match="还有人担任"):
        role_retire(role=role, actor=security, at=at)
    grant_end(grant=given, actor=security, at=at)
    role_retire(role=role, actor=security, at=at)
    role.refresh_from_db()
    with pytest.raises(DomainError) as caught:
        grant_create(
            user=make_user(), role=role, area_code=LAKE, organisation=None, starts_at=at, ends_at=None, reason="又来",
            actor=security, at=at,
        )  # fmt: skip
    assert caught.value.field == "role"
    with pytest.raises(DomainError, match="出厂角色"):
        role_retire(role=like, actor=security, at=at)


def ticks(html):
    return re.findall(r'name="cell" value="([^"]+)" checked', html)


def hidden(html, name):
    return re.findall(rf'name="{name}" value="([^"]*)"', html)


def test_differences_are_read_before_they_are_saved(client, security, viewer_with):
    viewer_with("grid_worker", LAKE)
    client.force_login(security.user)
    html = client.get(PAGE).content.decode()
    form = {name: hidden(html, name)[0] for name in ("seen", "submission_key")}
    cells = [*ticks(html), f"grid_worker {REVEAL}"]
    cells.remove("counter_clerk requests_intake.enter_request")
    form |= {"cell": cells, "row": hidden(html, "row"), "reason": "窗口不再代登记"}
    assert f"administrator {REVEAL}" not in html, "nobody ticks what would raise themselves"
    with assert_sql(8):  # as to read, and who is concerned, and the newest change
        looked = client.post(PAGE, form | {"look": "1"}).content.decode()
    assert {*hidden(looked, "read")} == {f"+ grid_worker {REVEAL}", "- counter_clerk requests_intake.enter_request"}
    assert "还没保存：2 处改动" in looked
    assert "1 人受影响" in looked
    assert "涉及个人信息或别人的权限" in looked
    assert not RoleChange.objects.exists()
    blind = client.post(PAGE, form | {"save": "1", "read": hidden(looked, "read")[:1]})
    assert blind.status_code == 422
    assert "请再看一遍" in blind.content.decode()
    empty = client.post(PAGE, form | {"save": "1", "read": hidden(looked, "read"), "reason": ""})
    assert (empty.status_code, RoleChange.objects.count()) == (422, 0)
    for _press in range(2):
        assert client.post(PAGE, form | {"save": "1", "read": hidden(looked, "read")}).status_code == 302
    made = RoleChange.objects.get()
    assert REVEAL in held("grid_worker")
    assert "requests_intake.enter_request" not in held("counter_clerk")
    with assert_sql(6):
        history = client.get(reverse("access:role-history")).content.decode()
    assert "窗口不再代登记" in history
    answer = client.post(reverse("access:role-undo", args=[made.pk]), {"reason": "先不改"})
    assert answer.status_code == 302
    assert held("counter_clerk") == built_in()["counter_clerk"]
    assert "已撤回" in client.get(reverse("access:role-history")).content.decode()


def test_a_search_saves_only_the_rows_it_shows(client, security):
    client.force_login(security.user)
    html = client.get(PAGE, {"q": "查看号码"}).content.decode()
    assert hidden(html, "row") == [REVEAL]
    form = {"q": "查看号码", "cell": [], "row": [REVEAL], "seen": "0", "look": "1"}
    looked = client.post(PAGE, form).content.decode()
    assert {*hidden(looked, "read")} == {f"- {role} {REVEAL}" for role in ("dispatcher", "handler", "callback_agent")}


def test_roles_are_compared_reset_and_followed_to_their_people(client, security, viewer_with, at):
    worker = viewer_with("grid_worker", LAKE)
    change(security, timezone.now(), added=[REVEAL])
    client.force_login(security.user)
    html = client.get(reverse("access:role-compare"), {"a": "grid_worker", "b": "counter_clerk"}).content.decode()
    differing = built_in()["grid_worker"] | {REVEAL}
    assert f"{len(differing ^ built_in()['counter_clerk'])} 处不一样" in html
    people = client.get(reverse("access:grants"), {"can": REVEAL}).content.decode()
    assert worker.user.display_name in people
    assert security.user.display_name not in re.sub(r"<header.*?</header>", "", people, flags=re.S).split("<tbody>")[1]
    reset = reverse("access:role-reset", args=["grid_worker"])
    assert "查看号码" in client.get(reset).content.decode()
    assert client.post(reset, {"reason": "", "seen": "9"}).status_code == 200
    assert client.post(reset, {"reason": "照出厂的来", "seen": "999"}).status_code == 302
    assert held("grid_worker") == built_in()["grid_worker"]
    assert client.post(reverse("access:role-new"), {"name": "", "name_en": "X", "reason": "r"}).status_code == 200
    new = {"name": "志愿者", "name_en": "Volunteer", "like": "grid_worker", "reason": "招了志愿者"}
    assert client.post(reverse("access:role-new"), new).status_code == 302
    role = Role.objects.get(name="志愿者")
    client.post(reverse("access:role-retire", args=[role.key]))
    assert "停用了" in client.get(PAGE).content.decode()
    assert "志愿者" not in client.get(PAGE).content.decode()


def test_who_may_only_read_changes_nothing(client, viewer_with):
    client.force_login(viewer_with("supervisor", DISTRICT).user)
    html = client.get(PAGE).content.decode()
    assert 'name="cell"' not in html
    posted = client.post(PAGE, {"save": "1", "cell": [f"supervisor {REVEAL}"], "row": [REVEAL], "reason": "x"})
    assert posted.status_code == 200
    assert REVEAL not in held("supervisor")
    for name in ("role-new", "role-reset", "role-retire"):
        args = [] if name == "role-new" else ["grid_worker"]
        assert client.post(reverse(f"access:{name}", args=args), {"reason": "x"}).status_code == 403
