"""What a text looks like once it is filled, with invented values: for whoever writes it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from governance.errors import DomainError
from governance.notifications import texts
from governance.notifications.groups import Place, place_of
from governance.notifications.models import Language, TemplateChannel
from governance.notifications.registry import EMAIL, LINK, SMS, NoticeKind
from governance.notifications.sms import segments
from governance.notifications.texts import Overrides, OwnText

SAMPLE_NOW = datetime.fromisoformat("2026-11-20T09:00:00+08:00")  # the day on which the examples are read


@dataclass(frozen=True, slots=True)
class Preview:
    """One filled text; `parts` is how many SMS it takes, 0 for a letter."""

    channel: str
    language: str
    label: str | Promise
    subject: str
    body: str
    parts: int

    @property
    def length(self) -> int:
        """Characters of an SMS."""
        return len(self.body)


LABELS = {
    (TemplateChannel.LETTER, Language.CHINESE): _("中文邮件"),
    (TemplateChannel.LETTER, Language.ENGLISH): _("英文邮件"),
    (TemplateChannel.SMS, Language.CHINESE): _("中文短信"),
    (TemplateChannel.SMS, Language.ENGLISH): _("英文短信"),
}


def variants(kind: NoticeKind) -> list[tuple[TemplateChannel, Language]]:
    """Return the (channel, language) in which a kind has a text: a telephone's only where it may go to one."""
    return [key for key in LABELS if key[0] == TemplateChannel.LETTER or kind.group.has_sms]


def places(kind: NoticeKind) -> list[tuple[str, Place]]:
    """Return what may stand in the texts of a kind, with meaning and example, in the order in which it declares it."""
    names = [*kind.context_keys, *(key for key in kind.late_keys if key not in kind.context_keys), LINK]
    found = {name: place_of(kind.key, name) for name in dict.fromkeys(names)}
    return [(name, place if place is not None else Place("", _unexplained(name))) for name, place in found.items()]


def _unexplained(name: str) -> str:
    return SAMPLE_NOW.isoformat() if name.endswith("_at") else name


def previews(kind: NoticeKind, overrides: Overrides) -> list[Preview]:
    """Return all texts of a kind, filled with examples; one that cannot be filled is left out."""
    values = {name: place.example for name, place in places(kind)}
    return list(_filled(kind, values, overrides))


def _filled(kind: NoticeKind, values: dict[str, Any], overrides: Overrides) -> Iterable[Preview]:
    for channel, language in variants(kind):
        is_sms = channel == TemplateChannel.SMS
        try:
            text = texts.fill(kind, language, values, overrides, SAMPLE_NOW, channel=SMS if is_sms else EMAIL)
        except (DomainError, ValueError):  # half-written braces
            continue
        if not is_sms:
            text = texts.email_text(text, str(values[LINK]), language)
        parts = segments(text.body) if is_sms else 0
        yield Preview(channel, language, LABELS[channel, language], *text[:2], parts)


def typed(kind: NoticeKind, channel: str, language: str, subject: str, body: str) -> Overrides:
    """Return what is being written as an override, for its preview."""
    return {(kind.key, channel, language): OwnText(subject, body, "", ())}
