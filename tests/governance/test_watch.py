"""What stands out in the trail: counted by whole days, told once, looked into by somebody else."""

from datetime import datetime, timedelta

import pytest
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from governance.access.events import GRANT_GIVEN, SECOND_STEP_RESET
from governance.audit.events import TRAIL_EXPORTED
from governance.audit.models import Finding, WatchRule
from governance.audit.notices import _watchers
from governance.audit.services import finding_close, findings_sweep, rules_change
from governance.errors import DomainError, Forbidden, StaleState
from governance.outbox.models import DomainEvent
from governance.outbox.services import publish
from governance.privacy.models import AccessLog
from tests.requests_intake.conftest import _town, client_of, world  # noqa: F401
from tests.sql import assert_sql

LIST, RULES = reverse("audit:findings"), reverse("audit:watch")
FRIDAY = timezone.make_aware(datetime(2026, 11, 20, 15))


@pytest.fixture(autouse=True)
def _quiet(world):  # noqa: F811
    WatchRule.objects.update(limit=5)


def looks(person, count, at=FRIDAY, record="x.y:1"):
    AccessLog.objects.bulk_create(
        AccessLog(at=at, user=person, subject_ref=record, fields=["phone"], purpose="contact") for _ in range(count)
    )


def found():
    return {(one.rule.key, one.person_id, str(one.day), one.record): one.count for one in Finding.objects.all()}


def test_each_rule_counts_its_own_and_only_beyond_its_limit(world):  # noqa: F811
    handler, agent, boss = (world.people[name] for name in ("handler", "agent", "administrator"))
    looks(handler, 5)  # as many as the limit
    looks(agent, 4, record="x.y:1")
    looks(agent, 3, at=FRIDAY - timedelta(hours=1), record="x.y:2")
    looks(boss, 6, at=FRIDAY.replace(hour=21), record="x.y:3")
    looks(handler, 6, at=FRIDAY - timedelta(days=2))  # the day before yesterday is over
    with transaction.atomic():
        for _ in range(6):
            publish(TRAIL_EXPORTED, subject="audit.trail:1", actor=world.viewer("administrator"), at=FRIDAY,
                    payload=dict.fromkeys(TRAIL_EXPORTED.keys))  # fmt: skip
            publish(SECOND_STEP_RESET, subject=handler, actor=world.viewer("supervisor"), at=FRIDAY,
                    payload={"sessions": 0})  # fmt: skip
            payload = dict.fromkeys(GRANT_GIVEN.keys) | {"role": "security_admin"}
            publish(GRANT_GIVEN, subject=handler, actor=world.viewer("operations"), at=FRIDAY, payload=payload)
    assert findings_sweep(at=FRIDAY.replace(hour=22)) == len(found())
    people = {name: world.people[name].pk for name in ("agent", "administrator", "supervisor", "operations")}
    day = "2026-11-20"
    assert found() == {
        ("looks", people["agent"], day, ""): 7,
        ("looks", people["administrator"], day, ""): 6,
        ("off_hours", people["administrator"], day, ""): 6,
        ("one_record", people["administrator"], day, "x.y:3"): 6,
        ("exports", people["administrator"], day, ""): 6,
        ("rights", people["operations"], day, ""): 6,
        ("weighty", people["supervisor"], day, ""): 6,
        ("weighty", people["operations"], day, ""): 6,
    }
    told = DomainEvent.objects.filter(name="audit.finding_made")
    assert told.count() == len(found())
    assert findings_sweep(at=FRIDAY.replace(hour=23)) == 0, "counting again tells nothing anew"
    about_boss = told.get(payload__rule="exports")
    assert not _watchers(about_boss), "nobody else holds it here, and the person concerned is not asked"
    assert len(_watchers(told.get(payload__rule="rights"))) == 1


def test_a_day_off_is_out_of_hours_throughout(world):  # noqa: F811
    looks(world.people["handler"], 6, at=FRIDAY + timedelta(days=1))
    later = FRIDAY + timedelta(days=6)
    assert findings_sweep(at=later) == 0
    findings_sweep(at=later, days=15)  # workers stood still meanwhile
    assert ("off_hours", world.people["handler"].pk, "2026-11-21", "") in found()


def test_many_records_are_told_of_once(world):  # noqa: F811
    WatchRule.objects.exclude(key="one_record").update(is_on=False)
    for record in range(1, 4):
        looks(world.people["handler"], 5 + record, record=f"x.y:{record}")
    assert findings_sweep(at=FRIDAY) == 1
    looks(world.people["handler"], 9, record="x.y:4")
    assert findings_sweep(at=FRIDAY) == 0
    assert sorted(found().values()) == [6, 7, 8, 9]
    assert DomainEvent.objects.filter(name="audit.finding_made").count() == 1


def test_somebody_else_looks_into_it_once(world, client_of):  # noqa: F811
    boss, handler = world.people["administrator"], world.people["handler"]
    looks(handler, 6)
    looks(boss, 7, record="x.y:9")
    WatchRule.objects.exclude(key="looks").update(is_on=False)
    findings_sweep(at=FRIDAY)
    mine, theirs = Finding.objects.get(person=boss), Finding.objects.get(person=handler)
    viewer = world.viewer("administrator")
    with pytest.raises(Forbidden):
        finding_close(finding=mine, verdict="explained", words="x", actor=viewer, at=FRIDAY)
    with pytest.raises(Forbidden):
        finding_close(finding=theirs, verdict="explained", words="x", actor=world.viewer("dispatcher"), at=FRIDAY)
    client = client_of("administrator")
    with assert_sql(8, at_most=True):
        html = client.get(LIST).content.decode()
    assert "一天看了 6 次别人的信息" in html
    own = client.get(reverse("audit:finding", args=[mine.pk])).content.decode()
    assert "请别人来定" in own
    assert "<textarea" not in own
    assert (
        client.post(reverse("audit:finding", args=[mine.pk]), {"verdict": "explained", "words": "x"}).status_code == 403
    )
    page = reverse("audit:finding", args=[theirs.pk])
    assert client.get(page).content.decode().count("看了个人信息") == 6
    missing = client.post(page, {"verdict": "", "words": "问过了"})
    assert (missing.status_code, "请选一个结论" in missing.content.decode()) == (422, True)
    assert "问过了" in missing.content.decode()
    assert client.post(page, {"verdict": "explained", "words": "回访高峰，班长知道"}).status_code == 302
    assert "回访高峰" in client.get(page).content.decode()
    assert "有正当理由" in client.get(f"{LIST}?view=closed").content.decode()
    with pytest.raises(StaleState):
        finding_close(finding=theirs, verdict="acted_on", words="y", actor=viewer, at=FRIDAY)
    looks(handler, 5)
    assert findings_sweep(at=FRIDAY) == 0, "what came since would not stand out by itself"
    looks(handler, 1)
    assert findings_sweep(at=FRIDAY) == 1
    theirs.refresh_from_db()
    assert (theirs.count, theirs.closed_at, theirs.verdict) == (12, None, "")


def test_what_counts_is_changed_with_a_reason(world, client_of):  # noqa: F811
    viewer = world.viewer("administrator")
    keys = list(WatchRule.objects.values_list("key", flat=True))
    assert len(keys) == 6
    with pytest.raises(DomainError, match="为什么"):
        rules_change(values={"looks": (9, True)}, reason=" ", actor=viewer, at=FRIDAY)
    with pytest.raises(DomainError, match="没有改动"):
        rules_change(values={"looks": (5, True)}, reason="x", actor=viewer, at=FRIDAY)
    with pytest.raises(DomainError, match="100000"):
        rules_change(values={"looks": (100_001, True)}, reason="x", actor=viewer, at=FRIDAY)
    with pytest.raises(Forbidden):
        rules_change(values={"looks": (9, True)}, reason="x", actor=world.viewer("dispatcher"), at=FRIDAY)
    assert client_of("supervisor").get(LIST).status_code == 403
    rules_change(values={"looks": (9, False)}, reason="回访多的月份", actor=viewer, at=FRIDAY)
    event = DomainEvent.objects.get(name="audit.watch_changed")
    assert event.payload == {"rule": "looks", "limit_before": 5, "limit": 9, "is_on": False}
    looks(world.people["handler"], 12)
    WatchRule.objects.exclude(key="looks").update(is_on=False)
    assert findings_sweep(at=FRIDAY) == 0, "what is switched off finds nothing"
