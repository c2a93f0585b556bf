"""App configuration."""

from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in
from django.db.models.signals import post_migrate


class AccessConfig(AppConfig):
    """People who sign in, roles, grants and scopes."""

    name = "governance.access"
    label = "access"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Bring capabilities and built-in roles up to date after migrations; note in a session when it signed in.

        The two signals we use: Django offers no other hook there, and no door for people may be forgotten.
        """
        from governance.access.proof import remember_sign_in
        from governance.access.sync import sync_capabilities

        post_migrate.connect(sync_capabilities, sender=self, dispatch_uid="access.sync_capabilities")
        user_logged_in.connect(remember_sign_in, dispatch_uid="access.remember_sign_in")
