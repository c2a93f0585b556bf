"""What scripts add to reporting: nothing typed is lost, nothing is sent twice; known addresses, photos, print."""

import re

import pytest
from playwright.sync_api import expect

from governance.access.viewer import SYSTEM
from governance.files.models import StoredFile
from population.services import AddressDraft, addresses_load
from requests_intake.models import Draft, ServiceRequest
from tests.factories.world import EAST, IN_EAST, MORNING
from tests.journeys.steps import NEXT, begin, jpeg, say, skip_where, until, upload

WORDS = "槐安里 7 号楼北侧的路灯不亮了，快一个星期了。"


def saved(page):
    """Wait for the answer to the page's own saving."""
    return page.expect_response(lambda answer: answer.request.method == "POST" and answer.status == 204)


def test_typed_words_survive_a_reload_without_pressing_anything(world, make_page):
    page = make_page(width=360)
    begin(page)
    skip_where(page)
    with saved(page):
        page.fill("[name=body]", WORDS)
    expect(page.locator("[data-autosave-status]")).to_contain_text("已经自动保存")
    page.reload()
    assert page.input_value("[name=body]") == WORDS
    address = page.url
    page.context.clear_cookies()
    page.goto("/")
    page.goto(address)
    assert page.input_value("[name=body]") == WORDS
    assert "body" not in Draft.objects.get().data, "kept as typed, not yet as an answer"


def test_leaving_the_page_saves_what_the_pause_has_not(world, make_page):
    page = make_page(width=360)
    begin(page)
    skip_where(page)
    page.fill("[name=body]", WORDS)
    page.goto("/")
    until(page, lambda: Draft.objects.get().data["raw"].get("what", {}).get("body") == WORDS)
    page.go_back()
    page.wait_for_url("**/what/")
    assert page.input_value("[name=body]") == WORDS


def test_a_pin_is_saved_as_well(world, make_page):
    page = make_page(width=360)
    begin(page)
    page.wait_for_url("**/where/")
    with saved(page):
        page.click("[data-map-centre]")
    page.reload()
    expect(page.locator(".lr-pin")).to_be_visible()
    assert page.input_value("[name=lng]").startswith("121.9")


@pytest.mark.parametrize("script", [True, False], ids=["with-script", "without-script"])
def test_back_to_the_first_choice_keeps_the_draft(world, make_page, script):
    page = make_page(width=360, java_script_enabled=script)
    begin(page)
    page.wait_for_url("**/where/")
    page.fill("[name=address]", "老榕树底下")
    page.click(".lr-back")
    page.wait_for_url("**/report/?draft=*")
    assert page.is_checked("[name=kind][value=help]")
    page.check("[name=kind][value=complaint]")
    page.click("main form button.lr-btn")
    page.wait_for_url("**/where/")
    assert page.input_value("[name=address]") == "老榕树底下"
    assert Draft.objects.get().data["kind"] == "complaint"


def test_enter_in_a_field_goes_on(world, make_page):
    page = make_page(width=360)
    begin(page)
    page.wait_for_url("**/where/")
    page.fill("[name=address]", "老榕树底下")
    page.press("[name=address]", "Enter")
    page.wait_for_url("**/what/")


def test_a_double_click_sends_once(world, make_page):
    page = make_page(width=360)
    begin(page, "enquiry")
    say(page, "居住证快到期了，怎么续？")
    page.wait_for_url("**/category/")
    page.check("[name=category][value=unsure]")
    page.click(NEXT)
    page.wait_for_url("**/contact/")
    page.click(NEXT)
    page.wait_for_url("**/preview/")
    sent = []

    def hear(request):
        if request.method == "POST":
            sent.append(request.url)

    page.on("request", hear)
    page.dblclick(NEXT)
    page.wait_for_url("**/receipt/")
    page.remove_listener("request", hear)
    assert len(sent) == 1
    assert ServiceRequest.objects.count() == 1
    page.evaluate("window.print = () => { document.title = 'printed' }")
    page.click("[data-print]")
    expect(page).to_have_title("printed")


def test_faults_are_read_first(world, make_page):
    page = make_page(width=360)
    begin(page)
    page.wait_for_url("**/where/")
    page.click(NEXT)
    expect(page.locator(".lr-errors")).to_be_focused()
    page.click(".lr-errors a")
    expect(page.locator("[name=address]")).to_be_focused()
    assert page.title().startswith("错误：")


def test_photos_are_shown_at_once_and_shrunk_before_they_travel(world, make_page):
    page = make_page(width=360)
    begin(page)
    skip_where(page)
    say(page, WORDS)
    page.wait_for_url("**/category/")
    page.check("[name=category][value=unsure]")
    page.click(NEXT)
    page.wait_for_url("**/photos/")
    upload(page, "#photos", ("大.jpg", "image/jpeg", jpeg(size=(3000, 2400))))
    expect(page.locator(".lr-photo img")).to_be_visible()
    size = page.evaluate(
        "createImageBitmap(document.getElementById('photos').files[0]).then(image => [image.width, image.height])"
    )
    assert size == [1638, 2048], "turned upright and at most 2048 px"
    page.click("button[name=add]")
    page.wait_for_selector("button[name=remove]")
    stored = StoredFile.objects.get()
    assert (stored.width, stored.height) == (1638, 2048)


@pytest.fixture
def addresses(world):
    drafts = [AddressDraft("槐安里", f"{n} 幢", *IN_EAST) for n in range(1, 9)]
    addresses_load(drafts=drafts, actor=SYSTEM, at=MORNING)


def test_known_addresses_stand_below_the_field(addresses, make_page):
    page = make_page(width=360)
    begin(page)
    page.wait_for_url("**/where/")
    page.wait_for_selector(".lr-map .leaflet-container, .leaflet-container")
    page.locator("[name=address]").press_sequentially("槐安里 7")
    first = page.locator("#address-matches button").first
    expect(first).to_contain_text("槐安里 7 幢")
    expect(page.locator("[data-address-said]")).to_contain_text("是就点一下")
    page.keyboard.press("ArrowDown")
    expect(first).to_be_focused()
    with saved(page):
        page.keyboard.press("Enter")
    assert page.input_value("[name=address]") == "槐安里 7 幢"
    assert page.input_value("[name=area_code]") == EAST
    assert page.input_value("[name=lng]") == str(IN_EAST[0])
    expect(page.locator("#address-matches")).to_contain_text("选好了：槐安里 7 幢")
    expect(page.locator(".lr-pin")).to_be_visible()
    page.click(NEXT)
    page.wait_for_url("**/what/")


def test_escape_closes_the_list_and_keeps_the_words(addresses, make_page):
    page = make_page(width=360)
    begin(page)
    page.wait_for_url("**/where/")
    page.fill("[name=address]", "槐安里 7 幢北侧小路")
    page.locator("#address-matches button").first.wait_for()
    page.press("[name=address]", "Escape")
    expect(page.locator("#address-matches button")).to_have_count(0)
    assert re.search("北侧小路", page.input_value("[name=address]"))
