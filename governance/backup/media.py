"""Uploaded files: from the storage that the settings name into one archive, and back into an empty one."""

import hashlib
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.files.base import File
from django.core.files.storage import default_storage

from governance.backup.archive import Refused


def pack(archive: Path, listing: Path) -> dict[str, int]:
    """Write all stored files to an archive and their digests to a list; return how many, and how many bytes."""
    files = size = 0
    with tarfile.open(archive, "w") as tar, listing.open("w", encoding="utf-8") as lines:
        for name in _names(""):
            with default_storage.open(name) as content:
                member = tarfile.TarInfo(name)
                member.size = content.size
                reader = _Digesting(content)
                tar.addfile(member, reader)  # type: ignore[arg-type]  # needs read() only
            lines.write(f"{reader.digest.hexdigest()}  {name}\n")
            files, size = files + 1, size + member.size
    return {"files": files, "bytes": size}


def empty_check() -> None:
    """Raise `Refused` unless the storage holds no file."""
    if (found := next(_names(""), None)) is not None:
        raise Refused(
            f"The storage of uploaded files holds {found} and perhaps more. A backup is restored into an empty one "
            "only: name another in LIREN_VAR_DIR or FILES_URL. Nothing was changed."
        )


def unpack(archive: Path, listing: Path) -> int:
    """Store every file of an archive and compare its digest; return how many. Raises `Refused` for one that differs."""
    expected = dict(_listed(listing))
    with tarfile.open(archive) as tar:
        for member in tar:
            content = tar.extractfile(member) if member.isreg() else None
            if content is None or member.name not in expected:
                raise Refused(f"{archive} holds {member.name}, which its list does not name.")
            saved = default_storage.save(member.name, File(content))
            with default_storage.open(saved) as stored:
                digest = hashlib.sha256()
                for chunk in stored.chunks():
                    digest.update(chunk)
            if saved != member.name or digest.hexdigest() != expected.pop(member.name):
                raise Refused(f"{member.name} was not stored as it was saved.")
    if expected:
        raise Refused(f"{len(expected)} files are missing in {archive}, among them {min(expected)}.")
    return len(dict(_listed(listing)))


def _names(folder: str) -> Iterator[str]:
    """Names of all stored files, in order; none where the storage does not exist yet."""
    try:
        folders, files = default_storage.listdir(folder)
    except FileNotFoundError:
        return
    for name in sorted(files):
        yield f"{folder}{name}"
    for name in sorted(filter(None, folders)):
        yield from _names(f"{folder}{name}/")


def _listed(listing: Path) -> Iterator[tuple[str, str]]:
    with listing.open(encoding="utf-8") as lines:
        for line in lines:
            digest, _gap, name = line.rstrip("\n").partition("  ")
            yield name, digest


class _Digesting:
    """A file that is digested while it is read."""

    def __init__(self, content: Any) -> None:
        self.content, self.digest = content, hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        """Read on."""
        chunk: bytes = self.content.read(size)
        self.digest.update(chunk)
        return chunk
