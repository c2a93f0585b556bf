"""Named visibility rules: one list a model, OR-ed by `visible_to`, evaluated one by one by the Explain page."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.utils.functional import Promise

from governance.access.viewer import Viewer


@dataclass(frozen=True, slots=True)
class Rule:
    """One reason why a viewer may see a row. `q` returns None where the rule cannot apply to this viewer.

    `until(row, viewer)` says when a reason that no grant of a role gives ends by itself, for Explain.
    """

    key: str
    text: str | Promise
    q: Callable[[Viewer], Q | None]
    until: Callable[[Any, Viewer], datetime | None] | None = None


def area_q(prefixes: Sequence[str], field: str = "area_code") -> Q | None:
    """Condition "the row's code starts with one of the prefixes" as index ranges on a C-collated column.

    `LIKE 'x%'` on a C-collated b-tree is a range scan; an empty list matches nothing and returns None.
    """
    if not prefixes:
        return None
    return reduce(or_, (Q(**{f"{field}__startswith": prefix}) for prefix in prefixes))


def held_in_area(capability: str, field: str = "area_code") -> Callable[[Viewer], Q | None]:
    """Rule body: rows whose area lies inside a grant of the capability."""
    return lambda viewer: area_q(viewer.areas(capability), field)


def held_in_organisation(capability: str, field: str) -> Callable[[Viewer], Q | None]:
    """Rule body: rows that name an organisation in which the capability is held."""

    def q(viewer: Viewer) -> Q | None:
        ids = viewer.organisations(capability)
        return Q(**{f"{field}__in": ids}) if ids else None

    return q


class VisibleQuerySet(models.QuerySet[Any]):
    """QuerySet of a model that lists its visibility rules in `RULES`."""

    def visible_to(self, viewer: Viewer) -> Self:
        """Rows that at least one rule shows to the viewer; none when no rule applies (deny by default)."""
        if viewer.kind == "system":
            return self
        rules: Sequence[Rule] = self.model.RULES  # type: ignore[attr-defined]
        conditions = [q for rule in rules if (q := rule.q(viewer)) is not None]
        if not conditions:
            return self.none()
        return self.filter(reduce(or_, conditions))


def matching_rules(obj: models.Model, viewer: Viewer, rules: Sequence[Rule] | None = None) -> list[Rule]:
    """Return the rules (of these, or all) that show this row to the viewer: the same ones, one by one (for Explain)."""
    model = type(obj)
    return [
        rule
        for rule in (model.RULES if rules is None else rules)  # type: ignore[attr-defined]
        if (q := rule.q(viewer)) is not None and model._default_manager.filter(pk=obj.pk).filter(q).exists()
    ]
