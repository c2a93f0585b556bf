"""What residents read of themselves, and the desks that answer them, is English for those who chose it."""

import copy
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from population.models import Correction, Person, StandardAddress
from tests.factories import world as worlds
from tests.factories.residents import signed_in
from tests.factories.world import MORNING
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
    read(desk.post(page, {"contact": "1"}), "faults", 422)
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


def test_my_record_and_its_corrections(home):
    mine, page = signed_in(home.user, "en"), reverse("population:my-record")
    read(mine.get(page), "nothing bound")
    home.bound()
    read(mine.get(page), "the record")
    read(mine.post(reverse("population:my-record-confirm"), follow=True), "all is right")
    for kind in ("fields", "moved_out", "moved_in"):
        address = reverse("population:my-correction-new", args=[kind])
        read(mine.get(address), kind)
        read(mine.post(address, {"date": "x", "name": "John Smith", "sex": "1", "phone": "1"}), f"{kind}, faults", 422)
    made = [
        mine.post(reverse("population:my-correction-new", args=["moved_out"]), {"date": "2026-11-01"}, follow=True)
        for _one in range(6)
    ]
    read(made[0], "made")
    read(made[5], "too many", 422)
    one, two, three, *_more = Correction.objects.order_by("pk")
    desk = clerk(home)
    read(desk.get(reverse("population:corrections")), "the desk")
    address = reverse("population:correction", args=[one.public_id])
    read(desk.get(address), "one")
    read(desk.post(address, {"reveal": "1"}), "opened")
    read(desk.post(address, {"refuse": "1"}), "without a reason", 422)
    read(desk.post(address, {"accept": "1"}), "leaves others without a head", 422)
    read(desk.post(address, {"refuse": "1", "answer": "x"}, follow=True), "refused")
    read(desk.get(address), "answered")
    read(desk.get(reverse("population:corrections") + "?done=1"), "answered ones")
    Correction.objects.filter(pk=two.pk).update(
        state="accepted", decided_at=MORNING, decided_by=home.world.people["clerk"]
    )
    mine.post(reverse("population:my-correction-withdraw", args=[three.public_id]))
    for each in (one, two, three):
        read(mine.get(reverse("population:my-correction", args=[each.public_id])), each.pk)
    read(mine.get(page), "with corrections")
    read(mine.get(reverse("intake:my-looks")), "who looked")
