"""From a stored message to words in the reader's language."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.conf import settings
from django.utils.translation import gettext, override

from governance.access.viewer import SYSTEM, Viewer
from governance.errors import DomainError
from governance.notifications.models import Language, Message, MessageTemplate, TemplateChannel
from governance.notifications.registry import EMAIL, LINK, SMS, USER_PREFIX, WEBHOOK, NoticeKind, get, placeholders_in
from governance.refs import describe_many
from governance.web.words import date_words

NOT_KEPT = "[…]"
# A kind whose `late` gives this address lets mail programs offer "unsubscribe".
UNSUBSCRIBE = "unsubscribe"


class Text(NamedTuple):
    """Subject and body, ready to be read; of an SMS also the gateway's template and its (name, value) in order."""

    subject: str
    body: str
    template_id: str = ""
    parameters: tuple[tuple[str, str], ...] = ()
    language: str = ""
    unsubscribe: str = ""  # address at which one POST ends these letters (RFC 8058)

    @property
    def kept(self) -> str:
        """What the log keeps: a telephone shows no subject."""
        return "\n\n".join(part for part in (self.subject, self.body) if part)


class OwnText(NamedTuple):
    """The office's own words for one kind, channel and language."""

    subject: str
    body: str
    template_id: str
    parameters: tuple[str, ...]


Overrides = Mapping[tuple[str, str, str], OwnText]


def language_of(code: str | None) -> str:
    """Return the language a text is written in for somebody who prefers `code`: English or else Chinese."""
    return Language.ENGLISH if code == Language.ENGLISH else Language.CHINESE


def overrides_for(kinds: Iterable[str]) -> dict[tuple[str, str, str], OwnText]:
    """Return the office's own texts of these kinds as {(kind, template channel, language): text}: 1 SQL."""
    rows = MessageTemplate.objects.filter(kind__in=set(kinds), is_current=True).exclude(body="")
    return {
        (row.kind, row.channel, row.language): OwnText(
            row.subject, row.body, row.provider_template_id, tuple(row.parameters)
        )
        for row in rows
    }


def template_channel(channel: str) -> str:
    """Return which text a channel uses."""
    return TemplateChannel.SMS if channel == SMS else TemplateChannel.LETTER


def late_values(messages: Sequence[Message]) -> list[dict[str, Any]]:
    """Return for each message what its kind looks up only when the text is made, one call a kind, and its secret."""
    values: list[dict[str, Any]] = [dict(message.secret or {}) for message in messages]
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
        if LINK not in values[place]
        and (message.channel == WEBHOOK or message.recipient_ref.startswith(f"{USER_PREFIX}:"))
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
    values = {**message.context, **(late or {})}
    return fill(kind, language, values, overrides, message.created_at, channel=message.channel)


def fill(
    kind: NoticeKind,
    language: str,
    values: Mapping[str, Any],
    overrides: Overrides,
    now: datetime,
    *,
    channel: str = EMAIL,
) -> Text:
    """Put values into the kind's text, the office's own if there is one; `now` is the time the text speaks from."""
    own = overrides.get((kind.key, template_channel(channel), language))
    subject, body = (own.subject, own.body) if own is not None else kind.text(language, channel)
    with override(language):
        shown = {key: shown_value(key, value, language, now) for key, value in values.items()}
    shown[LINK] = absolute(shown.get(LINK, ""))
    try:
        filled = Text(" ".join(subject.format_map(shown).split()), body.format_map(shown).strip())
        if channel != SMS:
            return filled
        names = own.parameters if own is not None else placeholders_in(body)
        parameters = tuple((name, shown[name]) for name in names)
    except KeyError as missing:
        raise DomainError("placeholder_without_value", f"no value for {missing}") from missing
    return Text("", " ".join(filled.body.split()), own.template_id if own is not None else "", parameters, language)


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

    A tracking link lets its holder act as the requester, a code signs its holder in; staff who read the log must
    hold neither.
    """
    kind = get(message.kind)
    hidden = kind is not None and (kind.late is not None or message.secret is not None)
    return dict.fromkeys(late, NOT_KEPT) if hidden else dict(late)


def written(message: Message, language: str, overrides: Overrides, late: Mapping[str, Any]) -> Text:
    """Return the text as it goes out over the message's channel. Raises `DomainError` as `render` does."""
    text = render(message, language, overrides, late)
    if message.channel == EMAIL:
        letter = email_text(text, str(late.get(LINK, "")), language)
        return letter._replace(unsubscribe=str(late.get(UNSUBSCRIBE, "")))
    if message.channel == WEBHOOK:
        link = absolute(str(late.get(LINK, "")))
        body = text.body if not link or link in text.body else f"{text.body}\n{link}"
        return Text(text.subject, body)
    return text
