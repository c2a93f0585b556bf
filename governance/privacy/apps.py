"""App configuration."""

from django.apps import AppConfig
from django.core.checks import register
from django.utils.module_loading import autodiscover_modules


class PrivacyConfig(AppConfig):
    """Encrypted fields, masks and the read-access log."""

    name = "governance.privacy"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Have the access log sealed along with the events, the keys checked at the start, the sources known."""
        from governance.outbox.sealing import register_sealed
        from governance.privacy.checks import check_field_keys
        from governance.privacy.models import AccessLog

        register_sealed(AccessLog._meta.label)
        register(check_field_keys)
        autodiscover_modules("own_data")
