"""`manage.py prepare`: everything between starting the servers and starting the portal, in one process."""

import hashlib
import os
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command, get_commands
from django.core.management.base import BaseCommand
from django.db import connection


class Command(BaseCommand):
    """Migrate, collect static files if any changed, seed the demo where LIREN_DEMO asks for it."""

    help = "Brings database and static files up to this release and seeds the demo; safe to call again."
    requires_system_checks = []  # migrate runs the checks that matter here

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the three steps."""
        if _first_time():
            self.stdout.write("Making the tables")
        call_command("migrate", interactive=False, verbosity=0)
        self.collect_static()
        if settings.LIREN_DEMO:
            if "seed_demo" in get_commands():
                call_command("seed_demo")
            else:
                self.stdout.write("There is no demo to seed yet.")

    def collect_static(self) -> None:
        """Copy, hash and compress static files, unless none changed since the last time."""
        stamp = Path(settings.STATIC_ROOT) / ".collected"
        found = _static_fingerprint()
        if stamp.exists() and stamp.read_text(encoding="ascii") == found:
            return
        self.stdout.write("Collecting static files")
        call_command("collectstatic", interactive=False, clear=True, verbosity=0)
        stamp.write_text(found, encoding="ascii")


def _first_time() -> bool:
    return "django_migrations" not in connection.introspection.table_names()


def _static_fingerprint() -> str:
    """Changes whenever a static file does, by name, size and time of change."""
    lines = []
    for finder in get_finders():
        for name, storage in finder.list([]):
            state = os.stat(storage.path(name))
            lines.append(f"{name} {state.st_size} {state.st_mtime_ns}")
    return hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()
