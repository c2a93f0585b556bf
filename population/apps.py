"""App configuration."""

from django.apps import AppConfig


class PopulationConfig(AppConfig):
    """Shared registry of people, housing and legal entities."""

    name = "population"
    default_auto_field = "django.db.models.BigAutoField"
