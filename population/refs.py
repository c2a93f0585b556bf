"""How references to records of the registry read: "population.person:17". Labels name places, never persons."""

from django.urls import reverse
from django.utils.translation import gettext as _

from governance.refs import RefKind, addressed, register
from population.models import Correction, Dwelling, Household, LegalEntity, Person, UndergroundSpace
from population.naming import NAMED, dwelling_name

register(
    RefKind(
        kind="population.dwelling",
        label=dwelling_name,
        url=lambda dwelling: reverse("population:dwelling", args=[dwelling.public_id]),
        visible=lambda viewer: Dwelling.objects.visible_to(viewer).select_related(*NAMED),
        find=addressed(Dwelling, "public_id", "population:dwelling"),
    )
)

register(
    RefKind(
        kind="population.household",
        label=lambda household: _("%(place)s的一户") % {"place": dwelling_name(household.dwelling)},
        url=lambda household: reverse("population:household", args=[household.public_id]),
        visible=lambda viewer: Household.objects.visible_to(viewer).select_related(
            *(f"dwelling__{name}" for name in NAMED)
        ),
        find=addressed(Household, "public_id", "population:household"),
    )
)
register(
    RefKind(
        kind="population.person",
        label=lambda person: _("登记的人"),
        url=lambda person: reverse("population:person", args=[person.public_id]),
        visible=lambda viewer: Person.objects.visible_to(viewer),
        find=addressed(Person, "public_id", "population:person"),
    )
)
register(
    RefKind(
        kind="population.legalentity",
        label=lambda entity: entity.name,
        url=lambda entity: reverse("population:entity", args=[entity.public_id]),
        visible=lambda viewer: LegalEntity.objects.visible_to(viewer),
        find=addressed(LegalEntity, "public_id", "population:entity"),
    )
)
register(
    RefKind(
        kind="population.undergroundspace",
        label=lambda space: space.label,
        url=lambda space: reverse("population:space", args=[space.public_id]),
        visible=lambda viewer: UndergroundSpace.objects.visible_to(viewer),
        find=addressed(UndergroundSpace, "public_id", "population:space"),
    )
)
# its files open for whoever answers it, and for whoever sent them
register(
    RefKind(
        kind="population.correction",
        label=lambda correction: _("居民提的更正"),
        url=lambda correction: reverse("population:correction", args=[correction.public_id]),
        visible=lambda viewer: Correction.objects.visible_to(viewer),
        find=addressed(Correction, "public_id", "population:correction"),
    )
)
