"""The only writers of messages and of the office's own texts."""

from governance.notifications.services.digests import digests_create
from governance.notifications.services.messages import (
    DELAY,
    message_mark_read,
    message_send,
    message_text_read,
    messages_create,
    messages_mark_all_read,
    messages_retry,
    messages_withdraw,
)
from governance.notifications.services.preferences import preference_defaults_save, preference_save
from governance.notifications.services.templates import template_restore, template_save

__all__ = [
    "DELAY",
    "digests_create",
    "message_mark_read",
    "message_send",
    "message_text_read",
    "messages_create",
    "messages_mark_all_read",
    "messages_retry",
    "messages_withdraw",
    "preference_defaults_save",
    "preference_save",
    "template_restore",
    "template_save",
]
