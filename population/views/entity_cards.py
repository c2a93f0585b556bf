"""Cards of legal entities and of underground spaces; the people who answer for them are masked."""

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
from governance.web.sections import sections_of
from grid.selectors import area_path
from population.forms_cards import PersonRevealForm
from population.freshness import freshness
from population.models import Dwelling, LegalEntity, UndergroundSpace
from population.models.settings import registry_settings
from population.naming import building_name, dwelling_name
from population.permissions import Capability
from population.selectors.history import changes_of
from population.views.as_of import day_asked, then_shown


@requires(Capability.VIEW_ENTITY)
@never_cache
@require_safe
def entity(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One legal entity: what it is, where it sits, who answers for it (masked), how fresh that is."""
    viewer = viewer_of(request)
    row = entity_found(viewer, public_id)
    if (day := day_asked(request)) is not None:
        return then_shown(request, row, viewer, day, name=row.name, back=request.path)
    return entity_shown(request, row)


def entity_shown(request: HttpRequest, row: LegalEntity, *, status: int = 200, **more: Any) -> HttpResponse:
    """The page of an entity; `more` is what another view adds to it."""
    viewer, at = viewer_of(request), timezone.now()
    seat = Dwelling.objects.visible_to(viewer).filter(pk=row.dwelling_id).first() if row.dwelling_id else None
    context = {
        "one": row,
        "seat": dwelling_name(row.dwelling) if row.dwelling is not None else building_name(row.building),
        "dwelling": seat,
        "path": area_path(row.area_code),
        "spaces": list(row.spaces.filter(ended_on__isnull=True).order_by("pk")),
        "fresh": freshness(row, due_months=registry_settings().entity_months, at=at),
        "changes": changes_of(row, in_the_clear="revealed" in more),
        "sections": sections_of("population.legalentity", row, viewer),
        "may_change": can(viewer, Capability.CHANGE_ENTITY, row) and row.closed_on is None,
        "reveal": PersonRevealForm() if can(viewer, Capability.REVEAL_PERSON, row) else None,
        **more,
    }
    return render(request, "population/card_entity.html", context, status=status)


@requires(Capability.VIEW_ENTITY)
@never_cache
@require_safe
def space(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One underground space: what it is used for, who keeps it (masked), when it must be inspected."""
    viewer = viewer_of(request)
    row = space_found(viewer, public_id)
    if (day := day_asked(request)) is not None:
        return then_shown(request, row, viewer, day, name=row.label, back=request.path)
    return space_shown(request, row)


def space_shown(request: HttpRequest, row: UndergroundSpace, *, status: int = 200, **more: Any) -> HttpResponse:
    """The page of an underground space; `more` is what another view adds to it."""
    viewer, at = viewer_of(request), timezone.now()
    keeper = None
    if row.keeper_id is not None:
        keeper = LegalEntity.objects.visible_to(viewer).filter(pk=row.keeper_id).first()
    context = {
        "one": row,
        "where": building_name(row.building) if row.building is not None else row.compound.name,
        "path": area_path(row.area_code),
        "keeper": keeper,
        "fresh": freshness(row, due_months=registry_settings().entity_months, at=at),
        "is_due": row.inspect_due is not None and row.inspect_due <= timezone.localdate(at),
        "changes": changes_of(row, in_the_clear="revealed" in more),
        "sections": sections_of("population.undergroundspace", row, viewer),
        "may_change": can(viewer, Capability.CHANGE_ENTITY, row) and row.ended_on is None,
        "reveal": PersonRevealForm() if can(viewer, Capability.REVEAL_PERSON, row) else None,
        **more,
    }
    return render(request, "population/card_space.html", context, status=status)


def entity_found(viewer: Viewer, public_id: UUID) -> LegalEntity:
    """The entity with its seat, or 404."""
    rows = LegalEntity.objects.visible_to(viewer).select_related(
        "building__address",
        "dwelling__building__address",
        "dwelling__entrance",
        "organisation",
        "confirmed_by",
    )
    found: LegalEntity = get_object_or_404(rows, public_id=public_id)
    return found


def space_found(viewer: Viewer, public_id: UUID) -> UndergroundSpace:
    """The underground space, or 404."""
    rows = UndergroundSpace.objects.visible_to(viewer).select_related(
        "building__address", "compound", "keeper", "confirmed_by"
    )
    found: UndergroundSpace = get_object_or_404(rows, public_id=public_id)
    return found
