"""A question is added on the administrator's page and asked in the residents' flow, with and without script."""

import pytest
from django.urls import reverse

from requests_intake.models import ServiceRequest
from tests.journeys.steps import NEXT, asking, begin, is_wider_than_screen, say, skip_where, small_targets


def choose_lamp(page, lamp):
    begin(page)
    skip_where(page)
    say(page, "槐安里的路灯不亮了，晚上看不清。")
    page.wait_for_url("**/category/")
    page.check(f"input[name=category][value='{lamp.pk}']")
    page.click(NEXT)


def test_a_question_added_by_the_administrator_is_asked(world, page_of, make_page):
    lamp = world.categories["lamp"]
    page = page_of("operations", width=1280)
    page.goto(reverse("intake:question-new", args=[lamp.pk]))
    page.fill("[name=label]", "灯杆编号是多少？")
    page.fill("[name=label_en]", "What is the number on the pole?")
    page.check("[name=kind][value=line]")
    page.check("[name=required]")
    page.fill("[name=reason]", "派得准一些")
    page.click("main form > .lr-actions button >> nth=-1")
    page.wait_for_selector("#changes")
    page.click("#changes + .lr-actions button")
    page.wait_for_url(f"**/catalogue/{lamp.pk}/")
    assert "灯杆编号是多少？" in page.inner_text("main")

    phone = make_page(width=360)
    choose_lamp(phone, lamp)
    phone.wait_for_url("**/questions/")
    phone.click(NEXT)
    phone.wait_for_selector(".lr-errors")
    phone.fill("input[type=text]", "A-17")
    phone.click(NEXT)
    phone.wait_for_url("**/photos/")
    phone.click(NEXT)
    phone.wait_for_url("**/contact/")
    phone.click(NEXT)
    phone.wait_for_url("**/preview/")
    assert "A-17" in phone.inner_text("main")
    phone.click(NEXT)
    phone.wait_for_url("**/receipt/")
    assert ServiceRequest.objects.get().answers.rows[0]["values"][0]["zh"] == "A-17"


def test_the_page_follows_the_answers_while_one_types(world, make_page, axe):
    """With script the further question appears under the choice, and a stopper shows its number; nothing typed goes."""
    lamp = asking(world)
    page = make_page(width=360)
    choose_lamp(page, lamp)
    page.wait_for_url("**/questions/")
    page.check("[name=q_lit][value=yes]")
    page.wait_for_selector("[name=q_pole]")
    page.fill("[name=q_pole]", "A-17")
    page.check("[name=q_lit][value=wire]")
    page.wait_for_selector("a[href='tel:110']")
    assert axe(page) == []
    assert small_targets(page) == []
    assert not is_wider_than_screen(page)
    page.click(NEXT)
    page.wait_for_selector(".lr-errors")
    assert page.url.endswith("/questions/")
    page.check("[name=q_lit][value=yes]")
    page.wait_for_selector("[name=q_pole]")
    assert page.input_value("[name=q_pole]") == "A-17"
    page.click(NEXT)
    page.wait_for_url("**/photos/")


@pytest.mark.parametrize("answer", ["yes", "no"])
def test_without_script(world, make_page, answer):
    lamp = asking(world)
    page = make_page(width=360, java_script_enabled=False)
    choose_lamp(page, lamp)
    page.wait_for_url("**/questions/")
    page.check(f"[name=q_lit][value={answer}]")
    page.click(NEXT)
    page.wait_for_selector(".lr-errors")
    if answer == "yes":
        page.fill("[name=q_pole]", "A-17")
    page.click(NEXT)
    page.wait_for_url("**/photos/")
