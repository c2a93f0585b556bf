"""Going through grants: each decided once, never one's own; what is left is told loudly, or ends where asked for."""

import csv
import io
import threading
import uuid
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group, Permission
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from governance.access.models import Decision, Grant, ReviewCampaign, ReviewItem, Role
from governance.access.reviews import progress_of, reviewers_of
from governance.access.services import grant_end
from governance.access.services.leaving import person_leave
from governance.access.services.reviewing import Decided, review_decide, review_open, reviews_close, reviews_remind
from governance.access.services.standing_in import stand_in_give
from governance.access.viewer import viewer_for
from governance.errors import DomainError, Forbidden
from governance.notifications.registry import all_kinds
from governance.outbox.models import DomainEvent
from tests.access.conftest import DISTRICT, EAST, LAKE, WEST
from tests.sql import assert_sql

pytestmark = pytest.mark.django_db
CONFIRM, END = Decision.CONFIRMED, Decision.ENDED


@pytest.fixture
def order(administrator, at):
    return {
        "title": "下半年核查",
        "due_on": timezone.localdate(at) + timedelta(days=30),
        "area_code": WEST,
        "organisation": None,
        "role": None,
        "ends_undecided": False,
        "submission_key": uuid.uuid4(),
        "actor": administrator,
        "at": at,
    }


@pytest.fixture
def held(make_user, give, at):
    """Three grants in the west, one of the east, one ended, one that stands in."""
    lin, chen, zhao = make_user("林晓"), make_user("陈静"), make_user("赵宁")
    give(zhao, "dispatcher", EAST)
    give(zhao, "dispatcher", LAKE, ends_at=at - timedelta(hours=1))
    return [give(lin, "dispatcher", LAKE), give(chen, "handler", LAKE), give(zhao, "supervisor", WEST)]


def row_of(campaign, grant):
    return ReviewItem.objects.get(campaign=campaign, grant=grant).pk


def decide(campaign, grants, decision, actor, at, reason="岗位变了"):
    rows = [row_of(campaign, grant) for grant in grants]
    return review_decide(campaign=campaign, items=rows, decision=decision, reason=reason, actor=actor, at=at)


def test_each_is_decided_once_and_nobody_decides_over_their_own(order, held, administrator, viewer_with, make_user, at):
    first, second, third = held
    stand_in_give(
        person=first.user, substitute=make_user(), grants=[first.pk], starts_at=at, ends_at=at + timedelta(days=2),
        reason="假", actor=administrator, at=at,
    )  # fmt: skip
    other = viewer_with("administrator", DISTRICT)
    campaign = review_open(**order)
    own = administrator.grants[0].grant_id
    assert set(campaign.items.values_list("grant", flat=True)) == {one.pk for one in held} | {own}
    mine = Grant.objects.get(pk=own)
    assert decide(campaign, [first, mine], CONFIRM, administrator, at, reason="") == Decided(1, 1, 0)
    assert decide(campaign, [first, second], END, other, at) == Decided(1, 0, 1), "who came second changes nothing"
    assert viewer_for(first.user, at).grants
    assert not viewer_for(second.user, at).grants
    grant_end(grant=third, actor=administrator, at=at)
    assert decide(campaign, [third], CONFIRM, other, at) == Decided(0, 0, 1), "ended while the review was open"
    assert decide(campaign, [mine], CONFIRM, other, at) == Decided(1, 0, 0)
    far = progress_of([campaign], at)[campaign.pk]
    assert (far.total, far.confirmed, far.ended, far.gone, far.left) == (4, 2, 1, 1, 0)
    told = DomainEvent.objects.filter(name="access.review_decided").order_by("pk")
    assert [one.payload["decision"] for one in told] == ["confirmed", "ended", "confirmed"]
    assert DomainEvent.objects.filter(name="access.grant_ended").count() == 2
    person_leave(user=first.user, reason="调走了", actor=other, at=at)
    assert not Grant.objects.standing_in(at).exists()


def test_refusals(order, held, administrator, viewer_with, organisation, at):
    today = timezone.localdate(at)
    faults = [
        ({"title": " "}, "title_required", "title"),
        ({"due_on": today}, "due_on", "due_on"),
        ({"due_on": today + timedelta(days=400)}, "due_on", "due_on"),
        ({"area_code": "990100001999"}, "area_unknown", "area_code"),
        ({"area_code": ""}, "area_unknown", "area_code"),
        ({"area_code": EAST}, "forbidden", None),
        ({"role": Role.objects.get(key="counter_clerk")}, "no_grants", "area_code"),
        ({"organisation": organisation}, "no_grants", "area_code"),
        ({"actor": viewer_with("supervisor", WEST)}, "forbidden", None),
    ]
    for change, code, field in faults:
        with pytest.raises(DomainError) as refused:
            review_open(**(order | change))
        assert (refused.value.code, refused.value.field) == (code, field), change
    assert not ReviewCampaign.objects.exists()
    campaign = review_open(**(order | {"role": Role.objects.get(key="dispatcher")}))
    assert campaign.items.count() == 1
    for actor, rows, reason, error, field in [
        (administrator, held[:1], " ", DomainError, "reason"),
        (administrator, [], "x", DomainError, "items"),
        (viewer_with("administrator", EAST), held[:1], "x", Forbidden, None),
    ]:
        with pytest.raises(error) as refused:
            decide(campaign, rows, END, actor, at, reason=reason)
        assert refused.value.field == field
    boss = viewer_with("security_admin", DISTRICT)
    giver = Role.objects.create(key="giver", name="授权员", name_en="Giver", group=Group.objects.create(name="giver"))
    giver.group.permissions.add(Permission.objects.get(codename="give_grant"))
    other = viewer_with("giver", DISTRICT)
    review = review_open(**(order | {"submission_key": uuid.uuid4(), "area_code": DISTRICT, "actor": boss}))
    with pytest.raises(DomainError) as refused:
        decide(review, [held[0], Grant.objects.get(user=boss.user)], END, other, at)
    assert refused.value.code == "last_guardian"
    assert not review.items.exclude(decision="").exists(), "all or none"


def test_reminded_in_time_and_loud_afterwards(order, held, administrator, make_user, give, at):
    campaign = review_open(**(order | {"due_on": timezone.localdate(at) + timedelta(days=20)}))
    assert reviews_remind(at=at) == 0
    assert [reviews_remind(at=at + timedelta(days=day)) for day in (6, 7, 16, 17, 17, 19)] == [1, 0, 0, 1, 0, 0]
    assert reviews_close(at=at + timedelta(days=20)) == 0
    after = at + timedelta(days=21)
    decide(campaign, held[:1], CONFIRM, administrator, at)
    assert [reviews_close(at=after), reviews_close(at=after)] == [1, 0]
    over = DomainEvent.objects.get(name="access.review_overdue")
    assert over.payload["count"] == 3
    assert all(viewer_for(one.user, after).grants for one in held), "by default nothing ends by itself"
    kind = next(kind for kind in all_kinds() if kind.event == over.name)
    assert [one.user_id for one in kind.audience(over)] == reviewers_of(campaign.pk, after) == [administrator.user_id]
    assert kind.late([over])[0]["link"] == reverse("access:review", args=[campaign.public_id])
    assert set(kind.context(over)) == set(kind.context_keys)


def test_what_was_to_end_ends_but_never_who_guards(order, held, viewer_with, at):
    boss = viewer_with("administrator", DISTRICT)
    campaign = review_open(**(order | {"area_code": DISTRICT, "actor": boss, "ends_undecided": True}))
    decide(campaign, held[:1], CONFIRM, boss, at)
    after = at + timedelta(days=31)
    assert reviews_close(at=after) == 1
    assert viewer_for(held[0].user, after).grants
    assert not any(viewer_for(one.user, after).grants for one in held[1:])
    assert viewer_for(boss.user, after).grants
    left = progress_of([campaign], after)[campaign.pk].left
    assert DomainEvent.objects.get(name="access.review_overdue").payload["count"] == left == 1


@pytest.mark.django_db(transaction=True)
def test_two_at_once_decide_once(order, make_user, give, viewer_with, administrator, at):
    grant = give(make_user(), "dispatcher", LAKE)
    campaign = review_open(**order)
    row, found = row_of(campaign, grant), []
    start = threading.Barrier(2)

    def press(decision, actor):
        try:
            start.wait(5)
            answer = review_decide(
                campaign=campaign, items=[row], decision=decision, reason="试", actor=actor, at=timezone.now()
            )
            found.append(answer)
        finally:
            connection.close()

    people = [(CONFIRM, administrator), (END, viewer_with("administrator", DISTRICT))]
    threads = [threading.Thread(target=press, args=one) for one in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert sorted((one.done, one.already) for one in found) == [(0, 1), (1, 0)]
    assert DomainEvent.objects.filter(name="access.review_decided").count() == 1
    kept = ReviewItem.objects.get(pk=row)
    assert (kept.decision == "ended") == (Grant.objects.get(pk=grant.pk).ends_at is not None)


def test_pages(client, order, held, administrator, make_user, give, viewer_with, at):
    client.force_login(administrator.user)
    new, listed = reverse("access:review-new"), reverse("access:reviews")
    form = {"title": "下半年核查", "area_code": WEST, "due_on": f"{order['due_on']}", "key": str(uuid.uuid4())}
    assert client.post(new, form | {"due_on": "明天"}).status_code == 422
    assert client.post(new, form | {"area_code": ""}).status_code == 422
    page = client.post(new, form)["Location"]
    assert client.post(new, form)["Location"] == page, "pressed twice, opened once"
    assert "下半年核查" in client.get(listed).content.decode()
    for number in range(60):
        one = give(make_user(), "handler", [LAKE, WEST][number % 2])
        ReviewItem.objects.create(campaign=ReviewCampaign.objects.get(), grant=one, area_code=one.area_code)
    with assert_sql(7):  # session, person, grants, the review, its rows, what they last did, progress
        html = client.get(page).content.decode()
    assert "自己的，由别人定" in html
    assert html.count('name="items"') == 49
    act, campaign = page, ReviewCampaign.objects.get()
    rows = [row_of(campaign, one) for one in held]
    second = client.get(page).context["page"].next_cursor
    later = [row.item.pk for row in client.get(page, {"cursor": second}).context["rows"]]
    refused = client.post(f"{act}?cursor={second}", {"items": later[:1], "what": "ended", "reason": ""})
    assert refused.status_code == 422
    assert f'value="{later[0]}" checked' in refused.content.decode(), "what was chosen on the second page stays"
    assert client.post(act, {"items": rows, "what": "ended", "reason": ""}).status_code == 422
    assert client.post(act, {"what": "confirmed"}).status_code == 422
    assert client.post(act, {"items": ["x", "9" * 30, *rows[:1]], "what": "confirmed"}).status_code == 422
    assert client.post(act, {"items": rows[:1], "what": "confirmed"}).status_code == 302
    assert client.post(act, {"items": rows, "what": "ended", "reason": "=调走了"}, follow=True).status_code == 200
    assert "=调走了" in client.get(page, {"state": "decided"}).content.decode()
    lines = list(csv.reader(io.StringIO(client.get(page + "export/").content.decode("utf-8-sig"))))
    assert len(lines) == 1 + 64
    assert "'=调走了" in {cell for line in lines for cell in line}
    assert DomainEvent.objects.get(name="access.review_exported").payload["rows"] == 64
    ReviewCampaign.objects.update(due_on=timezone.localdate(at) - timedelta(days=1), overdue_at=at)
    assert "过了核查的日子还没定" in client.get(reverse("access:grants")).content.decode()
    assert "过期没定完" in client.get(listed).content.decode()
    client.force_login(viewer_with("administrator", EAST).user)
    assert client.get(page).status_code == 404
    assert client.post(act, {"items": rows, "what": "confirmed"}).status_code == 404
    assert client.get(page + "export/").status_code == 404
    lake = viewer_with("administrator", LAKE)
    client.force_login(lake.user)
    assert client.get(page, {"state": "all"}).content.decode().count("<tr>") < 40, "only rows in reach"
    street = rows[2]
    assert client.post(act, {"items": [street], "what": "confirmed"}).status_code == 422, "out of reach is not chosen"
