"""Failed deliveries have a page and another try; done ones are forgotten after a while, their events never."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from governance.access.models import Grant, Role, User
from governance.outbox import services
from governance.outbox.events import DELIVERY_RETRIED
from governance.outbox.models import Delivery, DeliveryState, DomainEvent
from governance.outbox.services import deliveries_purge
from governance.outbox.tasks import run_purge
from tests.governance.notice_support import AREA, person
from tests.governance.outbox_tools import AT, publish_some
from tests.sql import assert_sql
from tests.web.english import chinese_in

pytestmark = pytest.mark.django_db
KEEP = timedelta(days=30)
PAGE, RETRY = "/staff/messages/deliveries/", "/staff/messages/deliveries/retry/"


def deliveries(count: int, **fields) -> list[Delivery]:
    """Deliveries of as many events, in this state."""
    rows = [Delivery(event=event, handler="outbox.test_handler", **fields) for event in publish_some(count)]
    return Delivery.objects.bulk_create(rows)


def done(count: int, at) -> list[Delivery]:
    return deliveries(count, state=DeliveryState.DONE, done_at=at, attempts=1)


def failed(count: int) -> list[Delivery]:
    error = "RuntimeError in send, handlers.py:7: no answer"
    return deliveries(count, state=DeliveryState.FAILED, attempts=6, error=error)


def pending(count: int) -> list[Delivery]:
    return deliveries(count, state=DeliveryState.PENDING, next_at=AT)


# Purge


def test_old_done_ones_go_and_all_others_stay(monkeypatch):
    monkeypatch.setattr(services, "PURGE_CHUNK", 4)
    waiting, stuck = pending(3), failed(9)
    old = done(11, AT - KEEP - timedelta(seconds=1))
    young = done(2, AT - KEEP)
    events = DomainEvent.objects.count()
    assert deliveries_purge(at=AT, keep=KEEP) == len(old)
    left = set(Delivery.objects.values_list("pk", flat=True))
    assert left == {row.pk for row in (*waiting, *stuck, *young)}
    assert DomainEvent.objects.count() == events
    assert deliveries_purge(at=AT, keep=KEEP) == 0


def test_it_ends_where_the_young_ones_begin(monkeypatch):
    """A daily run must not read thirty days of deliveries to find nothing."""
    monkeypatch.setattr(services, "PURGE_CHUNK", 4)
    done(40, AT)
    with assert_sql(1):
        assert deliveries_purge(at=AT, keep=KEEP) == 0


def test_the_daily_task_keeps_as_long_as_the_setting_says(settings):
    settings.OUTBOX_KEEP_DAYS = 5
    done(3, timezone.now() - timedelta(days=6))
    done(1, timezone.now() - timedelta(days=4))
    assert run_purge() == 3


# Page


@pytest.fixture
def staff(db) -> Callable[..., Client]:
    """Signs in somebody with a role in an area."""

    def make(role: str, area_code: str = AREA[:6]) -> Client:
        user: User = person(f"{role}-{area_code}")
        Grant.objects.create(
            user=user,
            role=Role.objects.get(key=role),
            area_code=area_code,
            starts_at=timezone.now() - timedelta(days=1),
            reason="test",
            created_at=timezone.now(),
        )
        client = Client()
        client.force_login(user)
        return client

    return make


def test_an_administrator_sees_what_failed_and_why(staff):
    failed(2), pending(1), done(1, AT)
    client = staff("administrator")
    assert reverse("notifications:deliveries") in client.get("/staff/messages/").content.decode()
    with assert_sql(4):  # session, person, grants, the page
        page = client.get(PAGE).content.decode()
    assert page.count('name="delivery"') == 2
    assert "RuntimeError in send" in page
    assert "试了 6 次" in page


def test_the_page_is_english_in_english(staff):
    client = staff("administrator")
    client.cookies["liren_lang"] = "en"
    assert not chinese_in(client.get(PAGE).content.decode())  # nothing failed
    failed(1)
    assert not chinese_in(client.get(PAGE).content.decode())


def test_others_do_not_and_the_next_district_neither(staff):
    failed(1)
    assert staff("handler").get(PAGE).status_code == 403
    assert 'name="delivery"' not in staff("administrator", "440311").get(PAGE).content.decode()


def test_a_retry_makes_them_due_and_is_recorded(staff):
    rows = failed(3)
    client = staff("administrator")
    sent = [str(row.pk) for row in rows[:2]] + ["x", "999999999"]
    answer = client.post(RETRY, {"delivery": sent}, follow=True)
    assert "2 项重新排队" in answer.content.decode()
    states = list(Delivery.objects.order_by("pk").values_list("state", "attempts"))
    assert states.count((DeliveryState.PENDING, 0)) >= 2
    assert Delivery.objects.get(pk=rows[2].pk).state == DeliveryState.FAILED
    assert DomainEvent.objects.filter(name=DELIVERY_RETRIED.name).count() == 2
    again = client.post(RETRY, {"delivery": sent[:2]}, follow=True)
    assert "没有重试" in again.content.decode()


def test_nobody_retries_what_lies_elsewhere(staff):
    rows = failed(1)
    staff("administrator", "440311").post(RETRY, {"delivery": [str(rows[0].pk)]})
    assert Delivery.objects.get(pk=rows[0].pk).state == DeliveryState.FAILED
