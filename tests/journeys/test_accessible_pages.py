"""Every page of the walk, holding real rows: no violation of WCAG 2.2 AA, no sideways scrolling, at both widths."""

import pytest
from django.urls import reverse

from requests_intake.models import ServiceRequest
from tests.factories import world as worlds
from tests.journeys.steps import NEXT, begin, is_wider_than_screen, say, sign_in
from tests.requests_intake.walk import to_state

WIDTHS = [360, 1280]


@pytest.fixture
def world(transactional_db):
    return worlds.build()


def check(page, axe, name):
    assert not is_wider_than_screen(page), f"{name} scrolls sideways"
    violations = axe(page)
    assert not violations, f"{name}:\n" + "\n".join(violations)


def each_set(page, axe, name):
    """Standard, large type, high contrast: switched in the loaded page."""
    check(page, axe, name)
    page.evaluate("document.documentElement.dataset.size = 'large'")
    assert not is_wider_than_screen(page), f"{name} scrolls sideways in large type"
    page.evaluate("document.documentElement.dataset.contrast = 'high'")
    check(page, axe, f"{name}, large and high contrast")


@pytest.mark.parametrize("width", WIDTHS)
def test_public_pages(world, make_page, axe, width):
    page = make_page(width=width)
    for path in ["/", "/report/", "/track/", "/privacy/", "/accessibility/", "/no-such-page/", "/staff/sign-in/"]:
        page.goto(path)
        each_set(page, axe, path)
    begin(page)
    page.wait_for_url("**/where/")
    each_set(page, axe, "where")
    page.click("button[name=skip]")
    page.wait_for_url("**/what/")
    page.click(NEXT)
    each_set(page, axe, "what, with an error")
    say(page, "路灯不亮，已经三天了。")
    page.wait_for_url("**/category/")
    each_set(page, axe, "category")
    page.check("input[name=category] >> nth=0")
    page.click(NEXT)
    page.wait_for_url("**/photos/")
    each_set(page, axe, "photos")
    page.click(NEXT)
    page.wait_for_url("**/contact/")
    page.check("[name=may_be_public][value=yes]")
    each_set(page, axe, "contact")
    page.click(NEXT)
    page.wait_for_url("**/preview/")
    each_set(page, axe, "preview")
    page.click(NEXT)
    page.wait_for_url("**/receipt/")
    each_set(page, axe, "receipt")


@pytest.mark.parametrize("width", WIDTHS)
def test_tracking_pages(world, make_page, axe, width):
    page = make_page(width=width)
    for state in ("submitted", "callback", "rework", "closed"):
        request = to_state(world, state)
        page.goto(reverse("intake:track", args=[request.track_token]))
        each_set(page, axe, f"tracking a request that is {state}")


STAFF_PAGES = {
    "dispatcher": ["/staff/requests/?view=triage", "/staff/requests/?view=all", "/staff/inbox/", "/staff/components/"],
    "handler": ["/staff/orders/", "/staff/inbox/"],
    "agent": ["/staff/requests/?view=callback"],
    "supervisor": ["/staff/overview/", "/staff/map/", "/staff/requests/?view=overdue"],
    "administrator": ["/staff/admin/grants/", "/staff/admin/grants/new/", "/staff/admin/roles/", "/staff/messages/"],
}


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("role", list(STAFF_PAGES))
def test_staff_pages(world, make_page, axe, width, role):
    for state in ("submitted", "accepted", "dispatched", "contacted", "callback", "rework", "closed"):
        to_state(world, state)
    page = make_page(width=width)
    sign_in(page, world, role)
    for path in STAFF_PAGES[role]:
        page.goto(path)
        each_set(page, axe, f"{role} {path}")


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize(
    ("role", "state"),
    [
        ("dispatcher", "submitted"),
        ("dispatcher", "accepted"),
        ("handler", "dispatched"),
        ("handler", "contacted"),
        ("agent", "callback"),
        ("supervisor", "closed"),
    ],
)
def test_one_request_for_staff(world, make_page, axe, width, role, state):
    request = to_state(world, state)
    page = make_page(width=width)
    sign_in(page, world, role)
    page.goto(reverse("intake:request", args=[request.number]))
    each_set(page, axe, f"{role}, request {state}")
    assert ServiceRequest.objects.get(pk=request.pk).state == request.state
