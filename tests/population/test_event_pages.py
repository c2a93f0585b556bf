"""Births, deaths, moves, splits, a new head, corrections: one page each, with words for what cannot be."""

import re
from datetime import date

import pytest
from django.urls import reverse

from governance.privacy.models import AccessLog
from population.check_digits import identity_judged
from population.models import Household, Person, Relation, Residency, Revision
from tests.factories.world import MORNING
from tests.web.english import chinese_in

FAMILY = "7幢1单元301"


@pytest.fixture(autouse=True)
def now(time_machine):
    time_machine.move_to(MORNING, tick=False)


@pytest.fixture
def stays(registry) -> dict[str, str]:
    """The public ids of the residencies of the family, by name."""
    return {
        name: str(registry.people[name].residencies.get().public_id) for name in ("周建国", "林秀英", "周梅")
    }  # fmt: skip


def of_household(registry, route: str) -> str:
    return reverse(f"population:{route}", args=[registry.households[FAMILY].public_id])


def of_person(registry, route: str, name: str) -> str:
    return reverse(f"population:{route}", args=[registry.people[name].public_id])


def refusals(page, address, data, cases):
    for changes, words in cases:
        answer = page.post(address, data | changes)
        assert (answer.status_code, words in answer.content.decode()) == (422, True), (changes, words)


def check_digit_is_wrong(registry) -> bool:
    return not identity_judged(str(registry.people["周建国"].document_number), today=MORNING.date()).is_valid


def members(registry) -> dict[str, str]:
    """Who is in the family now, and as what."""
    rows = Residency.objects.filter(household=registry.households[FAMILY], to_date__isnull=True)
    return {str(one.person.name): one.relation for one in rows.select_related("person")}


def test_somebody_moves_away_and_the_head_is_replaced(registry, client_of, stays):
    page, address = client_of("grid_worker"), of_household(registry, "move-out")
    html = page.get(f"{address}?who={stays['周建国']}").content.decode()
    assert re.search(rf'value="{stays["周建国"]}"[^>]*checked', html)
    assert "周建国" not in html
    data = {"leaving": [stays["周建国"]], "on": "2026-11-10", "reason": "moved", "source": "door"}
    refusals(page, address, data, (
        ({"leaving": []}, "请选谁搬走"),
        ({"on": "2026-13-01"}, "日期没有看懂"),
        ({"on": "2026-12-01"}, "这一天还没有到"),
        ({"on": "2010-01-01"}, "搬走不会早于搬来"),
        ({}, "请选留下的人里谁是户主"),
        ({"leaving": list(stays.values())}, "整户搬走就勾选"),
        ({"to": "不知道哪里"}, "没有找到这一户"),
    ))  # fmt: skip
    assert page.post(address, data | {"new_head": stays["林秀英"]}).status_code == 302
    assert members(registry) == {"林秀英": "0", "周梅": "3"}


def test_a_family_moves_to_another_dwelling_in_one_act(registry, client_of, stays):
    page, address = client_of("clerk"), of_household(registry, "move-out")
    data = {
        "leaving": list(stays.values()), "on": "2026-11-10", "reason": "moved", "source": "counter",
        "to": "槐安里7栋2-302",
    }  # fmt: skip
    refusals(page, address, data, (({}, "整户都搬走"), ({"to": "槐安里7栋1单元301"}, "就住在那里")))
    assert page.post(address, data | {"ends_household": "on"}).status_code == 302
    assert members(registry) == {}
    assert Household.objects.get(pk=registry.households[FAMILY].pk).ended_on == date(2026, 11, 10)
    made = Household.objects.get(dwelling=registry.dwellings["7幢2单元302"])
    rows = Residency.objects.filter(household=made).select_related("person").order_by("relation")
    assert [(str(one.person.name), one.relation, one.to_date) for one in rows] == [
        ("周建国", "0", None), ("林秀英", "1", None), ("周梅", "3", None),
    ]  # fmt: skip
    assert {one.person.home_id for one in rows} == {registry.dwellings["7幢2单元302"].pk}
    assert page.post(address, data | {"ends_household": "on"}).status_code == 422, "sent again: nobody is left to go"


def test_one_of_a_family_moves_within_the_district(registry, client_of, stays):
    page, address = client_of("head"), of_household(registry, "move-out")
    data = {"leaving": [stays["周梅"]], "on": "2026-11-10", "reason": "moved", "source": "door", "to": "7幢2单元302"}
    assert page.post(address, data | {"to": "槐安里 7幢 2单元 302室"}).status_code == 302
    (stay,) = registry.people["周梅"].residencies.filter(to_date__isnull=True)
    assert (stay.dwelling, stay.relation) == (registry.dwellings["7幢2单元302"], Relation.HEAD)
    assert len(members(registry)) == 2


def test_a_birth(registry, client_of):
    page, address = client_of("head"), of_household(registry, "birth")
    data = {
        "name": "周小宝", "sex": "1", "birth_date": "2026-11-02", "relation": "4", "kind": "registered",
        "source": "counter", "key": "11111111-1111-4111-8111-111111111111",
    }  # fmt: skip
    refusals(page, address, data, (
        ({"birth_date": ""}, "日期没有看懂"), ({"birth_date": "2027-01-01"}, "出生日期不在"),
        ({"relation": "0"}, "请选与户主的关系"), ({"name": ""}, "请写姓名"),
    ))  # fmt: skip
    for _pressed in range(2):
        assert page.post(address, data).status_code == 302
    assert Person.objects.filter(birth_year=2026).count() == 1
    assert members(registry)["周小宝"] == "4"


def test_a_number_that_somebody_has_offers_that_card(registry, client_of):
    data = {
        "name": "周小宝", "sex": "2", "birth_date": "2026-11-02", "relation": "4", "kind": "registered",
        "document_kind": "111", "document_number": "110105198007070028", "source": "door",
    }  # fmt: skip
    html = client_of("head").post(of_household(registry, "birth"), data).content.decode()
    assert ("这个号码已有登记" in html, str(registry.people["周梅"].public_id) in html) == (True, True)


def test_a_death_asks_for_the_next_head(registry, client_of, stays):
    page, address = client_of("clerk"), of_person(registry, "death", "周建国")
    pk = registry.households[FAMILY].pk
    data = {"died_on": "2026-11-12", "source": "counter", f"head_{pk}": stays["林秀英"]}
    refusals(page, address, data, (
        ({"died_on": "1940-01-01"}, "去世不会早于出生"), ({"died_on": "2026-12-12"}, "这一天还没有到"),
        ({f"head_{pk}": ""}, "请选以后谁是户主"), ({f"head_{pk}": "x"}, "请选以后谁是户主"),
    ))  # fmt: skip
    assert "1949-12-31" not in page.post(address, data | {"died_on": "1940-01-01"}).content.decode()
    assert page.post(address, data).status_code == 302
    assert members(registry) == {"林秀英": "0", "周梅": "3"}
    assert Person.objects.get(pk=registry.people["周建国"].pk).died_on == date(2026, 11, 12)
    assert page.post(address, data).status_code == 422, "sent again"


def test_the_last_of_a_household_dies(registry, client_of):
    page, address = client_of("head"), of_person(registry, "death", "欧阳小明")
    data = {"died_on": "2026-11-12", "source": "door"}
    refusals(page, address, data, (({}, "这一户最后一个人"),))
    assert page.post(address, data | {"ends_households": "on"}).status_code == 302
    assert Household.objects.get(pk=registry.households["7幢2单元101"].pk).ended_on == date(2026, 11, 12)


def test_a_split(registry, client_of, stays):
    page, address = client_of("head"), of_household(registry, "household-split")
    data = {"leaving": [stays["周梅"]], "new_head": stays["周梅"], "on": "2026-11-10", "source": "door"}
    refusals(page, address, data, (
        ({"new_head": stays["林秀英"]}, "新户主要在里面"), ({"leaving": []}, "请选谁分出去"),
        ({"leaving": list(stays.values())}, "所有人都走就不是分户"),
        ({"leaving": [stays["周建国"]], "new_head": stays["周建国"]}, "谁是户主"),
    ))  # fmt: skip
    assert page.post(address, data).status_code == 302
    assert members(registry) == {"周建国": "0", "林秀英": "1"}
    assert registry.dwellings[FAMILY].households.count() == 2


def test_a_new_head_and_what_the_others_are_to_them(registry, client_of, stays):
    page, address = client_of("head"), of_household(registry, "head-change")
    data = {
        "head": stays["周梅"], "on": "2026-11-10", "source": "door",
        f"relation_{stays['周建国']}": "5", f"relation_{stays['林秀英']}": "5",
    }  # fmt: skip
    refusals(page, address, data, (({"head": ""}, "请选谁是新户主"), ({"on": ""}, "日期没有看懂")))
    assert page.post(address, data).status_code == 302
    assert members(registry) == {"周梅": "0", "周建国": "5", "林秀英": "5"}


def test_a_correction_sees_nothing_in_the_clear_and_keeps_what_was(registry, client_of):
    page, address = client_of("grid_worker"), of_person(registry, "person-change", "周建国")
    html = page.get(address).content.decode()
    assert not [one for one in ("周建国", "110105194912310021", "13912342046", "1949-12-31") if one in html]
    assert ("周**" in html, "139****2046" in html) == (True, True)
    seen = re.search(r'name="seen" value="([^"]+)"', html)[1]
    data = {"sex": "1", "source": "door", "seen": seen, "phone": "0755-84622222"}
    assert check_digit_is_wrong(registry), "a number that was wrong before bars no other correction"
    refusals(page, address, data, (
        ({"document_number": "110105194912310022", "document_kind": "111"}, "有一位写错了"),
        ({"birth_date": "1800-01-01"}, "出生日期不在"),
        ({"document_number": "110105198007070028", "document_kind": "111"}, "这个号码已有登记"),
    ))  # fmt: skip
    assert page.post(address, data).status_code == 302
    person = Person.objects.get(pk=registry.people["周建国"].pk)
    assert (str(person.name), str(person.phone)) == ("周建国", "075584622222")
    assert Revision.objects.get(kind="person").before["phone"] == "13912342046"
    assert page.post(address, data).status_code == 409, "somebody wrote meanwhile: what they saw is old"
    assert page.post(address, {"sex": "1", "source": "door", "no_phone": "on", "no_document": "on"}).status_code == 302
    person.refresh_from_db()
    assert (person.phone, person.document_number) == (None, None)
    assert not AccessLog.objects.exists()


def test_what_differs_from_the_number_is_kept_and_said(registry, client_of):
    page, address = client_of("head"), of_person(registry, "person-change", "周梅")
    answer = page.post(address, {"sex": "2", "source": "door", "birth_date": "1981-01-01"}, follow=True)
    assert "和登记的不一样" in answer.content.decode()
    assert Person.objects.get(pk=registry.people["周梅"].pk).birth_date == "1981-01-01"


def test_confirmed_as_it_is(registry, client_of, world):
    page = client_of("clerk")
    assert page.post(of_person(registry, "person-confirm", "周梅")).status_code == 302
    person = Person.objects.get(pk=registry.people["周梅"].pk)
    assert (person.confirmed_at, person.confirmed_by, person.source) == (MORNING, world.people["clerk"], "counter")


def test_a_dwelling_is_confirmed_as_it_is(registry, client_of, world):
    row = registry.dwellings[FAMILY]
    address = reverse("population:dwelling-confirm", args=[row.public_id])
    assert client_of("supervisor").post(address).status_code == 403
    assert client_of("head_west").post(address).status_code == 404
    assert client_of("grid_worker").post(address).status_code == 302
    row.refresh_from_db()
    assert (row.confirmed_at, row.confirmed_by, row.source) == (MORNING, world.people["grid_worker"], "door")


def test_who_may_not(registry, client_of):
    pages = [of_household(registry, one) for one in ("move-out", "birth", "household-split", "head-change")]
    pages += [of_person(registry, one, "周建国") for one in ("person-change", "death")]
    for address in pages:
        assert client_of("supervisor").get(address).status_code == 403, address
        assert client_of("head_west").get(address).status_code == 404, address
        assert client_of("head").get(address).status_code == 200, address


def test_no_button_for_who_may_not(registry, client_of):
    card = reverse("population:dwelling", args=[registry.dwellings[FAMILY].public_id])
    for role, expected in (("supervisor", False), ("head", True)):
        html = client_of(role).get(card).content.decode()
        assert (of_household(registry, "move-out") in html, "/move-in/" in html) == (expected, expected)


def test_in_english(registry, client_of, stays):
    page = client_of("head")
    page.cookies["liren_lang"] = "en"
    pages = [of_household(registry, one) for one in ("move-out", "birth", "household-split", "head-change")]
    pages += [of_person(registry, one, "周建国") for one in ("person-change", "death")]
    for address in pages:
        assert chinese_in(page.get(address).content.decode()) == [], address
        assert chinese_in(page.post(address, {"x": "1"}).content.decode()) == [], address
    data = {"leaving": [stays["周梅"]], "on": "2026-11-10", "reason": "moved", "source": "door", "to": "x"}
    assert chinese_in(page.post(of_household(registry, "move-out"), data).content.decode()) == []
