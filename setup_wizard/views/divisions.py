"""Sub-districts and communities from the official list, to be ticked."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from governance.access.decorators import requires
from governance.files.checked_tables import ReadTable, StoredRow
from grid.district import district_code
from grid.models import Area
from grid.permissions import Capability
from setup_wizard.divisions import below
from setup_wizard.kinds.areas import AREAS
from setup_wizard.services.tables import table_hand_in
from setup_wizard.steps import STEPS


@requires(Capability.CHANGE_AREA)
@require_http_methods(["GET", "HEAD", "POST"])
def official(request: HttpRequest) -> HttpResponse:
    """Show the list of this district; what is ticked is looked over like any other table."""
    groups = below(district_code())
    if not groups:
        raise Http404
    error = False
    if request.method == "POST":
        ticked = set(request.POST.getlist("code"))
        wanted = [one for street, communities in groups for one in (street, *communities) if one.code in ticked]
        if wanted:
            rows: list[StoredRow] = [
                (number, {"code": one.code, "name": one.name}, {}) for number, one in enumerate(wanted, start=1)
            ]
            table_hand_in(
                kind=AREAS,
                table=ReadTable(rows, has_merged=False),
                file_name="",
                actor=request.viewer,  # type: ignore[attr-defined]
                at=timezone.now(),
            )
            return redirect("setup:areas")
        error = True
    there = set(Area.objects.filter(valid_to=None).values_list("code", flat=True))
    context = {"step": STEPS["areas"], "groups": groups, "there": there, "has_errors": error}
    return render(request, "setup_wizard/official.html", context, status=422 if error else 200)
