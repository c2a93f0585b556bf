"""Celery entries: send what is due, every half minute and when nudged; write the daily digests, every minute."""

from celery import shared_task
from django.utils import timezone

from governance.notifications.services import sending
from governance.notifications.services.blocking import blocks_expire
from governance.notifications.services.digests import digests_create

MAX_BATCHES = 50  # then the next call goes on: a long queue never holds a worker for ever


@shared_task(acks_late=True)
def run_send_due() -> int:
    """Send due messages batch by batch; return how many were taken up."""
    sending.release_stuck(at=timezone.now())
    taken = 0
    for _ in range(MAX_BATCHES):
        outcome = sending.send_batch(at=timezone.now())
        taken += outcome.claimed
        if not outcome.claimed:
            break
    return taken


@shared_task(acks_late=True)
def run_digests() -> int:
    """Write the digests whose hour has come; return how many."""
    return digests_create(at=timezone.now())


@shared_task(acks_late=True)
def run_blocks_expire() -> int:
    """Forget the addresses whose block is over; return how many."""
    return blocks_expire(at=timezone.now())
