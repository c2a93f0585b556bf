"""What maps ask for, and the territory page of staff."""

import gzip
import itertools
import json
import re
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from governance.access.models import Grant, Role, User
from governance.access.viewer import SYSTEM
from governance.organisations.models import Organisation
from grid import lookup
from grid.services import areas_load
from tests.grid import shapes
from tests.grid.conftest import AT
from tests.grid.test_lookup import BESIDE, IN_GRID_1
from tests.sql import assert_sql

pytestmark = pytest.mark.django_db
OUTLINES = "/map/areas.geojson"
WHERE = "/map/where"


@pytest.fixture
def staff(territory: Any, client: Client) -> Client:
    """Somebody who may see the community."""
    return signed_in(client, shapes.COMMUNITY)


def signed_in(client: Client, area: str, role: str = "grid_worker") -> Client:
    user = User.objects.create_user(f"{role}@example.com", "a long password", display_name="李明")
    Grant.objects.create(
        user=user,
        role=Role.objects.get(key=role),
        area_code=area,
        starts_at=datetime(2020, 1, 1, tzinfo=UTC),
        reason="test",
        created_at=AT,
    )
    client.force_login(user)
    return client


class TestOutlines:
    def test_grids_of_a_community_as_geojson(self, territory: Any, client: Client) -> None:
        response = client.get(OUTLINES, {"level": "grid", "within": shapes.COMMUNITY})
        assert response.status_code == 200
        assert response["Content-Type"] == "application/geo+json"
        features = json.loads(response.content)["features"]
        assert [f["properties"]["code"] for f in features] == [shapes.grid_code(n) for n in range(1, 7)]
        first = features[0]
        assert first["properties"]["name"] == "第1网格"
        assert first["geometry"]["type"] == "Polygon"
        numbers = [n for point in first["geometry"]["coordinates"][0] for n in point] + first["properties"]["label"]
        assert all(round(n, 5) == n for n in numbers)
        assert json.loads(client.get(OUTLINES, {"level": "grid", "within": "990101002"}).content)["features"] == []

    def test_names_in_the_language_of_the_page(self, territory: Any, client: Client) -> None:
        chinese = client.get(OUTLINES)
        client.cookies["liren_lang"] = "en"
        english = client.get(OUTLINES)
        assert json.loads(english.content)["features"][0]["properties"]["name"] == "Grid 1"
        assert english["ETag"] != chinese["ETag"]
        assert "Cookie" in english["Vary"]

    def test_304_until_the_territory_changes(self, territory: Any, client: Client) -> None:
        etag = client.get(OUTLINES)["ETag"]
        with assert_sql(1):
            assert client.get(OUTLINES, headers={"if-none-match": etag}).status_code == 304
        assert client.get(OUTLINES + "?level=community", headers={"if-none-match": etag}).status_code == 200
        areas_load(geojson=shapes.collection(shapes.feature(shapes.grid_code(1), "槐安里网格")), actor=SYSTEM, at=AT)
        response = client.get(OUTLINES, headers={"if-none-match": etag})
        assert response.status_code == 200
        assert json.loads(response.content)["features"][0]["properties"]["name"] == "槐安里网格"

    def test_the_second_reader_costs_one_statement(self, territory: Any, client: Client) -> None:
        with assert_sql(2):
            client.get(OUTLINES)
        with assert_sql(1):
            client.get(OUTLINES)

    def test_gzip_and_its_304(self, territory: Any, client: Client) -> None:
        packed = client.get(OUTLINES, headers={"accept-encoding": "gzip"})
        assert packed["Content-Encoding"] == "gzip"
        assert len(json.loads(gzip.decompress(packed.content))["features"]) == 6
        again = client.get(OUTLINES, headers={"accept-encoding": "gzip", "if-none-match": packed["ETag"]})
        assert again.status_code == 304

    def test_neighbours_still_meet_after_simplifying(self, client: Client) -> None:
        areas_load(geojson=shapes.territory(10, 8), actor=SYSTEM, at=AT)
        features = json.loads(client.get(OUTLINES).content)["features"]
        edges: dict[frozenset[tuple[float, ...]], int] = {}
        for feature in features:
            ring = [tuple(point) for point in feature["geometry"]["coordinates"][0]]
            for start, end in itertools.pairwise(ring):
                edges[frozenset((start, end))] = edges.get(frozenset((start, end)), 0) + 1
        inner = [edge for edge, count in edges.items() if count == 2]
        assert len(inner) >= 10 * 7 + 9 * 8
        assert set(edges.values()) == {1, 2}

    def test_a_corner_of_two_stays_on_the_edge_of_the_third(self, client: Client) -> None:
        """Simplified alone, the third cell would lose the nearly straight vertex where the other two meet."""
        west, south, step = 114.30002, 22.70002, 0.00996
        corner = [west + step + 0.000008, south + step / 2]
        third = [[west, south], [west + step, south], corner, [west + step, south + step], [west, south + step]]
        lower = [[west + step, south], [west + 2 * step, south], [west + 2 * step, south + step / 2], corner]
        upper = [
            corner,
            [west + 2 * step, south + step / 2],
            [west + 2 * step, south + step],
            [west + step, south + step],
        ]
        grids = [
            shapes.feature(shapes.grid_code(number), str(number), shapes.polygon([*ring, ring[0]]))
            for number, ring in enumerate((third, lower, upper), start=1)
        ]
        areas_load(geojson=shapes.collection(*shapes.upper_levels(), *grids), actor=SYSTEM, at=AT)
        rings = [f["geometry"]["coordinates"][0] for f in json.loads(client.get(OUTLINES).content)["features"]]
        assert all([round(n, 5) for n in corner] in ring for ring in rings)

    @pytest.mark.parametrize(
        "query", [{"level": "planet"}, {"level": "grid' OR 1"}, {"within": "x"}, {"within": "9" * 18}, {"within": "%"}]
    )
    def test_bad_questions_are_400(self, territory: Any, client: Client, query: dict[str, str]) -> None:
        response = client.get(OUTLINES, query)
        assert response.status_code == 400
        assert response.json()["error"]

    def test_empty_before_any_territory(self, client: Client) -> None:
        assert json.loads(client.get(OUTLINES).content)["features"] == []
        assert client.post(OUTLINES).status_code == 405


class TestWhere:
    def test_a_pin_in_a_grid(self, territory: Any, client: Client) -> None:
        Organisation.objects.create(
            kind="community", name="槐安社区居委会", short_name="槐安", area_code=shapes.COMMUNITY
        )
        lookup.current_index()
        with assert_sql(2):
            response = client.get(WHERE, {"lng": IN_GRID_1[0], "lat": IN_GRID_1[1]})
        answer = response.json()
        assert answer["outside"] is False
        assert answer["grid_code"] == shapes.grid_code(1)
        assert answer["areas"]["community"] == {"code": shapes.COMMUNITY, "name": "槐安社区"}
        assert answer["message"] == "柳塘街道·槐安社区·第1网格"
        assert answer["organisation"] == "槐安社区居委会"
        assert "槐安社区居委会" in answer["detail"]

    def test_a_pin_outside_gets_a_sentence(self, territory: Any, client: Client) -> None:
        answer = client.get(WHERE, {"lng": BESIDE[0], "lat": BESIDE[1]}).json()
        assert answer["outside"] is True
        assert "值班" in answer["message"]

    @pytest.mark.parametrize(
        "query",
        [
            {},
            {"lng": "114.3"},
            {"lat": "22.7"},
            {"lng": "", "lat": ""},
            {"lng": "here", "lat": "there"},
            {"lng": "NaN", "lat": "22.7"},
            {"lng": "114.3", "lat": "inf"},
            {"lng": "1e309", "lat": "22.7"},
            {"lng": "181", "lat": "22.7"},
            {"lng": "22.7", "lat": "114.3"},
            {"lng": "114.3\x00", "lat": "22.7"},
        ],
    )
    def test_bad_input_is_400_with_a_sentence(self, territory: Any, client: Client, query: dict[str, str]) -> None:
        response = client.get(WHERE, query)
        assert response.status_code == 400
        assert "地图" in response.json()["error"]

    def test_where_before_any_territory(self, client: Client) -> None:
        assert client.get(WHERE, {"lng": "114.3", "lat": "22.7"}).json()["outside"] is True


class TestTerritoryPage:
    def test_it_opens_at_the_viewers_own_area_with_its_grids(self, staff: Client) -> None:
        page = staff.get(reverse("grid:map"))
        html = page.content.decode()
        assert page.status_code == 200
        assert re.findall(r'data-code="([0-9A-Z]+)"', html) == [shapes.grid_code(n) for n in range(1, 7)]
        assert "槐安社区的网格" in html
        for code in (shapes.DISTRICT, shapes.SUBDISTRICT):
            assert f"?within={code}" in html, "the way up is linked"

    def test_drilling_down_to_a_grid_shows_it_among_its_neighbours(self, staff: Client) -> None:
        html = staff.get(reverse("grid:map"), {"within": shapes.grid_code(2)}).content.decode()
        assert html.count("data-code=") == 6
        assert html.count('aria-current="true"') == 1
        assert "公顷" in html

    def test_every_row_is_a_link_without_script(self, staff: Client) -> None:
        html = staff.get(reverse("grid:map"), {"within": shapes.SUBDISTRICT}).content.decode()
        (url,) = re.findall(r'<th scope="row"><a href="([^"]+)"', html)
        assert staff.get(url).status_code == 200

    def test_the_number_of_statements_does_not_grow(self, client: Client) -> None:
        areas_load(geojson=shapes.territory(3, 2), actor=SYSTEM, at=AT)
        signed_in(client, shapes.COMMUNITY)
        client.get(reverse("grid:map"))
        with assert_sql(8, at_most=True):
            client.get(reverse("grid:map"))

    def test_another_part_of_the_city_is_404_and_without_the_role_403(self, staff: Client) -> None:
        other = "990101009"
        areas_load(geojson=shapes.collection(shapes.feature(other, "别处街道")), actor=SYSTEM, at=AT)
        assert staff.get(reverse("grid:map"), {"within": shapes.COMMUNITY}).status_code == 200
        for within in (other, "999999", "x' OR 1", "%", "9\x00"):
            assert staff.get(reverse("grid:map"), {"within": within}).status_code == 404
        Grant.objects.update(ends_at=datetime(2021, 1, 1, tzinfo=UTC))
        assert staff.get(reverse("grid:map")).status_code == 403

    def test_signed_out_goes_to_the_sign_in_page(self, client: Client) -> None:
        assert client.get(reverse("grid:map")).status_code == 302

    def test_empty_territory_says_what_will_be_here(self, client: Client) -> None:
        page = signed_in(client, shapes.DISTRICT, "administrator").get(reverse("grid:map"), {"within": ""})
        assert page.status_code == 200
        assert "还没有可以看的区域" in page.content.decode()
