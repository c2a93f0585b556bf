"""How far long work is; its owner may cancel it."""

from uuid import UUID

from django.contrib import messages as flashes
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from governance.access.decorators import requires
from governance.access.permissions import Capability as Access
from governance.access.viewer import Viewer
from governance.errors import StaleState
from governance.jobs.models import Job
from governance.jobs.registry import get
from governance.jobs.services import job_cancel
from governance.web.pages import render_page

POLL_SECONDS = 2


@requires(Access.WORK)
@require_safe
def show(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Progress of one's own job: asked again every two seconds by HTMX, by reloading without script."""
    viewer: Viewer = request.viewer  # type: ignore[attr-defined]
    job = get_object_or_404(Job.objects.visible_to(viewer), public_id=public_id)
    kind = get(job.kind)
    back_url = reverse(kind.back_url) if kind is not None else reverse("web:work")
    context = {"job": job, "kind": kind, "poll_seconds": POLL_SECONDS, "back_url": back_url}
    return render_page(request, "jobs/job.html", "jobs/_job.html", context)


@requires(Access.WORK)
@require_POST
def cancel(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Ask the job to stop."""
    viewer: Viewer = request.viewer  # type: ignore[attr-defined]
    job = get_object_or_404(Job.objects.visible_to(viewer), public_id=public_id)
    try:
        job_cancel(job=job, actor=viewer, at=timezone.now())
    except StaleState as ended:
        flashes.info(request, str(ended))
    return redirect("jobs:show", job.public_id)
