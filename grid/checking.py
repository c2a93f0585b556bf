"""Checks on site as pages show them: those of one's area, those of one matter, and their photos."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from governance.access.viewer import Viewer
from governance.files.models import StoredFile
from governance.refs import ref_of
from governance.web.navigation import Count
from grid.models import Check, CheckState
from grid.selectors import area_paths


@dataclass(frozen=True, slots=True)
class CheckLine:
    """One check, where it lies in words, its photos, and whether the viewer is kept away from it."""

    one: Check
    path: str
    photos: list[StoredFile] = field(default_factory=list)
    is_kept_away: bool = False


def checks_listed(viewer: Viewer, *, done: bool) -> "QuerySet[Any]":
    """Checks in one's area that wait, or those that were done."""
    rows = Check.objects.visible_to(viewer).select_related("checked_by")
    return rows.filter(state=CheckState.DONE) if done else rows.open()


def check_lines(rows: Sequence[Check], viewer: Viewer) -> list[CheckLine]:
    """Rows of a list, without their photos. 1 SQL."""
    paths = area_paths({row.area_code for row in rows})
    return [CheckLine(row, paths.get(row.area_code, ""), is_kept_away=row.keeps_away(viewer)) for row in rows]


def check_photos(check: Check) -> list[StoredFile]:
    """What was taken on site. 1 SQL."""
    return list(StoredFile.objects.filter(owner_ref=ref_of(check)).order_by("created_at", "pk"))


def checks_about(subject_ref: str) -> list[CheckLine]:
    """All that was looked at on site for one matter, the oldest first, with photos. At most 2 SQL.

    For whoever asked: whether the viewer may see the matter is the caller's question.
    """
    rows = list(Check.objects.filter(subject_ref=subject_ref).select_related("asked_by", "checked_by").order_by("id"))
    owners = [ref_of(row) for row in rows if row.state == CheckState.DONE]
    photos: dict[str, list[StoredFile]] = {}
    if owners:
        for photo in StoredFile.objects.filter(owner_ref__in=owners).order_by("created_at", "pk"):
            photos.setdefault(photo.owner_ref, []).append(photo)
    return [CheckLine(row, "", photos.get(ref_of(row), [])) for row in rows]


def checks_waiting(viewer: Viewer) -> Count:
    """How many wait in one's area for somebody who may go, and how many too long: for the rail. 1 SQL each."""
    mine = Check.objects.visible_to(viewer).open().independent(viewer)
    return Count(mine.count(), mine.filter(due_at__lt=_now(viewer)).count())


def _now(viewer: Viewer) -> datetime:
    return viewer.at or timezone.now()
