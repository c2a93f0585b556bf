"""The people who try every door, and rules written by hand about which of them open."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.http import HttpResponse
from django.test import Client

from governance.access.models import User, UserKind
from governance.access.permissions import DUTIES
from tests.factories import world as worlds
from tests.factories.world import MORNING, World

NOW = MORNING + timedelta(hours=6)
HERE = Path(__file__).parent
# letter of the tables -> person of the test town
LETTERS = {
    "s": "stranger",
    "d": "dispatcher",
    "h": "handler",
    "x": "other_handler",
    "e": "head",
    "w": "west_head",
    "g": "grid_worker",
    "j": "west_grid_worker",
    "a": "agent",
    "c": "clerk",
    "v": "supervisor",
    "t": "district",
    "m": "administrator",
    "p": "operations",
    "y": "system_admin",
    "k": "security_admin",
    "u": "audit_admin",
    "r": "resident",
    "o": "owner",
}
NOBODY = "n"


def populate(world: World) -> None:
    """Two residents with accounts, colleagues of the other community and three administrators, beside the town's."""
    for key in ("resident", "owner"):
        world.people[key] = User.objects.create_user(
            email=f"{key}@example.com", password=worlds.PASSWORD, kind=UserKind.RESIDENT
        )
    for role in DUTIES:
        worlds.add_person(world, role, role, worlds.DISTRICT, world.organisations["district"])
    worlds.add_person(world, "west_head", "community_head", worlds.WEST, world.organisations["west"])
    worlds.add_person(world, "west_grid_worker", "grid_worker", worlds.WEST_GRID, world.organisations["west"])


class Caller:
    """Somebody's browser: signed in anew for every request, and nothing that a request changes is kept."""

    def __init__(self, user: User | None) -> None:
        self.client = Client(raise_request_exception=False)
        if user is not None:
            door = (
                "accounts.backends.ResidentBackend"
                if user.kind == UserKind.RESIDENT
                else "access.backends.GrantBackend"
            )
            self.client.force_login(user, backend=f"governance.{door}")
        self.cookies = {name: morsel.value for name, morsel in self.client.cookies.items()}

    def ask(self, method: str, address: str, data: Any = None, **headers: Any) -> HttpResponse:
        """One request; what it wrote is undone."""
        self.client.cookies.clear()
        self.client.cookies.load(self.cookies)
        with transaction.atomic():
            answer = getattr(self.client, method.lower())(address, data or {}, **headers)
            if answer.streaming:
                answer.close()
            transaction.set_rollback(True)
        return answer


def callers(world: World) -> dict[str, Caller]:
    """A browser for every letter."""
    return {NOBODY: Caller(None)} | {letter: Caller(world.people[name]) for letter, name in LETTERS.items()}


def is_refused(answer: HttpResponse) -> bool:
    """Whether a door stayed shut: 401, 403, the way to a sign-in page, or colleagues sent back to their desk."""
    doors = (settings.STAFF_PREFIX + "sign-in/?next=", settings.RESIDENT_LOGIN_URL + "?next=")
    location = answer.headers.get("Location", "")
    to_door = answer.status_code == 302 and (location.startswith(doors) or location == settings.STAFF_PREFIX)
    return to_door or answer.status_code in (401, 403)


def table(name: str) -> Iterator[list[str]]:
    """Lines of a hand-written table as words; `#` begins a remark."""
    for line in (HERE / name).read_text(encoding="utf-8").splitlines():
        if words := line.partition("#")[0].split():
            yield words
