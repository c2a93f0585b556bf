"""SMS gateways: what a provider must do, and the two that ship.

Chinese gateways send only texts that were approved beforehand. A message therefore carries the gateway's template id
and its parameters in order, where the office has entered them (`MessageTemplate`), beside the text itself.
"""

import hashlib
import hmac
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from django.conf import settings

from governance.notifications.posting import PostError, encoded, post

ONE, EACH = 70, 67  # characters: of a single SMS, and of each part of a longer one; gateways here count any script so


def segments(text: str) -> int:
    """Return how many SMS a text takes, as gateways here charge it: UTF-16 units, whatever the script."""
    units = len(text.encode("utf-16-le")) // 2
    return 1 if units <= ONE else -(-units // EACH)


@dataclass(frozen=True, slots=True)
class ShortMessage:
    """One SMS. `key` is the same for every attempt; `to` is E.164; `parameters` are (name, value) in order."""

    key: str
    to: str
    text: str
    language: str
    template_id: str = ""
    parameters: tuple[tuple[str, str], ...] = ()


class SmsProvider(Protocol):
    """A gateway. Raises `OSError` or `ValueError` when it did not take the message; it is then tried again."""

    def send(self, message: ShortMessage) -> None:
        """Hand one message over."""
        ...


class ConsoleProvider:
    """Sends nothing: for a trial on one machine. Writes each message to a file that only this account reads."""

    def send(self, message: ShortMessage) -> None:
        """Write the message to SMS_FILE_PATH, if one is set."""
        folder = settings.SMS_FILE_PATH
        if folder is None:
            return
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = folder / f"{message.key[:32]}.txt"
        file.touch(mode=0o600)
        file.write_text(f"{message.to}\n{message.text}\n", encoding="utf-8")


class WebhookProvider:
    """Posts JSON to the gateway, or to the small adapter before it, signed as `signature` says."""

    def send(self, message: ShortMessage) -> None:
        """POST the message; anything but 2xx, or an answer with `"accepted": false`, is a failure."""
        body = encoded(
            {
                "id": message.key,
                "to": message.to,
                "text": message.text,
                "language": message.language,
                "template_id": message.template_id,
                "parameters": [{"name": name, "value": value} for name, value in message.parameters],
            }
        )
        moment = str(int(time.time()))
        headers = {
            "Idempotency-Key": message.key,
            "X-Liren-Timestamp": moment,
            "X-Liren-Signature": signature(settings.SMS_SECRET, moment, body),
        }
        answer = post(settings.SMS_URL, body, headers=headers, timeout=settings.SMS_TIMEOUT)
        if isinstance(answer, dict) and answer.get("accepted") is False:
            raise PostError("the gateway refused the message")


def signature(secret: str, moment: str, body: bytes) -> str:
    """Return "sha256=…": HMAC-SHA-256 over timestamp, full stop and body, so that an old POST cannot be repeated."""
    return "sha256=" + hmac.new(secret.encode(), moment.encode() + b"." + body, hashlib.sha256).hexdigest()


PROVIDERS: dict[str, Callable[[], SmsProvider]] = {"console": ConsoleProvider, "webhook": WebhookProvider}


def provider() -> SmsProvider | None:
    """Return the gateway that the settings name; None where the office has none."""
    return PROVIDERS[settings.SMS_PROVIDER]() if settings.SMS_PROVIDER else None
