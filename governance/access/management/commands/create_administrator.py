"""Make the first administrator of an office that starts without demo data."""

from argparse import ArgumentParser
from getpass import getpass
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from governance.access import areas
from governance.access.models import Role
from governance.access.services import grant_create, user_create
from governance.access.viewer import SYSTEM
from governance.errors import DomainError


class Command(BaseCommand):
    """Asks for a password, makes the account and lets it administer the whole district. All or nothing."""

    help = "Create an account with the administrator role for the whole district; asks for the password."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument("--email", required=True, help="address to sign in with")
        parser.add_argument("--name", required=True, help="name of the person, as colleagues read it")
        parser.add_argument("--area", default="", help="six-digit district code; needed unless exactly one is loaded")

        parser.add_argument("--role", default="", help="another role, such as security_admin where the three are apart")

    def handle(self, *args: Any, **options: Any) -> None:
        """Create the account and its grant."""
        at = timezone.now()
        # in an empty portal nobody else could set limits and catalogue, and nobody gives a role to themselves
        roles = ["administrator"] if areas.children("") else ["administrator", "operations_admin"]
        if options["role"]:
            if not Role.objects.filter(key=options["role"], retired_at=None).exists():
                raise CommandError("There is no such role. Nothing was created.")
            roles = [options["role"]]
        area_code = options["area"] or _only_district()
        password = getpass("Password (10 characters or more): ")
        if getpass("Once more: ") != password:
            raise CommandError("The two passwords differ. Nothing was created.")
        try:
            with transaction.atomic():
                user = user_create(
                    email=options["email"], display_name=options["name"], password=password, actor=SYSTEM, at=at
                )
                for role in roles:
                    grant_create(
                        user=user,
                        role=Role.objects.get(key=role),
                        area_code=area_code,
                        organisation=None,
                        starts_at=at,
                        ends_at=None,
                        reason="create_administrator",
                        actor=SYSTEM,
                        at=at,
                    )
        except DomainError as error:
            raise CommandError(f"{error} Nothing was created.") from error
        told = f"{user.email} holds {' and '.join(roles)} in {area_code}. Sign in at /staff/sign-in/."
        self.stdout.write(self.style.SUCCESS(told))


def _only_district() -> str:
    districts = areas.children("")
    if len(districts) != 1:
        known = ", ".join(f"{code} {name}" for code, name in districts) or "none"
        raise CommandError(f"Say which district with --area (six digits). Loaded districts: {known}.")
    return districts[0][0]
