"""Writer of the office's own texts."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from governance.access.viewer import Viewer
from governance.errors import DomainError, constraint_errors
from governance.notifications.events import TEMPLATE_CHANGED
from governance.notifications.models import Language, MessageTemplate, TemplateChannel
from governance.notifications.permissions import Capability
from governance.notifications.registry import get, placeholder_faults, placeholders_in
from governance.notifications.services.messages import require_for
from governance.outbox.services import publish


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
) -> MessageTemplate:
    """Replace the text of a kind of notice in one language by the office's own.

    For SMS, `provider_template_id` is the id under which the gateway has approved these words, and `parameters` the
    placeholders that it takes, in its order (None: as they stand in the words); an SMS shows no subject.

    Raises `DomainError` with the field when the kind is unknown, a text is empty, or a placeholder is not one of the
    kind's keys: a typing mistake must show now, not in a citizen's letter.
    """
    require_for(actor, Capability.EDIT_TEMPLATE, "")
    known = get(kind)
    if known is None:
        raise DomainError("kind_unknown", _("没有这种提醒"), field="kind")
    if language not in Language.values:
        raise DomainError("language_unknown", _("没有这种语言"), field="language")
    if channel not in TemplateChannel.values:
        raise DomainError("channel_unknown", _("没有这个渠道"), field="channel")
    texts = {"body": body} if channel == TemplateChannel.SMS else {"subject": subject, "body": body}
    for name, text in texts.items():
        if not text.strip():
            raise DomainError("text_required", _("请写上文字"), field=name)
        faults = placeholder_faults(text, known.placeholders)
        if faults:
            message = _("这里不能用 %(found)s。可以用的有：%(allowed)s") % {
                "found": " ".join(faults),
                "allowed": " ".join(f"{{{key}}}" for key in sorted(known.placeholders)),
            }
            raise DomainError("placeholder_unknown", message, field=name)
    ordered = list(placeholders_in(body)) if parameters is None else list(parameters)
    if strange := [name for name in ordered if name not in known.placeholders]:
        message = _("没有这个参数：%(found)s") % {"found": " ".join(strange)}
        raise DomainError("parameter_unknown", message, field="parameters")
    with constraint_errors(), transaction.atomic():
        template, _created = MessageTemplate.objects.update_or_create(
            kind=kind,
            channel=channel,
            language=language,
            defaults={
                "subject": subject.strip(),
                "body": body.strip(),
                "provider_template_id": provider_template_id.strip(),
                "parameters": ordered if channel == TemplateChannel.SMS else [],
                "changed_at": at,
            },
        )
        publish(
            TEMPLATE_CHANGED,
            subject=template,
            actor=actor,
            payload={"kind": kind, "channel": channel, "language": language},
            at=at,
        )
    return template
