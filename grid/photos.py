"""Photos as pages show them."""

from dataclasses import dataclass

from governance.files.keys import file_url
from governance.files.models import StoredFile, Variant


@dataclass(frozen=True, slots=True)
class Photo:
    """One photo. Its addresses open for whoever may see what it belongs to."""

    thumb_url: str
    full_url: str
    width: int
    height: int


def photo_of(file: StoredFile, *, key: str = "") -> Photo:
    """Return a stored photo; with a key (`file_key`) it opens for whoever has the page. No SQL."""
    return Photo(file_url(file, Variant.THUMB, key=key), file_url(file, key=key), file.width, file.height)
