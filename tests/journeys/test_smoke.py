"""The portal opens in a real browser: at both widths, in both languages, without a fault that a machine can see."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Watches

pytestmark = pytest.mark.django_db(transaction=True)
Axe = Callable[[Page], list[str]]


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("path", ["/", "/staff/sign-in/"])
def test_a_page_opens_without_fault(make_page: Callable[..., Page], axe: Axe, path: str, width: int) -> None:
    page = make_page(width=width)
    answer = page.goto(path, wait_until="networkidle")
    assert answer is not None
    assert answer.status == 200
    expect(page.locator("h1")).to_have_count(1)
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), "scrolls sideways"


def test_the_watch_sees_a_request_that_leaves_the_portal(page_1280: Page, nonet: Watches) -> None:
    watch = nonet(page_1280.context)
    page_1280.goto("/")
    assert watch.faults == []
    page_1280.evaluate("new Image().src = 'http://127.0.0.2:9/x.png'")
    page_1280.wait_for_timeout(200)
    assert any("127.0.0.2" in fault or "Content Security Policy" in fault for fault in watch.faults)
    watch.faults.clear()  # this test made them itself
