"""A use that the law asks to assess stays locked until somebody else has approved its assessment, and locks again."""

import re
from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from governance.errors import DomainError, Forbidden, StaleState
from governance.outbox.models import DomainEvent
from governance.privacy.register import sensitive_uses
from governance.protection.assessments.services import (
    assessment_decide,
    assessment_end,
    assessment_file,
    assessments_running_out,
    is_assessed,
    require_assessed,
)
from governance.protection.models import ImpactAssessment
from governance.protection.notices import _approvers, _filers
from requests_intake.models import DispatchRule
from requests_intake.personal import ACTING_RULES, OUTSIDE_LINKS
from requests_intake.services.acting import requests_act, rule_let_act
from requests_intake.services.outside import request_send_outside
from tests.factories.world import MORNING
from tests.requests_intake.conftest import _town, client_of, world  # noqa: F401
from tests.requests_intake.test_acting_rules import accepted, tried
from tests.requests_intake.walk import to_state
from tests.sql import assert_sql

LIST = reverse("protection:assessments")
WORDS = {"necessity": "只用事项和地点", "risks": "派错了要改派", "measures": "先试三十天，出错自动停"}
TODAY = timezone.localdate(MORNING)
LAST_DAY = TODAY + timedelta(100)


@pytest.fixture
def locked(world):  # noqa: F811
    """The town before anything was assessed."""
    ImpactAssessment.objects.all().delete()
    return world


def filed(world, **changes):  # noqa: F811
    values = {
        "use": ACTING_RULES,
        "words": WORDS,
        "valid_until": LAST_DAY,
        "submission_key": uuid4(),
        "actor": world.viewer("administrator"),
        "at": MORNING,
    }
    return assessment_file(**values | changes)


def decided(world, row, *, by="district", approve=True, note="", at=MORNING):  # noqa: F811
    return assessment_decide(assessment=row, approve=approve, note=note, actor=world.viewer(by), at=at)


def test_the_lock_opens_by_somebody_elses_approval_and_closes_by_the_day_or_by_hand(locked):
    for use in (ACTING_RULES, OUTSIDE_LINKS):
        with pytest.raises(DomainError) as error:
            require_assessed(use, at=MORNING)
        assert error.value.code == "assessment_missing"
    row = filed(locked)
    assert not is_assessed(ACTING_RULES, on=TODAY), "filed is not approved"
    with pytest.raises(Forbidden):
        decided(locked, row, by="administrator")
    with pytest.raises(Forbidden):
        decided(locked, row, by="supervisor")
    with pytest.raises(DomainError) as error:
        decided(locked, row, approve=False)
    assert error.value.field == "note"
    decided(locked, row)
    with pytest.raises(StaleState):
        decided(locked, row, approve=False, note="晚了")
    assert is_assessed(ACTING_RULES, on=TODAY)
    assert not is_assessed(OUTSIDE_LINKS, on=TODAY)
    assert is_assessed(ACTING_RULES, on=LAST_DAY)
    assert not is_assessed(ACTING_RULES, on=LAST_DAY + timedelta(1))
    with pytest.raises(DomainError) as error:
        assessment_end(assessment=row, why=" ", actor=locked.viewer("administrator"), at=MORNING)
    assert error.value.field == "reason"
    assessment_end(assessment=row, why="规则改了判断的办法", actor=locked.viewer("administrator"), at=MORNING)
    assert not is_assessed(ACTING_RULES, on=TODAY)
    with pytest.raises(StaleState):
        assessment_end(assessment=row, why="再来", actor=locked.viewer("administrator"), at=MORNING)
    names = ["protection.assessment_filed", "protection.assessment_approved", "protection.assessment_ended"]
    told = DomainEvent.objects.filter(name__startswith="protection.assessment").order_by("pk")
    assert [event.name for event in told] == names
    assert {one.user_id for one in _approvers(told[0])} == {locked.people["district"].pk}, "never whoever filed it"


def test_what_must_be_said(locked):
    for changes, field in (
        ({"words": WORDS | {"risks": "  "}}, "risks"),
        ({"valid_until": TODAY}, "valid_until"),
        ({"valid_until": TODAY + timedelta(3 * 365 + 1)}, "valid_until"),
        ({"valid_until": None}, "valid_until"),
        ({"use": "requests_intake.weather"}, "use"),
    ):
        with pytest.raises(DomainError) as error:
            filed(locked, **changes)
        assert error.value.field == field
    with pytest.raises(Forbidden):
        filed(locked, actor=locked.viewer("supervisor"))
    key = uuid4()
    assert filed(locked, submission_key=key) == filed(locked, submission_key=key), "sent twice is one"
    with pytest.raises(DomainError, match="等批准"):
        filed(locked)


def test_rules_do_not_act_and_links_do_not_leave_while_it_is_locked(world):  # noqa: F811
    operations = world.viewer("operations")
    rule = DispatchRule.objects.get(category_prefix="010101")
    run = tried(world, rule, MORNING)
    held = ImpactAssessment.objects.filter(use=ACTING_RULES)
    held.update(valid_until=TODAY - timedelta(1))
    with pytest.raises(DomainError, match="影响评估"):
        rule_let_act(rule=rule, run=run, actor=operations, at=MORNING)
    held.update(valid_until=TODAY)
    rule_let_act(rule=rule, run=run, actor=operations, at=MORNING)
    held.update(valid_until=TODAY - timedelta(1))
    request = accepted(world, MORNING)
    assert requests_act(request_ids=[request.pk], at=MORNING) == 0, "a rule that acted stops when it runs out"
    held.update(valid_until=TODAY)
    assert requests_act(request_ids=[request.pk], at=MORNING) == 1

    ImpactAssessment.objects.filter(use=OUTSIDE_LINKS).update(is_approved=False)
    other = to_state(world, "dispatched", MORNING)
    send = {"request": other, "organisation": world.organisations["firm"], "actor": world.viewer("dispatcher")}
    with pytest.raises(DomainError, match="影响评估"):
        request_send_outside(**send, at=MORNING + timedelta(hours=1))
    ImpactAssessment.objects.filter(use=OUTSIDE_LINKS).update(is_approved=True)
    assert request_send_outside(**send, at=MORNING + timedelta(hours=1)).order.is_outside


def test_running_out_is_said_once_and_not_where_another_follows(locked):
    soon = decided(locked, filed(locked, valid_until=TODAY + timedelta(20)))
    decided(locked, filed(locked, use=OUTSIDE_LINKS, valid_until=TODAY + timedelta(20)))
    decided(locked, filed(locked, use=OUTSIDE_LINKS, valid_until=TODAY + timedelta(300)))
    assert assessments_running_out(at=MORNING) == 1
    assert assessments_running_out(at=MORNING + timedelta(days=1)) == 0
    event = DomainEvent.objects.get(name="protection.assessment_runs_out")
    assert event.payload == {"use": ACTING_RULES, "valid_until": soon.valid_until.isoformat()}
    assert locked.people["administrator"].pk in {one.user_id for one in _filers(event)}


def test_an_assessment_by_its_pages(locked, client_of, time_machine):  # noqa: F811
    time_machine.move_to(MORNING, tick=False)
    writer, approver = client_of("administrator"), client_of("district")
    assert client_of("supervisor").get(LIST).status_code == 403
    page = writer.get(LIST).content.decode()
    assert page.count("锁着") >= len(sensitive_uses())
    new = reverse("protection:assessment-new", args=[ACTING_RULES])
    assert new in page
    assert new not in approver.get(LIST).content.decode()
    form = writer.get(new).content.decode()
    key = re.search(r'name="key" value="([^"]+)"', form)[1]
    wrong = writer.post(new, WORDS | {"risks": "", "valid_until": LAST_DAY.isoformat(), "key": key})
    assert wrong.status_code == 422
    assert "可能有什么影响" in wrong.content.decode()
    assert WORDS["necessity"] in wrong.content.decode()
    there = writer.post(new, WORDS | {"valid_until": LAST_DAY.isoformat(), "key": key})["Location"]
    assert "要由另一个人批准" in writer.get(there).content.decode()
    decide = re.search(r'action="([^"]+/decision/)"', approver.get(there).content.decode())[1]
    assert writer.post(decide, {"do": "approve"}).status_code == 403
    refused = approver.post(decide, {"do": "return", "note": ""})
    assert refused.status_code == 422
    assert "写的人才知道怎么改" in refused.content.decode()
    approver.post(decide, {"do": "approve", "note": "同意"})
    assert approver.post(decide, {"do": "approve"}).status_code == 409
    assert is_assessed(ACTING_RULES, on=TODAY)
    writer.get(LIST)
    with assert_sql(9, at_most=True):
        writer.get(LIST)
    end = re.search(r'action="([^"]+/end/)"', writer.get(there).content.decode())[1]
    writer.post(end, {"reason": "换了办法"})
    assert ImpactAssessment.objects.get().ended_why == "换了办法"
    assert WORDS["measures"] in writer.get(new).content.decode(), "the next one begins with the last one's words"
    assert not is_assessed(ACTING_RULES, on=date.fromisoformat("2026-11-17"))
