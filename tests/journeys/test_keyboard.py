"""A day at the lists by keyboard alone, at both widths: move, tick, open, dispatch, note, reply, search, help, off."""

import pytest
from playwright.sync_api import expect

from requests_intake.models import InternalNote, ServiceRequest, WorkOrder
from tests.journeys.steps import until
from tests.requests_intake.walk import to_state

OPEN = "/staff/requests/?view=open"


@pytest.fixture
def requests(world):
    """Three that wait for an office, in the order of the list."""
    for _number in range(3):
        to_state(world, "accepted")
    return list(ServiceRequest.objects.order_by("next_due_at", "id"))


def focused(page):
    return page.evaluate("document.activeElement.name || document.activeElement.id || document.activeElement.className")


def test_rows_are_walked_ticked_and_dispatched_together(requests, page_of):
    page = page_of("dispatcher", width=1280)
    page.goto(OPEN)
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(page.locator("[data-selected-count]")).to_have_text("2")
    page.keyboard.press("k")
    expect(page.locator("tr.is-current a")).to_be_focused()
    page.keyboard.press("a")
    page.wait_for_url("**/bulk/**")
    page.select_option("[name=organisation]", "rule")
    page.locator("[name=instruction]").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/bulk/*-*/")
    expect(page.locator("#bulk-run")).to_contain_text("做好 2 件")
    assert WorkOrder.objects.count() == 2


def test_keys_open_the_row_and_find_their_place_in_it(requests, page_of):
    page = page_of("dispatcher", width=1280)
    page.goto(OPEN)
    page.keyboard.press("j")
    page.keyboard.press("a")  # nothing is ticked: the row opens, and the choice of offices has the focus
    until(page, lambda: focused(page) == "organisation")
    page.locator("#pane").focus()
    page.keyboard.press("n")
    until(page, lambda: focused(page) == "note")
    page.keyboard.type("nothing here is a shortcut: j k x a r / ?")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#desk")).to_contain_text("nothing here is a shortcut")
    assert InternalNote.objects.get().request == requests[0]
    assert page.url.endswith(OPEN)


def test_composing_with_an_input_method_presses_no_shortcut(requests, page_of):
    page = page_of("dispatcher", width=1280)
    page.goto(OPEN)
    page.evaluate(
        """() => { for (const [key, more] of [["j", {isComposing: true}], ["j", {keyCode: 229}]])
        document.body.dispatchEvent(new KeyboardEvent("keydown", {key, bubbles: true, ...more})); }"""
    )
    expect(page.locator("tr.is-current")).to_have_count(0)
    page.keyboard.press("/")
    assert focused(page) == "q"
    page.keyboard.type("jx")
    expect(page.locator("tr.is-current, tr.is-selected")).to_have_count(0)


def test_help_and_the_switch_that_stays_with_the_person(requests, world, page_of):
    page = page_of("dispatcher", width=1280)
    page.goto(OPEN)
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    page.click("#keys [name=_preference]")
    until(page, lambda: not type(world.people["dispatcher"]).objects.get(staff_no="dispatcher").has_shortcuts)
    page.wait_for_url(f"**{OPEN}")
    page.keyboard.press("j")
    expect(page.locator("tr.is-current")).to_have_count(0)
    another = page_of("dispatcher", width=1280)  # another browser of the same person
    another.goto(OPEN)
    another.keyboard.press("j")
    expect(another.locator("tr.is-current")).to_have_count(0)


def test_on_a_phone_a_row_is_a_page_and_the_keys_find_their_places(world, page_of):
    request = to_state(world, "contacted")
    page = page_of("handler", width=360)
    page.goto("/staff/orders/")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/{request.number}/")
    page.wait_for_selector("#desk [name=note]")
    page.keyboard.press("r")
    assert focused(page) == "text"
    page.keyboard.press("Tab")
    page.locator("#main").focus()
    page.keyboard.press("n")
    assert focused(page) == "note"


def test_colleagues_see_each_other_and_a_template_goes_into_the_answer(world, page_of):
    from requests_intake.models import AnswerTemplate
    from tests.factories.world import MORNING

    request = to_state(world, "contacted")
    AnswerTemplate.objects.create(title="修好了", text="{编号} 修好了。", changed_at=MORNING)
    address = f"/staff/requests/{request.number}/"
    first, second = page_of("supervisor", width=1280), page_of("handler", width=1280)
    first.goto(address)
    first.wait_for_selector("#presence", state="attached")
    until(first, lambda: first.evaluate("!document.querySelector('.htmx-request')"))
    second.goto(address)
    expect(second.locator("#present")).to_contain_text("Supervisor Person 也在看")
    second.click("#desk a:has-text('修好了')")
    second.click("[data-fill]")
    expect(second.locator("form[action$='/reply/'] [name=text]").first).to_have_value(
        f"{request.number_grouped} 修好了。"
    )
