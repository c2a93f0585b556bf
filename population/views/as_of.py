"""Cards as of a day: `?on=2025-01-01` at the address of a card. Without scripts; nothing personal in the address."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db import models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from governance.access.viewer import Viewer
from grid.selectors import area_paths
from population.models import Residency
from population.naming import dwelling_name
from population.selectors.cards import known_people, member_lines
from population.selectors.history import as_of, values_of
from population.selectors.stays import Stretch

FIRST_DAY = date(1900, 1, 1)


def day_asked(request: HttpRequest) -> date | None:
    """The day that the address names, None for none or one that cannot be read; tomorrow is nobody's past."""
    try:
        day = date.fromisoformat(request.GET.get("on", ""))
    except ValueError:
        return None
    return min(day, timezone.localdate()) if day >= FIRST_DAY else None


def then_shown(
    request: HttpRequest, row: models.Model, viewer: Viewer, day: date, *, name: str, back: str, **lists: Any
) -> HttpResponse:
    """The record as it was at the end of a day, with `residents` or `stays` of that day. 404 is the caller's matter."""
    then = as_of(row, day)
    residents = lists.get("residents")
    context: dict[str, Any] = {
        "name": name,
        "back": back,
        "day": day,
        "is_known": then is not None,
        "values": values_of(then) if then is not None else [],
        "has_residents": residents is not None,
        "residents": _lines(residents or (), viewer, day),
        "stays": _places(lists.get("stays", ()), viewer),
    }
    return render(request, "population/card_then.html", context)


def _lines(rows: Iterable[Residency], viewer: Viewer, day: date) -> list[Any]:
    residents = list(rows)
    known = known_people(residents, viewer)
    return member_lines([Stretch(one.from_date, one) for one in residents], known, day)


def _places(rows: Iterable[Residency], viewer: Viewer) -> list[tuple[Residency, str, bool]]:
    """Where a person was; outside the viewer's area only the community is named."""
    stays = list(rows)
    ids = [one.pk for one in stays]
    own = set(Residency.objects.visible_to(viewer).filter(pk__in=ids).order_by("pk").values_list("pk", flat=True))
    paths = area_paths({one.area_code[:12] for one in stays})
    return [
        (one, dwelling_name(one.dwelling), True) if one.pk in own else (one, paths.get(one.area_code[:12], ""), False)
        for one in stays
    ]
