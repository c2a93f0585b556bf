"""Bodies that act in the demo district, and the rules that say who gets which matter where."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from demo.territory import Estate, territory
from setup_wizard.starter.catalogue import leaves

KINDS = ("district_office", "subdistrict_office", "department", "community", "property_firm", "social_organisation")
DISTRICT_CODE = "990105"

# Which property firms look after estates of a sub-district; old estates without a firm are run by the community.
_FIRMS = {
    "990105001": ("firm:lvan", "firm:xintang", "firm:kangju"),
    "990105002": ("firm:helin", "firm:molan", "firm:jinqiao", "firm:kangju"),
    "990105003": ("firm:haiyan", "firm:chaosheng", "firm:kangju"),
}


@dataclass(frozen=True, slots=True)
class DemoOrganisation:
    """One body. `parent` is a key or empty; `area_code` says which part of the district it serves."""

    key: str
    kind: str
    name: str
    name_en: str
    short_name: str
    short_name_en: str
    area_code: str
    parent: str
    phone: str
    hours: str
    hours_en: str


@dataclass(frozen=True, slots=True)
class DemoDispatchRule:
    """A matter that happens inside `area_code` (prefix) goes to `organisation_key`; the longest prefix wins."""

    category_code: str
    area_code: str
    organisation_key: str


@cache
def organisations() -> tuple[DemoOrganisation, ...]:
    """All of them, parents before children."""
    path = Path(__file__).parent / "data" / "organisations.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return tuple(DemoOrganisation(**row) for row in csv.DictReader(file))


@cache
def by_key() -> dict[str, DemoOrganisation]:
    """Organisations by key."""
    return {organisation.key: organisation for organisation in organisations()}


def firm_for(estate: Estate) -> str:
    """Key of the property firm of an estate; empty where residents have none (lanes, hamlets, half the old estates)."""
    firms = _FIRMS[estate.grid_code[:9]]
    turn = sum(map(ord, estate.name))
    if estate.kind in {"lane", "hamlet"} or (estate.kind == "old" and turn % 2):
        return ""
    return "firm:kangju" if estate.kind == "old" else firms[turn % len(firms)]


@cache
def dispatch_rules() -> tuple[DemoDispatchRule, ...]:
    """One rule per matter for a department, one per sub-district for a section, one per community."""
    return tuple(_rules())


def _rules() -> Iterator[DemoDispatchRule]:
    places = territory()
    for code, entry in leaves().items():
        if entry.answer_kind == "department":
            yield DemoDispatchRule(code, DISTRICT_CODE, entry.answer_key)
        elif entry.answer_kind == "section":
            for area in places.areas:
                if area.level == "subdistrict":
                    yield DemoDispatchRule(code, area.code, f"{entry.answer_key}:{area.code}")
        else:
            for community in places.communities:
                yield DemoDispatchRule(code, community.code, f"comm:{community.code}")


def answering(category_code: str, area_code: str) -> str:
    """Key of the organisation that answers a matter in an area; the sub-district office or the operations centre when
    the place is not known closely enough."""
    entry = leaves()[category_code]
    if entry.answer_kind == "department":
        return entry.answer_key
    if entry.answer_kind == "section" and len(area_code) >= 9:
        return f"{entry.answer_key}:{area_code[:9]}"
    if entry.answer_kind == "community" and len(area_code) >= 12:
        return f"comm:{area_code[:12]}"
    return f"sub:{area_code[:9]}" if len(area_code) >= 9 else "centre"
