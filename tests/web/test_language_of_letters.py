"""The language a person chooses on a page is the one their letters come in."""

import pytest

from governance.access.models import User


@pytest.fixture
def person(db):
    return User.objects.create_user("li@example.com", "a-long-password", display_name="李", language="zh-hans")


def choose(client, value):
    return client.post("/preferences/", {"_preference": f"language:{value}", "next": "/"})


def test_a_signed_in_person_keeps_the_choice(client, person):
    client.force_login(person)
    choose(client, "en")
    assert User.objects.get(pk=person.pk).language == "en"


def test_an_unknown_language_and_a_stranger_change_nothing(client, person):
    choose(client, "en")
    assert User.objects.get(pk=person.pk).language == "zh-hans"
    client.force_login(person)
    choose(client, "tlh")
    assert User.objects.get(pk=person.pk).language == "zh-hans"
