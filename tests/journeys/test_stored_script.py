"""Script typed into every text there is stays text: pages are read by the browser's own parser, not by ours."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.db import DatabaseError, models, transaction
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser

from governance.access.models import User
from governance.outbox import relay
from requests_intake.models import Category, ServiceRequest
from tests.factories import world as worlds
from tests.factories.world import World
from tests.requests_intake.public_side import release
from tests.requests_intake.walk import to_state, to_turn
from tests.web.test_english_pages import NOW, STAFF

OWN = ("governance.", "requests_intake", "grid", "population", "setup_wizard")
SCRIPT = "\"'><img src=xss: onerror=xss()>{{7*7}}</script></textarea><svg onload=xss()>"
SHORT = "<img src=xss:>"
# what is read by programs: a page with a wrong one of these says nothing about script
CODES = ("code", "key", "digest", "index", "number", "token", "language", "model", "codename", "password", "prefix")
READERS = ("dispatcher", "supervisor", "administrator", "operations")
FIND = """html => {
  const page = new DOMParser().parseFromString(html, "text/html");
  const bad = [...page.querySelectorAll("*")].filter(one =>
    [...one.attributes].some(at => at.name.startsWith("on") || /^\\s*(javascript|xss):/i.test(at.value)));
  return bad.map(one => one.outerHTML.slice(0, 160));
}"""


def texts(model: type[models.Model]) -> Iterator[models.CharField | models.TextField]:
    """The free texts of a model."""
    for field in model._meta.concrete_fields:
        words = set(field.name.split("_"))
        if isinstance(field, models.CharField | models.TextField) and not field.choices and not words & set(CODES):
            yield field


def poison() -> list[str]:
    """Write script into every text of every row, as far as the database lets it; return where that went well."""
    done = []
    for model in apps.get_models():
        if not model.__module__.startswith(OWN) or not model._meta.managed:
            continue
        for field in texts(model):
            length = getattr(field, "max_length", None) or 10_000
            if length < len(SHORT):
                continue
            value = SCRIPT if length >= len(SCRIPT) else SHORT
            for rows in (model._base_manager.all(), model._base_manager.order_by("-pk")[:1]):  # unique: one of them
                try:
                    with transaction.atomic():
                        found = model._base_manager.filter(pk__in=list(rows.values_list("pk", flat=True)))
                        changed = found.update(**{field.name: value})
                except (DatabaseError, TypeError, ValueError):
                    continue  # the table is append-only, or a rule of the database keeps such a text out
                if changed:
                    done.append(f"{model._meta.label}.{field.name}")
                break
    return done


@pytest.fixture(scope="module")
def town(django_db_setup: None, django_db_blocker: Any) -> Iterator[tuple[World, list[str]]]:
    with worlds.kept(django_db_blocker, _furnished) as found:
        yield found


def _furnished(world: worlds.World) -> tuple[World, list[str]]:
    for state in ("accepted", "contacted", "closed"):
        to_state(world, state)
    for turn in ("helped", "whistled", "ledgered", "suspended"):
        to_turn(world, turn)
    release(world, to_state(world, "callback", may_be_public=True))
    relay.drain(NOW)
    return world, poison()


def addresses() -> Iterator[str]:
    """Pages with words of people."""
    for name, queries in STAFF.items():
        yield from (reverse(name) + query for query in queries[:1])
    for request in ServiceRequest.objects.order_by("pk"):
        for name in ("request", "desk", "print", "why"):
            yield reverse(f"intake:{name}", args=[request.number])
    for category in Category.objects.order_by("pk"):
        yield from (reverse(f"intake:category{part}", args=[category.pk]) for part in ("", "-edit"))
    yield from (reverse("access:person", args=[person.public_id]) for person in User.objects.order_by("pk")[:3])
    yield from (reverse(name) for name in ("intake:public", "intake:public-map", "intake:public-feed"))
    for request in ServiceRequest.objects.order_by("pk"):
        yield reverse("intake:track", args=[request.track_token])


def test_script_in_every_text_stays_text(town: tuple[World, list[str]], db: None, browser: Browser, time_machine: Any):
    world, poisoned = town
    worlds.forget()
    time_machine.move_to(NOW, tick=False)
    assert len(poisoned) > 60, poisoned
    page = browser.new_page()
    assert page.evaluate(FIND, f"<p>{SCRIPT}</p>"), "the reader finds what it looks for"
    faults, shown = {}, 0
    for name in READERS:
        client = Client(raise_request_exception=False)
        client.force_login(world.people[name])
        for address in addresses():
            answer = client.get(address)
            if answer.status_code != 200:
                assert answer.status_code < 500, address
                continue
            html = answer.content.decode()
            shown += "xss:" in html
            if bad := page.evaluate(FIND, html):
                faults[address] = bad
    page.close()
    assert faults == {}
    assert shown > 60, shown
