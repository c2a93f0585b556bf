"""App configuration."""

from django.apps import AppConfig


class AccessConfig(AppConfig):
    """People who sign in, roles, grants and scopes."""

    name = "governance.access"
    default_auto_field = "django.db.models.BigAutoField"
