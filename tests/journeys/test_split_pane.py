"""On a wide screen a row opens beside the list; the forms there are ordinary ones."""

import pytest
from playwright.sync_api import expect

from requests_intake.models import ServiceRequest
from tests.requests_intake.walk import to_state

LIST = "/staff/requests/?view=triage"


@pytest.fixture
def requests(world):
    """Three that wait, in the order of the list."""
    for _number in range(3):
        to_state(world, "submitted")
    return list(ServiceRequest.objects.order_by("next_due_at", "id"))


def head(page):
    return page.locator("#pane .s-head")


def test_rows_open_beside_the_list_by_mouse_and_by_keys(requests, page_of):
    page = page_of("dispatcher", width=1280)
    page.goto(LIST)
    page.click(f"a[href$='{requests[1].number}/']")
    expect(head(page)).to_contain_text(requests[1].number_grouped)
    expect(page.locator("#pane")).to_be_focused()
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(head(page)).to_contain_text(requests[2].number_grouped)
    page.keyboard.press("k")
    page.keyboard.press("k")
    page.keyboard.press("Enter")
    expect(head(page)).to_contain_text(requests[0].number_grouped)
    expect(page.locator("tr.is-current")).to_have_count(1)
    assert page.url.endswith(LIST)


def test_a_form_in_the_pane_is_an_ordinary_one(requests, page_of):
    page = page_of("dispatcher", width=1280)
    page.goto(LIST)
    page.click(f"a[href$='{requests[0].number}/']")
    page.click("#pane form[action$='/accept/'] button:not([name])")
    page.wait_for_url(f"**/{requests[0].number}/")
    expect(page.locator(".lr-notice--done")).to_contain_text("已受理")
    assert ServiceRequest.objects.get(pk=requests[0].pk).state == "accepted"
    page.click(".lr-back")
    page.wait_for_url(f"**{LIST}")  # the list it came from


def test_why_this_date_is_told_inside_the_pane(requests, page_of):
    page = page_of("dispatcher", width=1280)
    page.goto(LIST)
    page.click(f"a[href$='{requests[0].number}/']")
    page.click("#pane .s-whylink a")
    expect(page.locator("#pane .lr-why li").first).to_be_visible()
    assert page.url.endswith(LIST)


def test_narrow_screens_and_new_tabs_get_the_page(requests, page_of):
    page = page_of("dispatcher", width=1000)
    page.goto(LIST)
    page.click(f"a[href$='{requests[0].number}/']")
    page.wait_for_url(f"**/{requests[0].number}/")


def test_who_is_signed_out_meanwhile_comes_to_the_sign_in_page(requests, page_of):
    page = page_of("dispatcher", width=1280)
    page.goto(LIST)
    page.context.clear_cookies()
    page.click(f"a[href$='{requests[0].number}/']")
    page.wait_for_url("**/staff/sign-in/**")


def test_a_handler_signs_and_comes_to_the_answer_from_the_head_of_the_pane(world, page_of):
    request = to_state(world, "dispatched")
    page = page_of("handler", width=1280)
    page.goto("/staff/orders/")
    page.click(f"a[href$='{request.number}/']")
    page.click("#pane .s-jump button")
    page.wait_for_url(f"**/{request.number}/")
    page.check("[name=how][value=visit]")
    page.check("[name=reached][value=yes]")
    page.click("form[action$='/contact/'] button")
    page.wait_for_selector("form[action$='/reply/']")
    page.goto("/staff/orders/")
    page.click(f"a[href$='{request.number}/']")
    page.click("#pane .s-jump a >> nth=0")
    expect(page.locator("#pane [name=text]")).to_be_focused()
