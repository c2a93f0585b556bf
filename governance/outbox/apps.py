"""App configuration."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class OutboxConfig(AppConfig):
    """Domain events, deliveries and seals."""

    name = "governance.outbox"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Load every app's event types and handlers: whoever publishes must know who subscribed."""
        from governance.outbox.models import DomainEvent
        from governance.outbox.sealing import register_sealed

        autodiscover_modules("events")
        autodiscover_modules("handlers")
        register_sealed(DomainEvent._meta.label)
