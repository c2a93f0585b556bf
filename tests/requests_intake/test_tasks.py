"""The entries of the beat: read the clock, call one service, and do not stop at one bad row."""

from datetime import timedelta

import pytest
from django.conf import settings

from governance.celery import app
from governance.errors import DomainError
from requests_intake import tasks
from requests_intake.models import CallBack, Draft, Escalation, PolicyClock, ServiceRequest
from requests_intake.services.drafts import draft_start
from requests_intake.services.triage import request_accept
from tests.factories.world import MORNING
from tests.requests_intake.walk import to_state


def test_what_the_beat_calls_exists_and_every_task_is_called():
    named = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    app.loader.import_default_modules()
    assert named <= set(app.tasks)
    own = {name for name in app.tasks if name.startswith("requests_intake.")}
    assert tasks.run_deadline_sweep.name in own
    assert own <= named


def test_the_sweep_reads_the_clock(world, time_machine):
    request = to_state(world, "submitted")
    time_machine.move_to(request.accept_due_at - timedelta(hours=1), tick=False)
    tasks.run_deadline_sweep()
    assert not Escalation.objects.exists()
    time_machine.move_to(request.accept_due_at, tick=False)
    tasks.run_deadline_sweep()
    assert Escalation.objects.count() == 2


def test_drafts_die_after_seven_days(db, time_machine):
    draft_start(data={"kind": "help"}, at=MORNING)
    for days, left in [(6, 1), (7, 0)]:
        time_machine.move_to(MORNING + timedelta(days=days), tick=False)
        tasks.run_draft_expiry()
        assert Draft.objects.count() == left


def test_one_request_that_cannot_be_closed_does_not_hold_up_the_others(world, time_machine):
    first, second = (to_state(world, "callback", at=MORNING + timedelta(hours=hours)) for hours in (0, 1))
    CallBack.objects.create(request=first, round=1, source="link", at=MORNING, contacted=True, solved="yes")  # a fault
    time_machine.move_to(MORNING + timedelta(days=30), tick=False)
    tasks.run_callback_expiry()
    assert ServiceRequest.objects.get(pk=first.pk).state == "callback"
    assert ServiceRequest.objects.get(pk=second.pk).state == "closed"


@pytest.mark.parametrize("kind", ["sign", "dispatch"])
def test_a_policy_without_a_limit_is_told_and_not_guessed(world, kind):
    """Dispatching takes the time of signing unless the policy says otherwise; without both there is none."""

    request = to_state(world, "submitted")
    if kind == "dispatch":
        PolicyClock.objects.create(policy=request.policy, kind="dispatch", amount=1, unit="natural_hour")
        accepted = request_accept(request=request, category=None, actor=world.viewer("dispatcher"), at=MORNING)
        assert accepted.next_due_at == MORNING + timedelta(hours=1)
        return
    PolicyClock.objects.filter(policy=request.policy, kind="sign").delete()
    with pytest.raises(DomainError) as told:
        request_accept(request=request, category=None, actor=world.viewer("dispatcher"), at=MORNING)
    assert told.value.code == "limit_missing"
    assert ServiceRequest.objects.get().state == "submitted"
