"""Two at once."""

from datetime import date
from threading import Barrier, Thread

from django.db import connection

from governance.errors import DomainError
from population.models import Residency
from population.services import households
from population.services.households import Stay
from tests.factories.world import MORNING

STAY = Stay(kind="registered", relation="8", from_date=date(2026, 11, 17))


def test_two_clerks_move_the_same_person_at_once(committed):
    """One after the other: the person ends up in one place. Nobody lives twice, nothing breaks."""
    world, registry = committed
    by = {"source": "door", "actor": world.viewer("head"), "at": MORNING}
    person, start, said = registry.people["欧阳小明"], Barrier(2), []

    def move(door: str) -> None:
        try:
            start.wait()
            dwelling = registry.dwellings[f"7幢1单元{door}"]
            households.move_in(person=person, dwelling=dwelling, stay=STAY, leaves_previous=True, **by)
            said.append("moved")
        except DomainError as error:
            said.append(error.code)
        finally:
            connection.close()

    threads = [Thread(target=move, args=(door,)) for door in ("101", "102")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert said == ["moved", "moved"]
    assert Residency.objects.filter(person=person, is_main=True, to_date__isnull=True).count() == 1
