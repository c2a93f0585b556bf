"""Keeping what a record said before it was changed."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import models

from governance.access.viewer import Viewer
from population.models import Revision


def differing(row: models.Model, values: Mapping[str, Any]) -> dict[str, Any]:
    """Set what is different on the row, unsaved, and return what it was before, by column ("household_id")."""
    before = {name: getattr(row, name) for name, value in values.items() if getattr(row, name) != value}
    for name in before:
        setattr(row, name, values[name])
    return before


def record_change(row: models.Model, before: Mapping[str, Any], *, source: str, actor: Viewer, at: datetime) -> None:
    """Keep what a row said before. Nothing is kept where nothing changed. 1 SQL; in the transaction of the change."""
    record_changes([(row, before)], source=source, actor=actor, at=at)


def record_changes(
    changes: Iterable[tuple[models.Model, Mapping[str, Any]]], *, source: str, actor: Viewer, at: datetime
) -> None:
    """The same for many rows. 1 SQL per 500."""
    rows = [
        Revision(
            kind=str(row._meta.model_name),
            record_id=row.pk,
            at=at,
            by_id=actor.user_id,
            source=source,
            before=dict(before),
        )
        for row, before in changes
        if before
    ]
    Revision.objects.bulk_create(rows, batch_size=500)
