"""How each channel takes a written message to its reader; one carrier serves one batch."""

import smtplib
from collections.abc import Callable
from email.utils import parseaddr
from typing import Protocol
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage, get_connection

from governance.notifications.contacts import Contact
from governance.notifications.models import Channel, Message
from governance.notifications.posting import PostError, encoded, post
from governance.notifications.sms import ShortMessage, provider
from governance.notifications.texts import Text
from governance.text import mobile_number

WEBHOOK_TIMEOUT = 5.0


class Carrier(Protocol):
    """One channel. `send` raises `OSError`, `SMTPException` or `ValueError` when the message was not taken."""

    def address(self, contact: Contact) -> str:
        """Where this contact is reached, "" if nowhere."""
        ...

    def send(self, message: Message, text: Text, address: str) -> None:
        """Hand the message over."""
        ...

    def close(self) -> None:
        """Let go of the connection."""
        ...


class Post:
    """E-mail: the connection is opened once a batch, so that a dead server costs one time-out, not one a message."""

    def __init__(self) -> None:
        self.connection = get_connection()
        self.unreachable: Exception | None = None
        try:
            self.connection.open()
        except (smtplib.SMTPException, OSError) as error:
            self.unreachable = error

    def address(self, contact: Contact) -> str:
        """The mailbox."""
        return contact.email

    def send(self, message: Message, text: Text, address: str) -> None:
        """Send one letter."""
        if self.unreachable is not None:
            raise self.unreachable
        headers = {"Message-ID": message_id(message), "Auto-Submitted": "auto-generated"}
        if text.unsubscribe:  # RFC 8058: the mail program shows a button of its own
            headers["List-Unsubscribe"] = f"<{text.unsubscribe}>"
            headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        EmailMessage(
            subject=text.subject,
            body=text.body,
            to=[address],
            headers=headers,
            connection=self.connection,
        ).send()

    def close(self) -> None:
        """Close the connection to the mail server."""
        self.connection.close()


class Gateway:
    """SMS, by the provider that the settings name; without one nobody has an address."""

    def __init__(self) -> None:
        self.provider = provider()

    def address(self, contact: Contact) -> str:
        """The mobile number as E.164; a landline is none."""
        return mobile_number(contact.phone) if self.provider is not None else ""

    def send(self, message: Message, text: Text, address: str) -> None:
        """Hand one SMS to the gateway."""
        if self.provider is None:
            raise ValueError("there is no SMS gateway")
        self.provider.send(
            ShortMessage(
                key=message.dedupe_key,
                to=address,
                text=text.body,
                language=text.language,
                template_id=text.template_id,
                parameters=text.parameters,
            )
        )

    def close(self) -> None:
        """Each POST is its own connection."""


class GroupRobot:
    """The group chat of an office (WeCom, DingTalk and others take the same JSON)."""

    def address(self, contact: Contact) -> str:
        """The robot's address, if it is one of the hosts that the settings allow."""
        return contact.webhook if allowed_webhook(contact.webhook) else ""

    def send(self, message: Message, text: Text, address: str) -> None:
        """Say one message in the group; these robots answer 200 with an error code for what they refuse."""
        body = encoded({"msgtype": "text", "text": {"content": f"{text.subject}\n{text.body}"}})
        answer = post(address, body, headers={"Idempotency-Key": message.dedupe_key}, timeout=WEBHOOK_TIMEOUT)
        if isinstance(answer, dict) and answer.get("errcode", 0) != 0:
            raise PostError(f"the robot answered {answer.get('errcode')}")

    def close(self) -> None:
        """Each POST is its own connection."""


def allowed_webhook(address: str) -> bool:
    """Whether messages may go to this address: HTTPS to a named host, so that nobody makes the server call inside."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}" in settings.WEBHOOK_ORIGINS


CARRIERS: dict[str, Callable[[], Carrier]] = {
    Channel.EMAIL: Post,
    Channel.SMS: Gateway,
    Channel.WEBHOOK: GroupRobot,
}


def message_id(message: Message) -> str:
    """Return the provider key: the same for every attempt, so that a repetition can be recognised."""
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
    return f"<{message.dedupe_key[:40]}@{domain}>"
