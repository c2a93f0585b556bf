"""App configuration."""

from django.apps import AppConfig


class PrivacyConfig(AppConfig):
    """Encrypted fields, masks and the read-access log."""

    name = "governance.privacy"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Have the access log sealed along with the events."""
        from governance.outbox.sealing import register_sealed
        from governance.privacy.models import AccessLog

        register_sealed(AccessLog._meta.label)
