"""Pages of the turns beside the straight way, each with every form that it offers unfolded."""

from urllib.parse import quote

import pytest
from django.core.management import call_command
from django.urls import reverse

from requests_intake.services.macros import macro_save
from tests.factories.world import MORNING
from tests.journeys import test_accessible_pages
from tests.requests_intake.walk import to_state, to_turn

look_at = test_accessible_pages.look_at  # a fixture

# Who reads the request after which turn.
STAFF = {
    "returning": "dispatcher",
    "disputed": "supervisor",
    "helped": "dispatcher",
    "whistled": "other_handler",
    "reported_in": "handler",
    "asked": "handler",
    "suspended": "dispatcher",
    "ledger_asked": "supervisor",
    "extension_asked": "supervisor",
    "review": "dispatcher",
    "merged": "dispatcher",
    "late": "agent",
}
RESIDENT = ("asked", "suspended", "ledgered", "extended", "answered", "not_dispatched", "merged")


def unfold(page):
    page.evaluate("document.querySelectorAll('details').forEach(e => { e.open = true; })")


@pytest.mark.parametrize("turn", list(STAFF))
def test_what_staff_read_after_a_turn(world, page_of, look_at, turn):
    request = to_turn(world, turn)
    page = page_of(STAFF[turn], width=360)
    page.goto(reverse("intake:request", args=[request.number]))
    assert page.inner_text("h1")
    unfold(page)
    look_at(page, f"{STAFF[turn]}, {turn}")


def test_what_residents_read_after_a_turn(world, make_page, look_at):
    page = make_page(width=360)
    for turn in RESIDENT:
        page.goto(reverse("intake:track", args=[to_turn(world, turn).track_token]))
        unfold(page)
        look_at(page, f"tracking, {turn}", fingers=True)


def test_pages_beside_a_request(world, page_of, look_at):
    request = to_turn(world, "extended")
    page = page_of("dispatcher", width=360)
    for name in ("why", "recuse", "print"):
        page.goto(reverse(f"intake:{name}", args=[request.number]))
        look_at(page, name)
    call_command("index_requests")
    page.goto(f"/staff/requests/?view=all&q={quote('路灯')}")
    assert request.number_tail in page.inner_text("#queue")
    look_at(page, "found by a word")


def test_a_macro_before_and_after_it_ran(world, page_of, look_at):
    steps = {
        "accept": {"category": world.categories["lamp"].pk},
        "dispatch": {"organisation": world.organisations["lamps"].pk},
    }
    actor = world.viewer("dispatcher")
    macro = macro_save(macro=None, name="路灯直派", steps=steps, is_shared=False, actor=actor, at=MORNING)
    request = to_state(world, "submitted")
    page = page_of("dispatcher", width=360)
    for name in ("macros", "macro-new"):
        page.goto(reverse(f"intake:{name}"))
        look_at(page, name)
    page.goto(reverse("intake:macro-run", args=[request.number, macro.pk]))
    look_at(page, "macro, before it runs")
    page.click("main form .lr-actions button >> nth=0")
    page.wait_for_selector("text=做好了 >> nth=1")
    request.refresh_from_db()
    assert request.state == "dispatched"
    look_at(page, "macro, what became of it")
