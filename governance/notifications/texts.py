"""From a stored message to words in the reader's language."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.conf import settings
from django.utils.translation import gettext, override

from governance.access.viewer import SYSTEM, Viewer
from governance.errors import DomainError
from governance.notifications.models import Language, Message, MessageTemplate
from governance.notifications.registry import EMAIL, LINK, USER_PREFIX, NoticeKind, get
from governance.refs import describe_many
from governance.web.words import date_words

NOT_KEPT = "[…]"


class Text(NamedTuple):
    """Subject and body, ready to be read."""

    subject: str
    body: str


Overrides = Mapping[tuple[str, str], tuple[str, str]]


def language_of(code: str | None) -> str:
    """Return the language a text is written in for somebody who prefers `code`: English or else Chinese."""
    return Language.ENGLISH if code == Language.ENGLISH else Language.CHINESE


def overrides_for(kinds: Iterable[str]) -> dict[tuple[str, str], tuple[str, str]]:
    """Return the office's own texts of these kinds as {(kind, language): (subject, body)}: 1 SQL."""
    rows = MessageTemplate.objects.filter(kind__in=set(kinds)).values_list("kind", "language", "subject", "body")
    return {(kind, language): (subject, body) for kind, language, subject, body in rows}


def late_values(messages: Sequence[Message]) -> list[dict[str, Any]]:
    """Return for each message what its kind looks up only when the text is made: one call a kind."""
    values: list[dict[str, Any]] = [{} for _ in messages]
    places: dict[str, list[int]] = {}
    for place, message in enumerate(messages):
        places.setdefault(message.kind, []).append(place)
    for key, own in places.items():
        kind = get(key)
        if kind is not None and kind.late is not None:
            for place, late in zip(own, kind.late([messages[place] for place in own]), strict=True):
                values[place].update(late)
    return values


def add_staff_links(messages: Sequence[Message], values: Sequence[dict[str, Any]], viewer: Viewer = SYSTEM) -> None:
    """Give messages to staff that have no link yet the link of what they are about: 1 SQL a kind of subject."""
    linkless = [
        place
        for place, message in enumerate(messages)
        if LINK not in values[place] and message.recipient_ref.startswith(f"{USER_PREFIX}:")
    ]
    described = describe_many({messages[place].subject_ref for place in linkless}, viewer)
    for place in linkless:
        about = described.get(messages[place].subject_ref)
        values[place][LINK] = about.url if about is not None else ""


def render(message: Message, language: str, overrides: Overrides, late: Mapping[str, Any] | None = None) -> Text:
    """Return the text of a message in a language.

    Raises `DomainError` when no code declares the kind any more, or a placeholder has no value.
    """
    kind = get(message.kind)
    if kind is None:
        raise DomainError("kind_unknown", "unknown kind of notice")
    return fill(kind, language, {**message.context, **(late or {})}, overrides, message.created_at)


def fill(kind: NoticeKind, language: str, values: Mapping[str, Any], overrides: Overrides, now: datetime) -> Text:
    """Put values into the kind's text, the office's own if there is one; `now` is the time the text speaks from."""
    subject, body = overrides.get((kind.key, language)) or kind.text(language)
    with override(language):
        shown = {key: shown_value(key, value, language, now) for key, value in values.items()}
    shown[LINK] = absolute(shown.get(LINK, ""))
    try:
        return Text(" ".join(subject.format_map(shown).split()), body.format_map(shown).strip())
    except KeyError as missing:
        raise DomainError("placeholder_without_value", f"no value for {missing}") from missing


def shown_value(key: str, value: Any, language: str, now: datetime) -> str:
    """Return a context value as people read it: local times, the right language, one line an item."""
    if value is None or value == "":
        return ""
    if isinstance(value, Mapping):
        return str(value.get("en") or value.get("zh", "")) if language == Language.ENGLISH else str(value.get("zh", ""))
    if isinstance(value, list | tuple):
        return "\n".join(shown_value(key, item, language, now) for item in value)
    if key.endswith("_at"):
        return date_words(datetime.fromisoformat(value), now)
    return str(value)


def absolute(path: str) -> str:
    """Return the full address of a path of the portal; "" stays ""."""
    return f"{settings.PUBLIC_URL}{path}" if path.startswith("/") else path


def email_text(text: Text, link: str, language: str) -> Text:
    """Return the text as it goes out by e-mail: with the link, unless the text names it, and a closing line."""
    address = absolute(link)
    with override(language):
        closing = gettext("这封邮件由系统自动发出，请不要直接回复。")
        see = gettext("点这里查看：")
    parts = [text.body]
    if address and address not in text.body:
        parts.append(f"{see}\n{address}")
    parts.append(closing)
    return Text(text.subject, "\n\n".join(parts))


def without_late(message: Message, late: Mapping[str, Any]) -> dict[str, Any]:
    """Return the late values as the log may keep them: what the kind looks up late is not stored, so not here either.

    A tracking link lets its holder act as the requester; staff who read the log must not hold it.
    """
    kind = get(message.kind)
    return dict.fromkeys(late, NOT_KEPT) if kind is not None and kind.late is not None else dict(late)


def for_email(message: Message, language: str, overrides: Overrides, late: Mapping[str, Any]) -> Text:
    """Return subject and plain text body of an e-mail. Raises `DomainError` as `render` does."""
    if message.channel != EMAIL:
        raise ValueError("Only e-mail messages are written as e-mails.")
    return email_text(render(message, language, overrides, late), str(late.get(LINK, "")), language)
