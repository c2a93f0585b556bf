"""Writers of the office's own texts: every change is a version, and every version can come back."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from governance.access.viewer import Viewer
from governance.errors import DomainError, StaleState, constraint_errors
from governance.notifications.events import TEMPLATE_CHANGED
from governance.notifications.models import Language, MessageTemplate, TemplateChannel
from governance.notifications.permissions import Capability
from governance.notifications.registry import NoticeKind, get, placeholder_faults, placeholders_in
from governance.notifications.services.messages import require_for
from governance.outbox.services import publish
from governance.text import clean_text

SUBJECT_MAX, BODY_MAX, SMS_MAX, ID_MAX = 200, 4000, 500, 64
_WORDS = ("subject", "body", "provider_template_id", "parameters")


def template_save(
    *,
    kind: str,
    language: str,
    subject: str,
    body: str,
    actor: Viewer,
    at: datetime,
    channel: str = TemplateChannel.LETTER,
    provider_template_id: str = "",
    parameters: Sequence[str] | None = None,
    seen: int | None = None,
) -> MessageTemplate:
    """Replace the text of a kind of notice in one language by the office's own; the same words make no new version.

    For SMS, `provider_template_id` is the id under which the gateway has approved these words, and `parameters` the
    placeholders that it takes, in its order (None: as they stand in the words); an SMS shows no subject.
    `seen` is the number of the version that the editor saw (0: none yet).

    Raises `DomainError` with the field when the kind is unknown, a text is empty or too long, a placeholder is not
    one of the kind's keys, or one without which the text is of no use is missing: a typing mistake must show now,
    not in a citizen's letter. `StaleState` when somebody else saved meanwhile.
    """
    known = _known(kind, channel, language, actor)
    is_sms = channel == TemplateChannel.SMS
    words: dict[str, Any] = {
        "subject": "" if is_sms else clean_text(subject, multiline=False),
        "body": clean_text(body, multiline=not is_sms),
        "provider_template_id": clean_text(provider_template_id, multiline=False),
        "parameters": [],
    }
    texts_check(known, subject=words["subject"], body=words["body"], is_sms=is_sms)
    if len(words["provider_template_id"]) > ID_MAX:
        raise DomainError("too_long", _("模板编号太长了"), field="provider_template_id")
    if is_sms:
        words["parameters"] = _parameters(known, words["body"], parameters)
    return _write(kind, channel, language, words, actor, at, seen)


def template_restore(
    *, kind: str, channel: str, language: str, number: int, actor: Viewer, at: datetime
) -> MessageTemplate | None:
    """Use an earlier version again, as a new version; `number` 0 is the built-in text.

    Returns None when the built-in text is in use already. Raises `DomainError` when there is no such version, or when
    a kind has lost a placeholder that it speaks of.
    """
    known = _known(kind, channel, language, actor)
    versions = MessageTemplate.objects.filter(kind=kind, channel=channel, language=language)
    words: dict[str, Any] = {"subject": "", "body": "", "provider_template_id": "", "parameters": []}
    if number == 0 and not versions.exists():
        return None
    if number:
        version = versions.filter(number=number).first()
        if version is None:
            raise DomainError("version_unknown", _("没有这一版"))
        words = {name: getattr(version, name) for name in _WORDS}
        if version.body:
            texts_check(
                known, subject=version.subject, body=version.body, is_sms=channel == TemplateChannel.SMS, field=False
            )
    return _write(kind, channel, language, words, actor, at, None)


def texts_check(kind: NoticeKind, *, subject: str, body: str, is_sms: bool, field: bool = True) -> None:
    """Raise `DomainError`, beside its field, for words that could not be sent."""
    limits = {"body": SMS_MAX} if is_sms else {"subject": SUBJECT_MAX, "body": BODY_MAX}
    texts = {"subject": subject, "body": body}
    for name, most in limits.items():
        text, place = texts[name], name if field else None
        if not text:
            raise DomainError("text_required", _("请写上文字"), field=place)
        if len(text) > most:
            raise DomainError("too_long", _("写得太长了：最多 %(most)s 字") % {"most": most}, field=place)
        if faults := placeholder_faults(text, kind.placeholders):
            message = _("这里不能用 %(found)s。可以用的有：%(allowed)s") % {
                "found": " ".join(faults),
                "allowed": " ".join(f"{{{key}}}" for key in sorted(kind.placeholders)),
            }
            raise DomainError("placeholder_unknown", message, field=place)
    if missing := [name for name in kind.needed if name not in placeholders_in(body)]:
        message = _("少了 %(missing)s，没有它，收到的人用不了这条消息") % {
            "missing": " ".join(f"{{{name}}}" for name in missing)
        }
        raise DomainError("placeholder_missing", message, field="body" if field else None)


def _known(kind: str, channel: str, language: str, actor: Viewer) -> NoticeKind:
    require_for(actor, Capability.EDIT_TEMPLATE, "")
    known = get(kind)
    if known is None:
        raise DomainError("kind_unknown", _("没有这种提醒"), field="kind")
    if language not in Language.values:
        raise DomainError("language_unknown", _("没有这种语言"), field="language")
    if channel not in TemplateChannel.values:
        raise DomainError("channel_unknown", _("没有这个渠道"), field="channel")
    return known


def _parameters(kind: NoticeKind, body: str, given: Sequence[str] | None) -> list[str]:
    ordered = list(placeholders_in(body)) if given is None else list(given)
    if strange := [name for name in ordered if name not in kind.placeholders]:
        message = _("没有这个参数：%(found)s") % {"found": " ".join(strange)}
        raise DomainError("parameter_unknown", message, field="parameters")
    return ordered


def _write(
    kind: str,
    channel: str,
    language: str,
    words: Mapping[str, Any],
    actor: Viewer,
    at: datetime,
    seen: int | None,
) -> MessageTemplate:
    with constraint_errors(), transaction.atomic():
        versions = MessageTemplate.objects.filter(kind=kind, channel=channel, language=language)
        current = versions.select_for_update(of=("self",), no_key=True).filter(is_current=True).first()
        number = current.number if current is not None else 0
        if seen is not None and seen != number:
            raise StaleState("template_changed", _("别人刚改过这段文字，请看最新的再改；您写的还在下面"))
        if current is not None and all(getattr(current, name) == words[name] for name in _WORDS):
            return current
        versions.filter(is_current=True).update(is_current=False)
        template = MessageTemplate.objects.create(
            kind=kind,
            channel=channel,
            language=language,
            number=number + 1,
            changed_by=actor.user,
            changed_at=at,
            **words,
        )
        payload = {"kind": kind, "channel": channel, "language": language, "number": template.number}
        publish(TEMPLATE_CHANGED, subject=template, actor=actor, payload=payload, at=at)
    return template
