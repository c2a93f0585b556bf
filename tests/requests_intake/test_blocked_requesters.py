"""Whoever left a blocked address is heard as ever, told where to turn, and the desk knows that no message arrives."""

from datetime import date, timedelta

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from governance.access.viewer import SYSTEM
from governance.errors import DomainError
from governance.notifications.models import Message, State
from governance.notifications.services import DELAY, sending
from governance.notifications.services.blocking import block_add
from governance.outbox import relay
from requests_intake.services.following import follow_ask
from tests.factories.world import EAST, MORNING
from tests.requests_intake.walk import to_state

pytestmark = pytest.mark.django_db
PHONE, MAIL = "13912342046", "zhou@example.com"


@pytest.fixture(autouse=True)
def _clock(time_machine):
    time_machine.move_to(MORNING + timedelta(hours=1), tick=False)


def block(address):
    block_add(address=address, reason="号码换了主人", until=date(2027, 3, 1), actor=SYSTEM, at=MORNING)


def test_the_request_is_taken_and_handled_and_the_receipt_says_where_to_turn(world):
    block(PHONE)
    request = to_state(world, "dispatched", phone=PHONE, email="")
    other = to_state(world, "dispatched", phone="13800000001", email="")
    told = Client().get(reverse("intake:receipt", args=[request.track_token])).content.decode()
    assert "我们现在不往您留的号码或邮箱发消息" in told
    assert "8812 0316" in told
    assert "柳塘街 18 号" in told
    assert "不往您留的" not in Client().get(reverse("intake:receipt", args=[other.track_token])).content.decode()
    relay.drain(MORNING + timedelta(hours=2))
    while sending.send_batch(at=MORNING + timedelta(hours=2) + DELAY).claimed:
        pass
    states = {
        row.error if row.state == State.SKIPPED else row.state
        for row in Message.objects.filter(subject_ref=f"requests_intake.servicerequest:{request.pk}", channel="sms")
    }
    assert states == {sending.BLOCKED}


def test_the_desk_reads_the_reason_and_whom_to_ring(world, client_of):
    request = to_state(world, "submitted", phone=PHONE)
    desk = reverse("intake:desk", args=[request.number])
    assert "停发名单" not in client_of("dispatcher").get(desk).content.decode()
    block(PHONE)
    html = client_of("dispatcher").get(desk).content.decode()
    assert "请打电话或当面答复" in html
    assert "号码换了主人" in html


def test_following_with_a_blocked_address_is_refused_beside_the_field(world):
    block(MAIL)
    with pytest.raises(DomainError) as refused:
        follow_ask(email=MAIL, language="zh-hans", area_code=EAST[:12], at=MORNING)
    assert refused.value.field == "email"
    answer = Client().post(reverse("intake:follow-area"), {"email": MAIL, "area": EAST[:12]})
    assert answer.status_code == 422
    assert answer.context["form"].errors.keys() == {"email"}


def test_no_code_is_promised_that_would_not_arrive(world):
    block(PHONE)
    for name, typed in (("account_login", {"login": PHONE}), ("account_signup", {"phone": PHONE, "email": ""})):
        html = Client().post(reverse(name), typed).content.decode()
        assert "验证码到不了" in html, name
        assert "8812 0316" in html
    assert not Message.objects.filter(kind__startswith="accounts.").exists()
    assert not mail.outbox
