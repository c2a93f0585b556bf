"""The only writers of messages and of the office's own texts."""

from governance.notifications.services.messages import (
    DELAY,
    message_mark_read,
    message_send,
    message_text_read,
    messages_create,
    messages_mark_all_read,
    messages_retry,
)
from governance.notifications.services.templates import template_restore, template_save

__all__ = [
    "DELAY",
    "message_mark_read",
    "message_send",
    "message_text_read",
    "messages_create",
    "messages_mark_all_read",
    "messages_retry",
    "template_restore",
    "template_save",
]
