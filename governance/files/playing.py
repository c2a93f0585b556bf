"""Plays recordings to those who may see what they belong to, in parts: telephones ask for a few bytes first."""

import re
from collections.abc import Iterator
from typing import IO, Any
from uuid import UUID

from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_safe

from governance.access.decorators import public
from governance.files.models import Recording, RecordingKind, RecordingState
from governance.files.views import may_see

_CHUNK = 64 * 1024
_RANGE = re.compile(r"bytes=(\d{0,12})-(\d{0,12})")


@public("the owner decides: whoever may see the object a recording belongs to may play it; others need a signed key")
@require_safe
def recording_view(request: HttpRequest, uuid: UUID) -> HttpResponseBase:
    """Send a recording, or the part that was asked for. 404 for one that is gone, not ready, or not for this viewer."""
    recording = get_object_or_404(Recording, uuid=uuid, state=RecordingState.READY)
    if not may_see(request, recording):
        raise Http404
    etag = f'"{recording.sha256[:32]}"'
    response: HttpResponseBase | None = get_conditional_response(request, etag=etag)
    if response is None:
        wanted = request.headers.get("Range", "")
        if request.headers.get("If-Range", etag) != etag:
            wanted = ""  # what the browser has is of another file
        response = _part(recording, wanted) if _RANGE.fullmatch(wanted) else _whole(recording)
        response["Accept-Ranges"] = "bytes"
        response["ETag"] = etag
        response["Content-Disposition"] = "inline"
        response["X-Content-Type-Options"] = "nosniff"
        response["Content-Security-Policy"] = "default-src 'none'; media-src 'self'; sandbox"
        response["Cross-Origin-Resource-Policy"] = "same-origin"
    response["Cache-Control"] = "private, max-age=600"
    return response


def _type(recording: Recording) -> str:
    return "video/mp4" if recording.kind == RecordingKind.VIDEO else "audio/mp4"


def _opened(recording: Recording) -> Any:
    try:
        return default_storage.open(recording.path)
    except FileNotFoundError as error:
        raise Http404 from error


def _whole(recording: Recording) -> FileResponse:
    response = FileResponse(_opened(recording), content_type=_type(recording))
    response["Content-Length"] = str(recording.size)
    return response


def _part(recording: Recording, wanted: str) -> HttpResponseBase:
    """RFC 9110, section 14: one range; from a byte, from one to another, or the last so many."""
    match = _RANGE.fullmatch(wanted)
    first, last = match.groups() if match else ("", "")
    if first:
        start, end = int(first), min(int(last or recording.size), recording.size - 1)
    else:
        start, end = max(0, recording.size - int(last or 0)), recording.size - 1
    if start > end:
        refused = HttpResponse(status=416)
        refused["Content-Range"] = f"bytes */{recording.size}"
        return refused
    content = _opened(recording)
    content.seek(start)
    response = StreamingHttpResponse(_chunks(content, end - start + 1), status=206, content_type=_type(recording))
    response["Content-Range"] = f"bytes {start}-{end}/{recording.size}"
    response["Content-Length"] = str(end - start + 1)
    return response


def _chunks(content: IO[bytes], left: int) -> Iterator[bytes]:
    with content:
        while left > 0 and (chunk := content.read(min(_CHUNK, left))):
            left -= len(chunk)
            yield chunk
