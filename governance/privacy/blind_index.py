"""Finding an encrypted value again without being able to read it."""

import re
import unicodedata

from governance.privacy.keys import keyed_digest, keyed_digests

_PHONE_LIKE = re.compile(r"\+?[0-9\s().\-]{5,24}")


def blind_index(value: str, *, purpose: str) -> str:
    """Return 64 hex characters that are equal for equal values of one purpose and tell nothing without the key.

    Values are compared by meaning: full-width and half-width characters, upper and lower case are alike, and a value
    made of digits and telephone punctuation is compared as a telephone number (+86 139 1234 2046 = 13912342046).
    """
    return keyed_digest(_comparable(value), purpose=purpose)


def blind_matches(value: str, *, purpose: str) -> list[str]:
    """Return what `blind_index` gave or gives this value, under each key: search with `__in` these.

    While a new key stands in front of an old one, rows have the one or the other.
    """
    return keyed_digests(_comparable(value), purpose=purpose)


def _comparable(value: str) -> str:
    text = unicodedata.normalize("NFKC", value).strip().casefold()
    return phone_digits(text) if _PHONE_LIKE.fullmatch(text) else text


def phone_digits(phone: str) -> str:
    """Return the digits of a telephone number without China's country code (86); other countries' codes stay."""
    digits = re.sub(r"[^0-9]", "", unicodedata.normalize("NFKC", phone))
    if digits.startswith("00"):
        digits = digits[2:]
    if digits.startswith("86") and len(digits) in {12, 13}:
        national = digits[2:]
        return national if national.startswith("1") else f"0{national}"
    return digits
