"""The heartbeat: sent by beat, written by a worker, so that its row proves both."""

from contextlib import suppress

from celery import shared_task
from celery.signals import beat_init
from django.utils import timezone
from kombu.exceptions import OperationalError

from governance.health.services import heartbeat_record

EXPIRES = 30  # seconds; a worker that was away has no use for the heartbeats of the meantime


@shared_task(name="governance.health.tasks.run_heartbeat")
def run_heartbeat() -> None:
    """Write the heartbeat."""
    heartbeat_record(at=timezone.now())


@beat_init.connect
def first_heartbeat(**_: object) -> None:
    """Beat's first heartbeat would come only after a whole interval; send one as soon as it starts."""
    with suppress(OperationalError):
        run_heartbeat.apply_async(expires=EXPIRES)
