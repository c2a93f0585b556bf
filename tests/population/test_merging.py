"""Two records of one person become one and are parted again: nobody's stay is lost, nobody lives twice."""

from datetime import date
from typing import Any

import pytest

from governance.errors import DomainError, Forbidden, StaleState
from governance.outbox.models import DomainEvent
from population.models import Household, Person, PersonMerge, Residency
from population.selectors.duplicates import candidates_of
from population.services.merging import merge_undo, person_merge
from population.services.people import PersonData, person_change
from tests.factories.population import Registry, household_make, person_row, residency_make
from tests.factories.world import MORNING, World

NUMBER = "110105198007070028"


@pytest.fixture
def by(world: World) -> dict[str, Any]:
    return {"actor": world.viewer("head"), "at": MORNING}


@pytest.fixture
def twin(registry: Registry) -> Person:
    """周梅 once more, entered at the same door with a newer telephone and without a number."""
    made = person_row("周 梅", registry.dwellings["7幢1单元301"], phone="13912342099", born="1980-07-07", sex="2")
    made.save()
    residency_make(made, registry.households["7幢1单元301"], "3")
    return made


def _stays(person: Person) -> list[tuple[str, date | None, str]]:
    rows = Residency.objects.filter(person=person).order_by("pk")
    return [(one.relation, one.to_date, one.end_reason) for one in rows]


def test_candidates_come_with_their_reasons_and_only_from_what_the_viewer_may_see(registry, twin, by, world):
    person = registry.people["周梅"]
    assert [(one.person, one.reasons) for one in candidates_of(person, by["actor"])] == [(twin, ["birth", "home"])]
    assert candidates_of(person, world.viewer("head_west")) == []
    # the same name alone is no reason
    assert candidates_of(registry.people["周建国"], by["actor"]) == []


def test_an_old_number_of_15_digits_is_the_same_number(registry, by):
    old = person_row("周美", registry.dwellings["7幢1单元302"], number="110105800707002")
    old.save()
    [found] = candidates_of(registry.people["周梅"], by["actor"])
    assert (found.person, found.reasons) == (old, ["number"])


def test_one_record_goes_into_the_other_with_what_was_chosen(registry, twin, by):
    kept = registry.people["周梅"]
    merge = person_merge(kept=kept, merged=twin, take=["phone"], **by)
    kept.refresh_from_db()
    twin.refresh_from_db()
    assert (kept.phone, kept.document_number, twin.merged_into) == ("13912342099", NUMBER, kept)
    # the same stay was entered twice: it is there once
    assert _stays(twin) == [("3", date(2018, 5, 1), "merged")]
    assert _stays(kept) == [("3", None, "")]
    assert merge.reasons == ["birth", "home"]
    assert DomainEvent.objects.get(name="population.person_merged").payload["person"].endswith(f":{kept.pk}")
    with pytest.raises(StaleState):
        person_merge(kept=kept, merged=twin, take=[], **by)


def test_parting_gives_everything_back(registry, twin, by):
    kept = registry.people["周梅"]
    merge = person_merge(kept=kept, merged=twin, take=["phone", "name"], **by)
    merge_undo(merge=merge, **by)
    merge_undo(merge=merge, **by)
    kept.refresh_from_db()
    twin.refresh_from_db()
    assert (kept.phone, kept.name, twin.merged_into) == ("13912342048", "周梅", None)
    assert _stays(twin) == _stays(kept) == [("3", None, "")]
    assert DomainEvent.objects.filter(name="population.person_parted").count() == 1


def test_what_was_corrected_since_stays(registry, twin, by):
    kept = registry.people["周梅"]
    merge = person_merge(kept=kept, merged=twin, take=["phone"], **by)
    data = PersonData(name="周梅", sex="2", birth_date=date(1980, 7, 7), phone="13912342111", document_number=NUMBER)
    person_change(person=kept, data=data, source="door", **by)
    merge_undo(merge=merge, **by)
    kept.refresh_from_db()
    assert kept.phone == "13912342111"


def test_stays_one_after_the_other_become_one_life(registry, by):
    """She lived elsewhere before: that stay is hers now, and goes back when the records are parted."""
    before = household_make(registry.dwellings["7幢1单元302"], formed_on=date(2010, 1, 1))
    old = person_row("周梅", before.dwelling, born="1980-07-07")
    old.save()
    stay = residency_make(old, before, "0", from_date=date(2010, 1, 1), to_date=date(2018, 5, 1), end_reason="moved")
    kept = registry.people["周梅"]
    merge = person_merge(kept=kept, merged=old, take=[], **by)
    assert set(Residency.objects.filter(person=kept).values_list("from_date", flat=True)) == {
        date(2010, 1, 1),
        date(2018, 5, 1),
    }
    merge_undo(merge=merge, **by)
    stay.refresh_from_db()
    assert stay.person == old


def test_a_household_that_was_none_ends_and_comes_back(registry, by):
    """Entered again in a household of their own behind the same door."""
    dwelling = registry.dwellings["7幢2单元101"]
    again = household_make(dwelling)
    double = person_row("欧阳小明", dwelling, born="1995-01-20")
    double.save()
    residency_make(double, again, "0", kind="mobile")
    merge = person_merge(kept=registry.people["欧阳小明"], merged=double, take=[], **by)
    assert Household.objects.get(pk=again.pk).ended_on == date(2018, 5, 1)
    merge_undo(merge=merge, **by)
    assert Household.objects.get(pk=again.pk).ended_on is None
    assert _stays(double) == [("0", None, "")]


def test_two_homes_at_once_are_cleared_up_first(registry, by, world):
    elsewhere = household_make(registry.dwellings["7幢1单元302"])
    other = person_row("周梅", elsewhere.dwelling, born="1980-07-07")
    other.save()
    residency_make(other, elsewhere, "0")
    with pytest.raises(DomainError) as caught:
        person_merge(kept=registry.people["周梅"], merged=other, take=[], **by)
    assert caught.value.code == "merge_two_homes"
    other.refresh_from_db()
    assert other.merged_into is None
    with pytest.raises(DomainError) as caught:
        person_merge(kept=other, merged=other, take=[], **by)
    assert caught.value.code == "merge_itself"
    with pytest.raises(Forbidden):
        person_merge(kept=registry.people["周梅"], merged=other, take=[], actor=world.viewer("grid_worker"), at=MORNING)


def test_the_page_shows_both_masked_merges_and_parts(registry, twin, client_of):
    kept, client = registry.people["周梅"], client_of("head")
    page = f"/staff/registry/people/{kept.public_id}/merge/"
    html = client.get(page).content.decode()
    assert "姓名和出生日期一样" in html
    assert [word for word in ("周梅", "13912342048", "13912342099", NUMBER, "1980-07-07") if word in html] == []
    # nothing is lost of a form that was not whole
    answer = client.post(page, {"other": str(twin.public_id), "take": ["phone"]})
    assert answer.status_code == 422
    kept_open = answer.content.decode()
    assert "请确认核对过" in kept_open
    assert f'value="{twin.public_id}" checked' in kept_open
    assert 'value="phone" checked' in kept_open
    done = client.post(page, {"other": str(twin.public_id), "take": ["phone"], "is_same": "on"})
    assert done.status_code == 302
    card = client.get(done["Location"]).content.decode()
    assert "把并进来的拆开" in card
    assert client.post(f"/staff/registry/people/{kept.public_id}/part/").status_code == 302
    assert PersonMerge.objects.get().undone_at is not None
    assert client.post(f"/staff/registry/people/{kept.public_id}/part/").status_code == 404
    # a grid worker may not merge, and a neighbour knows of nobody
    assert client_of("grid_worker").get(page).status_code == 403
    assert client_of("head_west").get(page).status_code == 404
