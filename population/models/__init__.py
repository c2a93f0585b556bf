"""Models of the registry: places, people, legal entities, and what is known of each record's past."""

from population.models.address import StandardAddress
from population.models.bindings import BindingCode, BindingEnd, BindingMethod, DwellingBinding
from population.models.collected import Source, due_before
from population.models.corrections import Correction, CorrectionKind, CorrectionState
from population.models.entities import EntityKind, LegalEntity, SpaceKind, SpaceUse, StaffBand, UndergroundSpace
from population.models.imports import (
    ImportKind,
    ImportMapping,
    ImportRule,
    RegistryImport,
    RegistryImportPart,
    RegistryImportPiece,
)
from population.models.merging import PersonMerge
from population.models.people import (
    DocumentKind,
    EndReason,
    Household,
    HouseholdKind,
    Ownership,
    Person,
    Purpose,
    Relation,
    Residency,
    ResidencyKind,
    Sex,
)
from population.models.places import (
    Building,
    BuildingUse,
    Compound,
    CompoundKind,
    Dispute,
    Dwelling,
    DwellingUse,
    Entrance,
    Occupancy,
)
from population.models.revisions import Revision
from population.models.settings import RegistrySettings, registry_settings

__all__ = [
    "BindingCode",
    "BindingEnd",
    "BindingMethod",
    "Building",
    "BuildingUse",
    "Compound",
    "CompoundKind",
    "Correction",
    "CorrectionKind",
    "CorrectionState",
    "Dispute",
    "DocumentKind",
    "Dwelling",
    "DwellingBinding",
    "DwellingUse",
    "EndReason",
    "EntityKind",
    "Entrance",
    "Household",
    "HouseholdKind",
    "ImportKind",
    "ImportMapping",
    "ImportRule",
    "LegalEntity",
    "Occupancy",
    "Ownership",
    "Person",
    "PersonMerge",
    "Purpose",
    "RegistryImport",
    "RegistryImportPart",
    "RegistryImportPiece",
    "RegistrySettings",
    "Relation",
    "Residency",
    "ResidencyKind",
    "Revision",
    "Sex",
    "Source",
    "SpaceKind",
    "SpaceUse",
    "StaffBand",
    "StandardAddress",
    "UndergroundSpace",
    "due_before",
    "registry_settings",
]
