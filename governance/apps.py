"""The kernel itself as a Django app, so that the Celery application is loaded wherever Django is."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class GovernanceConfig(AppConfig):
    """Loads the Celery application once the registry is ready."""

    name = "governance"
    verbose_name = "Liren"

    def ready(self) -> None:
        """Bind shared tasks to our Celery application; read what each app registers."""
        from governance import celery  # noqa: F401

        autodiscover_modules("refs")
