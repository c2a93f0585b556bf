"""App configuration."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class AccessConfig(AppConfig):
    """People who sign in, roles, grants and scopes."""

    name = "governance.access"
    label = "access"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Bring capabilities and built-in roles up to date after migrations.

        The one signal we use: Django offers no other hook there.
        """
        from governance.access.sync import sync_capabilities

        post_migrate.connect(sync_capabilities, sender=self, dispatch_uid="access.sync_capabilities")
