"""Kinds of notice: which event tells whom what. Apps register theirs in `<app>/notices.py`.

A kind says who hears of an event (`audience`), what the text may speak of (`context`) and the default text in both
languages. The text, the address and the link are looked up at the moment of sending, so that a corrected address
or a better template reaches the messages already waiting.
"""

import string
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.utils.functional import Promise

from governance.notifications.groups import OTHER, NoticeGroup

IN_APP = "in_app"
EMAIL = "email"
SMS = "sms"
WEBHOOK = "webhook"
USER_PREFIX = "access.user"

LINK = "link"
BUILT_IN_KEYS = frozenset({LINK})


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody who hears of an event, as a reference ("access.user:5"), and over which channels.

    People who sign in read in-app messages; everybody else has only channels that need an address: a mailbox, a
    mobile number, or the address of an office's group robot.
    """

    ref: str
    channels: tuple[str, ...] = (IN_APP, EMAIL)

    @property
    def user_id(self) -> int | None:
        """Primary key of the person, when the reference is to one who signs in."""
        prefix, _, pk = self.ref.partition(":")
        return int(pk) if prefix == USER_PREFIX else None


def user_recipient(user_id: int, *channels: str) -> Recipient:
    """Return the recipient for a person who signs in; all channels unless some are named."""
    ref = f"{USER_PREFIX}:{user_id}"
    return Recipient(ref, channels) if channels else Recipient(ref)


def _by_event(event: Any) -> str:
    return str(event.uuid)


def _about_subject(event: Any) -> str:
    return str(event.subject_ref)


@dataclass(frozen=True)
class NoticeKind:
    """One kind of notice.

    `key` is "<app_label>.<name>" and stays for ever: stored messages name it. `event` is the event's name.
    `context(event)` returns exactly `context_keys`: ids, codes, times and names that are not personal data. Values:
    text, numbers, None, `{"zh": ..., "en": ...}` where the languages differ, lists of these (one a line), and ISO
    times under keys that end in `_at` (shown as local time).
    Texts hold `{placeholders}` of those keys, of `late_keys`, or `{link}`.

    `dedupe(event)` tells apart two notices of this kind about the same subject to the same person, for example the
    clock and its level; what makes the same answer twice is sent once. By default each event counts for itself.

    `late(messages)` returns, for each message in order, values that are looked up only when the text is made: what
    must not be stored in the context, such as a tracking link (key "link": a path of the portal). Without it, staff
    get the link of the subject's reference kind.

    `sms_zh` and `sms_en` are what a telephone shows, in one line; without them it shows the subject and the link.

    A kind without `event` is sent by a service itself (`message_send`), such as a one-time code: its `late_keys` are
    then the secrets that the service hands over.

    `audience_many` and `context_many` answer for a whole batch of events at once; give them where a batch can hold
    thousands (escalations), so that the number of SQL statements does not grow with it.

    `group` is what people choose by. `needed` are placeholders without which the text is of no use, such as the code
    in a message that brings one: an office's own words must have them, too. `is_urgent` kinds do not wait for the end
    of somebody's quiet hours: whoever they go to is waiting for them, or must act in the night.

    `can_be_withdrawn`: what it tells can be undone for some seconds; until then it waits in the app, too.
    """

    key: str
    event: str
    title: str | Promise
    audience: Callable[[Any], Iterable[Recipient]]
    context: Callable[[Any], Mapping[str, Any]]
    context_keys: Sequence[str]
    subject_zh: str
    body_zh: str
    subject_en: str
    body_en: str
    dedupe: Callable[[Any], str] = _by_event
    about: Callable[[Any], str] = _about_subject
    late: Callable[[Sequence[Any]], Sequence[Mapping[str, Any]]] | None = None
    late_keys: Sequence[str] = ()
    sms_zh: str = ""
    sms_en: str = ""
    audience_many: Callable[[Sequence[Any]], Sequence[Iterable[Recipient]]] | None = None
    context_many: Callable[[Sequence[Any]], Sequence[Mapping[str, Any]]] | None = None
    group: NoticeGroup = OTHER
    needed: Sequence[str] = ()
    is_urgent: bool = False
    can_be_withdrawn: bool = False
    placeholders: frozenset[str] = field(init=False, default=frozenset())

    def __post_init__(self) -> None:
        allowed = frozenset(self.context_keys) | frozenset(self.late_keys) | BUILT_IN_KEYS
        object.__setattr__(self, "placeholders", allowed)

    def text(self, language: str, channel: str = EMAIL) -> tuple[str, str]:
        """Return the default (subject, body) in a language; Chinese for all but English. A telephone has one line."""
        english = language == "en"
        subject, body = (self.subject_en, self.body_en) if english else (self.subject_zh, self.body_zh)
        if channel == SMS:
            return subject, (self.sms_en if english else self.sms_zh) or f"{subject} {{{LINK}}}"
        return subject, body

    def audiences(self, events: Sequence[Any]) -> Sequence[Iterable[Recipient]]:
        """Return the recipients of each event, in order."""
        if self.audience_many is not None:
            return self.audience_many(events)
        return [self.audience(event) for event in events]

    def contexts(self, events: Sequence[Any]) -> Sequence[Mapping[str, Any]]:
        """Return the context of each event, in order."""
        if self.context_many is not None:
            return self.context_many(events)
        return [self.context(event) for event in events]


def nobody(event: Any) -> Iterable[Recipient]:
    """Audience of a kind that no event leads to."""
    return ()


def nothing(event: Any) -> Mapping[str, Any]:
    """Context of a kind whose text speaks only of what is looked up, or handed over, when it is sent."""
    return {}


def placeholders_in(text: str) -> tuple[str, ...]:
    """Return the names of a text's placeholders in the order in which they first stand there."""
    return tuple(dict.fromkeys(name for _, name, _, _ in string.Formatter().parse(text) if name is not None))


def placeholder_faults(text: str, allowed: frozenset[str]) -> list[str]:
    """Return what is wrong with the placeholders of a text: unknown names, or anything but a plain `{name}`."""
    try:
        parts = list(string.Formatter().parse(text))
    except ValueError:
        return ["{"]
    return [
        f"{{{name}}}"
        for _, name, spec, conversion in parts
        if name is not None and (name not in allowed or spec or conversion)
    ]


_kinds: dict[str, NoticeKind] = {}


def register(kind: NoticeKind) -> NoticeKind:
    """Make a kind known. Two different registrations of one key are a fault of the program."""
    if _kinds.setdefault(kind.key, kind) != kind:
        raise ImproperlyConfigured(f"The notice kind {kind.key!r} is registered twice.")
    return kind


def unregister(key: str) -> None:
    """Forget a kind (tests register their own)."""
    _kinds.pop(key, None)


def get(key: str) -> NoticeKind | None:
    """Return a kind by its key; None for a stored message whose kind no code declares any more."""
    return _kinds.get(key)


def all_kinds() -> list[NoticeKind]:
    """Return all kinds, ordered by key."""
    return [_kinds[key] for key in sorted(_kinds)]


def kinds_of(event_name: str) -> list[NoticeKind]:
    """Return the kinds that an event leads to, ordered by key."""
    return [kind for kind in all_kinds() if kind.event == event_name and event_name]


def groups_for(kind_of_person: str) -> list[NoticeGroup]:
    """Return the groups that a kind of person ("staff", "resident") gets notices of, ordered by key."""
    found = {kind.group.key: kind.group for kind in _kinds.values() if kind.group.chosen_by == kind_of_person}
    return [found[key] for key in sorted(found)]
