"""System checks: a notice whose text cannot be filled is found when the portal starts, not when somebody waits."""

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Error

from governance.notifications.registry import NoticeKind, all_kinds, placeholder_faults
from governance.outbox.events import declared


def kind_faults(kind: NoticeKind, event_names: frozenset[str]) -> list[CheckMessage]:
    """Return the faults of one kind: an event nobody declares, an empty text, a placeholder without value."""
    faults: list[CheckMessage] = []
    if kind.event not in event_names:
        faults.append(Error(f"{kind.key}: no app declares the event {kind.event!r}.", id="notifications.E001"))
    for name in ("subject_zh", "body_zh", "subject_en", "body_en"):
        text = getattr(kind, name)
        if not text.strip():
            faults.append(Error(f"{kind.key}: {name} is empty.", id="notifications.E002"))
        faults.extend(
            Error(
                f"{kind.key}: {name} has the placeholder {fault}, which is none of its keys.", id="notifications.E003"
            )
            for fault in placeholder_faults(text, kind.placeholders)
        )
    return faults


def check_notice_kinds(app_configs: Any, **kwargs: Any) -> Sequence[CheckMessage]:
    """Check all registered kinds."""
    names = frozenset(declared())
    return [fault for kind in all_kinds() for fault in kind_faults(kind, names)]
