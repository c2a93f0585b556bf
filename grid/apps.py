"""App configuration."""

from django.apps import AppConfig


class GridConfig(AppConfig):
    """Territory of the district."""

    name = "grid"
    default_auto_field = "django.db.models.BigAutoField"
