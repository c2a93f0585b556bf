"""Seeing one person in the clear: for a purpose, once, and the person concerned can find out who looked."""

import pytest
from django.urls import reverse

from governance.outbox.models import DomainEvent
from governance.privacy.models import AccessLog
from governance.refs import ref_of
from tests.web.english import chinese_in

CLEAR = ("周建国", "110105194912310021", "13912342046", "1949-12-31")


@pytest.fixture
def address(registry) -> str:
    return reverse("population:person-reveal", args=[registry.people["周建国"].public_id])


def test_one_answer_shows_it_and_the_log_says_who_and_why(address, registry, world, client_of):
    page, card = client_of("grid_worker"), reverse("population:person", args=[registry.people["周建国"].public_id])
    answer = page.post(address, {"purpose": "registry_contact"})
    html = answer.content.decode()
    assert (answer.status_code, [one in html for one in CLEAR]) == (200, [True] * 4)
    assert "no-store" in answer["Cache-Control"]
    assert not [one for one in CLEAR if one in page.get(card).content.decode()], "in this one answer only"
    row = AccessLog.objects.get()
    assert (row.user, row.subject_ref, row.purpose) == (
        world.people["grid_worker"], ref_of(registry.people["周建国"]), "registry_contact",
    )  # fmt: skip
    assert row.fields == ["birth_date", "document_number", "name", "phone"]
    event = DomainEvent.objects.get(name="population.person_revealed")
    assert not [one for one in CLEAR if one in str(event.payload)]
    assert page.get(address).status_code == 405, "going back to it shows nothing"


def test_without_a_purpose_nothing_is_shown_and_nothing_typed_is_lost(address, client_of):
    page = client_of("head")
    for data, words in (
        ({}, "请选为什么要看"),
        ({"purpose": "curious"}, "请选为什么要看"),
        ({"purpose": "registry_other", "words": "  "}, "请写一句为什么要看"),
        ({"words": "上门查漏水"}, "上门查漏水"),
    ):
        answer = page.post(address, data)
        html = answer.content.decode()
        assert (answer.status_code, words in html) == (422, True), data
        assert not [one for one in CLEAR if one in html]
    assert not AccessLog.objects.exists()


def test_words_stand_in_the_log_without_numbers(address, client_of):
    answer = client_of("head").post(address, {"purpose": "registry_other", "words": "回电 13912342046 说的漏水"})
    assert answer.status_code == 200
    said = AccessLog.objects.get().purpose
    assert ("漏水" in said, "13912342046" in said) == (True, False)


def test_who_may_not(address, registry, client_of):
    assert client_of("head_west").post(address, {"purpose": "registry_check"}).status_code == 404
    assert client_of("supervisor").post(address, {"purpose": "registry_check"}).status_code == 403
    assert client_of("handler").post(address, {"purpose": "registry_check"}).status_code == 403
    card = reverse("population:person", args=[registry.people["周建国"].public_id])
    assert (address in client_of("supervisor").get(card).content.decode()) is False, "no button that refuses"
    assert (address in client_of("head").get(card).content.decode()) is True
    assert not AccessLog.objects.exists()


def test_in_english(address, client_of):
    page = client_of("head")
    page.cookies["liren_lang"] = "en"
    assert chinese_in(page.post(address, {}).content.decode()) == []
    assert chinese_in(page.post(address, {"purpose": "registry_check"}).content.decode()) == []
