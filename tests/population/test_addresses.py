"""Loading and finding standard addresses."""

import pytest
from django.db import IntegrityError, connection, transaction

from governance.access.viewer import SYSTEM, HeldGrant, Viewer
from governance.errors import DomainError, Forbidden
from governance.outbox.models import DomainEvent
from governance.web import geocoding
from population.models import StandardAddress
from population.permissions import Capability
from population.selectors import address_search, buildings_of, estates_in
from population.services import AddressDraft, addresses_load
from tests.grid import shapes
from tests.population.conftest import AT, CENTRE_1, CENTRE_2
from tests.sql import assert_sql

pytestmark = pytest.mark.django_db


@pytest.mark.usefixtures("addresses")
@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("槐安里7号楼", "槐安里 7 幢"),
        ("槐安里７栋", "槐安里 7 幢"),
        ("槐安里七幢", "槐安里 7 幢"),
        ("槐安里十二号楼", "槐安里 12 幢"),
        ("槐安里1号楼", "槐安里 1 幢"),
        ("槐安里 7 号楼北侧小路，靠近自行车棚", "槐安里 7 幢"),
        ("槐安里7-2-301", "槐安里 7 幢"),
        ("槐安理7栋", "槐安里 7 幢"),  # misspelt
        ("柳塘新村a座", "柳塘新村 A 幢"),
        ("供销社宿舍", "柳塘新村 7 幢"),  # the old name
        ("梧桐巷18号门口", "梧桐巷 18 号"),
        ("槐安小学", "槐安小学"),
        ("槐安里", "槐安里 1 幢"),
        ("梧桐", "梧桐巷 18 号"),
    ],
)
def test_what_people_type_is_found(typed: str, first: str) -> None:
    matches = address_search(typed)
    assert matches[0].text == first
    assert 0 < matches[0].score <= 1
    assert matches == sorted(matches, key=lambda match: -match.score)


@pytest.mark.usefixtures("addresses")
@pytest.mark.parametrize("typed", ["", " ", "槐", "7", "！！", "完全不相干的话", "%", "a" * 5000])
def test_what_means_no_place_finds_nothing(typed: str) -> None:
    assert address_search(typed) == []


@pytest.mark.usefixtures("addresses")
def test_a_match_says_where_it_is_and_the_list_is_limited() -> None:
    with assert_sql(1):
        matches = address_search("槐安里", limit=5)
    assert [match.text for match in matches] == [f"槐安里 {n} 幢" for n in range(1, 6)]
    assert matches[0].area_code == shapes.grid_code(1)
    assert (matches[0].lng, matches[0].lat) == CENTRE_1


@pytest.mark.usefixtures("addresses")
def test_pages_find_addresses_through_the_registry() -> None:
    assert geocoding.search("柳塘新村7号楼", limit=1)[0].area_code == shapes.grid_code(2)


@pytest.mark.usefixtures("addresses")
def test_the_search_can_use_the_index() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("EXPLAIN SELECT 1 FROM population_standardaddress WHERE search_text %%> %s", ["槐安里 7幢"])
        assert "address_search" in "\n".join(row[0] for row in cursor.fetchall())


@pytest.mark.usefixtures("addresses")
def test_loading_again_updates_by_text() -> None:
    before = StandardAddress.objects.count()
    assert addresses_load(drafts=[AddressDraft("槐安里", "7 幢", *CENTRE_2)], actor=SYSTEM, at=AT) == 1
    assert StandardAddress.objects.count() == before
    assert StandardAddress.objects.get(text="槐安里 7 幢").area_code == shapes.grid_code(2)
    assert list(DomainEvent.objects.filter(name="population.addresses_loaded").values_list("payload", flat=True)) == [
        {"count": 16},
        {"count": 1},
    ]


@pytest.mark.usefixtures("territory")
def test_statements_do_not_grow_with_the_load() -> None:
    drafts = [AddressDraft("柳塘新村", f"{n} 幢", *CENTRE_2) for n in range(500)]
    with assert_sql(8, at_most=True):
        addresses_load(drafts=drafts, actor=SYSTEM, at=AT)


@pytest.mark.usefixtures("territory")
@pytest.mark.parametrize(
    ("drafts", "code"),
    [
        ([AddressDraft("别处", "1 幢", 0.0, 0.0)], "address_outside"),
        ([AddressDraft("别处", "1 幢", float("nan"), 0.0)], "address_outside"),
        ([AddressDraft("槐安里", "1 幢", *CENTRE_1)] * 2, "address_twice"),
        ([AddressDraft("槐" * 61, "1 幢", *CENTRE_1)], "address_estate_invalid"),
        ([AddressDraft("", "", *CENTRE_1, text="无名")], "address_estate_invalid"),
        ([AddressDraft("槐安里", "1 幢", *CENTRE_1, area_code="990101")], "address_in_a_community"),
        ([AddressDraft("槐安里", "1 幢", 181.0, 0.0, area_code=shapes.grid_code(1))], "address_position_in_degrees"),
    ],
)
def test_bad_addresses_are_refused_in_words(drafts: list[AddressDraft], code: str) -> None:
    with pytest.raises(DomainError) as caught:
        addresses_load(drafts=drafts, actor=SYSTEM, at=AT)
    assert caught.value.code == code
    assert str(caught.value)
    assert not StandardAddress.objects.exists()


@pytest.mark.usefixtures("territory")
def test_before_the_survey_an_address_lies_in_its_community() -> None:
    addresses_load(drafts=[AddressDraft("岭下新村", "3 号楼", area_code=shapes.COMMUNITY)], actor=SYSTEM, at=AT)
    row = StandardAddress.objects.get(estate="岭下新村")
    assert (row.area_code, row.lng, row.lat) == (shapes.COMMUNITY, None, None)
    found = address_search("岭下新村3栋")[0]
    assert (found.text, found.area_code, found.lng) == ("岭下新村 3 号楼", shapes.COMMUNITY, None)
    with pytest.raises(DomainError) as caught:
        addresses_load(drafts=[AddressDraft("无处", "1 幢")], actor=SYSTEM, at=AT)
    assert caught.value.code == "address_outside"


@pytest.mark.usefixtures("territory")
def test_only_who_may_change_addresses_there() -> None:
    drafts = [AddressDraft("槐安里", "1 幢", *CENTRE_1)]
    here = HeldGrant(1, "administrator", frozenset({Capability.CHANGE_ADDRESS}), shapes.COMMUNITY, None)
    elsewhere = HeldGrant(2, "administrator", frozenset({Capability.CHANGE_ADDRESS}), "990101002", None)
    with pytest.raises(Forbidden):
        addresses_load(drafts=drafts, actor=Viewer(kind="staff", grants=(elsewhere,)), at=AT)
    assert addresses_load(drafts=drafts, actor=Viewer(kind="staff", grants=(here,)), at=AT) == 1


def test_the_database_itself_refuses() -> None:
    good = {"text": "槐安里 1 幢", "estate": "槐安里", "area_code": shapes.grid_code(1), "lng": 1, "lat": 1}
    for fields, constraint in [
        ({"area_code": "990101"}, "address_in_a_community"),
        ({"lat": float("nan")}, "address_position_in_degrees"),
        ({"lat": None}, "address_position_in_degrees"),
        ({"estate": ""}, "address_has_text"),
    ]:
        with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
            StandardAddress.objects.create(**{**good, "search_text": "x", **fields})
    StandardAddress.objects.create(**good, search_text="x")


@pytest.mark.usefixtures("territory")
def test_estates_of_a_community_and_their_buildings_in_order() -> None:
    drafts = [AddressDraft("岭下新村", f"{n} 号楼", area_code=shapes.COMMUNITY) for n in (12, 2, 1)]
    drafts.append(AddressDraft("柳塘街", "", area_code=shapes.COMMUNITY))
    addresses_load(drafts=drafts, actor=SYSTEM, at=AT)
    with assert_sql(2):
        assert set(estates_in(shapes.COMMUNITY)) >= {"岭下新村", "柳塘街"}
        assert buildings_of(shapes.COMMUNITY, "岭下新村") == ["1 号楼", "2 号楼", "12 号楼"]
    assert buildings_of(shapes.COMMUNITY, "柳塘街") == []
    assert estates_in("") == []
    assert buildings_of("110101001001", "岭下新村") == []
