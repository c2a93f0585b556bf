"""Why somebody sees or does something: the same rules, one by one, for people of every kind; never the content."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.urls import reverse

from governance.access.explaining import Standing, explain
from governance.access.models import Grant, Role
from governance.access.viewer import viewer_for
from governance.refs import find
from requests_intake.models import ServiceRequest
from requests_intake.permissions import Capability
from requests_intake.services.interventions import request_supervise
from requests_intake.services.windows import window_create
from tests.factories.world import DISTRICT, EAST, MORNING, WEST
from tests.requests_intake.test_windows import draft
from tests.requests_intake.walk import to_state
from tests.sql import assert_sql

pytestmark = pytest.mark.django_db


@pytest.fixture
def record(world):
    return to_state(world, "contacted", at=MORNING)


def rules_of(answer):
    return {str(line.text): line for line in answer.rules}


def test_the_answer_is_that_of_the_queue_for_everybody(world, record, time_machine):
    time_machine.move_to(MORNING + timedelta(hours=3), tick=False)
    at = MORNING + timedelta(hours=3)
    seen = 0
    for person in world.people.values():
        viewer = viewer_for(person, at)
        visible = ServiceRequest.objects.visible_to(viewer).filter(pk=record.pk).exists()
        for capability in (Capability.DISPATCH_REQUEST, Capability.HANDLE_ORDER, Capability.REVEAL_CONTACT):
            answer = explain(person=person, record=record, capability=str(capability), at=at)
            assert answer.sees is visible, person
            assert answer.may is viewer.holds(capability, record.access_scope()), (person, capability)
        seen += visible
    assert 0 < seen < len(world.people)


def test_rules_and_grants_are_named(world, record):
    handler = world.people["handler"]
    answer = explain(person=handler, record=record, capability="requests_intake.dispatch_request", at=MORNING)
    lines = rules_of(answer)
    grant = handler.grants.get()
    assert lines["由所在单位承办"].standing is Standing.HOLDS
    assert lines["由所在单位承办"].grants == (grant.pk,)
    assert lines["在可以看诉求的区域内"].standing is Standing.IDLE
    assert (answer.may, [line.holds for line in answer.grants]) == (False, [False])
    grant.ends_at = MORNING - timedelta(hours=1)
    grant.save()
    gone = explain(person=handler, record=record, capability="requests_intake.handle_order", at=MORNING)
    assert not gone.sees
    assert [(line.life, line.covers, line.holds) for line in gone.grants] == [("ended", True, True)]
    before = explain(person=handler, record=record, at=MORNING - timedelta(hours=2))
    assert before.sees


def test_the_page_tells_rules_and_not_the_record(world, record, client):
    administrator = world.people["administrator"]
    client.force_login(administrator)
    page = reverse("access:explain")
    assert client.get(page).status_code == 200
    handler = world.people["handler"]
    asked = {"who": handler.email, "record": f"http://testserver/staff/requests/{record.number}/?tab=x", "can": ""}
    with assert_sql(22, at_most=True):
        html = client.get(page, asked).content.decode()
    assert "由所在单位承办" in html
    assert "看得到这条记录" in html
    assert record.title not in html, "an administrator sees no requests"
    no = client.get(page, asked | {"can": "requests_intake.dispatch_request"}).content.decode()
    assert "担任的角色里都没有这一项" in no
    lost = client.get(page, asked | {"who": "nobody", "record": "123456789012345"}).content.decode()
    assert "没有找到这条记录" in lost
    assert "没有找到这个人" in lost
    empty = client.get(page, {"record": ""}).content.decode()
    assert "请写是谁" in empty
    several = client.get(page, asked | {"who": "@"}).content.decode()
    assert str(handler.public_id) in several
    one = client.get(page, {"person": handler.public_id, "record": record.number}).content.decode()
    assert "看得到这条记录" in one
    client.force_login(world.people["dispatcher"])
    assert client.get(page, asked).status_code == 403


def test_elsewhere_is_said_to_be_elsewhere(world, record, client):
    """A grant that has the capability in another place; a territory's code is a record, too."""
    person = world.people["counter_clerk"] if "counter_clerk" in world.people else world.people["handler"]
    there = WEST if record.area_code.startswith(EAST) else EAST
    Grant.objects.create(
        user=person, role=Role.objects.get(key="dispatcher"), area_code=there, starts_at=MORNING - timedelta(days=2),
        reason="x", created_at=MORNING, submission_key=uuid4(),
    )  # fmt: skip
    client.force_login(world.people["administrator"])
    asked = {"person": person.public_id, "record": record.number, "can": "requests_intake.dispatch_request"}
    html = client.get(reverse("access:explain"), asked | {"day": f"{MORNING:%Y-%m-%d}"}).content.decode()
    assert "有这一项的授权，范围里没有这条记录" in html
    assert "范围不含" in html
    area = client.get(reverse("access:explain"), asked | {"record": DISTRICT, "can": ""}).content.decode()
    assert "一条一条看" in area


def test_other_records_are_found_by_the_address_of_their_page(world, record):
    """Each by its own page: a supervision, an exclusion, a window, an article; a page of many is nobody's record."""
    leader = world.viewer("supervisor", MORNING)
    made = request_supervise(
        request=record, text="请查清", until=date(2026, 12, 1), actor=leader, at=MORNING + timedelta(hours=3)
    )
    window = window_create(draft=draft(world), actor=world.viewer("head"), at=MORNING)
    found = {
        reverse("intake:supervision", args=[made.number]): made,
        f"https://portal.example{reverse('intake:window-edit', args=[window.public_id])}?from=list#top": window,
        reverse("intake:request", args=[record.number]): record,
        f" {record.number} ": record,
        reverse("intake:exclusion", args=[record.number]): record,  # no application yet: the request itself
        reverse("intake:queue"): None,
        "/staff/supervisions/nothing/": None,
        "\x00http://[": None,
    }
    for text, expected in found.items():
        assert find(text) == expected, text
    handler = world.people["handler"]
    answer = explain(person=handler, record=made, at=MORNING + timedelta(hours=4))
    assert rules_of(answer)["督办本单位的"].standing is Standing.HOLDS
    assert not explain(person=handler, record=window, at=MORNING).sees
