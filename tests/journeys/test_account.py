"""A resident on a telephone, without script: an account, a request filed from it, the list, the first page."""

import pytest
from django.urls import reverse

from requests_intake.models import ServiceRequest
from tests.journeys.steps import NEXT, begin, is_wider_than_screen, say, sign_up_in_browser, skip_where

pytestmark = pytest.mark.django_db(transaction=True)
WORDS = "七号楼北侧的路灯不亮了，已经三天。"


def test_from_signing_up_to_the_own_list(world, make_page, settings):
    page = sign_up_in_browser(make_page(width=360, java_script_enabled=False), settings, name="周梅")
    page.goto("/my/")
    assert page.locator(".lr-empty").count() == 1
    begin(page)
    skip_where(page)
    say(page, WORDS)
    page.wait_for_url("**/category/")
    page.goto("/my/drafts/")
    assert "七号楼北侧的路灯不亮了" in page.inner_text("main")
    page.click("main a.lr-btn")
    page.click("main form button.lr-btn")
    skip_where(page)
    page.wait_for_url("**/what/")
    assert page.input_value("[name=body]") == WORDS
    say(page, WORDS)
    page.wait_for_url("**/category/")
    page.check("input[name=category] >> nth=0")
    page.click(NEXT)
    page.wait_for_url("**/photos/")
    page.click(NEXT)
    page.wait_for_url("**/contact/")
    assert (page.input_value("[name=name]"), page.input_value("[name=phone]")) == ("周梅", "13812345678")
    page.click(NEXT)
    page.wait_for_url("**/preview/")
    page.click(NEXT)
    page.wait_for_url("**/receipt/")
    filed = ServiceRequest.objects.get()
    assert filed.account is not None
    page.goto("/my/")
    assert filed.number_grouped in page.inner_text("main")
    assert not is_wider_than_screen(page)
    page.click(".r-mine__link")
    page.wait_for_url("**/t/**")
    page.goto("/")
    assert filed.title in page.inner_text("main")
    page.goto("/account/")
    page.click("main form button:has-text('退出登录')")
    page.goto("/my/")
    assert "/account/sign-in/" in page.url
    page.goto(reverse("intake:track", args=[filed.track_token]))
    assert page.locator("h1").inner_text() == filed.title
