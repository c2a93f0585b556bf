"""Moving in and out, births, deaths, splits: what a household is afterwards, and what is refused with which words."""

from datetime import date
from typing import Any

import pytest

from governance.errors import DomainError, Forbidden
from governance.outbox.models import DomainEvent
from population.models import Household, Person, Residency, Revision
from population.services import households
from population.services.households import Stay
from population.services.people import PersonData, person_change, person_create
from tests.factories.population import Registry
from tests.factories.world import MORNING, World

TODAY = date(2026, 11, 17)


@pytest.fixture
def by(world: World) -> dict[str, Any]:
    return {"source": "door", "actor": world.viewer("head"), "at": MORNING}


def _stay(**values: Any) -> Stay:
    return Stay(**({"kind": "registered", "relation": "8", "from_date": TODAY} | values))


def _of(registry: Registry, name: str) -> Residency:
    return Residency.objects.current().get(person=registry.people[name], is_main=True)


def _members(where: Household) -> list[tuple[str, str]]:
    rows = Residency.objects.current().filter(household=where).select_related("person").order_by("relation", "pk")
    return [(str(one.person.name), one.relation) for one in rows]


def test_the_first_one_in_a_dwelling_forms_a_household_and_is_its_head(registry: Registry, by):
    person, dwelling = registry.people["欧阳小明"], registry.dwellings["7幢1单元302"]
    with pytest.raises(DomainError, match="住在别处") as caught:
        households.move_in(person=person, dwelling=dwelling, stay=_stay(), **by)
    assert caught.value.field == "leaves_previous"
    made = households.move_in(person=person, dwelling=dwelling, stay=_stay(), leaves_previous=True, **by)
    assert made.relation == "0"
    assert _members(made.household) == [("欧阳小明", "0")]
    # the flat he left is empty, and its household is over that day
    old = registry.households["7幢2单元101"]
    old.refresh_from_db()
    assert old.ended_on == TODAY
    person.refresh_from_db()
    assert (person.home_id, person.area_code) == (dwelling.pk, dwelling.area_code)
    events = DomainEvent.objects.filter(name__startswith="population.").order_by("pk").values_list("name", flat=True)
    assert list(events) == [
        "population.moved_out",
        "population.household_ended",
        "population.household_formed",
        "population.moved_in",
    ]


def test_the_same_form_twice_is_one_residency(registry: Registry, by):
    key = "7f3a8a1e-0000-4000-8000-000000000001"
    child = person_create(data=PersonData(name="周小宝"), home=registry.dwellings["7幢1单元301"], **by)
    move = {"person": child, "household": registry.households["7幢1单元301"], "stay": _stay(), "submission_key": key}
    first = households.move_in(**move, **by)
    assert households.move_in(**move, **by) == first
    assert Residency.objects.filter(person=child).count() == 1


@pytest.mark.parametrize(
    ("values", "code", "field"),
    [
        ({"from_date": date(1995, 1, 19)}, "born_after_moving_in", "from_date"),
        ({"from_date": date(2026, 11, 18)}, "moves_in_future", "from_date"),
        ({"from_date": date(2018, 4, 30)}, "before_household", "from_date"),
        ({"kind": "guest"}, "kind_unknown", "kind"),
        ({"relation": "x"}, "relation_unknown", "relation"),
    ],
)
def test_a_stay_that_makes_no_sense_is_refused_beside_its_field(registry: Registry, by, values, code, field):
    with pytest.raises(DomainError) as caught:
        households.move_in(
            person=registry.people["欧阳小明"],
            household=registry.households["7幢1单元301"],
            stay=_stay(**values),
            leaves_previous=True,
            **by,
        )
    assert (caught.value.code, caught.value.field) == (code, field)


def test_the_head_does_not_leave_others_without_one(registry: Registry, by):
    household = registry.households["7幢1单元301"]
    with pytest.raises(DomainError) as caught:
        households.move_out(residency=_of(registry, "周建国"), to_date=TODAY, **by)
    assert (caught.value.code, caught.value.field) == ("household_needs_head", "new_head")
    households.move_out(residency=_of(registry, "周建国"), to_date=TODAY, new_head=_of(registry, "林秀英"), **by)
    assert _members(household) == [("林秀英", "0"), ("周梅", "3")]
    # who was head when is read from the periods
    heads = Residency.objects.filter(household=household, relation="0").on(date(2026, 11, 16))
    assert [str(one.person.name) for one in heads] == ["周建国"]
    assert Residency.objects.filter(household=household).on(TODAY).filter(relation="0").get().person.name == "林秀英"


def test_the_last_one_out_ends_the_household_only_when_that_is_said(registry: Registry, by):
    alone = _of(registry, "欧阳小明")
    with pytest.raises(DomainError) as caught:
        households.move_out(residency=alone, to_date=TODAY, **by)
    assert (caught.value.code, caught.value.field) == ("household_would_be_empty", "ends_household")
    assert _of(registry, "欧阳小明") == alone
    households.move_out(residency=alone, to_date=TODAY, ends_household=True, **by)
    assert Household.objects.get(pk=alone.household_id).ended_on == TODAY


@pytest.mark.parametrize(
    ("day", "code"), [(date(2018, 4, 30), "moves_out_before_in"), (date(2026, 11, 18), "moves_out_in_future")]
)
def test_days_of_leaving_that_cannot_be(registry: Registry, by, day, code):
    with pytest.raises(DomainError) as caught:
        households.move_out(residency=_of(registry, "周梅"), to_date=day, **by)
    assert (caught.value.code, caught.value.field) == (code, "to_date")


def test_a_child_is_born_into_a_household(registry: Registry, by):
    household = registry.households["7幢1单元301"]
    born = households.birth(
        household=household, data=PersonData(name="周小宝", birth_date=date(2026, 11, 2)), relation="4", **by
    )
    assert (born.from_date, born.is_main, born.person.area_code) == (date(2026, 11, 2), True, household.area_code)
    with pytest.raises(DomainError) as caught:
        households.birth(household=household, data=PersonData(name="无名"), relation="4", **by)
    assert caught.value.field == "birth_date"
    assert not Person.objects.filter(name_index=Person._meta.get_field("name_index").digest("无名")).exists()


def test_a_death_ends_every_residency_and_leaves_a_head(registry: Registry, by):
    person, household = registry.people["周建国"], registry.households["7幢1单元301"]
    with pytest.raises(DomainError, match="户主"):
        households.death(person=person, died_on=TODAY, **by)
    heads = {household.pk: _of(registry, "林秀英")}
    for day, code in ((date(1949, 12, 30), "died_before_birth"), (date(2026, 11, 18), "died_in_future")):
        with pytest.raises(DomainError) as caught:
            households.death(person=person, died_on=day, new_heads=heads, **by)
        assert caught.value.code == code
    died = households.death(person=person, died_on=TODAY, new_heads=heads, **by)
    assert died.died_on == TODAY
    assert _members(household) == [("林秀英", "0"), ("周梅", "3")]
    assert Residency.objects.filter(person=person, to_date__isnull=True).count() == 0


def test_a_household_splits_and_both_have_a_head(registry: Registry, by):
    household = registry.households["7幢1单元301"]
    daughter = _of(registry, "周梅")
    made = households.household_split(
        household=household,
        leaving=[daughter],
        new_head=daughter,
        dwelling=registry.dwellings["7幢1单元302"],
        on=TODAY,
        **by,
    )
    assert _members(made) == [("周梅", "0")]
    assert _members(household) == [("周建国", "0"), ("林秀英", "1")]
    assert Person.objects.get(pk=daughter.person_id).home_id == registry.dwellings["7幢1单元302"].pk
    rest = list(Residency.objects.current().filter(household=household))
    with pytest.raises(DomainError) as caught:
        households.household_split(household=household, leaving=rest, new_head=rest[0], on=TODAY, **by)
    assert caught.value.code == "split_leaves_nobody"


def test_the_head_changes_with_the_relations_told(registry: Registry, by):
    household = registry.households["7幢1单元301"]
    old, wife, daughter = (_of(registry, name) for name in ("周建国", "林秀英", "周梅"))
    households.head_change(household=household, head=wife, on=TODAY, relations={old.pk: "1"}, **by)
    assert _members(household) == [("林秀英", "0"), ("周建国", "1"), ("周梅", "3")]
    with pytest.raises(DomainError) as caught:
        households.head_change(household=household, head=wife, on=TODAY, **by)
    assert caught.value.field == "head"
    assert daughter.to_date is None


def test_another_community_changes_nothing_here(registry: Registry, by, world: World):
    elsewhere = by | {"actor": world.viewer("head_west")}
    with pytest.raises(Forbidden):
        households.move_out(residency=_of(registry, "周梅"), to_date=TODAY, **elsewhere)
    with pytest.raises(Forbidden):
        person_change(person=registry.people["周梅"], data=PersonData(name="周美"), **elsewhere)
    with pytest.raises(Forbidden):
        households.move_in(
            person=registry.people["欧阳小明"], household=registry.households["7幢1单元301"], stay=_stay(), **elsewhere
        )


def test_what_a_person_was_called_is_kept(registry: Registry, by):
    person = registry.people["周梅"]
    data = PersonData(
        name="周  美 ", sex="2", birth_date=date(1980, 7, 7), document_kind="111", document_number="110105198007070028"
    )
    changed = person_change(person=person, data=data, **by)
    assert (changed.name, changed.phone) == ("周 美", None)
    revision = Revision.objects.get(kind="person", record_id=person.pk)
    assert revision.before["name"] == "周梅"
    assert revision.before["phone"] == "13912342048"
    event = DomainEvent.objects.get(name="population.person_changed")
    assert event.payload["fields"] == ["name", "phone"]
    # the number of somebody else is refused in words, without saying whose it is
    with pytest.raises(DomainError) as caught:
        person_change(person=person, data=PersonData(name="周美", document_number="110105195203150021"), **by)
    assert (caught.value.code, caught.value.field) == ("person_known", "document_number")
