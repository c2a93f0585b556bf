"""Pages of those who review the trail: searching it, one row of it, taking what was found along."""

from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from governance.access.decorators import requires
from governance.access.viewer import Viewer
from governance.audit.filters import TrailFilter
from governance.audit.forms import TrailForm
from governance.audit.merging import MergedPage
from governance.audit.models import TrailAnchor, TrailCheck, TrailExport
from governance.audit.permissions import Capability
from governance.audit.rows import rows_in_words
from governance.audit.seals import SEALS_SHOWN, last_seals, problem_words
from governance.audit.selectors import one_row, trail
from governance.audit.services import check_start, export_lines, export_start, trail_read
from governance.jobs.models import State
from governance.refs import ref_of
from governance.web.pages import render_page
from governance.web.proof import proved

PAGE_SIZE = 50
EXPORTS_SHOWN = 20
STALE = timedelta(days=2)


@requires(Capability.READ_TRAIL)
@require_safe
def trail_page(request: HttpRequest) -> HttpResponse:
    """Search the trail, newest first. Each search is a row of the trail itself; turning pages is not."""
    viewer: Viewer = request.viewer  # type: ignore[attr-defined]
    form, cursor = TrailForm(request.GET), request.GET.get("cursor", "")
    context: dict[str, object] = {"form": form, "rows": [], "may_export": viewer.can(Capability.EXPORT_TRAIL)}
    if form.is_valid():
        narrowed = form.narrowed()
        if not cursor and request.method == "GET":
            trail_read(narrowed=narrowed, actor=viewer, at=timezone.now())
        page = MergedPage(trail(narrowed), size=PAGE_SIZE, cursor=cursor)
        context |= {"page": page, "rows": rows_in_words(page.rows, viewer)}
    return render_page(request, "audit/trail.html", "audit/_trail.html", context)


@requires(Capability.READ_TRAIL)
@require_safe
def trail_row(request: HttpRequest, source: str, pk: int) -> HttpResponse:
    """One row with everything it says; that it was opened is recorded, too."""
    viewer: Viewer = request.viewer  # type: ignore[attr-defined]
    found = one_row(source, pk)
    if found is None:
        raise Http404
    if request.method == "GET":
        trail_read(narrowed=TrailFilter(refs=(ref_of(found),)), actor=viewer, at=timezone.now())
    context = {"row": rows_in_words([found], viewer)[0], "found": found}
    return render(request, "audit/row.html", context)


@requires(Capability.EXPORT_TRAIL)
@proved(on_opening=False)
@require_http_methods(["GET", "HEAD", "POST"])
def exports(request: HttpRequest) -> HttpResponse:
    """One's own exports; on POST, one more of what the form narrows to."""
    viewer: Viewer = request.viewer  # type: ignore[attr-defined]
    if request.method == "POST":
        form = TrailForm(request.POST)
        if not form.is_valid():
            return render(request, "audit/trail.html", {"form": form, "rows": [], "may_export": True}, status=422)
        made = export_start(narrowed=form.narrowed(), actor=viewer, at=timezone.now())
        return redirect("jobs:show", made.job.public_id) if made.job else redirect("audit:exports")
    rows = TrailExport.objects.visible_to(viewer).select_related("job").order_by("-created_at")[:EXPORTS_SHOWN]
    return render(request, "audit/exports.html", {"rows": rows})


@requires(Capability.EXPORT_TRAIL)
@require_safe
def export_file(request: HttpRequest, public_id: UUID) -> StreamingHttpResponse:
    """One's own finished export as a CSV file."""
    viewer: Viewer = request.viewer  # type: ignore[attr-defined]
    made = get_object_or_404(
        TrailExport.objects.visible_to(viewer).filter(job__state=State.DONE, expires_at__gt=timezone.now()),
        public_id=public_id,
    )
    response = StreamingHttpResponse(export_lines(made), content_type="text/csv; charset=utf-8")
    name = f"liren-trail-{timezone.localtime(made.created_at):%Y%m%d-%H%M}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "no-store"
    return response


@requires(Capability.READ_TRAIL)
@require_http_methods(["GET", "HEAD", "POST"])
def seals(request: HttpRequest) -> HttpResponse:
    """The last seals, the last proof and the digests noted outside; on POST, prove the trail now."""
    viewer: Viewer = request.viewer  # type: ignore[attr-defined]
    now = timezone.now()
    if request.method == "POST":
        return redirect("jobs:show", check_start(actor=viewer, at=now).public_id)
    check = TrailCheck.objects.order_by("-at", "-pk").first()
    context = {
        "check": check,
        "problem": problem_words(check.problem) if check is not None else "",
        "is_stale": check is not None and check.at < now - STALE,
        "seals": last_seals(),
        "anchors": list(TrailAnchor.objects.order_by("-at", "-pk")[:SEALS_SHOWN]),
        "is_anchored": bool(settings.TRAIL_ANCHORS or settings.TRAIL_ANCHOR_URL),
    }
    return render(request, "audit/seals.html", context)
