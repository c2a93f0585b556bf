"""Event types: the names and payload keys that apps declare in their `events.py`, and what a payload may hold."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import ImproperlyConfigured

LONGEST_STRING = 64
LONGEST_LIST = 1000

_NAME = re.compile(r"[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*")
_CJK = re.compile(r"[\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef\U00020000-\U0003ffff]")
# A whole string that is a mobile number, an e-mail address or an identity card number; never a part of a longer code.
_PERSONAL = re.compile(r"(?:\+?86[- ]?)?1[3-9]\d{9}|[^@\s]+@[^@\s]+\.[^@\s]+|[1-9]\d{16}[\dXx]")

Scalar = str | int | bool | None
Payload = dict[str, Scalar | list[Scalar]]


class PayloadError(ValueError):
    """A payload does not have the declared keys, or holds something that is not an id, a code, a time or a boolean."""


@dataclass(frozen=True)
class EventType:
    """What an app publishes: a name `<app>.<past_tense>` and the exact payload keys.

    Declare it once, at module level of `<app>/events.py`. Consumers subscribe by name and never import it.
    """

    name: str
    keys: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise ImproperlyConfigured(f"{self.name!r} is not an event name of the form app.past_tense.")
        known = _declared.setdefault(self.name, self)
        if set(known.keys) != set(self.keys):
            raise ImproperlyConfigured(f"The event {self.name} is declared twice with different keys.")


_declared: dict[str, EventType] = {}


def declared() -> dict[str, EventType]:
    """Return all declared event types by name; an architecture test compares them with the subscriptions."""
    return dict(_declared)


def checked_payload(event_type: EventType, payload: Mapping[str, Any]) -> Payload:
    """Return the payload as it is stored: times as ISO text, UUIDs as text. Raises `PayloadError`.

    The trail must never hold personal data, so that erasing a person needs no rewriting. Hence no long strings, no
    Chinese text, nothing that looks like a telephone number, an e-mail address or an identity number.
    """
    if set(payload) != set(event_type.keys):
        wrong = sorted(set(payload) ^ set(event_type.keys))
        raise PayloadError(f"{event_type.name}: keys {wrong} are missing or not declared.")
    return {key: _checked(event_type, key, value) for key, value in payload.items()}


def _checked(event_type: EventType, key: str, value: Any) -> Scalar | list[Scalar]:
    if not isinstance(value, list | tuple):
        return _scalar(event_type, key, value)
    if len(value) > LONGEST_LIST:
        raise PayloadError(f"{event_type.name}: {key} lists more than {LONGEST_LIST} things.")
    return [_scalar(event_type, key, item) for item in value]


def _scalar(event_type: EventType, key: str, value: Any) -> Scalar:
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, datetime) and value.tzinfo is None:
        raise PayloadError(f"{event_type.name}: {key} is a time without a zone.")
    if isinstance(value, date):  # a datetime is one, too
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    if not isinstance(value, str):
        raise PayloadError(f"{event_type.name}: {key} is a {type(value).__name__}; ids, codes, times, booleans only.")
    if problem := text_problem(value):
        raise PayloadError(f"{event_type.name}: {key} {problem}.")  # never the value itself
    return str(value)


def text_problem(text: str) -> str:
    """Say why a string may not enter the trail, or return ""."""
    if len(text) > LONGEST_STRING:
        return f"is longer than {LONGEST_STRING} characters"
    if _CJK.search(text):
        return "holds Chinese text"
    if _PERSONAL.fullmatch(text.strip()):
        return "looks like personal data"
    return ""


DELIVERY_RETRIED = EventType("outbox.delivery_retried", ("event_uuid",))
