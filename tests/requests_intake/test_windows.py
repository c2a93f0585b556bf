"""The directory of service windows: hours against the working calendar, who may change what, what residents read."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils.translation import override

from governance.errors import DomainError, Forbidden, StaleState
from governance.outbox.models import DomainEvent
from governance.worktime import Calendar
from requests_intake.models import ServiceWindow
from requests_intake.opening import opening, opening_text, parse_special_days, parse_stretches
from requests_intake.services.windows import WindowDraft, week_of, window_change, window_create
from tests.factories.world import EAST, MORNING, WEST
from tests.sql import assert_sql
from tests.web.english import chinese_in

SHANGHAI = ZoneInfo("Asia/Shanghai")
USUAL = [(510, 720), (810, 1050)]  # 8:30-12:00, 13:30-17:30
WEEK = dict.fromkeys(range(5), USUAL) | {5: [(540, 720)]}
# National Day 2026: Thursday 1 to Wednesday 7 October off; Saturday the 10th makes up for it.
HOLIDAYS = {date(2026, 10, day): False for day in range(1, 8)}
CALENDAR = Calendar(
    zone=SHANGHAI,
    hours=((time(9), time(17)),),
    days=HOLIDAYS | {date(2026, 10, 10): True},
    horizon=date(2026, 12, 31),
    names=dict.fromkeys(HOLIDAYS, ("国庆节", "National Day")),
)
ROUND_THE_CLOCK = {weekday: [(0, 1440)] for weekday in range(7)}


@pytest.mark.parametrize(
    ("moment", "week", "on_holidays", "said"),
    [
        ("2026-09-29 10:00", WEEK, False, "Open now until 12:00"),
        ("2026-09-29 12:00", WEEK, False, "Opens today at 13:30"),
        ("2026-09-29 17:30", WEEK, False, "Opens tomorrow at 8:30"),
        # the whole holiday, its Saturday as well
        ("2026-09-30 18:00", WEEK, False, "Opens Thu 8 Oct at 8:30"),
        ("2026-10-03 10:00", WEEK, False, "Opens Thursday at 8:30"),
        ("2026-10-03 10:00", WEEK, True, "Open now until 12:00"),
        # a make-up Saturday has the hours of a weekday; an ordinary one its own
        ("2026-10-10 15:00", WEEK, False, "Open now until 17:30"),
        ("2026-10-17 15:00", WEEK, False, "Opens Monday at 8:30"),
        # beyond the calendar's horizon the week holds
        ("2027-01-01 10:00", WEEK, False, "Open now until 12:00"),
        ("2026-10-03 03:00", ROUND_THE_CLOCK, True, "Open day and night"),
        ("2026-09-29 23:00", {1: [(1200, 1440)], 2: [(0, 120), (600, 700)]}, False, "Open now until Wednesday, 2:00"),
        ("2026-09-29 23:00", {1: [(1200, 1440)]}, False, "Open now until 24:00"),
        ("2026-09-29 10:00", {}, False, "Please call before you go"),
    ],
)
def test_open_or_when(moment, week, on_holidays, said):
    at = datetime.fromisoformat(moment).replace(tzinfo=SHANGHAI)
    with override("en"):
        assert opening_text(opening(week, CALENDAR, at, open_on_holidays=on_holidays), CALENDAR, at) == said


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("8:30-12:00, 13:30-17:30", USUAL),
        ("13：30至17：30、8:30—12:00", USUAL),
        ("", []),
        ("0:00-24:00", [(0, 1440)]),
        ("9-17", "hours_unread"),
        ("8:30-12:75", "hours_unread"),
        ("12:00-8:30", "window_hours_in_order"),
        ("9:00-24:30", "window_hours_in_order"),
        ("8:30-12:00, 11:00-13:00", "window_hours_apart"),
    ],
)
def test_hours_as_people_write_them(typed, read):
    if isinstance(read, list):
        assert parse_stretches(typed, field="day0") == read
    else:
        with pytest.raises(DomainError) as caught:
            parse_stretches(typed, field="day0")
        assert (caught.value.code, caught.value.field) == (read, "day0")


def test_days_unlike_the_week_as_people_write_them():
    typed = "2026-12-31 盘点｜stocktaking\n\n 2026/12/1 9:00-11:30, 14:00-15:00 上午开会\n2026-12-24"
    read = parse_special_days(typed, field="x")
    assert [one.text for one in read] == [
        "2026-12-01 9:00-11:30, 14:00-15:00 上午开会",
        "2026-12-24",
        "2026-12-31 盘点 | stocktaking",
    ]
    closed = {**WEEK, **{one.day: one.stretches for one in read}}
    assert opening(closed, CALENDAR, datetime(2026, 12, 31, 10, tzinfo=SHANGHAI), open_on_holidays=False).opens_at == (
        datetime(2027, 1, 1, 8, 30, tzinfo=SHANGHAI)
    )
    for typed in ("下周二 不开", "2026-13-01", "2026-12-01 12:00-9:00", "2026-12-01\n2026-12-01"):
        with pytest.raises(DomainError) as caught:
            parse_special_days(typed, field="x")
        assert caught.value.field == "x"


def draft(world, **changes):
    values = {
        "organisation": world.organisations["east"],
        "name": "接待室",
        "name_en": "Reception",
        "services": "开居住证明",
        "services_en": "Proof of residence",
        "address": "槐安里 3 号楼",
        "address_en": "Block 3, Huai'an Li",
        "phones": ["8812 0316"],
        "hours": WEEK,
    }
    return WindowDraft(**values | changes)


def test_who_may_change_what(world):
    """By area and by organisation; a change leaves its trail, and does not overwrite what somebody else changed."""
    head, street = world.viewer("head"), world.viewer("supervisor")
    window = window_create(draft=draft(world), actor=head, at=MORNING)
    assert (window.area_code, week_of(window)) == (EAST, WEEK)
    with pytest.raises(Forbidden):
        window_create(draft=draft(world, organisation=world.organisations["west"]), actor=head, at=MORNING)
    with pytest.raises(Forbidden):  # nor may it be moved out of one's reach
        window_change(
            window=window, draft=draft(world, area_code=WEST), reason="x", seen=MORNING, actor=head, at=MORNING
        )
    with pytest.raises(DomainError, match="已经有"):
        window_create(draft=draft(world), actor=street, at=MORNING)
    later = MORNING.replace(hour=3)
    changed = {"hours": {0: USUAL}, "phones": ["8812 0316", "8812 0317"]}
    window_change(window=window, draft=draft(world, **changed), reason="搬家", seen=MORNING, actor=street, at=later)
    assert week_of(ServiceWindow.objects.get()) == {0: USUAL}
    event = DomainEvent.objects.get(name="requests_intake.window_changed")
    assert (event.payload["fields"], event.area_code) == (["phones", "hours"], EAST)
    with pytest.raises(StaleState):
        window_change(window=window, draft=draft(world), reason="x", seen=MORNING, actor=head, at=later)
    with pytest.raises(DomainError, match="没有改动"):
        window_change(window=window, draft=draft(world, **changed), reason="x", seen=later, actor=head, at=later)
    for wrong, field in [
        ({"phones": ["call me"]}, "phones"),
        ({"name": " "}, "name"),
        ({"position": 1000}, "position"),
    ]:
        with pytest.raises(DomainError) as caught:
            window_change(window=window, draft=draft(world, **wrong), reason="x", seen=later, actor=head, at=later)
        assert caught.value.field == field


def test_pages(world, client_of, time_machine):
    """From the editor's form to what residents read, in both languages; refusals keep what was typed."""
    time_machine.move_to(MORNING, tick=False)
    head, resident = client_of("head"), client_of()
    typed = {
        "organisation": str(world.organisations["east"].pk),
        "name": "接待室",
        "name_en": "Reception",
        "services": "开居住证明",
        "services_en": "Proof of residence",
        "address": "槐安里 3 号楼",
        "address_en": "Block 3, Huai'an Li",
        "phones": "8812 0316\n",
        "position": "0",
        "is_active": "on",
        "day1": "8:30-12:00，13:30-17:30",
    }
    new = reverse("intake:window-new")
    refused = head.post(new, typed | {"day1": "from nine"})
    assert refused.status_code == 422
    assert "from nine" in refused.content.decode()
    assert "下周二" in head.post(new, typed | {"special_days": "下周二"}).content.decode()
    assert head.post(new, typed | {"special_days": "2026-11-24 盘点 | stocktaking"}).status_code == 302
    window = ServiceWindow.objects.get()
    edit, shown = (reverse(f"intake:{name}", args=[window.public_id]) for name in ("window-edit", "window"))
    stale = head.post(edit, typed | {"name": "别的", "reason": "x", "seen": "2026-01-01T00:00:00+00:00"})
    assert stale.status_code == 409
    assert "别的" in stale.content.decode()
    assert client_of("clerk").get(edit).status_code == 403
    operations = client_of("operations")
    assert operations.get("/staff/")["Location"] != reverse("grid:map")  # there is work to begin with
    operations.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    assert not chinese_in(operations.get(edit).content.decode())
    resident.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    assert "stocktaking" in resident.get(shown).content.decode()
    for path in (shown, f"{reverse('intake:windows')}?q=residence&area={EAST}"):
        page = resident.get(path).content.decode()
        assert "Open now until 12:00" in page
        assert 'href="tel:88120316"' in page
        assert not chinese_in(page)
    assert "Reception" not in resident.get(f"{reverse('intake:windows')}?q=passport").content.decode()
    assert "Reception" not in resident.get(f"{reverse('intake:windows')}?area={WEST}").content.decode()
    for _extra in range(3):
        window_create(draft=draft(world, name=f"第{_extra}个"), actor=world.viewer("head"), at=MORNING)
    with assert_sql(4):
        resident.get(reverse("intake:windows"))
    assert reverse("intake:windows") in resident.get("/").content.decode()
    ServiceWindow.objects.update(is_active=False)
    assert resident.get(shown).status_code == 404
    assert head.get(edit).status_code == 200
