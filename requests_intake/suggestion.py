"""Which categories the words speak of: suggested to the resident, decided by people."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from time import monotonic

from governance.text import suggest
from requests_intake.models import Category

_CACHE_SECONDS = 60
# An emergency is put before the resident only when its own words are there, not on a faint likeness.
EMERGENCY_RANK = 2


@dataclass(frozen=True, slots=True)
class Suggestions:
    """Categories likely for these words, best first, and an emergency among the first ones, if any."""

    categories: list[Category]
    emergency: Category | None


@lru_cache(maxsize=2)
def _candidates(bucket: int) -> tuple[dict[int, Category], Mapping[int, tuple[str, ...]]]:
    rows = {category.pk: category for category in Category.objects.filter(is_active=True, code__regex=r"^\d{6}$")}
    return rows, {pk: (category.name, category.name_en, *category.keywords) for pk, category in rows.items()}


def catalogue_clear() -> None:
    """Forget the kept catalogue (after an edit, and in tests)."""
    _candidates.cache_clear()


def categories_for(words: str, *, limit: int = 4) -> Suggestions:
    """Return up to `limit` categories that can be reported, and the emergency category the words point to."""
    rows, keywords = _candidates(int(monotonic() // _CACHE_SECONDS))
    ranked = [rows[pk] for pk, score in suggest(words, keywords) if score > 0]
    emergency = next(
        (
            category
            for category in ranked[:EMERGENCY_RANK]
            if category.stop_text and any(word in words for word in category.keywords)
        ),
        None,
    )
    return Suggestions([category for category in ranked if not category.stop_text][:limit], emergency)
