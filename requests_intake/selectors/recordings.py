"""Films and voice notes as pages show them: ready, being prepared, or not kept and why."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db.models import Model

from governance.files.keys import file_key, recording_url
from governance.files.models import Recording, RecordingKind, RecordingState
from governance.refs import ref_of
from requests_intake.models import Draft, ServiceRequest

HOUR = 3600


@dataclass(frozen=True, slots=True)
class Playable:
    """A recording with an address that opens for the holder of this page only; `fault` says why there is none."""

    id: UUID
    kind_label: str
    is_video: bool
    is_ready: bool
    is_waiting: bool
    fault: str
    url: str
    seconds: int
    width: int
    height: int
    description: str
    at: datetime


def playable(row: Recording) -> Playable:
    """Return a recording with a signed address good for an hour."""
    return Playable(
        id=row.pk,
        kind_label=row.get_kind_display(),
        is_video=row.kind == RecordingKind.VIDEO,
        is_ready=row.state == RecordingState.READY,
        is_waiting=row.state == RecordingState.WAITING,
        fault=row.get_fault_display(),
        url=recording_url(row, key=file_key(row, HOUR)) if row.state == RecordingState.READY else "",
        seconds=row.seconds,
        width=row.width,
        height=row.height,
        description=row.description,
        at=row.created_at,
    )


def draft_recording(draft: Draft) -> Playable | None:
    """Return the recording of a draft. 1 SQL where there is one, else none."""
    pk = draft.data.get("recording")
    row = Recording.objects.filter(pk=pk).first() if pk else None
    return playable(row) if row is not None else None


def recordings_of(request: ServiceRequest, added: Iterable[Model] = ()) -> list[Playable]:
    """Return the recordings of a request and of what was added to it, oldest first. 1 SQL, none where it has none."""
    if not request.has_recording:
        return []
    refs = [ref_of(request), *(ref_of(row) for row in added)]
    return [playable(row) for row in Recording.objects.filter(owner_ref__in=refs).order_by("created_at", "pk")]


def recording_limits() -> dict[str, int]:
    """Return how long a recording may be and how large, for the hint beside the field."""
    return {"seconds": settings.RECORDING_SECONDS, "mb": settings.RECORDING_MB}
