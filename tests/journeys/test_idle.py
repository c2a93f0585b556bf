"""Somebody leaves their desk in the middle of a form: the page asks, keeps what was typed, and gives it back."""

import pytest
from django.conf import settings
from django.test import Client

from governance.access.models import KeptForms

pytestmark = pytest.mark.django_db(transaction=True)
PAGE, WORDS = "/staff/admin/sign-in/", "测评要求 <二十分钟>"
REASON = "textarea[name=reason]"


def test_the_page_asks_keeps_and_gives_back(world, page_of, axe, live_server):
    page = page_of("administrator", width=360)
    page.clock.install()
    page.goto(PAGE)
    page.fill(REASON, WORDS)
    page.clock.fast_forward("28:30")
    dialog = page.locator("#idle[open]")
    dialog.wait_for()
    assert "2 分钟" in dialog.inner_text()
    assert page.evaluate("document.activeElement.matches('[data-idle-stay]')")
    assert axe(page) == []
    page.keyboard.press("Enter")
    dialog.wait_for(state="detached")
    assert page.evaluate("document.activeElement.name") == "reason", "the focus is where it was"
    page.clock.fast_forward("29:30")
    dialog.wait_for()
    page.clock.fast_forward("00:40")
    page.wait_for_url("**/staff/sign-in/?next=*&ended=kept")
    assert "替您存着" in page.inner_text("main")
    assert [form["action"] for form in KeptForms.objects.get().forms] == [PAGE], "the one form that was typed in"
    client = Client()
    client.force_login(world.people["administrator"])
    key = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": key, "url": live_server.url}])
    page.goto(PAGE)
    assert page.input_value(REASON) == WORDS
    page.click("button:has-text('不要了，重新填')")
    page.wait_for_url(f"**{PAGE}")
    assert page.input_value(REASON) == ""
    page.close()  # its clock stands still: no other test may get it
