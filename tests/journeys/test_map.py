"""The two maps in a real browser: the pin a resident puts, and the territory that staff walk down."""

import base64
import math
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.http import HttpRequest, HttpResponse
from django.template import RequestContext, Template
from django.urls import path
from playwright.sync_api import Page, Route, expect

from governance.access.decorators import public
from governance.access.models import Grant, Role, User
from governance.access.viewer import SYSTEM
from governance.organisations.models import Organisation
from governance.urls import urlpatterns as real_urls
from grid import lookup
from grid.coordinates import wgs84_to_gcj02
from grid.services import areas_load
from tests.grid import shapes

AT = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGNgYGBgAAAABQABpfZFQAAAAABJRU5ErkJggg=="
)
PICKER = Template("""{% extends "base_resident.html" %}{% block title %}地点{% endblock %}{% block content %}
<h1>这件事在哪里？</h1>
<form method="post"><label for="address">地址</label><input id="address" name="address" class="lr-input">
<input type="hidden" id="id_lng" name="lng" value="{{ lng }}">
<input type="hidden" id="id_lat" name="lat" value="{{ lat }}">
{% include "grid/_picker.html" with lng_id="id_lng" lat_id="id_lat" only %}</form>{% endblock %}""")


@public("only in these tests")
def picker_page(request: HttpRequest) -> HttpResponse:
    values = {"lng": request.GET.get("lng", ""), "lat": request.GET.get("lat", "")}
    return HttpResponse(PICKER.render(RequestContext(request, values)))


urlpatterns = [*real_urls, path("test/picker/", picker_page)]
pytestmark = [pytest.mark.urls(__name__), pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def town() -> Any:
    """One community with six grids, and its office."""
    areas_load(geojson=shapes.territory(), actor=SYSTEM, at=AT)
    Organisation.objects.create(kind="community", name="槐安社区居委会", short_name="槐安", area_code=shapes.COMMUNITY)
    yield
    lookup.forget()


def open_picker(page: Page, query: str = "") -> None:
    page.goto(f"/test/picker/{query}")
    expect(page.locator(".lr-area").first).to_be_visible()


def said(page: Page) -> Any:
    return page.locator(".lr-picker__said")


def position(page: Page) -> tuple[str, str]:
    return page.locator("#id_lng").input_value(), page.locator("#id_lat").input_value()


def sign_in(page: Page, live_server: Any) -> None:
    user = User.objects.create_user("worker@example.com", "a long password", display_name="李明")
    Grant.objects.create(
        user=user,
        role=Role.objects.get(key="grid_worker"),
        area_code=shapes.COMMUNITY,
        starts_at=datetime(2020, 1, 1, tzinfo=UTC),
        reason="test",
        created_at=AT,
    )
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    cookie = {"name": settings.SESSION_COOKIE_NAME, "value": session.session_key, "url": live_server.url}
    page.context.add_cookies([cookie])  # type: ignore[list-item]


def test_a_click_puts_the_pin_and_the_grid_is_said_back(page_360: Page) -> None:
    open_picker(page_360)
    box = page_360.locator("[data-map-canvas]").bounding_box()
    assert box is not None
    page_360.mouse.click(box["x"] + box["width"] * 0.15, box["y"] + box["height"] * 0.4)
    expect(said(page_360)).to_contain_text("柳塘街道·槐安社区·第1网格")
    expect(said(page_360)).to_contain_text("槐安社区居委会")
    lng, lat = (float(text) for text in position(page_360))
    assert lookup.grid_at(lng, lat) == shapes.grid_code(1)
    expect(page_360.locator("path.lr-area.is-on")).to_have_count(1)


def test_a_position_from_before_is_shown_again(page_360: Page) -> None:
    open_picker(page_360, f"?lng={shapes.WEST + shapes.CELL * 1.5}&lat={shapes.SOUTH + shapes.CELL * 1.6}")
    expect(said(page_360)).to_contain_text("第2网格")
    expect(page_360.locator(".lr-pin")).to_be_visible()


def test_by_keyboard_alone(page_1280: Page) -> None:
    open_picker(page_1280)
    page_1280.focus("#address")
    for _ in range(12):
        page_1280.keyboard.press("Tab")
        if page_1280.evaluate("document.activeElement.hasAttribute('data-map-centre')"):
            break
    page_1280.keyboard.press("Enter")
    expect(page_1280.locator(".lr-pin")).to_be_focused()
    expect(said(page_1280)).to_contain_text("槐安社区")
    start = position(page_1280)
    page_1280.keyboard.press("ArrowRight")
    page_1280.keyboard.press("ArrowUp")
    moved = position(page_1280)
    assert float(moved[0]) > float(start[0])
    assert float(moved[1]) > float(start[1])
    for _ in range(60):
        page_1280.keyboard.press("Shift+ArrowRight")
    expect(said(page_1280)).to_contain_text("不在本区")
    expect(page_1280.locator(".lr-pin")).to_be_in_viewport()
    page_1280.get_by_role("button", name="去掉图钉").click()
    expect(said(page_1280)).to_contain_text("还没有放图钉")
    assert position(page_1280) == ("", "")


def test_the_page_can_move_the_pin(page_1280: Page) -> None:
    """An address was found: the page sets both fields and tells the second."""
    open_picker(page_1280)
    page_1280.evaluate(
        """([lng, lat]) => {
            document.getElementById("id_lng").value = lng;
            const field = document.getElementById("id_lat");
            field.value = lat;
            field.dispatchEvent(new Event("change"));
        }""",
        [shapes.WEST + shapes.CELL * 2.5, shapes.SOUTH + shapes.CELL * 0.4],
    )
    expect(said(page_1280)).to_contain_text("第6网格")


def test_without_an_answer_the_position_is_kept(page_360: Page) -> None:
    open_picker(page_360)

    def fail(route: Route) -> None:
        route.abort()

    page_360.route("**/map/where*", fail)
    page_360.get_by_role("button", name="把图钉放到地图中间").click()
    expect(said(page_360)).to_contain_text("位置已经记下")
    assert all(position(page_360))


def test_my_position_is_used_or_refused_in_words(make_page: Callable[..., Page], live_server: Any) -> None:
    here = {"latitude": shapes.SOUTH + shapes.CELL * 1.6, "longitude": shapes.WEST + shapes.CELL * 0.4}
    page = make_page(width=360, geolocation=here, permissions=["geolocation"])
    open_picker(page)
    page.get_by_role("button", name="用我现在的位置").click()
    expect(said(page)).to_contain_text("第1网格")
    far = make_page(width=360, geolocation={"latitude": 48.85, "longitude": 2.35}, permissions=["geolocation"])
    open_picker(far)
    far.get_by_role("button", name="用我现在的位置").click()
    expect(said(far)).to_contain_text("离本区很远")
    assert position(far) == ("", "")


def test_tiles_that_do_not_come_are_dropped_and_said(page_360: Page, settings: Any, live_server: Any) -> None:
    settings.LIREN_MAP_TILES = {"url": f"{live_server.url}/no-tiles/{{z}}/{{x}}/{{y}}.png", "attribution": "测试"}
    open_picker(page_360)
    expect(page_360.get_by_text("底图暂不可用")).to_be_visible()
    expect(page_360.locator(".has-tiles")).to_have_count(0)


def test_outlines_and_pin_lie_where_shifted_tiles_show_the_streets(
    page_1280: Page, settings: Any, live_server: Any
) -> None:
    """Tiles in GCJ-02: the tile under the pin is the one of its shifted position, and what is kept is WGS-84."""
    url = f"{live_server.url}/tiles/{{z}}/{{x}}/{{y}}.png"
    settings.LIREN_MAP_TILES = {"url": url, "attribution": "测试", "crs": "gcj02"}
    page_1280.route("**/tiles/**", lambda route: route.fulfill(content_type="image/png", body=PIXEL))
    lng, lat = shapes.WEST + shapes.CELL * 1.5, shapes.SOUTH + shapes.CELL * 1.6
    open_picker(page_1280, f"?lng={lng}&lat={lat}")
    expect(said(page_1280)).to_contain_text("第2网格")
    east, north = (float(part) for part in wgs84_to_gcj02(lng, lat))
    pin = page_1280.locator(".lr-pin").bounding_box()
    assert pin is not None
    x, y = pin["x"] + 22, pin["y"] + 46  # its tip
    page_1280.wait_for_function("document.querySelector('.leaflet-tile-loaded')")
    shown = page_1280.evaluate(
        """([x, y]) => [...document.querySelectorAll("img.leaflet-tile")].map(tile => {
            const box = tile.getBoundingClientRect();
            const inside = x >= box.left && x < box.right && y >= box.top && y < box.bottom;
            return inside && [...tile.src.match(/(\\d+)\\/(\\d+)\\/(\\d+)\\.png/).slice(1).map(Number),
                              (x - box.left) / box.width, (y - box.top) / box.height];
        }).filter(Boolean)""",
        [x, y],
    )
    zoom, column, row, right, down = shown[-1]
    tiles = 2**zoom
    assert column + right == pytest.approx((east + 180) / 360 * tiles, abs=0.02)
    assert row + down == pytest.approx((1 - math.asinh(math.tan(math.radians(north))) / math.pi) / 2 * tiles, abs=0.02)
    page_1280.locator(".lr-pin").focus()
    page_1280.keyboard.press("ArrowRight")
    page_1280.keyboard.press("ArrowLeft")
    kept = [float(text) for text in position(page_1280)]
    assert kept == pytest.approx([lng, lat], abs=1e-5)


def test_without_script_there_is_no_empty_map(make_page: Callable[..., Page]) -> None:
    page = make_page(width=360, java_script_enabled=False)
    page.goto("/test/picker/")
    expect(page.locator("#address")).to_be_visible()
    expect(page.locator("[data-map-picker]")).to_be_hidden()


@pytest.mark.parametrize("width", [360, 1280])
def test_the_picker_is_accessible(width: int, make_page: Callable[..., Page], axe: Callable[[Page], list[str]]) -> None:
    page = make_page(width=width)
    open_picker(page)
    page.get_by_role("button", name="把图钉放到地图中间").click()
    expect(said(page)).to_contain_text("槐安社区")
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    for button in page.locator(".lr-map__button:visible, .lr-picker__keys button:visible").all():
        box = button.bounding_box()
        assert box is not None
        assert min(box["width"], box["height"]) >= 44


@pytest.mark.parametrize("width", [360, 1280])
def test_the_territory_is_accessible_and_walks_down(
    width: int, make_page: Callable[..., Page], live_server: Any, axe: Callable[[Page], list[str]]
) -> None:
    page = make_page(width=width)
    sign_in(page, live_server)
    page.goto(f"/staff/map/?within={shapes.SUBDISTRICT}")
    page.get_by_role("link", name="槐安社区").click()
    expect(page.locator("path.lr-area")).to_have_count(6)
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.get_by_role("link", name="第2网格").focus()
    expect(page.locator("path.lr-area.is-on")).to_have_count(1)
    page.locator(f"path[data-code='{shapes.grid_code(4)}']").click()
    expect(page).to_have_url(re.compile(shapes.grid_code(4)))
    expect(page.get_by_role("heading", level=1)).to_have_text("第4网格")
