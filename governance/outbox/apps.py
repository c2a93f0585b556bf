"""App configuration."""

from django.apps import AppConfig


class OutboxConfig(AppConfig):
    """Domain events, deliveries and seals."""

    name = "governance.outbox"
    default_auto_field = "django.db.models.BigAutoField"
