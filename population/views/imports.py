"""Tables of the registry: hand in, say how the columns read, look at what would happen, write, take back."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from governance.access.decorators import requires, viewer_of
from governance.access.viewer import Viewer
from governance.errors import DomainError, Forbidden, StaleState
from governance.files.tables import table_xlsx
from governance.web.forms import attempt
from governance.web.pages import render_page
from population.forms_imports import ImportFileForm, RegistryMappingForm
from population.import_people import LEFT_OUT, SOMEBODY_NEW
from population.import_reports import (
    FAULTS_SHOWN,
    asks_open,
    asks_waiting,
    faults_told,
    parts_unwritten,
    rows_left,
)
from population.import_tables import SHAPES, template
from population.models import ImportKind, RegistryImport
from population.permissions import Capability
from population.services.import_undoing import LEFT
from population.services.imports import (
    Reading,
    counts_of,
    import_answer,
    import_drop,
    import_map,
    import_start,
    import_take,
    import_undo_start,
    remembered,
)

LISTED = 30
FAULT_FILE_ROWS = 20_000
POLL_SECONDS = 2
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@requires(Capability.IMPORT_REGISTRY)
@require_http_methods(["GET", "HEAD", "POST"])
def home(request: HttpRequest) -> HttpResponse:
    """One's own tables; hand one in."""
    viewer, at = viewer_of(request), timezone.now()
    posted = request.method == "POST"
    form = ImportFileForm(request.POST if posted else None, request.FILES if posted else None)
    made = attempt(
        form,
        lambda data: import_take(
            kind=data["kind"],
            upload=data["file"],
            file_name=data["file"].name,
            submission_key=data["key"],
            actor=viewer,
            at=at,
        ),
    )
    if made is not None:
        return redirect("population:import", made.public_id)
    rows = RegistryImport.objects.visible_to(viewer).defer("samples").select_related("job").order_by("-pk")[:LISTED]
    context = {"form": form, "rows": list(rows), "kinds": ImportKind.choices}
    return render(request, "population/imports.html", context, status=422 if form.errors else 200)


@requires(Capability.IMPORT_REGISTRY)
@require_http_methods(["GET", "HEAD", "POST"])
def one(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One table: how it reads, how far a job is, what would be written and what not. On POST the mapping is kept."""
    row, at = _found(request, public_id), timezone.now()
    viewer = viewer_of(request)
    begun = row.columns or remembered(kind=row.kind, titles=row.titles, actor=viewer)
    begun = begun or SHAPES[row.kind].proposed(row.titles)
    options = {name: getattr(row, name) for name in ("rule", "kind_default", "takes_from_number", "makes_dwellings")}
    posted = request.POST if request.method == "POST" else None
    form = RegistryMappingForm(
        posted,
        kind=row.kind,
        titles=row.titles,
        samples=row.samples,
        initial={**begun, **options, "version": row.version},
    )
    job = attempt(form, lambda data: _map(row, form, data, viewer))
    if job is not None:
        return redirect("population:import", row.public_id)
    context: dict[str, Any] = {
        "one": row,
        "job": row.job,
        "is_running": row.job is not None and row.job.is_active,
        "poll_seconds": POLL_SECONDS,
        "form": form,
        "unused": [title for title in row.titles if title not in begun.values()],
        "may_undo": row.undo_until is not None and at <= row.undo_until,
        **(_report(row) if row.checked_at is not None else {}),
    }
    if form.errors:
        return render(request, "population/import.html", context, status=422)
    return render_page(request, "population/import.html", "population/_import.html", context)


def _map(row: RegistryImport, form: RegistryMappingForm, data: dict[str, Any], viewer: Viewer) -> Any:
    reading = Reading(
        columns=form.columns(),
        rule=data["rule"],
        kind_default=data["kind_default"],
        takes_from_number=data["takes_from_number"],
        makes_dwellings=data["makes_dwellings"],
    )
    return import_map(registry_import=row, seen=data["version"] or 0, reading=reading, actor=viewer, at=timezone.now())


@requires(Capability.IMPORT_REGISTRY)
@require_POST
def write(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Start writing, or go on with it."""
    row, seen = _found(request, public_id), request.POST.get("version", "")
    return _acted(
        request,
        row,
        lambda: import_start(
            registry_import=row,
            seen=int(seen) if seen.isdecimal() and len(seen) < 9 else 0,
            actor=viewer_of(request),
            at=timezone.now(),
        ),
    )


@requires(Capability.IMPORT_REGISTRY)
@require_POST
def answer(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Say who a row is."""
    row = _found(request, public_id)
    said, line = request.POST.get("answer", ""), request.POST.get("line", "")
    words = {"new": SOMEBODY_NEW, "out": LEFT_OUT}
    chosen = words.get(said, int(said) if said.isdecimal() and len(said) < 18 and int(said) else None)
    if chosen is None or not line.isdecimal() or len(line) > 9:
        raise Http404
    return _acted(
        request,
        row,
        lambda: import_answer(
            registry_import=row, line=int(line), answer=chosen, actor=viewer_of(request), at=timezone.now()
        ),
    )


@requires(Capability.IMPORT_REGISTRY)
@require_POST
def undo(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Start taking back what was written."""
    row = _found(request, public_id)
    return _acted(
        request,
        row,
        lambda: import_undo_start(registry_import=row, actor=viewer_of(request), at=timezone.now()),
    )


@requires(Capability.IMPORT_REGISTRY)
@require_POST
def drop(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Forget a table."""
    import_drop(registry_import=_found(request, public_id), actor=viewer_of(request))
    messages.success(request, _("这张表丢掉了；已经写入的登记还在"))
    return redirect("population:imports")


@requires(Capability.IMPORT_REGISTRY)
@require_safe
def faults(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Rows that were refused, as a table: the cells as they came, then what is wrong, to mend and to hand in again."""
    row = _found(request, public_id)
    if row.checked_at is None:
        raise Http404
    used = [column for column in SHAPES[row.kind].columns if column.key in row.columns]
    titles = [*(str(column.title) for column in used), _("行"), _("问题")]
    return _file(table_xlsx(titles, _refused(row, [column.key for column in used])), _("没有写的行") + ".xlsx")


@requires(Capability.IMPORT_REGISTRY)
@require_safe
def empty_table(request: HttpRequest, kind: str) -> HttpResponse:
    """The empty table of a kind."""
    if kind not in SHAPES:
        raise Http404
    return _file(template(kind), f"{ImportKind(kind).label}.xlsx")


def _refused(row: RegistryImport, keys: list[str]) -> Iterator[list[str]]:
    for count, (fault, values) in enumerate(faults_told(row, timezone.localdate())):
        if count >= FAULT_FILE_ROWS:
            return
        yield [*(values.get(key, "") for key in keys), str(fault.line), fault.said]


def _report(row: RegistryImport) -> dict[str, Any]:
    """What a table that was looked over would do, or did."""
    counts, today = counts_of(row), timezone.localdate()
    shown = []
    for fault, _values in faults_told(row, today):
        shown.append(fault)
        if len(shown) >= FAULTS_SHOWN:
            break
    waiting = asks_waiting(row)
    return {
        "counts": counts,
        "total": sum(counts.values()),
        "writing": counts["new"] + counts["changed"],
        "refused": shown,
        "hidden": max(0, counts["refused"] - FAULTS_SHOWN),
        "asks": asks_open(row, today) if waiting else [],
        "waiting": waiting,
        "has_begun": row.written_at is not None or row.parts.filter(is_written=True).exists(),
        "has_more": parts_unwritten(row),
        "left": [(line, name, LEFT.get(why, why)) for line, name, why in rows_left(row)] if row.undone_at else [],
    }


def _acted(request: HttpRequest, row: RegistryImport, act: Any) -> HttpResponse:
    try:
        act()
    except (Forbidden, StaleState):
        raise
    except DomainError as error:
        messages.error(request, str(error))
    return redirect("population:import", row.public_id)


def _file(body: bytes, name: str) -> HttpResponse:
    response = HttpResponse(body, content_type=EXCEL)
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    return response


def _found(request: HttpRequest, public_id: UUID) -> RegistryImport:
    rows = RegistryImport.objects.visible_to(viewer_of(request)).select_related("job")
    return get_object_or_404(rows, public_id=public_id)
