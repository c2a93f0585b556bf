"""Files of areas: hand in, say how the columns read, look at faults and at what would change, load."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from governance.access import areas
from governance.access.decorators import requires
from governance.access.viewer import Viewer
from governance.errors import DomainError, Forbidden, StaleState
from governance.web.forms import attempt
from governance.web.proof import proved
from grid.forms_territory import REPAIRS, MappingForm, TerritoryFileForm, columns_chosen
from grid.models import TerritoryImport
from grid.permissions import Capability
from grid.services.territory_imports import (
    territory_import_drop,
    territory_import_load,
    territory_import_map,
    territory_import_take,
)
from grid.surveying import SHIFTED_METRES, properties_of
from grid.territory_report import preview, proposed, report_of

LISTED = 30


@requires(Capability.CHANGE_AREA)
@require_http_methods(["GET", "HEAD", "POST"])
def imports(request: HttpRequest) -> HttpResponse:
    """One's own files; hand one in."""
    viewer, at = _viewer(request), timezone.now()
    posted = request.method == "POST"
    form = TerritoryFileForm(request.POST if posted else None, request.FILES if posted else None)
    made = attempt(
        form,
        lambda data: territory_import_take(
            upload=data["file"], file_name=data["file"].name, submission_key=data["key"], actor=viewer, at=at
        ),
    )
    if made is not None:
        return redirect("grid:territory-import", made.public_id)
    rows = TerritoryImport.objects.visible_to(viewer).defer("content").select_related("job").order_by("-pk")[:LISTED]
    exports = sorted(areas.names(viewer.areas(Capability.VIEW_AREA)).items())
    context = {"form": form, "rows": list(rows), "exports": exports}
    return render(request, "grid/territory_imports.html", context, status=422 if form.errors else 200)


@requires(Capability.CHANGE_AREA)
@require_http_methods(["GET", "HEAD", "POST"])
def one(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One file: how it reads, what is wrong with it, what it would change. On POST the mapping is kept."""
    row, at = _found(request, public_id), timezone.now()
    if row.loaded_at is not None:
        return render(request, "grid/territory_import_done.html", {"one": row})
    samples = properties_of(row.collection)
    initial = MappingForm.of(row) if row.is_mapped else {**proposed(samples), "version": row.version}
    posted = request.POST if request.method == "POST" else None
    form = MappingForm(posted, samples=samples, initial=initial)
    kept = attempt(form, lambda data: _kept(row, form, _viewer(request)))
    if kept is not None:
        return redirect("grid:territory-import", row.public_id)
    looked = preview(row, columns_chosen(posted or initial), at)
    form.compare(looked["variants"])
    if not row.is_mapped:
        form.initial["datum"] = _likely(looked["variants"])
    report = report_of(row, _viewer(request), at) if row.is_mapped and not form.errors else None
    context: dict[str, Any] = {
        "one": row,
        "form": form,
        "samples": samples,
        "preview": looked["rows"],
        "can_compare": any(variant[2] is not None for variant in looked["variants"].values()),
        "report": report,
        "repairs": [(REPAIRS[key][0], count) for key, count in report.repairs.items()] if report else [],  # type: ignore[index]
        "may_load": report is not None and report.is_clean and (not report.advice or row.is_sure),
    }
    return render(request, "grid/territory_import.html", context, status=422 if form.errors else 200)


@requires(Capability.CHANGE_AREA)
@require_safe
@gzip_page
def outlines(request: HttpRequest, public_id: UUID) -> JsonResponse:
    """The outlines of a file as they would be loaded, for the map of its page."""
    row = _found(request, public_id)
    if row.loaded_at is not None or not row.is_mapped:
        raise Http404
    response = JsonResponse(report_of(row, _viewer(request), timezone.now()).outlines)
    response["Cache-Control"] = "private, no-cache"
    return response


@requires(Capability.CHANGE_AREA)
@proved(on_opening=False)
@require_POST
def load(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Start loading."""
    row, seen = _found(request, public_id), request.POST.get("version", "")
    try:
        job = territory_import_load(
            territory_import=row,
            seen=int(seen) if seen.isdecimal() and len(seen) < 9 else 0,
            actor=_viewer(request),
            at=timezone.now(),
        )
    except (Forbidden, StaleState):
        raise
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("grid:territory-import", row.public_id)
    return redirect("jobs:show", job.public_id)


@requires(Capability.CHANGE_AREA)
@require_POST
def drop(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Forget a file."""
    territory_import_drop(territory_import=_found(request, public_id), actor=_viewer(request))
    messages.success(request, _("这个文件丢掉了；已经写入的区域还在"))
    return redirect("grid:territory-imports")


def _kept(row: TerritoryImport, form: MappingForm, viewer: Viewer) -> TerritoryImport:
    said = form.cleaned_data
    return territory_import_map(
        territory_import=row,
        seen=said["version"] or 0,
        columns=form.columns(),
        datum=said["datum"],
        level=said["level"],
        repairs=said["repairs"],
        ends_missing=said["ends_missing"],
        is_sure=said["is_sure"],
        actor=viewer,
    )


def _likely(variants: dict[str, tuple[float, float, float | None]]) -> str:
    """The datum by which the file lies on what the portal has; "" where nothing can be compared: a person must say."""
    near = {datum: away for datum, (_lng, _lat, away) in variants.items() if away is not None}
    best = min(near, key=lambda datum: near[datum], default="")
    return best if best and near[best] < SHIFTED_METRES else ""


def _found(request: HttpRequest, public_id: UUID) -> TerritoryImport:
    return get_object_or_404(
        TerritoryImport.objects.visible_to(_viewer(request)).select_related("job", "change"), public_id=public_id
    )


def _viewer(request: HttpRequest) -> Viewer:
    return request.viewer  # type: ignore[attr-defined,no-any-return]
