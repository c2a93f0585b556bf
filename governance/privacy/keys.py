"""Encryption with the installation's field keys: AES-256-GCM, the key's id in front, the place bound in.

Stored form: 4 bytes key id, 12 bytes nonce, ciphertext with its 16-byte tag. The newest key (first in
`settings.FIELD_KEYS`) encrypts; every listed key decrypts. To rotate, put a new key in front, have everything renewed
(`manage.py field_keys --renew`), and take the old one away.
"""

import hashlib
import hmac
import os
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

_ID, _NONCE, _KEY = 4, 12, 32


class DecryptionError(Exception):
    """A stored value cannot be read: its key is missing, or it was altered or moved. Never holds the value."""


def encrypt(plain: bytes, *, place: str) -> bytes:
    """Encrypt under the newest key. `place` ("table.column") must be given again to decrypt."""
    ring = _ring()
    key_id = next(iter(ring))
    nonce = os.urandom(_NONCE)
    return key_id + nonce + ring[key_id].encrypt(nonce, plain, place.encode())


def decrypt(stored: bytes, *, place: str) -> bytes:
    """Decrypt what `encrypt` returned for the same place; raise `DecryptionError` otherwise."""
    key_id, nonce, sealed = stored[:_ID], stored[_ID : _ID + _NONCE], stored[_ID + _NONCE :]
    cipher = _ring().get(key_id)
    if cipher is None:
        raise DecryptionError(
            f"{place}: no key in FIELD_KEYS has the id {key_id.hex()} under which this value was encrypted. "
            "Was a key removed, or does the database come from another installation?"
        )
    try:
        return cipher.decrypt(nonce, sealed, place.encode())
    except InvalidTag:
        raise DecryptionError(f"{place}: the stored value was altered, or was written for another column.") from None


def key_ids() -> list[str]:
    """Return the ids (8 hex digits, which tell nothing of the keys) of all keys in `FIELD_KEYS`, newest first."""
    return [key_id.hex() for key_id in _ring()]


def key_id_of(stored: bytes) -> str:
    """Return the id of the key under which a value was encrypted."""
    return stored[:_ID].hex()


def keyed_digest(text: str, *, purpose: str) -> str:
    """Return an HMAC-SHA256 (hex) that only this installation can compute; different for each purpose.

    Its key comes from the newest field key. Digests that were made under an older one are still found by
    `keyed_digests`, until `rekeying` has made them anew.
    """
    return keyed_digests(text, purpose=purpose)[0]


def keyed_digests(text: str, *, purpose: str) -> list[str]:
    """Return the digests of a text under every key, newest first: what a search has to compare with."""
    _ring()
    found = []
    for key in settings.FIELD_KEYS:
        derived = hmac.digest(key, b"liren keyed digest " + purpose.encode(), hashlib.sha256)
        found.append(hmac.new(derived, text.encode(), hashlib.sha256).hexdigest())
    return found


def _ring() -> dict[bytes, AESGCM]:
    return _build_ring(tuple(settings.FIELD_KEYS))


@lru_cache(maxsize=4)
def _build_ring(keys: tuple[bytes, ...]) -> dict[bytes, AESGCM]:
    if not keys or any(len(key) != _KEY for key in keys):
        raise ImproperlyConfigured(
            "FIELD_KEYS must hold one or more url-safe base64 values of exactly 32 bytes each, newest first."
        )
    return {hashlib.sha256(b"liren field key " + key).digest()[:_ID]: AESGCM(key) for key in keys}
