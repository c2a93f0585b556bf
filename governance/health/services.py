"""The only writer of the heartbeat."""

from datetime import datetime

from governance.health.models import Heartbeat


def heartbeat_record(*, at: datetime) -> None:
    """Note that a worker was alive at `at`; one statement."""
    Heartbeat.objects.bulk_create(
        [Heartbeat(id=1, at=at)], update_conflicts=True, unique_fields=["id"], update_fields=["at"]
    )
