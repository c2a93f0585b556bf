"""The indicators of evaluation against plain counts of the rows; what has no denominator has no data."""

from datetime import timedelta

import pytest
from django.urls import reverse

from governance.access.viewer import SYSTEM
from governance.dashboards.periods import period_at
from grid.services.checks import CheckPlace, check_complete, check_create
from requests_intake.models import ServiceRequest
from requests_intake.panels.evaluation import FoundPanel, HandledPanel, LooksPanel
from requests_intake.services.interventions import request_supervise
from requests_intake.services.rollups import rollups_fold_all
from tests.factories.bulk import scatter
from tests.factories.world import EAST, EAST_GRID, MORNING, STREET, WEST
from tests.requests_intake.walk import to_state
from tests.sql import assert_sql


@pytest.fixture
def lived(world, time_machine):
    """Requests of residents and of patrols, done in time, late, again, and not at all."""
    time_machine.move_to(MORNING, tick=False)
    scatter(world, 60, seed=5)
    lamps = world.organisations["lamps"]
    rows = list(ServiceRequest.objects.filter(area_code__startswith=EAST).order_by("pk")[:8])
    assert len(rows) == 8
    for number, row in enumerate(rows):
        row.channel = "patrol" if number < 3 else row.channel
        row.due_at = MORNING - timedelta(days=3, hours=number)
        row.dispatched_at, row.organisation = row.due_at - timedelta(days=1), lamps
        row.rework_count = int(number == 4)
        row.state, row.ended_as, row.closed_at, row.replied_at = "in_progress", "", None, None
        row.next_due_at = row.due_at
        if number < 6:  # answered: the fourth of them late
            row.replied_at = row.due_at + timedelta(hours=5 if number == 3 else -5)
            row.state = "callback"
        if number < 2:
            row.state, row.ended_as, row.closed_at, row.next_due_at = "closed", "closed", row.due_at, None
    fields = "channel due_at dispatched_at organisation rework_count state ended_as closed_at replied_at next_due_at"
    others = ServiceRequest.objects.exclude(pk__in=[row.pk for row in rows])
    others.update(due_at=MORNING + timedelta(days=5))  # not due yet: nobody owes them
    ServiceRequest.objects.bulk_update(rows, fields.split())
    until = (MORNING + timedelta(days=2)).date()
    request_supervise(request=rows[7], text="请说明", until=until, actor=world.viewer("supervisor"), at=MORNING)
    return world


def cells(data):
    return {row["label"]: list(row["values"]) for row in data["rows"]}


@pytest.mark.parametrize("folded", [True, False])
def test_indicators_of_areas_and_offices_equal_a_plain_count(lived, folded):
    if folded:
        rollups_fold_all()
    viewer, period = lived.viewer("supervisor"), period_at("30", MORNING)
    with assert_sql(4, at_most=True):
        found = FoundPanel().data(viewer, STREET, period)
    rows = ServiceRequest.objects.filter(submitted_at__gte=period.start, submitted_at__lt=period.end)
    for name, code in (("槐安社区", EAST), ("青禾社区", WEST)):
        mine = [row for row in rows if row.area_code.startswith(code)]
        patrolled = [row for row in mine if row.channel == "patrol"]
        settled = [row for row in mine if row.ended_as in ("closed", "answered")]
        assert cells(found)[name] == [
            len(mine),
            round(len(mine) / 1, 1),
            100 * (len(mine) - len(patrolled)) / len(mine),
            100 * len(settled) / len(mine),
        ]
    assert any(row.channel == "patrol" for row in rows)
    with assert_sql(3):
        handled = HandledPanel().data(viewer, STREET, period)
    eighth = 100 / 8
    assert cells(handled) == {"市政设施所": [8, 6 * eighth, 5 * eighth, 2 * eighth, eighth, 3 * eighth, eighth]}
    assert list(HandledPanel.sheet(handled)[1][0])[:2] == ["市政设施所", 8]
    assert [text for _head, text in handled["rows"][0]["cells"]][:2] == ["8", "75.0 %"]


def test_looks_on_site_are_counted_together_and_the_page_says_it_is_unconfirmed(world, client_of, time_machine):
    time_machine.move_to(MORNING, tick=False)
    period, viewer = period_at("30", MORNING), world.viewer("supervisor")
    assert LooksPanel().data(viewer, STREET, period)["rows"] == []
    for number in range(4):
        due = MORNING - timedelta(hours=5 - number) if number < 3 else MORNING + timedelta(hours=1)
        asked = {"place": CheckPlace(area_code=EAST_GRID), "what": "看灯", "due_at": due, "actor": SYSTEM}
        check = check_create(kind="before_filing", subject_ref=f"x.y:{number}", at=MORNING - timedelta(days=1), **asked)
        if number < 2:
            at = due - timedelta(minutes=1) if number else due + timedelta(hours=1)
            done = {"result": "found", "words": "", "file_ids": [], "actor": world.viewer("grid_worker")}
            check_complete(check=check, at=at, **done)
    with assert_sql(1):
        data = LooksPanel().data(viewer, STREET, period)
    assert cells(data) == {"立案前核实": [3, 1, 100 / 3]}, "one not due yet is not owed"
    to_state(world, "closed")
    for panel in ("intake-looks", "intake-found", "intake-handled"):
        page = client_of("supervisor").get(reverse("dashboards:panel", args=[panel]))
        assert page.status_code == 200
        assert "没有和正式的标准文本核对" in page.content.decode()
