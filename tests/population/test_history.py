"""What was changed, masked; and a card as of a day: the record by its revisions, the residents by their periods."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from population.models import EndReason, Person, Residency
from population.selectors.history import as_of, changes_of, values_of
from population.services.people import PersonData, person_change
from tests.factories.population import COLLECTED, residency_make
from tests.factories.world import MORNING
from tests.sql import assert_sql
from tests.web.english import chinese_in

LATER = MORNING + timedelta(hours=1)


@pytest.fixture(autouse=True)
def now(time_machine):
    time_machine.move_to(LATER, tick=False)


@pytest.fixture
def changed(registry, world) -> Person:
    """周梅 got married and a new phone in November; both changes are kept."""
    person = registry.people["周梅"]
    for days, values in ((10, {"phone": "13900000001"}), (3, {"name": "周小梅", "phone": "13900000001"})):
        data = {
            "name": "周梅", "sex": "2", "birth_date": date(1980, 7, 7), "document_kind": "111",
            "document_number": "110105198007070028",
        } | values  # fmt: skip
        person_change(
            person=person, data=PersonData(**data), source="counter", actor=world.viewer("clerk"),
            at=MORNING - timedelta(days=days),
        )  # fmt: skip
    return Person.objects.get(pk=person.pk)


def address(person: Person, day: str = "") -> str:
    return reverse("population:person", args=[person.public_id]) + (f"?on={day}" if day else "")


def test_what_was_changed_is_told_masked_and_in_the_clear_when_revealed(changed, client_of):
    page = client_of("head")
    html = page.get(address(changed)).content.decode()
    assert ("139****2048" in html, "Clerk Person" in html, "窗口办理" in html) == (True, True, True)
    assert not [one for one in ("13912342048", "周梅", "周小梅", "13900000001") if one in html]
    shown = page.post(reverse("population:person-reveal", args=[changed.public_id]), {"purpose": "registry_check"})
    html = shown.content.decode()
    assert ("13912342048" in html, "周梅" in html, "周小梅" in html) == (True, True, True)


def test_a_record_as_of_a_day(changed):
    with assert_sql(1):
        first = as_of(changed, date(2026, 5, 1))
    assert (str(first.name), str(first.phone)) == ("周梅", "13912342048")
    between = as_of(changed, (MORNING - timedelta(days=5)).date())
    assert (str(between.name), str(between.phone)) == ("周梅", "13900000001")
    assert str(as_of(changed, MORNING.date()).name) == "周小梅"
    assert as_of(changed, COLLECTED.date() - timedelta(days=1)) is None, "not registered yet"
    assert as_of(changed, COLLECTED.date()) is not None
    assert str(changed.name) == "周小梅", "the row itself is left alone"
    assert [len(one.before) for one in changes_of(changed)] == [1, 1]
    assert "13912342048" not in str(values_of(first))


def test_a_card_as_of_a_day_shows_who_lived_there_then(registry, client_of):
    family, tenant = registry.households["7幢1单元301"], registry.people["欧阳小明"]
    past = {"from_date": date(2019, 1, 1), "to_date": date(2020, 1, 1), "end_reason": EndReason.MOVED}
    residency_make(tenant, family, "8", is_main=False, **past)
    page, card = client_of("head"), reverse("population:dwelling", args=[family.dwelling.public_id])
    for day, is_there in (("2018-12-31", False), ("2019-01-01", True), ("2019-12-31", True), ("2020-01-01", False)):
        html = page.get(f"{card}?on={day}").content.decode()
        assert ("欧阳**" in html, "林**" in html) == (is_there, True), day
        assert "那时还没有登记" in html, "collected in 2026"
    assert "林**" not in page.get(f"{card}?on=2018-04-30").content.decode(), "a day before they came"
    household = reverse("population:household", args=[family.public_id])
    assert "欧阳**" in page.get(f"{household}?on=2019-06-01").content.decode()
    assert "槐安里7幢 1单元 301室" in page.get(address(tenant, "2019-06-01")).content.decode()
    for nonsense in ("x", "2019-02-30", "0001-01-01"):
        assert "有人搬进来" in page.get(f"{card}?on={nonsense}").content.decode(), "the card of today"


def test_elsewhere_is_named_by_its_community_then_too(registry, client_of):
    tenant = registry.people["欧阳小明"]
    past = {"from_date": date(2015, 1, 1), "to_date": date(2018, 5, 1), "end_reason": EndReason.MOVED}
    residency_make(tenant, registry.households["2幢1单元201"], "8", **past)
    html = client_of("head").get(address(tenant, "2016-01-01")).content.decode()
    assert ("青禾社区" in html, "桐里" in html) == (True, False)
    assert Residency.objects.filter(person=tenant).count() == 2


def test_who_may_not(changed, client_of):
    assert client_of("head_west").get(address(changed, "2026-05-01")).status_code == 404
    assert client_of("supervisor").get(address(changed, "2026-05-01")).status_code == 200


def test_every_card_as_of_a_day_in_both_languages(registry, changed, client_of):
    cards = [
        reverse("population:dwelling", args=[registry.dwellings["7幢1单元301"].public_id]),
        reverse("population:household", args=[registry.households["7幢1单元301"].public_id]),
        address(changed),
        reverse("population:entity", args=[registry.entities["shop"].public_id]),
    ]
    page = client_of("head")
    hidden = ("周建国", "周小梅", "13912342046", "110105198007070028", "沈芳", "13912342051", "1980-07-07")
    for card in cards:
        html = page.get(f"{card}?on=2026-06-01").content.decode()
        assert not [one for one in hidden if one in html], card
    page.cookies["liren_lang"] = "en"
    for card in cards:
        assert chinese_in(page.get(f"{card}?on=2026-06-01").content.decode()) == [], card
    assert chinese_in(page.get(address(changed)).content.decode()) == []
