"""Cards of the registry: who may open them, what is masked, what they say of the past."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from governance import refs
from governance.refs import ref_of
from population.models import Dwelling, EndReason, Ownership, Person, Relation, UndergroundSpace
from population.selectors.stays import stays_of
from tests.factories.population import COLLECTED, SINCE, residency_make
from tests.factories.world import MORNING
from tests.sql import assert_sql
from tests.web.english import chinese_in

ROLES = ("grid_worker", "head", "clerk", "supervisor")


@pytest.fixture
def space(registry):
    east = registry.buildings["east"]
    return UndergroundSpace.objects.create(
        label="7幢地下车库", kind="basement", use="parking", building=east, compound=east.compound,
        area_code=east.area_code, keeper_name="沈建华", keeper_phone="13912342052", inspect_due=date(2026, 5, 1),
        source="door", collected_at=COLLECTED, confirmed_at=COLLECTED, changed_at=COLLECTED,
    )  # fmt: skip


@pytest.fixture
def cards(registry, space) -> dict[str, str]:
    """Addresses of the cards of the east."""
    return {
        "dwelling": reverse("population:dwelling", args=[registry.dwellings["7幢1单元301"].public_id]),
        "empty": reverse("population:dwelling", args=[registry.dwellings["7幢1单元101"].public_id]),
        "household": reverse("population:household", args=[registry.households["7幢1单元301"].public_id]),
        **{
            name: reverse("population:person", args=[person.public_id])
            for name, person in registry.people.items()
            if person.area_code == registry.buildings["east"].area_code
        },
        "entity": reverse("population:entity", args=[registry.entities["shop"].public_id]),
        "space": reverse("population:space", args=[space.public_id]),
    }


def secrets_of(registry) -> set[str]:
    """What no page shows unasked: names, days of birth, numbers, phones of people, of keepers, too."""
    found = {"沈芳", "13912342051", "沈建华", "13912342052"}
    for person in registry.people.values():
        found |= {str(person.name), str(person.birth_date), str(person.document_number), str(person.phone)}
    return found - {"None"}


@pytest.mark.parametrize("role", ROLES)
def test_whoever_keeps_the_area_reads_the_cards_masked(role, cards, registry, client_of, time_machine):
    time_machine.move_to(MORNING, tick=False)
    page, hidden = client_of(role), secrets_of(registry)
    for name, address in cards.items():
        answer = page.get(address)
        assert answer.status_code == 200, name
        html = answer.content.decode()
        assert not [one for one in hidden if one in html], name
        assert "no-store" in answer["Cache-Control"], name
    html = page.get(cards["dwelling"]).content.decode()
    assert ("周**" in html, "林**" in html, "户主" in html) == (True, True, True)
    assert ("槐安里7幢 1单元 301室" in html, "8 个月前核对" in html) == (True, True)
    html = page.get(cards["周建国"]).content.decode()
    assert ("1101**********0021" in html, "139****2046" in html, "生于 1949 年，76 岁" in html) == (True,) * 3
    assert "没有登记" in page.get(cards["欧阳小明"]).content.decode()  # no document
    assert ("沈*" in page.get(cards["entity"]).content.decode()) is True
    html = page.get(cards["space"]).content.decode()
    assert ("沈**" in html, "该检查了" in html, "139****2052" in html) == (True, True, True)


def test_the_neighbours_staff_is_told_of_nothing(cards, client_of):
    for role, status in (("head_west", 404), ("handler", 403), ("stranger", 403)):
        page = client_of(role)
        for name, address in cards.items():
            expected = 404 if role == "handler" and name in ("entity", "space") else status
            assert page.get(address).status_code == expected, (role, name)
    assert client_of().get(cards["dwelling"]).status_code == 302


def test_how_much_is_asked_of_the_database(cards, client_of, registry):
    page = client_of("grid_worker")
    page.get(cards["dwelling"])  # the settings are read, and kept for a minute
    for name, most in (("dwelling", 13), ("household", 10), ("周建国", 11), ("entity", 9), ("space", 8)):
        with assert_sql(most, at_most=True):
            page.get(cards[name])


def test_a_record_that_is_old_is_due_with_word_and_icon(cards, world, registry, client_of, time_machine):
    time_machine.move_to(MORNING, tick=False)
    page, rows = client_of("head"), Dwelling.objects.filter(pk=registry.dwellings["7幢1单元301"].pk)
    for age, words, is_due in (
        (timedelta(hours=1), "今天核对：Head Person，上门核对", False),
        (timedelta(days=12), "12 天前核对", False),
        (timedelta(days=366), "12 个月前核对", True),
        (timedelta(days=3 * 366), "3 年前核对", True),
    ):
        then = MORNING - age
        rows.update(collected_at=then, confirmed_at=then, confirmed_by=world.people["head"])
        html = page.get(cards["dwelling"]).content.decode()
        assert (words in html, "该核对了" in html) == (True, is_due), age


def test_who_lived_there_before_and_who_owns_it(cards, registry, client_of):
    family, west = registry.households["7幢1单元301"], registry.people["周建国 2幢1单元201"]
    past = {"from_date": date(2010, 1, 1), "to_date": date(2017, 5, 1), "end_reason": EndReason.MOVED}
    residency_make(west, family, Relation.HEAD, is_main=False, **past)
    owned = {"from_date": SINCE, "source": "door", "collected_at": COLLECTED, "confirmed_at": COLLECTED}
    Ownership.objects.create(dwelling=family.dwelling, person=west, share=1, of=3, **owned)
    Ownership.objects.create(dwelling=family.dwelling, entity=registry.entities["shop"], share=2, of=3, **owned)
    html = client_of("head").get(cards["dwelling"]).content.decode()
    assert ("以前住在这里的（1）" in html, "搬走了" in html, "1/3" in html, "槐安里便民超市" in html) == (True,) * 4
    assert str(west.public_id) not in html, "they live in the west now: a masked name, and no way to their card"
    assert client_of("supervisor").get(cards["dwelling"]).content.decode().count(str(west.public_id)) == 2


def test_a_stay_elsewhere_is_named_by_its_community_only(registry, client_of):
    tenant, west = registry.people["欧阳小明"], registry.households["2幢1单元201"]
    residency_make(tenant, west, Relation.OTHER, is_main=False)
    address = reverse("population:person", args=[tenant.public_id])
    html = client_of("head").get(address).content.decode()
    assert ("青禾社区" in html, "桐里" in html) == (True, False)
    assert "桐里2幢" in client_of("clerk").get(address).content.decode()
    assert client_of("head_west").get(address).status_code == 200, "they are registered there, too"
    html = client_of("head_west").get(address).content.decode()
    assert ("槐安里" in html, "槐安社区" in html) == (False, True)


def test_a_change_of_head_is_no_new_stay(registry):
    family, person = registry.households["7幢1单元301"], registry.people["周梅"]
    first = person.residencies.get()
    first.to_date, first.end_reason = date(2020, 1, 1), EndReason.HEAD
    again = residency_make(person, family, Relation.OTHER, from_date=date(2020, 1, 1), is_main=False)
    (stay,) = stays_of([again, first])
    assert (stay.since, stay.last, stay.is_current) == (SINCE, again, True)
    first.end_reason = EndReason.MISTAKE
    (stay,) = stays_of([again, first])
    assert stay.since == date(2020, 1, 1), "what was entered by mistake never was"


def test_who_died_or_was_merged_is_said_to_be(cards, registry, client_of):
    one, other = registry.people["周建国"], registry.people["林秀英"]
    Person.objects.filter(pk=one.pk).update(died_on=date(2026, 3, 1), merged_into=other)
    html = client_of("head").get(cards["周建国"]).content.decode()
    assert ("已去世" in html, "已并到另一条" in html, str(other.public_id) in html) == (True, True, True)
    assert "岁" not in html


def test_references_name_places_and_never_persons(registry, space, world):
    head, west = world.viewer("head"), world.viewer("head_west")
    rows = [
        registry.dwellings["7幢1单元301"], registry.households["7幢1单元301"], registry.people["周建国"],
        registry.entities["shop"], space,
    ]  # fmt: skip
    described = refs.describe_many([ref_of(row) for row in rows], head)
    assert [described[ref_of(row)].label for row in rows] == [
        "槐安里7幢 1单元 301室", "槐安里7幢 1单元 301室的一户", "登记的人", "槐安里便民超市", "7幢地下车库",
    ]  # fmt: skip
    for row in rows:
        assert refs.describe(ref_of(row), west) is None
        assert refs.find(described[ref_of(row)].url) == row


def test_cards_in_english(cards, registry, client_of):
    page = client_of("head")
    page.cookies["liren_lang"] = "en"
    written = ("槐安里便民超市", "7幢地下车库", "槐安里7幢 1单元 301室", "槐安里7幢 1单元 101室")
    for name, address in cards.items():
        assert chinese_in(page.get(address).content.decode(), written=written) == [], name
