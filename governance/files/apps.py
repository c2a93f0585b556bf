"""App configuration."""

from django.apps import AppConfig


class FilesConfig(AppConfig):
    """Stored files: typed, re-encoded, private."""

    name = "governance.files"
    default_auto_field = "django.db.models.BigAutoField"
