"""Pages of the hotline's batches: hand in, look, file, take back; the mapping is edited on a page."""

import io
from urllib.parse import unquote

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from openpyxl import load_workbook

from governance.jobs.services import job_run
from governance.privacy.models import AccessLog
from requests_intake.models import BatchRow, ServiceRequest, UpstreamBatch, UpstreamSource
from tests.factories.world import DISTRICT, MORNING, STREET
from tests.requests_intake.upstream_files import csv_file, order, received, source_of, xlsx
from tests.sql import assert_sql

LIST = "/staff/upstream/"


@pytest.fixture(autouse=True)
def _morning(time_machine):
    time_machine.move_to(MORNING, tick=False)


@pytest.fixture
def source(world):
    return source_of()


@pytest.fixture
def dispatcher(client_of):
    return client_of("dispatcher")


def hand_in(client, source, file, name="工单.xlsx", **more):
    upload = SimpleUploadedFile(name, file.getvalue())
    return client.post(f"{LIST}new/", {"source": source.pk, "file": upload} | more)


def work(job):
    job_run(job_id=job.pk, clock=lambda: MORNING)


def test_from_the_table_to_the_requests_and_back(world, source, dispatcher):
    response = hand_in(dispatcher, source, xlsx([order(1), order(2), order(3, 主要内容="")]))
    page = dispatcher.get(response["Location"]).content.decode()
    assert "导入 2 件" in page
    assert "主要内容：空着" in page
    assert "13900000001" not in page  # the preview masks it
    assert "139****0001" in page
    assert not ServiceRequest.objects.exists()
    batch = UpstreamBatch.objects.get()
    dispatcher.post(reverse("intake:upstream-run", args=[batch.public_id]))
    running = dispatcher.get(response["Location"]).content.decode()
    assert 'hx-trigger="every 2s"' in running
    batch.refresh_from_db()
    work(batch.job)
    assert "已导入" in dispatcher.get(response["Location"]).content.decode()
    assert ServiceRequest.objects.count() == 2
    dispatcher.post(reverse("intake:upstream-collect", args=[batch.public_id]))
    batch.refresh_from_db()
    work(batch.results_job)
    taken = dispatcher.get(reverse("intake:upstream-results", args=[batch.public_id]))
    rows = list(load_workbook(io.BytesIO(taken.content)).active.iter_rows(values_only=True))
    assert rows[0][:2] == ("工单编号", "主要内容")
    assert [row[0] for row in rows[1:]] == ["BJ2026000001", "BJ2026000002"]
    assert rows[1][rows[0].index("办理状态")] == "已提交"
    assert unquote(taken["Content-Disposition"]).endswith("工单-results.xlsx")
    assert AccessLog.objects.filter(purpose="upstream_return").count() == 1


def test_broken_rows_come_back_with_reasons_and_are_handed_in_again(world, source, dispatcher):
    broken = order(1, 截止时间="尽快", 来电人="=HYPERLINK(1)")
    hand_in(dispatcher, source, csv_file([order(2), broken], "gb18030"), "工单.csv")
    batch = UpstreamBatch.objects.get()
    response = dispatcher.get(reverse("intake:upstream-broken", args=[batch.public_id]))
    text = response.content.decode("utf-8-sig")
    assert "没有导入的原因" in text
    assert "截止时间：日期没有看懂（尽快）" in text
    assert ",'=HYPERLINK(1)," in text
    mended = io.BytesIO(response.content.replace("尽快".encode(), b"2026-11-20"))
    hand_in(dispatcher, source, mended, "改好的.csv")
    row = BatchRow.objects.get(batch__file_name="改好的.csv")
    assert row.state == "good"
    assert "=HYPERLINK(1)" in row.cells


def test_a_file_that_is_none_is_told_beside_the_field(world, source, dispatcher):
    response = hand_in(dispatcher, source, io.BytesIO(b"%PDF-1.7"), "工单.xlsx")
    assert response.status_code == 422
    assert "这不是 Excel" in response.content.decode()
    assert dispatcher.post(f"{LIST}new/", {"source": source.pk}).status_code == 422
    wrong = hand_in(dispatcher, source, xlsx([order(1)], ["编号", "内容"]))
    assert "没有找到这几列：工单编号、主要内容" in wrong.content.decode()
    assert not UpstreamBatch.objects.exists()


def test_sent_twice_it_is_one_batch(world, source, dispatcher):
    key = "5b1a3c0e-0f55-4f0e-9d3c-8f4a1d2b3c4d"
    first = hand_in(dispatcher, source, xlsx([order(1)]), key=key)
    second = hand_in(dispatcher, source, xlsx([order(1)]), key=key)
    assert first["Location"] == second["Location"]


def test_merged_cells_are_warned_of(world, source, dispatcher):
    file = xlsx([order(1), order(2)])
    book = load_workbook(file)
    book.active.merge_cells("A2:A3")
    out = io.BytesIO()
    book.save(out)
    page = dispatcher.get(hand_in(dispatcher, source, out)["Location"]).content.decode()
    assert "合并的单元格" in page
    assert "工单编号：空着" in page


def test_the_mapping_is_a_page(world, source, dispatcher):
    address = reverse("intake:upstream-source", args=[source.key])
    page = dispatcher.get(address).content.decode()
    assert 'value="工单编号"' in page
    kept = {
        "name": "新热线",
        "area_code": STREET,
        "column_upstream_no": "单号",
        "column_body": "标题+内容",
        "values_kind": "表扬 = suggestion\n诉求＝help",
    }
    assert dispatcher.post(address, kept).status_code == 302
    source.refresh_from_db()
    assert source.columns == {"upstream_no": "单号", "body": "标题+内容"}
    assert source.values["kind"] == {"表扬": "suggestion", "诉求": "help"}
    bad = dispatcher.post(address, kept | {"column_body": "", "values_kind": "没有等号"})
    assert bad.status_code == 422
    assert "请写成：上级的写法 = 我们的编码" in bad.content.decode()
    assert "没有等号" in bad.content.decode()
    again = {"name": "新热线", "area_code": STREET, "column_upstream_no": "a", "column_body": "b"}
    assert "已经有同名的来源" in dispatcher.post(f"{LIST}sources/new/", again).content.decode()


def test_a_new_source_begins_with_the_usual_titles(world, dispatcher):
    assert "还没有来源" in dispatcher.get(f"{LIST}new/").content.decode()
    page = dispatcher.get(f"{LIST}sources/new/").content.decode()
    assert "一级分类+二级分类+三级分类" in page
    dispatcher.post(
        f"{LIST}sources/new/",
        {"name": "区热线", "area_code": STREET, "column_upstream_no": "编号", "column_body": "内容"},
    )
    assert UpstreamSource.objects.get().name == "区热线"


@pytest.mark.parametrize("name", ["handler", "clerk", "head", "supervisor", "stranger"])
def test_others_may_not(world, source, client_of, name):
    batch = received(world, source, xlsx([order(1)]))
    client = client_of(name)
    for address in [LIST, f"{LIST}new/", f"{LIST}{batch.public_id}/", f"{LIST}{batch.public_id}/broken/"]:
        assert client.get(address).status_code == 403
    assert client.post(f"{LIST}{batch.public_id}/run/").status_code == 403


def test_batches_of_other_areas_are_not_there(world, source, dispatcher):
    far = received(world, source_of(key="far", name="区热线"), xlsx([order(1)]))
    UpstreamBatch.objects.filter(pk=far.pk).update(area_code=DISTRICT)
    UpstreamSource.objects.filter(pk=far.source_id).update(area_code=DISTRICT)
    for address in [f"{LIST}{far.public_id}/", f"{LIST}{far.public_id}/broken/", f"{LIST}sources/far/"]:
        assert dispatcher.get(address).status_code == 404
    assert dispatcher.post(f"{LIST}{far.public_id}/run/").status_code == 404
    assert far.file_name not in dispatcher.get(LIST).content.decode()


@pytest.mark.parametrize("count", [1, 35])
def test_the_list_costs_the_same_however_long_it_is(world, source, dispatcher, count):
    for _ in range(count):
        received(world, source, xlsx([order(1), order(2)]))
    dispatcher.get(LIST)
    with assert_sql(7, at_most=True):
        page = dispatcher.get(LIST)
    assert ("下一页" in page.content.decode()) == (count > 30)
