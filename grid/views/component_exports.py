"""Exports of components: asked for on the list, made by a job, fetched by whoever asked."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from governance.access.decorators import requires
from governance.access.viewer import Viewer
from governance.errors import DomainError, Forbidden
from governance.jobs.models import State
from grid.forms_components import ComponentFilterForm
from grid.models import ComponentExport, ExportFormat
from grid.permissions import Capability
from grid.services.codes import code_list_on
from grid.services.component_exports import component_export_start

LISTED = 20
TYPES = {
    ExportFormat.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ExportFormat.CSV: "text/csv; charset=utf-8",
    ExportFormat.GEOJSON: "application/geo+json",
}


@requires(Capability.VIEW_COMPONENT)
@require_http_methods(["GET", "HEAD", "POST"])
def exports(request: HttpRequest) -> HttpResponse:
    """One's own exports; on POST, one more of what the list is narrowed to."""
    viewer: Viewer = request.viewer  # type: ignore[attr-defined]
    at = timezone.now()
    if request.method == "POST":
        form = ComponentFilterForm(request.POST, code_list=code_list_on(timezone.localdate(at)), viewer=viewer)
        try:
            made = component_export_start(
                wanted=form.wanted(), form=request.POST.get("format", ""), actor=viewer, at=at
            )
        except Forbidden:
            raise
        except DomainError as error:
            messages.error(request, str(error))
            return redirect("grid:component-exports")
        return redirect("jobs:show", made.job.public_id) if made.job else redirect("grid:component-exports")
    rows = ComponentExport.objects.visible_to(viewer).defer("content").select_related("job").order_by("-pk")[:LISTED]
    return render(request, "grid/component_exports.html", {"rows": list(rows)})


@requires(Capability.VIEW_COMPONENT)
@require_safe
def export_file(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One's own finished export."""
    rows = ComponentExport.objects.visible_to(request.viewer)  # type: ignore[attr-defined]
    made = get_object_or_404(rows.filter(job__state=State.DONE, expires_at__gt=timezone.now()), public_id=public_id)
    response = HttpResponse(bytes(made.content), content_type=TYPES[ExportFormat(made.format)])
    name = f"liren-components-{timezone.localtime(made.created_at):%Y%m%d-%H%M}.{made.format}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    return response
