"""App configuration."""

from django.apps import AppConfig
from django.core.checks import register


class PrivacyConfig(AppConfig):
    """Encrypted fields, masks and the read-access log."""

    name = "governance.privacy"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Have the access log sealed along with the events, and the keys checked at the start."""
        from governance.outbox.sealing import register_sealed
        from governance.privacy.checks import check_field_keys
        from governance.privacy.models import AccessLog

        register_sealed(AccessLog._meta.label)
        register(check_field_keys)
