"""Standing in: as grants that say in whose place, never beyond the colleague's own, and nobody raises themselves."""

import uuid
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from governance.access.explaining import explain
from governance.access.models import AccessPolicy, Grant
from governance.access.permissions import Capability
from governance.access.services import grant_end
from governance.access.services.leaving import person_leave
from governance.access.services.standing_in import stand_in_give, stand_in_stop
from governance.access.viewer import viewer_for
from governance.errors import DomainError
from governance.outbox.models import DomainEvent
from tests.access.conftest import DISTRICT, EAST, LAKE, WEST

pytestmark = pytest.mark.django_db


@pytest.fixture
def away(make_user, give, organisation, at):
    """A dispatcher of the lake until next week, who handles in an office without end."""
    user = make_user("林晓", staff_no="Q0031")
    own = give(user, "dispatcher", LAKE, ends_at=at + timedelta(days=7))
    return user, own, give(user, "handler", organisation=organisation)


@pytest.fixture
def order(away, make_user, administrator, at):
    person, *grants = away
    return {
        "person": person,
        "substitute": make_user("陈静"),
        "grants": [one.pk for one in grants],
        "starts_at": at,
        "ends_at": at + timedelta(days=14),
        "reason": "年休假",
        "actor": administrator,
        "at": at,
    }


def test_it_gives_what_the_colleague_holds_no_longer_than_they_hold_it(order, away, organisation, at):
    person, own, office = away
    first, second = stand_in_give(**order)
    assert (first.stands_in_for, first.ends_at) == (own, own.ends_at), "ends with the colleague's own"
    assert (second.stands_in_for, second.ends_at, second.organisation) == (office, order["ends_at"], organisation)
    held = viewer_for(order["substitute"], at)
    assert {one.role for one in held.grants} == {"dispatcher", "handler"}
    assert held.capabilities == viewer_for(person, at).capabilities
    assert not viewer_for(order["substitute"], order["ends_at"]).grants, "and by itself"
    given = DomainEvent.objects.filter(name="access.grant_given").order_by("pk")
    assert {one.payload["stands_in_for_id"] for one in given} == {person.pk}
    told = DomainEvent.objects.get(name="access.stand_in_given")
    assert (told.payload["person_id"], told.payload["grants"]) == (person.pk, 2)
    lines = explain(person=order["substitute"], record=own, at=at).grants
    assert {line.grant.stands_in_for.user for line in lines} == {person}


def test_it_ends_with_the_grant_and_when_either_leaves(order, away, make_user, give, administrator, at):
    person, own, _office = away
    soon = at + timedelta(days=3)
    stand_in_give(**order)
    later = stand_in_give(**(order | {"substitute": make_user(), "starts_at": soon, "grants": [own.pk]}))[0]
    grant_end(grant=own, actor=administrator, at=at)
    later.refresh_from_db()
    assert later.ends_at == soon, "one that had not begun never does"
    assert {one.role for one in viewer_for(order["substitute"], at).grants} == {"handler"}
    assert DomainEvent.objects.filter(name="access.grant_ended").count() == 3
    person_leave(user=person, reason="调走了", actor=administrator, at=at)
    assert not viewer_for(order["substitute"], at).grants
    other = make_user()
    own = give(other, "supervisor", WEST)
    stand_in_give(**(order | {"person": other, "grants": [own.pk]}))
    assert stand_in_stop(person=other, substitute=order["substitute"], actor=administrator, at=at) == 1
    stand_in_give(**(order | {"person": other, "grants": [own.pk]}))
    person_leave(user=order["substitute"], reason="也调走了", actor=administrator, at=at)
    assert not Grant.objects.standing_in(at).exists()
    own.refresh_from_db()
    assert own.ends_at is None, "the colleague's own stays"


def test_refusals(order, away, make_user, give, viewer_with, administrator, at):
    person, own, _office = away
    mine = stand_in_give(**(order | {"grants": [own.pk]}))[0]
    east = give(person, "dispatcher", EAST)
    over = give(person, "callback_agent", LAKE, ends_at=at - timedelta(hours=1))
    closed = make_user(is_active=False)
    chain = {"person": order["substitute"], "substitute": make_user(), "grants": [mine.pk]}
    faults = [
        ({"substitute": administrator.user}, "grant_to_self", "user"),
        ({"substitute": person}, "stand_in_somebody_else", "user"),
        ({"substitute": closed}, "user_inactive", "user"),
        ({"substitute": make_user(kind="resident", display_name="")}, "user_not_staff", "user"),
        ({"grants": []}, "grants_required", "grants"),
        ({"grants": [mine.pk]}, "grants_required", "grants"),  # not this colleague's
        (chain, "stand_in_twice", "grants"),
        ({"grants": [east.pk]}, "forbidden", None),
        ({"grants": [over.pk]}, "stand_in_not_live", "grants"),
        ({"grants": [own.pk], "starts_at": own.ends_at, "ends_at": own.ends_at + timedelta(days=1)},
         "stand_in_not_live", "grants"),
        ({"ends_at": at}, "stand_in_ends", "ends_at"),
        ({"starts_at": order["ends_at"]}, "stand_in_ends", "ends_at"),
        ({"ends_at": None}, "stand_in_ends", "ends_at"),
        ({"reason": " "}, "reason_required", "reason"),
        ({"grants": [own.pk]}, "grant_no_overlap", None),  # twice the same
        ({"actor": viewer_with("supervisor", WEST)}, "forbidden", None),
    ]  # fmt: skip
    before = Grant.objects.count()
    for change, code, field in faults:
        with pytest.raises(DomainError) as refused:
            stand_in_give(**(order | change))
        assert (refused.value.code, refused.value.field) == (code, field), change
    assert Grant.objects.count() == before
    with pytest.raises(IntegrityError), transaction.atomic():
        Grant.objects.filter(pk=mine.pk).update(ends_at=None)
    give(order["substitute"], "dispatcher", LAKE)  # their own beside it: either may end without the other


def test_separated_duties_stay_apart_and_guardians_stay(order, make_user, viewer_with, give, at):
    boss = viewer_with("security_admin", DISTRICT)
    system, security = make_user(), make_user()
    own = give(system, "system_admin", DISTRICT)
    give(security, "security_admin", DISTRICT, ends_at=at + timedelta(days=1))
    AccessPolicy.objects.update_or_create(
        pk=AccessPolicy.ROW, defaults={"separated_at": at, "separated_by": boss.user, "separated_why": "三员"}
    )
    asked = order | {"person": system, "substitute": security, "grants": [own.pk], "actor": boss}
    with pytest.raises(DomainError) as refused:
        stand_in_give(**asked)
    assert refused.value.code == "duties_apart"
    guard = give(make_user(), "security_admin", DISTRICT, ends_at=at + timedelta(hours=1))
    stand_in_give(**(asked | {"person": guard.user, "substitute": make_user(), "grants": [guard.pk]}))
    Grant.objects.filter(user__in=[boss.user, security]).update(ends_at=at)
    with pytest.raises(DomainError) as refused:
        grant_end(grant=guard, actor=boss, at=at)
    assert refused.value.code == "last_guardian", "who stands in ends, too, and guards nothing then"
    assert Grant.objects.standing_in(at).count() == 1


def test_pages(client, order, away, administrator, viewer_with, at):
    person, *own = away
    page = reverse("access:stand-ins", args=[person.public_id])
    client.force_login(administrator.user)
    found = client.post(page, {"find": "1", "user_words": "陈静", "key": str(uuid.uuid4())}).content.decode()
    assert "陈静" in found
    assert "必须" not in found
    form = {
        "user": str(order["substitute"].public_id),
        "grants": [one.pk for one in own],
        "starts_at": f"{at:%Y-%m-%dT%H:%M}",
        "ends_at": f"{at + timedelta(days=9):%Y-%m-%dT%H:%M}",
        "reason": "年休假",
        "key": str(uuid.uuid4()),
    }
    refused = client.post(page, form | {"ends_at": "昨天", "grants": []})
    assert refused.status_code == 422
    assert "年休假" in refused.content.decode(), "what was typed stays"
    for _twice in range(2):
        assert client.post(page, form).status_code == 302
    assert Grant.objects.standing_in(at).count() == 2
    assert "代 林晓" in client.get(reverse("access:grants")).content.decode()
    assert "代 林晓" in client.get(reverse("access:person", args=[order["substitute"].public_id])).content.decode()
    assert "谁在代班" in client.get(reverse("access:person", args=[person.public_id])).content.decode()
    assert "跟着结束的代班" in client.get(reverse("access:person-leave", args=[person.public_id])).content.decode()
    asked = {"who": order["substitute"].email, "record": f"access.grant:{own[0].pk}", "can": str(Capability.WORK)}
    assert client.get(reverse("access:explain"), asked).status_code == 200
    end = reverse("access:stand-in-end", args=[person.public_id, order["substitute"].public_id])
    assert client.post(end).status_code == 302
    assert client.post(end).status_code == 404
    client.force_login(viewer_with("administrator", EAST).user)
    assert client.get(page).status_code == 200
    assert "没有您能安排的授权" in client.get(page).content.decode()
    client.force_login(viewer_with("supervisor", WEST).user)
    assert client.get(page).status_code == 403
