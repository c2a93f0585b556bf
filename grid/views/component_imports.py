"""Tables of components: hand in, say how the columns read, look at what would happen, write."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from governance.access.decorators import requires
from governance.access.viewer import Viewer
from governance.errors import DomainError, Forbidden, StaleState
from governance.files.checked_tables import said
from governance.files.tables import table_xlsx
from governance.web.forms import attempt
from governance.web.pages import render_page
from grid.component_judging import WORDS
from grid.component_tables import COLUMNS, SHAPE, template
from grid.forms_imports import ComponentFileForm, ComponentMappingForm
from grid.models import ComponentImport, Datum
from grid.permissions import Capability
from grid.services.component_imports import (
    component_import_drop,
    component_import_map,
    component_import_start,
    component_import_take,
    counts_of,
)

LISTED = 30
FAULTS_SHOWN = 100
FAULT_FILE_ROWS = 20_000
POLL_SECONDS = 2
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST = 0.9  # of all positions lie in a grid, if the datum is right


@requires(Capability.EDIT_COMPONENT)
@require_http_methods(["GET", "HEAD", "POST"])
def imports(request: HttpRequest) -> HttpResponse:
    """One's own tables; hand one in."""
    viewer, at = _viewer(request), timezone.now()
    posted = request.method == "POST"
    form = ComponentFileForm(request.POST if posted else None, request.FILES if posted else None)
    made = attempt(
        form,
        lambda data: component_import_take(
            upload=data["file"], file_name=data["file"].name, submission_key=data["key"], actor=viewer, at=at
        ),
    )
    if made is not None:
        return redirect("grid:component-import", made.public_id)
    rows = ComponentImport.objects.visible_to(viewer).defer("content").select_related("job").order_by("-pk")[:LISTED]
    context = {"form": form, "rows": list(rows)}
    return render(request, "grid/component_imports.html", context, status=422 if form.errors else 200)


@requires(Capability.EDIT_COMPONENT)
@require_http_methods(["GET", "HEAD", "POST"])
def one(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One table: how it reads, how far a job is, what would be written and what not. On POST the mapping is kept."""
    row, at = _found(request, public_id), timezone.now()
    begun = row.columns or SHAPE.proposed(row.titles)
    initial = {**begun, "datum": row.datum, "version": row.version}
    posted = request.POST if request.method == "POST" else None
    form = ComponentMappingForm(posted, titles=row.titles, samples=row.samples, initial=initial)
    job = attempt(
        form,
        lambda data: component_import_map(
            component_import=row,
            seen=data["version"] or 0,
            columns=form.columns(),
            datum=data["datum"] or Datum.WGS84.value,
            actor=_viewer(request),
            at=at,
        ),
    )
    if job is not None:
        return redirect("grid:component-import", row.public_id)
    context: dict[str, Any] = {
        "one": row,
        "job": row.job,
        "is_running": row.job is not None and row.job.is_active,
        "poll_seconds": POLL_SECONDS,
        "form": form,
        "unused": [title for title in row.titles if title not in begun.values()],
        **(_report(row) if row.checked_at is not None else {}),
    }
    if form.errors:
        return render(request, "grid/component_import.html", context, status=422)
    return render_page(request, "grid/component_import.html", "grid/_component_import.html", context)


@requires(Capability.EDIT_COMPONENT)
@require_POST
def write(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Start writing, or go on with it."""
    row, seen = _found(request, public_id), request.POST.get("version", "")
    try:
        component_import_start(
            component_import=row,
            seen=int(seen) if seen.isdecimal() and len(seen) < 9 else 0,
            actor=_viewer(request),
            at=timezone.now(),
        )
    except (Forbidden, StaleState):
        raise
    except DomainError as error:
        messages.error(request, str(error))
    return redirect("grid:component-import", row.public_id)


@requires(Capability.EDIT_COMPONENT)
@require_POST
def drop(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Forget a table."""
    component_import_drop(component_import=_found(request, public_id), actor=_viewer(request))
    messages.success(request, _("这张表丢掉了；已经写入的部件还在"))
    return redirect("grid:component-imports")


@requires(Capability.EDIT_COMPONENT)
@require_safe
def faults(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Rows that were refused, as a table: what is wrong, then the cells as they came, to mend and to hand in again."""
    row = _found(request, public_id)
    titles = [str(column.title) for column in COLUMNS if column.key in row.columns]
    keys = [column.key for column in COLUMNS if column.key in row.columns]
    body = table_xlsx([*titles, _("行"), _("问题")], _refused(row, keys))
    return _file(body, _("没有写的部件") + ".xlsx")


@requires(Capability.EDIT_COMPONENT)
@require_safe
def empty_table(request: HttpRequest) -> HttpResponse:
    """The empty table."""
    return _file(template(), _("部件表") + ".xlsx")


def _refused(row: ComponentImport, keys: list[str]) -> Iterator[list[str]]:
    count = 0
    for part in row.parts.filter(refused__gt=0).order_by("number").iterator(chunk_size=20):
        cells = {line: values for line, values, _faults in part.rows}
        for line, problems in part.problems:
            yield [*(cells.get(line, {}).get(key, "") for key in keys), str(line), _told(problems)]
            count += 1
            if count >= FAULT_FILE_ROWS:
                return


def _report(row: ComponentImport) -> dict[str, Any]:
    """What a table that was looked over would do. 2 SQL."""
    counts = counts_of(row)
    shown: list[dict[str, Any]] = []
    for part in row.parts.filter(refused__gt=0).order_by("number")[:20]:
        names = {line: values.get("name") or values.get("identity", "") for line, values, _faults in part.rows}
        shown += [
            {"line": line, "name": names.get(line, ""), "said": _told(problems)} for line, problems in part.problems
        ]
        if len(shown) >= FAULTS_SHOWN:
            break
    return {
        "counts": counts,
        "total": sum(counts.values()),
        "writing": counts["new"] + counts["changed"],
        "refused": shown[:FAULTS_SHOWN],
        "hidden": max(0, counts["refused"] - FAULTS_SHOWN),
        "advice": _advice(row),
        "has_begun": row.parts.filter(is_written=True).exists(),
    }


def _told(problems: list[list[str]]) -> str:
    """What is wrong with a row, in the language of the page."""
    titles = {column.key: column.title for column in COLUMNS}
    return _("；").join(
        said(titles.get(key, key), str(WORDS.get(what, what)).replace("%(value)s", value))
        for key, what, value in problems
    )


def _advice(row: ComponentImport) -> str:
    """Whether far more positions would lie in grids by another datum: said before anything is written."""
    total, own = row.hints.get("all", 0), row.hints.get(row.datum, 0)
    if not total or own >= MOST * total:
        return ""
    words = {"own": own, "total": total}
    if row.hints.get("swapped", 0) > own:
        return _("%(total)s 个位置只有 %(own)s 个在网格里；经度和纬度换过来就对了，请核对列的对应") % words
    best = max(Datum.values, key=lambda datum: row.hints.get(datum, 0))
    if row.hints.get(best, 0) > own:
        words |= {"best": row.hints[best], "datum": Datum(best).label}
        return _("%(total)s 个位置只有 %(own)s 个在网格里；按 %(datum)s 算有 %(best)s 个，请核对坐标系") % words
    return ""


def _file(body: bytes, name: str) -> HttpResponse:
    response = HttpResponse(body, content_type=EXCEL)
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    return response


def _found(request: HttpRequest, public_id: UUID) -> ComponentImport:
    rows = ComponentImport.objects.visible_to(_viewer(request)).defer("content").select_related("job")
    return get_object_or_404(rows, public_id=public_id)


def _viewer(request: HttpRequest) -> Viewer:
    return request.viewer  # type: ignore[attr-defined,no-any-return]
