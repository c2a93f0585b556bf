"""A town with a registry and residents, for what people see of themselves."""

from dataclasses import dataclass
from uuid import uuid4

from governance.access.models import User
from population.models import DwellingBinding, Person
from population.services.bindings import binding_code_issue
from tests.factories.population import Registry, registry_make
from tests.factories.residents import resident
from tests.factories.world import MORNING, WEST, World, add_person

HOME = "7幢1单元301"
NAME, TAIL = "周建国", "310021"  # of the head of that family


@dataclass
class Home:
    """The town, its registry, one resident with an account who lives in `HOME`, and one who does not."""

    world: World
    registry: Registry
    user: User
    other: User

    @property
    def person(self) -> Person:
        return self.registry.people[NAME]

    def code(self, *, name: str = NAME, where: str = HOME, at=MORNING) -> str:
        """A fresh code, as it stands in the letter."""
        issued = binding_code_issue(
            person=self.registry.people[name],
            dwelling=self.registry.dwellings[where],
            submission_key=uuid4(),
            actor=self.world.viewer("head"),
            at=at,
        )
        return issued[1]

    def bound(self, *, name: str = NAME, where: str = HOME, user: User | None = None) -> DwellingBinding:
        """A binding as a row."""
        return DwellingBinding.objects.create(
            user=user or self.user,
            person=self.registry.people[name],
            dwelling=self.registry.dwellings[where],
            area_code=self.registry.dwellings[where].area_code,
            method="counter",
            document_kind="111",
            confirmed_by=self.world.people["head"],
            begun_at=MORNING,
        )


def furnish(world: World) -> Home:
    add_person(world, "west_head", "community_head", WEST, world.organisations["east"])
    phones = ("+8613912342046", "+8613912342099")
    return Home(world, registry_make(), *(resident(name, phone) for name, phone in zip("周旁", phones, strict=True)))
