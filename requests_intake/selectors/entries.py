"""Entries a clerk has begun, and the slip of one that was saved."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from governance.access.viewer import Viewer
from requests_intake.models import Draft, ServiceRequest
from requests_intake.services.submission import title_of, token_digest

SLIP_FOR = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Unfinished:
    """An entry that was begun and not saved."""

    key: str
    title: str
    updated_at: datetime


def entry_find(key: str, viewer: Viewer, *, at: datetime) -> Draft | None:
    """Return the viewer's own living entry with this key, or None. 1 SQL."""
    return Draft.objects.filter(
        token_digest=token_digest(key), clerk_id=viewer.user_id, clerk__isnull=False, expires_at__gt=at
    ).first()


def entries_unfinished(viewer: Viewer, *, besides: str, at: datetime) -> list[Unfinished]:
    """Return the viewer's other entries that were not saved, the newest first, at most ten. 1 SQL."""
    drafts = Draft.objects.filter(clerk_id=viewer.user_id, clerk__isnull=False, expires_at__gt=at)
    return [
        Unfinished(draft.data["submission_key"], title_of(words), draft.updated_at)
        for draft in drafts.order_by("-updated_at", "-id")[:10]
        if draft.data["submission_key"] != besides and (words := draft.data.get("raw", {}).get("body", "")).strip()
    ]


def entry_number(key: str, viewer: Viewer) -> str:
    """Return the number of the request that the viewer saved under this key, "0" for none of theirs. 1 SQL."""
    own = ServiceRequest.objects.filter(submission_key=key, entered_by_id=viewer.user_id, entered_by__isnull=False)
    return own.values_list("number", flat=True).first() or "0"


def entry_slip(number: str, viewer: Viewer, *, at: datetime) -> ServiceRequest | None:
    """Return a request that the viewer took down within the last day, for its printed slip; None otherwise.

    The slip carries the person's tracking link, so it is shown to the clerk who hands it over and to nobody else.
    """
    if viewer.user_id is None:
        return None
    found: ServiceRequest | None = (
        ServiceRequest.objects.visible_to(viewer)
        .filter(number=number, entered_by_id=viewer.user_id, submitted_at__gt=at - SLIP_FOR)
        .select_related("organisation", "probable_organisation", "contact", "concerned", "category")
        .first()
    )
    return found
