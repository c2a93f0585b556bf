"""Steps that take a table: hand in, look over row by row, write."""

from urllib.parse import quote

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from governance.access.decorators import requires
from governance.errors import DomainError, Forbidden, StaleState
from governance.files.checked_tables import TableKind, judged, pasted, read_table
from governance.files.table_form import TableForm
from governance.web.forms import add_domain_error
from setup_wizard import divisions
from setup_wizard.kinds.registry import KINDS
from setup_wizard.models import HandedTable
from setup_wizard.services.tables import table_discard, table_hand_in, table_write
from setup_wizard.steps import CAPABILITIES, STEPS, next_step

EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@requires(*CAPABILITIES)
@require_http_methods(["GET", "HEAD", "POST"])
def table(request: HttpRequest, step: str) -> HttpResponse:
    """Show the step, with the rows of a table that was handed in; take another table."""
    kind = _kind(request, step)
    viewer, at = request.viewer, timezone.now()  # type: ignore[attr-defined]
    posted = request.method == "POST"
    form = TableForm(request.POST if posted else None, request.FILES if posted else None)
    if posted and form.is_valid():
        upload = form.cleaned_data["file"]
        try:
            read = read_table(kind, upload or pasted(form.cleaned_data["text"]))
            table_hand_in(kind=kind, table=read, file_name=upload.name if upload else "", actor=viewer, at=at)
        except Forbidden:
            raise
        except DomainError as error:
            if not upload:
                error.field = "text"
            add_domain_error(form, error)
        else:
            return redirect(STEPS[step].url_name)
    return _shown(request, kind, form)


@requires(*CAPABILITIES)
@require_POST
def write(request: HttpRequest, step: str) -> HttpResponse:
    """Write the rows (buttons `all`, `clean`), or forget the table (`discard`)."""
    kind = _kind(request, step)
    viewer = request.viewer  # type: ignore[attr-defined]
    if "discard" in request.POST:
        table_discard(kind=kind, actor=viewer)
        messages.success(request, _("这张表丢掉了，什么都没有写"))
        return redirect(STEPS[step].url_name)
    handed_at = parse_datetime(request.POST.get("handed_at", ""))
    if handed_at is None:
        return redirect(STEPS[step].url_name)
    try:
        written = table_write(
            kind=kind, handed_at=handed_at, only_clean="clean" in request.POST, actor=viewer, at=timezone.now()
        )
    except StaleState as error:
        messages.info(request, str(error))
        return redirect(STEPS[step].url_name)
    except Forbidden:
        raise
    except DomainError as error:
        messages.error(request, str(error))
        return redirect(STEPS[step].url_name)
    count = len(written)
    messages.success(request, ngettext("写好了 %(count)s 行", "写好了 %(count)s 行", count) % {"count": count})
    return redirect("setup:invitations" if step == "people" else STEPS[step].url_name)


@requires(*CAPABILITIES)
@require_safe
def template(request: HttpRequest, step: str) -> HttpResponse:
    """The empty table of a step."""
    kind = _kind(request, step)
    response = HttpResponse(kind.template(), content_type=EXCEL)
    name = quote(f"{STEPS[step].title}.xlsx")
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{name}"
    return response


def _kind(request: HttpRequest, step: str) -> TableKind:
    if step not in KINDS:
        raise Http404
    if not request.viewer.can(STEPS[step].capability):  # type: ignore[attr-defined]
        raise PermissionDenied
    return KINDS[step]


def _shown(request: HttpRequest, kind: TableKind, form: TableForm) -> HttpResponse:
    viewer, at = request.viewer, timezone.now()  # type: ignore[attr-defined]
    step = STEPS[kind.key]
    handed = HandedTable.objects.filter(step=kind.key).first()
    lines = kind.lines(handed.rows, viewer, at) if handed else []
    context = {
        "step": step,
        "facts": step.facts(at),
        "kind": kind,
        "form": form,
        "handed": handed,
        "following": next_step(kind.key),
        "official_there": kind.key == "areas" and divisions.are_there(),
        **(judged(kind, lines) if handed else {}),
    }
    return render(request, "setup_wizard/table.html", context, status=422 if form.errors else 200)
