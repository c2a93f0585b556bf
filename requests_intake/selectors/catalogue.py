"""The catalogue as it is in use, kept in the process for a minute: every submission asks for it."""

from functools import lru_cache
from time import monotonic

from requests_intake.models import Category
from requests_intake.selectors.profiles import profiles_forget

_CACHE_SECONDS = 60


def items_in_use() -> dict[int, Category]:
    """Return the items of the third level that can be chosen, emergencies among them, by primary key. Read only."""
    return _items(int(monotonic() // _CACHE_SECONDS))


@lru_cache(maxsize=2)
def _items(bucket: int) -> dict[int, Category]:
    return {category.pk: category for category in Category.objects.filter(is_active=True, code__regex=r"^\d{6}$")}


def catalogue_forget() -> None:
    """Forget the kept catalogue (after an edit, and in tests), and the profiles, which name its codes."""
    _items.cache_clear()
    profiles_forget()
