"""One press, one row, also when two presses arrive together."""

import threading
import uuid
from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, connection

from governance.access.models import Grant, Role, User
from governance.web.idempotency import create_once, once

NOON = datetime(2026, 11, 19, 4, 0, tzinfo=UTC)


def grant(user: User, key: uuid.UUID | None, code: str = "990105") -> Grant:
    role = Role.objects.get(key="handler")
    return Grant.objects.create(
        user=user, role=role, area_code=code, starts_at=NOON, reason="t", created_at=NOON, submission_key=key
    )


@pytest.mark.django_db
def test_the_second_press_finds_the_first_row():
    user = User.objects.create_user("a@example.com", display_name="甲")
    key = uuid.uuid4()
    assert once(Grant.objects.all(), key) is None
    first, created = create_once(Grant.objects.all(), key, lambda: grant(user, key))
    again, repeated = create_once(Grant.objects.all(), key, lambda: grant(user, key))
    assert (created, repeated) == (True, False)
    assert first == again
    assert Grant.objects.count() == 1


@pytest.mark.django_db
def test_another_broken_rule_is_not_taken_for_a_repeat():
    user = User.objects.create_user("a@example.com", display_name="甲")
    grant(user, uuid.uuid4())
    key = uuid.uuid4()
    with pytest.raises(IntegrityError, match="grant_no_overlap"):
        create_once(Grant.objects.all(), key, lambda: grant(user, key))


@pytest.mark.django_db(transaction=True)
def test_two_presses_at_once_make_one_row():
    people = [User.objects.create_user(f"{n}@example.com", display_name=str(n)) for n in range(2)]
    key = uuid.uuid4()
    together = threading.Barrier(2, timeout=10)
    results: list[tuple[int, bool]] = []

    def press(user: User) -> None:
        try:

            def create() -> Grant:
                together.wait()  # both have looked and found nothing
                return grant(user, key)

            row, created = create_once(Grant.objects.all(), key, create)
            results.append((row.pk, created))
        finally:
            connection.close()

    threads = [threading.Thread(target=press, args=(user,)) for user in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(created for _pk, created in results) == [False, True]
    assert len({pk for pk, _created in results}) == 1
    assert Grant.objects.filter(submission_key=key).count() == 1
