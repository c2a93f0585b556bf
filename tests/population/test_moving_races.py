"""Two colleagues at a time: one person lives in one place."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date

from django.db import connection

from governance.errors import DomainError
from population.models import Residency
from population.services.households import Stay, move_in
from tests.factories.world import MORNING


def test_two_move_ins_of_one_person_at_a_time_give_one(committed):
    world, registry = committed
    tenant = registry.people["欧阳小明"]
    now = tenant.residencies.get()
    Residency.objects.filter(pk=now.pk).update(to_date=date(2026, 1, 1), end_reason="moved")
    places = [registry.dwellings["7幢1单元101"], registry.dwellings["7幢1单元102"]]

    def moved(place) -> str:
        try:
            stay = Stay(kind="mobile", relation="0", from_date=date(2026, 11, 1))
            move_in(person=tenant, stay=stay, dwelling=place, source="door", actor=world.viewer("head"), at=MORNING)
        except DomainError as error:
            return error.code
        finally:
            connection.close()
        return "moved"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(moved, places)) == ["lives_elsewhere", "moved"]
    assert Residency.objects.filter(person=tenant, to_date__isnull=True, is_main=True).count() == 1
