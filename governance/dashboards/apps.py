"""App configuration."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class DashboardsConfig(AppConfig):
    """The overview page and its panels."""

    name = "governance.dashboards"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Load every app's panels."""
        autodiscover_modules("panels")
