"""What the outbox does in the background: carry events to handlers, and seal the trail."""

from datetime import timedelta

import structlog
from celery import shared_task
from django.conf import settings
from django.utils import timezone

from governance.outbox import relay, sealing
from governance.outbox.services import deliveries_purge

log = structlog.get_logger(__name__)


@shared_task  # type: ignore[untyped-decorator]  # celery brings no types
def run_relay() -> int:
    """Run all due deliveries. Nudged after commits and swept every minute; two runs at once share the work."""
    return relay.drain()


@shared_task  # type: ignore[untyped-decorator]  # celery brings no types
def run_purge() -> int:
    """Forget deliveries that were done long ago; once a day. The events themselves stay for good."""
    return deliveries_purge(at=timezone.now(), keep=timedelta(days=settings.OUTBOX_KEEP_DAYS))


@shared_task  # type: ignore[untyped-decorator]  # celery brings no types
def run_seal() -> int:
    """Seal what can be sealed. Each digest is logged, so that copies of the chain exist outside the database."""
    seals = sealing.seal_due(timezone.now())
    for seal in seals:
        log.info("outbox_sealed", seal=seal.pk, kind=seal.kind, rows=seal.count, digest=seal.digest)
    return len(seals)
