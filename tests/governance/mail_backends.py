"""Mail servers that misbehave."""

import os
import signal
import smtplib
from collections.abc import Sequence

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.backends.locmem import EmailBackend as LocmemBackend


class HangingUpBackend(BaseEmailBackend):
    """The server closes the connection, and says to whom the mail was."""

    def send_messages(self, messages: Sequence[EmailMessage]) -> int:
        raise smtplib.SMTPServerDisconnected(f"hung up on {messages[0].to[0]}")


class UnreachableBackend(BaseEmailBackend):
    """Nobody listens."""

    def open(self) -> bool:
        raise ConnectionRefusedError("nobody listens")

    def send_messages(self, messages: Sequence[EmailMessage]) -> int:
        raise AssertionError("a batch must not be tried on a connection that did not open")


class FaultyBackend(LocmemBackend):
    """A fault of the program, for one address only."""

    def send_messages(self, messages: Sequence[EmailMessage]) -> int:
        if messages[0].to[0].startswith("poison"):
            raise RuntimeError("a fault nobody foresaw")
        return super().send_messages(messages)


class KillingBackend(BaseEmailBackend):
    """The worker is killed while it talks to the server."""

    def send_messages(self, messages: Sequence[EmailMessage]) -> int:
        os.kill(os.getpid(), signal.SIGKILL)
        raise AssertionError("still alive")
