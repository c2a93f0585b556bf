"""Two at once: two who answer an alert, two sweeps, a sweep beside an answer, two who look at the same requests."""

from datetime import timedelta
from threading import Event

from governance.errors import StaleState
from governance.notifications.models import Message
from governance.outbox import relay
from requests_intake.models import AlertCall, RiskAlert
from requests_intake.services import alerts
from requests_intake.services.alerts import alert_acknowledge, alert_sweep, alerts_raise
from tests.governance.outbox_tools import run_in_threads
from tests.requests_intake.racing import PATIENCE, while_first_holds_its_locks
from tests.requests_intake.test_alerts import GAS, NIGHT
from tests.requests_intake.test_duty import plan

LATER = NIGHT + timedelta(minutes=10)


def answered(world, person, alert):
    return alert_acknowledge(alert=alert, action=f"{person} 去了", actor=world.viewer(person, NIGHT), at=NIGHT)


def raised(world, count=1) -> list[RiskAlert]:
    plan(world, t17="dispatcher")
    requests = [world.submit(NIGHT, body=GAS).request for _number in range(count)]
    alerts_raise(request_ids=[one.pk for one in requests], at=NIGHT)
    return list(RiskAlert.objects.order_by("pk"))


def test_two_who_answer_and_two_who_look(committed_world):
    world = committed_world
    (alert,) = raised(world)
    first, second = while_first_holds_its_locks(
        lambda: answered(world, "dispatcher", alert), lambda: answered(world, "supervisor", alert)
    )
    assert first.action == "dispatcher 去了"
    assert isinstance(second, StaleState)
    assert "Dispatcher Person" in str(second.message)
    request = world.submit(NIGHT, body=GAS).request
    look = lambda: alerts_raise(request_ids=[request.pk], at=NIGHT)  # noqa: E731
    assert while_first_holds_its_locks(look, look) == (1, 0)
    assert RiskAlert.objects.filter(request=request).count() == 1


def test_a_sweep_passes_over_what_is_being_answered(committed_world):
    world = committed_world
    (alert,) = raised(world)
    inside, swept = Event(), Event()
    original = alerts.note

    def slow(*args, **kwargs):
        inside.set()
        assert swept.wait(PATIENCE)
        return original(*args, **kwargs)

    alerts.note = slow
    try:

        def sweep():
            assert inside.wait(PATIENCE)
            try:
                return alert_sweep(at=LATER)
            finally:
                swept.set()

        _answer, called = run_in_threads(lambda: answered(world, "dispatcher", alert), sweep)
    finally:
        alerts.note = original
    assert called == 0
    assert alert_sweep(at=LATER) == 0
    assert AlertCall.objects.count() == 1


def test_two_sweeps_share_the_work_and_each_level_is_told_once(committed_world, monkeypatch):
    world = committed_world
    raised(world, 12)
    monkeypatch.setattr(alerts, "BATCH", 4)
    original, inside, done = alerts._call, Event(), Event()

    def slow(due, at):
        called = original(due, at)
        if not inside.is_set():
            inside.set()
            assert done.wait(PATIENCE)
        return called

    monkeypatch.setattr(alerts, "_call", slow)

    def second():
        assert inside.wait(PATIENCE)
        try:
            return alert_sweep(at=LATER)
        finally:
            done.set()

    assert run_in_threads(lambda: alert_sweep(at=LATER), second) == [4, 8]
    run_in_threads(lambda: relay.drain(at=LATER), lambda: relay.drain(at=LATER))
    assert AlertCall.objects.count() == 24
    assert Message.objects.filter(kind="requests_intake.alert", channel="in_app").count() == 24
