"""Writers of messages: from events to rows, reading them, queueing failed ones again. Sending: `sending`."""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from governance.access.checks import require
from governance.access.viewer import Scope, Viewer
from governance.errors import DomainError
from governance.notifications.events import MESSAGE_RETRIED
from governance.notifications.models import COUNTY_CODE_LENGTH, Message, State
from governance.notifications.nudging import nudge
from governance.notifications.permissions import Capability
from governance.notifications.registry import IN_APP, NoticeKind, Recipient
from governance.outbox.services import NewEvent, publish_many
from governance.privacy.services import log_read

DELAY = timedelta(seconds=10)  # PRODUCT G: long enough to undo, short enough that nobody notices
INSERT_CHUNK = 1000


def messages_create(*, kinds: Sequence[NoticeKind], events: Sequence[Any], at: datetime) -> int:
    """Write the messages that these events lead to; return how many rows were asked for.

    Rows that are there already, from an earlier delivery or from another worker at this moment, are left alone:
    one `INSERT ... ON CONFLICT DO NOTHING` a thousand rows. Rows go in by the order of their key, so that two workers
    with the same rows wait for each other instead of dead-locking.
    """
    rows: dict[str, Message] = {}
    for kind in kinds:
        audiences, contexts = kind.audiences(events), kind.contexts(events)
        for event, recipients, context in zip(events, audiences, contexts, strict=True):
            if set(context) != set(kind.context_keys):
                raise DomainError(
                    "context_keys", f"{kind.key}: context {sorted(context)} instead of {sorted(kind.context_keys)}"
                )
            for message in _messages_of(kind, event, recipients, dict(context), at):
                rows.setdefault(message.dedupe_key, message)
    ordered = [rows[key] for key in sorted(rows)]
    with transaction.atomic():
        Message.objects.bulk_create(ordered, batch_size=INSERT_CHUNK, ignore_conflicts=True)
    return len(ordered)


def dedupe_key(kind: str, subject_ref: str, discriminator: str, recipient_ref: str, channel: str) -> str:
    """Return the digest that makes a message unique: the same notice to the same person is one row."""
    return hashlib.sha256("|".join([kind, subject_ref, discriminator, recipient_ref, channel]).encode()).hexdigest()


def _messages_of(
    kind: NoticeKind, event: Any, recipients: Iterable[Recipient], context: dict[str, Any], at: datetime
) -> Iterable[Message]:
    subject_ref, discriminator = kind.about(event), kind.dedupe(event)
    for recipient in recipients:
        for channel in recipient.channels:
            if channel == IN_APP and recipient.user_id is None:
                raise DomainError("in_app_needs_user", f"{kind.key}: {recipient.ref} does not sign in")
            arrived = channel == IN_APP  # the row itself is the message
            yield Message(
                kind=kind.key,
                channel=channel,
                recipient_ref=recipient.ref,
                user_id=recipient.user_id,
                subject_ref=subject_ref,
                area_code=event.area_code,
                context=context,
                dedupe_key=dedupe_key(kind.key, subject_ref, discriminator, recipient.ref, channel),
                state=State.SENT if arrived else State.QUEUED,
                not_before=at if arrived else at + DELAY,
                next_at=None if arrived else at + DELAY,
                created_at=at,
                sent_at=at if arrived else None,
            )


def message_mark_read(*, message_id: int, actor: Viewer, at: datetime) -> Message:
    """Mark one of the actor's own in-app messages as read; a message read before keeps its time.

    Raises `Message.DoesNotExist` for anybody else's message: it is not known to this person.
    """
    with transaction.atomic():
        message = (
            Message.objects.inbox_of(actor.user_id or 0).select_for_update(of=("self",), no_key=True).get(pk=message_id)
        )
        if message.read_at is None:
            message.read_at = at
            message.save(update_fields=["read_at"])
    return message


def messages_mark_all_read(*, actor: Viewer, at: datetime) -> int:
    """Mark all of the actor's in-app messages as read; return how many were not."""
    return Message.objects.inbox_of(actor.user_id or 0).unread().update(read_at=at)


def message_text_read(*, message: Message, actor: Viewer, at: datetime) -> str:
    """Return the text that was sent, "" for none, and record that the actor has read it. 0 or 1 SQL."""
    require_for(actor, Capability.VIEW_LOG, message.area_code)
    if not message.body:
        return ""
    log_read(user_id=actor.user_id, subject=message, fields=["body"], purpose="notifications.log", at=at)
    return str(message.body)


def messages_retry(*, message_ids: Sequence[int], actor: Viewer, at: datetime) -> int:
    """Queue failed messages again, at once and with all attempts before them; return how many.

    Messages that are not failed (any more) are left alone, so that two people who press the button send once.
    Raises `Forbidden` when one of them lies outside the actor's grant. 4 SQL, whatever the number.
    """
    with transaction.atomic():
        failed = list(
            Message.objects.filter(pk__in=message_ids, state=State.FAILED)
            .order_by("pk")
            .select_for_update(of=("self",), no_key=True)
        )
        for message in failed:
            require_for(actor, Capability.RETRY, message.area_code)
        if not failed:
            return 0
        Message.objects.filter(pk__in=[message.pk for message in failed]).update(
            state=State.QUEUED, attempts=0, next_at=at, error=""
        )
        publish_many(
            NewEvent(event_type=MESSAGE_RETRIED, subject=message, actor=actor, area_code=message.area_code, at=at)
            for message in failed
        )
        nudge()
    return len(failed)


def require_for(actor: Viewer, capability: str, area_code: str) -> None:
    """Raise `Forbidden` unless the actor holds the capability where the message's matter lies.

    What lies in no area is for those who hold it for a whole district, as in the model's visibility rules.
    """
    if area_code or actor.kind == "system":
        require(actor, capability, Scope(area_code))
    else:
        widest = min(actor.areas(capability), key=len, default="")
        require(actor, capability, Scope(widest if widest and len(widest) <= COUNTY_CODE_LENGTH else ""))
