"""System checks: a notice whose text cannot be filled is found when the portal starts, not when somebody waits."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error

from governance.notifications.registry import NoticeKind, all_kinds, placeholder_faults
from governance.notifications.sms import PROVIDERS
from governance.outbox.events import declared


def kind_faults(kind: NoticeKind, event_names: frozenset[str]) -> list[CheckMessage]:
    """Return the faults of one kind: an event nobody declares, an empty text, a placeholder without value."""
    faults: list[CheckMessage] = []
    if kind.event and kind.event not in event_names:
        faults.append(Error(f"{kind.key}: no app declares the event {kind.event!r}.", id="notifications.E001"))
    for name in ("subject_zh", "body_zh", "subject_en", "body_en"):
        text = getattr(kind, name)
        if not text.strip():
            faults.append(Error(f"{kind.key}: {name} is empty.", id="notifications.E002"))
    for name in ("subject_zh", "body_zh", "subject_en", "body_en", "sms_zh", "sms_en"):
        faults.extend(
            Error(
                f"{kind.key}: {name} has the placeholder {fault}, which is none of its keys.", id="notifications.E003"
            )
            for fault in placeholder_faults(getattr(kind, name), kind.placeholders)
        )
    return faults


def check_sms_provider(app_configs: Any, **kwargs: Any) -> Sequence[CheckMessage]:
    """Check that the SMS gateway that the settings name can work."""
    name = settings.SMS_PROVIDER
    if name and name not in PROVIDERS:
        known = ", ".join(sorted(PROVIDERS))
        return [Error(f"SMS_PROVIDER is {name!r}; there are: {known}, or nothing.", id="notifications.E004")]
    if name == "webhook" and not (settings.SMS_URL.startswith(("https://", "http://")) and settings.SMS_SECRET):
        return [Error("The SMS webhook needs SMS_URL (http or https) and SMS_SECRET.", id="notifications.E005")]
    return []


def check_notice_kinds(app_configs: Any, **kwargs: Any) -> Sequence[CheckMessage]:
    """Check all registered kinds."""
    names = frozenset(declared())
    return [fault for kind in all_kinds() for fault in kind_faults(kind, names)]
