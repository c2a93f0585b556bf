"""Which categories the words speak of: suggested to the resident, decided by people."""

from dataclasses import dataclass

from governance.text import suggest
from requests_intake.models import Category
from requests_intake.selectors.catalogue import items_in_use
from requests_intake.selectors.profiles import profile_at

# An emergency is put before the resident only when its own words are there, not on a faint likeness.
EMERGENCY_RANK = 2


@dataclass(frozen=True, slots=True)
class Suggestions:
    """Categories likely for these words, best first, and an emergency among the first ones, if any."""

    categories: list[Category]
    emergency: Category | None


def categories_for(words: str, *, area_code: str = "", limit: int = 4) -> Suggestions:
    """Return up to `limit` categories that can be reported in this place, and the emergency that the words point to."""
    rows = items_in_use()
    keywords = {pk: (category.name, category.name_en, *category.keywords) for pk, category in rows.items()}
    ranked = [rows[pk] for pk, score in suggest(words, keywords) if score > 0]
    emergency = next(
        (
            category
            for category in ranked[:EMERGENCY_RANK]
            if category.stop_text and any(word in words for word in category.keywords)
        ),
        None,
    )
    likely = [category for category in ranked if not category.stop_text]
    return Suggestions(profile_at(area_code).arranged(likely)[:limit], emergency)
