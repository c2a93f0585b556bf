"""App configuration."""

from django.apps import AppConfig


class OrganisationsConfig(AppConfig):
    """Bodies that act in the portal."""

    name = "governance.organisations"
    default_auto_field = "django.db.models.BigAutoField"
