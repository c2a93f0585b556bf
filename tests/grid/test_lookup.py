"""The process's copy of the territory: when it is read, when it is read again."""

import threading
import time
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection, transaction

from governance.access.viewer import SYSTEM
from governance.errors import DomainError
from grid import lookup
from grid.models import Area, GeometryVersion
from grid.selectors import district_contains, grid_at, grids_at
from grid.services import area_create, areas_load
from tests.grid import shapes
from tests.grid.conftest import AT
from tests.sql import assert_sql

IN_GRID_1 = (shapes.WEST + shapes.CELL * 0.4, shapes.SOUTH + shapes.CELL * 1.6)
BESIDE = (shapes.WEST - shapes.CELL / 2, shapes.SOUTH + shapes.CELL / 2)
NEW_GRID = shapes.square(shapes.WEST - shapes.CELL, shapes.SOUTH, shapes.WEST, shapes.SOUTH + shapes.CELL)


def load_neighbour() -> None:
    area_create(code=shapes.grid_code(7), name="第7网格", geometry=NEW_GRID, actor=SYSTEM, at=AT)


@pytest.mark.django_db
def test_two_statements_at_first_then_none(territory: Any) -> None:
    with assert_sql(2):
        assert grid_at(*IN_GRID_1) == shapes.grid_code(1)
    with assert_sql(0):
        assert grid_at(*IN_GRID_1) == shapes.grid_code(1)
        assert grid_at(*BESIDE) is None
        assert grids_at([IN_GRID_1[0], BESIDE[0]], [IN_GRID_1[1], BESIDE[1]]).tolist() == [shapes.grid_code(1), None]


@pytest.mark.django_db
def test_after_five_seconds_only_the_version_is_asked(territory: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    grid_at(*IN_GRID_1)
    now = time.monotonic()
    monkeypatch.setattr(lookup.time, "monotonic", lambda: now + lookup.CHECK_SECONDS + 0.1)
    with assert_sql(1):
        grid_at(*IN_GRID_1)
    with assert_sql(0):
        grid_at(*IN_GRID_1)


@pytest.mark.django_db
def test_before_any_polygon_everything_is_outside() -> None:
    assert grid_at(*IN_GRID_1) is None
    assert not district_contains(*IN_GRID_1)
    assert grids_at([IN_GRID_1[0]], [IN_GRID_1[1]]).tolist() == [None]


@pytest.mark.django_db
def test_a_retired_grid_is_gone_the_next_day(territory: Any) -> None:
    Area.objects.filter(code=shapes.grid_code(1)).update(valid_to=date(2026, 11, 22))
    with time_machine.travel(datetime.fromisoformat("2026-11-21T23:59:00+08:00"), tick=False):
        lookup.forget()
        assert grid_at(*IN_GRID_1) == shapes.grid_code(1)
    with time_machine.travel(datetime.fromisoformat("2026-11-22T00:01:00+08:00"), tick=False), assert_sql(2):
        assert lookup._copy is not None
        lookup._copy = replace(lookup._copy, checked=-10.0)
        assert grid_at(*IN_GRID_1) is None


@pytest.mark.django_db(transaction=True)
def test_this_process_sees_its_own_change_after_the_commit() -> None:
    areas_load(geojson=shapes.territory(), actor=SYSTEM, at=AT)
    assert grid_at(*BESIDE) is None
    load_neighbour()
    assert grid_at(*BESIDE) == shapes.grid_code(7)


@pytest.mark.django_db(transaction=True)
def test_a_rolled_back_change_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also when the copy was read inside the transaction that failed: its stamp is given to no other content."""
    areas_load(geojson=shapes.territory(), actor=SYSTEM, at=AT)
    with transaction.atomic():
        load_neighbour()
        assert grid_at(*BESIDE) == shapes.grid_code(7)
        transaction.set_rollback(True)
    now = time.monotonic()
    monkeypatch.setattr(lookup.time, "monotonic", lambda: now + lookup.CHECK_SECONDS + 0.1)
    assert grid_at(*BESIDE) is None


@pytest.mark.django_db(transaction=True)
def test_another_connection_sees_a_change_within_five_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    areas_load(geojson=shapes.territory(), actor=SYSTEM, at=AT)
    assert grid_at(*BESIDE) is None
    kept = lookup._copy

    def elsewhere() -> None:
        try:
            load_neighbour()
        finally:
            connection.close()

    thread = threading.Thread(target=elsewhere)
    thread.start()
    thread.join()
    lookup._copy = kept  # a process of its own would not have been told
    assert grid_at(*BESIDE) is None
    now = time.monotonic()
    monkeypatch.setattr(lookup.time, "monotonic", lambda: now + lookup.CHECK_SECONDS + 0.1)
    with assert_sql(2):
        assert grid_at(*BESIDE) == shapes.grid_code(7)


@pytest.mark.django_db(transaction=True)
def test_two_loads_at_once_do_not_overlap_each_other() -> None:
    """Territory has one writer: the second waits until the first has committed, and then sees its areas."""
    areas_load(geojson=shapes.collection(*shapes.upper_levels()), actor=SYSTEM, at=AT)
    outcome: list[str] = []

    def second() -> None:
        try:
            area_create(code=shapes.grid_code(2), name="第二个", geometry=NEW_GRID, actor=SYSTEM, at=AT)
            outcome.append("made")
        except DomainError as error:
            outcome.append(error.code)
        finally:
            connection.close()

    thread = threading.Thread(target=second)
    with transaction.atomic():
        area_create(code=shapes.grid_code(1), name="第一个", geometry=NEW_GRID, actor=SYSTEM, at=AT)
        thread.start()
        wait_until_somebody_waits()
        assert outcome == []
    thread.join(timeout=30)
    assert outcome == ["area_overlap"]
    assert Area.objects.filter(level="grid").count() == 1


def wait_until_somebody_waits() -> None:
    """Return once another connection of this database waits for a lock."""
    deadline = time.monotonic() + 20
    with connection.cursor() as cursor:
        while time.monotonic() < deadline:
            cursor.execute(
                "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
            if cursor.fetchone():
                return
            cursor.execute("SELECT pg_sleep(0.02), pg_stat_clear_snapshot()")
    pytest.fail("nobody waited for the lock")


@pytest.mark.django_db
def test_the_stamp_moves_with_every_change(territory: Any) -> None:
    first = GeometryVersion.objects.get()
    load_neighbour()
    second = GeometryVersion.objects.get()
    assert second.stamp != first.stamp
    assert second.changed_at == AT
    area_create(code="990102", name="邻区", actor=SYSTEM, at=AT + timedelta(days=1))
    assert GeometryVersion.objects.get().stamp != second.stamp


@pytest.mark.django_db
def test_the_district_is_its_grids_and_its_outline(territory: Any) -> None:
    assert district_contains(*IN_GRID_1)
    assert not district_contains(*BESIDE)
    west, south, cell = shapes.WEST, shapes.SOUTH, shapes.CELL
    outline = shapes.square(west - cell, south - cell, west + 4 * cell, south + 3 * cell)
    areas_load(geojson=shapes.collection(shapes.feature(shapes.DISTRICT, "澄湾区", outline)), actor=SYSTEM, at=AT)
    assert district_contains(*BESIDE)
    assert grid_at(*BESIDE) is None
