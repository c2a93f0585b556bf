"""Two sweeps, a sweep beside a reply, a sweep killed by SIGKILL: each rung once, whatever happens."""

import os
import signal
import subprocess
import sys
from datetime import timedelta
from threading import Event
from urllib.parse import urlsplit

import pytest
from django.db import connection, transaction

from governance.notifications.models import Message
from governance.outbox import relay
from governance.outbox.models import DomainEvent
from requests_intake.models import Clock, Escalation
from requests_intake.services import escalation
from requests_intake.services.escalation import SweepResult, deadline_sweep
from requests_intake.services.handling import order_reply
from tests.factories.bulk import answer_clocks, request_row, save_requests
from tests.factories.world import MORNING
from tests.governance.outbox_tools import run_in_threads
from tests.requests_intake.ladder import DEADLINE, SUMMARY, people, sweep_and_tell, told
from tests.requests_intake.racing import PATIENCE, wait_for, waiting_for_a_lock, while_first_holds_its_locks
from tests.requests_intake.walk import to_state

NOW = MORNING + timedelta(days=3)
HOUR = timedelta(hours=1)


def due_clocks(world, count, ago=timedelta(0)):
    """Requests in the handler's hands whose answer falls due `ago` before NOW: two rungs each at NOW."""
    office = {"state": "in_progress", "organisation": world.organisations["lamps"], "handler": world.people["handler"]}
    rows = save_requests(
        [request_row(world, number, **office) for number in range(count)], handler=world.people["handler"]
    )
    return answer_clocks(rows, [NOW - ago] * count, timedelta(hours=2))


def two_sweeps(monkeypatch):
    """Run two sweeps; the second one does its work while the first is in the middle of its first batch of ten."""
    monkeypatch.setattr(escalation, "BATCH", 10)
    original = escalation._reach
    first_is_inside, second_is_done = Event(), Event()

    def slow(*args):
        result = original(*args)
        if not first_is_inside.is_set():
            first_is_inside.set()
            assert second_is_done.wait(PATIENCE)
        return result

    monkeypatch.setattr(escalation, "_reach", slow)

    def second():
        assert first_is_inside.wait(PATIENCE)
        try:
            return deadline_sweep(at=NOW)
        finally:
            second_is_done.set()

    return run_in_threads(lambda: deadline_sweep(at=NOW), second)


def test_two_sweeps_share_the_work_and_each_rung_is_told_once(committed_world, monkeypatch):
    clocks = due_clocks(committed_world, 40)
    one, two = two_sweeps(monkeypatch)
    assert (one.clocks, two.clocks) == (10, 30)
    assert Escalation.objects.count() == 80
    run_in_threads(lambda: relay.drain(at=NOW), lambda: relay.drain(at=NOW))
    assert set(told().values()) == {1}
    assert people() == {"handler": 40, "head": 40}
    assert Message.objects.count() == 4 * len(clocks)


def test_after_an_outage_two_sweeps_lead_to_one_summary_each(committed_world, monkeypatch):
    due_clocks(committed_world, 40, ago=5 * HOUR)
    one, two = two_sweeps(monkeypatch)
    # the second one saw that the first still had clocks in hand, and left the summary to it
    assert (two.summaries, one.summaries) == (0, 2)
    relay.drain(at=NOW)
    assert people(SUMMARY) == {"handler": 1, "head": 1}
    assert people() == {}
    context = Message.objects.get(kind=SUMMARY, channel="in_app", user=committed_world.people["head"]).context
    assert context == {"warned": 0, "overdue": 40}


def test_both_done_at_the_same_moment_still_write_one_summary(committed_world):
    due_clocks(committed_world, 4, ago=5 * HOUR)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(escalation, "_summarise", lambda at: 0)
        deadline_sweep(at=NOW)
    first, second = while_first_holds_its_locks(lambda: escalation._summarise(NOW), lambda: escalation._summarise(NOW))
    assert (first, second) == (2, 0)
    assert DomainEvent.objects.filter(name="requests_intake.deadlines_missed").count() == 2


def test_a_clock_that_is_being_stopped_is_not_told(committed_world):
    """The reply holds the clock; the sweep passes it by instead of waiting, and finds it silent afterwards."""
    request = to_state(committed_world, "contacted")
    clock = Clock.objects.get(request=request, kind="answer")
    handler = committed_world.viewer("handler")
    with transaction.atomic():
        order_reply(order=request.orders.get(), text="好了", file_ids=[], actor=handler, at=clock.due_at)
        assert run_in_threads(lambda: deadline_sweep(at=clock.due_at)) == [SweepResult()]
    assert deadline_sweep(at=clock.due_at + timedelta(days=9)) == SweepResult()
    assert not Escalation.objects.exists()


def test_a_reply_waits_for_the_sweep_and_then_stops_the_clock(committed_world):
    request = to_state(committed_world, "contacted")
    clock = Clock.objects.get(request=request, kind="answer")
    handler = committed_world.viewer("handler")
    swept, _replied = while_first_holds_its_locks(
        lambda: deadline_sweep(at=clock.warn_at),
        lambda: order_reply(
            order=request.orders.get(), text="好了", file_ids=[], actor=handler, at=clock.warn_at + HOUR
        ),
    )
    assert swept.escalations == 1
    clock.refresh_from_db()
    assert (clock.stopped_at, clock.next_at, clock.level) == (clock.warn_at + HOUR, None, 1)


SWEEP = """
import django; django.setup()
from datetime import datetime
from requests_intake.services import escalation
escalation.BATCH = 100
escalation.deadline_sweep(at=datetime.fromisoformat("{at}"))
"""


@pytest.mark.slow
def test_a_sweep_of_two_thousand_clocks_killed_in_the_middle(committed_world):
    """SIGKILL to the process, in the middle of its eleventh batch; the next sweep does the rest."""
    clocks = due_clocks(committed_world, 2000)
    in_the_way = sorted(clocks, key=lambda clock: clock.pk)[1050]
    with transaction.atomic():
        # Somebody else is writing the same rung: the sweep must wait for that in the middle of a batch.
        Escalation.objects.create(clock=in_the_way, level=1, at=NOW)
        process = start_sweep()
        try:
            run_in_threads(lambda: wait_for(lambda: waiting_for_a_lock() or process.poll() is not None))
            assert process.poll() is None, process.stderr.read()
            (killed,) = run_in_threads(backends_waiting)
            os.kill(process.pid, signal.SIGKILL)
        finally:
            process.kill()
            process.communicate(timeout=60)
        transaction.set_rollback(True)
    assert process.returncode == -signal.SIGKILL
    wait_for(lambda: gone(killed))
    done = Escalation.objects.count()
    assert done == 2 * 1000, "ten batches are done, the eleventh left nothing"
    assert Clock.objects.filter(next_at__lte=NOW).count() == 1000
    relay.drain(at=NOW)
    assert Message.objects.filter(kind=DEADLINE).count() == 2 * done
    sweep_and_tell(NOW)
    counts = told()
    assert set(counts.values()) == {1}
    assert len(counts) == Message.objects.filter(kind=DEADLINE).count() == 2000 * 2 * 2
    assert people() == {"handler": 2000, "head": 2000}
    assert people(SUMMARY) == {}


def start_sweep() -> subprocess.Popen[str]:
    """A sweep in a process of its own, on the database of this test."""
    url = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}").geturl()
    return subprocess.Popen(
        [sys.executable, "-c", SWEEP.format(at=NOW.isoformat())],
        env=os.environ | {"DATABASE_URL": url},
        stderr=subprocess.PIPE,
        text=True,
    )


def backends_waiting() -> list[int]:
    """The servers' processes that wait for somebody else's row in this database."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return [pid for (pid,) in cursor.fetchall()]


def gone(pids: list[int]) -> bool:
    """Whether these have ended, and with them the killed process's transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE pid = ANY(%s)", [pids])
        return cursor.fetchone() == (0,)
