"""Shows stored files to those who may see what they belong to."""

from uuid import UUID

from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_safe

from governance import refs
from governance.access.decorators import public
from governance.files.keys import key_opens
from governance.files.models import FileKind, Recording, StoredFile, Variant


@public("the owner decides: whoever may see the object a file belongs to may see the file; others need a signed key")
@require_safe
def file_view(request: HttpRequest, uuid: UUID, variant: str) -> HttpResponseBase:
    """Send a picture, or a document to save. 404 alike for one that is gone and one that this viewer may not see."""
    stored_file = get_object_or_404(StoredFile, uuid=uuid)
    if variant not in Variant.values or not may_see(request, stored_file):
        raise Http404
    etag = f'"{stored_file.sha256[:32]}-{variant}"'
    response: HttpResponseBase | None = get_conditional_response(request, etag=etag)
    if response is None:
        response = _file(stored_file, variant)
        response["ETag"] = etag
    response["Cache-Control"] = "private, max-age=600"
    return response


def may_see(request: HttpRequest, stored_file: StoredFile | Recording) -> bool:
    """Whether the viewer may see what a file belongs to, or holds a key for it."""
    if key_opens(request.GET.get("k", ""), stored_file, timezone.now()):
        return True
    return bool(stored_file.owner_ref) and refs.resolve(stored_file.owner_ref, request.viewer) is not None  # type: ignore[attr-defined]


_TYPES = {
    FileKind.IMAGE: "image/jpeg",
    FileKind.PDF: "application/pdf",
    FileKind.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def _file(stored_file: StoredFile, variant: str) -> FileResponse:
    try:
        content = default_storage.open(stored_file.path(variant))
    except FileNotFoundError as error:
        raise Http404 from error
    response = FileResponse(content, content_type=_TYPES[FileKind(stored_file.kind)])
    # a document is as it came: it is saved, and nothing in it opens within our pages
    response["Content-Disposition"] = "inline" if stored_file.kind == FileKind.IMAGE else "attachment"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return response
