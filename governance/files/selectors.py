"""Reads of stored files."""

from collections import defaultdict
from collections.abc import Iterable
from uuid import UUID

from governance.files.models import StoredFile


def files_of(owner_refs: Iterable[str]) -> dict[str, list[StoredFile]]:
    """Return the files of several owners (references), oldest first; owners without files are left out. 1 SQL."""
    files: defaultdict[str, list[StoredFile]] = defaultdict(list)
    owned = StoredFile.objects.filter(owner_ref__in=[ref for ref in owner_refs if ref])
    for stored_file in owned.order_by("created_at", "uuid"):
        files[stored_file.owner_ref].append(stored_file)
    return dict(files)


def files_kept(texts: Iterable[str], *, user_id: int | None) -> list[StoredFile]:
    """Return the files that a form names as kept from the attempt before, in its order: uuids as text, others ignored.

    Only what this person has stored and nothing owns yet; nobody else's files. 1 SQL, none without a uuid.
    """
    wanted = [pk for text in texts if (pk := _uuid(text))]
    found = StoredFile.objects.filter(owner_ref="", created_by=user_id).in_bulk(wanted) if wanted else {}
    return [found[pk] for pk in wanted if pk in found]


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
