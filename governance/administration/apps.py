"""App configuration."""

from django.apps import AppConfig
from django.core.checks import register


class AdministrationConfig(AppConfig):
    """Pages of access: signing in, grants, the capability table."""

    name = "governance.administration"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Check at every start that the settings of sign-in fit together."""
        from governance.administration.setting_checks import check_provider

        register(check_provider)
