"""Sending what is due: claim in a transaction of its own, send outside any, then write down what became of it.

A crash between sending and writing it down sends a second time: at least once is the promise, and the Message-ID,
which stays the same over all attempts, lets the receiving side drop the repetition.
"""

import smtplib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parseaddr

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.db.models import F

from governance.errors import DomainError
from governance.notifications import contacts, texts
from governance.notifications.models import Message, State
from governance.text import mask_personal_data

BATCH = 20  # with the time-out of the mail connection, a whole batch ends well before STUCK_AFTER
BACKOFF = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2))
MAX_ATTEMPTS = len(BACKOFF) + 1
STUCK_AFTER = timedelta(minutes=5)
NO_ADDRESS = "no_address"
NO_ANSWER = "no_answer"

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


def release_stuck(*, at: datetime) -> int:
    """Return messages whose worker died between claim and answer to the queue; give up after the last attempt."""
    stuck = Message.objects.filter(state=State.SENDING, claimed_at__lt=at - STUCK_AFTER)
    given_up = stuck.filter(attempts__gte=MAX_ATTEMPTS).update(state=State.FAILED, claimed_at=None, error=NO_ANSWER)
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


def send_claimed(messages: Sequence[Message], *, at: datetime) -> Outcome:
    """Send messages that this worker has claimed and write down each outcome at once.

    If the program fails in the middle, the messages not tried yet go back to the queue.
    """
    if not messages:
        return Outcome()
    addresses = contacts.resolve(message.recipient_ref for message in messages)
    overrides = texts.overrides_for(message.kind for message in messages)
    late = texts.late_values(messages)
    texts.add_staff_links(messages, late)
    connection = get_connection()
    unreachable = _open(connection)
    waiting, sent, failed, skipped = {message.pk for message in messages}, 0, 0, 0
    try:
        for message, values in zip(messages, late, strict=True):
            contact = addresses.get(message.recipient_ref)
            waiting.discard(message.pk)
            if contact is None or not contact.email:
                _finish(message, state=State.SKIPPED, error=NO_ADDRESS)
                skipped += 1
                continue
            language = texts.language_of(contact.language)
            try:
                text = texts.for_email(message, language, overrides, values)
                if unreachable is not None:
                    raise unreachable
                _mail(message, text, contact.email, connection).send()
            except SEND_ERRORS as error:
                _finish_badly(message, error, at)
                failed += 1
            else:
                kept = texts.for_email(message, language, overrides, texts.without_late(message, values))
                _finish(message, state=State.SENT, sent_at=at, error="", body=f"{kept.subject}\n\n{kept.body}")
                sent += 1
    finally:
        _put_back(messages, waiting, at)
        connection.close()
    return Outcome(len(messages), sent, failed, skipped)


def send_batch(*, at: datetime) -> Outcome:
    """Claim and send one batch."""
    return send_claimed(claim(at=at), at=at)


def message_id(message: Message) -> str:
    """Return the provider key: the same for every attempt, so that a repetition can be recognised."""
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
    return f"<{message.dedupe_key[:40]}@{domain}>"


def _open(connection: BaseEmailBackend) -> Exception | None:
    """Open the mail connection once a batch; a dead server then costs one time-out, not one a message."""
    try:
        connection.open()
    except (smtplib.SMTPException, OSError) as error:
        return error
    return None


def _mail(message: Message, text: texts.Text, address: str, connection: BaseEmailBackend) -> EmailMessage:
    return EmailMessage(
        subject=text.subject,
        body=text.body,
        to=[address],
        headers={"Message-ID": message_id(message), "Auto-Submitted": "auto-generated"},
        connection=connection,
    )


def _finish_badly(message: Message, error: Exception, at: datetime) -> None:
    reason = mask_personal_data(f"{type(error).__name__}: {error}")[:500]
    if message.attempts >= MAX_ATTEMPTS:
        _finish(message, state=State.FAILED, error=reason)
    else:
        _finish(message, state=State.QUEUED, next_at=at + BACKOFF[message.attempts - 1], error=reason)


def _finish(message: Message, **values: object) -> None:
    """Write the outcome, unless the claim was lost to another worker meanwhile (`attempts` is the fence)."""
    Message.objects.filter(pk=message.pk, state=State.SENDING, attempts=message.attempts).update(
        claimed_at=None, **values
    )


def _put_back(messages: Sequence[Message], waiting: set[int], at: datetime) -> None:
    for message in messages:
        if message.pk in waiting:
            Message.objects.filter(pk=message.pk, state=State.SENDING, attempts=message.attempts).update(
                state=State.QUEUED, claimed_at=None, next_at=at, attempts=message.attempts - 1
            )
