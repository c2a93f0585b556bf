"""What the database itself refuses, whoever writes: the rules of periods, heads and numbers."""

from datetime import date

import pytest
from django.db import connection, transaction

from governance.errors import DomainError, constraint_errors
from population.models import Person, Residency, StandardAddress
from tests.factories.population import Registry, household_make, person_row, residency_make


def _refused(act) -> str:
    with pytest.raises(DomainError) as caught, constraint_errors(), transaction.atomic():
        act()
    return caught.value.code


def test_nobody_lives_in_two_places_at_once(registry: Registry):
    person, other = registry.people["周梅"], household_make(registry.dwellings["7幢1单元302"])

    def again(**values):
        return residency_make(person, other, **({"relation": "0"} | values))

    assert _refused(lambda: again(from_date=date(2020, 1, 1))) == "residency_one_main"
    # registered elsewhere without living there is no second home
    assert again(from_date=date(2020, 1, 1), is_main=False, relation="8").pk
    # on the day she moves out of the one she may move into the other
    Residency.objects.filter(person=person, is_main=True).update(to_date=date(2026, 1, 1), end_reason="moved")
    assert again(from_date=date(2026, 1, 1)).pk


def test_a_household_has_one_head_at_a_time(registry: Registry):
    household = registry.households["7幢1单元301"]
    person = person_row("周明", household.dwelling)
    person.save()
    assert _refused(lambda: residency_make(person, household, "0")) == "residency_one_head"
    Residency.objects.filter(household=household, relation="0").update(to_date=date(2025, 1, 1), end_reason="died")
    assert residency_make(person, household, "0", from_date=date(2025, 1, 1)).pk


@pytest.mark.parametrize(("to_date", "reason"), [(date(2018, 4, 30), "moved"), (date(2019, 1, 1), ""), (None, "moved")])
def test_periods_make_sense(registry: Registry, to_date, reason):
    rows = Residency.objects.filter(person=registry.people["周梅"])
    assert _refused(lambda: rows.update(to_date=to_date, end_reason=reason)) == "residency_ends_after_start"


def test_a_number_is_there_once(registry: Registry):
    again = person_row("周国建", registry.dwellings["2幢1单元101"], number="110105194912310021")
    assert _refused(again.save) == "person_document_unique"
    # one of two records of the same person, merged into the other, keeps its number
    again.merged_into = registry.people["周建国"]
    again.save()
    assert Person.objects.filter(document_index=again.document_index).count() == 2


def test_names_and_numbers_are_nowhere_in_the_tables(registry: Registry):
    """A dump of the tables names nobody: not as text, not as bytes of text."""
    words = ["周建国", "110105194912310021", "13912342046", "1949-12-31", "沈芳", "欧阳小明"]
    seen = ""
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            if table.startswith("population_"):
                cursor.execute(f'SELECT t::text, encode(t::text::bytea, %s) FROM "{table}" t', ["escape"])
                seen += "".join(text + escaped for text, escaped in cursor.fetchall())
    assert StandardAddress.objects.first().text in seen
    assert [word for word in words if word in seen or word.encode().hex() in seen] == []
