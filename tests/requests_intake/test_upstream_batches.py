"""A batch of the hotline: checked before anything is filed, each number once, broken rows with their reasons."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from governance.errors import DomainError, Forbidden, StaleState
from governance.jobs.models import State
from governance.jobs.services import job_cancel, job_run
from governance.outbox.models import DomainEvent
from requests_intake.models import BatchRow, Clock, ServiceRequest, UpstreamBatch, UpstreamOrder
from requests_intake.services.upstream import batch_receive, batch_recheck, batch_run, batch_step, batches_forget
from requests_intake.services.upstream_results import results_start
from requests_intake.services.upstream_sources import source_save
from requests_intake.upstream.fields import USUAL_TITLES
from requests_intake.upstream.results import result_rows, result_titles
from tests.factories.world import DISTRICT, EAST, MORNING, STREET
from tests.requests_intake.upstream_files import csv_file, order, received, source_of, xlsx
from tests.requests_intake.walk import to_state


@pytest.fixture
def source(world):
    return source_of()


def states(batch) -> Counter:
    return Counter(BatchRow.objects.filter(batch=batch).values_list("state", flat=True))


def run(world, batch, person="dispatcher"):
    """Start the job and do what a worker would."""
    job = batch_run(batch=batch, actor=world.viewer(person), at=MORNING)
    return job_run(job_id=job.pk, clock=lambda: MORNING)


def test_an_order_becomes_a_request_with_all_that_upstream_knows(world, source):
    batch = received(world, source, xlsx([order(7)]))
    assert not ServiceRequest.objects.exists()
    job = run(world, batch)
    assert (job.state, job.done, job.total) == (State.DONE, 1, 1)
    request = ServiceRequest.objects.get()
    assert (request.channel, request.kind, request.state) == ("hotline", "help", "submitted")
    assert (request.category, request.area_code) == (world.categories["lamp"], EAST)
    assert request.entered_by == world.people["dispatcher"]
    assert request.address == "槐安里 7 号楼"
    assert request.contact.phone == "13900000007"
    known = request.upstream
    assert (known.upstream_no, known.source, known.batch) == ("BJ2026000007", source, batch)
    assert known.dispatched_at == MORNING
    assert known.due_at == MORNING + timedelta(days=2)
    # two days of the hotline are sooner than our seven
    assert request.due_at == request.original_due_at == known.due_at
    assert Clock.objects.get(request=request, kind="answer").due_at == known.due_at


def test_thirty_broken_and_fifty_repeated_of_many(world, source):
    first = received(world, source, xlsx([order(number) for number in range(50)]))
    run(world, first)
    rows = [order(number) for number in range(150)] + [order(1000 + n, 主要内容="") for n in range(30)]
    batch = received(world, source, xlsx(rows))
    assert states(batch) == {"good": 100, "broken": 30, "repeated": 50}
    run(world, batch)
    assert states(batch) == {"filed": 100, "broken": 30, "repeated": 50}
    assert ServiceRequest.objects.count() == UpstreamOrder.objects.count() == 150


def test_run_again_nothing_changes(world, source):
    batch = received(world, source, xlsx([order(1), order(2)]))
    run(world, batch)
    before = list(ServiceRequest.objects.order_by("pk").values())
    run(world, batch)
    run(world, received(world, source, xlsx([order(1), order(2)])))
    assert list(ServiceRequest.objects.order_by("pk").values()) == before


def test_a_changed_row_is_told_and_not_applied(world, source):
    run(world, received(world, source, xlsx([order(1)])))
    again = received(world, source, xlsx([order(1, 主要内容="又来电催办", 联系方式="13800000000")]))
    row = BatchRow.objects.get(batch=again)
    assert row.state == "changed"
    assert [title for _code, title, _word in row.remarks] == ["主要内容", "联系方式"]
    run(world, again)
    assert ServiceRequest.objects.get().body == order(1)["主要内容"]


def test_the_same_number_twice_in_a_file(world, source):
    batch = received(world, source, xlsx([order(1), order(1), order(1, 主要内容="另一件事")]))
    assert states(batch) == {"good": 1, "repeated": 1, "changed": 1}
    run(world, batch)
    assert ServiceRequest.objects.count() == 1


def test_cancelled_between_steps_the_rest_waits(world, source, monkeypatch):
    batch = received(world, source, xlsx([order(number) for number in range(5)]))
    monkeypatch.setattr("governance.jobs.services.running.STEP_ROWS", 2)
    job = batch_run(batch=batch, actor=world.viewer("dispatcher"), at=MORNING)
    step = batch_step

    def cancelling(**given):
        done = step(**given)
        job_cancel(job=job, actor=world.viewer("dispatcher"), at=MORNING)
        return done

    monkeypatch.setattr("requests_intake.job_kinds.batch_step", cancelling)
    ended = job_run(job_id=job.pk, clock=lambda: MORNING)
    assert (ended.state, ended.done) == (State.CANCELLED, 2)
    assert states(batch) == {"filed": 2, "good": 3}
    monkeypatch.setattr("requests_intake.job_kinds.batch_step", step)
    run(world, batch)
    assert states(batch) == {"filed": 5}


def test_a_job_that_runs_is_not_started_twice(world, source):
    batch = received(world, source, xlsx([order(1)]))
    batch_run(batch=batch, actor=world.viewer("dispatcher"), at=MORNING)
    with pytest.raises(StaleState):
        batch_run(batch=batch, actor=world.viewer("dispatcher"), at=MORNING)


# --- what rows say ---


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"工单编号": ""}, "missing"),
        ({"工单编号": "x" * 65}, "too_long"),
        ({"工单编号": 2026112012345678901}, "digits_lost"),
        ({"主要内容": "  "}, "missing"),
        ({"主要内容": "字" * 10_001}, "too_long"),
        ({"主要内容": "=A1&B1"}, "formula"),
        ({"工单类型": "表扬"}, "unknown"),
        ({"截止时间": "尽快"}, "no_moment"),
        ({"截止时间": "2026-13-40"}, "no_moment"),
        ({"截止时间": "2020-01-01"}, "due_before_sent"),
    ],
)
def test_broken_rows_and_why(world, source, changes, code):
    batch = received(world, source, xlsx([order(1) | changes, order(2)]))
    broken = BatchRow.objects.get(batch=batch, line=2)
    assert (broken.state, [remark[0] for remark in broken.remarks]) == ("broken", [code])
    run(world, batch)
    assert ServiceRequest.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"三级分类": "没见过的事"}, "unknown"),
        ({"三级分类": "火情"}, "emergency"),
        ({"处理社区": "别的社区"}, "unknown"),
        ({"联系方式": "保密"}, "no_phone"),
    ],
)
def test_what_is_only_noted_does_not_stop_an_order(world, source, changes, code):
    batch = received(world, source, xlsx([order(1) | changes]))
    row = BatchRow.objects.get()
    assert (row.state, [remark[0] for remark in row.remarks]) == ("good", [code])
    run(world, batch)
    request = ServiceRequest.objects.get()
    assert request.area_code == (STREET if "处理社区" in changes else EAST)
    assert (request.category is None) == ("三级分类" in changes)


@pytest.mark.parametrize(
    "written",
    [
        datetime(2026, 11, 19, 10, 0),
        "2026-11-19 10:00",
        "2026/11/19 10:00:00",
        "2026年11月19日10时00分",
        "20261119100000",
        46345.41666666667,
        "46345.41666666667",
    ],
)
def test_dates_in_every_writing(world, source, written):
    run(world, received(world, source, xlsx([order(1, 截止时间=written)])))
    assert UpstreamOrder.objects.get().due_at == datetime(2026, 11, 19, 2, 0, tzinfo=UTC)


def test_a_due_day_lasts_until_its_end(world, source):
    run(world, received(world, source, xlsx([order(1, 截止时间="2026-11-19")])))
    assert UpstreamOrder.objects.get().due_at == datetime(2026, 11, 19, 15, 59, 59, tzinfo=UTC)


def test_a_promise_that_is_already_over_is_due_at_once(world, source):
    past = MORNING - timedelta(days=1)
    run(world, received(world, source, xlsx([order(1, 派单时间="2026-11-10", 截止时间="2026-11-16 10:00")])))
    request = ServiceRequest.objects.get()
    assert request.original_due_at == past
    assert Clock.objects.get(request=request, kind="answer").due_at == MORNING


def test_their_words_lead_to_our_codes_by_the_tables_of_the_source(world, source):
    source.values = {
        "kind": {"诉求": "complaint"},
        "category": {"照明 / 路灯": "010101", "照明": "010102"},
        "area": {"青禾": "990105001002"},
        "organisation": {"市政": "市政设施所"},
        "channel": {"1": "微信"},
    }
    source.columns |= {"category": "大类+小类", "channel": "来源", "organisation": "承办"}
    source.save()
    titles = ["工单编号", "主要内容", "工单类型", "大类", "小类", "处理社区", "来源", "承办"]
    one = order(1, 工单类型="诉求", 大类="照明", 小类="路灯", 处理社区="青禾", 来源="1", 承办="市政")
    two = order(2, 大类="照明", 小类="别的", 来源="电话", 承办="没有的")
    run(world, received(world, source, xlsx([one, two], titles)))
    first, second = ServiceRequest.objects.order_by("pk")
    assert (first.kind, first.category.code, first.area_code) == ("complaint", "010101", "990105001002")
    assert first.probable_organisation == world.organisations["lamps"]
    assert (first.upstream.channel, second.upstream.channel) == ("微信", "电话")
    assert second.category.code == "010102"


def test_the_mapping_is_changed_and_the_rows_are_read_anew(world, source):
    batch = received(world, source, xlsx([order(1, 工单类型="表扬"), order(2)]))
    assert states(batch) == {"broken": 1, "good": 1}
    source_save(
        source=source, key=source.key, name=source.name, name_en="", area_code=STREET, columns=source.columns,
        values={"kind": {"表扬": "suggestion"}}, actor=world.viewer("dispatcher"), at=MORNING,
    )  # fmt: skip
    assert batch_recheck(batch=UpstreamBatch.objects.get(pk=batch.pk), actor=world.viewer("dispatcher")) == {"good": 2}
    run(world, batch)
    assert ServiceRequest.objects.filter(kind="suggestion").count() == 1


def test_a_heading_above_the_titles_and_empty_lines(world, source):
    file = xlsx([order(1), {}, order(2)], above=("12345 工单明细表", ""))
    batch = received(world, source, file)
    assert list(BatchRow.objects.filter(batch=batch).values_list("line", flat=True)) == [4, 6]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_csv_in_the_encodings_that_offices_use(world, source, encoding):
    batch = received(world, source, csv_file([order(1)], encoding))
    run(world, batch)
    assert ServiceRequest.objects.get().body == order(1)["主要内容"]


def test_records_of_the_past_keep_their_date_and_call_nobody(world, source):
    old = order(1, 派单时间="2018-03-05 09:30", 截止时间="2018-03-12 18:00")
    run(world, received(world, source, xlsx([old]), is_history=True))
    request = ServiceRequest.objects.get()
    assert request.submitted_at == datetime(2018, 3, 5, 1, 30, tzinfo=UTC)
    assert request.number.startswith("20180305")
    assert set(Clock.objects.filter(request=request).values_list("next_at", flat=True)) == {None}
    assert not DomainEvent.objects.filter(name="requests_intake.submitted").exists()


# --- what is refused as a whole; who may ---


def test_wrong_columns_are_named(world, source):
    with pytest.raises(DomainError) as refused:
        received(world, source, xlsx([order(1)], ["编号", "内容"]))
    assert (refused.value.code, refused.value.field) == ("columns_missing", "file")
    assert "工单编号、主要内容" in str(refused.value)
    assert "编号、内容" in str(refused.value)
    with pytest.raises(DomainError, match="两次"):
        received(world, source, xlsx([order(1)], ["工单编号", "主要内容", "主要内容"]))
    with pytest.raises(DomainError, match="没有内容"):
        received(world, source, xlsx([]))


def test_the_same_form_sent_twice_is_one_batch(world, source):
    key = uuid4()
    given = {"source": source, "file_name": "a.xlsx", "key": key, "actor": world.viewer("dispatcher"), "at": MORNING}
    first = batch_receive(upload=xlsx([order(1)]), **given)
    assert batch_receive(upload=xlsx([order(2)]), **given) == first


def test_outside_one_s_area_nothing_is_received_or_run(world, source):
    far = source_of(key="far", name="区级热线", area_code=DISTRICT)
    for person, where in [("dispatcher", far), ("clerk", source), ("supervisor", source)]:
        with pytest.raises(Forbidden):
            received(world, where, xlsx([order(1)]), person)
    batch = received(world, source, xlsx([order(1)]))
    for call in (batch_run, results_start):
        with pytest.raises(Forbidden):
            call(batch=batch, actor=world.viewer("supervisor"), at=MORNING)
    with pytest.raises(Forbidden):
        source_save(
            source=None, key="x", name="x", name_en="", area_code=DISTRICT, columns=USUAL_TITLES, values={},
            actor=world.viewer("dispatcher"), at=MORNING,
        )  # fmt: skip


# --- what goes back, what is forgotten ---


def test_results_go_back_in_the_same_form(world, source):
    batch = received(world, source, xlsx([order(1), order(2)]))
    run(world, batch)
    done = UpstreamOrder.objects.get(upstream_no="BJ2026000001")
    closed = to_state(world, "closed")
    ServiceRequest.objects.filter(pk=done.request_id).update(submission_key="moved")
    UpstreamOrder.objects.filter(pk=done.pk).update(request=closed)
    job = results_start(batch=batch, actor=world.viewer("dispatcher"), at=MORNING)
    ended = job_run(job_id=job.pk, clock=lambda: MORNING)
    assert (ended.state, ended.done, ended.total) == (State.DONE, 2, 2)
    titles = result_titles(batch)
    assert titles[: len(batch.titles)] == batch.titles
    rows = [dict(zip(titles, row, strict=True)) for row in result_rows(batch, batch.orders.order_by("pk"))]
    assert [row["工单编号"] for row in rows] == ["BJ2026000001", "BJ2026000002"]
    assert (rows[0]["办理状态"], rows[0]["处理科室"], rows[0]["是否解决"]) == ("已办结", "市政设施所", "解决了")
    assert rows[0]["是否联系"] == "是"
    assert rows[0]["回复内容"]
    assert rows[0]["办结时间"].startswith("2026-")
    assert (rows[1]["办理状态"], rows[1]["回复内容"], rows[1]["是否解决"]) == ("已提交", "", "")


def test_rows_are_forgotten_and_the_orders_stay(world, source):
    batch = received(world, source, xlsx([order(1), order(2, 主要内容="")]))
    run(world, batch)
    assert batches_forget(at=MORNING + timedelta(days=29)) == 0
    assert batches_forget(at=MORNING + timedelta(days=31)) == 1
    assert not BatchRow.objects.exists()
    assert UpstreamOrder.objects.count() == 1
    assert batches_forget(at=MORNING + timedelta(days=31)) == 0
