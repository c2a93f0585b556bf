"""App configuration."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    """Base views, forms, error pages, headers."""

    name = "governance.web"
    default_auto_field = "django.db.models.BigAutoField"
