"""Known addresses: offered while typing, recognised on sending, and never in the way of what was typed."""

from html import unescape

import pytest
from django.conf import settings
from django.urls import reverse

from governance.access.viewer import SYSTEM
from population.services import AddressDraft, addresses_load
from requests_intake.models import Draft
from requests_intake.selectors.drafts import draft_summary
from requests_intake.views import address
from tests.factories.world import EAST, EAST_GRID, IN_EAST, IN_WEST, MORNING, WEST, WEST_GRID
from tests.requests_intake.resident import Resident
from tests.sql import assert_sql

URL = reverse("intake:address")
EAST_PATH = "柳塘街道 · 槐安社区 · 第一网格"


@pytest.fixture
def addresses(world):
    drafts = [AddressDraft("槐安里", f"{n} 幢", *IN_EAST) for n in range(1, 9)]
    drafts.append(AddressDraft("槐安里", "9 幢", *IN_EAST, text="澄湾区柳塘街道槐安社区渡口街 3 号槐安里 9 幢"))
    drafts.append(AddressDraft("青禾里", "7 幢", *IN_WEST))
    addresses_load(drafts=drafts, actor=SYSTEM, at=MORNING)


@pytest.fixture
def resident(addresses, time_machine):
    time_machine.move_to(MORNING, tick=False)
    return Resident(clock=time_machine)


def offers(client, typed, **headers):
    response = client.get(URL, {"address": typed}, headers=headers)
    assert response.status_code == 200
    return unescape(response.content.decode())


def test_what_is_typed_finds_addresses_with_their_place(addresses, client):
    with assert_sql(2):
        html = offers(client, "槐安里7号楼", hx_request="true")
    assert html.index("<b>槐安里 7 幢</b>") > 0
    assert EAST_PATH in html
    assert f'data-community="{EAST}"' in html
    assert f'data-lng="{IN_EAST[0]}" data-lat="{IN_EAST[1]}"' in html
    assert html.count("<button") <= address.SHOWN


def test_choosing_never_takes_words_away(addresses, client):
    assert 'data-fills="槐安里 7 幢"' in offers(client, "槐安里 7")  # a beginning is completed
    assert 'data-fills="槐安里 7 幢北侧小路"' in offers(client, "槐安里 7 幢北侧小路")  # more words than we know stay


def test_the_way_down_is_said_once(addresses, client):
    html = offers(client, "渡口街3号槐安里9幢")
    assert "<b>渡口街 3 号槐安里 9 幢</b>" in html
    assert "澄湾区柳塘街道" not in html


def test_in_english_the_place_is_english_and_the_address_as_short(addresses, client):
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    html = offers(client, "渡口街3号槐安里9幢", accept_language="en")
    assert '<b lang="zh-Hans">渡口街 3 号槐安里 9 幢</b>' in html
    assert "Liutang Sub-district · Huai'an Community · Grid 1" in html


@pytest.mark.parametrize("typed", ["", "槐", "  槐 "])
def test_too_little_says_nothing(addresses, client, typed):
    assert offers(client, typed).strip() == ""


@pytest.mark.parametrize("typed", ["完全不相干的话", "<script>alert(1)</script>", "%_%", "x" * 5000])
def test_what_is_unknown_is_said_and_never_echoed(addresses, client, typed):
    html = offers(client, typed)
    assert "没有认出这个地址" in html
    assert "<script>" not in html
    assert "<button" not in html


def test_typed_words_come_back_as_text(addresses, client):
    html = client.get(URL, {"address": '槐安里 7 幢"><img src=x onerror=alert(1)>'}).content.decode()
    assert "<button" in html
    assert "<img" not in html


def test_a_robot_is_slowed_down(addresses, client, time_machine):
    time_machine.move_to(MORNING, tick=False)
    statuses = [client.get(URL).status_code for _time in range(301)]
    assert statuses == [200] * 300 + [429]


def test_only_reading(addresses, client):
    assert client.post(URL, {"address": "槐安里"}).status_code == 405


def preview_of(resident, **where):
    resident.begin().send(**{"lng": "", "lat": ""} | where)
    resident.answer_all("unsure")
    return resident.open(resident.address).content.decode()


def data_of():
    return Draft.objects.get().data


def test_without_script_the_address_is_recognised_and_said_back(resident):
    preview = preview_of(resident, address="槐安里7号楼北侧")
    assert data_of()["area_code"] == EAST_GRID
    assert "我们认出：槐安里 7 幢" in preview
    assert "槐安里7号楼北侧" in preview


def test_what_nobody_knows_is_kept_and_said(resident):
    preview = preview_of(resident, address="老榕树底下")
    assert (data_of()["area_code"], data_of()["address"]) == ("", "老榕树底下")
    assert "没有认出这个地址，受理台会看" in preview
    assert "老榕树底下" in preview


def test_the_chosen_community_wins_over_a_likeness_elsewhere(resident):
    preview_of(resident, address="青禾里7号楼", area_code=EAST)
    assert (data_of()["area_code"], data_of()["recognised"]) == (EAST, "")


def test_inside_the_chosen_community_the_grid_is_found(resident):
    preview_of(resident, address="青禾里7号楼", area_code=WEST)
    assert data_of()["area_code"] == WEST_GRID


def test_a_pin_says_its_place_and_forgets_what_was_recognised(resident):
    resident.begin().send(lng="", lat="", address="青禾里7号楼")
    assert data_of()["recognised"]
    resident.go("where")
    resident.send(lng=str(IN_EAST[0]), lat=str(IN_EAST[1]))
    resident.answer_all("unsure")
    preview = resident.open(resident.address).content.decode()
    assert (data_of()["area_code"], data_of()["recognised"]) == (EAST_GRID, "")
    assert f"在{EAST_PATH}" in preview


def test_the_note_stands_at_the_place(resident):
    preview_of(resident, address="槐安里7号楼")
    assert str(draft_summary(Draft.objects.get(), resident.token)[0].label) == "地点"
