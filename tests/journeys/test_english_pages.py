"""English in the browser: longer words must not burst a telephone, and what scripts write is English as well."""

import pytest
from django.urls import reverse

from tests.journeys.steps import NEXT, begin, is_wider_than_screen, say
from tests.requests_intake.walk import STATES, to_state
from tests.web.english import CHINESE

PUBLIC = [
    "/",
    "/report/",
    "/track/",
    "/privacy/",
    "/accessibility/",
    "/no-such-page/",
    "/staff/sign-in/",
    "/neighbours/",
    "/neighbours/?q=x",
    "/neighbours/figures/",
    "/neighbours/follow/",
]
STAFF = {
    "dispatcher": ["/staff/requests/?view=triage", "/staff/requests/?view=all", "/staff/inbox/", "/staff/components/"],
    "handler": ["/staff/orders/", "/staff/orders/?view=done"],
    "agent": ["/staff/requests/?view=callback"],
    "supervisor": ["/staff/overview/", "/staff/map/", "/staff/requests/?view=overdue"],
    "administrator": ["/staff/admin/grants/", "/staff/admin/grants/new/", "/staff/admin/roles/", "/staff/messages/"],
    "operations": [
        "/staff/admin/policies/",
        "/staff/admin/policies/general/version/",
        "/staff/admin/rules/",
        "/staff/admin/calendar/",
    ],
}
# Text as it is seen, without elements marked as Chinese; buttons and links that are cut off or break inside a word.
SEEN = """() => {
  const copy = document.body.cloneNode(true);
  copy.querySelectorAll('[lang|=zh], script, style, template, textarea').forEach(e => e.remove());
  return copy.textContent;
}"""
CUT = """() => [...document.querySelectorAll('.lr-btn, .lr-chip, .lr-tag, .s-nav a, .s-views a, h1, h2')]
  .filter(e => !e.closest('.lr-vh') && e.offsetParent && getComputedStyle(e).display !== 'inline')
  .filter(e => e.scrollWidth > e.clientWidth + 1)
  .map(e => e.innerText)"""

WIDE = """() => {
  const scrolls = e => e && (getComputedStyle(e).overflowX !== 'visible' || scrolls(e.parentElement));
  return [...document.querySelectorAll('main *, header *, footer *')]
    .filter(e => e.getBoundingClientRect().right > innerWidth + 1 && !scrolls(e.parentElement))
    .map(e => `${e.tagName}.${e.className}: ${e.textContent.trim()}`.slice(0, 90)).slice(0, 6);
}"""


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args):
    """A reader of English."""
    return {**browser_context_args, "locale": "en-GB"}


def check(page, name):
    assert page.get_attribute("html", "lang") == "en", name
    assert not CHINESE.search(page.evaluate(SEEN)), name
    assert not is_wider_than_screen(page), f"{name} scrolls sideways: {page.evaluate(WIDE)}"
    assert page.evaluate(CUT) == [], f"{name}: words are cut off"
    page.set_viewport_size({"width": 1280, "height": 800})
    assert page.evaluate(CUT) == [], f"{name}: words are cut off on a desk"
    page.set_viewport_size({"width": 360, "height": 740})
    page.evaluate("document.documentElement.dataset.size = 'large'")
    assert not is_wider_than_screen(page), f"{name} scrolls sideways in large type: {page.evaluate(WIDE)}"


def test_public_pages(world, make_page):
    page = make_page(width=360)
    for path in PUBLIC:
        page.goto(path)
        check(page, path)
    begin(page)
    page.wait_for_url("**/where/")
    check(page, "where")
    page.click("button[name=skip]")
    page.wait_for_url("**/what/")
    page.click(NEXT)
    check(page, "what, with an error")
    say(page, "The street lamp has been out for three days.")
    page.wait_for_url("**/category/")
    check(page, "category")
    page.check("input[name=category] >> nth=0")
    for step in ("photos", "contact", "preview", "receipt"):
        page.click(NEXT)
        page.wait_for_url(f"**/{step}/")
        check(page, step)


def test_tracking_pages(world, make_page):
    page = make_page(width=360)
    for state in STATES:
        page.goto(reverse("intake:track", args=[to_state(world, state).track_token]))
        check(page, f"tracking a request that is {state}")


@pytest.mark.parametrize("role", list(STAFF))
def test_staff_pages(world, page_of, role):
    requests = {state: to_state(world, state) for state in STATES}
    page = page_of(role, width=360)
    for path in STAFF[role]:
        page.goto(path)
        check(page, f"{role} {path}")
    if role in ("dispatcher", "handler", "agent"):
        for state, request in requests.items():
            page.goto(reverse("intake:request", args=[request.number]))
            check(page, f"{role}, request {state}")
