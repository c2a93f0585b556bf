"""What was found on walks: one finding, for whoever looks after its area."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from governance import refs
from governance.access.decorators import requires
from governance.access.viewer import Viewer
from grid.models import Finding
from grid.permissions import Capability
from grid.photos import photo_of
from grid.selectors import area_path


@requires(Capability.VIEW_FINDING)
@require_safe
def finding(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One finding with its photos, and what became of it."""
    viewer = _viewer(request)
    rows = Finding.objects.visible_to(viewer).select_related("matter", "component", "found_by")
    one = get_object_or_404(rows, uuid=uuid)
    context = {
        "one": one,
        "path": area_path(one.area_code),
        "photos": [photo_of(photo.file) for photo in one.photos.select_related("file")],
        "order": refs.describe(one.order_ref, viewer) if one.order_ref else None,
    }
    return render(request, "grid/finding.html", context)


def _viewer(request: HttpRequest) -> Viewer:
    return request.viewer  # type: ignore[attr-defined,no-any-return]
