"""Many grants at once: a table is handed in, looked over row by row, and written with one press."""

from urllib.parse import quote

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from governance.access.decorators import requires
from governance.access.models import GrantImport
from governance.access.permissions import Capability
from governance.access.services.importing import import_discard, import_hand_in, import_write
from governance.administration.grant_table import GRANTS, judged_drafts
from governance.errors import DomainError, Forbidden, StaleState
from governance.files.checked_tables import judged, pasted, read_table
from governance.files.table_form import TableForm
from governance.files.tables import table_xlsx
from governance.web.forms import add_domain_error, moment_held
from governance.web.proof import proved

EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@requires(Capability.GIVE_GRANT)
@require_http_methods(["GET", "HEAD", "POST"])
def grant_import(request: HttpRequest) -> HttpResponse:
    """Show what one's table would give, row by row; take another table. Nothing is written here."""
    viewer, at = request.viewer, timezone.now()  # type: ignore[attr-defined]
    posted = request.method == "POST"
    form = TableForm(request.POST if posted else None, request.FILES if posted else None)
    if posted and form.is_valid():
        upload = form.cleaned_data["file"]
        name = upload.name if upload else ""
        try:
            read = read_table(GRANTS, upload or pasted(form.cleaned_data["text"]))
            import_hand_in(rows=read.rows, has_merged=read.has_merged, file_name=name, actor=viewer, at=at)
        except Forbidden:
            raise
        except DomainError as error:
            if not upload:
                error.field = "text"
            add_domain_error(form, error)
        else:
            return redirect("access:grant-import")
    handed = GrantImport.objects.filter(handed_by=viewer.user).first()
    context = {"form": form, "kind": GRANTS, "handed": handed}
    if handed is not None:
        context |= judged(GRANTS, GRANTS.lines(handed.rows, viewer, at))
    return render(request, "access/grant_import.html", context, status=422 if form.errors else 200)


@requires(Capability.GIVE_GRANT)
@proved(on_opening=False, when=lambda request: "discard" not in request.POST)
@require_POST
def write(request: HttpRequest) -> HttpResponse:
    """Write the rows without problems, or forget the table (`discard`)."""
    viewer, at = request.viewer, timezone.now()  # type: ignore[attr-defined]
    if "discard" in request.POST:
        import_discard(actor=viewer)
        messages.success(request, _("这张表丢掉了，什么都没有写"))
        return redirect("access:grant-import")
    handed_at = moment_held(request.POST.get("handed_at", "")) or at  # no table came at this moment
    try:
        count, _left_out = import_write(
            handed_at=handed_at, judge=lambda rows: judged_drafts(rows, viewer, at), actor=viewer, at=at
        )
    except StaleState as error:
        messages.info(request, str(error))
        return redirect("access:grant-import")
    except Forbidden:
        raise
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("access:grant-import")
    messages.success(request, ngettext("给了 %(count)d 项授权", "给了 %(count)d 项授权", count) % {"count": count})
    return redirect("access:grants")


@requires(Capability.GIVE_GRANT)
@require_safe
def template(request: HttpRequest) -> HttpResponse:
    """The empty table."""
    return _excel(GRANTS.template(), _("授权"))


@requires(Capability.GIVE_GRANT)
@require_safe
def faults(request: HttpRequest) -> HttpResponse:
    """The rows of one's table that have problems, each with what is wrong: to be mended and handed in again."""
    viewer, at = request.viewer, timezone.now()  # type: ignore[attr-defined]
    handed = GrantImport.objects.filter(handed_by=viewer.user).first()
    broken = [line for line in GRANTS.lines(handed.rows, viewer, at) if line.problems] if handed else []
    if not broken:
        raise Http404
    titles = [str(column.title) for column in GRANTS.columns] + [_("有什么问题")]
    rows = [[*(line[column.key] for column in GRANTS.columns), "\n".join(line.problems)] for line in broken]
    return _excel(table_xlsx(titles, rows), _("有问题的行"))


def _excel(content: bytes, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=EXCEL)
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(f'{name}.xlsx')}"
    response["Cache-Control"] = "no-store, private"
    return response
