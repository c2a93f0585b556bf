"""App configuration."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class WebConfig(AppConfig):
    """Base views, forms, error pages, headers."""

    name = "governance.web"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Read what the apps put into the staff rail: `<app>/navigation.py`."""
        autodiscover_modules("navigation")
