"""App configuration."""

from django.apps import AppConfig


class ProtectionConfig(AppConfig):
    """The register of what is done with people's data."""

    name = "governance.protection"
    default_auto_field = "django.db.models.BigAutoField"
