"""The box of the registry: what words mean, whom and what they find, and for whom they find nothing."""

import logging

import pytest
from django.conf import settings
from django.urls import reverse

from population.models import Building, Dwelling, LegalEntity, Person, registry_settings
from population.selectors.search import entities_found, people_found, person_lines, places_found, wanted_of
from tests.factories.population import building_make, person_row
from tests.factories.world import EAST_GRID, MORNING
from tests.sql import assert_sql

NUMBER, PHONE = "110105194912310021", "13912342046"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("周建国", {"name"}),
        ("  周　建国 ", {"name"}),
        ("Anna Schmidt", {"name"}),
        ("139 1234 2046", {"phone", "number"}),
        ("+86 139-1234-2046", {"phone"}),
        ("0755-84622222", {"phone", "number"}),
        ("84622222", {"phone", "number"}),
        ("11010519491231002x", {"number", "credit_code"}),
        ("E12345678", {"number"}),
        ("91110105MA0000000X", {"number", "credit_code"}),
        ("3栋2单元501", set()),
        ("槐安里", {"name"}),
        ("７号楼", set()),
        ("", set()),
        ("字", set()),
    ],
)
def test_the_shape_of_the_words_says_what_they_mean(typed, meant):
    wanted = wanted_of(typed)
    assert {kind for kind in ("name", "phone", "number", "credit_code") if getattr(wanted, kind)} == meant
    assert wanted.means_person == bool(meant & {"name", "phone", "number"})


@pytest.mark.parametrize("typed", ["周建国", "周 建国", NUMBER, PHONE, "139-1234-2046"])
def test_people_are_found_exactly_and_only_in_ones_own_area(typed, registry, world):
    found = people_found(world.viewer("head"), wanted_of(typed))
    assert list(found) == [registry.people["周建国"]]
    others = list(people_found(world.viewer("head_west"), wanted_of(typed)))
    assert registry.people["周建国"] not in others
    assert list(people_found(world.viewer("dispatcher"), wanted_of(typed))) == []


@pytest.mark.parametrize("typed", ["周建", "建国", "11010519491231", "1391234204", "周建国二", "%", "'"])
def test_a_part_of_a_name_or_number_finds_nobody(typed, registry, world):
    assert list(people_found(world.viewer("supervisor"), wanted_of(typed))) == []


def test_who_was_merged_is_left_out(registry, world):
    double = person_row("周建国", registry.dwellings["7幢1单元101"], phone=PHONE)
    double.merged_into = registry.people["周建国"]
    double.save()
    assert list(people_found(world.viewer("head"), wanted_of("周建国"))) == [registry.people["周建国"]]
    assert list(people_found(world.viewer("head"), wanted_of(PHONE))) == [registry.people["周建国"]]


def test_a_line_is_masked_and_says_where_and_how_fresh(registry, world):
    registry_settings()
    viewer = world.viewer("head")
    with assert_sql(1):
        (line,) = person_lines(list(people_found(viewer, wanted_of(PHONE))), viewer, MORNING)
    assert (line.shown["name"], line.shown["phone"]) == ("周**", "139****2046")
    assert line.home == "槐安里7幢 1单元 301室"
    assert line.home_is_seen
    assert line.fresh.when
    assert not line.fresh.is_due


@pytest.fixture
def estates(registry) -> dict[str, Building]:
    names = [("槐安里", "3幢"), ("槐安里", "13幢"), ("梧桐苑", "3幢")]
    return {
        f"{estate}{name}": building_make(estate=estate, building=name, area_code=EAST_GRID, floors=5)
        for estate, name in names
    }


@pytest.mark.parametrize(
    ("typed", "doors", "first"),
    [
        ("槐安里3栋2单元501", ["槐安里3幢 2单元 501"], "槐安里3幢"),
        ("槐安里三号楼二门501室", ["槐安里3幢 2单元 501"], "槐安里3幢"),
        ("槐安里3-2-501", ["槐安里3幢 2单元 501"], "槐安里3幢"),
        ("槐按里3幢2单元501", ["槐安里3幢 2单元 501"], "槐安里3幢"),
        ("槐安里3幢501", ["槐安里3幢 1单元 501", "槐安里3幢 2单元 501"], "槐安里3幢"),
        ("槐安里3幢9单元501", [], "槐安里3幢"),
        ("槐安里3幢2单元999", [], "槐安里3幢"),
        ("槐安里13号楼", [], "槐安里13幢"),
        ("梧桐苑3栋1单元102", ["梧桐苑3幢 1单元 102"], "梧桐苑3幢"),
    ],
)
def test_an_address_is_found_down_to_the_door(typed, doors, first, estates, world):
    found = places_found(world.viewer("head"), wanted_of(typed))
    named = [f"{one.building.address.text} {one.entrance.name} {one.door}" for one in found.dwellings]
    assert named[: len(doors)] == doors
    assert found.buildings[0].address.text == first
    if "3" in typed and "槐" in typed and doors:
        assert all("梧桐" not in one for one in named)
    assert not places_found(world.viewer("head_west"), wanted_of(typed)).dwellings
    assert not places_found(world.viewer("dispatcher"), wanted_of(typed))


def test_a_name_of_an_estate_finds_it_and_its_buildings(estates, world):
    found = places_found(world.viewer("head"), wanted_of("槐安里"))
    assert [one.name for one in found.compounds] == ["槐安里"]
    assert {one.address.text for one in found.buildings} >= {"槐安里3幢", "槐安里7幢", "槐安里13幢"}


def test_what_is_gone_is_not_found(estates, world):
    Dwelling.objects.filter(building=estates["槐安里3幢"], door="501").update(ended_on=MORNING.date())
    assert not places_found(world.viewer("head"), wanted_of("槐安里3栋2单元501")).dwellings


@pytest.mark.parametrize("typed", ["槐安里便民超市", "便民超市", "槐安便民超市"])
def test_entities_are_found_by_likeness(typed, registry, world):
    for role, there in (("head", True), ("handler", False), ("head_west", False)):
        found = entities_found(world.viewer(role), wanted_of(typed))
        assert bool(found) is there, role
    LegalEntity.objects.update(closed_on=MORNING.date())
    assert entities_found(world.viewer("head"), wanted_of(typed)) == []


def test_entities_are_found_by_credit_code(registry, world):
    LegalEntity.objects.update(credit_code="92110105MA01A2B3C4")
    assert entities_found(world.viewer("head"), wanted_of("92110105 ma01a2b3c4"))[0].name == "槐安里便民超市"
    assert entities_found(world.viewer("head"), wanted_of("92110105MA01A2B3C5")) == []


def test_searching_takes_few_statements(estates, world):
    registry_settings()
    viewer = world.viewer("head")
    for typed, people, places, entities in (("槐安里3栋2单元501", 0, 3, 1), ("周建国", 1, 3, 1), (PHONE, 1, 0, 0)):
        wanted = wanted_of(typed)
        with assert_sql(people):
            list(people_found(viewer, wanted))
        with assert_sql(places, at_most=True):
            places_found(viewer, wanted)
        with assert_sql(entities):
            entities_found(viewer, wanted)


@pytest.fixture
def ask(client_of):
    """Post words as somebody."""

    def posted(role: str, words: str, **more: str):
        client = client_of(role)
        client.cookies[settings.LANGUAGE_COOKIE_NAME] = more.pop("language", "zh-hans")
        headers = {"HX-Request": "true"} if more.pop("htmx", "") else {}
        return client.post(reverse("population:registry"), {"wanted": words} | more, headers=headers)

    return posted


@pytest.mark.parametrize("words", ["周建国", NUMBER, PHONE])
def test_the_answer_shows_nothing_in_the_clear_and_no_address_names_anybody(words, registry, ask, caplog):
    with caplog.at_level(logging.DEBUG):
        answer = ask("head", words)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"].count("no-store")
    text = answer.content.decode()
    assert "周**" in text
    shown = {"周建国", NUMBER, PHONE} - {words}  # what was typed stands in the box, and nowhere else
    assert not any(secret in text for secret in shown)
    assert text.replace(f'value="{words}"', "").count(words) == 0
    assert not any(words in record.getMessage() for record in caplog.records)
    assert "1949-12-31" not in text


def test_outside_ones_area_the_answer_is_that_of_nobody(registry, ask):
    known, unknown = (ask("head_west", words).content.decode() for words in ("林秀英", "林秀莫"))
    assert "没有找到" in known
    assert [text.split('<div role="status">')[1].split("</main>")[0] for text in (known, unknown)] == [
        known.split('<div role="status">')[1].split("</main>")[0]
    ] * 2


def test_who_reads_entities_only_finds_no_person_and_no_place(registry, ask):
    text = ask("dispatcher", "槐安里便民超市").content.decode()
    assert "槐安里便民超市</a>" in text
    for words in ("周建国", PHONE, "槐安里7幢"):
        assert "没有找到" in ask("dispatcher", words).content.decode()


@pytest.mark.parametrize(
    ("words", "status"), [("", 422), ("   ", 422), ("字" * 121, 422), ("<b>", 200), ("\x00x", 422)]
)
def test_words_without_meaning_are_answered_in_words(words, status, registry, ask):
    answer = ask("head", words)
    assert answer.status_code == status
    assert ("lr-error" in answer.content.decode()) is (status == 422)


def test_a_common_name_comes_in_pages_turned_by_the_cursor_in_the_body(registry, ask):
    home = registry.dwellings["7幢1单元101"]
    Person.objects.bulk_create(person_row("王伟", home) for _ in range(120))
    seen, cursor = 0, ""
    for expected in (50, 50, 20):
        answer = ask("head", "王伟", cursor=cursor)
        seen += answer.content.decode().count(">王*</a>")
        assert len(answer.context["person_rows"]) == expected
        cursor = answer.context["people"].next_cursor
    assert (seen, cursor) == (120, "")
    assert len(ask("head", "王伟", cursor="forged").context["person_rows"]) == 50


def test_the_swap_is_a_piece_of_the_page_in_both_languages(registry, ask):
    for language, word in (("zh-hans", "最后核对"), ("en", "Last confirmed")):
        whole = ask("head", "周建国", language=language).content.decode()
        part = ask("head", "周建国", language=language, htmx="1").content.decode()
        assert word in part
        assert "<html" not in part
        assert "<html" in whole


def test_nobody_else_gets_in(client_of):
    assert client_of("agent").post(reverse("population:registry"), {"wanted": "周建国"}).status_code == 403
    assert client_of().post(reverse("population:registry"), {"wanted": "周建国"}).status_code == 302
