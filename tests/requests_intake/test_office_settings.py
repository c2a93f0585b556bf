"""What an office makes its own: limits of turns, words for the legal reasons, the ladder of reminders; their pages."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.urls import reverse

from governance.errors import DomainError, Forbidden, StaleState
from governance.outbox.models import DomainEvent
from requests_intake.actions import reason_text
from requests_intake.models import Clock, EscalationStep, ReasonText, TurnLimit
from requests_intake.services.clocks import ladder, turn_limit
from requests_intake.services.escalation import deadline_sweep
from requests_intake.services.office_settings import reason_text_change, rung_change, turn_limit_change
from tests.factories.world import MORNING, STREET, add_person
from tests.sql import assert_sql
from tests.web.english import chinese_in

HOUR = timedelta(hours=1)


def limit_set(world, key="return", *, actor="operations", at=MORNING, **changes) -> TurnLimit:
    row = TurnLimit.objects.get(key=key)
    values = {
        "amount": 12,
        "unit": "working_hour",
        "is_confirmed": True,
        "reason": "区里的通知",
        "seen": row.changed_at,
    }
    return turn_limit_change(limit=row, actor=world.viewer(actor, at), at=at, **values | changes)


def rung_set(world, level=2, **changes) -> EscalationStep:
    row = EscalationStep.objects.get(level=level)
    values = {"name": row.name, "name_en": row.name_en, "percent": None, "hours_after": row.hours_after}
    values |= {"role": row.role, "is_confirmed": False, "reason": "通知", "seen": row.changed_at}
    return rung_change(rung=row, actor=world.viewer("operations"), at=MORNING, **values | changes)


def test_a_new_limit_holds_at_once_and_says_who_confirmed_it(world, django_capture_on_commit_callbacks):
    assert turn_limit("return").amount == 24  # and is kept by this process
    with django_capture_on_commit_callbacks(execute=True):
        changed = limit_set(world)
    assert (turn_limit("return").amount, turn_limit("return").unit) == (12, "working_hour")
    assert (changed.is_confirmed, changed.changed_by, changed.why) == (True, world.people["operations"], "区里的通知")
    event = DomainEvent.objects.get(name="requests_intake.limit_changed")
    assert event.payload == {"key": "return", "amount": 12, "unit": "working_hour", "is_confirmed": True}
    assert event.actor_id == world.people["operations"].pk


@pytest.mark.parametrize(
    ("key", "changes", "field"),
    [
        ("return", {"amount": 0}, "amount"),
        ("return", {"amount": 1000}, "amount"),
        ("return", {"amount": None}, "amount"),
        ("return", {"unit": "times"}, "unit"),
        ("return", {"unit": ""}, "unit"),
        ("return", {"reason": " "}, "reason"),
        ("return", {"reason": "长" * 201}, "reason"),
        ("reopen_max", {"amount": 21}, "amount"),
        ("return", {"amount": 24, "unit": "natural_hour", "is_confirmed": False}, None),
    ],
)
def test_what_a_limit_must_say(world, key, changes, field):
    with pytest.raises(DomainError) as refused:
        limit_set(world, key, **changes)
    assert refused.value.field == field
    assert not DomainEvent.objects.filter(name="requests_intake.limit_changed").exists()


def test_a_limit_that_counts_days_keeps_its_unit(world):
    assert limit_set(world, "archive", amount=30, unit="working_hour").unit == "natural_day"
    assert limit_set(world, "reopen_max", amount=3, unit="natural_hour").unit == "times"


def test_who_comes_second_is_told(world):
    limit_set(world)
    with pytest.raises(StaleState):
        limit_set(world, amount=13, seen=None)


@pytest.mark.parametrize("person", ["administrator", "supervisor", "part"])
def test_only_whoever_edits_for_the_whole_district(world, person):
    add_person(world, "part", "operations_admin", STREET, world.organisations["street"])
    with pytest.raises(Forbidden):
        limit_set(world, actor=person)


def test_residents_are_told_the_new_words(world):
    row = ReasonText.objects.get(reason="same")
    common = {"is_confirmed": True, "reason": "统一口径", "actor": world.viewer("operations"), "at": MORNING}
    for text, text_en, field in [("", "x", "text"), ("话", " ", "text_en"), ("长" * 2001, "x", "text")]:
        with pytest.raises(DomainError) as refused:
            reason_text_change(row=row, text=text, text_en=text_en, seen=None, **common)
        assert refused.value.field == field
    reason_text_change(row=row, text="同一件事已经在办。", text_en="It is in hand.", seen=None, **common)
    assert (reason_text("same", "zh-hans"), reason_text("same", "en")) == ("同一件事已经在办。", "It is in hand.")


def test_the_next_reminder_of_a_running_clock_stays_and_those_after_it_are_new(
    world, django_capture_on_commit_callbacks
):
    request = world.submit().request  # to be accepted within two hours
    clock = Clock.objects.get(request=request, kind="accept")
    assert deadline_sweep(at=clock.warn_at).escalations == 1
    with django_capture_on_commit_callbacks(execute=True):
        rung_set(world, 2, hours_after=1, role="supervisor")
    assert ladder()[1].hours_after == 1
    assert deadline_sweep(at=clock.due_at).escalations == 0  # looked at when it was planned, and put off
    assert deadline_sweep(at=clock.due_at + HOUR - timedelta(seconds=1)).escalations == 0
    assert deadline_sweep(at=clock.due_at + HOUR).escalations == 1
    assert clock.escalations.get(level=2).recipient == world.people["supervisor"]


@pytest.mark.parametrize(
    ("level", "changes", "field"),
    [
        (1, {"percent": 0}, "percent"),
        (1, {"percent": 100}, "percent"),
        (2, {"hours_after": 25}, "hours_after"),  # the next one comes after a day
        (3, {"hours_after": 73}, "hours_after"),
        (4, {"hours_after": 23}, "hours_after"),
        (4, {"hours_after": None}, "hours_after"),
        (2, {"role": "nobody"}, "role"),
        (2, {"name": ""}, "name"),
        (2, {"name_en": "x" * 41}, "name_en"),
    ],
)
def test_rungs_stay_in_their_order(world, level, changes, field):
    with pytest.raises(DomainError) as refused:
        rung_set(world, level, **changes)
    assert refused.value.field == field


def test_a_new_share_warns_earlier(world, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        rung_set(world, 1, percent=50)
    clock = Clock.objects.get(request=world.submit().request, kind="accept")
    assert clock.warn_at - clock.started_at == HOUR  # of two


def test_the_list_costs_six_statements_and_marks_what_nobody_confirmed(world, client_of):
    client = client_of("operations")
    client.get(reverse("intake:limits"))
    with assert_sql(6 + 5, at_most=True):  # session, viewer and rail besides
        page = client.get(reverse("intake:limits")).content.decode()
    rows = TurnLimit.objects.count() + EscalationStep.objects.count() + ReasonText.objects.count() + 1
    assert page.count("待核实</") == rows
    assert f"有 {rows} 项还没有和文件核实" in page
    limit_set(world)
    page = client.get(reverse("intake:limits")).content.decode()
    assert page.count("待核实</") == rows - 1
    assert "12 个工作小时" in page


def test_the_pages_change_and_tell(world, client_of):
    client = client_of("operations")
    address = reverse("intake:limit", args=["return"])
    wrong = client.post(address, {"amount": "x", "unit": "working_hour", "reason": "通知", "seen": ""})
    assert (wrong.status_code, "请写一个整数" in wrong.content.decode()) == (422, True)
    wrong = client.post(address, {"amount": "0", "unit": "working_hour", "reason": "为了试试", "seen": ""})
    assert (wrong.status_code, "为了试试" in wrong.content.decode()) == (422, True)
    right = {"amount": "6", "unit": "working_hour", "reason": "通知", "seen": "", "is_confirmed": "on"}
    assert client.post(address, right)["Location"] == reverse("intake:limits")
    page = client.get(address).content.decode()
    assert "6 个工作小时" in page
    assert "Operations Person" in page
    assert client.post(address, right).status_code == 409
    rung = EscalationStep.objects.get(level=4)
    posted = {"name": "超期一周", "name_en": "A week late", "hours_after": "168", "role": "district_viewer"}
    posted |= {"reason": "通知", "seen": ""}
    assert client.post(reverse("intake:rung", args=[4]), posted).status_code == 302
    rung.refresh_from_db()
    assert (rung.name, rung.hours_after, rung.is_confirmed) == ("超期一周", 168, False)
    words = {"text": "话", "text_en": "Words", "reason": "通知", "seen": ""}
    assert client.post(reverse("intake:reason", args=["legal"]), words).status_code == 302
    assert ReasonText.objects.get(reason="legal").text_en == "Words"


def test_who_may_open_them(world, client_of):
    add_person(world, "part", "operations_admin", STREET, world.organisations["street"])
    assert client_of("part").get(reverse("intake:limits")).status_code == 200
    assert client_of("part").get(reverse("intake:limit", args=["return"])).status_code == 403
    assert client_of("supervisor").get(reverse("intake:limits")).status_code == 403
    assert client_of("operations").get(reverse("intake:limit", args=["nothing"])).status_code == 404


def test_they_are_read_in_english(world, client_of):
    client = client_of("operations")
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    limit_set(world)
    rung_set(world, 2, hours_after=1)
    reasons = [reverse("intake:reason", args=[code]) for code in ("same", "legal")]
    turns = [reverse("intake:limit", args=[key]) for key in ("return", "archive", "reopen_max", "extend_max")]
    rungs = [reverse("intake:rung", args=[level]) for level in (1, 2)]
    for address in [*reasons, *turns, *rungs]:
        assert chinese_in(client.get(address).content.decode()) == []
        assert chinese_in(client.post(address, {"amount": "0", "percent": "0"}).content.decode()) == []
