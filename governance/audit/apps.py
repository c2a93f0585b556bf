"""App configuration."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class AuditConfig(AppConfig):
    """Reading, exporting and proving the trail."""

    name = "governance.audit"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Load what every app says of its rows in the trail."""
        autodiscover_modules("trail")
