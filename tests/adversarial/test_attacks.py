"""What attackers send: forms without a token, other hosts, guesses, strange addresses, endless text."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import cycle
from typing import Any

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.test import Client, override_settings
from django.urls import NoReverseMatch, reverse
from django.urls.converters import IntConverter

from governance.text.cleaning import clean_text
from governance.text.personal_data import mask_personal_data
from governance.text.phones import mobile_number
from governance.text.words import tokens
from requests_intake.models import ServiceRequest
from requests_intake.pieces import pieces
from requests_intake.query import parse
from requests_intake.workflow import RequestState
from tests.adversarial.people import NOBODY, NOW, Caller, callers, populate
from tests.adversarial.test_every_door import Portal, address_of
from tests.factories import world as worlds
from tests.factories.world import PASSWORD, World
from tests.requests_intake.resident import Resident
from tests.routes import routes

STRANGE = ("..", "..\\..\\secrets.json", "\x00", "%00", "' OR 1=1--", "9" * 400, "🙂", "{{7*7}}", "2026-99")
QUERIES = (
    {"q": "\x00", "cursor": "\x00", "area": "\x00", "view": "\x00", "period": "range", "from": "\x00"},
    {"q": "状态: 网格:\x00 " + "(" * 500, "cursor": "AAAA", "area": "' OR 1=1--", "view": "..", "page": "9" * 40},
    {
        "q": "9" * 3000,
        "cursor": "9" * 500,
        "area": "9" * 300,
        "period": "range",
        "from": "9999-12-31",
        "to": "0001-01-01",
    },
    {"year": "-1", "week": "0000-00-00", "month": "0001-01", "day": "9" * 9, "lng": "nan", "lat": "1e999", "at": "//x"},
)


@pytest.fixture(scope="module")
def town(django_db_setup: None, django_db_blocker: Any) -> Iterator[tuple[World, dict[str, Caller]]]:
    with worlds.kept(django_db_blocker, _furnished) as found:
        yield found


def _furnished(world: worlds.World) -> tuple[World, dict[str, Caller]]:
    populate(world)
    return world, callers(world)


@pytest.fixture
def browsers(town: Any, db: None, time_machine: Any) -> dict[str, Caller]:
    worlds.forget()
    time_machine.move_to(NOW, tick=False)
    return town[1]


@override_settings(ROOT_URLCONF=Portal)
def test_no_form_is_taken_without_its_token(browsers: dict[str, Caller]):
    """A form from elsewhere is refused, but where no cookie says who acts: the address, or a program's token, does."""
    free = {name for name, _route, pattern in routes() if getattr(pattern.callback, "csrf_exempt", False)}
    assert {name for name in free if not name.startswith("api:")} == {
        "intake:step",
        "intake:answers",
        "intake:similar",
        "intake:follow-confirm",
        "intake:unfollow",
    }
    strict = Client(enforce_csrf_checks=True, raise_request_exception=False)
    strict.cookies.load(browsers["m"].cookies)
    statuses = {
        name: strict.post(address_of(name, pattern), {}).status_code
        for name, _route, pattern in routes()
        if name not in free
    }
    assert {name: status for name, status in statuses.items() if status != 403} == {}


def test_another_host_is_refused_and_never_repeated(browsers: dict[str, Caller]):
    for page in ("/", "/staff/sign-in/", "/track/", "/account/sign-in/"):
        for headers in ({"HTTP_HOST": "evil.example"}, {"HTTP_HOST": "testserver:evil.example"}):
            assert browsers[NOBODY].ask("GET", page, **headers).status_code == 400
        answer = browsers[NOBODY].ask(
            "GET", page, HTTP_X_FORWARDED_HOST="evil.example", HTTP_FORWARDED="host=evil.example"
        )
        assert answer.status_code == 200
        assert "evil.example" not in answer.content.decode() + str(answer.headers)


@pytest.mark.parametrize(
    ("page", "field", "known"),
    [
        ("access:sign-in", "email", "dispatcher@example.com"),
        ("account:password-sign-in", "login", "resident@example.com"),
    ],
)
def test_guessing_whether_somebody_exists_costs_the_same(
    page: str, field: str, known: str, browsers: dict[str, Caller], monkeypatch: pytest.MonkeyPatch
):
    """Whether a password is hashed is what a clock would tell: an unknown name costs as many as a known one."""
    hashed: list[str] = []
    encode = MD5PasswordHasher.encode
    monkeypatch.setattr(MD5PasswordHasher, "encode", lambda *given: hashed.append("x") or encode(*given))
    counts = {}
    for name in (known, "nobody.at.all@example.com"):
        hashed.clear()
        answer = browsers[NOBODY].ask("POST", reverse(page), {field: name, "password": "wrong-password"})
        assert answer.status_code in (200, 422)
        counts[name] = len(hashed)
    assert len(set(counts.values())) == 1, counts
    assert counts[known] >= 1


@pytest.mark.parametrize("letter", NOBODY + "dm")
@override_settings(ROOT_URLCONF=Portal)
def test_strange_addresses_break_nothing(letter: str, browsers: dict[str, Caller]):
    """Words where a number, a month or a name belongs: never a fault of ours. Each route meets some of them."""
    broken, strange, queries = [], cycle(STRANGE), cycle(QUERIES)
    for name, _route, pattern in routes():
        converters = pattern.pattern.converters
        tries: list[tuple[str, str, dict[str, str]]] = []
        if not converters:
            tries = [("GET", reverse(name), next(queries)) for _ in range(2)]
        for method in ("GET", "GET", "POST") if converters else ():
            value = next(strange)
            values = {key: 2**63 if isinstance(one, IntConverter) else value for key, one in converters.items()}
            with suppress(NoReverseMatch):
                tries.append((method, reverse(name, kwargs=values), {}))
        for method, address, data in tries:
            if browsers[letter].ask(method, address, data).status_code == 500:
                broken.append(f"{method} {name} {address[-40:]!r} {data}")
    assert not broken, "\n".join(broken)


def test_what_a_form_does_not_ask_is_not_taken(town: Any, browsers: dict[str, Caller], time_machine: Any):
    """Names of columns beside the questions of the report: the request is filed as anybody's would be."""
    world = town[0]
    extra = {
        "state": RequestState.CLOSED,
        "organisation": str(world.organisations["lamps"].pk),
        "account": str(world.people["owner"].pk),
        "number": "999",
        "ended_as": "closed",
        "due_at": "2099-01-01",
        "rated_solved": "yes",
        "channel": "leader",
        "is_superuser": "on",
    }
    walk = Resident(clock=time_machine).begin("help")
    for answers in (
        {"lng": "121.905", "lat": "30.905"},
        {"body": "槐安里 7 号楼北侧的路灯不亮了，晚上看不清。"},
        {"category": str(world.categories["lamp"].pk)},
    ):
        assert walk.send(**answers, **extra).status_code == 302
    while walk.step != "preview":
        walk.send(**({"name": "周梅", "phone": "13912342046"} if walk.step == "contact" else {}), **extra)
    walk.send(**extra)
    filed = ServiceRequest.objects.latest("pk")
    assert (filed.state, filed.channel, filed.ended_as) == (RequestState.SUBMITTED, "web", "")
    assert (filed.organisation, filed.account, filed.closed_at) == (None, None, None)
    assert filed.number != "999"
    assert filed.original_due_at is None or filed.original_due_at.year == 2026
    own = browsers["d"].ask("POST", reverse("notifications:choices"), {"is_superuser": "on", "kind": "resident"})
    assert own.status_code < 500
    world.people["dispatcher"].refresh_from_db()
    assert (world.people["dispatcher"].is_superuser, world.people["dispatcher"].kind) == (False, "staff")


def test_a_session_given_by_somebody_else_is_not_kept(town: Any, browsers: dict[str, Caller]):
    """Signing in makes a new session: an address or cookie planted before opens nothing afterwards."""
    victim = Client()
    planted = victim.cookies["sessionid"] = "planted0planted0planted0planted0"
    answer = victim.post(reverse("access:sign-in"), {"email": "dispatcher@example.com", "password": PASSWORD})
    assert answer.status_code == 302
    thief = Client()
    thief.cookies["sessionid"] = planted
    assert thief.get("/staff/").status_code == 302
    assert victim.cookies["sessionid"].value != planted


@contextmanager
def _no_endless_work(seconds: float) -> Iterator[None]:
    """A pattern that tries everything never comes back; an honest one is done in a fraction of this CPU time."""

    def give_up(_number: int, _frame: Any) -> None:
        raise AssertionError("still at it")

    before = signal.signal(signal.SIGPROF, give_up)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


@pytest.mark.parametrize("read", [parse, mask_personal_data, clean_text, mobile_number, pieces, tokens])
def test_no_text_takes_for_ever(read: Callable[[str], Any]):
    for seed in (
        "1",
        "13",
        "a@",
        " ",
        "（",
        "(",
        "：",
        "状态:",
        "-",
        "'",
        "京A",
        "1381234567",
        "aa.",
        "\t\n",
        "路灯",
        '"a ',
        "0-",
    ):
        with _no_endless_work(10):
            read(seed * (20_000 // len(seed)) + "!")
