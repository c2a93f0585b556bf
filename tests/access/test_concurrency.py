"""Two administrators press at the same moment, in two real transactions."""

import threading
from collections.abc import Callable

import pytest
from django.db import connection

from governance.access.models import Grant, Role
from governance.access.services import grant_create, grant_end
from governance.access.viewer import SYSTEM
from governance.errors import DomainError
from governance.outbox.models import DomainEvent
from tests.access.conftest import LAKE

pytestmark = pytest.mark.django_db(transaction=True)


def both_at_once(act: Callable[[], object]) -> list[str]:
    """Run `act` in two threads that start together; return "done" or the refusal's code of each."""
    gate, results = threading.Barrier(2), []

    def run() -> None:
        try:
            gate.wait(timeout=10)
            act()
            results.append("done")
        except DomainError as error:
            results.append(error.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=20)
    return sorted(results)


def test_the_same_grant_is_given_once(make_user, at):
    user, role = make_user(), Role.objects.get(key="handler")
    order = {
        "user": user, "role": role, "area_code": LAKE, "organisation": None, "starts_at": at, "ends_at": None,
        "reason": "测试", "actor": SYSTEM, "at": at,
    }  # fmt: skip
    assert both_at_once(lambda: grant_create(**order)) == ["done", "grant_no_overlap"]
    assert Grant.objects.filter(user=user).count() == 1
    assert DomainEvent.objects.filter(name="access.grant_given").count() == 1


def test_ending_twice_at_once_ends_once(make_user, give, at):
    grant = give(make_user(), "handler", LAKE)
    assert both_at_once(lambda: grant_end(grant=grant, actor=SYSTEM, at=at)) == ["done", "done"]
    assert DomainEvent.objects.filter(name="access.grant_ended").count() == 1
