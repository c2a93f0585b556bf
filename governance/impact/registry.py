"""Who keeps codes of areas: each app says in `<app>/area_uses.py` which rows, and how they follow when codes change.

    from governance.impact.registry import AreaUse, register

    register(AreaUse("requests_intake.ServiceRequest", _("诉求"), point=("lng", "lat"), open=Q(closed_at__isnull=True)))

Rows that only tell of the past (the trail, frozen figures, sent messages) are not registered: they keep the code of
their time.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.apps import apps
from django.core.exceptions import ImproperlyConfigured
from django.db.models import Q, QuerySet
from django.utils.functional import Promise

from governance.impact.succession import Succession


@dataclass(frozen=True, slots=True)
class AreaUse:
    """Rows of one model that hold the code of an area.

    `point`: fields with degrees WGS-84; such a row is asked again by where it lies when the areas around it were cut
    or drawn anew. `follows`: the row's code is a copy of this one (a lookup such as "request__area_code"); copies are
    registered after what they copy, and are not counted. `rows` narrows to what is still alive. `open`: rows that
    must not be left in an area that ends; `capability` and `url(code)`: who may open the list of them, and where.

    `clash(pks, at)` is called with rows whose new code a rule of the database does not allow beside another row (two
    that were one an area, after a merge); without it such rows keep their old code. `recode(succession, at)` does the
    whole work itself, in one go, for tables with few rows; it returns how many it changed.
    """

    model: str
    label: str | Promise
    field: str = "area_code"
    point: tuple[str, str] | None = None
    follows: str = ""
    rows: Callable[[datetime], Q] | None = None
    open: Q | None = None
    capability: str = ""
    url: Callable[[str], str] | None = None
    clash: Callable[[Sequence[Any], datetime], None] | None = None
    recode: Callable[[Succession, datetime], int] | None = None

    @property
    def is_counted(self) -> bool:
        """Copies of another row's code say nothing new."""
        return not self.follows

    def queryset(self, at: datetime) -> "QuerySet[Any]":
        """The rows it is about."""
        rows = apps.get_model(self.model)._base_manager.all()
        return rows.filter(self.rows(at)) if self.rows is not None else rows


_uses: dict[str, AreaUse] = {}


def register(use: AreaUse) -> None:
    """Add a use; those registered first are taken along first."""
    key = f"{use.model}.{use.field}"
    if key in _uses:
        raise ImproperlyConfigured(f"The area use {key} is registered twice.")
    _uses[key] = use


def area_uses() -> list[AreaUse]:
    """Return all uses in the order of registration; of the kernel's parts first."""
    return list(_uses.values())
