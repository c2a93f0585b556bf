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


def photo_of(file: StoredFile) -> Photo:
    """Return a stored photo. No SQL."""
    return Photo(file_url(file, Variant.THUMB), file_url(file), file.width, file.height)
