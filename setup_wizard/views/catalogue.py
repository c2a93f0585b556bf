"""The starter of the catalogue, to be trimmed."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from governance.access.decorators import requires
from governance.files.checked_tables import ReadTable
from requests_intake.permissions import Capability
from setup_wizard.kinds.catalogue import CATALOGUE
from setup_wizard.services.tables import table_hand_in
from setup_wizard.starter.rows import starter_groups, starter_rows
from setup_wizard.steps import STEPS


@requires(Capability.EDIT_CATALOGUE)
@require_http_methods(["GET", "HEAD", "POST"])
def starter(request: HttpRequest) -> HttpResponse:
    """Show the items by theme; what is ticked is looked over like any other table."""
    error = False
    if request.method == "POST":
        rows = starter_rows(set(request.POST.getlist("code")))
        if rows:
            table_hand_in(
                kind=CATALOGUE,
                table=ReadTable(rows, has_merged=False),
                file_name="",
                actor=request.viewer,  # type: ignore[attr-defined]
                at=timezone.now(),
            )
            return redirect("setup:catalogue")
        error = True
    context = {"step": STEPS["catalogue"], "groups": starter_groups(), "has_errors": error}
    return render(request, "setup_wizard/starter.html", context, status=422 if error else 200)
