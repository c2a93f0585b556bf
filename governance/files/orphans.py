"""Finds files in the storage without a row: left by a transaction that was undone after the bytes were written."""

from datetime import datetime, timedelta
from uuid import UUID

from django.core.files.storage import default_storage

from governance.files.models import FileKind, Recording, StoredFile

# Younger ones may belong to a transaction that still runs.
GRACE = timedelta(days=1)


def orphans_remove(at: datetime) -> int:
    """Delete the files in the storage that no row names, and return how many.

    A photo that nobody can find or erase any more must not lie about. One SQL per folder of the storage, 512 in all.
    """
    removed = 0
    roots: list[tuple[str, type[StoredFile | Recording]]] = [(f"{kind}s", StoredFile) for kind in FileKind]
    for root, model in [*roots, ("recordings", Recording)]:
        for folder in _folders(root):
            removed += _clean(f"{root}/{folder}", model, at)
    return removed


def _folders(root: str) -> list[str]:
    """Folders of a folder that may not be there yet; an object store knows none, and lists what names begin with."""
    try:
        return default_storage.listdir(root)[0]
    except FileNotFoundError:
        return []


def _clean(folder: str, model: type[StoredFile | Recording], at: datetime) -> int:
    names: dict[str, UUID] = {}
    for name in default_storage.listdir(folder)[1]:
        try:
            names[name] = UUID(name.partition("-")[0])
        except ValueError:
            continue  # not one of ours
    known = set(model._default_manager.filter(uuid__in=set(names.values())).values_list("uuid", flat=True))
    orphans = [f"{folder}/{name}" for name, uuid in names.items() if uuid not in known]
    old = [path for path in orphans if default_storage.get_modified_time(path) < at - GRACE]
    for path in old:
        default_storage.delete(path)
    return len(old)
