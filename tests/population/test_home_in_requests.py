"""Known, confirm or correct: the home and the contact in the reporting flow; what a move leaves untouched."""

import copy
from datetime import date, timedelta

import pytest
from django.urls import reverse

from population.handlers import follow_moves
from population.models import DwellingBinding, Residency
from requests_intake.models import ServiceRequest
from tests.factories import world as worlds
from tests.factories.residents import signed_in
from tests.factories.world import EAST_GRID, MORNING
from tests.population.binding_support import HOME, Home, furnish
from tests.requests_intake.resident import Resident

ADDRESS = "槐安里7幢 1单元 301室"


@pytest.fixture(scope="module")
def _home(django_db_setup, django_db_blocker):
    with worlds.kept(django_db_blocker, furnish) as made:
        yield made


@pytest.fixture
def home(_home, db, time_machine) -> Home:
    worlds.forget()
    time_machine.move_to(MORNING + timedelta(hours=6), tick=False)
    return copy.deepcopy(_home)


def where(home, clock, user):
    """The page that asks where, of a fresh report."""
    walk = Resident(clock, client=signed_in(user)).begin("help")
    return walk, walk.client.get(walk.address).content.decode()


def test_ones_own_home_is_offered_and_chosen_with_one_press(home, time_machine):
    home.bound()
    key = str(home.registry.dwellings[HOME].public_id)
    _walk, shown = where(home, time_machine, home.other)
    assert key not in shown
    walk, shown = where(home, time_machine, home.user)
    assert ADDRESS in shown
    assert f'form="home-form" name="home" value="{key}"' in shown, "the enter key sends what was typed"
    answer = walk.client.post(walk.address, {"home": key})
    assert answer.status_code == 302
    back = walk.client.get(walk.address).content.decode()
    assert f'value="{ADDRESS}"' in back, "it can be changed"


def test_somebody_elses_home_is_not_chosen_by_its_key(home, time_machine):
    key = str(home.registry.dwellings[HOME].public_id)
    walk, _shown = where(home, time_machine, home.other)
    answer = walk.client.post(walk.address, {"home": key})
    assert answer.status_code == 422
    assert ADDRESS not in answer.content.decode()


def test_the_contact_page_says_what_the_registry_knows_masked(home, time_machine):
    home.bound()
    walk, _shown = where(home, time_machine, home.user)
    page = walk.client.get(walk.address.replace("/where/", "/contact/")).content.decode()
    assert "周**" in page
    assert "139****2046" in page
    assert reverse("population:my-correction-new", args=["fields"]) in page
    other, _shown = where(home, time_machine, home.other)
    assert "社区登记里的您" not in other.client.get(other.address.replace("/where/", "/contact/")).content.decode()


def test_the_old_request_of_somebody_who_moved_out_goes_on(home, time_machine):
    home.bound()
    request = home.world.submit(address=ADDRESS, place_kind="address", lng=None, lat=None, area_code=EAST_GRID).request
    ServiceRequest.objects.filter(pk=request.pk).update(account=home.user)
    Residency.objects.filter(person=home.person).update(to_date=date(2026, 11, 16), end_reason="moved")

    class Moved:
        payload = {"person": f"population.person:{home.person.pk}"}

    follow_moves([Moved()])
    assert DwellingBinding.objects.get().end_reason == "moved"
    client = signed_in(home.user)
    track = client.get(reverse("intake:track", args=[request.track_token]))
    assert track.status_code == 200
    assert request.title in track.content.decode()
    assert request.title in client.get(reverse("intake:mine")).content.decode()
    _walk, shown = where(home, time_machine, home.user)
    assert ADDRESS not in shown, "it is not their home any more"
    assert client.get(reverse("population:my-record")).status_code == 200
