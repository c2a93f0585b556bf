"""From a resident's words to what neighbours read: reported, covered, released, found, followed."""

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from governance.notifications.services.sending import send_batch
from governance.outbox import relay
from requests_intake.models import Follow, Publication, PublicPhoto, ServiceRequest
from tests.factories.world import EAST_GRID
from tests.journeys.steps import NEXT, begin, jpeg, say, until, upload
from tests.requests_intake.public_side import release


def report(page):
    """Report a lamp with a pin in the east, a photo, and consent to be read by neighbours."""
    begin(page)
    page.wait_for_url("**/where/")
    page.eval_on_selector("[name=lng]", "e => { e.value = '121.9012'; }")
    page.eval_on_selector("[name=lat]", "e => { e.value = '30.9013'; }")
    page.click(NEXT)
    say(page, "路灯不亮三天了，请打 13812345678 找老周。")
    page.wait_for_url("**/category/")
    page.check("input[name=category] >> nth=0")
    page.click(NEXT)
    page.wait_for_url("**/photos/")
    upload(page, "[name=photos]", ("a.jpg", "image/jpeg", jpeg()))
    page.click(NEXT)
    page.wait_for_url("**/contact/")
    page.check("[name=may_be_public][value=yes]")
    page.click(NEXT)
    page.wait_for_url("**/preview/")
    page.click(NEXT)
    page.wait_for_url("**/receipt/")


@pytest.mark.parametrize("width", [360, 1280])
def test_from_words_to_neighbours(world, make_page, page_of, width):
    report(make_page(width=width))
    relay.drain()
    request = ServiceRequest.objects.get()
    desk = page_of("dispatcher", width=width)
    desk.goto("/staff/moderation/")
    desk.click("a.s-rows__t")
    desk.wait_for_selector(".m-found")
    assert desk.inner_text(".m-found").startswith("13812345678")
    # cover the middle of the photo with the pointer
    desk.click(".m-photos a.lr-tap")
    box = desk.locator("[data-cover-frame]").bounding_box()
    desk.mouse.move(box["x"] + box["width"] * 0.25, box["y"] + box["height"] * 0.25)
    desk.mouse.down()
    desk.mouse.move(box["x"] + box["width"] * 0.75, box["y"] + box["height"] * 0.75, steps=3)
    desk.mouse.up()
    assert abs(float(desk.input_value("[name=width_0]")) - 50) < 1
    desk.click(".m-cover .lr-actions button")
    desk.wait_for_selector("[name=photos]")
    desk.check("[name=photos]")
    desk.fill("[name=body]", "路灯不亮三天了。")
    desk.click("button[name=look]")
    desk.wait_for_selector(".m-changes del")
    desk.select_option("[name=reason]", "personal")
    desk.click("button[name=release]")
    desk.wait_for_selector(".lr-tag--done")
    public = Publication.objects.get()
    assert PublicPhoto.objects.get(is_shown=True).areas
    # a neighbour finds it on the map and in the list
    neighbour = make_page(width=width)
    neighbour.goto("/neighbours/")
    pin = neighbour.wait_for_selector(".p-pin")
    assert pin.inner_text() == "1"
    pin.focus()
    neighbour.keyboard.press("Enter")
    assert neighbour.evaluate("document.activeElement.textContent") == public.title
    neighbour.keyboard.press("Enter")
    neighbour.wait_for_url(f"**/neighbours/{public.key}/")
    assert "13812345678" not in neighbour.content()
    assert "老周" not in neighbour.inner_text("main").replace(public.title, "")
    assert neighbour.locator(".lr-photo img").count() == 1
    neighbour.click("form[action$='/me-too/'] button")
    until(neighbour, lambda: Publication.objects.get().me_too_count == 1)
    neighbour.fill("[name=email]", "neighbour@example.com")
    neighbour.click("form[action$='/follow/'] button")
    until(neighbour, Follow.objects.exists)
    request.refresh_from_db()
    assert request.me_too_count == 1


def test_without_scripts_the_list_leads_everywhere(world, make_page):
    public = release(world, world.submit(may_be_public=True).request)
    page = make_page(width=360, java_script_enabled=False)
    page.goto("/neighbours/")
    assert not page.is_visible("[data-public-map]")
    page.select_option("[name=area]", EAST_GRID[:12])
    page.click("form[role=search] button")
    page.click(".r-title")
    page.fill("[name=email]", "neighbour@example.com")
    page.click("form[action$='/follow/'] button")
    until(page, Follow.objects.exists)
    relay.drain()
    send_batch(at=timezone.now() + timedelta(minutes=1))
    letter = next(one for one in mail.outbox if one.to == ["neighbour@example.com"])
    page.goto(re.search(r"/follow/\S+/", letter.body)[0])
    page.click("main form button")
    assert Follow.objects.get().confirmed_at is not None
    assert page.url.endswith("/")
    page.goto(reverse("intake:public-one", args=[public.key]))
    page.click("form[action$='/me-too/'] button")
    until(page, lambda: Publication.objects.get().me_too_count == 1)


def test_a_cluster_of_one_grid_leads_to_its_list(world, make_page):
    for _number in range(5):
        release(world, world.submit(may_be_public=True).request)
    page = make_page(width=1280)
    page.goto("/neighbours/")
    pin = page.wait_for_selector(".p-pin")
    assert pin.inner_text() == "5"
    pin.click()
    page.wait_for_url(f"**area={EAST_GRID}*")
    assert page.locator(".r-item").count() == 5
