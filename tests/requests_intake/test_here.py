"""Posters: what their codes open, what is filled in and can be changed, what is printed; the page of the grid."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from shapely.geometry import box

from grid.features import AreaDraft
from grid.models import Area
from grid.services import area_split, areas_merge
from population.models import StandardAddress
from requests_intake.here import code_of, code_of_estate, here_of
from requests_intake.models import Draft
from tests.factories.world import EAST, EAST_GRID, MORNING, WEST, World
from tests.requests_intake.public_side import release
from tests.requests_intake.walk import to_state

pytestmark = pytest.mark.django_db


def begin(client: Client, code: str) -> str:
    """Scan, choose what it is about; the address of the question "where"."""
    scanned = client.get(reverse("intake:here", args=[code]))
    assert scanned.status_code == 302
    start = scanned["Location"]
    hidden = re.findall(r'name="here" value="([^"]*)"', client.get(start).content.decode())
    answer = client.post(reverse("intake:start"), {"kind": "help", "here": hidden[0] if hidden else ""})
    assert answer.status_code == 302
    return str(answer["Location"])


def place() -> dict[str, Any]:
    (draft,) = Draft.objects.all()
    return dict(draft.data)


@pytest.fixture
def address(world: World) -> StandardAddress:
    return StandardAddress.objects.create(
        text="柳塘街道东社区槐安里 7 号楼",
        estate="槐安里",
        building="7 号楼",
        area_code=EAST_GRID,
        lng=121.905,
        lat=30.905,
        search_text="x",
    )


def test_a_grids_poster_fills_in_the_place_which_can_be_changed(world: World, client: Client) -> None:
    where = begin(client, EAST_GRID)
    html = client.get(where).content.decode()
    names = [area.name for area in Area.objects.filter(code__in=[EAST, EAST_GRID]).order_by("code")]
    assert "".join(names) in html
    assert re.search(rf'value="{EAST}" selected', html)
    filled = re.findall(r'name="address" value="([^"]*)"', html)[0]
    client.post(where, {"address": f"{filled}北门", "area_code": EAST})
    assert place()["area_code"] == EAST_GRID
    client.post(where, {"address": "别的地方", "area_code": EAST})
    assert place()["area_code"] == EAST
    client.post(where, {"address": filled, "area_code": WEST})
    assert place()["area_code"] == WEST


def test_a_buildings_poster_puts_the_pin(address: StandardAddress, client: Client) -> None:
    where = begin(client, code_of(address))
    html = client.get(where).content.decode()
    assert address.text in html
    client.post(where, {"address": address.text, "area_code": EAST, "lng": "121.905", "lat": "30.905"})
    assert (place()["place_kind"], place()["area_code"]) == ("pin", EAST_GRID)
    address.delete()
    left = here_of(f"{EAST_GRID}-00000000")
    assert left is not None
    assert left.code == EAST_GRID


def test_an_estates_poster_names_the_estate(address: StandardAddress, client: Client) -> None:
    code = code_of_estate(EAST, address.estate)
    where = begin(client, code)
    filled = re.findall(r'name="address" value="([^"]*)"', client.get(where).content.decode())[0]
    assert filled.endswith("槐安里")
    client.post(where, {"address": filled, "area_code": EAST})
    assert place()["area_code"] == EAST_GRID
    address.pk = None
    address.text, address.area_code = "柳塘街道东社区槐安里 8 号楼", EAST
    address.save()
    found = here_of(code)
    assert found is not None
    assert (found.community, found.grid_code) == (EAST, "")


@pytest.mark.parametrize("code", ["990105009009009", "x", EAST, f"{EAST_GRID}-xyz", f"{EAST}-00000000", "9" * 60])
def test_a_code_that_names_nothing_opens_the_report_all_the_same(world: World, client: Client, code: str) -> None:
    assert client.get(reverse("intake:here", args=[code]))["Location"] == reverse("intake:start")
    assert client.get(reverse("intake:start"), {"here": code}).status_code == 200
    begin_at = client.post(reverse("intake:start"), {"kind": "help", "here": code})
    assert begin_at.status_code == 302
    assert "here" not in place()


def test_posters_of_ones_own_area_are_printed(address: StandardAddress, world: World, client: Client) -> None:
    client.force_login(world.people["head"])
    chosen = client.get(reverse("intake:posters"), {"within": EAST}).content.decode()
    assert EAST_GRID in chosen
    assert WEST not in chosen
    sheets = client.get(reverse("intake:posters-print"), {"within": EAST, "size": "a5"}).content.decode()
    assert sheets.count('class="q-sheet"') == Area.objects.filter(code__startswith=EAST, level="grid").count()
    assert f"/r/{EAST_GRID}/" in sheets
    assert "q-sheets--a5" in sheets
    by_address = client.get(reverse("intake:posters-print"), {"within": EAST_GRID, "of": "addresses"}).content.decode()
    assert f"/r/{code_of(address)}/" in by_address
    by_estate = client.get(reverse("intake:posters-print"), {"within": EAST, "of": "estates"}).content.decode()
    assert by_estate.count('class="q-sheet"') == 1
    assert f"/r/{code_of_estate(EAST, '槐安里')}/" in by_estate
    for elsewhere in (WEST, "", "%", "990105"):
        none = client.get(reverse("intake:posters-print"), {"within": elsewhere}).content.decode()
        assert 'class="q-sheet"' not in none


def test_the_grids_page_shows_what_neighbours_reported(world: World, client: Client) -> None:
    answered = to_state(world, "callback", may_be_public=True)
    version = release(world, answered)
    html = client.get(f"/my-grid/{EAST_GRID}/").content.decode()
    assert version.title in html
    assert reverse("intake:here", args=[EAST_GRID]) in html


def test_a_poster_outlives_its_grid(address: StandardAddress, world: World, client: Client) -> None:
    """After a split the part where the address lies, or the community; after a merge the grid that took the place."""
    administrator, south, north = world.viewer("administrator"), f"{EAST}002", f"{EAST}003"
    lng, lat = 121.9, 30.9
    parts = [
        AreaDraft(south, "南片", polygon=box(lng, lat, lng + 0.01, lat + 0.004)),
        AreaDraft(north, "北片", polygon=box(lng, lat + 0.004, lng + 0.01, lat + 0.01)),
    ]
    printed = code_of(address)
    area_split(code=EAST_GRID, parts=parts, version=1, reason="户数太多", actor=administrator, at=MORNING)
    StandardAddress.objects.update(area_code=north)  # as the job does
    at_address, in_grid = here_of(printed), here_of(EAST_GRID)
    assert at_address is not None
    assert (at_address.grid_code, at_address.address) == (north, address.text)
    assert in_grid is not None
    assert (in_grid.community, in_grid.grid_code) == (EAST, "")
    where = begin(client, EAST_GRID)
    assert re.search(rf'value="{EAST}" selected', client.get(where).content.decode())
    client.post(where, {"address": in_grid.address, "area_code": EAST})
    assert place()["area_code"] == EAST
    chosen = client.get(f"/my-grid/{EAST_GRID}/").content.decode()
    assert [code in chosen for code in (f"/my-grid/{south}/", f"/my-grid/{north}/")] == [True, True]
    versions = {south: 1, north: 1}
    one = AreaDraft(f"{EAST}004", "合并后的网格")
    areas_merge(versions=versions, into=one, reason="合起来", actor=administrator, at=MORNING + timedelta(hours=1))
    merged = here_of(EAST_GRID)
    assert merged is not None
    assert merged.grid_code == one.code
    assert client.get(f"/my-grid/{EAST_GRID}/")["Location"] == f"/my-grid/{one.code}/"
