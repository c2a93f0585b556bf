"""Celery entry: send what is due. Beat calls it every half minute, a retry nudges it."""

from celery import shared_task
from django.utils import timezone

from governance.notifications.services import sending

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
