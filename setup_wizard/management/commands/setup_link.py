"""Print the link with which a portal that has nobody yet is set up."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.urls import reverse

from setup_wizard.links import begin_token
from setup_wizard.selectors.beginning import has_staff


class Command(BaseCommand):
    """The link works for a day, and until the first account is made."""

    help = "Print the link that begins the set-up of an empty portal; nothing once anybody has an account."

    def handle(self, *args: Any, **options: Any) -> None:
        """Print it, or nothing."""
        if not has_staff():
            self.stdout.write(settings.PUBLIC_URL + reverse("setup:begin", args=[begin_token()]))
