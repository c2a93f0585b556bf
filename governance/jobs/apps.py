"""App configuration."""

from django.apps import AppConfig


class JobsConfig(AppConfig):
    """Long work with progress and cancel."""

    name = "governance.jobs"
    default_auto_field = "django.db.models.BigAutoField"
