"""Tables of components: read, judged row by row, written by a job once, changed by the next table."""

import csv
import io
import json
import zipfile
from uuid import uuid4

import pytest
from django.utils import timezone
from openpyxl import Workbook, load_workbook

from governance.jobs.models import State
from governance.jobs.services import job_cancel, job_run
from governance.outbox.models import DomainEvent
from grid.code_files import SHIPPED
from grid.component_judging import judge
from grid.component_tables import COLUMNS
from grid.coordinates import wgs84_to_gcj02
from grid.models import CodeSuccession, Component, ComponentImport, ComponentState
from grid.services.codes import code_list_load
from tests.factories.world import EAST_GRID, IN_EAST, IN_WEST, MORNING, OUTSIDE, WEST_GRID
from tests.requests_intake.conftest import _town, client_of, world  # noqa: F401

HOME = "/staff/inventory/imports/"
TITLES = [
    "种类代码",
    "标识码",
    "名称",
    "经度",
    "纬度",
    "位置",
    "所在网格",
    "状态",
    "主管单位名称",
    "初始日期",
    "几天检查一次",
]
IDENTITY = f"{EAST_GRID[:6]}01037000007"


@pytest.fixture
def codes(world):  # noqa: F811
    return code_list_load(shipped=SHIPPED["gbt47678-5-2026"], actor=world.viewer("operations"), at=MORNING)


@pytest.fixture
def boss(client_of, codes):  # noqa: F811
    return client_of("operations")


def line(**changes):
    """A good row, by key."""
    good = {"code": "01037", "lng": str(IN_EAST[0]), "lat": str(IN_EAST[1]), "manager_name": "市政设施所"}
    return {key: value for key, value in (good | changes).items() if value}


def judged(world, *rows, by="operations", datum="wgs84"):  # noqa: F811
    stored = [(number, row, {}) for number, row in enumerate(rows, start=2)]
    return judge(stored, datum=datum, actor=world.viewer(by), at=MORNING)


def whats(one):
    return [(column, what) for column, what, _value in one.problems]


def csv_of(*rows, titles=TITLES, encoding="utf-8"):
    out = io.StringIO()
    csv.writer(out).writerows([titles, *rows])
    return out.getvalue().encode(encoding)


def handed_in(client, body, name="parts.csv"):
    file = io.BytesIO(body)
    file.name = name
    return client.post(HOME, {"file": file, "key": uuid4()})


def run(row):
    row.refresh_from_db()
    done = job_run(job_id=row.job.pk, clock=timezone.now)
    row.refresh_from_db()
    return done


def checked(client, url, **changes):
    row = ComponentImport.objects.get(public_id=url.split("/")[-2])
    keys = {str(column.title): column.key for column in COLUMNS}
    fields = {keys[title]: title for title in row.titles if title in keys}
    answer = client.post(url, {"version": row.version, "datum": "wgs84", **fields, **changes})
    assert answer.status_code == 302, answer.content.decode()
    assert run(row).state == State.DONE
    return row


def written(client, row):
    answer = client.post(f"{HOME}{row.public_id}/write/", {"version": row.version})
    assert answer.status_code == 302
    return run(row)


def test_each_row_is_judged_by_the_rules(world, codes):  # noqa: F811
    """Kinds by code, name and old code; grids by position; words for states and dates; rights by area."""
    lamp = codes.items.get(code="01037", kind="component")
    CodeSuccession.objects.create(old_standard="CJ/T 214", kind="component", old_code="0199", old_name="灯", item=lamp)
    lng, lat = IN_EAST
    good = judged(
        world,
        line(),
        line(code="1037", name="一"),  # Excel drops the zero
        line(code=lamp.name, name="二"),
        line(code="0199", name="三"),
        line(code="", identity=f"{EAST_GRID[:6]}0199000008"),  # sixteen digits of the older standard
        line(name="四", state="破损", started_on="20260105", manager_name=world.organisations["lamps"].name),
        line(lng="", lat="", place="门口", area_code=EAST_GRID),
        line(name="五", area_code=WEST_GRID),  # the position counts
    )
    assert [whats(one) for one in good] == [[]] * 8
    assert {one.draft.item for one in good} == {lamp}
    assert {one.draft.area_code for one in good} == {EAST_GRID}
    assert good[4].draft.identity == f"{EAST_GRID[:6]}01037000008"
    assert good[5].draft.state == ComponentState.DAMAGED
    assert (good[5].draft.manager, good[5].draft.manager_name) == (world.organisations["lamps"], "")
    assert good[5].draft.started_on.isoformat() == "2026-01-05"
    shifted = [str(one) for one in wgs84_to_gcj02(lng, lat)]
    [back] = judged(world, line(lng=shifted[0], lat=shifted[1]), datum="gcj02")
    assert back.point == pytest.approx(IN_EAST, abs=1e-6)
    bad = judged(
        world,
        line(code="99999"),
        line(code=""),
        line(identity="7"),
        line(identity=f"{EAST_GRID[:6]}01001000007"),
        line(lng="东", name="x"),
        line(lng=""),
        line(lng=str(lat), lat=str(lng)),
        line(lng="1140000", lat="22"),
        line(lng=str(OUTSIDE[0]), lat=str(OUTSIDE[1])),
        line(lng="", lat="", place="门口", area_code="990105001001999"),
        line(lng="", lat="", place="门口"),
        line(state="旧"),
        line(started_on="2026-13-01"),
        line(inspect_every="0"),
        line(manager_name=""),
        line(note="x" * 1001),
        line(name="同"),
        line(name="同"),
    )
    assert [whats(one) for one in bad] == [
        [("code", "kind_unknown")],
        [("code", "missing")],
        [("identity", "identity_shape")],
        [("identity", "identity_of_other_kind")],
        [("lng", "not_a_number")],
        [("lng", "half")],
        [("lng", "swapped")],
        [("lng", "out_of_range")],
        [("lng", "outside")],
        [("area_code", "area_unknown")],
        [("place", "nowhere")],
        [("state", "state_unknown")],
        [("started_on", "date_unreadable")],
        [("inspect_every", "days_wrong")],
        [("manager_name", "missing")],
        [("note", "too_long")],
        [],
        [("identity", "same_spot")],
    ]
    east, west = judged(world, line(), line(lng=str(IN_WEST[0]), lat=str(IN_WEST[1])), by="head")
    assert (whats(east), whats(west)) == ([], [("area_code", "not_yours")])


def test_a_table_goes_in_once_and_the_next_one_changes_it(world, boss, client_of):  # noqa: F811
    lng, lat = IN_EAST
    rows = [
        ["01037", IDENTITY, "灯一", lng, lat, "", "", "完好", "市政设施所", "2026-01-05", "30"],
        ["01037", "", "灯二", lng, lat, "", "", "", "市政设施所", "", ""],
        ["01037", IDENTITY, "灯三", lng, lat, "", "", "", "市政设施所", "", ""],
        ["88888", "", "=1+1", lng, lat, "", "", "", "市政设施所", "", ""],
    ]
    url = handed_in(boss, csv_of(*rows, encoding="gb18030"), "部件.csv")["Location"]
    assert '<option value="种类代码" selected>' in boss.get(url).content.decode()
    assert boss.post(url, {"version": 1, "code": "种类代码", "manager_name": "种类代码"}).status_code == 422
    row = checked(boss, url)
    report = boss.get(url).content.decode()
    assert "写入 2 行" in report
    assert "和第 2 行重复" in report
    assert "代码表里没有“88888”" in report
    assert not Component.objects.exists()
    book = load_workbook(io.BytesIO(boss.get(f"{url}faults/").content))
    assert [cell.value for cell in next(book.active.iter_rows(min_row=3, max_row=3))][:3] == ["88888", None, "=1+1"]
    assert boss.post(f"{url}write/", {"version": "1"}).status_code == 409
    assert written(boss, row).state == State.DONE
    lamp = Component.objects.get(identity=IDENTITY)
    assert (lamp.name, lamp.area_code, lamp.inspect_every) == ("灯一", EAST_GRID, 30)
    assert lamp.entries.get().kind == "imported"
    assert Component.objects.count() == 2
    assert DomainEvent.objects.filter(name="grid.component_entered").count() == 2
    assert bytes(row.content) == b""
    assert boss.post(f"{url}write/", {"version": row.version}).status_code == 409
    assert client_of("head").get(url).status_code == 404  # one's own only

    rows[0][2], rows[0][7], rows[0][10] = "灯一", "破损", ""  # an empty cell changes nothing
    second = checked(boss, handed_in(boss, csv_of(*rows[:2]))["Location"])
    part = second.parts.get()
    assert (part.new, part.changed, part.same, part.refused) == (0, 1, 1, 0)
    written(boss, second)
    lamp.refresh_from_db()
    assert (lamp.state, lamp.inspect_every) == (ComponentState.DAMAGED, 30)
    assert lamp.entries.order_by("pk").last().fields == ["state"]
    assert Component.objects.count() == 2


def test_a_cancelled_job_goes_on_and_a_doubtful_datum_is_asked_about(world, boss, monkeypatch):  # noqa: F811
    monkeypatch.setattr("governance.jobs.services.running.STEP_ROWS", 2)
    lng, lat = wgs84_to_gcj02(*IN_EAST)
    points = [(lng + n * 1e-6, lat) for n in range(5)]
    titles = ["kind", "x", "y", "主管部门"]
    body = csv_of(*(["01037", *point, "所"] for point in points), titles=titles)
    url = handed_in(boss, body)["Location"]
    fields = {"code": "kind", "lng": "x", "lat": "y", "manager_name": "主管部门"}
    swapped = checked(boss, url, **fields | {"lng": "y", "lat": "x"})
    assert swapped.hints["swapped"] <= swapped.hints["all"] == 5
    row = checked(boss, url, **fields, datum="gcj02")
    assert (row.hints["gcj02"], row.parts.count()) == (5, 3)
    boss.post(f"{url}write/", {"version": row.version})
    row.refresh_from_db()
    job_cancel(job=row.job, actor=world.viewer("operations"), at=timezone.now())
    assert not Component.objects.exists()
    from grid.services.component_imports import component_import_write

    viewer = world.viewer("operations")
    component_import_write(pk=row.pk, seen=row.version, number=0, actor=viewer, at=MORNING)
    component_import_write(pk=row.pk, seen=row.version, number=0, actor=viewer, at=MORNING)  # again: harmless
    assert Component.objects.count() == 2
    assert boss.post(url, {"version": row.version, "datum": "gcj02", **fields}).status_code == 409  # half written
    assert "接着写入" in boss.get(url).content.decode()
    assert written(boss, row).state == State.DONE
    assert Component.objects.count() == 5


def test_files_that_cannot_be_read_say_why(boss):
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/sharedStrings.xml", bytes(97 << 20))
    for body, words in (
        (b"", "空的"),
        (bomb.getvalue(), "解开后太大"),
        (b"PK\x03\x04broken", "打不开"),
        (b"\xd0\xcf\x11\xe0old", "旧格式"),
        (csv_of(titles=TITLES), "列名下面没有行"),
        (csv_of(["1", "2"], titles=["甲", "乙"]), "没有认出列名"),
        (csv_of(["1", "2"], titles=["名称", "名称"]), "出现了两次"),
        (b'{"type": "FeatureCollection", "features": [', "不是 GeoJSON"),
    ):
        answer = handed_in(boss, body)
        assert answer.status_code == 422, words
        assert words in answer.content.decode()


def test_excel_with_a_merged_heading_and_geojson_read_alike(boss):
    book = Workbook()
    sheet = book.active
    sheet.append(["某街道部件普查表"])
    sheet.merge_cells("A1:D1")
    sheet.append(["部件代码", "经度", "纬度", "主管单位"])
    sheet.append(["01037", *IN_EAST, "市政设施所"])
    out = io.BytesIO()
    book.save(out)
    url = handed_in(boss, out.getvalue(), "a.xlsx")["Location"]
    assert "合并的单元格" in boss.get(url).content.decode()
    fields = {"code": "部件代码", "lng": "经度", "lat": "纬度", "manager_name": "主管单位"}
    first = checked(boss, url, **fields)
    point = {"type": "Point", "coordinates": list(IN_EAST)}
    feature = {"type": "Feature", "properties": {"objcode": "01037", "deptname1": "市政设施所"}, "geometry": point}
    body = json.dumps({"type": "FeatureCollection", "features": [feature, {"properties": 3}]}).encode()
    geo = handed_in(boss, body, "a.geojson")["Location"]
    opened = boss.get(geo).content.decode()
    assert '<option value="objcode" selected>' in opened
    second = checked(boss, geo, code="objcode", lng="lng", lat="lat", manager_name="deptname1")
    for row in (first, second):
        part = row.parts.get()
        assert (part.new, part.refused) == (1, 0)
    book = load_workbook(io.BytesIO(boss.get(f"{HOME}template/").content))
    assert book.active["A1"].value == "种类代码 *"
