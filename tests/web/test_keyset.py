"""Keyset pages against the reference they replace: OFFSET over the same order."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from governance.access.models import SignInFailure, User
from governance.web.keyset import KeysetPage
from tests.sql import assert_sql

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 19, 4, 0, tzinfo=UTC)
ASCENDING, DESCENDING = ("at", "id"), ("-at", "-id")


def fill(minutes: list[int]) -> None:
    SignInFailure.objects.bulk_create(
        SignInFailure(account_index="a", address_index="b", at=NOON + timedelta(minutes=minute)) for minute in minutes
    )


def walk(order: tuple[str, ...], size: int) -> list[list[int]]:
    """All pages forwards by following next_cursor."""
    pages, cursor = [], ""
    while True:
        page = KeysetPage(SignInFailure.objects.all(), order, size, cursor)
        pages.append([row.pk for row in page])
        assert page.has_previous == (len(pages) > 1)
        if not page.next_cursor:
            return pages
        cursor = page.next_cursor


def by_offset(order: tuple[str, ...], size: int) -> list[list[int]]:
    keys = list(SignInFailure.objects.order_by(*order).values_list("pk", flat=True))
    return [keys[start : start + size] for start in range(0, len(keys), size)] or [[]]


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    minutes=st.lists(st.integers(0, 6), max_size=30),  # few values, many rows: ties across page ends are the rule
    size=st.integers(1, 7),
    order=st.sampled_from([ASCENDING, DESCENDING]),
)
def test_pages_are_those_of_offset(minutes: list[int], size: int, order: tuple[str, ...]):
    SignInFailure.objects.all().delete()
    fill(minutes)
    assert walk(order, size) == by_offset(order, size)


@settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(minutes=st.lists(st.integers(0, 4), min_size=1, max_size=25), size=st.integers(1, 6))
def test_going_back_shows_the_same_pages(minutes: list[int], size: int):
    SignInFailure.objects.all().delete()
    fill(minutes)
    rows = SignInFailure.objects.all()
    page, seen = KeysetPage(rows, ASCENDING, size), []
    while page.next_cursor:
        seen.append([row.pk for row in page])
        page = KeysetPage(rows, ASCENDING, size, page.next_cursor)
    while page.previous_cursor:
        page = KeysetPage(rows, ASCENDING, size, page.previous_cursor)
        assert page.has_next
        assert [row.pk for row in page] == seen.pop()
    assert seen == []


def test_texts_and_a_text_key_page_as_well():
    ContentType.objects.bulk_create(
        ContentType(app_label=label, model=f"m{number}") for label in ("b", "a", "路") for number in range(4)
    )
    found, cursor = [], ""
    while True:
        page = KeysetPage(ContentType.objects.all(), ("app_label", "pk"), 5, cursor)
        found += [row.pk for row in page]
        if not (cursor := page.next_cursor):
            break
    assert found == list(ContentType.objects.order_by("app_label", "pk").values_list("pk", flat=True))


def test_rows_that_arrive_meanwhile_neither_repeat_nor_hide_others():
    fill([0, 1, 2, 3, 4, 5])
    first = KeysetPage(SignInFailure.objects.all(), ASCENDING, 3)
    fill([0, 1])
    second = KeysetPage(SignInFailure.objects.all(), ASCENDING, 3, first.next_cursor)
    assert [row.at for row in second] == [NOON + timedelta(minutes=m) for m in (3, 4, 5)]


def test_one_statement_without_count_or_offset():
    fill([0, 0, 1, 1, 2])
    cursor = KeysetPage(SignInFailure.objects.all(), ASCENDING, 2).next_cursor
    with assert_sql(1), CaptureQueriesContext(connection) as captured:
        page = KeysetPage(SignInFailure.objects.all(), ASCENDING, 2, cursor)
        assert len(page) == 2
    statement = captured.captured_queries[0]["sql"].upper()
    assert not re.search(r"COUNT\(|OFFSET", statement)
    assert "LIMIT 3" in statement


@pytest.mark.parametrize("cursor", [None, "", "nonsense", "eyJhIjoxfQ:1abc:sig"])
def test_a_cursor_that_is_not_ours_is_the_first_page(cursor: str | None):
    fill([0, 1, 2])
    page = KeysetPage(SignInFailure.objects.all(), ASCENDING, 2, cursor)
    assert [row.at for row in page] == [NOON, NOON + timedelta(minutes=1)]
    assert not page.has_previous


def test_a_cursor_of_another_list_is_the_first_page():
    fill([0, 1, 2])
    foreign = KeysetPage(SignInFailure.objects.all(), DESCENDING, 1).next_cursor
    assert not KeysetPage(SignInFailure.objects.all(), ASCENDING, 2, foreign).has_previous
    own = KeysetPage(SignInFailure.objects.all(), ASCENDING, 1).next_cursor
    assert KeysetPage(SignInFailure.objects.all(), ASCENDING, 2, own).has_previous


@pytest.mark.parametrize("order", [("at", "-id"), ("id", "at"), ("at",), ("nothing", "id")])
def test_orders_that_would_lose_rows_are_refused(order: tuple[str, ...]):
    with pytest.raises(ValueError, match="order"):
        KeysetPage(SignInFailure.objects.all(), order)


def test_null_in_an_ordering_column_is_an_error():
    User.objects.create_user("a@example.com", display_name="甲")
    assert len(KeysetPage(User.objects.all(), ("email", "id"))) == 1
    User.objects.create(display_name="乙", email=None)
    with pytest.raises(ValueError, match="NULL"):
        KeysetPage(User.objects.all(), ("email", "id"))
