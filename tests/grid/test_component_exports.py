"""Exports of components: as the list is narrowed, for whoever asked, harmless in a spreadsheet, readable again."""

import csv
import io
import json
from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone
from openpyxl import load_workbook

from governance.jobs.models import State
from governance.jobs.services import job_run
from governance.outbox.models import DomainEvent
from grid.code_files import SHIPPED
from grid.component_tables import COLUMNS, SHAPE
from grid.models import CodeItem, Component, ComponentExport, ComponentExportPart, ComponentState
from grid.services.codes import code_list_load
from grid.services.component_exports import KEPT, component_exports_expire
from grid.services.components import ComponentDraft, component_enter
from grid.tasks import run_files_expiry
from tests.factories.world import EAST, IN_EAST, IN_WEST, MORNING
from tests.requests_intake.conftest import _town, client_of, world  # noqa: F401

HOME = "/staff/inventory/exports/"


@pytest.fixture
def lamps(world, monkeypatch):  # noqa: F811
    """Two in the east, one of them damaged, one in the west; jobs take one row a step."""
    monkeypatch.setattr("governance.jobs.services.running.STEP_ROWS", 1)
    boss = world.viewer("operations")
    codes = code_list_load(shipped=SHIPPED["gbt47678-5-2026"], actor=boss, at=MORNING)
    item = CodeItem.objects.get(code_list=codes, kind="component", code="01037")
    for name, place, state in (("=1+1", IN_EAST, "intact"), ("灯二", IN_EAST, "damaged"), ("灯三", IN_WEST, "intact")):
        draft = ComponentDraft(
            item=item, name=name, state=state, started_on=MORNING.date(), lng=place[0], lat=place[1],
            manager=world.organisations["lamps"],
        )  # fmt: skip
        component_enter(draft=draft, submission_key=uuid4(), actor=boss, at=MORNING)


def exported(client, **fields):
    answer = client.post(HOME, fields)
    assert answer.status_code == 302
    made = ComponentExport.objects.first()
    assert job_run(job_id=made.job.pk, clock=timezone.now).state == State.DONE
    return client.get(f"{HOME}{made.public_id}/")


def test_what_the_list_shows_goes_out_in_three_forms(world, lamps, client_of):  # noqa: F811
    boss, head = client_of("operations"), client_of("head")
    sheet = load_workbook(io.BytesIO(exported(boss, format="xlsx").content)).active
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert rows[0][: len(COLUMNS)] == [str(column.title) for column in COLUMNS]
    assert [row[2] for row in rows[1:]] == ["=1+1", "灯二", "灯三"]
    assert {cell.data_type for cell in next(sheet.iter_rows(min_row=2, max_row=2)) if cell.value} == {"s"}
    body = exported(head, format="csv", area=EAST, state="damaged").content
    [only] = list(csv.DictReader(io.StringIO(body.decode("utf-8-sig"))))
    assert (only["名称"], only["状态"], only["主管单位名称"]) == ("灯二", "破损", world.organisations["lamps"].name)
    body = exported(head, format="csv").content  # the head sees the east alone
    assert [row["名称"] for row in csv.DictReader(io.StringIO(body.decode("utf-8-sig")))] == ["'=1+1", "灯二"]
    read = SHAPE.head_of(io.BytesIO(body))
    assert (read.format, SHAPE.proposed(read.titles)) == ("csv", {column.key: str(column.title) for column in COLUMNS})
    features = json.loads(exported(head, format="geojson").content)["features"]
    assert [one["geometry"]["coordinates"] for one in features] == [list(IN_EAST)] * 2
    assert not ComponentExportPart.objects.exists()
    assert DomainEvent.objects.filter(name="grid.components_exported").count() == 4
    assert Component.objects.filter(state=ComponentState.DAMAGED).count() == 1


def test_an_export_is_for_its_asker_and_for_a_week(lamps, client_of):  # noqa: F811
    boss = client_of("operations")
    assert exported(boss, format="csv").status_code == 200
    made = ComponentExport.objects.get()
    address = f"{HOME}{made.public_id}/"
    assert client_of("head").get(address).status_code == 404
    assert "下载 CSV" in boss.get(HOME).content.decode()
    assert boss.post(HOME, {"format": "exe"}).status_code == 302
    assert ComponentExport.objects.count() == 1
    assert component_exports_expire(at=made.created_at + KEPT - timedelta(minutes=1)) == 0
    ComponentExport.objects.update(expires_at=timezone.now() - timedelta(minutes=1))
    assert boss.get(address).status_code == 404  # before the nightly task has been here
    assert run_files_expiry() == 1
