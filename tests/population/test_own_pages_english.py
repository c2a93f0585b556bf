"""What residents read of themselves, and the desks that answer them, is English for those who chose it."""

import copy
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from population.models import Person, StandardAddress
from tests.factories import world as worlds
from tests.factories.residents import signed_in
from tests.population.binding_support import HOME, Home, furnish
from tests.web.english import chinese_in


@pytest.fixture(scope="module")
def _home(django_db_setup, django_db_blocker):
    with worlds.kept(django_db_blocker, furnish) as made:
        yield made


@pytest.fixture
def home(_home, db) -> Home:
    """The town with names in Latin letters: what is Chinese on a page is then a text of ours."""
    worlds.forget()
    StandardAddress.objects.filter(building="7幢").update(text="Huaianli 7")
    Person.objects.update(name="John Smith")
    return copy.deepcopy(_home)


def read(answer, name, status=200):
    assert answer.status_code == status, name
    found = [words for words in chinese_in(answer.content.decode()) if "单元" not in words]  # the entrance's own name
    assert not found, f"{name}: {found}"


def clerk(home):
    client = Client()
    client.force_login(home.world.people["clerk"])
    client.cookies["liren_lang"] = "en"
    return client


def test_the_desk_of_bindings(home):
    desk, page = clerk(home), reverse("population:person-binding", args=[home.person.public_id])
    read(desk.get(page), "nobody bound")
    read(desk.post(page, {}), "faults", 422)
    letter = {"dwelling": str(home.registry.dwellings[HOME].public_id), "submission_key": str(uuid4())}
    address = reverse("population:binding-letter", args=[home.person.public_id])
    read(desk.post(address, letter), "the letter")
    read(desk.post(address, letter, follow=True), "the letter again")
    home.bound()
    read(desk.get(page), "bound, a letter out")
    for view in ("", "?view=codes", "?view=ended"):
        read(desk.get(reverse("population:bindings") + view), view)


def test_my_home(home):
    mine, page = signed_in(home.user, "en"), reverse("population:my-home")
    read(mine.get(page), "nothing bound")
    read(mine.post(page, {"code": "x", "name": "x", "tail": "123456"}), "refused", 422)
    binding = home.bound()
    read(mine.get(page), "bound")
    end = reverse("population:my-home-end", args=[binding.public_id])
    read(mine.post(end, follow=True), "not sure")
    read(mine.post(end, {"sure": "on"}, follow=True), "ended")
