"""Reads for the pages on which an office writes its own texts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from django.utils.functional import Promise

from governance.access.models import User
from governance.errors import DomainError
from governance.notifications import texts
from governance.notifications.groups import NoticeGroup
from governance.notifications.models import MessageTemplate
from governance.notifications.previews import LABELS, SAMPLE_NOW, places, variants
from governance.notifications.registry import NoticeKind, all_kinds

VERSIONS_SHOWN = 20


@dataclass(frozen=True, slots=True)
class KindLine:
    """One kind in the list: its title, the subject as somebody would read it, and which texts are the office's own."""

    key: str
    title: str | Promise
    example: str
    own: Sequence[str | Promise]


@dataclass(frozen=True, slots=True)
class GroupOfKinds:
    """A group and its kinds."""

    group: NoticeGroup
    kinds: Sequence[KindLine]


@dataclass(frozen=True, slots=True)
class VersionLine:
    """One version of a text; `subject` and `body` are empty where it says: the built-in text."""

    number: int
    is_current: bool
    subject: str
    body: str
    template_id: str
    by: User | None
    at: datetime


def kinds_by_group(language: str) -> list[GroupOfKinds]:
    """Return all kinds by group, groups by app: 1 SQL."""
    kinds = sorted(all_kinds(), key=lambda kind: (kind.group.key, kind.key))
    overrides = texts.overrides_for(kind.key for kind in kinds)
    return [
        GroupOfKinds(group, [_line(kind, language, overrides) for kind in same])
        for group, same in groupby(kinds, key=lambda kind: kind.group)
    ]


def _line(kind: NoticeKind, language: str, overrides: texts.Overrides) -> KindLine:
    values = {name: place.example for name, place in places(kind)}
    reads = texts.language_of(language)
    try:
        subject = texts.fill(kind, reads, values, overrides, SAMPLE_NOW).subject
    except DomainError:  # the office's words speak of something that the kind has lost
        subject = texts.fill(kind, reads, values, {}, SAMPLE_NOW).subject
    own = [LABELS[key] for key in variants(kind) if (kind.key, *key) in overrides]
    return KindLine(kind.key, kind.title, subject, own)


def versions_of(kind: str, channel: str, language: str) -> list[VersionLine]:
    """Return the versions of one text, the newest first: 1 SQL."""
    rows = MessageTemplate.objects.filter(kind=kind, channel=channel, language=language)
    return [
        VersionLine(
            row.number, row.is_current, row.subject, row.body, row.provider_template_id, row.changed_by, row.changed_at
        )
        for row in rows.select_related("changed_by").order_by("-number")[:VERSIONS_SHOWN]
    ]
