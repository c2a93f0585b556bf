"""The burden board, and the register of appraisals."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from governance.access.checks import can
from governance.access.decorators import requires
from governance.access.viewer import Viewer
from governance.web.forms import attempt
from governance.web.keyset import KeysetPage
from governance.web.pages import render_page
from grid.burden import MONTHS, board_of
from grid.forms_burden import AppraisalForm
from grid.models import Appraisal, Area, policy_current
from grid.permissions import Capability
from grid.selectors import area_paths
from grid.services.burden import appraisal_register
from grid.task_lists import month_after, month_of
from grid.task_query import month_read

PAGE_SIZE = 50


@requires(Capability.VIEW_BURDEN)
@require_safe
def burden(request: HttpRequest) -> HttpResponse:
    """What the communities of a sub-district were asked for in a month. 7 SQL beyond the frame."""
    viewer, now = _viewer(request), timezone.now()
    roots = _roots(viewer)
    wanted = request.GET.get("area", "")
    root = next((area for area in roots if area.code == wanted), None if wanted else next(iter(roots), None))
    if root is None and wanted:
        raise Http404
    this = month_of(now)
    month = month_read(request.GET.get("month", "")) or month_after(this, -1)
    context: dict[str, Any] = {
        "roots": roots,
        "root": root,
        "month": month,
        "months": [month_after(this, -number) for number in range(MONTHS)],
        "is_running": month == this,
        "board": board_of(root.code, month, timezone.localdate(now)) if root is not None else None,
    }
    return render_page(request, "grid/burden.html", "grid/_burden.html", context)


@requires(Capability.VIEW_BURDEN)
@require_safe
def appraisals(request: HttpRequest) -> HttpResponse:
    """The register of appraisals, the newest first. 3 SQL beyond the frame."""
    viewer = _viewer(request)
    rows = Appraisal.objects.visible_to(viewer).select_related("organisation", "task", "by")
    page = KeysetPage(rows, order=("-starts_on", "-id"), size=PAGE_SIZE, cursor=request.GET.get("cursor"))
    paths = area_paths({row.area_code for row in page.rows})
    context = {
        "page": page,
        "rows": [(row, paths.get(row.area_code, row.area_code)) for row in page],
        "policy": policy_current(),
        "may_register": can(viewer, Capability.ASK_TASK),
    }
    return render_page(request, "grid/appraisals.html", "grid/_appraisals.html", context)


@requires(Capability.ASK_TASK)
@require_http_methods(["GET", "HEAD", "POST"])
def appraisal_new(request: HttpRequest) -> HttpResponse:
    """Write an appraisal into the register."""
    viewer, at = _viewer(request), timezone.now()
    form = AppraisalForm(request.POST or None, viewer=viewer, today=timezone.localdate(at))
    made = attempt(
        form,
        lambda data: appraisal_register(draft=form.draft(), submission_key=data["key"], actor=viewer, at=at),
    )
    if made is not None:
        messages.success(request, _("登记好了"))
        return redirect("grid:appraisals")
    context = {"form": form, "policy": policy_current()}
    return render(request, "grid/appraisal_new.html", context, status=422 if form.errors else 200)


def _roots(viewer: Viewer) -> list[Area]:
    """Sub-districts and communities that the viewer may look at; of a district, its sub-districts. 1 SQL."""
    codes = viewer.areas(Capability.VIEW_BURDEN)
    areas = Area.objects.valid_on(timezone.localdate()).defer("geometry")
    found = areas.filter(code__in=codes, level__in=("subdistrict", "community"))
    for code in codes:
        if len(code) < 9:
            found |= areas.filter(code__startswith=code, level="subdistrict")
    return list(found.order_by("code"))


def _viewer(request: HttpRequest) -> Viewer:
    return request.viewer  # type: ignore[attr-defined,no-any-return]
