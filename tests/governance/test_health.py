"""/healthz is 200 only while every part is alive, and names the part that is not."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from governance.health.models import Heartbeat
from governance.health.probe import probe
from governance.health.selectors import LONGEST_SILENCE
from governance.health.services import heartbeat_record
from governance.health.tasks import run_heartbeat
from tests.sql import assert_sql

pytestmark = pytest.mark.django_db
ALIVE = {"database": "ok", "broker": "ok", "worker_and_beat": "ok"}


def test_everything_alive(client: Client) -> None:
    run_heartbeat()
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()["parts"]) == (200, ALIVE)
    assert answer.json()["heartbeat_age"] < 5
    assert "no-store" in answer.headers["Cache-Control"]


def test_a_dead_broker_is_named(client: Client, settings: pytest.FixtureRequest) -> None:
    run_heartbeat()
    settings.REDIS_URL = "unix:///nowhere/valkey.sock?db=0"
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()["parts"]) == (503, ALIVE | {"broker": "failed"})


@pytest.mark.parametrize(("silence", "status"), [(LONGEST_SILENCE - 5, 200), (LONGEST_SILENCE + 1, 503)])
def test_a_silent_worker_is_named_after_a_minute(client: Client, silence: float, status: int) -> None:
    heartbeat_record(at=timezone.now() - timedelta(seconds=silence))
    answer = client.get("/healthz")
    assert answer.status_code == status
    assert (answer.json()["parts"]["worker_and_beat"] == "ok") == (status == 200)


def test_no_heartbeat_at_all_is_a_fault(client: Client) -> None:
    assert client.get("/healthz").status_code == 503


@pytest.mark.django_db(transaction=True)
def test_a_dead_database_is_named_and_not_an_error(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    run_heartbeat()
    assert client.get("/healthz").status_code == 200
    connection.close()
    monkeypatch.setitem(connection.settings_dict, "HOST", "/nowhere")
    answer = client.get("/healthz")
    connection.close()
    assert answer.status_code == 503
    assert answer.json()["parts"] == ALIVE | {"database": "failed", "worker_and_beat": "failed"}


def test_asking_is_cheap_and_open_to_machines_without_an_account(client: Client) -> None:
    with assert_sql(2):
        client.get("/healthz")


def test_only_reading_is_allowed(client: Client) -> None:
    assert client.head("/healthz").status_code == 503
    assert client.post("/healthz").status_code == 405


def test_a_later_heartbeat_replaces_the_row() -> None:
    at = timezone.now()
    heartbeat_record(at=at - timedelta(hours=1))
    with assert_sql(1):
        heartbeat_record(at=at)
    assert list(Heartbeat.objects.values_list("at", flat=True)) == [at]


def test_the_probe_of_a_container_names_its_part(live_server):
    """A container's check asks for its own part: a dead worker does not make the web service unwell."""
    host = live_server.url.removeprefix("http://")
    assert probe(live_server.url, ["database"], host)
    assert not probe(live_server.url, ["database", "worker_and_beat"], host)  # no heartbeat yet
    assert not probe(live_server.url, ["database"], "elsewhere.example")  # 400: not a name of this portal
    assert not probe("http://127.0.0.1:9", ["database"], host)
