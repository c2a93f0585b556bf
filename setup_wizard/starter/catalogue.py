"""A catalogue to begin with: nine themes, thirty-odd groups, sixty matters that people bring.

An office takes over names, limits and words to find a matter by, and trims them; guides and who answers are those of
the demo district, for they promise what only an office itself can promise. Rows come from catalogue.csv. `answer_kind`
and `answer_key` say who answers: a district department by key, a section of the sub-district office by key, or the
community where it happened. Laws are named only where they exist; which clause applies is for the office to confirm.
"""

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from django.utils.translation import get_language

from setup_wizard.starter.policies import BY_KEY

DUTY_KINDS = ("basic", "assist", "withdrawn")
ANSWER_KINDS = ("department", "section", "community")


@dataclass(frozen=True, slots=True)
class CatalogueEntry:
    """One row. Only the third level (six digits) can be chosen for a request; the fields below `name_en` are filled
    there alone. `stop_text` is set for emergencies: the form stops and says whom to call."""

    code: str
    parent: str
    name: str
    name_en: str
    answer_kind: str
    answer_key: str
    policy: str
    duty: str
    public_by_default: bool
    is_enquiry: bool
    round_the_clock: bool
    guide: str
    guide_en: str
    legal_basis: str
    accept_when: str
    close_when: str
    stop_text: str
    stop_text_en: str
    keywords: tuple[str, ...]

    @property
    def label(self) -> str:
        """Name in the language of the page."""
        return self.name_en if get_language() == "en" else self.name

    @property
    def level(self) -> int:
        """1 theme, 2 group, 3 matter."""
        return len(self.code) // 2

    @property
    def is_leaf(self) -> bool:
        """Whether a request can carry it."""
        return self.level == 3

    @property
    def is_emergency(self) -> bool:
        """Whether the form stops here and says whom to call."""
        return bool(self.stop_text)

    @property
    def urgency(self) -> str:
        """urgent, immediate, general or complex; empty above the third level."""
        return BY_KEY[self.policy].urgency if self.policy else ""


@cache
def catalogue() -> tuple[CatalogueEntry, ...]:
    """All rows, parents before children."""
    path = Path(__file__).parent / "catalogue.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return tuple(_entry(row) for row in csv.DictReader(file))


@cache
def leaves() -> dict[str, CatalogueEntry]:
    """The sixty matters by code."""
    return {entry.code: entry for entry in catalogue() if entry.is_leaf}


def _entry(row: dict[str, Any]) -> CatalogueEntry:
    flags = {name: row.pop(name) == "1" for name in ("public_by_default", "is_enquiry", "round_the_clock")}
    keywords = tuple(row.pop("keywords").split())
    return CatalogueEntry(**row, **flags, keywords=keywords)
