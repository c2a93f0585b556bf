"""Pages of orders that go outside the portal, read in English: the party's, with refusals and ends, and the staff's."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from requests_intake.services.outside import link_revoke, request_send_outside
from tests.factories import world as worlds
from tests.factories.world import MORNING
from tests.requests_intake.walk import to_state
from tests.web.english import chinese_in, language_of

LATER = MORNING + timedelta(hours=1)


@pytest.fixture
def world(db, time_machine):
    time_machine.move_to(LATER, tick=False)
    yield worlds.build()
    worlds.forget()


@pytest.fixture
def read():
    """`read(client, path, data)` opens a page, or posts; what is Chinese on any of them is told at the end."""
    faults = {}

    def opened(client, path, data=None):
        response = client.get(path) if data is None else client.post(path, data)
        if response.status_code != 302:
            html = response.content.decode()
            assert language_of(html) == "en"
            if found := chinese_in(html):
                faults[path] = found
        return response.status_code

    yield opened
    assert faults == {}


def english(user=None):
    client = Client()
    if user is not None:
        client.force_login(user)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    return client


def test_the_way_of_an_order_outside(world, read):
    request = to_state(world, "dispatched", organisation="firm", body="The street lamp is out.", language="en")
    dispatcher, party = english(world.people["dispatcher"]), english()
    page = reverse("intake:request", args=[request.number])
    act = reverse("intake:act", args=[request.number, "send_outside"])
    assert read(dispatcher, f"{page}?turn=send_outside") == 200
    assert read(dispatcher, act, {"email": "x", "phone": "1", "organisation": world.organisations["firm"].pk}) == 422
    assert read(dispatcher, act, {"organisation": world.organisations["parks"].pk}) == 422
    assert read(dispatcher, act, {"organisation": world.organisations["firm"].pk, "may_call": "on"}) == 302
    link = request.orders.get().links.get()
    own = reverse("intake:outside", args=[link.token])
    staff = reverse("intake:external-link", args=[request.number, link.pk])
    assert read(dispatcher, staff) == 200
    assert read(party, own) == 200
    assert read(party, reverse("intake:outside-contact", args=[link.token]), {}) == 200
    for name, data, status in [
        ("sign", {}, 302),
        ("sign", {}, 409),
        ("note", {"text": ""}, 422),
        ("note", {"text": "coming on Wednesday"}, 302),
        ("hand_in", {"text": ""}, 422),
        ("hand_in", {"text": "done"}, 302),
    ]:
        assert read(party, reverse("intake:outside-step", args=[link.token, name]), data) == status, (name, data)
        assert read(party, own) == 200
        assert read(dispatcher, page) == 200
    assert read(dispatcher, staff) == 200


@pytest.mark.parametrize("end", ["revoked", "expired", "over"])
def test_links_that_ended(world, read, time_machine, end):
    request = to_state(world, "contacted", body="The street lamp is out.", language="en")
    firm, dispatcher = world.organisations["firm"], world.viewer("dispatcher", LATER)
    link = request_send_outside(request=request, organisation=firm, actor=dispatcher, at=LATER)
    if end == "revoked":
        link_revoke(link=link, actor=dispatcher, at=LATER)
    elif end == "expired":
        time_machine.move_to(link.expires_at, tick=False)
    else:
        type(request).objects.filter(pk=request.pk).update(
            state="withdrawn", ended_as="withdrawn", closed_at=LATER, next_due_at=None, organisation=None
        )
    assert read(english(), reverse("intake:outside", args=[link.token])) == 410
    if end != "over":
        staff = english(world.people["dispatcher"])
        assert read(staff, reverse("intake:external-link", args=[request.number, link.pk])) == 200
        assert read(staff, reverse("intake:request", args=[request.number])) == 200
