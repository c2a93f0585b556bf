"""App configuration."""

from django.apps import AppConfig


class SetupWizardConfig(AppConfig):
    """From an empty portal to the first request: district, places, offices, people, limits, catalogue."""

    name = "setup_wizard"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Names of the office as they were typed here stand before those of the settings."""
        from governance.web import portal
        from setup_wizard.selectors.profile import profile_fields

        portal.register(profile_fields)
