"""App configuration."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Residents' accounts (signing up and in, devices, leaving) and the second step of staff. On django-allauth."""

    name = "governance.accounts"
    label = "accounts"
    default_auto_field = "django.db.models.BigAutoField"
