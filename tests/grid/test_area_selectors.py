"""Names, paths, visibility: the territory as pages and other apps read it."""

from datetime import date
from typing import Any

import pytest
from django.utils import translation

from governance import refs
from governance.access import areas as directory
from governance.access.viewer import ANONYMOUS, SYSTEM, HeldGrant, Viewer
from governance.organisations.models import Organisation
from grid.models import Area
from grid.models.area import ancestor_codes, parent_code, shared_area
from grid.permissions import Capability
from grid.selectors import area_path, area_paths, areas_below, areas_visible, place_at, place_of
from grid.services import areas_load
from tests.grid import shapes
from tests.grid.conftest import AT
from tests.grid.test_lookup import BESIDE, IN_GRID_1
from tests.sql import assert_sql

GRID_1 = shapes.grid_code(1)
DAY = date(2026, 11, 21)


def viewer(*, area: str | None = None, organisation: int | None = None) -> Viewer:
    return Viewer(
        kind="staff", grants=(HeldGrant(1, "handler", frozenset({Capability.VIEW_AREA}), area, organisation),)
    )


@pytest.fixture
def two_communities(territory: Any) -> None:
    other = "990101001002"
    areas_load(
        geojson=shapes.collection(
            shapes.feature(other, "青禾社区"), shapes.feature(f"{other}001", "第一网格", None, kind="dedicated")
        ),
        actor=SYSTEM,
        at=AT,
    )


@pytest.mark.parametrize(
    ("code", "above"),
    [
        ("990101", []),
        ("990101001", ["990101"]),
        (GRID_1, ["990101", "990101001", "990101001001"]),
        (GRID_1 + "01", ["990101", "990101001", "990101001001", GRID_1]),
    ],
)
def test_codes_tell_who_is_above(code: str, above: list[str]) -> None:
    assert ancestor_codes(code) == above
    assert parent_code(code) == (above[-1] if above else "")


@pytest.mark.parametrize(
    ("codes", "shared"),
    [
        ([], ""),
        (["990101"], "990101"),
        (["990101001001001", "990101001001002"], "990101001001"),
        (["990101001001", "990101001002"], "990101001"),
        (["990101001001", "990101"], "990101"),
        (["990101001", "990102001"], ""),
    ],
)
def test_the_smallest_area_that_holds_all(codes: list[str], shared: str) -> None:
    assert shared_area(codes) == shared


@pytest.mark.django_db
@pytest.mark.usefixtures("two_communities")
class TestVisible:
    def codes(self, who: Viewer) -> list[str]:
        return list(areas_visible(who, day=DAY).values_list("code", flat=True))

    def test_a_grant_shows_its_area_and_the_way_to_it(self) -> None:
        shown = self.codes(viewer(area="990101001002"))
        assert shown == ["990101", "990101001", "990101001002", "990101001002001"]

    def test_a_district_grant_shows_all(self) -> None:
        assert len(self.codes(viewer(area="990101"))) == Area.objects.count() == 11

    def test_an_organisation_shows_what_it_serves(self) -> None:
        office = Organisation.objects.create(
            kind="community", name="青禾社区居委会", short_name="青禾", area_code="990101001002"
        )
        assert self.codes(viewer(organisation=office.pk)) == [
            "990101",
            "990101001",
            "990101001002",
            "990101001002001",
        ]

    def test_without_the_capability_nothing_is_shown(self) -> None:
        other = Viewer(kind="staff", grants=(HeldGrant(1, "x", frozenset({"grid.change_area"}), "990101", None),))
        assert self.codes(other) == []
        assert self.codes(ANONYMOUS) == []

    def test_parts_are_counted_with_two_statements(self) -> None:
        with assert_sql(2):
            rows = areas_below(viewer(area="990101"), "990101001", day=DAY)
        assert [(row.area.code, row.parts) for row in rows] == [("990101001001", 6), ("990101001002", 1)]
        assert areas_below(SYSTEM, "", day=DAY)[0].parts == 1
        assert areas_below(SYSTEM, GRID_1, day=DAY) == []

    def test_a_reference_resolves_for_whoever_may_see_it(self) -> None:
        ref = refs.ref_of(Area.objects.get(code=GRID_1))
        described = refs.describe(ref, viewer(area="990101"))
        assert described is not None
        assert described.label == "柳塘街道·槐安社区·第1网格"
        assert refs.describe(ref, viewer(area="990101001002")) is None


@pytest.mark.django_db
@pytest.mark.usefixtures("two_communities")
def test_paths_in_both_languages_with_one_statement() -> None:
    with assert_sql(1):
        paths = area_paths([GRID_1, "990101001", "990101", "999999", ""])
    assert paths == {GRID_1: "柳塘街道·槐安社区·第1网格", "990101001": "柳塘街道", "990101": "澄湾区"}
    with translation.override("en"):
        assert "Huai'an Community" in area_path(GRID_1)
        assert "青禾社区" in area_path("990101001002001")  # no English name recorded
    assert area_path("999999") == ""


@pytest.mark.django_db
def test_a_place_names_the_areas_and_the_office(territory: Any) -> None:
    Organisation.objects.create(
        kind="community", name="旧", short_name="旧", area_code=shapes.COMMUNITY, is_active=False
    )
    office = Organisation.objects.create(
        kind="community", name="槐安社区居委会", short_name="槐安", area_code=shapes.COMMUNITY
    )
    Organisation.objects.create(kind="property_firm", name="物业", short_name="物业", area_code=shapes.COMMUNITY)
    place = place_at(*IN_GRID_1)
    assert place is not None
    assert place.path == "柳塘街道·槐安社区·第1网格"
    assert (place.grid_code, place.organisation) == (GRID_1, office)
    with assert_sql(2):
        place_at(*IN_GRID_1)
    assert place_at(*BESIDE) is None
    assert place_of("999999999999999") is None


@pytest.mark.django_db
@pytest.mark.usefixtures("two_communities")
def test_the_kernel_asks_the_territory_for_names() -> None:
    with assert_sql(1):
        assert directory.names([GRID_1, "990101", "999999"]) == {GRID_1: "第1网格", "990101": "澄湾区"}
    assert directory.children("") == [("990101", "澄湾区")]
    assert [code for code, _name in directory.children("990101001")] == ["990101001001", "990101001002"]
    assert directory.children(GRID_1 + "01") == []
    assert directory.exists(GRID_1)
    assert not directory.exists("999999")
    assert directory.search("槐安") == [("990101001001", "槐安社区")]
    assert directory.search("huai'an") == [("990101001001", "槐安社区")]
    assert directory.search("990101001002") == [("990101001002", "青禾社区"), ("990101001002001", "第一网格")]
    assert directory.search(" ") == []
