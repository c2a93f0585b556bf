"""App configuration."""

from django.apps import AppConfig


class DemoConfig(AppConfig):
    """A believable fictional district."""

    name = "demo"
    default_auto_field = "django.db.models.BigAutoField"
