"""`manage.py field_keys`: which keys are in use; `--renew EMAIL`: have everything encrypted with the newest."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.urls import reverse
from django.utils import timezone

from governance.access.models import User, UserKind
from governance.access.viewer import viewer_for
from governance.audit.job_kinds import REKEY_KIND
from governance.jobs.services import job_start
from governance.privacy.keys import key_ids
from governance.privacy.services.rekeying import uses


class Command(BaseCommand):
    """Says what still stands under an old key, and starts the job that renews it."""

    help = "Show which of FIELD_KEYS are in use (by their ids, never the keys), or start renewing what is old."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take whose job it will be."""
        parser.add_argument("--renew", metavar="EMAIL", help="start the job; this member of staff sees how far it is")

    def handle(self, *args: Any, **options: Any) -> None:
        """Show, or start."""
        if options["renew"]:
            self.renew(options["renew"])
            return
        newest, *older = key_ids()
        self.stdout.write(f"Newest key: {newest}. Older keys in FIELD_KEYS: {', '.join(older) or 'none'}.")
        found = list(uses())
        for use in found:
            self.stdout.write(f"{use.key}  {use.count:>9}  {use.column}")
        old = sum(use.count for use in found if use.key != newest)
        if old:
            self.stdout.write(f"{old} values stand under an old key: run this with --renew before you take one away.")
        else:
            self.stdout.write("Nothing stands under an old key: older ones may be taken out of FIELD_KEYS.")

    def renew(self, email: str) -> None:
        """Start the job."""
        person = User.objects.filter(email=email.lower(), kind=UserKind.STAFF, is_active=True).first()
        if person is None:
            raise CommandError(f"No active member of staff has the address {email}.")
        at = timezone.now()
        job = job_start(kind=REKEY_KIND, params={}, actor=viewer_for(person, at), at=at)
        self.stdout.write(f"Started. How far it is: {reverse('jobs:show', args=[job.public_id])}")
