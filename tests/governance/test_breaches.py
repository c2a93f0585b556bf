"""A case of data that got away: told within its hours, or for a reason not; nothing of it is readable in the tables."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from governance.audit.models import Finding, WatchRule
from governance.errors import DomainError, Forbidden, StaleState
from governance.outbox.models import DomainEvent
from governance.protection.models import BreachCase
from governance.protection.notices import _keepers
from governance.protection.services import (
    breach_change,
    breach_close,
    breach_open,
    breach_policy_change,
    breach_tell,
    breach_waive,
    breaches_overdue,
)
from tests.factories.world import MORNING
from tests.requests_intake.conftest import _town, client_of, world  # noqa: F401
from tests.sql import assert_sql

LIST, NEW, POLICY = (reverse(f"protection:{name}") for name in ("breaches", "breach-new", "breach-policy"))
WORDS = {"title": "发错了名单", "what": "把甲小区的名单发给了乙小区", "kinds": "姓名、电话", "cause": "选错了收件人"}
SENT = {
    **WORDS,
    "noticed_at": "2026-11-16T08:00",
    "people": "312",
    "harm": "",
    "measures": "",
    "advice": "",
    "contact": "",
}


def opened(world, **changes):  # noqa: F811
    values = {
        "words": WORDS,
        "noticed_at": MORNING - timedelta(hours=1),
        "people": 312,
        "finding": None,
        "submission_key": uuid4(),
        "actor": world.viewer("administrator"),
        "at": MORNING,
    }
    return breach_open(**values | changes)


def test_who_keeps_cases_and_what_must_be_said(world):  # noqa: F811
    with pytest.raises(Forbidden):
        opened(world, actor=world.viewer("supervisor"))
    for changes, field in (
        ({"words": WORDS | {"what": " "}}, "what"),
        ({"words": WORDS | {"kinds": ""}}, "kinds"),
        ({"noticed_at": MORNING + timedelta(minutes=1)}, "noticed_at"),
        ({"noticed_at": None}, "noticed_at"),
    ):
        with pytest.raises(DomainError) as error:
            opened(world, **changes)
        assert error.value.field == field
    key = uuid4()
    assert opened(world, submission_key=key) == opened(world, submission_key=key), "sent twice is one case"
    with connection.cursor() as cursor:
        cursor.execute("SELECT protection_breachcase::text FROM protection_breachcase")
        assert not any(word in row for (row,) in cursor.fetchall() for word in ("名单", "收件人", "电话"))


def test_hours_are_those_of_the_day_it_was_opened_and_overdue_is_said_once(world):  # noqa: F811
    boss = world.viewer("administrator")
    first = opened(world)
    breach_policy_change(authority_hours=2, persons_hours=4, reason="区里要求", actor=boss, at=MORNING)
    second = opened(world)
    assert (first.authority_due_at, first.persons_due_at) == (
        MORNING + timedelta(hours=23),
        MORNING + timedelta(hours=71),
    )
    assert second.authority_due_at == MORNING + timedelta(hours=1)
    with pytest.raises(DomainError, match="720"):
        breach_policy_change(authority_hours=0, persons_hours=4, reason="x", actor=boss, at=MORNING)
    assert breaches_overdue(at=MORNING) == 0
    breach_tell(case=second, whom="authority", text="已报告", actor=boss, at=MORNING)
    assert breaches_overdue(at=MORNING + timedelta(hours=5)) == 1, "the persons of the second"
    assert breaches_overdue(at=MORNING + timedelta(hours=24)) == 1, "the authority of the first"
    assert breaches_overdue(at=MORNING + timedelta(hours=25)) == 0
    told = DomainEvent.objects.filter(name="protection.breach_overdue").order_by("pk")
    assert [event.payload["whom"] for event in told] == ["persons", "authority"]
    assert [one.user_id for one in _keepers(told[0])] == [boss.user_id]


def test_it_ends_when_everybody_was_told_or_need_not_be(world):  # noqa: F811
    boss, case = world.viewer("administrator"), opened(world)
    with pytest.raises(DomainError, match="交代"):
        breach_close(case=case, outcome="查清了", actor=boss, at=MORNING)
    breach_tell(case=case, whom="authority", text="报告原文", actor=boss, at=MORNING)
    with pytest.raises(StaleState):
        breach_tell(case=case, whom="authority", text="再报一次", actor=boss, at=MORNING)
    with pytest.raises(DomainError) as error:
        breach_waive(case=case, why=" ", actor=boss, at=MORNING)
    assert error.value.field == "why"
    breach_waive(case=case, why="收件人当场删除，有截图", actor=boss, at=MORNING)
    with pytest.raises(StaleState):
        breach_change(case=case, words=WORDS, people=1, seen=None, actor=boss, at=MORNING)
    case.refresh_from_db()
    breach_change(case=case, words=WORDS, people=300, seen=case.changed_at, actor=boss, at=MORNING)
    breach_tell(case=case, whom="persons", text="主管部门要求告知", actor=boss, at=MORNING)
    closed = breach_close(case=case, outcome="以后名单加密", actor=boss, at=MORNING)
    assert (closed.people, closed.outcome, closed.closed_by) == (300, "以后名单加密", boss.user)
    with pytest.raises(StaleState):
        breach_change(case=case, words=WORDS, people=1, seen=closed.changed_at, actor=boss, at=MORNING)


def test_a_case_by_its_pages(world, client_of, time_machine):  # noqa: F811
    time_machine.move_to(MORNING, tick=False)
    handler, client = world.people["handler"], client_of("administrator")
    rule = WatchRule.objects.get(key="exports")
    finding = Finding.objects.create(rule=rule, person=handler, day=MORNING.date(), count=9, found_at=MORNING)
    link = f"{NEW}?finding={finding.pk}"
    assert link in client.get(reverse("audit:finding", args=[finding.pk])).content.decode()
    bad = client.post(link, SENT | {"what": "", "noticed_at": "soon"})
    html = bad.content.decode()
    assert (bad.status_code, "请写发生了什么" in html, "时间没有看懂" in html, "发错了名单" in html) == (
        422,
        True,
        True,
        True,
    )
    assert client.post(link, SENT).status_code == 302
    case = BreachCase.objects.get()
    assert (case.finding, case.people) == (finding, 312)
    page = reverse("protection:breach", args=[case.public_id])
    html = client.get(page).content.decode()
    assert "涉及人数：312" in html, "the draft says what is known"
    assert "可能的危害：还在查" in html
    assert html.count("2026-11-16 08:00") == 2, "the local time, in both languages"
    ids = re.findall(r' id="([^"]+)"', html)
    assert len(ids) == len(set(ids)), "two forms ask for a text"
    step = lambda name: reverse("protection:breach-step", args=[case.public_id, name])  # noqa: E731
    empty = client.post(step("authority"), {"text": ""})
    assert (empty.status_code, "请写告知的原文" in empty.content.decode()) == (422, True)
    assert client.post(step("authority"), {"text": "已经报告网信办"}).status_code == 302
    assert client.post(step("authority"), {"text": "又报一次"}).status_code == 409
    assert client.post(step("nothing"), {}).status_code == 404
    edit = reverse("protection:breach-edit", args=[case.public_id])
    seen = client.get(edit).context["form"].initial["seen"]
    sent = SENT | {"measures": "收回名单", "seen": seen, "noticed_at": "2020-01-01T00:00"}
    assert client.post(edit, sent).status_code == 302
    case.refresh_from_db()
    assert timezone.localtime(case.noticed_at).year == 2026, "when it was noticed stays"
    assert client.post(edit, sent | {"seen": "2026-13-45T00:00"}).status_code == 422
    assert client.post(step("persons"), {"text": "已经逐个通知"}).status_code == 302
    client.cookies["liren_lang"] = "en"
    told = client.post(step("close"), {"outcome": "名单收回，改用加密"}, follow=True).content.decode()
    assert "The case is closed" in told
    client.cookies["liren_lang"] = "zh-hans"
    with assert_sql(7, at_most=True):
        assert "已经了结" in client.get(LIST).content.decode()
    assert "已经逐个通知" in client.get(page).content.decode()
    assert client.post(POLICY, {"authority_hours": "x", "persons_hours": 9, "reason": "y"}).status_code == 422
    assert client.post(POLICY, {"authority_hours": 8, "persons_hours": 9, "reason": "区里要求"}).status_code == 302
    assert client_of("dispatcher").get(page).status_code == 403
