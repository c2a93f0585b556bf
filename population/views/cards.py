"""Cards of the registry: a dwelling, a household, a person. Masked; who may not know of one is told 404."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from governance.access.checks import can
from governance.access.decorators import requires, viewer_of
from governance.access.viewer import Viewer
from governance.privacy.masks import mask_id_number
from governance.web.sections import sections_of
from grid.selectors import area_path
from population.forms_cards import PersonRevealForm
from population.models import Dwelling, Household, Person, PersonMerge
from population.naming import NAMED, dwelling_name, masked_fields, masked_name
from population.permissions import Capability
from population.selectors.cards import dwelling_card, dwellings_named, household_members, person_card
from population.selectors.history import changes_of, members_on, residents_on, stays_on
from population.views.as_of import day_asked, then_shown


@requires(Capability.VIEW_REGISTRY)
@never_cache
@require_safe
def dwelling(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One dwelling: where, who lives there and who did, who owns it, what is seated there, how fresh that is."""
    viewer, at = viewer_of(request), timezone.now()
    row = dwelling_found(viewer, public_id)
    if (day := day_asked(request)) is not None:
        lists = {"residents": residents_on(row, day)}
        return then_shown(request, row, viewer, day, name=dwelling_name(row), back=request.path, **lists)
    context = {
        "one": row,
        "name": dwelling_name(row),
        "card": dwelling_card(row, viewer, at),
        "changes": changes_of(row),
        "sections": sections_of("population.dwelling", row, viewer),
        "may_change": can(viewer, Capability.CHANGE_REGISTRY, row) and row.ended_on is None,
        "may_seat": can(viewer, Capability.CHANGE_ENTITY, row) and row.ended_on is None,
    }
    return render(request, "population/card_dwelling.html", context)


@requires(Capability.VIEW_REGISTRY)
@never_cache
@require_safe
def household(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One household: who is in it, who was."""
    viewer, at = viewer_of(request), timezone.now()
    row = household_found(viewer, public_id)
    if (day := day_asked(request)) is not None:
        lists = {"residents": members_on(row, day)}
        return then_shown(request, row, viewer, day, name=dwelling_name(row.dwelling), back=request.path, **lists)
    members, former = household_members(row, viewer, at)
    context = {
        "one": row,
        "name": dwelling_name(row.dwelling),
        "path": area_path(row.area_code),
        "members": members,
        "changes": changes_of(row),
        "former": former,
        "number": mask_id_number(str(row.number)) if row.number else "",
        "may_change": can(viewer, Capability.CHANGE_REGISTRY, row) and row.ended_on is None,
    }
    return render(request, "population/card_household.html", context)


@requires(Capability.VIEW_REGISTRY)
@never_cache
@require_safe
def person(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One person, masked: where they live and are registered, and did."""
    viewer = viewer_of(request)
    row = person_found(viewer, public_id)
    if (day := day_asked(request)) is not None:
        lists = {"stays": stays_on(row, day)}
        return then_shown(request, row, viewer, day, name=masked_name(row), back=request.path, **lists)
    return person_shown(request, row)


def person_shown(request: HttpRequest, row: Person, *, status: int = 200, **more: Any) -> HttpResponse:
    """The page of a person; `more` is what another view adds to it."""
    viewer, at = viewer_of(request), timezone.now()
    card = person_card(row, viewer, at)
    may_change = can(viewer, Capability.CHANGE_REGISTRY, row) and row.merged_into_id is None
    context = {
        "one": row,
        "shown": masked_fields(row, timezone.localdate(at)),
        "card": card,
        "changes": changes_of(row, in_the_clear="revealed" in more),
        "registered": [line for line in card.now if line.stay.last.kind == "registered"],
        "lives": [line for line in card.now if line.stay.last.is_main],
        "sections": sections_of("population.person", row, viewer),
        "may_change": may_change,
        "may_bind": can(viewer, Capability.BIND_DWELLING, row),
        **_merging(viewer, row),
        "reveal": PersonRevealForm() if can(viewer, Capability.REVEAL_PERSON, row) else None,
        **more,
    }
    return render(request, "population/card_person.html", context, status=status)


def _merging(viewer: Viewer, row: Person) -> dict[str, bool]:
    """What the viewer may do about duplicates. 1 SQL for whoever may merge."""
    may = can(viewer, Capability.MERGE_PEOPLE, row) and row.merged_into_id is None
    return {"may_merge": may, "may_part": may and PersonMerge.objects.filter(kept=row, undone_at__isnull=True).exists()}


def dwelling_found(viewer: Viewer, public_id: UUID) -> Dwelling:
    """The dwelling, or 404."""
    return get_object_or_404(dwellings_named(viewer), public_id=public_id)


def household_found(viewer: Viewer, public_id: UUID) -> Household:
    """The household with its dwelling, or 404."""
    rows = Household.objects.visible_to(viewer).select_related(*(f"dwelling__{name}" for name in NAMED))
    found: Household = get_object_or_404(rows, public_id=public_id)
    return found


def person_found(viewer: Viewer, public_id: UUID) -> Person:
    """The person, or 404."""
    rows = Person.objects.visible_to(viewer).select_related("confirmed_by", "collected_by")
    found: Person = get_object_or_404(rows, public_id=public_id)
    return found
