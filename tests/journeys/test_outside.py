"""An order goes to a property firm by a link: the desk, the firm on a telephone, the reviewer, the resident."""

import pytest
from django.urls import reverse

from requests_intake.models import ServiceRequest
from tests.journeys.steps import is_wider_than_screen, jpeg, upload
from tests.requests_intake.walk import to_state


@pytest.mark.parametrize("script", [True, False], ids=["with-script", "without-script"])
def test_a_firm_answers_by_its_link(world, make_page, page_of, axe, script):
    request = to_state(world, "dispatched", organisation="firm")
    page = reverse("intake:request", args=[request.number])
    desk = page_of("dispatcher", width=360, java_script_enabled=script)
    desk.goto(f"{page}?turn=send_outside#turn")
    form = "form[action$='/send_outside/']"
    assert desk.input_value(f"{form} [name=organisation]") == str(world.organisations["firm"].pk)
    desk.check(f"{form} [name=may_call]")
    desk.click(f"{form} .lr-btn >> nth=0")
    desk.wait_for_selector(".s-qr svg")
    link = desk.get_attribute(".s-link", "href")
    assert not is_wider_than_screen(desk)

    firm = make_page(width=360, java_script_enabled=script)
    firm.goto(link)
    assert not is_wider_than_screen(firm)
    if script:
        assert axe(firm) == []
        assert axe(desk) == []
    assert "13912342046" not in firm.inner_text("main")
    firm.click("form[action$='/contact/'] button")
    firm.wait_for_selector("a[href='tel:13912342046']")
    firm.click("form[action$='/sign/'] button")
    firm.wait_for_selector("form[action$='/note/']")
    firm.fill("form[action$='/note/'] textarea", "明天上午来换灯")
    firm.click("form[action$='/note/'] button")
    firm.wait_for_selector(".lr-notice--done")
    firm.click("form[action$='/hand_in/'] button")
    firm.wait_for_selector(".lr-errors")
    if script:
        assert axe(firm) == []
    firm.fill("form[action$='/hand_in/'] textarea", "灯换好了，今晚会亮。")
    upload(firm, "form[action$='/hand_in/'] input[name=photos]", ("after.jpg", "image/jpeg", jpeg()))
    firm.click("form[action$='/hand_in/'] button")
    firm.wait_for_selector("h1:has-text('结果已经交了')")
    assert "路灯" not in firm.inner_text("main")

    reviewer = page_of("supervisor", width=360, java_script_enabled=script)
    reviewer.goto(page)
    assert "明天上午来换灯" in reviewer.inner_text("#history >> xpath=..")
    pending = reviewer.inner_text("#notes >> xpath=..")
    assert "灯换好了，今晚会亮。" in pending
    assert reviewer.locator("#notes >> xpath=.. >> img").count() == 1
    assert not is_wider_than_screen(reviewer)
    if script:
        assert axe(reviewer) == []
    reviewer.goto(f"{page}?turn=approve#turn")
    reviewer.click("form[action$='/approve/'] .lr-btn >> nth=0")
    reviewer.wait_for_selector(".lr-notice--done")

    resident = make_page(width=360, java_script_enabled=script)
    resident.goto(reverse("intake:track", args=[request.track_token]))
    assert "灯换好了，今晚会亮。" in resident.inner_text(".r-reply")
    assert ServiceRequest.objects.get(pk=request.pk).state == "callback"
    firm.goto(link)
    assert "灯换好了" not in firm.inner_text("main")
