"""Deadline policies: versions, what a version must hold, promises that stay, the pages."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from governance.errors import DomainError, Forbidden, StaleState
from governance.outbox.models import DomainEvent
from governance.worktime import Duration, Unit
from requests_intake.models import DeadlinePolicy
from requests_intake.selectors.policies import policy_trial
from requests_intake.services.policies import (
    PolicyDraft,
    policy_confirm,
    policy_create,
    policy_version_create,
    policy_version_withdraw,
)
from requests_intake.services.triage import request_accept
from requests_intake.workflow import ClockKind
from tests.factories.world import DISTRICT, MORNING, STREET, add_person
from tests.sql import assert_sql

TODAY = date(2026, 11, 17)
LIMITS = {
    ClockKind.ACCEPT: Duration(1, Unit.NATURAL_HOUR),
    ClockKind.SIGN: Duration(1, Unit.WORKING_HOUR),
    ClockKind.CONTACT: Duration(4, Unit.NATURAL_HOUR),
    ClockKind.ANSWER: Duration(3, Unit.WORKING_DAY),
}


def draft(**changes) -> PolicyDraft:
    values = {"name": "一般", "name_en": "General", "valid_from": TODAY + timedelta(days=1), "limits": LIMITS}
    return PolicyDraft(**values | changes)


def version(world, *, actor="operations", at=MORNING, after=1, **changes) -> DeadlinePolicy:
    return policy_version_create(
        key="general", after=after, draft=draft(**changes), reason="通知", actor=world.viewer(actor, at), at=at
    )


def test_a_request_keeps_the_promise_of_the_day_it_was_filed(world, django_capture_on_commit_callbacks):
    before = world.submit().request
    with django_capture_on_commit_callbacks(execute=True):
        version(world, valid_from=TODAY)
    after = world.submit(at=MORNING + timedelta(minutes=1)).request
    assert (before.policy.version, after.policy.version) == (1, 2)
    assert before.due_at - MORNING > timedelta(days=6)  # seven natural days
    assert after.due_at.date() == date(2026, 11, 20)  # three working days
    # the steps that follow go by the version of the promise, too
    request_accept(
        request=before, category=before.category, actor=world.viewer("dispatcher"), at=MORNING + timedelta(minutes=5)
    )
    before.refresh_from_db()
    assert before.original_due_at == before.due_at
    assert before.clocks.get(kind="dispatch").due_at - MORNING > timedelta(hours=2)  # version 1 gives two working hours


def test_a_version_with_a_later_first_day_waits_for_it(world, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        version(world)
    assert world.submit().request.policy.version == 1
    assert world.submit(at=MORNING + timedelta(days=1)).request.policy.version == 2


@pytest.mark.parametrize("kind", [ClockKind.ACCEPT, ClockKind.SIGN, ClockKind.CONTACT, ClockKind.ANSWER])
def test_a_version_without_a_needed_limit_is_not_saved(world, kind):
    limits = {other: limit for other, limit in LIMITS.items() if other is not kind}
    with pytest.raises(DomainError) as refused:
        version(world, limits=limits)
    assert refused.value.field == f"{kind}_amount"
    assert DeadlinePolicy.objects.filter(key="general").count() == 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"valid_from": TODAY - timedelta(days=1)}, "valid_from"),
        ({"is_confirmed": True}, "source"),
        ({"name": " "}, "name"),
        ({"name_en": ""}, "name_en"),
        ({"source": "长" * 201}, "source"),
        ({"limits": LIMITS | {ClockKind.ANSWER: Duration(1000, Unit.NATURAL_DAY)}}, "answer_amount"),
    ],
)
def test_what_a_version_must_say(world, changes, field):
    with pytest.raises(DomainError) as refused:
        version(world, **changes)
    assert refused.value.field == field


def test_a_version_needs_a_reason_and_a_change(world):
    actor = world.viewer("operations")
    with pytest.raises(DomainError) as refused:
        policy_version_create(key="general", after=1, draft=draft(), reason=" ", actor=actor, at=MORNING)
    assert refused.value.field == "reason"
    version(world)
    with pytest.raises(DomainError) as refused:
        version(world, after=2)
    assert refused.value.code == "nothing_changed"


def test_of_two_people_the_second_is_told(world):
    version(world)
    with pytest.raises(StaleState):
        version(world, source="别的文件")


def test_only_who_may_edit_the_whole_district(world):
    add_person(world, "street_admin", "operations_admin", STREET, world.organisations["street"])
    for name in ("administrator", "dispatcher", "street_admin"):
        with pytest.raises(Forbidden):
            version(world, actor=name)
    assert version(world).made_by == world.people["operations"]


def test_a_version_is_withdrawn_before_its_first_day_only(world, django_capture_on_commit_callbacks):
    actor = world.viewer("operations")
    coming = version(world)
    policy_version_withdraw(policy=coming, actor=actor, at=MORNING)
    assert DeadlinePolicy.objects.filter(key="general").count() == 1
    coming = version(world)
    with pytest.raises(StaleState):
        policy_version_withdraw(policy=coming, actor=actor, at=MORNING + timedelta(days=1))
    with pytest.raises(StaleState):
        policy_version_withdraw(policy=world.policies["general"], actor=actor, at=MORNING)
    assert DomainEvent.objects.filter(name="requests_intake.policy_version_withdrawn").count() == 1


def test_confirming_names_the_source_and_leaves_the_numbers(world):
    policy, actor = world.policies["general"], world.viewer("operations")
    with pytest.raises(DomainError) as refused:
        policy_confirm(policy=policy, source="", is_confirmed=True, actor=actor, at=MORNING)
    assert refused.value.field == "source"
    policy_confirm(policy=policy, source="区政办发〔2026〕3号", is_confirmed=True, actor=actor, at=MORNING)
    policy.refresh_from_db()
    assert policy.is_confirmed
    assert policy.clocks.count() == 4


def test_a_new_policy(world):
    actor = world.viewer("operations")
    made = policy_create(key="water_24h", draft=draft(), reason="新开", actor=actor, at=MORNING)
    assert (made.version, made.clocks.count()) == (1, 4)
    for key in ("water_24h", "Water", "new", "水", "a" * 41):
        with pytest.raises(DomainError) as refused:
            policy_create(key=key, draft=draft(), reason="新开", actor=actor, at=MORNING)
        assert refused.value.field == "key"


def test_trying_a_policy_says_line_by_line_why(world):
    eleven = MORNING + timedelta(hours=1)
    results = {one.kind: one for one in policy_trial(world.policies["general"], eleven)}
    assert results[ClockKind.ANSWER].lines[-1].at == results[ClockKind.ANSWER].due_at
    assert results[ClockKind.SIGN].due_at == eleven + timedelta(hours=3, minutes=30)  # over the midday break
    beyond = policy_trial(version(world), MORNING + timedelta(days=900))
    assert {one.kind for one in beyond if one.problem} >= {ClockKind.SIGN, ClockKind.ANSWER, ClockKind.DISPATCH}


@pytest.fixture
def today(time_machine):
    time_machine.move_to(MORNING, tick=False)


POSTED = {
    "name": "一般",
    "name_en": "General",
    "valid_from": "2026-11-18",
    "accept_amount": "1",
    "accept_unit": "natural_hour",
    "sign_amount": "2",
    "sign_unit": "working_hour",
    "contact_amount": "24",
    "contact_unit": "natural_hour",
    "answer_amount": "5",
    "answer_unit": "working_day",
    "reason": "按新文件",
    "after": "1",
}


@pytest.mark.usefixtures("today")
def test_the_pages(world, client_of):
    client = client_of("operations")
    page = client.get(reverse("intake:policies")).content.decode()
    assert "待核实" in page
    page = client.get(reverse("intake:policy", args=["general"]), {"start": "2026-11-17T16:40"}).content.decode()
    assert "11月24日" in page  # seven days later
    address = reverse("intake:policy-version", args=["general"])
    refused = client.post(address, POSTED | {"sign_amount": "", "reason": ""})
    assert refused.status_code == 422
    assert 'value="24"' in refused.content.decode()  # what was typed is kept
    assert "这一项时限不能空着" in client.post(address, POSTED | {"sign_amount": ""}).content.decode()
    assert client.post(address, POSTED).status_code == 302
    assert client.post(address, POSTED).status_code == 422  # version 1 is no more the newest
    made = DeadlinePolicy.objects.get(key="general", version=2)
    assert made.clocks.get(kind="answer").duration == Duration(5, Unit.WORKING_DAY)
    assert client.post(reverse("intake:policy-source", args=[made.pk]), {"is_confirmed": "on"}).status_code == 422
    assert client.post(reverse("intake:policy-withdraw", args=[made.pk])).status_code == 302
    assert not DeadlinePolicy.objects.filter(pk=made.pk).exists()


@pytest.mark.usefixtures("today")
def test_who_sees_the_pages(world, client_of):
    add_person(world, "street_admin", "operations_admin", STREET, world.organisations["street"])
    version_page = reverse("intake:policy-version", args=["general"])
    assert client_of("dispatcher").get(reverse("intake:policies")).status_code == 403
    assert client_of("street_admin").get(reverse("intake:policies")).status_code == 200
    assert client_of("street_admin").get(version_page).status_code == 403
    assert client_of("operations").get(version_page).status_code == 200
    assert client_of("operations").get(reverse("intake:policy", args=["nothing"])).status_code == 404
    assert world.people["operations"].grants.get().area_code == DISTRICT


@pytest.mark.usefixtures("today")
def test_the_list_asks_the_database_little(world, client_of):
    client = client_of("operations")
    client.get(reverse("intake:policies"))
    with assert_sql(7, at_most=True):  # session, person, viewer; policies, clocks, stages, categories
        client.get(reverse("intake:policies"))
