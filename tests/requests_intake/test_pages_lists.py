"""The staff lists: what they cost, their pages, filters, the partial for HTMX, and what bad addresses do."""

import re

import pytest
from django.urls import reverse

from governance.outbox import relay
from requests_intake.models import ServiceRequest, WorkOrder
from tests.factories.bulk import request_row, save_requests, scatter
from tests.factories.world import EAST_GRID, MORNING, WEST_GRID
from tests.requests_intake.walk import to_state
from tests.sql import assert_sql

QUEUE, ORDERS = "intake:queue", "intake:orders"
SEES_QUEUE = ["dispatcher", "head", "agent", "supervisor", "district", "grid_worker"]


@pytest.fixture
def full(world, time_machine):
    """More than a page of open requests in every place."""
    time_machine.move_to(MORNING, tick=False)
    scatter(world, 200)
    office = {"organisation": world.organisations["lamps"], "handler": world.people["handler"]}
    rows = [
        request_row(world, number, area_code=area, state=state, **(office if state == "in_progress" else {}))
        for number, (area, state) in enumerate(
            (area, state)
            for area in (EAST_GRID, WEST_GRID)
            for state in ("submitted", "accepted", "in_progress")
            for _ in range(52)
        )
    ]
    save_requests(rows, handler=world.people["handler"])
    return world


def rows_of(response):
    return re.findall(r'href="/staff/requests/(\d{15})/"', response.content.decode())


@pytest.mark.parametrize("name", SEES_QUEUE)
def test_a_page_of_fifty_costs_at_most_eight_statements(full, client_of, name):
    client = client_of(name)
    with assert_sql(8, at_most=True):
        response = client.get(reverse(QUEUE) + "?view=open")
    assert len(rows_of(response)) == 50
    with assert_sql(8, at_most=True):
        second = client.get(reverse(QUEUE) + "?view=open&kind=help&area=990105001&q=第")
    assert second.status_code == 200


@pytest.mark.parametrize("name", ["handler", "second_handler"])
@pytest.mark.parametrize("view", ["", "?view=done"])
def test_a_page_of_orders_costs_at_most_eight_statements(full, client_of, name, view):
    client = client_of(name)
    with assert_sql(8, at_most=True):
        response = client.get(reverse(ORDERS) + view)
    states = ["replied", "done"] if view else ["dispatched", "in_progress"]
    mine = WorkOrder.objects.filter(organisation=full.organisations["lamps"], state__in=states)
    assert len(rows_of(response)) == min(50, mine.count()) > 0


@pytest.mark.parametrize("name", ["handler", "other_handler", "administrator", "stranger"])
def test_whoever_sees_no_requests_has_no_queue(full, client_of, name):
    assert client_of("supervisor").get(reverse(QUEUE)).status_code == 200
    assert client_of(name).get(reverse(QUEUE)).status_code == 403


def test_signed_out_leads_to_the_sign_in_page(full, client_of):
    answer = client_of().get(reverse(QUEUE))
    assert answer.status_code == 302
    assert "/sign-in/" in answer["Location"]


@pytest.mark.parametrize(("name", "list_name"), [("supervisor", QUEUE), ("handler", ORDERS)])
def test_the_partial_is_a_part_of_the_full_page(full, client_of, name, list_name):
    client = client_of(name)
    page = client.get(reverse(list_name)).content.decode()
    partial = client.get(reverse(list_name), headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in partial
    assert partial.strip() in page
    assert len(rows_of(client.get(reverse(list_name)))) == 50


@pytest.mark.parametrize("view", ["open", "all"])
def test_paging_shows_every_row_once_forwards_and_back(full, client_of, view):
    client = client_of("supervisor")
    address, seen, pages = f"{reverse(QUEUE)}?view={view}", [], []
    while address:
        response = client.get(address)
        page = response.context["page"]
        pages.append(rows_of(response))
        seen += pages[-1]
        address = f"{reverse(QUEUE)}?view={view}&cursor={page.next_cursor}" if page.has_next else ""
    expected = ServiceRequest.objects.visible_to(full.viewer("supervisor"))
    if view == "open":
        expected = expected.exclude(state="closed")
    assert len(seen) == len(set(seen))
    assert set(seen) == set(expected.values_list("number", flat=True))
    back = client.get(f"{reverse(QUEUE)}?view={view}&cursor={page.previous_cursor}")
    assert rows_of(back) == pages[-2]


def test_the_nearest_deadline_comes_first_and_the_newest_in_all(full, client_of):
    client = client_of("supervisor")
    due = [row.next_due_at for row in client.get(reverse(QUEUE) + "?view=open").context["page"].rows]
    assert due == sorted(due)
    filed = [row.submitted_at for row in client.get(reverse(QUEUE) + "?view=all").context["page"].rows]
    assert filed == sorted(filed, reverse=True)


@pytest.mark.parametrize(
    ("name", "first"), [("dispatcher", "triage"), ("agent", "callback"), ("supervisor", "overdue"), ("head", "overdue")]
)
def test_everybody_begins_with_their_own_worklist(full, client_of, name, first):
    response = client_of(name).get(reverse(QUEUE))
    assert response.context["worklist"].key == first
    keys = [tab.view for tab in response.context["tabs"]]
    assert keys[-2:] == ["open", "all"]
    assert keys.index("overdue") < keys.index("open")
    assert client_of("head").get(reverse(QUEUE) + "?view=triage").context["worklist"].key == "overdue"


def test_words_whole_numbers_and_last_digits_are_found(world, client_of):
    wanted = to_state(world, "submitted", body="幸福桥下的栏杆松了。")
    to_state(world, "submitted")
    relay.drain(MORNING)
    client = client_of("dispatcher")
    for words in ("栏杆", wanted.number, wanted.number_grouped, f" {wanted.number_tail} ", "幸福桥下"):
        found = rows_of(client.get(reverse(QUEUE), {"view": "all", "q": words}))
        assert wanted.number in found, words
        assert len(found) == 1 or words.strip() == wanted.number_tail
    assert rows_of(client.get(reverse(QUEUE), {"view": "all", "q": "没有这个词"})) == []


@pytest.mark.parametrize(
    "query",
    [
        "q=%00", "q=%25_%27", "q=%E7%8A%B6%E6%80%81:%00",
        "state=bogus", "kind=bogus", "area=%27%3B--", "area=%00", "organisation=1e400",
        "organisation=99999999999999999999", "organisation=abc", "category=%00", "since=never", "until=2026-13-45",
        "since=0001-01-01T00:00:00%2B14:00", "rated=bogus", "rated=solved&rated_since=x", "cursor=bogus", "view=bogus",
        "overdue=perhaps", "q=" + "长" * 2000,
    ],
)  # fmt: skip
def test_a_mangled_address_is_a_list_too(world, client_of, query):
    to_state(world, "submitted")
    client = client_of("dispatcher")
    assert client.get(f"{reverse(QUEUE)}?view=all").status_code == 200
    assert client.get(f"{reverse(QUEUE)}?view=all&{query}").status_code == 200


def test_looking_with_head_is_looking(world, client_of):
    for name, address in [("dispatcher", QUEUE), ("handler", ORDERS)]:
        assert client_of(name).head(reverse(address)).status_code == 200
