"""Every route, tried by everybody, by GET and by POST: who gets past its door is written by hand in doors.txt."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template import Origin
from django.template.loaders.base import Loader
from django.test import override_settings
from django.urls import reverse
from django.urls.converters import IntConverter, UUIDConverter

from tests.adversarial.people import LETTERS, NOBODY, NOW, Caller, callers, is_refused, populate, table
from tests.factories import world as worlds
from tests.routes import routes

# one person for each role; the second of a role is only told apart by what lies behind the door
TRIED = NOBODY + "rsdhegacvtmpyku"
STAFF = "dhegacvtmpyku"
GROUPS = {"all": TRIED, "staff": STAFF, "none": ""}
# who has no role in it is only told apart by being nobody, a resident or a colleague
PUBLIC_TRIED = NOBODY + "rsd"
DUMMIES = {IntConverter: 999_999_999, UUIDConverter: "00000000-0000-4000-8000-000000000000"}


def _plainly(status: int) -> Any:
    def answer(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
        return HttpResponse(status=status)

    return answer


class Portal:
    """All routes; thousands of refusals are not drawn as pages (tests/web reads those)."""

    from governance.urls import handler500, urlpatterns

    handler403, handler404 = _plainly(403), _plainly(404)


class Blank(Loader):
    """Every template, empty: what a page shows is no matter of its door."""

    def get_template_sources(self, template_name: str) -> Iterator[Origin]:
        yield Origin(name=template_name, template_name=template_name, loader=self)

    def get_contents(self, origin: Origin) -> str:
        return ""


BLANK = [{**settings.TEMPLATES[0], "APP_DIRS": False}]
BLANK[0]["OPTIONS"] = {**BLANK[0]["OPTIONS"], "loaders": [f"{__name__}.Blank"]}


@pytest.fixture(scope="module")
def browsers(django_db_setup: None, django_db_blocker: Any) -> Iterator[dict[str, Caller]]:
    with worlds.kept(django_db_blocker, _furnished) as found:
        yield found


def _furnished(world: worlds.World) -> dict[str, Caller]:
    populate(world)
    return callers(world)


def declared() -> dict[str, tuple[str, str]]:
    """Letters for GET and for POST by route, as written."""
    found: dict[str, tuple[str, str]] = {}
    for letters, *names in table("doors.txt"):
        for name in names:
            assert name not in found, f"{name} stands twice"
            looking, _slash, doing = GROUPS.get(letters, letters).partition("/")
            found[name] = looking, doing or looking
    return found


def address_of(name: str, pattern: Any) -> str:
    """An address of the route for a thing that does not exist."""
    converters = pattern.pattern.converters
    return reverse(name, kwargs={key: DUMMIES.get(type(one), "nothing-there") for key, one in converters.items()})


def test_every_route_is_declared():
    """A route that is added must be judged by hand; one that is gone must go from the table."""
    known = {name for name, _route, _pattern in routes()}
    assert known ^ set(declared()) == set()
    assert set(TRIED) - {NOBODY} <= set(LETTERS)


@override_settings(ROOT_URLCONF=Portal, TEMPLATES=BLANK)
@pytest.mark.parametrize("letter", TRIED)
def test_every_door(
    letter: str, browsers: dict[str, Caller], db: None, known_people: None, time_machine: Any, record_property: Any
):
    """Nobody is let in who is not named, nobody named is kept out, and no door breaks."""
    worlds.forget()
    time_machine.move_to(NOW, tick=False)
    allowed, wrong, counts = declared(), [], Counter()
    for name, _route, pattern in routes():
        if allowed[name] == (TRIED, TRIED) and letter not in PUBLIC_TRIED:
            continue
        address = address_of(name, pattern)
        for method, letters in zip(("GET", "POST"), allowed[name], strict=True):
            answer = browsers[letter].ask(method, address)
            refused = is_refused(answer)
            counts["refused" if refused else "past the door"] += 1
            if refused == (letter in letters) or answer.status_code == 500:
                wrong.append(f"{method} {name}: {answer.status_code}, {'refused' if refused else 'let in'}")
    record_property("tried", ("doors", letter, counts["refused"], counts.total() - counts["refused"]))
    assert not wrong, "\n".join(wrong)
