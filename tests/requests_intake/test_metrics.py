"""Each figure against SQL of its own, and the list behind it: exactly the rows that were counted."""

import re
from datetime import timedelta
from itertools import product
from random import Random

import pytest
from django.db import connection
from django.urls import reverse

from governance.dashboards.figures import count_change, rate
from governance.dashboards.periods import period_at
from governance.dashboards.registry import panels_for
from requests_intake.models import CallBack, ServiceRequest
from requests_intake.panels import PANELS, AreasPanel, FiguresPanel, MapPanel, RatesPanel
from requests_intake.permissions import Capability
from requests_intake.selectors.metrics import (
    count_new,
    count_open,
    count_waiting,
    longest_waiting,
    open_by_area,
    scope,
    three_rates,
)
from requests_intake.services.rollups import rollups_fold_all
from tests.factories.bulk import call_back, request_row, save_requests, scatter
from tests.factories.world import DISTRICT, EAST, EAST_GRID, MORNING, STREET, WEST
from tests.sql import assert_sql

SCOPES = [("supervisor", STREET), ("head", EAST), ("district", DISTRICT), ("grid_worker", EAST_GRID)]
AREAS = ["", STREET, EAST, WEST, EAST_GRID, DISTRICT]
PERIODS = ["today", "7", "30", "90"]

# The last call-back of each request, if somebody answered it, was given in the window; graded 3 to 5 is satisfied.
RATED = """
SELECT count(*), count(*) FILTER (WHERE c.contacted), count(*) FILTER (WHERE c.solved = 'yes'),
       count(*) FILTER (WHERE c.grade >= 3)
FROM (SELECT DISTINCT ON (request_id) * FROM requests_intake_callback ORDER BY request_id, round DESC) c
JOIN requests_intake_servicerequest r ON r.id = c.request_id
WHERE c.source <> 'silent' AND r.excluded_at IS NULL AND c.at >= %s AND c.at < %s AND r.area_code LIKE %s
"""
NEW = (
    "SELECT {} FROM requests_intake_servicerequest WHERE submitted_at >= %s AND submitted_at < %s AND area_code LIKE %s"
)
OPEN = "SELECT {} FROM requests_intake_servicerequest WHERE closed_at IS NULL AND area_code LIKE %s"
OVERDUE = """
SELECT {} FROM requests_intake_servicerequest
WHERE state IN ('submitted', 'accepted', 'dispatched', 'in_progress') AND next_due_at < %s AND area_code LIKE %s
"""


def sql(statement, *parameters):
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall()


def narrower(scope, area):
    """The prefix that both the grant and the choice allow, or one that matches nothing."""
    if area.startswith(scope):
        return area + "%"
    return scope + "%" if scope.startswith(area) else "nothing%"


@pytest.fixture(params=["folded", "not folded"])
def full(world, time_machine, request):
    time_machine.move_to(MORNING, tick=False)
    scatter(world, 300, seed=7)
    if request.param == "folded":
        rollups_fold_all()
    return world


def test_figures_equal_a_recount(full):
    for (name, scope_), area in product(SCOPES, AREAS):
        areas, inside = scope(full.viewer(name), area), narrower(scope_, area)
        for key in PERIODS:
            period = period_at(key, MORNING)
            for window in (period, period.before):
                new = sql(NEW.format("count(*)"), window.start, window.end, inside)
                assert [(count_new(areas, window.start, window.end),)] == new, (name, area, key)
                rates = three_rates(areas, window.start, window.end)
                assert [(rates.valid, rates.contacted, rates.solved, rates.satisfied)] == sql(
                    RATED, window.start, window.end, inside
                ), (name, area, key)
        waiting = count_waiting(areas, MORNING)
        assert [(waiting.open,)] == sql(OPEN.format("count(*)"), inside), (name, area)
        assert [(waiting.late,)] == sql(OVERDUE.format("count(*)"), MORNING, inside), (name, area)


def test_the_data_can_tell_right_from_wrong(full):
    """Every column of the recount differs from its neighbours, or a swapped figure would pass unseen."""
    period = period_at("90", MORNING)
    rates = three_rates([DISTRICT], period.start, period.end)
    counts = [rates.valid, rates.contacted, rates.solved, rates.satisfied, rates.unrated]
    assert len(set(counts)) == len(counts)
    assert all(counts)
    waiting = count_waiting([DISTRICT], MORNING)
    assert 0 < waiting.late < waiting.open < 300
    assert count_open(full.viewer("district"), MORNING).late == waiting.late  # the rail says the same


def test_silence_is_counted_beside_the_rates(full):
    period = period_at("90", MORNING)
    rates = three_rates([DISTRICT], period.start, period.end)
    silent = "SELECT count(*) FROM requests_intake_callback WHERE source = 'silent' AND at >= %s AND at < %s"
    assert sql(silent, period.start, period.end) == [(rates.unrated,)]


def test_windows_take_their_start_and_leave_their_end(world):
    hour, day = timedelta(hours=1), period_at("today", MORNING).start
    save_requests([request_row(world, n, submitted_at=day + n * hour) for n in range(3)])
    assert count_new([DISTRICT], day, day + 2 * hour) == 2
    assert count_new([DISTRICT], day, day + 3 * hour) == 3
    assert count_new([DISTRICT], day - timedelta(days=1), day) == 0


def test_no_call_back_is_no_data_and_not_zero(world):
    period = period_at("today", MORNING)
    rates = three_rates([DISTRICT], period.start, period.end)
    assert rates.valid == 0
    assert rate(rates.solved, rates.valid) is None


def test_a_later_silence_takes_an_earlier_answer_out(world):
    row = request_row(world, 1, state="closed", organisation=world.organisations["lamps"])
    (request,) = save_requests([row], handler=world.people["handler"])
    first = CallBack(request=request, round=1, source="link", at=MORNING, contacted=True, solved="no")
    call_back([first])
    period = period_at("30", MORNING + timedelta(days=9))
    assert three_rates([DISTRICT], period.start, period.end).valid == 1
    call_back([CallBack(request=request, round=2, source="silent", at=MORNING + timedelta(days=8))])
    rates = three_rates([DISTRICT], period.start, period.end)
    assert (rates.valid, rates.unrated) == (0, 1)


def test_waiting_for_the_rating_is_not_late(world):
    late = MORNING - timedelta(days=1)
    office = {"organisation": world.organisations["lamps"], "due_at": late, "submitted_at": late - timedelta(days=9)}
    save_requests(
        [request_row(world, n, state=state, **office) for n, state in enumerate(["callback", "in_progress"])],
        handler=world.people["handler"],
    )
    counted = count_waiting([DISTRICT], MORNING)
    assert (counted.open, counted.late) == (2, 1)


def test_nobody_counts_beyond_their_areas(full):
    head = full.viewer("head")
    assert scope(head, "") == scope(head, EAST) == scope(head, DISTRICT) == [EAST]
    assert scope(head, WEST) == []
    assert count_waiting(scope(head, WEST), MORNING).open == 0
    counts = open_by_area(head, "", [EAST, WEST])
    assert sorted(counts.items()) == sql(
        "SELECT left(area_code, 12), count(*) FROM requests_intake_servicerequest "
        "WHERE closed_at IS NULL AND area_code LIKE %s GROUP BY 1 ORDER BY 1",
        EAST + "%",
    )


def test_whoever_waits_longest_comes_first(full):
    rows = longest_waiting(full.viewer("supervisor"), EAST, MORNING, limit=5)
    assert [(row.number,) for row in rows] == sql(
        OVERDUE.format("number") + " ORDER BY next_due_at, id LIMIT 5", MORNING, EAST + "%"
    )


# --- the rows behind a figure ---

OF_RATES = RATED.partition("FROM")[2]


def listed(client, url):
    """All numbers that the list behind a figure shows, page by page."""
    seen = []
    while url:
        response = client.get(url)
        seen += re.findall(r'href="/staff/requests/(\d{15})/"', response.content.decode())
        page = response.context["page"]
        url = f"{url.partition('&cursor')[0]}&cursor={page.next_cursor}" if page.has_next else ""
    return sorted(seen)


def links_of(data):
    """(label, number, address) of everything in a panel's data that has rows behind it."""
    for figure in data.get("figures", []):
        yield figure.label, figure.value, figure.url
    for row in data.get("rates", []):
        yield row["figure"].label, row["part"], row["figure"].url
    for figure in data.get("left_out", []):
        yield figure.label, figure.value, figure.url
    for bar in [*data.get("bars", []), *data.get("rest", [])]:
        yield bar.label, bar.value, bar.url
    for row in [*data.get("rows", []), *data.get("more", [])]:
        if not isinstance(row, dict):
            continue
        if "url" in row:
            yield row.get("label", row.get("name")), row.get("value", row.get("total")), row["url"]
        for name in ("open", "late", "new", "sent", "ended", "solved"):
            if f"{name}_url" in row:
                yield f"{row.get('label', row.get('day'))} {name}", row[name], row[f"{name}_url"]
        for cell in row.get("cells", []):
            yield row["name"], cell["value"], cell["url"]


@pytest.fixture
def lively(world, time_machine):
    """Rows behind every figure: contacts, turns, exclusions; offices, kinds and ways in of all sorts."""
    time_machine.move_to(MORNING, tick=False)
    chance = Random(3)
    rows = scatter(world, 140, seed=9)
    for number, row in enumerate(rows):
        day = MORNING - timedelta(hours=chance.randrange(1, 600))
        for name in ("returned_at", "disputed_at", "ledgered_at", "excluded_at", "contacted_at", "dispatched_at"):
            if chance.random() < 0.4:
                setattr(row, name, max(day, row.submitted_at))
        row.channel = chance.choice(("web", "phone", "counter"))
        if row.ended_as and number % 3 == 0:
            row.ended_as = row.state = chance.choice(("answered", "withdrawn"))
        if number % 11 == 0:
            row.category = None
    fields = (
        "returned_at disputed_at ledgered_at excluded_at contacted_at dispatched_at channel state ended_as category"
    )
    ServiceRequest.objects.bulk_update(rows, fields.split())
    rollups_fold_all()
    return world


@pytest.mark.parametrize(
    ("name", "area", "key"), [("district", DISTRICT, "30"), ("supervisor", STREET, "today"), ("head", EAST, "7")]
)
def test_every_figure_opens_exactly_the_rows_it_counts(lively, client_of, name, area, key):
    """Whatever a panel shows as a number leads to a list with so many rows; `RATED` and others tell which."""
    viewer, client, period = lively.viewer(name), client_of(name), period_at(key, MORNING)
    seen: dict[str, int] = {}
    for panel in PANELS:
        if panel.capability != Capability.VIEW_REQUEST:  # opens another list
            continue
        for label, value, url in links_of(panel().data(viewer, area, period)):
            if not value and value is not None and chance_skips(url):
                continue  # of the many that are 0, some
            assert len(listed(client, url)) == (value or 0), f"{panel.__name__} {label} {url}"
            seen[panel.__name__] = seen.get(panel.__name__, 0) + bool(value)
    if key == "30":
        assert set(seen) == {panel.__name__ for panel in PANELS} - {"WaitingPanel", "NoticesPanel"}
        assert all(seen.values()), seen


def chance_skips(url):
    return len(url) % 13 != 0


@pytest.mark.parametrize("name", ["supervisor", "district"])
def test_the_rates_open_the_rows_that_a_recount_finds(lively, client_of, name):
    period = period_at("30", MORNING)
    data = RatesPanel().data(lively.viewer(name), STREET, period)
    conditions = ("c.contacted", "c.solved = 'yes'", "c.grade >= 3")
    for row, condition in zip(data["rates"], conditions, strict=True):
        found = sql(f"SELECT r.number FROM {OF_RATES} AND {condition}", period.start, period.end, STREET + "%")
        assert listed(client_of(name), row["figure"].url) == sorted(number for (number,) in found)
        assert row["figure"].value == rate(len(found), data["valid"])


def test_areas_are_compared_with_as_much_of_the_days_before(full):
    period = period_at("7", MORNING)
    rows = {row["code"]: row for row in AreasPanel().data(full.viewer("supervisor"), STREET, period)["rows"]}
    assert set(rows) == {EAST, WEST}
    moved = set()
    for code, row in rows.items():
        counts = [
            sql(NEW.format("count(*)"), window.start, window.end, code + "%")[0][0]
            for window in (period, period.before)
        ]
        assert row["new"] == counts[0]
        assert row["change"] == count_change(*counts, period, "件")
        moved.add(counts[0] != counts[1])
    assert True in moved


def test_the_map_leaves_nothing_out(full, client_of):
    data = MapPanel().data(full.viewer("supervisor"), "", period_at("30", MORNING))
    assert len(listed(client_of("supervisor"), data["without_url"])) == data["without_grid"] > 0
    number = sql(OPEN.format("count(*)"), STREET + "%")[0][0]
    assert sum(row["value"] for row in data["rows"]) + data["without_grid"] == number


COSTS = {
    "FiguresPanel": 7, "RatesPanel": 3, "WaitingPanel": 1, "AreasPanel": 5, "MapPanel": 6, "OfficesPanel": 4,
    "DuePanel": 3, "CategoriesPanel": 2,
}  # fmt: skip


@pytest.mark.parametrize("name", ["supervisor", "district"])
def test_what_the_panels_cost(lively, client_of, name):
    viewer, period = lively.viewer(name), period_at("30", MORNING)
    for panel in PANELS:
        with assert_sql(COSTS.get(panel.__name__, 1), at_most=True):
            panel().data(viewer, STREET, period)
    client = client_of(name)
    with assert_sql(15, at_most=True):
        page = client.get(reverse("dashboards:overview"))
    text = page.content.decode()
    assert text.count('hx-trigger="revealed"') == len([panel for panel in panels_for(viewer) if panel.lazy])
    assert FiguresPanel().key in text
    everything = client.get(reverse("dashboards:overview"), {"all": "1"}).content.decode()
    assert "revealed" not in everything
    assert "trend-table" in everything
