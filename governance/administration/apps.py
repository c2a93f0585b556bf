"""App configuration."""

from django.apps import AppConfig


class AdministrationConfig(AppConfig):
    """Pages of access: signing in, grants, the capability table."""

    name = "governance.administration"
    default_auto_field = "django.db.models.BigAutoField"
