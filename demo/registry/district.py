"""The whole register, told in one go."""

from datetime import date
from random import Random

from demo.land import SEED
from demo.registry.entities import Entities
from demo.registry.faults import Faults
from demo.registry.moves import Moves
from demo.registry.owners import add_owners
from demo.registry.places import Doors
from demo.registry.records import District
from demo.registry.residents import Residents


def district(today: date, share: float = 1.0) -> District:
    """Tell the register as it stood in the morning of `today`; an even `share` of the buildings (0 < share <= 1).

    The same for the same arguments, on every machine. Takes some seconds at full size.
    """
    told = District(today)
    Doors(told, _chance("places")).build(share)
    residents = Residents(told, _chance("residents"))
    residents.settle()
    Moves(residents, _chance("moves")).tell()
    housing, lessors = Entities(told, residents.numbers, _chance("entities")).build(share)
    add_owners(residents, housing, lessors, _chance("owners"))
    Faults(told, _chance("faults")).plant()
    return told


def _chance(part: str) -> Random:
    return Random(f"{SEED} registry {part}")
