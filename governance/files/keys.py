"""Signed keys: they open one file for a while to whoever has the page that shows it (tracking pages, drafts)."""

from datetime import datetime

from django.core.signing import BadSignature, Signer
from django.urls import reverse
from django.utils import timezone

from governance.files.models import Recording, StoredFile, Variant

# Keys end on a full ten minutes, so that a page opened again names the same address and the browser uses its copy.
_ROUND = 600


def file_key(stored_file: StoredFile | Recording, max_age: int, *, at: datetime | None = None) -> str:
    """Return a key for `?k=` that opens this file, and no other, for `max_age` seconds (up to ten minutes longer).

    Give it only to somebody who may see the file. It is not stored and cannot be taken back before its time.
    """
    ends = -(-(int((at or timezone.now()).timestamp()) + max_age) // _ROUND) * _ROUND
    return _signer().sign(f"{stored_file.uuid.hex}-{ends}").partition("-")[2]


def key_opens(key: str, stored_file: StoredFile | Recording, at: datetime) -> bool:
    """Whether the key was made for this file and its time is not over."""
    try:
        ends = _signer().unsign(f"{stored_file.uuid.hex}-{key}").partition("-")[2]
    except BadSignature:
        return False
    return at.timestamp() < int(ends)


def file_url(stored_file: StoredFile, variant: str = Variant.FULL, *, key: str = "") -> str:
    """Return the address of a picture; with a key it opens for whoever has the address."""
    url = reverse("files:show", args=[stored_file.uuid, str(variant)])
    return f"{url}?k={key}" if key else url


def recording_url(recording: Recording, *, key: str = "") -> str:
    """Return the address under which a recording plays; with a key it opens for whoever has the address."""
    url = reverse("files:recording", args=[recording.uuid])
    return f"{url}?k={key}" if key else url


def _signer() -> Signer:
    return Signer(salt="governance.files.key", sep=".")
