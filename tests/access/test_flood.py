"""A crowd at the entrance: whoever comes back to their own browser passes it, and nobody may guess more for that."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.test import Client

from governance.access.models import SignInFailure
from governance.access.services import FAILURES_PER_ADDRESS, sign_in_failed
from governance.accounts.backends import ResidentBackend
from governance.web import queueing
from governance.web.queueing import A_MINUTE, CHAIRS, PLACES, turn
from tests.access.conftest import DISTRICT

pytestmark = pytest.mark.django_db
PASSWORD = "long-enough-1"
HERE = "192.0.2.7"


@pytest.fixture(autouse=True)
def _own_places(settings, tmp_path, monkeypatch):
    settings.VAR_DIR = tmp_path
    monkeypatch.setattr(queueing, "WAIT", 0.05)


@pytest.fixture
def lin(make_user, give):
    user = make_user("林晓", email="lin@liren.example")
    give(user, "administrator", DISTRICT)
    return user


def send(client, email="lin@liren.example", password=PASSWORD, address=HERE):
    return client.post("/staff/sign-in/", {"email": email, "password": password}, REMOTE_ADDR=address)


def out(client):
    client.post("/staff/sign-out/")
    return client


def test_one_s_own_browser_passes_an_address_that_others_have_used_up(client, lin, make_user, at):
    assert send(client).status_code == 302
    own = out(client)
    for number in range(FAILURES_PER_ADDRESS):
        sign_in_failed(email=f"x{number}@liren.example", address=HERE, at=at - timedelta(seconds=1))
    assert send(Client()).status_code == 429, "a new browser behind the same address"
    assert send(own).status_code == 302
    colleague = make_user(email="wang@liren.example")
    out(own)
    assert send(own, email=colleague.email).status_code == 429, "the browser is known for one person"
    for _ in range(5):
        assert send(own, password="wrong").status_code == 200
    assert send(own).status_code == 429, "five guesses, as from any address"
    stolen = Client()
    stolen.cookies["liren_device"] = own.cookies["liren_device"].value
    assert send(stolen, address="198.51.100.9").status_code == 429, "and not five more from another address"
    forged = Client()
    forged.cookies["liren_device"] = own.cookies["liren_device"].value[:-1] + "x"
    assert send(forged).status_code == 429
    assert send(Client(), address="198.51.100.9").status_code == 302, "nor does it lock its owner out elsewhere"


def test_so_many_passwords_are_tried_at_once_and_one_s_own_browser_does_not_wait(client, lin):
    assert send(client).status_code == 302
    own = out(client)
    places = [turn(is_known=False, may_wait=False) for _ in range(PLACES)]
    assert all(place.__enter__() for place in places)
    busy = send(Client(), password="wrong")
    assert busy.status_code == 429
    assert "没有轮到您" in busy.content.decode()
    assert 'value="lin@liren.example"' in busy.content.decode()
    assert not SignInFailure.objects.exists(), "nothing was tried, nothing is counted"
    with pytest.raises(ValidationError, match="没有轮到您"):
        ResidentBackend().authenticate(HttpRequest(), email="a@liren.example", password="x")
    assert send(own).status_code == 302
    chairs = [queueing._take("chair", CHAIRS) for _ in range(CHAIRS)]
    assert all(chairs)
    with turn(is_known=False, may_wait=True) as is_theirs:
        assert not is_theirs, "nobody waits in the passage"
    for one in chairs:
        one.close()
    for place in places:
        place.__exit__(None, None, None)
    assert send(Client(), address="198.51.100.9").status_code == 302, "places are given back"


def test_an_address_that_hammers_gets_one_line_and_one_s_own_browser_passes(client, lin, time_machine, at):
    time_machine.move_to(at, tick=False)
    assert send(client).status_code == 302
    own, stranger = out(client), Client()
    for _ in range(A_MINUTE):
        answer = stranger.get("/staff/sign-in/", REMOTE_ADDR=HERE)
    assert (answer.status_code, send(stranger).status_code) == (429, 429)
    assert "<" not in answer.content.decode()
    assert 0 < int(answer["Retry-After"]) <= 60
    assert send(own).status_code == 302
    assert send(stranger, address="198.51.100.9").status_code == 302
