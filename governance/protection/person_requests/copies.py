"""A copy of one's own data as a file: one page of HTML.

It opens on every telephone and computer without another program, is read aloud by a screen reader and can be printed
at the counter; a packed file or a bare data format would be of use to programmers. Its lines stand in tables, which
spreadsheets and programs read, too.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.html import format_html

from governance.protection.models import PersonCopy, PersonRequest
from governance.web.portal import portal


@dataclass(frozen=True, slots=True)
class CopyShown:
    """How far a copy is: made and there, made and gone, being made, or not made (`has_failed`)."""

    expires_at: datetime | None = None
    taken_at: datetime | None = None
    has_failed: bool = False
    is_gone: bool = False


def copy_shown(request: PersonRequest, at: datetime) -> CopyShown | None:
    """Return what a page says of the copy; None where none was promised. No SQL where `copy__job` was fetched along."""
    if request.kind != "copy" or request.decision != "granted":
        return None
    copy: PersonCopy | None = getattr(request, "copy", None)
    if copy is not None and copy.is_there(at):
        return CopyShown(expires_at=copy.expires_at, taken_at=copy.taken_at)
    if request.is_over:
        return CopyShown(is_gone=True)
    job = copy.job if copy is not None else None
    return CopyShown(has_failed=job is None or not job.is_active)


def copy_file(request: PersonRequest, parts: Sequence[Mapping[str, Any]]) -> HttpResponse:
    """Return the copy in the language of the request, to be saved; nothing in it runs or is fetched from anywhere."""
    with translation.override(request.language):
        context = {"found": request, "sources": parts, "operator": portal().text("operator"), "style": _style()}
        page = render_to_string("protection/person_requests/copy.html", context)
    response = HttpResponse(page, content_type="text/html; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="liren-{request.number}.html"'
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    response["Cache-Control"] = "no-store, private"
    return response


def _style() -> str:
    """The style goes along in the file: it is read where nothing of the portal is near."""
    return format_html("<style>{}</style>", (settings.BASE_DIR / "static/css/copied.css").read_text(encoding="utf-8"))
