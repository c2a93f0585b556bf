"""Macros read in English: the list, the form, what will be done, and what became of it."""

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import reverse

from requests_intake.services.macros import macro_save
from tests.factories import world as worlds
from tests.factories.world import MORNING
from tests.requests_intake.walk import to_state
from tests.web.english import chinese_in


@pytest.fixture
def world(db: None, time_machine: Any) -> Iterator[worlds.World]:
    time_machine.move_to(MORNING, tick=False)
    yield worlds.build()
    worlds.forget()


def test_macros_in_english(world, client):
    office = world.organisations["lamps"].pk
    steps = {"accept": {"category": world.categories["lamp"].pk}, "dispatch": {"organisation": office}}
    actor = world.viewer("dispatcher")
    macro = macro_save(macro=None, name="Lamps", steps=steps, is_shared=False, actor=actor, at=MORNING)
    request = to_state(world, "submitted", body="The lamp is out.")
    client.force_login(world.people["dispatcher"])
    client.cookies["liren_lang"] = "en"
    run = reverse("intake:macro-run", args=[request.number, macro.pk])
    pages = [reverse("intake:macros"), reverse("intake:macro", args=[macro.pk]), reverse("intake:macro-new"), run]
    for address in pages:
        assert chinese_in(client.get(address).content.decode()) == [], address
    for _time in range(2):  # done, then refused
        assert chinese_in(client.post(run, {"key": str(uuid.uuid4())}).content.decode()) == []
    refused = client.post(reverse("intake:macro-new"), {"name": ""})
    assert refused.status_code == 422
    assert chinese_in(refused.content.decode()) == []
