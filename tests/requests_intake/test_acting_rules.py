"""Rules that dispatch at once: confirmed after a trial, by a dispatcher's service, never where people look first."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from governance.errors import DomainError, Forbidden
from governance.jobs.services import job_run
from governance.notifications.models import Message
from governance.outbox.relay import drain
from requests_intake.models import Clock, DispatchRule, RequestTransition, RuleFault, ServiceRequest, WorkOrder
from requests_intake.selectors.detail import request_detail, request_for
from requests_intake.selectors.rules import rules_forget
from requests_intake.services.acting import request_act, rule_let_act, rule_only_propose, rules_only_propose
from requests_intake.services.resting import request_ask
from requests_intake.services.rule_runs import run_start
from requests_intake.services.rules import RuleDraft, rule_change, rule_create
from requests_intake.services.triage import request_accept, request_dispatch
from requests_intake.services.undoing import request_undo_dispatch
from tests.factories.world import DISTRICT, EAST, add_person
from tests.requests_intake.walk import to_state, to_turn


@pytest.fixture
def at():
    """Events are handled by the real clock."""
    return timezone.now()


def tried(world, rule, at):
    run, job = run_start(rule=rule, actor=world.viewer("operations", at), at=at)
    job_run(job_id=job.pk, clock=lambda: at)
    run.refresh_from_db()
    return run


def acting(world, at, **changes) -> DispatchRule:
    """The town's rule for lamps, or another one first in order, tried and confirmed."""
    actor = world.viewer("operations", at)
    rule = DispatchRule.objects.get(category_prefix="010101")
    if changes:
        office = world.organisations[changes.pop("organisation")]
        rule = rule_create(draft=RuleDraft(organisation=office, **changes), position=1, actor=actor, at=at)
    return rule_let_act(rule=rule, run=tried(world, rule, at), actor=actor, at=at)


def accepted(world, at, **changes) -> ServiceRequest:
    request = to_state(world, "submitted", at, **changes)
    return request_accept(request=request, category=None, actor=world.viewer("dispatcher", at), at=at)


def state(request) -> str:
    return ServiceRequest.objects.get(pk=request.pk).state


def test_what_is_accepted_goes_out_at_once(world, at, client_of):
    to_state(world, "dispatched", at - timedelta(days=2))
    to_state(world, "dispatched", at - timedelta(days=2), organisation="parks")
    actor, lamps = world.viewer("operations", at), DispatchRule.objects.get(category_prefix="010101")
    waits = accepted(world, at)
    drain()
    assert state(waits) == "accepted"  # a rule that proposes sends nothing
    dispatcher, said = client_of("dispatcher"), "按规则，马上直派给"
    assert said not in dispatcher.get(reverse("intake:request", args=[waits.number])).content.decode()
    with pytest.raises(DomainError, match="先用最近 30 天试一遍"):
        rule_let_act(rule=lamps, run=None, actor=actor, at=at)
    run = tried(world, lamps, at)
    assert (run.fitted, run.fitted_agreed, run.rule_version) == (2, 1, 1)
    with pytest.raises(DomainError, match="先用最近 30 天试一遍"):
        rule_let_act(rule=lamps, run=run, actor=actor, at=at + timedelta(days=8))
    with pytest.raises(Forbidden):
        rule_let_act(rule=lamps, run=run, actor=world.viewer("dispatcher", at), at=at)
    rule_let_act(rule=lamps, run=run, actor=actor, at=at)

    request = accepted(world, at)
    rules_forget()  # nothing is committed in a test
    assert said in dispatcher.get(reverse("intake:request", args=[request.number])).content.decode()
    drain()
    request.refresh_from_db()
    order = WorkOrder.objects.get(request=request)
    assert (request.state, order.organisation, request.organisation) == (
        "dispatched", world.organisations["lamps"], world.organisations["lamps"],
    )  # fmt: skip
    assert (request.dispatch_mode, request.copies_district) == ("direct", True)
    assert set(Clock.objects.filter(request=request, stopped_at=None).values_list("kind", flat=True)) == {
        "sign", "answer",
    }  # fmt: skip
    assert Message.objects.filter(kind="requests_intake.order_arrived", user=world.people["handler"]).exists()
    desk = world.viewer("dispatcher", at)
    detail = request_detail(request_for(request.number, desk), desk, at=at)
    assert [(line.row.name, line.row.actor_kind, line.text) for line in detail.course[-2:]] == [
        ("by_rule", "system", f"规则编号 {lamps.pk}，第 1 版"),
        ("dispatch", "system", ""),
    ]
    assert request_act(request_id=request.pk, at=at) is None  # the event a second time
    assert WorkOrder.objects.filter(request=request).count() == 1
    # every dispatcher may take it back; then it is theirs, and no rule sends it again
    request_undo_dispatch(request=request, actor=desk, at=order.dispatched_at + timedelta(seconds=3))
    drain()
    assert request_act(request_id=request.pk, at=at) is None
    assert state(request) == "accepted"
    assert state(waits) == "accepted"


def test_people_look_first(world, at):
    """Reports of violations, danger, complaints about that very office, what is not fresh, what a person did first."""
    acting(world, at)
    kept = [
        accepted(world, at, kind="tip_off"),
        accepted(world, at, body="路灯杆漏电，有人触电倒地，救命！"),
        accepted(world, at),
        accepted(world, at, kind="complaint"),
        accepted(world, at),
        to_turn(world, "returned", at - timedelta(hours=2)),
    ]
    ServiceRequest.objects.filter(pk=kept[2].pk).update(is_outside_district=True)
    ServiceRequest.objects.filter(pk=kept[3].pk).update(complained_organisation=world.organisations["lamps"])
    request_ask(request=kept[4], text="是哪一盏灯？", actor=world.viewer("dispatcher", at), at=at)
    quicker = accepted(world, at)
    parks = world.organisations["parks"]
    request_dispatch(request=quicker, organisation=parks, actor=world.viewer("dispatcher", at), at=at)
    drain()
    assert [state(request) for request in kept] == ["accepted"] * len(kept)
    assert WorkOrder.objects.get(request=quicker).organisation == parks
    assert not RequestTransition.objects.filter(name__in=("by_rule", "by_rule_failed")).exists()
    assert DispatchRule.objects.get(category_prefix="010101").acts


def test_the_first_that_fits_decides(world, at):
    acting(world, at)
    actor = world.viewer("operations", at)
    trees = RuleDraft(organisation=world.organisations["parks"], words=["树"])
    rule_create(draft=trees, position=1, actor=actor, at=at)
    request = accepted(world, at, body="树枝挡住了路灯。")
    drain()
    assert state(request) == "accepted"  # the first one only proposes


def test_a_rule_that_is_refused_stops_itself_and_leaves_the_request(world, at):
    """The duty list only lets a community assist with noise (条例 §17): a rule may not do what a person may not."""
    add_person(world, "keeper", "operations_admin", DISTRICT, world.organisations["district"])
    noise = world.categories["noise"]
    bad = acting(world, at, organisation="east", category_prefix="010102", area_prefix=EAST)
    DispatchRule.objects.filter(pk=bad.pk).update(owner=world.people["keeper"])
    acting(world, at, organisation="parks", category_prefix="010102")
    DispatchRule.objects.filter(pk=bad.pk).update(position=0)
    request = accepted(world, at, category_id=noise.pk)
    drain()
    bad.refresh_from_db()
    assert (bad.is_active, bad.acts, bad.fault) == (False, False, RuleFault.REFUSED)
    assert state(request) == "accepted"
    note = RequestTransition.objects.get(request=request, name="by_rule_failed")
    assert note.text.startswith(f"#{bad.pk} v1 履职清单里")
    assert not note.is_public
    assert Message.objects.filter(kind="requests_intake.rule_switched_off", user=world.people["keeper"]).exists()
    assert request_act(request_id=request.pk, at=at) is None  # the next rule does not jump in
    following = accepted(world, at, category_id=noise.pk)
    drain()
    assert WorkOrder.objects.get(request=following).organisation == world.organisations["parks"]


def test_another_rule_is_confirmed_anew_and_all_can_be_stopped(world, at):
    rule, actor = acting(world, at), world.viewer("operations", at)
    run = tried(world, rule, at)
    lamps = world.organisations["lamps"]
    same = RuleDraft(organisation=lamps, category_prefix="010101", area_prefix=DISTRICT, note="路灯都归它")
    assert rule_change(rule=rule, draft=same, position=1, actor=actor, at=at).acts
    other = RuleDraft(organisation=lamps, category_prefix="010101", area_prefix=EAST)
    changed = rule_change(rule=rule, draft=other, position=1, actor=actor, at=at)
    assert (changed.version, changed.acts) == (2, False)
    with pytest.raises(DomainError, match="要重新试"):
        rule_let_act(rule=rule, run=run, actor=actor, at=at)
    rule_let_act(rule=rule, run=tried(world, changed, at), actor=actor, at=at)
    assert not rule_only_propose(rule=rule, actor=actor, at=at).acts
    rule_let_act(rule=rule, run=tried(world, changed, at), actor=actor, at=at)
    with pytest.raises(Forbidden):
        rules_only_propose(actor=world.viewer("dispatcher", at), at=at)
    assert rules_only_propose(actor=actor, at=at) == 1
    request = accepted(world, at)
    drain()
    assert state(request) == "accepted"
    for office, words, more in (("firm", "外单位", {"words": ["灯"]}), ("parks", "没有条件", {})):
        draft = RuleDraft(organisation=world.organisations[office], **more)
        one = rule_create(draft=draft, position=1, actor=actor, at=at)
        with pytest.raises(DomainError, match=words):
            rule_let_act(rule=one, run=tried(world, one, at), actor=actor, at=at)


def test_the_pages(world, client_of, at):
    to_state(world, "dispatched", at - timedelta(days=2))
    rule, client = DispatchRule.objects.get(category_prefix="010101"), client_of("operations")
    url = reverse("intake:rule-acting", args=[rule.pk])
    assert url in client.get(reverse("intake:rule", args=[rule.pk])).content.decode()
    page = client.get(url).content.decode()
    assert "第一步：用最近 30 天试一遍" in page
    assert "第二步：确认" not in page
    refused = client.post(url, {"do": "act"})
    assert refused.status_code == 422
    assert "请先用最近 30 天试一遍" in refused.content.decode()
    run = tried(world, rule, at)
    assert "第二步：确认" in client.get(url).content.decode()
    assert url in client.get(reverse("intake:rules-run", args=[run.pk])).content.decode()
    assert client.post(url, {"do": "act", "run": run.pk}).status_code == 302
    rules = client.get(reverse("intake:rules")).content.decode()
    assert "有 1 条规则在直派" in rules
    assert "全部停止直派" in rules
    assert client.post(reverse("intake:rules-propose")).status_code == 302
    assert not DispatchRule.objects.filter(acts=True).exists()
    assert client_of("dispatcher").get(url).status_code == 403
