"""Proves that nobody changed, removed or slipped in a row of the trail."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from governance.outbox.verifying import verify


class Command(BaseCommand):
    """Prints what was checked, or fails naming the first broken row."""

    help = "Check the digests of all rows of the trail and the chain of their seals."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take a digest noted earlier."""
        parser.add_argument("--digest", default="", help="a seal's digest noted earlier, which must still be there")

    def handle(self, *args: Any, **options: Any) -> None:
        """Check; exit status 1 on a break."""
        verdict = verify(options["digest"])
        if verdict.broken is not None:
            raise CommandError(f"The trail is broken. {verdict.broken}")
        self.stdout.write(
            f"The trail is whole: {verdict.seals} seals over {verdict.rows} rows, {verdict.unsealed} not sealed yet."
        )
        self.stdout.write(f"Last digest: {verdict.last_digest or '-'}")
