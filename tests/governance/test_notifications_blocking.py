"""Addresses to which nothing is sent: why, until when, and forgotten afterwards."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.urls import reverse

from governance.access.models import Grant, Role
from governance.access.viewer import SYSTEM, HeldGrant, Viewer
from governance.errors import DomainError, Forbidden
from governance.notifications.blocking import block_of
from governance.notifications.models import BlockedAddress, Channel, Message, State
from governance.notifications.permissions import Capability
from governance.notifications.services import DELAY, messages_create, sending
from governance.notifications.services.blocking import block_add, block_lift, blocks_expire
from governance.outbox.models import DomainEvent
from tests.governance.notice_support import AREA, AT, KIND, person, publish_overdue, registered

UNTIL = date(2027, 1, 31)


@pytest.fixture(autouse=True)
def _kind() -> Iterator[None]:
    with registered(KIND):
        yield


def blocked(address: str = "wang@example.com", **more: Any) -> BlockedAddress:
    return block_add(**({"address": address, "reason": "换了主人", "until": UNTIL, "actor": SYSTEM, "at": AT} | more))


def send_to(name: str, at: datetime = AT, clock: int = 1) -> Message:
    user = person(f"{name}{clock}", email=f"{name}@example.com") if clock == 1 else None
    pk = user.pk if user is not None else Message.objects.latest("pk").user_id
    messages_create(kinds=[KIND], events=[publish_overdue(pk, clock=clock)], at=at)
    sending.send_batch(at=at + DELAY)
    return Message.objects.filter(channel=Channel.EMAIL).latest("pk")


@pytest.mark.django_db
def test_nothing_is_sent_until_the_block_ends_and_the_log_says_why() -> None:
    row = blocked("  WANG@example.com ")
    message = send_to("wang")
    assert (message.state, message.error) == (State.SKIPPED, sending.BLOCKED)
    assert not mail.outbox
    assert send_to("li").state == State.SENT
    assert block_lift(block_id=row.pk, actor=SYSTEM, at=AT)
    assert not block_lift(block_id=row.pk, actor=SYSTEM, at=AT)
    assert block_of("wang@example.com", at=AT) is None
    names = DomainEvent.objects.filter(name__startswith="notifications.address").order_by("pk")
    assert list(names.values_list("name", flat=True)) == [
        "notifications.address_blocked",
        "notifications.address_freed",
    ]


@pytest.mark.django_db
def test_the_last_day_is_whole_and_then_the_address_is_forgotten() -> None:
    row = blocked("138 1234 5678")
    assert block_of("+8613812345678", at=datetime.fromisoformat("2027-01-31T23:59:59+08:00")) == row
    over = datetime.fromisoformat("2027-02-01T00:00:00+08:00")
    assert block_of("13812345678", at=over) is None
    assert blocks_expire(at=over) == 1
    row.refresh_from_db()
    assert (str(row.address), row.index, row.ended_at, row.reason) == ("", "", over, "换了主人")
    assert blocks_expire(at=over) == 0


@pytest.mark.django_db
def test_the_address_is_nowhere_to_be_read() -> None:
    blocked("13812345678")
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(b)::text FROM notifications_blockedaddress b")
        (stored,) = cursor.fetchone()
    assert "13812345678" not in stored
    assert "138" not in str(DomainEvent.objects.get(name="notifications.address_blocked").payload)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"address": "021 6234"}, "address"),
        ({"address": "@example.com"}, "address"),
        ({"reason": "  "}, "reason"),
        ({"reason": "长" * 201}, "reason"),
        ({"until": AT.date()}, "until"),
        ({"until": AT.date() + timedelta(days=400)}, "until"),
    ],
)
def test_what_is_missing_is_said_beside_its_field(change: dict[str, Any], field: str) -> None:
    with pytest.raises(DomainError) as refused:
        blocked(**change)
    assert refused.value.field == field
    assert not BlockedAddress.objects.exists()


@pytest.mark.django_db
def test_an_address_stands_once_and_may_come_back_when_its_block_is_over() -> None:
    blocked("13812345678")
    with pytest.raises(DomainError) as refused:
        blocked("+86 138-1234-5678")
    assert refused.value.code == "blocked_address_once"
    later = datetime(2027, 3, 1, tzinfo=AT.tzinfo)
    blocked("13812345678", at=later, until=date(2027, 4, 1))
    assert BlockedAddress.objects.filter(ended_at=None).count() == 1


@pytest.mark.django_db
def test_only_for_the_whole_district() -> None:
    grant = HeldGrant(1, "administrator", frozenset({str(Capability.BLOCK)}), "440310001", None)
    with pytest.raises(Forbidden):
        blocked(actor=Viewer(kind="staff", user=person("street"), grants=(grant,)))


@pytest.mark.django_db
def test_the_page_lists_masked_adds_and_lifts(time_machine: Any) -> None:
    time_machine.move_to(AT, tick=False)
    boss = person("boss", kind="staff")
    Grant.objects.create(
        user=boss,
        role=Role.objects.get(key="administrator"),
        area_code=AREA[:6],
        starts_at=AT - timedelta(days=1),
        reason="test",
        created_at=AT,
    )
    client, address = Client(), reverse("notifications:blocks")
    client.force_login(boss)
    assert "名单是空的" in client.get(address).content.decode()
    answer = client.post(address, {"address": "1381234", "reason": "换了主人", "until": "2027-01-31"})
    assert (answer.status_code, set(answer.context["form"].errors)) == (422, {"address"})
    assert client.post(address, {"address": "", "reason": "", "until": "x"}).status_code == 422
    good = {"address": "13812345678", "reason": "换了主人", "until": "2027-01-31"}
    assert client.post(address, good).status_code == 302
    page = client.get(address).content.decode()
    assert "13812345678" not in page
    assert "138****5678" in page
    assert "不能拒收" in page
    assert "到 2027年1月31日" in page
    row = BlockedAddress.objects.get()
    assert row.created_by == boss
    assert client.post(reverse("notifications:block-lift", args=[row.pk])).status_code == 302
    assert "手机号，已经不留" in client.get(address).content.decode()
    nobody = Client()
    nobody.force_login(person("li", kind="staff"))
    assert nobody.get(address).status_code == 403
