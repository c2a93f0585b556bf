"""Broker and cache are gone: residents report as ever, and what was due is done when they come back."""

import pytest
import redis.connection
from django.urls import reverse
from kombu import pools

from governance.celery import app
from governance.notifications.models import Message
from governance.outbox import nudging, relay
from governance.outbox.models import Delivery
from requests_intake.models import ServiceRequest
from tests.factories.world import MORNING
from tests.requests_intake.resident import Resident


@pytest.fixture
def nobody_listens(settings, tmp_path, monkeypatch):
    """Point Celery and the cache at a socket that nobody serves; count who tries."""
    dead = f"{tmp_path}/nobody-listens.sock"
    settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": f"unix://{dead}?db=0"}}
    before = app.conf.broker_url

    def use(url):
        pools.reset()
        app._pool = app.amqp._producer_pool = None
        app.conf.broker_url = app.conf.broker_write_url = url

    tried = []
    original = redis.connection.UnixDomainSocketConnection._connect

    def connect(self):
        tried.append(self.path)
        return original(self)

    monkeypatch.setattr(redis.connection.UnixDomainSocketConnection, "_connect", connect)
    use(f"redis+socket://{dead}")
    yield tried
    use(before)


def test_the_public_walk_and_what_follows_from_it(committed_world, nobody_listens, time_machine):
    time_machine.move_to(MORNING, tick=False)
    resident = Resident(clock=time_machine)
    resident.begin().answer_all(committed_world.categories["lamp"].pk, photos=2, contact={"email": "zhou@example.com"})
    assert resident.send().status_code == 302
    assert resident.open(resident.address).status_code == 200
    assert resident.open(reverse("intake:track", args=[resident.token])).status_code == 200
    request = ServiceRequest.objects.get()
    assert request.attachments.count() == 2
    assert all("nobody-listens" in path for path in nobody_listens)
    nudging.settle()
    assert nobody_listens, "nobody tried: the test proves nothing"
    assert Delivery.objects.filter(state="pending").count() == Delivery.objects.count() >= 1
    assert Message.objects.count() == 0
    relay.drain(at=MORNING)
    assert not Delivery.objects.exclude(state="done").exists()
    assert Message.objects.get().recipient_ref == f"requests_intake.requestercontact:{request.contact.pk}"
