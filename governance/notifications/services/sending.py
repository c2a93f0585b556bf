"""Sending what is due: claim in a transaction of its own, send outside any, then write down what became of it.

A crash between sending and writing it down sends a second time: at least once is the promise, and the Message-ID,
which stays the same over all attempts, lets the receiving side drop the repetition.
"""

import smtplib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F

from governance.errors import DomainError
from governance.notifications import contacts, texts
from governance.notifications.blocking import address_indexes, blocked_among
from governance.notifications.carriers import CARRIERS, Carrier, message_id
from governance.notifications.contacts import Contact
from governance.notifications.models import Channel, Message, State
from governance.notifications.registry import get
from governance.notifications.wishes import AT_ONCE, DIGEST, NEVER, NOTHING_CHOSEN, Wish, wishes_of
from governance.text import mask_personal_data

__all__ = ["claim", "message_id", "release_stuck", "send_batch", "send_claimed"]

BATCH = 20  # with the time-outs of the carriers, a whole batch ends well before STUCK_AFTER
BACKOFF = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2))
MAX_ATTEMPTS = len(BACKOFF) + 1
STUCK_AFTER = timedelta(minutes=5)
NO_ADDRESS = "no_address"
NO_ANSWER = "no_answer"
TOO_LATE = "too_late"
DECLINED = "declined"
BLOCKED = "blocked"

# What a mail server, a network, an address or a text can do to one message. Anything else is a fault of the program:
# it ends the task loudly, and the message is tried again when it has been stuck long enough.
SEND_ERRORS = (smtplib.SMTPException, OSError, ValueError, DomainError)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one batch."""

    claimed: int = 0
    sent: int = 0
    failed: int = 0
    skipped: int = 0
    kept: int = 0  # for the end of somebody's quiet hours, or for their digest


def release_stuck(*, at: datetime) -> int:
    """Return messages whose worker died between claim and answer to the queue; give up after the last attempt."""
    stuck = Message.objects.filter(state=State.SENDING, claimed_at__lt=at - STUCK_AFTER)
    given_up = stuck.filter(attempts__gte=MAX_ATTEMPTS).update(
        state=State.FAILED, claimed_at=None, error=NO_ANSWER, secret=None
    )
    queued = stuck.update(state=State.QUEUED, claimed_at=None, next_at=at, error=NO_ANSWER)
    return given_up + queued


def claim(*, at: datetime, limit: int = BATCH) -> list[Message]:
    """Take up to `limit` due messages, oldest first, for this worker alone; the attempt counts from now.

    Messages over which a worker has died are taken last and one by one: whatever is wrong with one of them then
    stops no other. 2 or 3 SQL.
    """
    due = Message.objects.filter(state=State.QUEUED, next_at__lte=at)
    due = due.select_for_update(skip_locked=True, of=("self",), no_key=True)
    with transaction.atomic():
        taken = list(due.exclude(error=NO_ANSWER).order_by("next_at", "id")[:limit])
        if not taken:
            taken = list(due.filter(error=NO_ANSWER).order_by("next_at", "id")[:1])
        if not taken:
            return []
        Message.objects.filter(pk__in=[message.pk for message in taken]).update(
            state=State.SENDING, claimed_at=at, next_at=None, attempts=F("attempts") + 1
        )
    for message in taken:
        message.state, message.claimed_at, message.next_at = State.SENDING, at, None
        message.attempts += 1
    return taken


@dataclass(slots=True)
class _Batch:
    """What is looked up once for all messages of a batch, and what became of them."""

    contacts: Mapping[str, Contact]
    overrides: texts.Overrides
    wishes: Mapping[int | None, Wish]
    blocked: frozenset[str]
    at: datetime
    carriers: dict[str, Carrier] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=lambda: {"sent": 0, "failed": 0, "skipped": 0, "kept": 0})

    def carrier(self, channel: str) -> Carrier:
        """The channel's carrier, opened at its first message."""
        if channel not in self.carriers:
            self.carriers[channel] = CARRIERS[channel]()
        return self.carriers[channel]

    def contact(self, message: Message) -> Contact | None:
        """Whom the message reaches; a number of its own goes before what is known of the recipient."""
        known = self.contacts.get(message.recipient_ref)
        if message.address is None:
            return known
        given = str(message.address)
        language = message.language or (known.language if known is not None else "")
        contact = replace(known, language=language) if known is not None else Contact("", language, "")
        return replace(contact, phone=given) if message.channel == Channel.SMS else replace(contact, email=given)


def send_claimed(messages: Sequence[Message], *, at: datetime) -> Outcome:
    """Send messages that this worker has claimed and write down each outcome at once.

    If the program fails in the middle, the messages not tried yet go back to the queue.
    """
    if not messages:
        return Outcome()
    late = texts.late_values(messages)
    texts.add_staff_links(messages, late)
    found = contacts.resolve(message.recipient_ref for message in messages)
    batch = _Batch(
        contacts=found,
        blocked=blocked_among(_addresses(messages, found.values()), at=at),
        wishes=wishes_of(contact.user_id for contact in found.values()),
        overrides=texts.overrides_for(message.kind for message in messages),
        at=at,
    )
    waiting = {message.pk for message in messages}
    try:
        for message, values in zip(messages, late, strict=True):
            waiting.discard(message.pk)
            batch.counts[_send_one(message, values, batch)] += 1
    finally:
        _put_back(messages, waiting, at)
        for carrier in batch.carriers.values():
            carrier.close()
    return Outcome(len(messages), **batch.counts)


def _addresses(messages: Sequence[Message], found: Iterable[Contact]) -> list[str]:
    own = [str(message.address) for message in messages if message.address is not None]
    return own + [address for contact in found for address in (contact.email, contact.phone)]


def _send_one(message: Message, values: Mapping[str, Any], batch: _Batch) -> str:
    """Send one message and write down what became of it; return that as the name of a count."""
    if message.expires_at is not None and message.expires_at <= batch.at:
        _finish(message, state=State.SKIPPED, error=TOO_LATE)
        return "skipped"
    carrier, contact = batch.carrier(message.channel), batch.contact(message)
    address = carrier.address(contact) if contact is not None else ""
    if contact is None or not address:
        _finish(message, state=State.SKIPPED, error=NO_ADDRESS)
        return "skipped"
    if batch.blocked and not batch.blocked.isdisjoint(address_indexes(address)):
        _finish(message, state=State.SKIPPED, error=BLOCKED)
        return "skipped"
    if (outcome := _as_wished(message, contact, batch)) is not None:
        return outcome
    language = texts.language_of(contact.language)
    try:
        text = texts.written(message, language, batch.overrides, values)
        carrier.send(message, text, address)
    except SEND_ERRORS as error:
        _finish_badly(message, error, batch.at)
        return "failed"
    if not settings.LIREN_MESSAGE_PAGE:
        text = texts.written(message, language, batch.overrides, texts.without_late(message, values))
    _finish(message, state=State.SENT, sent_at=batch.at, error="", body=text.kept)
    return "sent"


def _as_wished(message: Message, contact: Contact, batch: _Batch) -> str | None:
    """Leave it out, keep it for the digest or for the end of the quiet hours, as its reader wants; None: send it now.

    A message that would be too late by then does not wait.
    """
    kind = get(message.kind)
    if kind is None:
        return None
    wish = batch.wishes.get(contact.user_id) or batch.wishes.get(None, NOTHING_CHOSEN)
    way = wish.way(kind.group, message.channel) if contact.user_id is not None else AT_ONCE
    if way == NEVER:
        _finish(message, state=State.SKIPPED, error=DECLINED)
        return "skipped"
    if way == DIGEST:
        _finish(message, state=State.DIGEST, user_id=contact.user_id)
        return "kept"
    end = None if kind.is_urgent else wish.quiet_end(batch.at)
    if end is None or (message.expires_at is not None and message.expires_at <= end):
        return None
    _finish(message, state=State.QUEUED, next_at=end, attempts=message.attempts - 1)
    return "kept"


def send_batch(*, at: datetime) -> Outcome:
    """Claim and send one batch."""
    return send_claimed(claim(at=at), at=at)


def _finish_badly(message: Message, error: Exception, at: datetime) -> None:
    reason = mask_personal_data(f"{type(error).__name__}: {error}")[:500]
    if message.attempts >= MAX_ATTEMPTS:
        _finish(message, state=State.FAILED, error=reason)
        return
    next_at = at + BACKOFF[message.attempts - 1]
    if message.expires_at is not None and message.expires_at <= next_at:
        _finish(message, state=State.FAILED, error=reason)
    else:
        _finish(message, state=State.QUEUED, next_at=next_at, error=reason)


def _finish(message: Message, **values: object) -> None:
    """Write the outcome, unless the claim was lost to another worker meanwhile (`attempts` is the fence).

    A secret is kept only as long as the message may still go out.
    """
    if values["state"] != State.QUEUED:
        values["secret"] = None
    Message.objects.filter(pk=message.pk, state=State.SENDING, attempts=message.attempts).update(
        claimed_at=None, **values
    )


def _put_back(messages: Sequence[Message], waiting: set[int], at: datetime) -> None:
    for message in messages:
        if message.pk in waiting:
            Message.objects.filter(pk=message.pk, state=State.SENDING, attempts=message.attempts).update(
                state=State.QUEUED, claimed_at=None, next_at=at, attempts=message.attempts - 1
            )
