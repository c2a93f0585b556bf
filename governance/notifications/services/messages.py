"""Writers of messages: from events to rows, reading them, queueing failed ones again. Sending: `sending`."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import uuid4

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from governance.access.checks import can, require
from governance.access.viewer import Scope, Viewer
from governance.errors import DomainError, StaleState
from governance.notifications.events import MESSAGE_RETRIED
from governance.notifications.models import COUNTY_CODE_LENGTH, Message, State
from governance.notifications.nudging import nudge
from governance.notifications.permissions import Capability
from governance.notifications.registry import IN_APP, NoticeKind, Recipient, kinds_of
from governance.outbox.services import NewEvent, deliveries_drop, publish_many
from governance.privacy.services import log_read

# PRODUCT G: long enough to undo, short enough that nobody notices. What can be undone is undone within it.
DELAY = timedelta(seconds=10)
NOTIFY = "notifications.notify"  # the handler that turns events into messages
INSERT_CHUNK = 5000
WITHDRAWN = "withdrawn"

# Written once for all rows of a batch: through model instances the same rows cost many times the processor time.
# A message in the app is there as soon as its row is, unless it can be withdrawn; everything else waits for `sending`.
_INSERT = """
INSERT INTO notifications_message
    (kind, channel, recipient_ref, user_id, subject_ref, area_code, context, dedupe_key,
     state, attempts, error, language, not_before, next_at, sent_at, created_at)
SELECT kind, channel, recipient_ref, user_id, subject_ref, area_code, context::jsonb, dedupe_key,
       CASE channel WHEN 'in_app' THEN 'sent' ELSE 'queued' END, 0, '', '',
       CASE WHEN channel = 'in_app' AND NOT waits THEN %(at)s ELSE %(later)s END,
       CASE channel WHEN 'in_app' THEN NULL ELSE %(later)s END,
       CASE channel WHEN 'in_app' THEN %(at)s END,
       %(at)s
FROM unnest(%(kind)s::text[], %(channel)s::text[], %(recipient_ref)s::text[], %(user_id)s::bigint[],
            %(subject_ref)s::text[], %(area_code)s::text[], %(context)s::text[], %(dedupe_key)s::text[],
            %(waits)s::boolean[])
    AS told (kind, channel, recipient_ref, user_id, subject_ref, area_code, context, dedupe_key, waits)
ON CONFLICT (dedupe_key) DO NOTHING
"""


class _Row(NamedTuple):
    """What differs from message to message."""

    kind: str
    channel: str
    recipient_ref: str
    user_id: int | None
    subject_ref: str
    area_code: str
    context: str
    dedupe_key: str
    waits: bool


def messages_create(*, kinds: Sequence[NoticeKind], events: Sequence[Any], at: datetime) -> int:
    """Write the messages that these events lead to; return how many rows were asked for.

    Rows that are there already, from an earlier delivery or from another worker at this moment, are left alone:
    one `INSERT ... ON CONFLICT DO NOTHING` for 5,000 rows. Rows go in by the order of their key, so that two workers
    with the same rows wait for each other instead of dead-locking. Raises `DomainError` when a kind gives a context
    without its declared keys, or tells somebody in the app who does not sign in: faults of the program.
    """
    rows: dict[str, _Row] = {}
    for kind in kinds:
        audiences, contexts = kind.audiences(events), kind.contexts(events)
        for event, recipients, context in zip(events, audiences, contexts, strict=True):
            if set(context) != set(kind.context_keys):
                raise DomainError(
                    "context_keys", f"{kind.key}: context {sorted(context)} instead of {sorted(kind.context_keys)}"
                )
            for row in _rows_of(kind, event, recipients, json.dumps(dict(context), ensure_ascii=False)):
                rows.setdefault(row.dedupe_key, row)
    ordered = [rows[key] for key in sorted(rows)]
    with transaction.atomic(), connection.cursor() as cursor:
        for start in range(0, len(ordered), INSERT_CHUNK):
            columns = zip(
                _Row._fields, map(list, zip(*ordered[start : start + INSERT_CHUNK], strict=True)), strict=True
            )
            cursor.execute(_INSERT, {**dict(columns), "at": at, "later": at + DELAY})
    return len(ordered)


def message_send(
    *,
    kind: NoticeKind,
    channel: str,
    recipient_ref: str,
    at: datetime,
    subject_ref: str = "",
    address: str = "",
    language: str = "",
    secret: Mapping[str, Any] | None = None,
    expires_at: datetime | None = None,
    once: str = "",
) -> Message:
    """Queue one message that no event leads to, such as a one-time code; it goes out at once, without a delay.

    `secret` are the kind's late values; they are stored encrypted, sent, and then gone. `address` is where it goes
    instead of what is known of the recipient, `language` the one of the page that asked. With the same `once` a
    second call returns the first message. Raises `DomainError` when `secret` is not what the kind declares.
    """
    if set(secret or {}) != set(kind.late_keys):
        raise DomainError("secret_keys", f"{kind.key}: {sorted(secret or {})} instead of {sorted(kind.late_keys)}")
    about = subject_ref or recipient_ref
    user_id = Recipient(recipient_ref).user_id
    with transaction.atomic():
        message, created = Message.objects.get_or_create(
            dedupe_key=dedupe_key(kind.key, about, once or uuid4().hex, recipient_ref, channel),
            defaults={
                "kind": kind.key,
                "channel": channel,
                "recipient_ref": recipient_ref,
                "user_id": user_id,
                "subject_ref": about,
                "context": {},
                "address": address or None,
                "language": language,
                "secret": dict(secret) if secret else None,
                "expires_at": expires_at,
                "state": State.QUEUED,
                "not_before": at,
                "next_at": at,
                "created_at": at,
            },
        )
        if created:
            nudge()
    return message


def dedupe_key(kind: str, subject_ref: str, discriminator: str, recipient_ref: str, channel: str) -> str:
    """Return the digest that makes a message unique: the same notice to the same person is one row."""
    return hashlib.sha256("\x1f".join([kind, subject_ref, discriminator, recipient_ref, channel]).encode()).hexdigest()


def _rows_of(kind: NoticeKind, event: Any, recipients: Iterable[Recipient], context: str) -> Iterator[_Row]:
    about, discriminator = kind.about(event), kind.dedupe(event)
    for recipient in recipients:
        user_id = recipient.user_id
        for channel in recipient.channels:
            if channel == IN_APP and user_id is None:
                raise DomainError("in_app_needs_user", f"{kind.key}: {recipient.ref} does not sign in")
            digest = dedupe_key(kind.key, about, discriminator, recipient.ref, channel)
            yield _Row(
                kind.key,
                channel,
                recipient.ref,
                user_id,
                about,
                event.area_code,
                context,
                digest,
                kind.can_be_withdrawn,
            )


def messages_withdraw(*, events: Sequence[Any], at: datetime) -> None:
    """Take back what these events say, because what they tell is undone in the caller's transaction.

    Nothing slips through: a worker that turns the events into messages just now is waited for, and a message that
    waits is locked before it is skipped. Raises `StaleState` where one is out already.
    """
    with transaction.atomic():
        deliveries_drop(event_ids=[event.pk for event in events], handler=NOTIFY, at=at)
        keys = [row.dedupe_key for event in events for kind in kinds_of(event.name) for row in _rows_for(kind, event)]
        found = Message.objects.filter(dedupe_key__in=keys)
        rows = list(found.order_by("pk").select_for_update(of=("self",), no_key=True))
        if any(_is_out(row, at) for row in rows):
            raise StaleState("message_out", _("通知已经发出，不能再撤回"))
        found.exclude(state=State.FAILED).update(state=State.SKIPPED, error=WITHDRAWN, next_at=None, sent_at=None)


def _rows_for(kind: NoticeKind, event: Any) -> Iterator[_Row]:
    return _rows_of(kind, event, kind.audiences([event])[0], "")


def _is_out(message: Message, at: datetime) -> bool:
    if message.channel == IN_APP:
        return message.not_before <= at and message.state == State.SENT
    return message.state in (State.SENDING, State.SENT, State.DIGEST)


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
    require(actor, capability, _scope_for(actor, capability, area_code))


def may_for(actor: Viewer, capability: str, area_code: str) -> bool:
    """Whether `require_for` lets the actor pass: for the buttons of a page."""
    return can(actor, capability, _scope_for(actor, capability, area_code))


def _scope_for(actor: Viewer, capability: str, area_code: str) -> Scope:
    if area_code or actor.kind == "system":
        return Scope(area_code)
    widest = min(actor.areas(capability), key=len, default="")
    return Scope(widest if widest and len(widest) <= COUNTY_CODE_LENGTH else "")
