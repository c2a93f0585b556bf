"""Proves that nobody changed, removed or slipped in a row of the trail."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from governance.outbox.anchors import AnchorsUnreadable, anchors_read
from governance.outbox.verifying import verify


class Command(BaseCommand):
    """Prints what was checked, or fails naming the first broken row."""

    help = "Check the digests of all rows of the trail and the chain of their seals."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take a digest noted earlier, and the file of those noted every day."""
        parser.add_argument("--digest", default="", help="a seal's digest noted earlier, which must still be there")
        parser.add_argument("--anchors", type=Path, help="file of anchors, kept outside the database")

    def handle(self, *args: Any, **options: Any) -> None:
        """Check; exit status 1 on a break."""
        try:
            anchors = list(anchors_read(options["anchors"])) if options.get("anchors") else []
        except (OSError, AnchorsUnreadable) as error:
            raise CommandError(str(error)) from error
        verdict = verify(options["digest"], anchors=anchors)
        if verdict.broken is not None:
            raise CommandError(f"The trail is broken. {verdict.broken}")
        self.stdout.write(
            f"The trail is whole: {verdict.seals} seals over {verdict.rows} rows, {verdict.unsealed} not sealed yet."
        )
        if anchors:
            self.stdout.write(f"{len(anchors)} anchors compared, {anchors[0].at} to {anchors[-1].at}.")
        self.stdout.write(f"Last digest: {verdict.last_digest or '-'}")
