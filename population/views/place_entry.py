"""Entering and changing compounds, buildings and dwellings."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from governance.access.checks import require
from governance.access.decorators import requires, viewer_of
from governance.access.viewer import Viewer
from governance.web.forms import attempt, moment_held
from population.forms_places import BuildingForm, CompoundForm, DwellingForm, EndForm, EntranceForm, PlanForm
from population.models import Building, Compound, Dwelling, Entrance, Source
from population.permissions import Capability
from population.services.buildings import building_change, building_create, compound_create, entrance_add
from population.services.places import (
    Planned,
    dwelling_add,
    dwelling_change,
    dwelling_end,
    dwellings_generate,
    dwellings_planned,
)
from population.views.places import building_found

DOORS_SHOWN = 200


@requires(Capability.CHANGE_REGISTRY)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def compound_new(request: HttpRequest) -> HttpResponse:
    """Enter a compound."""
    viewer = viewer_of(request)
    form = CompoundForm(request.POST or None, viewer=viewer)
    made = attempt(form, lambda data: compound_create(**data, actor=viewer, at=timezone.now()))
    if made is not None:
        messages.success(request, _("登记好了。现在登记里面的楼栋。"))
        return redirect("population:compound", made.public_id)
    return render(request, "population/compound_new.html", {"form": form}, status=422 if form.errors else 200)


@requires(Capability.CHANGE_REGISTRY)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def building_new(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Enter a building of a compound."""
    viewer = viewer_of(request)
    compound: Compound = get_object_or_404(Compound.objects.visible_to(viewer), public_id=public_id)
    form = BuildingForm(request.POST or None, viewer=viewer, within=compound.area_code)
    if not form.fields["area_code"].choices:  # type: ignore[attr-defined]
        raise Http404  # sees the compound, changes nothing in it
    made = attempt(
        form,
        lambda data: building_create(
            compound=compound, data=form.data_of(), submission_key=data["key"], actor=viewer, at=timezone.now()
        ),
    )
    if made is not None:
        messages.success(request, _("登记好了。现在登记单元和户室。"))
        return redirect("population:building-doors", made.public_id)
    context = {"form": form, "compound": compound, "one": None}
    return render(request, "population/building_edit.html", context, status=422 if form.errors else 200)


@requires(Capability.CHANGE_REGISTRY)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def building_edit(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Change a building."""
    viewer = viewer_of(request)
    row = building_found(viewer, public_id)
    require(viewer, Capability.CHANGE_REGISTRY, row)
    form = BuildingForm(request.POST or None, viewer=viewer, within=row.area_code, one=row)

    def change(data: dict[str, Any]) -> Building:
        return building_change(
            building=row,
            data=form.data_of(row),
            ended_on=data["ended_on"],
            source=Source.DOOR,
            seen=moment_held(data["seen"]),
            actor=viewer,
            at=timezone.now(),
        )

    if attempt(form, change) is not None:
        messages.success(request, _("改好了"))
        return redirect("population:building", row.public_id)
    context = {"form": form, "compound": row.compound, "one": row}
    return render(request, "population/building_edit.html", context, status=422 if form.errors else 200)


@requires(Capability.CHANGE_REGISTRY)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def building_doors(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Entrances and dwellings of a building: an entrance, floors of doors after a look at them, one dwelling."""
    viewer, wanted = viewer_of(request), request.POST.get("do", "")
    row = building_found(viewer, public_id)
    require(viewer, Capability.CHANGE_REGISTRY, row)
    entrances = list(row.entrances.order_by("position", "id"))
    data = request.POST if request.method == "POST" else None
    entrance_form = EntranceForm(data if wanted == "entrance" else None, auto_id="entrance_%s")
    plan_form = PlanForm(data if wanted in ("preview", "generate") else None, building=row, entrances=entrances)
    dwelling_form = DwellingForm(data if wanted == "dwelling" else None, entrances=entrances)
    planned: Planned | None = None
    said = ""
    if wanted == "entrance":
        said = _entrance(entrance_form, row, viewer)
    elif wanted == "preview":
        planned = attempt(
            plan_form, lambda _data: dwellings_planned(row, _chosen(plan_form, entrances), plan_form.plan())
        )
    elif wanted == "generate":
        said = _generate(plan_form, row, entrances, viewer)
    elif wanted == "dwelling":
        said = _dwelling(dwelling_form, entrances, viewer)
    if said:
        messages.success(request, said)
        return redirect("population:building-doors", row.public_id)
    faulty = any(form.errors for form in (entrance_form, plan_form, dwelling_form))
    context = {
        "one": row,
        "entrances": entrances,
        "entrance_form": entrance_form,
        "plan_form": plan_form,
        "dwelling_form": dwelling_form,
        "planned": planned,
        "planned_shown": planned.rows[:DOORS_SHOWN] if planned else [],
    }
    return render(request, "population/building_doors.html", context, status=422 if faulty else 200)


@requires(Capability.CHANGE_REGISTRY)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def dwelling_edit(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Change a dwelling, or note that it is no more."""
    viewer, wanted = viewer_of(request), request.POST.get("do", "")
    rows = Dwelling.objects.visible_to(viewer).standing().select_related("building__address", "entrance")
    row: Dwelling = get_object_or_404(rows, public_id=public_id)
    require(viewer, Capability.CHANGE_REGISTRY, row)
    form = DwellingForm(request.POST if wanted == "change" else None, entrances=[], one=row)
    end_form = EndForm(request.POST if wanted == "end" else None, auto_id="end_%s")

    def change(data: dict[str, Any]) -> Dwelling:
        seen = moment_held(data["seen"])
        return dwelling_change(
            dwelling=row, data=form.data_of(), source=Source.DOOR, seen=seen, actor=viewer, at=timezone.now()
        )

    if wanted == "change" and attempt(form, change) is not None:
        messages.success(request, _("改好了"))
        return redirect("population:dwelling", row.public_id)
    if wanted == "end" and attempt(end_form, lambda data: _end(row, data, viewer)) is not None:
        messages.success(request, _("登记了：这一户不再存在"))
        return redirect("population:building", row.building.public_id)
    context = {"form": form, "end_form": end_form, "one": row}
    faulty = form.errors or end_form.errors
    return render(request, "population/dwelling_edit.html", context, status=422 if faulty else 200)


def _end(row: Dwelling, data: dict[str, Any], viewer: Viewer) -> Dwelling:
    return dwelling_end(dwelling=row, **data, source=Source.DOOR, actor=viewer, at=timezone.now())


def _entrance(form: EntranceForm, row: Building, viewer: Viewer) -> str:
    made = attempt(form, lambda data: entrance_add(building=row, **data, actor=viewer, at=timezone.now()))
    return _("加好了单元") if made is not None else ""


def _generate(form: PlanForm, row: Building, entrances: list[Entrance], viewer: Viewer) -> str:
    def act(_data: dict[str, Any]) -> int:
        chosen = _chosen(form, entrances)
        return dwellings_generate(
            building=row, entrances=chosen, plan=form.plan(), source=Source.DOOR, actor=viewer, at=timezone.now()
        )

    count = attempt(form, act)
    if count is None:
        return ""
    return ngettext("登记了 %(count)s 户", "登记了 %(count)s 户", count) % {"count": count}


def _dwelling(form: DwellingForm, entrances: list[Entrance], viewer: Viewer) -> str:
    def act(data: dict[str, Any]) -> Dwelling:
        entrance = next(one for one in entrances if str(one.pk) == data["entrance"])
        return dwelling_add(
            entrance=entrance,
            data=form.data_of(),
            submission_key=data["key"],
            source=Source.DOOR,
            actor=viewer,
            at=timezone.now(),
        )

    made = attempt(form, act)
    return _("登记了 %(door)s") % {"door": made.door} if made is not None else ""


def _chosen(form: forms.Form, entrances: list[Entrance]) -> list[Entrance]:
    return [one for one in entrances if str(one.pk) in form.cleaned_data["entrances"]]
