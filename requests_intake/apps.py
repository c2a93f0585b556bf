"""App configuration."""

from django.apps import AppConfig


class RequestsIntakeConfig(AppConfig):
    """Residents' requests and their handling."""

    name = "requests_intake"
    default_auto_field = "django.db.models.BigAutoField"
