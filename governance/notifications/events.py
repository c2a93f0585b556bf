"""What the notifications app publishes."""

from governance.outbox.events import EventType

MESSAGE_RETRIED = EventType("notifications.message_retried", ())
TEMPLATE_CHANGED = EventType("notifications.template_changed", ("kind", "channel", "language", "number"))
PREFERENCE_CHANGED = EventType("notifications.preference_changed", ())
DEFAULTS_CHANGED = EventType("notifications.defaults_changed", ())
ADDRESS_BLOCKED = EventType("notifications.address_blocked", ("expires_at",))
ADDRESS_FREED = EventType("notifications.address_freed", ())
ROBOT_CHANGED = EventType("notifications.robot_changed", ("has_robot",))
