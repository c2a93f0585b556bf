"""Grants that end: each person reminded once a stage, lengthened by somebody else, the last who guard warned of."""

from datetime import timedelta

import pytest
from django.urls import reverse

from governance.access.models import Grant, GrantReminder, ReminderPolicy, User
from governance.access.services.ending import grant_extend, reminder_policy_change, reminders_send
from governance.access.services.standing_in import stand_in_give
from governance.access.viewer import viewer_for
from governance.errors import DomainError, Forbidden, StaleState
from governance.notifications.registry import all_kinds
from governance.outbox.models import DomainEvent
from tests.access.conftest import DISTRICT, EAST, LAKE, WEST
from tests.sql import assert_sql

pytestmark = pytest.mark.django_db
LIST, DAYS = reverse("access:grants"), reverse("access:grant-reminders")
YEAR = timedelta(days=365)


def told(name):
    return DomainEvent.objects.filter(name=name).order_by("pk")


def test_each_is_reminded_once_a_stage_and_whoever_may_extend_gets_one_letter(give, make_user, administrator, at):
    soon = {"starts_at": at - YEAR, "ends_at": at + timedelta(days=10)}
    lin, chen = make_user("林晓"), make_user("陈静")
    own = give(lin, "dispatcher", LAKE, **soon)
    give(chen, "dispatcher", LAKE, **soon)
    give(make_user(), "dispatcher", LAKE, starts_at=at - timedelta(days=1), ends_at=at + timedelta(days=9))  # short
    give(make_user(), "dispatcher", LAKE, ends_at=at + timedelta(days=40), starts_at=at - YEAR)
    give(make_user(is_active=False), "dispatcher", LAKE, **soon)
    give(make_user(), "dispatcher", EAST, **soon)
    give(administrator.user, "administrator", LAKE, **soon)  # their own: nobody else may extend it in the west
    with assert_sql(7, at_most=True):
        assert reminders_send(at=at) == 4
    assert {one.payload["user_id"] for one in told("access.grant_ending")} >= {lin.pk, chen.pk}
    letters = told("access.grants_ending")
    assert [(one.subject_ref, one.payload["count"]) for one in letters] == [(f"access.user:{administrator.user_id}", 2)]
    assert reminders_send(at=at) == 0, "again, and nothing is told"
    assert reminders_send(at=at + timedelta(days=8)) == 5, "three days before: with the short one"
    grant_extend(grant=own, ends_at=at + timedelta(days=30), reason="轮岗延期", actor=administrator, at=at)
    assert reminders_send(at=at + timedelta(days=17)) == 1, "another end is told again"
    assert set(GrantReminder.objects.filter(grant=own).values_list("days", flat=True)) == {14, 3}
    kinds = {kind.event: kind for kind in all_kinds() if kind.event.startswith("access.g")}
    for event in (letters[0], told("access.grant_ending")[0]):
        kind = kinds[event.name]
        assert set(kind.context(event)) == set(kind.context_keys)
        assert all(one.user_id for one in kind.audience(event))


def test_what_is_extended_and_what_is_refused(give, make_user, administrator, viewer_with, organisation, at):
    lin = make_user("林晓")
    end = at + timedelta(days=5)
    own = give(lin, "dispatcher", LAKE, ends_at=end)
    give(lin, "dispatcher", LAKE, starts_at=at + timedelta(days=50))
    order = {"grant": own, "ends_at": end + timedelta(days=20), "reason": "轮岗延期", "actor": administrator, "at": at}
    mine = give(administrator.user, "supervisor", LAKE, ends_at=end)
    ended = give(make_user(), "dispatcher", LAKE, ends_at=at)
    open_end = give(make_user(), "dispatcher", LAKE)
    office = give(make_user(), "handler", organisation=organisation, ends_at=end)
    gone = give(make_user(is_active=False), "dispatcher", LAKE, ends_at=end)
    stand_in = stand_in_give(
        person=lin, substitute=make_user(), grants=[own.pk], starts_at=at, ends_at=at + timedelta(days=2), reason="假",
        actor=administrator, at=at,
    )[0]  # fmt: skip
    organisation.is_active = False
    organisation.save(update_fields=["is_active"])
    faults = [
        ({"grant": mine}, Forbidden, "grant_to_self"),
        ({"actor": viewer_with("administrator", EAST)}, Forbidden, "forbidden"),
        ({"grant": ended}, StaleState, "grant_ended"),
        ({"grant": open_end}, DomainError, "not_later"),
        ({"ends_at": end}, DomainError, "not_later"),
        ({"ends_at": at + timedelta(days=60)}, DomainError, "grant_no_overlap"),
        ({"ends_at": None}, DomainError, "grant_no_overlap"),
        ({"grant": stand_in, "ends_at": end + timedelta(days=1)}, DomainError, "beyond_own"),
        ({"grant": stand_in, "ends_at": None}, DomainError, "beyond_own"),
        ({"grant": office}, DomainError, "organisation_inactive"),
        ({"grant": gone}, DomainError, "user_inactive"),
        ({"reason": " "}, DomainError, "reason_required"),
    ]
    for change, error, code in faults:
        with pytest.raises(error) as refused:
            grant_extend(**(order | change))
        assert refused.value.code == code, change
    grant_extend(**order)
    grant_extend(**(order | {"grant": stand_in, "ends_at": end}))
    own.refresh_from_db()
    kept = own.extensions.get()
    assert (own.ends_at, kept.before, kept.after, kept.reason) == (order["ends_at"], end, order["ends_at"], "轮岗延期")
    assert told("access.grant_extended").count() == 2


def test_the_last_who_guard_are_warned_of_in_time(give, make_user, at):
    end = at + timedelta(days=10)
    Grant.objects.all().delete()
    boss = make_user()
    give(boss, "security_admin", DISTRICT, starts_at=at - YEAR, ends_at=end)
    system = give(make_user(), "system_admin", DISTRICT).user
    reminders_send(at=at)
    event = told("access.guardians_ending").get()
    kind = next(kind for kind in all_kinds() if kind.event == event.name)
    assert {one.user_id for one in kind.audience(event)} == {boss.pk, system.pk}, "all administrators"
    give(make_user(), "security_admin", DISTRICT)
    reminders_send(at=at + timedelta(days=8))
    assert told("access.guardians_ending").count() == 1


def test_pages(client, give, make_user, viewer_with, administrator, at):
    end = at + timedelta(days=5)
    boss = viewer_with("administrator", DISTRICT, ends_at=end)
    Grant.objects.filter(user=administrator.user).delete()
    lin = make_user("林晓")
    own = give(lin, "dispatcher", LAKE, ends_at=end)
    give(make_user("长期的人"), "dispatcher", LAKE)
    client.force_login(boss.user)
    html = client.get(LIST, {"state": "ending"}).content.decode()
    page = reverse("access:grant-extend", args=[own.pk])
    assert page in html
    assert "长期的人" not in html
    assert "就没有人能在全区授权" in html
    assert reverse("access:grant-extend", args=[boss.grants[0].grant_id]) not in html, "never one's own"
    assert client.get(reverse("access:grant-extend", args=[boss.grants[0].grant_id])).status_code == 403
    assert client.post(page, {"ends_at": "昨天", "reason": "轮岗"}).status_code == 422
    assert client.post(page, {"ends_at": f"{at:%Y-%m-%dT%H:%M}", "reason": "轮岗"}).status_code == 422
    assert client.post(page, {"ends_at": "", "reason": "轮岗"}).status_code == 302
    assert "改成一直有效" in client.get(page).content.decode() or Grant.objects.get(pk=own.pk).ends_at is None
    for days in ("", "很久", "0", "91", "1、2、3、4、5", "-3"):
        assert client.post(DAYS, {"days": days, "reason": "试"}).status_code == 422, days
    assert client.post(DAYS, {"days": "7、30", "reason": "多提醒一次"}).status_code == 302
    assert ReminderPolicy.objects.get().days == [30, 7]
    with pytest.raises(StaleState):
        reminder_policy_change(days=[5], reason="x", seen=None, actor=boss, at=at)
    client.force_login(viewer_with("administrator", WEST).user)
    assert client.get(DAYS).status_code == 403, "it holds for the whole district"
    assert client.get(page).status_code == 403, "without an end there is nothing to lengthen"
    assert User.objects.get(pk=lin.pk).is_active
    assert viewer_for(lin, at + YEAR).grants
