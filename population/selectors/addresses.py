"""Reads of standard addresses."""

import re
from typing import Any

from django.contrib.postgres.search import TrigramSimilarity, TrigramWordSimilarity
from django.db import models
from django.db.models import Case, F, FloatField, Q, Value, When
from django.db.models.functions import Greatest, Length

from governance.web.geocoding import Match
from population.models import StandardAddress
from population.normalising import normalise, place_part

SHORTEST = 2
LONGEST = 60
ESTATES_MOST, BUILDINGS_MOST = 500, 500


def address_search(q: str, limit: int = 8) -> list[Match]:
    """Standard addresses like the words a person wrote, the best first; [] for fewer than two characters. 1 SQL.

    Finds beginnings ("槐安") and misspellings ("槐安理7栋"); words after the building ("北侧小路") do not disturb.
    Trigrams by index; on equal score the shorter address first, so that building 2 stands before building 12.
    """
    wanted = place_part(normalise(q))[:LONGEST]
    if len(wanted) < SHORTEST:
        return []
    found = (
        addresses_like(wanted)
        .order_by(F("score").desc(), Length("text"), "text")
        .values_list("text", "area_code", "lng", "lat", "score")[:limit]
    )
    return [Match(*row) for row in found]


def addresses_like(wanted: str) -> "models.QuerySet[Any, Any]":
    """Addresses like a normalised text of two characters or more, each with its `score` up to 1, in no order."""
    begins = Q(search_text__startswith=wanted)
    score = Greatest(
        TrigramWordSimilarity(wanted, "search_text"),
        TrigramSimilarity("search_text", wanted),
        Case(When(begins, then=Value(0.95)), default=Value(0.0), output_field=FloatField()),
    )
    alike = Q(search_text__trigram_word_similar=wanted) | Q(search_text__trigram_similar=wanted)
    return StandardAddress.objects.filter(begins | alike).annotate(score=score)


def estates_in(area_code: str) -> list[str]:
    """Names of the estates and streets of an area, at most 500, in the order in which people look for them. 1 SQL."""
    if not area_code:
        return []
    rows = StandardAddress.objects.filter(area_code__startswith=area_code)
    return list(rows.order_by("estate").values_list("estate", flat=True).distinct()[:ESTATES_MOST])


def buildings_of(area_code: str, estate: str) -> list[str]:
    """Buildings of an estate of an area, at most 500, building 2 before building 12. 1 SQL."""
    rows = StandardAddress.objects.filter(area_code__startswith=area_code, estate=estate).exclude(building="")
    return sorted(rows.order_by("pk").values_list("building", flat=True)[:BUILDINGS_MOST], key=_by_number)


def _by_number(building: str) -> list[tuple[int, str]]:
    """Order by the numbers in a name as numbers."""
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"(\d+)", building) if part]
