"""Telephone numbers as gateways want them."""

import re
import unicodedata

_PUNCTUATION = re.compile(r"[\s\-－—–().·]")
_CHINESE_MOBILE = re.compile(r"1[3-9]\d{9}")
_E164 = re.compile(r"\+[1-9]\d{5,14}")  # ITU-T E.164: country code and at most 15 digits
_CHINA = "+86"


def mobile_number(text: str) -> str:
    """Return a mobile number as E.164, "" for anything that cannot get a message.

    Understood are 13812345678 with or without spaces, dashes and +86, and other countries' numbers with their code. A
    Chinese landline is none; of other countries' numbers only the shape is known.
    """
    plain = _PUNCTUATION.sub("", unicodedata.normalize("NFKC", text))
    if plain.startswith("00"):
        plain = f"+{plain[2:]}"
    national = plain.removeprefix(_CHINA)
    if national.startswith("86") and len(national) == 13 and not plain.startswith("+"):
        national = national[2:]
    if _CHINESE_MOBILE.fullmatch(national):
        return f"{_CHINA}{national}"
    return plain if _E164.fullmatch(plain) and not plain.startswith(_CHINA) else ""
