"""The folder of a backup: its files, its manifest, and what refuses to restore it."""

import hashlib
import json
import re
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from governance.privacy.keys import key_ids

DUMP, MEDIA, MEDIA_LIST, MANIFEST = "database.dump", "media.tar", "media.sha256", "manifest.json"
FORM = 1  # of the folder: raised when an older release can no longer read it
_NAME = re.compile(r"liren-\d{8}-\d{6}")


class Refused(Exception):
    """A backup was not made or not restored; nothing was changed. Says why, and what to do."""


def digest_of(file: Path) -> str:
    """Return the SHA-256 of a file."""
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def manifest_write(folder: Path, content: dict[str, Any]) -> None:
    """Write the manifest, last: a folder without one is no backup."""
    files = {name: {"sha256": digest_of(folder / name), "bytes": (folder / name).stat().st_size} for name in _files()}
    whole = {"form": FORM, "keys": key_ids(), "files": files, **content}
    (folder / MANIFEST).write_text(json.dumps(whole, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def manifest_read(folder: Path) -> dict[str, Any]:
    """Return the manifest of a backup whose files are as they were. Raises `Refused`."""
    try:
        manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise Refused(f"{folder} holds no {MANIFEST}: it is no backup, or one that was not finished.") from error
    except ValueError as error:
        raise Refused(f"{folder / MANIFEST} cannot be read: it was damaged.") from error
    if manifest.get("form") != FORM:
        raise Refused("This backup was made by a release that writes backups in another form. Restore it with that.")
    for name in _files():
        file = folder / name
        if not file.exists():
            raise Refused(f"{file} is missing.")
        if digest_of(file) != manifest["files"][name]["sha256"]:
            raise Refused(f"{file} is not what the backup wrote: its digest differs. Take another copy.")
    return manifest


def keys_check(manifest: dict[str, Any]) -> None:
    """Raise `Refused` where a key is missing under which values of this backup may be encrypted."""
    missing = [key for key in manifest["keys"] if key not in key_ids()]
    if missing:
        raise Refused(
            f"FIELD_KEYS lacks the keys {', '.join(missing)} of the time of this backup: names, numbers and messages "
            "could never be read. Put the keys that were kept beside it into FIELD_KEYS first."
        )


def old_remove(folder: Path, *, keep: int) -> list[Path]:
    """Remove the oldest backups in a folder but for the newest `keep`; return them. Other folders are left alone."""
    found = sorted(path for path in folder.iterdir() if _NAME.fullmatch(path.name) and (path / MANIFEST).exists())
    old = found[:-keep] if keep else []
    for path in old:
        shutil.rmtree(path)
    return old


def differences(before: dict[str, Any], after: dict[str, Any]) -> Iterable[str]:
    """Yield in words what differs between two tables of (rows, digest)."""
    for name in sorted(before.keys() | after.keys()):
        one, other = before.get(name), after.get(name)
        if one != other:
            yield f"{name}: {one} when it was saved, {other} now"


def _files() -> tuple[str, ...]:
    return DUMP, MEDIA, MEDIA_LIST
