"""What is kept of a handler's error: enough to find the fault, nothing that a person typed."""

import re
import traceback

from django.db import Error as DatabaseError

from governance.errors import DomainError

LONGEST = 400

_QUOTED = re.compile(r"""(['"«“‘(]).*?(['"»”’)])""")
_ADDRESS = re.compile(r"\S+@\S+")
_NOT_ASCII = re.compile(r"[^\x20-\x7e]+")
_DIGITS = re.compile(r"\d[\d -]{3,}\d")


def failure_text(error: Exception) -> str:
    """Return type, place in the code and first line of the message, with whatever could be personal data cut out.

    Messages of errors quote values ("invalid input '...'", "Key (phone)=(...)"), so quoted text, addresses, longer
    numbers and everything that is not plain ASCII become "…". A `DomainError` gives its code, the database the
    constraint's name.
    """
    parts = [type(error).__name__]
    if frames := traceback.extract_tb(error.__traceback__):
        parts.append(f"at {'/'.join(frames[-1].filename.split('/')[-3:])}:{frames[-1].lineno}")
    if isinstance(error, DomainError):
        parts.append(error.code)
    elif isinstance(error, DatabaseError) and (constraint := _constraint(error)):
        parts.append(constraint)
    else:
        parts.append(_clean(str(error)))
    return " ".join(filter(None, parts))[:LONGEST]


def _constraint(error: DatabaseError) -> str:
    diagnostics = getattr(error.__cause__, "diag", None)
    return getattr(diagnostics, "constraint_name", None) or ""


def _clean(message: str) -> str:
    line = message.strip().partition("\n")[0]
    for pattern, put in ((_QUOTED, r"\1…\2"), (_ADDRESS, "…"), (_DIGITS, "…"), (_NOT_ASCII, "…")):
        line = pattern.sub(put, line)
    return line
