"""Entering, correcting, confirming, closing legal entities; entering, correcting, inspecting underground spaces."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from governance.access.checks import require
from governance.access.decorators import requires, viewer_of
from governance.web.forms import attempt, moment_held
from population.forms_entities import CloseForm, EntityForm, InspectForm, SpaceForm
from population.forms_events import SourceForm
from population.models import Building, Compound, Dwelling, LegalEntity, UndergroundSpace
from population.naming import building_name, dwelling_name
from population.permissions import Capability
from population.services import entities
from population.views.entity_cards import entity_found, space_found

KEEPERS_MOST = 200


@requires(Capability.CHANGE_ENTITY)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def entity_new(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Enter an entity with its seat in a building; `?dwelling=` in one dwelling of it."""
    viewer = viewer_of(request)
    rows = Building.objects.visible_to(viewer).select_related("address")
    building: Building = get_object_or_404(rows, public_id=public_id)
    require(viewer, Capability.CHANGE_ENTITY, building)
    dwelling = _dwelling(request, building)
    form = EntityForm(request.POST or None, initial=_usual(request))

    def act(data: dict[str, Any]) -> LegalEntity:
        return entities.entity_create(
            data=form.entity_data(data), building=building, dwelling=dwelling, source=data["source"], actor=viewer,
            at=timezone.now(),
        )  # fmt: skip

    where = dwelling_name(dwelling) if dwelling is not None else building_name(building)
    return _answered(request, form, act, gettext_lazy("登记单位"), where, dwelling=dwelling)


@requires(Capability.CHANGE_ENTITY)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def entity_edit(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Correct an entity."""
    row = _entity(request, public_id)
    form = EntityForm(request.POST or None, row=row, initial=EntityForm.of(row) | _usual(request))

    def act(data: dict[str, Any]) -> LegalEntity:
        return entities.entity_change(
            entity=row, data=form.entity_data(data), source=data["source"], actor=viewer_of(request),
            at=timezone.now(), seen=moment_held(data["seen"]),
        )  # fmt: skip

    return _answered(request, form, act, gettext_lazy("改正登记"), row.name, row=row)


@requires(Capability.CHANGE_ENTITY)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def entity_close(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """It was closed, or moved away."""
    row = _entity(request, public_id)
    form = CloseForm(request.POST or None, initial=_usual(request))

    def act(data: dict[str, Any]) -> LegalEntity:
        return entities.entity_close(
            entity=row, closed_on=data["closed_on"], source=data["source"], actor=viewer_of(request), at=timezone.now()
        )

    return _answered(request, form, act, gettext_lazy("注销或迁走"), row.name, row=row)


@requires(Capability.CHANGE_ENTITY)
@require_POST
def entity_confirm(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Nothing has changed."""
    row, viewer = _entity(request, public_id), viewer_of(request)
    entities.entity_confirm(entity=row, source=SourceForm.usual_source(viewer), actor=viewer, at=timezone.now())
    messages.success(request, _("记下了：核对过，没有变"))
    return redirect("population:entity", row.public_id)


@requires(Capability.CHANGE_ENTITY)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def space_new(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Enter an underground space of a compound; `?building=` under one of its buildings."""
    viewer = viewer_of(request)
    compound: Compound = get_object_or_404(Compound.objects.visible_to(viewer), public_id=public_id)
    building = _building(request, compound)
    require(viewer, Capability.CHANGE_ENTITY, building or compound)
    form = SpaceForm(request.POST or None, keepers=_keepers(request, compound.area_code), initial=_usual(request))

    def act(data: dict[str, Any]) -> UndergroundSpace:
        return entities.space_create(
            data=form.space_data(data), compound=compound, building=building, source=data["source"], actor=viewer,
            at=timezone.now(),
        )  # fmt: skip

    where = building_name(building) if building is not None else compound.name
    return _answered(request, form, act, gettext_lazy("登记地下空间"), where, building=building)


@requires(Capability.CHANGE_ENTITY)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def space_edit(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Correct an underground space."""
    row = _space(request, public_id)
    form = SpaceForm(
        request.POST or None, row=row, keepers=_keepers(request, row.area_code),
        initial=SpaceForm.of(row) | _usual(request),
    )  # fmt: skip

    def act(data: dict[str, Any]) -> UndergroundSpace:
        return entities.space_change(
            space=row, data=form.space_data(data), source=data["source"], actor=viewer_of(request), at=timezone.now(),
            seen=moment_held(data["seen"]),
        )  # fmt: skip

    return _answered(request, form, act, gettext_lazy("改正登记"), row.label, row=row)


@requires(Capability.CHANGE_ENTITY)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def space_inspect(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Note an inspection and when the next is due."""
    row = _space(request, public_id)
    form = InspectForm(request.POST or None, initial=InspectForm.begun(timezone.localdate()) | _usual(request))

    def act(data: dict[str, Any]) -> UndergroundSpace:
        return entities.space_inspect(
            space=row, inspected_on=data["inspected_on"], inspect_due=data["inspect_due"], source=data["source"],
            actor=viewer_of(request), at=timezone.now(),
        )  # fmt: skip

    return _answered(request, form, act, gettext_lazy("记一次检查"), row.label, row=row)


def _answered(
    request: HttpRequest,
    form: forms.Form,
    act: Callable[[dict[str, Any]], LegalEntity | UndergroundSpace],
    title: str | Promise,
    name: str,
    **more: Any,
) -> HttpResponse:
    """Do it and show the card, or the form with what is wrong."""
    if request.method == "POST" and (made := attempt(form, act)) is not None:
        messages.success(request, _("登记好了"))
        route = "population:entity" if isinstance(made, LegalEntity) else "population:space"
        return redirect(route, made.public_id)
    context = {"form": form, "title": title, "name": name, **more}
    return render(request, "population/entity_entry.html", context, status=422 if form.errors else 200)


def _usual(request: HttpRequest) -> dict[str, Any]:
    return {"source": SourceForm.usual_source(viewer_of(request))}


def _entity(request: HttpRequest, public_id: UUID) -> LegalEntity:
    row = entity_found(viewer_of(request), public_id)
    require(viewer_of(request), Capability.CHANGE_ENTITY, row)
    return row


def _space(request: HttpRequest, public_id: UUID) -> UndergroundSpace:
    row = space_found(viewer_of(request), public_id)
    require(viewer_of(request), Capability.CHANGE_ENTITY, row)
    return row


def _keepers(request: HttpRequest, area_code: str) -> "QuerySet[LegalEntity]":
    """Open entities of the community, by name, at most 200."""
    rows: QuerySet[LegalEntity] = LegalEntity.objects.visible_to(viewer_of(request))
    rows = rows.filter(area_code__startswith=area_code[:12], closed_on__isnull=True)
    keys = rows.order_by("search_text", "pk").values("pk")[:KEEPERS_MOST]
    return LegalEntity.objects.filter(pk__in=keys).order_by("search_text", "pk")


def _dwelling(request: HttpRequest, building: Building) -> Dwelling | None:
    wanted = _uuid(request.POST.get("dwelling") or request.GET.get("dwelling"))
    if wanted is None:
        return None
    rows = building.dwellings.filter(public_id=wanted, ended_on__isnull=True)
    return rows.select_related("building__address", "entrance").first()


def _building(request: HttpRequest, compound: Compound) -> Building | None:
    wanted = _uuid(request.POST.get("building") or request.GET.get("building"))
    return compound.buildings.filter(public_id=wanted).select_related("address").first() if wanted else None


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text or "")
    except ValueError:
        return None
