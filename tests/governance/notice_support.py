"""A kind of notice of the tests' own, its event, and people to tell."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, time
from typing import Any

from django.db import connections, transaction

from governance.access.models import User
from governance.access.viewer import SYSTEM
from governance.notifications import registry
from governance.notifications.handlers import subscribe_kinds
from governance.notifications.models import NoticePreference
from governance.notifications.registry import NoticeKind, Recipient, user_recipient
from governance.outbox.events import EventType
from governance.outbox.models import DomainEvent
from governance.outbox.services import NewEvent, publish_many

AT = datetime(2026, 11, 12, 12, 41, tzinfo=UTC)  # 20:41 in Shanghai
AREA = "440310001"

OVERDUE = EventType("notifications.test_passed_due", ("clock", "level", "number", "user_ids", "due_at"))


def _audience(event: DomainEvent) -> list[Recipient]:
    return [user_recipient(pk) for pk in event.payload["user_ids"]]


def _context(event: DomainEvent) -> dict[str, Any]:
    return {
        "number": event.payload["number"],
        "due_at": event.payload["due_at"],
        "office": {"zh": "青禾社区", "en": "Qinghe Community"},
    }


KIND = NoticeKind(
    key="notices_test.overdue",
    event=OVERDUE.name,
    title="超期提醒",
    audience=_audience,
    context=_context,
    context_keys=("number", "due_at", "office"),
    subject_zh="工单 {number} 超期了",
    body_zh="{office}应在 {due_at} 前办完。",
    subject_en="Order {number} is overdue",
    body_en="{office} should have finished by {due_at}.",
    dedupe=lambda event: f"{event.payload['clock']}:{event.payload['level']}",
)


@contextmanager
def registered(*kinds: NoticeKind) -> Iterator[None]:
    """Make kinds known for the length of a test."""
    for kind in kinds:
        registry.register(kind)
    subscribe_kinds()
    try:
        yield
    finally:
        for kind in kinds:
            registry.unregister(kind.key)


def person(name: str, **fields: Any) -> User:
    """A person with an address of their own."""
    shown = "private_name" if fields.get("kind") == "resident" else "display_name"
    return User.objects.create_user(email=fields.pop("email", f"{name}@example.com"), **{shown: name}, **fields)


def common_hours() -> NoticePreference:
    """What holds for everybody who has chosen nothing in an installation that has just been set up."""
    return NoticePreference.objects.create(quiet_from=time(22), quiet_until=time(7), digest_at=time(8), changed_at=AT)


def publish_overdue(*user_ids: int, clock: int = 1, level: str = "overdue", area_code: str = AREA) -> DomainEvent:
    """Publish one event for these people."""
    with transaction.atomic():
        return publish_many(
            [
                NewEvent(
                    event_type=OVERDUE,
                    subject="notices_test.clock:7",
                    actor=SYSTEM,
                    at=AT,
                    area_code=area_code,
                    payload={
                        "clock": clock,
                        "level": level,
                        "number": "202611120000415",
                        "user_ids": list(user_ids),
                        "due_at": "2026-11-19T10:00:00+00:00",
                    },
                )
            ]
        )[0]


def in_thread(pool: ThreadPoolExecutor, work: Callable[[], object]) -> "Future[None]":
    """Run work in a thread with database connections of its own; `result()` raises what it raised."""

    def closing() -> None:
        try:
            work()
        finally:
            connections.close_all()

    return pool.submit(closing)
