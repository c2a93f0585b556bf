"""Reads of stored files."""

from collections import defaultdict
from collections.abc import Iterable

from governance.files.models import StoredFile


def files_of(owner_refs: Iterable[str]) -> dict[str, list[StoredFile]]:
    """Return the files of several owners (references), oldest first; owners without files are left out. 1 SQL."""
    files: defaultdict[str, list[StoredFile]] = defaultdict(list)
    owned = StoredFile.objects.filter(owner_ref__in=[ref for ref in owner_refs if ref])
    for stored_file in owned.order_by("created_at", "uuid"):
        files[stored_file.owner_ref].append(stored_file)
    return dict(files)
