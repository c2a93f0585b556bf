"""Looks on site beside a request: what is waited for and what was seen, with photos."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from governance.refs import ref_of
from governance.text import mask_personal_data
from grid.checking import checks_about
from grid.models import Check
from requests_intake.models import RequestTransition, ServiceRequest
from requests_intake.selectors.drafts import Photo, photo_of
from requests_intake.workflow import CHECKED_STEPS, Waiting


@dataclass(frozen=True, slots=True)
class SiteCheck:
    """One look on site: the words that may be shown, and its photos."""

    one: Check
    words: str
    photos: list[Photo] = field(default_factory=list)


def site_checks(request: ServiceRequest, history: Iterable[RequestTransition], *, shielded: bool) -> list[SiteCheck]:
    """All that count for a request, the oldest first. 0 SQL where nobody was asked to look, else at most 2."""
    was_seen = any(row.name in CHECKED_STEPS for row in history)
    if not was_seen and request.waiting_for != Waiting.CHECK:
        return []
    return [
        SiteCheck(
            line.one,
            mask_personal_data(line.one.words) if shielded else line.one.words,
            [photo_of(photo) for photo in line.photos],
        )
        for line in checks_about(ref_of(request))
        if line.one.state != "withdrawn"
    ]
