"""Whether the parts of the stack are alive, each asked by itself."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import Error as DatabaseFault
from django.db import connection
from redis import Redis, RedisError

from governance.health.models import Heartbeat

LONGEST_SILENCE = 60.0  # seconds; beat sends every 15, so three may be lost


@dataclass(frozen=True)
class Health:
    """What answered. `heartbeat_age` in seconds, None when there never was a heartbeat or no database to ask."""

    database: bool
    broker: bool
    heartbeat_age: float | None

    @property
    def worker_and_beat(self) -> bool:
        """Whether beat sent and a worker wrote a heartbeat lately."""
        return self.heartbeat_age is not None and self.heartbeat_age < LONGEST_SILENCE

    @property
    def alive(self) -> bool:
        """Whether everything is."""
        return self.database and self.broker and self.worker_and_beat


def health(*, at: datetime) -> Health:
    """Ask database, broker and heartbeat; never raises because one of them is dead."""
    database, age = _database(at)
    return Health(database=database, broker=_broker(), heartbeat_age=age)


def _database(at: datetime) -> tuple[bool, float | None]:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseFault:
        return False, None
    try:
        last = Heartbeat.objects.values_list("at", flat=True).first()
    except DatabaseFault:
        return True, None  # not migrated yet
    return True, None if last is None else max(0.0, (at - last).total_seconds())


def _broker() -> bool:
    client = Redis.from_url(settings.REDIS_URL, socket_connect_timeout=0.5, socket_timeout=1.0)
    try:
        return bool(client.ping())
    except (RedisError, OSError):
        return False
    finally:
        client.close()
