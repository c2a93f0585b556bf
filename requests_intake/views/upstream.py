"""Batches of the upstream hotline: hand in a table, look at what is wrong, file it, hand the results back."""

from urllib.parse import quote
from uuid import UUID

from django.contrib import messages as flashes
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from governance.access.decorators import requires
from governance.errors import DomainError, StaleState
from governance.files.tables import CSV, table_csv, table_xlsx
from governance.privacy.services import log_read
from governance.web.forms import add_domain_error
from governance.web.keyset import KeysetPage
from governance.web.pages import render_page
from requests_intake.models import UpstreamBatch
from requests_intake.models.upstream import RowState
from requests_intake.permissions import Capability
from requests_intake.selectors.upstream import (
    batches_for,
    counts_of,
    preview_of,
    remark_text,
    rows_to_look_at,
    sources_for,
)
from requests_intake.services.upstream import batch_receive, batch_recheck, batch_run
from requests_intake.services.upstream_results import results_start
from requests_intake.upstream.results import result_rows, result_titles
from requests_intake.upstream_forms import BatchForm

PAGE_SIZE = 30
POLL_SECONDS = 2


@requires(Capability.IMPORT_ORDERS)
@require_safe
def batches(request: HttpRequest) -> HttpResponse:
    """Show what was handed in, the newest first."""
    viewer = request.viewer  # type: ignore[attr-defined]
    page = KeysetPage(
        batches_for(viewer), order=("-received_at", "-id"), size=PAGE_SIZE, cursor=request.GET.get("cursor")
    )
    counts = counts_of(page.rows)
    context = {
        "page": page,
        "rows": [(batch, counts[batch.pk]) for batch in page.rows],
        "sources": list(sources_for(viewer)),
    }
    return render_page(request, "requests_intake/upstream.html", "requests_intake/_upstream.html", context)


@requires(Capability.IMPORT_ORDERS)
@require_http_methods(["GET", "HEAD", "POST"])
def receive(request: HttpRequest) -> HttpResponse:
    """Take a table and check it."""
    viewer = request.viewer  # type: ignore[attr-defined]
    posted = request.method == "POST"
    form = BatchForm(request.POST if posted else None, request.FILES if posted else None, sources=sources_for(viewer))
    if posted and form.is_valid():
        upload = form.cleaned_data["file"]
        try:
            batch = batch_receive(
                source=form.cleaned_data["source"],
                upload=upload,
                file_name=upload.name or "",
                key=form.cleaned_data["key"],
                actor=viewer,
                at=timezone.now(),
            )
        except DomainError as error:
            add_domain_error(form, error)
        else:
            return redirect("intake:upstream-batch", public_id=batch.public_id)
    context = {"form": form, "has_sources": sources_for(viewer).exists()}
    return render(request, "requests_intake/upstream_new.html", context, status=422 if form.errors else 200)


@requires(Capability.IMPORT_ORDERS)
@require_safe
def batch(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Show how a table reads: counts, the first rows, what is wrong, how far its filing is."""
    found = _found(request, public_id)
    titles, preview = preview_of(found)
    job = found.job if found.job is not None and found.job.is_active else None
    returning = found.results_job if found.results_job is not None and found.results_job.is_active else None
    counts = counts_of([found])[found.pk]
    context = {
        "batch": found,
        "counts": counts,
        "total": sum(counts.values()),
        "titles": titles,
        "preview": preview,
        "lines": rows_to_look_at(found),
        "job": job or returning,
        "orders": found.orders.count(),
        "returned": found.orders.filter(returned_at__isnull=False).count(),
        "poll_seconds": POLL_SECONDS,
    }
    return render_page(request, "requests_intake/upstream_batch.html", "requests_intake/_upstream_batch.html", context)


@requires(Capability.IMPORT_ORDERS)
@require_POST
def run(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """File the good rows."""
    found = _found(request, public_id)
    try:
        batch_run(batch=found, actor=request.viewer, at=timezone.now())  # type: ignore[attr-defined]
    except StaleState as going_on:
        flashes.info(request, str(going_on))
    return redirect("intake:upstream-batch", public_id=public_id)


@requires(Capability.IMPORT_ORDERS)
@require_POST
def recheck(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Read the rows anew after the mapping was changed."""
    batch_recheck(batch=_found(request, public_id), actor=request.viewer)  # type: ignore[attr-defined]
    flashes.success(request, _("照新的对照重新核对过了"))
    return redirect("intake:upstream-batch", public_id=public_id)


@requires(Capability.IMPORT_ORDERS)
@require_POST
def collect(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Collect what became of the orders."""
    found = _found(request, public_id)
    try:
        results_start(batch=found, actor=request.viewer, at=timezone.now())  # type: ignore[attr-defined]
    except StaleState as going_on:
        flashes.info(request, str(going_on))
    return redirect("intake:upstream-batch", public_id=public_id)


@requires(Capability.IMPORT_ORDERS)
@require_safe
def broken(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The rows that were not taken, in the form they came in, with a column of reasons: mended, they are handed in."""
    found = _found(request, public_id)
    _log(request, found)
    rows = found.rows.filter(state__in=[RowState.BROKEN, RowState.CHANGED]).order_by("line")
    with override("zh-hans"):  # the file goes back to people upstream
        reason = _("没有导入的原因")
        lines = [[*_padded(row.cells, len(found.titles)), remark_text(row.remarks)] for row in rows]
    return _download(found, [*found.titles, reason], lines, "problems")


@requires(Capability.IMPORT_ORDERS)
@require_safe
def results(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The results that were collected last, in the form in which the orders came."""
    found = _found(request, public_id)
    _log(request, found)
    orders = found.orders.filter(returned_at__isnull=False).order_by("pk")
    return _download(found, result_titles(found), list(result_rows(found, orders)), "results")


def _found(request: HttpRequest, public_id: UUID) -> UpstreamBatch:
    found: UpstreamBatch = get_object_or_404(batches_for(request.viewer), public_id=public_id)  # type: ignore[attr-defined]
    return found


def _log(request: HttpRequest, found: UpstreamBatch) -> None:
    """Rows hold names and telephone numbers: who took them away is recorded."""
    log_read(
        user_id=request.viewer.user_id,  # type: ignore[attr-defined]
        subject=found,
        fields=["rows"],
        purpose="upstream_return",
        at=timezone.now(),
    )


def _padded(cells: list[str], width: int) -> list[str]:
    return (cells + [""] * width)[:width]


def _download(found: UpstreamBatch, titles: list[str], rows: list[list[str]], what: str) -> HttpResponse:
    if not rows:
        raise Http404
    is_csv = found.format == CSV
    data = table_csv(titles, rows) if is_csv else table_xlsx(titles, rows)
    kind = "text/csv" if is_csv else "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    name = f"{found.file_name.rpartition('.')[0] or 'batch'}-{what}.{found.format}"
    response = HttpResponse(data, content_type=kind)
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    response["Cache-Control"] = "no-store"
    return response
