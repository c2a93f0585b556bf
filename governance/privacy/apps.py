"""App configuration."""

from django.apps import AppConfig


class PrivacyConfig(AppConfig):
    """Encrypted fields, masks and the read-access log."""

    name = "governance.privacy"
    default_auto_field = "django.db.models.BigAutoField"
