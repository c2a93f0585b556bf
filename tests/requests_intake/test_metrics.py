"""Each figure against SQL of its own, and the list behind it: exactly the rows that were counted."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.urls import reverse

from governance.dashboards.figures import rate
from governance.dashboards.periods import period_at
from requests_intake.models import CallBack
from requests_intake.panels import FiguresPanel, MapPanel, WaitingPanel
from requests_intake.selectors.metrics import (
    count_new,
    count_open,
    longest_waiting,
    open_by_area,
    three_rates,
)
from tests.factories.bulk import request_row, save_requests, scatter
from tests.factories.world import DISTRICT, EAST, EAST_GRID, MORNING, STREET, WEST, WEST_GRID
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
WHERE c.source <> 'silent' AND c.at >= %s AND c.at < %s AND r.area_code LIKE %s
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


@pytest.fixture
def full(world, time_machine):
    time_machine.move_to(MORNING, tick=False)
    scatter(world, 300, seed=7)
    return world


@pytest.mark.parametrize("area", AREAS)
@pytest.mark.parametrize(("name", "scope"), SCOPES)
def test_figures_equal_a_recount(full, name, scope, area):
    viewer, inside = full.viewer(name), narrower(scope, area)
    for key in PERIODS:
        period = period_at(key, MORNING)
        for window in (period, period.before):
            new = sql(NEW.format("count(*)"), window.start, window.end, inside)
            assert [(count_new(viewer, area, window.start, window.end),)] == new
            rates = three_rates(viewer, area, window.start, window.end)
            assert [(rates.valid, rates.contacted, rates.solved, rates.satisfied)] == sql(
                RATED, window.start, window.end, inside
            )
    waiting = count_open(viewer, area, MORNING)
    assert [(waiting.total,)] == sql(OPEN.format("count(*)"), inside)
    assert [(waiting.overdue,)] == sql(OVERDUE.format("count(*)"), MORNING, inside)


def test_the_data_can_tell_right_from_wrong(full):
    """Every column of the recount differs from its neighbours, or a swapped figure would pass unseen."""
    period = period_at("90", MORNING)
    rates = three_rates(full.viewer("district"), "", period.start, period.end)
    counts = [rates.valid, rates.contacted, rates.solved, rates.satisfied, rates.unrated]
    assert len(set(counts)) == len(counts)
    assert all(counts)
    waiting = count_open(full.viewer("district"), "", MORNING)
    assert 0 < waiting.overdue < waiting.total < 300


def test_silence_is_counted_beside_the_rates(full):
    period = period_at("90", MORNING)
    rates = three_rates(full.viewer("district"), "", period.start, period.end)
    silent = "SELECT count(*) FROM requests_intake_callback WHERE source = 'silent' AND at >= %s AND at < %s"
    assert sql(silent, period.start, period.end) == [(rates.unrated,)]


def test_windows_take_their_start_and_leave_their_end(world):
    viewer, hour = world.viewer("supervisor"), timedelta(hours=1)
    save_requests([request_row(world, n, submitted_at=MORNING + n * hour) for n in range(3)])
    assert count_new(viewer, "", MORNING, MORNING + 2 * hour) == 2
    assert count_new(viewer, "", MORNING + 2 * hour, MORNING + 3 * hour) == 1


def test_no_call_back_is_no_data_and_not_zero(world):
    rates = three_rates(world.viewer("supervisor"), "", MORNING, MORNING + timedelta(days=1))
    assert rates.valid == 0
    assert rate(rates.solved, rates.valid) is None


def test_a_later_silence_takes_an_earlier_answer_out(world):
    row = request_row(world, 1, state="closed", organisation=world.organisations["lamps"])
    (request,) = save_requests([row], handler=world.people["handler"])
    CallBack.objects.create(request=request, round=1, source="link", at=MORNING, contacted=True, solved="no")
    viewer, window = world.viewer("supervisor"), (MORNING, MORNING + timedelta(days=9))
    assert three_rates(viewer, "", *window).valid == 1
    CallBack.objects.create(request=request, round=2, source="silent", at=MORNING + timedelta(days=8))
    rates = three_rates(viewer, "", *window)
    assert (rates.valid, rates.unrated) == (0, 1)


def test_waiting_for_the_rating_is_not_late(world):
    late = MORNING - timedelta(days=1)
    office = {"organisation": world.organisations["lamps"], "due_at": late, "submitted_at": late - timedelta(days=9)}
    save_requests(
        [request_row(world, n, state=state, **office) for n, state in enumerate(["callback", "in_progress"])],
        handler=world.people["handler"],
    )
    counted = count_open(world.viewer("supervisor"), "", MORNING)
    assert (counted.total, counted.overdue) == (2, 1)


@pytest.mark.parametrize("length", [12, 15])
def test_open_requests_by_area(full, length):
    counts = open_by_area(full.viewer("supervisor"), "", length)
    assert sorted(counts.items()) == sql(
        "SELECT left(area_code, %s), count(*) FROM requests_intake_servicerequest "
        "WHERE closed_at IS NULL AND area_code LIKE %s GROUP BY 1 ORDER BY 1",
        length,
        STREET + "%",
    )
    assert {EAST_GRID[:length], WEST_GRID[:length]} <= set(counts)


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


@pytest.mark.parametrize("area", ["", EAST])
@pytest.mark.parametrize(("name", "scope"), SCOPES[:3])
def test_a_figure_opens_exactly_the_rows_it_counts(full, client_of, name, scope, area):
    client, inside = client_of(name), narrower(scope, area)
    period = period_at("30", MORNING)
    data = FiguresPanel().data(full.viewer(name), area, period)
    window = (period.start, period.end, inside)
    expected = [
        sql(NEW.format("number"), *window),
        sql(OPEN.format("number"), inside),
        sql(OVERDUE.format("number"), MORNING, inside),
        *(
            sql(f"SELECT r.number FROM {OF_RATES} AND {condition}", *window)
            for condition in ("c.contacted", "c.solved = 'yes'", "c.grade >= 3")
        ),
    ]
    figures = [*data["figures"], *data["rates"]]
    assert len(figures) == len(expected) == 6
    for figure, rows in zip(figures, expected, strict=True):
        numbers = listed(client, figure.url)
        assert numbers == sorted(number for (number,) in rows), str(figure.label)
        assert len(numbers) == len(set(numbers))
        if figure.unit != "%":
            assert figure.value == len(numbers)
    shares = [figure.value for figure in data["rates"]]
    assert shares == [rate(len(rows), data["valid"]) for rows in expected[3:]]


def test_a_cell_of_the_map_opens_its_rows(full, client_of):
    data = MapPanel().data(full.viewer("supervisor"), "", period_at("30", MORNING))
    total = sql(OPEN.format("count(*)"), STREET + "%")[0][0]
    assert sum(row["value"] for row in data["rows"]) + data["without_grid"] == total
    for row in data["rows"]:
        assert len(listed(client_of("supervisor"), row["url"])) == row["value"]


@pytest.mark.parametrize(("name", "scope"), SCOPES[:3])
def test_what_the_panels_cost(full, client_of, name, scope):
    viewer, period = full.viewer(name), period_at("30", MORNING)
    for panel, statements in [(FiguresPanel(), 5), (MapPanel(), 3), (WaitingPanel(), 1)]:
        with assert_sql(statements, at_most=True):
            panel.data(viewer, "", period)
    client = client_of(name)
    with assert_sql(15, at_most=True):
        page = client.get(reverse("dashboards:overview"))
    assert page.status_code == 200
    assert "超期" in page.content.decode()
