"""App configuration."""

from django.apps import AppConfig


class RequestsIntakeConfig(AppConfig):
    """Residents' requests and their handling."""

    name = "requests_intake"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """The notices of the public side have a module of their own, which nobody else looks for."""
        from requests_intake import notices_public  # noqa: F401
