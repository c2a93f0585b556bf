"""Reads of the registry."""

from django.contrib.postgres.search import TrigramSimilarity, TrigramWordSimilarity
from django.db.models import Case, F, FloatField, Q, Value, When
from django.db.models.functions import Greatest, Length

from governance.web.geocoding import Match
from population.models import StandardAddress
from population.normalising import normalise, place_part

SHORTEST = 2
LONGEST = 60


def address_search(q: str, limit: int = 8) -> list[Match]:
    """Standard addresses like the words a person wrote, the best first; [] for fewer than two characters. 1 SQL.

    Finds beginnings ("槐安") and misspellings ("槐安理7栋"); words after the building ("北侧小路") do not disturb.
    Trigrams by index; on equal score the shorter address first, so that building 2 stands before building 12.
    """
    wanted = place_part(normalise(q))[:LONGEST]
    if len(wanted) < SHORTEST:
        return []
    begins = Q(search_text__startswith=wanted)
    score = Greatest(
        TrigramWordSimilarity(wanted, "search_text"),
        TrigramSimilarity("search_text", wanted),
        Case(When(begins, then=Value(0.95)), default=Value(0.0), output_field=FloatField()),
    )
    alike = Q(search_text__trigram_word_similar=wanted) | Q(search_text__trigram_similar=wanted)
    found = (
        StandardAddress.objects.filter(begins | alike)
        .annotate(score=score)
        .order_by(F("score").desc(), Length("text"), "text")
        .values_list("text", "area_code", "lng", "lat", "score")[:limit]
    )
    return [Match(*row) for row in found]
