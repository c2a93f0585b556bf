"""The burden board counts what was asked, its figures open their rows; appraisals are registered and capped."""

import re
from datetime import date, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from governance.errors import DomainError, Forbidden
from governance.facts import known
from grid.burden import board_of
from grid.models import Appraisal, BurdenCell, DutyItem
from grid.services import tasks_doing as doing
from grid.services.admissions import admission_decide
from grid.services.burden import AppraisalDraft, appraisal_register, appraisals_in, burden_recount
from grid.services.tasks import task_cancel
from grid.services.tasks_sweeping import admitted_send
from tests.factories.world import DISTRICT, EAST, EAST_GRID, MORNING, STREET, WEST
from tests.grid.test_tasks import answered, asked, of, refused, town  # noqa: F401
from tests.requests_intake.conftest import _town, client_of, world  # noqa: F401
from tests.sql import assert_sql

NOV = date(2026, 11, 1)
KNOWN = ({"label": "", "kind": "", "fact": "grid.grids"},)


def cells():
    return sorted(BurdenCell.objects.values_list("area_code", "month", "asks", "forms", "known", "hours"))


def test_cells_follow_what_is_asked_taken_back_and_counted_anew(town):  # noqa: F811
    boss = town.viewer("supervisor")
    first = asked(town)
    asked(town, addressees=[EAST], kind="form", fields=[{"label": "几户", "kind": "number", "fact": ""}])
    asked(town, by="head", area_code=EAST, addressees=[EAST_GRID])
    asked(town, addressees=[EAST], grounds="要", duty="B-1")
    east, west = (EAST, NOV, 2, 1, 0, Decimal("3.0")), (WEST, NOV, 1, 0, 0, Decimal("1.5"))
    assert cells() == [east, west], "grids are asked by their own community; what waits for an admission is no burden"
    doing.assignment_cancel(assignment=of(first, WEST), text="发错了", actor=boss, at=MORNING)
    answered(town, first)
    assert [row[2] for row in cells()] == [2, 0]
    burden_recount()
    assert cells() == [east], "the same from the rows, without empty cells"
    task_cancel(task=first, text="不做了", actor=boss, at=MORNING)
    assert [row[2:] for row in cells()] == [(1, 1, 0, Decimal("1.5"))], "taken back before anybody took the answer"
    # the last minute of the month, by the clock of the office
    asked(town, at=MORNING.replace(day=30, hour=15, minute=59), addressees=[WEST])
    asked(town, at=MORNING.replace(day=30, hour=16, minute=1), addressees=[WEST])
    assert [(row[1].month, row[2]) for row in cells() if row[0] == WEST and row[2]] == [(11, 1), (12, 1)]


def test_the_board_compares_and_its_figures_open_their_rows(town, client_of, time_machine):  # noqa: F811
    lamps = town.organisations["lamps"]
    for addressees, more in (
        ([EAST, WEST], {}),
        ([EAST], {"organisation": lamps, "hours": Decimal(6)}),
        ([EAST], {"kind": "form", "fields": KNOWN, "grounds": "要"}),
    ):
        task = asked(town, addressees=addressees, **more)
    second = town.viewer("second_supervisor")
    decided = admission_decide(application=task.application, is_admitted=True, text="行", actor=second, at=MORNING)
    BurdenCell.objects.create(
        area_code=EAST, month=date(2025, 10, 1), organisation=lamps, asks=9, forms=4, known=4, hours=Decimal(20)
    )
    assert admitted_send(at=decided.earliest_at) == 1
    with assert_sql(7, at_most=True):
        board = board_of(STREET, NOV, MORNING.date())
    assert [(line.area.code, line.now["asks"], line.now["hours"]) for line in board.lines] == [
        (EAST, 2, Decimal("7.5")), (WEST, 1, Decimal("1.5")),
    ]  # fmt: skip
    assert (board.average["asks"], board.average["hours"]) == (Decimal("1.5"), Decimal("4.5"))
    assert [(one.label, one.sums["hours"]) for one in board.organisations] == [
        (lamps.name, Decimal(6)), (town.organisations["street"].name, Decimal(3)),
    ]  # fmt: skip
    later = board_of(EAST, date(2026, 12, 1), MORNING.date())
    assert (later.lines[0].now["known"], later.average["known"]) == (1, Decimal("0.5")), "one's own, and the average"
    assert board_of(STREET, date(2026, 10, 1), MORNING.date()).lines[0].before["asks"] == 9
    BurdenCell.objects.filter(month=date(2025, 10, 1)).delete()  # which no rows stand behind
    time_machine.move_to(MORNING + timedelta(hours=1), tick=False)
    for name, areas in (("supervisor", 2), ("head", 1), ("district", 2)):
        page = client_of(name).get(reverse("grid:burden") + "?month=2026-11")
        assert page.status_code == 200
        assert page.text.count("?area=9901050010") == areas, name
        for url, shown in re.findall(r'href="(/staff/tasks/[^"]+)">([\d.,]+)</a>', page.text):
            rows = client_of(name).get(url.replace("&amp;", "&")).text.count('<tr><th scope="row">')
            assert "." in shown or rows == int(shown), (name, url, shown)  # hours are the sum of those rows
    assert client_of("head").get(reverse("grid:burden") + f"?area={WEST}").status_code == 404
    assert client_of("grid_worker").get(reverse("grid:burden")).status_code == 403


def draft(town, **changes):  # noqa: F811
    values = {
        "title": "年底考核", "organisation": town.organisations["street"], "area_code": EAST, "ground": "文件",
        "indicators": "居民满意", "starts_on": date(2026, 12, 1), "ends_on": date(2026, 12, 20),
    }  # fmt: skip
    return AppraisalDraft(**values | changes)


def test_appraisals_are_registered_and_beyond_the_cap_only_admitted_ones(town):  # noqa: F811
    boss, key = town.viewer("supervisor"), uuid4()
    register = {"do": appraisal_register, "actor": boss, "at": MORNING}
    first = appraisal_register(draft=draft(town), submission_key=key, actor=boss, at=MORNING)
    assert appraisal_register(draft=draft(town), submission_key=key, actor=boss, at=MORNING) == first
    for changes, field in (
        ({}, "starts_on"),
        ({"area_code": STREET}, "starts_on"),
        ({"title": ""}, "title"),
        ({"organisation": None}, "organisation"),
        ({"area_code": EAST_GRID}, "area_code"),
        ({"ends_on": date(2026, 11, 1)}, "ends_on"),
        ({"starts_on": None}, "starts_on"),
    ):
        refused(DomainError, field, draft=draft(town, **changes), submission_key=uuid4(), **register)
    refused(Forbidden, draft=draft(town, area_code=DISTRICT), submission_key=uuid4(), **register)
    other = appraisal_register(draft=draft(town, area_code=WEST), submission_key=uuid4(), actor=boss, at=MORNING)
    assert other.pk, "each community has a year of its own"
    assert [appraisals_in(code, 2026) for code in (EAST, WEST, STREET, DISTRICT)] == [1, 1, 1, 1]
    assert appraisals_in(EAST, 2027) == 0
    task = asked(town, is_appraisal=True, grounds="上级要求")
    assert task.application.reasons == ["appraisal", "over_cap"]
    refused(DomainError, "task", draft=draft(town, task=task), submission_key=uuid4(), **register)
    second = town.viewer("second_supervisor")
    admission_decide(application=task.application, is_admitted=True, text="行", actor=second, at=MORNING)
    task.refresh_from_db()
    assert appraisal_register(draft=draft(town, task=task), submission_key=uuid4(), actor=boss, at=MORNING).task == task
    assert set(Appraisal.objects.visible_to(town.viewer("head")).values_list("area_code", flat=True)) == {EAST}
    above = Appraisal.objects.filter(pk=other.pk)
    above.update(area_code=STREET)
    assert Appraisal.objects.visible_to(town.viewer("head")).count() == 3, (
        "what the street does concerns its communities"
    )
    with pytest.raises(IntegrityError), transaction.atomic():
        above.update(ends_on=date(2020, 1, 1))


def test_what_the_portal_knows_is_put_in_with_its_source(town, client_of, time_machine):  # noqa: F811
    time_machine.move_to(MORNING, tick=False)
    keys = ["grid.grids", "grid.components", "intake.open", "nobody.knows"]
    found = known(keys, EAST, MORNING)
    assert found["grid.grids"].value == "1"
    assert set(found) == {"grid.grids", "grid.components", "intake.open"}
    fields = [{"label": "网格", "kind": "", "fact": "grid.grids"}, {"label": "备注", "kind": "text", "fact": ""}]
    row = of(asked(town, kind="form", fields=fields), EAST)
    page = client_of("head").get(reverse("grid:task", args=[row.public_id])).text
    assert 'name="field_0" value="1"' in page
    assert "已知：1（区域资料）" in page
    done = doing.assignment_answer(
        assignment=row, text="", values=["2", "新增一个"], file_ids=(), actor=town.viewer("head"), at=MORNING
    )
    assert done.values == ["2", "新增一个"], "to confirm or to change"
    assert "门户里是 1" in client_of("supervisor").get(reverse("grid:task", args=[row.public_id])).text
    assert DutyItem.objects.filter(code="P-1").exists()
