"""App configuration."""

from django.apps import AppConfig


class WorktimeConfig(AppConfig):
    """Working calendar and deadline arithmetic."""

    name = "governance.worktime"
    default_auto_field = "django.db.models.BigAutoField"
