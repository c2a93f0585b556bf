"""Deadline policies to begin with, and the working calendar."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from governance.access.decorators import requires
from governance.administration.services import may_edit_calendar, year_fill
from requests_intake.models import DeadlinePolicy
from requests_intake.permissions import Capability
from setup_wizard.services.limits import policies_begin
from setup_wizard.starter.policies import POLICIES
from setup_wizard.steps import STEPS


@requires(Capability.EDIT_POLICIES)
@require_http_methods(["GET", "HEAD", "POST"])
def limits(request: HttpRequest) -> HttpResponse:
    """Take over the policies of the starter (button `policies`), fill this year and the next (button `calendar`)."""
    viewer, at = request.viewer, timezone.now()  # type: ignore[attr-defined]
    if request.method == "POST":
        if "policies" in request.POST:
            made = policies_begin(actor=viewer, at=at)
            told = ngettext("登记了 %(count)s 个时限政策", "登记了 %(count)s 个时限政策", made) % {"count": made}
            messages.success(request, told if made else _("都已经有了，没有改动"))
        elif "calendar" in request.POST:
            this_year = timezone.localdate(at).year
            for year in (this_year, this_year + 1):
                year_fill(year=year, actor=viewer, at=at)
            messages.success(request, _("工作日历填好了今年和明年"))
        return redirect("setup:limits")
    there = {row.key: row for row in DeadlinePolicy.objects.order_by("version").prefetch_related("clocks")}
    context = {
        "step": STEPS["limits"],
        "facts": STEPS["limits"].facts(at),
        "policies": sorted(there.values(), key=lambda row: row.key),
        "offered": [policy for policy in POLICIES if policy.key not in there],
        "may_fill": may_edit_calendar(viewer),
    }
    return render(request, "setup_wizard/limits.html", context)
