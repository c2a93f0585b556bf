"""Back to the first choice: the draft stays, and nothing goes along that the new kind does not show."""

import pytest
from django.urls import reverse

from requests_intake.models import Draft, ServiceRequest
from tests.factories.world import DISTRICT, MORNING
from tests.requests_intake.resident import WORDS, Resident


@pytest.fixture
def resident(world, time_machine):
    time_machine.move_to(MORNING, tick=False)
    return Resident(clock=time_machine)


def choose_anew(resident, kind):
    token = resident.token
    resident.open(f"{reverse('intake:start')}?draft={token}")
    resident.send(kind=kind)
    assert resident.token == token
    return resident


def test_the_words_stay_and_no_second_draft_begins(resident):
    resident.begin("help").answer_all("unsure")
    choose_anew(resident, "complaint").answer_all("unsure")
    resident.send()
    request = ServiceRequest.objects.get()
    assert (request.kind, request.body) == ("complaint", WORDS)
    assert not Draft.objects.exists()


def test_a_tip_off_is_never_public_whatever_was_ticked_before(resident):
    resident.begin("help").answer_all("unsure", contact={"may_be_public": "yes"})
    assert Draft.objects.get().data["may_be_public"] is True
    choose_anew(resident, "tip_off")
    assert Draft.objects.get().data["may_be_public"] is False


def test_a_question_takes_no_place_along(resident):
    resident.begin("help").answer_all("unsure")
    choose_anew(resident, "enquiry").answer_all("unsure")
    resident.send()
    request = ServiceRequest.objects.get()
    assert (request.place_kind, request.area_code, request.lng) == ("none", DISTRICT, None)


@pytest.mark.parametrize("token", ["", "unknown", "x" * 500])
def test_an_unknown_draft_begins_a_new_one(resident, token):
    resident.open(f"{reverse('intake:start')}?draft={token}")
    resident.send(kind="help", draft=token)
    assert resident.step == "where"
    assert Draft.objects.count() == 1
