"""App configuration."""

from django.apps import AppConfig
from django.core.checks import register
from django.utils.module_loading import autodiscover_modules


class NotificationsConfig(AppConfig):
    """From an event to a message on a channel."""

    name = "governance.notifications"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Load every app's notice kinds and contact resolvers, subscribe to their events, check their texts."""
        from governance.notifications.checks import check_notice_kinds, check_sms_provider
        from governance.notifications.handlers import subscribe_kinds

        autodiscover_modules("notices")
        subscribe_kinds()
        register(check_notice_kinds)
        register(check_sms_provider)
