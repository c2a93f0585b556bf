"""App configuration."""

from django.apps import AppConfig


class DashboardsConfig(AppConfig):
    """The overview page and its panels."""

    name = "governance.dashboards"
    default_auto_field = "django.db.models.BigAutoField"
