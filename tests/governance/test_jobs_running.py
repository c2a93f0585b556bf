"""Long work: in steps, cancelled between them, going on after a crash, never doing a row twice."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from kombu.exceptions import OperationalError
from pytest_django import DjangoCaptureOnCommitCallbacks

from governance.access.viewer import SYSTEM, Viewer, viewer_for
from governance.errors import DomainError, StaleState
from governance.jobs import registry, tasks
from governance.jobs.models import Job, State
from governance.jobs.registry import STEP_ROWS, Step, job_kind
from governance.jobs.services import job_cancel, job_run, job_start, jobs_waiting, running
from tests.governance.notice_support import AT, in_thread, person

KIND = "jobs_test.count_up"
seen: list[int] = []


def clock() -> datetime:
    return AT


def count_up(*, params: dict[str, Any], cursor: int | None, limit: int, actor: Viewer, at: datetime) -> Step:
    """Deal with the numbers from 0 up to `rows`, the words in `params` telling where to stumble."""
    first = cursor or 0
    numbers = range(first, min(first + limit, params["rows"]))
    if params.get("refuse_at") in numbers:
        raise DomainError("refused", "这一行不行，电话 13912342046")
    if params.get("break_at") in numbers:
        raise RuntimeError("a fault nobody foresaw")
    seen.extend(numbers)
    if params.get("cancel_at") in numbers:
        Job.objects.update(cancel_requested=True)
    return Step(len(numbers), numbers.stop if numbers.stop < params["rows"] else None)


def total(*, params: dict[str, Any], actor: Viewer, at: datetime) -> int:
    return params["rows"]


@pytest.fixture(autouse=True)
def _kind() -> Iterator[None]:
    seen.clear()
    job_kind(KIND, title="数数", count=total)(count_up)
    yield
    registry.unregister(KIND)


def started(**params: object) -> Job:
    return job_start(kind=KIND, params=params, actor=viewer_for(person("wang"), AT), at=AT)


def fresh(job: Job) -> Job:
    return Job.objects.get(pk=job.pk)


@pytest.mark.django_db
def test_work_is_done_in_steps_of_five_hundred() -> None:
    job = started(rows=1203)
    job_run(job_id=job.pk, clock=clock)

    done = fresh(job)
    assert (done.state, done.done, done.total, done.finished_at) == (State.DONE, 1203, 1203, AT)
    assert seen == list(range(1203))
    assert STEP_ROWS == 500


@pytest.mark.django_db
def test_job_with_nothing_to_do_is_done() -> None:
    job = started(rows=0)
    job_run(job_id=job.pk, clock=clock)
    assert (fresh(job).state, fresh(job).done) == (State.DONE, 0)


@pytest.mark.django_db
def test_ended_job_is_left_alone() -> None:
    job = started(rows=3)
    job_run(job_id=job.pk, clock=clock)
    assert job_run(job_id=job.pk, clock=clock) is None
    assert seen == [0, 1, 2]


@pytest.mark.django_db
def test_cancel_is_seen_between_steps_and_keeps_what_was_done() -> None:
    job = started(rows=2000, cancel_at=600)
    job_run(job_id=job.pk, clock=clock)
    assert (fresh(job).state, fresh(job).done) == (State.CANCELLED, 1000)
    assert len(seen) == 1000


@pytest.mark.django_db
def test_queued_job_is_cancelled_at_once() -> None:
    job = started(rows=10)
    owner = viewer_for(job.owner, AT)
    assert job_cancel(job=job, actor=owner, at=AT).state == State.CANCELLED
    job_run(job_id=job.pk, clock=clock)
    assert seen == []
    with pytest.raises(StaleState):
        job_cancel(job=job, actor=owner, at=AT)


@pytest.mark.django_db
def test_somebody_else_cannot_cancel() -> None:
    job = started(rows=10)
    with pytest.raises(Job.DoesNotExist):
        job_cancel(job=job, actor=viewer_for(person("li"), AT), at=AT)
    assert fresh(job).state == State.QUEUED


@pytest.mark.django_db
def test_refusal_ends_the_job_with_its_reason_and_undoes_its_step_only() -> None:
    job = started(rows=2000, refuse_at=700)
    job_run(job_id=job.pk, clock=clock)
    ended = fresh(job)
    assert (ended.state, ended.done) == (State.FAILED, 500)
    assert ended.error.startswith("这一行不行")
    assert "13912342046" not in ended.error


@pytest.mark.django_db
def test_fault_of_the_program_is_kept_for_the_owner_and_raised() -> None:
    job = started(rows=2000, break_at=700)
    with pytest.raises(RuntimeError):
        job_run(job_id=job.pk, clock=clock)
    assert (fresh(job).state, fresh(job).done, fresh(job).error) == (State.FAILED, 500, "RuntimeError")


@pytest.mark.django_db
def test_interrupted_job_goes_on_where_it_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    job = started(rows=1203)

    class Killed(BaseException):
        pass

    steps = running._step

    def killed_after_one(job_id: int, at: datetime) -> Job | None:
        if seen:
            raise Killed
        return steps(job_id, at)

    monkeypatch.setattr(running, "_step", killed_after_one)
    with pytest.raises(Killed):
        job_run(job_id=job.pk, clock=clock)
    monkeypatch.undo()
    assert (fresh(job).state, fresh(job).done) == (State.RUNNING, 500)

    job_run(job_id=job.pk, clock=clock)
    assert (fresh(job).state, fresh(job).done) == (State.DONE, 1203)
    assert seen == list(range(1203))


@pytest.mark.django_db
def test_job_that_stops_its_worker_again_and_again_is_given_up() -> None:
    job = started(rows=3)
    Job.objects.update(state=State.RUNNING, runs=running.MAX_RUNS)
    assert job_run(job_id=job.pk, clock=clock) is None
    assert fresh(job).state == State.FAILED
    assert seen == []


@pytest.mark.django_db(transaction=True)
def test_two_workers_on_one_job_do_each_row_once() -> None:
    job = started(rows=5000)
    start = threading.Barrier(2)

    def worker() -> None:
        start.wait(20)
        job_run(job_id=job.pk, clock=clock)

    with ThreadPoolExecutor(2) as pool:
        for future in [in_thread(pool, worker) for _ in range(2)]:
            future.result(60)
    if fresh(job).is_active:  # both left because the other held it at that moment: a sweep goes on
        job_run(job_id=job.pk, clock=clock)
    assert (fresh(job).state, fresh(job).done) == (State.DONE, 5000)
    assert sorted(seen) == list(range(5000))


@pytest.mark.django_db
def test_sweep_finds_jobs_nobody_has() -> None:
    queued, going, silent = started(rows=1), started_by("li"), started_by("zhao")
    at = AT + timedelta(minutes=11)
    Job.objects.filter(pk=going.pk).update(state=State.RUNNING, touched_at=at)
    Job.objects.filter(pk=silent.pk).update(state=State.RUNNING)
    assert jobs_waiting(at=at) == [queued.pk, silent.pk]
    assert jobs_waiting(at=AT + timedelta(seconds=30)) == []


def started_by(name: str) -> Job:
    return job_start(kind=KIND, params={"rows": 1}, actor=viewer_for(person(name), AT), at=AT)


@pytest.mark.django_db
def test_dead_broker_delays_the_start_and_fails_nobody(
    monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    asked: list[int] = []

    def dead(args: list[int], queue: str) -> None:
        asked.extend(args)
        assert queue == "heavy"
        raise OperationalError("no broker")

    monkeypatch.setattr(tasks.run_job, "apply_async", dead)
    with django_capture_on_commit_callbacks(execute=True):
        job = started(rows=1)
    assert asked == [job.pk]
    assert fresh(job).state == State.QUEUED


@pytest.mark.django_db
def test_job_needs_a_known_kind_and_an_owner() -> None:
    with pytest.raises(DomainError):
        job_start(kind="no.such", params={}, actor=viewer_for(person("wang"), AT), at=AT)
    with pytest.raises(DomainError):
        job_start(kind=KIND, params={"rows": 1}, actor=SYSTEM, at=AT)
    assert not Job.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("broken", [{"state": State.DONE}, {"finished_at": AT}, {"done": 6, "total": 5}])
def test_database_refuses_contradictions(broken: dict[str, Any]) -> None:
    started(rows=1)
    assert Job.objects.update(done=5, total=5) == 1
    with pytest.raises(IntegrityError), transaction.atomic():
        Job.objects.update(**broken)
