"""App configuration."""

from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    """From an event to a message on a channel."""

    name = "governance.notifications"
    default_auto_field = "django.db.models.BigAutoField"
