"""Drawn photos: each picture is encoded once, then copied for every request that shows it."""

import hashlib
import uuid
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db.models import Model

from demo.photos import KEYS, photo_bytes
from governance.files.models import StoredFile, Variant
from governance.files.pictures import Picture, picture_from
from governance.refs import ref_of


@cache
def _picture(key: str) -> Picture:
    return picture_from(photo_bytes(key))


def paint() -> None:
    """Draw all pictures there are; they are kept until the process ends."""
    for key in KEYS:
        _picture(key)


@dataclass
class PhotoShelf:
    """Makes stored files of drawn pictures and inserts them at once."""

    def __post_init__(self) -> None:
        self._files: list[StoredFile] = []
        self._owned: set[tuple[str, str]] = set()

    def copy_for(self, key: str, *, owner: Model, at: datetime) -> StoredFile | None:
        """Return an unsaved file with this picture for an owner; None if the owner has it already."""
        picture = _picture(key)
        reference = ref_of(owner)
        if (reference, key) in self._owned:
            return None
        self._owned.add((reference, key))
        file = StoredFile(
            uuid=uuid.uuid4(),
            sha256=hashlib.sha256(picture.full).hexdigest(),
            size=len(picture.full),
            width=picture.width,
            height=picture.height,
            owner_ref=reference,
            created_at=at,
        )
        default_storage.save(file.path(Variant.FULL), ContentFile(picture.full))
        default_storage.save(file.path(Variant.THUMB), ContentFile(picture.thumb))
        self._files.append(file)
        return file

    def keep(self) -> None:
        """Insert the rows."""
        StoredFile.objects.bulk_create(self._files, batch_size=1000)
