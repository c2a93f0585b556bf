"""Leaving ends everything at once, for the open page, too; coming back brings nothing back."""

import pytest
from django.urls import reverse

from governance.access.models import Grant
from governance.access.services.leaving import person_leave, person_return
from governance.access.viewer import SYSTEM, viewer_for
from governance.errors import DomainError, Forbidden, StaleState
from governance.outbox.models import DomainEvent
from tests.access.conftest import DISTRICT, EAST, LAKE, WEST

pytestmark = pytest.mark.django_db


@pytest.fixture
def leaver(make_user, give, organisation):
    user = make_user("林晓", organisation=organisation)
    give(user, "dispatcher", LAKE)
    give(user, "handler", organisation=organisation)
    return user


def leave(user, actor, at, reason="调走了"):
    return person_leave(user=user, reason=reason, actor=actor, at=at)


def test_everything_ends_at_once_and_the_open_page_is_shut(leaver, administrator, client, at):
    client.force_login(leaver)
    assert client.get("/staff/requests/").status_code == 200
    assert leave(leaver, administrator, at) == 2
    leaver.refresh_from_db()
    assert not viewer_for(leaver, at).grants
    assert Grant.objects.filter(user=leaver, ends_at=at).count() == 2
    answer = client.get("/staff/requests/")
    assert answer.status_code == 302
    assert "/staff/sign-in/" in answer["Location"]
    event = DomainEvent.objects.get(name="access.person_left")
    assert len(event.payload["grants"]) == 2
    assert DomainEvent.objects.filter(name="access.grant_ended").count() == 2
    with pytest.raises(StaleState):
        leave(leaver, administrator, at)
    person_return(user=leaver, reason="又回来了", actor=administrator, at=at)
    leaver.refresh_from_db()
    assert leaver.is_active
    assert not viewer_for(leaver, at).grants
    said = [(one.is_active, one.reason) for one in leaver.account_changes.all()]
    assert said == [(True, "又回来了"), (False, "调走了")]


def test_who_may_not_and_the_last_who_guards(leaver, administrator, viewer_with, make_user, give, at):
    with pytest.raises(DomainError) as caught:
        leave(leaver, administrator, at, reason=" ")
    assert caught.value.field == "reason"
    give(leaver, "dispatcher", EAST)  # beyond the west: only a wider administrator ends that
    with pytest.raises(Forbidden):
        leave(leaver, administrator, at)
    leaver.refresh_from_db()
    assert leaver.is_active
    with pytest.raises(Forbidden):
        leave(administrator.user, administrator, at)
    with pytest.raises(Forbidden):
        leave(make_user(kind="resident", email="r@x.example", display_name=""), SYSTEM, at)
    last = viewer_with("administrator", DISTRICT)
    with pytest.raises(DomainError, match="最后一位"):
        leave(last.user, SYSTEM, at)
    last.user.refresh_from_db()
    assert last.user.is_active
    other = viewer_with("administrator", DISTRICT)
    assert leave(last.user, other, at) == 1


def test_the_page_says_what_ends_and_what_stays(leaver, administrator, client, viewer_with):
    client.force_login(administrator.user)
    page = reverse("access:person", args=[leaver.public_id])
    html = client.get(page).content.decode()
    assert "派单员" in html
    assert "离开岗位" in html
    leaving = reverse("access:person-leave", args=[leaver.public_id])
    assert "会结束的授权" in client.get(leaving).content.decode()
    assert "请写明原因" in client.post(leaving, {"what": "leave"}).content.decode()
    done = client.post(leaving, {"what": "leave", "reason": "调走了"}, follow=True).content.decode()
    assert "结束了 2 项授权" in done
    assert "账号已停用" in done
    back = client.post(leaving, {"what": "return", "reason": "回来了"}, follow=True).content.decode()
    assert "又能用了" in back
    assert client.get(reverse("access:person", args=[administrator.user.public_id])).status_code == 200
    assert client.get(reverse("access:person-leave", args=[administrator.user.public_id])).status_code == 403
    client.force_login(viewer_with("dispatcher", WEST).user)
    assert client.get(page).status_code == 403
