"""Telephones and group chats: one row a message, the gateway's form, secrets that are gone once they are sent."""

import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from pytest_django import Settings

from governance.access.models import UserPhone
from governance.access.viewer import SYSTEM, HeldGrant, Viewer
from governance.errors import DomainError, Forbidden
from governance.notifications import contacts
from governance.notifications.checks import check_sms_provider
from governance.notifications.models import Channel, Message, MessageTemplate, OfficeRobot, State
from governance.notifications.permissions import Capability
from governance.notifications.registry import NoticeKind, Recipient, nobody, nothing
from governance.notifications.selectors import log_page, offices_for_robots
from governance.notifications.services import DELAY, message_send, messages_create, sending, template_save
from governance.notifications.services.robots import office_robot_set
from governance.organisations.models import Organisation
from governance.outbox.models import DomainEvent
from governance.privacy.blind_index import blind_index
from governance.text import mobile_number
from tests.governance.notice_support import AREA, AT, KIND, person, publish_overdue, registered

DUE = AT + DELAY
RESIDENT = "notices_test.contact"
TO_PHONE = replace(
    KIND,
    key="notices_test.to_phone",
    audience=lambda event: [Recipient(f"{RESIDENT}:17", ("sms",))],
    late=lambda messages: [{"link": "/t/secret-token/"} for _message in messages],
    sms_zh="{office}应在 {due_at} 前办完 {number}：\n{link}",
    sms_en="{office} should finish {number} by {due_at}: {link}",
)
CODE = NoticeKind(
    key="notices_test.code",
    event="",
    title="验证码",
    audience=nobody,
    context=nothing,
    context_keys=(),
    late_keys=("code",),
    subject_zh="验证码",
    body_zh="您的验证码是 {code}。",
    subject_en="Your code",
    body_en="Your code is {code}.",
    sms_zh="验证码 {code}，3 分钟内有效。",
    sms_en="Code {code}, good for 3 minutes.",
)


@dataclass
class Gateway:
    """A gateway on this machine: remembers what it was sent, answers what it is told to."""

    url: str
    status: int = 200
    answer: bytes = b'{"accepted": true}'
    headers: list[dict[str, str]] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)

    @property
    def last(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.bodies[-1])
        return found


@pytest.fixture
def gateway(settings: Settings) -> Iterator[Gateway]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            known.headers.append({name.lower(): value for name, value in self.headers.items()})
            known.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(known.status)
            if known.status == 302:
                self.send_header("Location", f"{known.url}/elsewhere")
            self.end_headers()
            self.wfile.write(known.answer)

        def log_message(self, *_words: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    known = Gateway(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    settings.SMS_PROVIDER, settings.SMS_URL, settings.SMS_SECRET = "webhook", f"{known.url}/send", "shared"
    settings.SMS_TIMEOUT = 2.0
    yield known
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(autouse=True)
def _kinds() -> Iterator[None]:
    contacts.register_resolver(
        RESIDENT,
        lambda refs: {ref: contacts.Contact("", "zh-hans", "张三", phone="139 1234 2046") for ref in refs},
    )
    with registered(KIND, TO_PHONE, CODE):
        yield
    contacts.unregister_resolver(RESIDENT)


def queued() -> Message:
    messages_create(kinds=[TO_PHONE], events=[publish_overdue()], at=AT)
    return Message.objects.get(kind=TO_PHONE.key)


def fresh(message: Message) -> Message:
    return Message.objects.get(pk=message.pk)


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("13812345678", "+8613812345678"),
        ("138 1234-5678", "+8613812345678"),
        ("１３８１２３４５６７８", "+8613812345678"),
        ("+86 138 1234 5678", "+8613812345678"),
        ("0086-13812345678", "+8613812345678"),
        ("8613812345678", "+8613812345678"),
        ("+44 20 7946 0958", "+442079460958"),
        ("021-88120316", ""),
        ("+86 21 88120316", ""),
        ("12812345678", ""),
        ("1381234567", ""),
        ("call me", ""),
        ("", ""),
    ],
)
def test_mobile_numbers_are_understood_as_people_write_them(typed: str, number: str) -> None:
    assert mobile_number(typed) == number


@pytest.mark.django_db
def test_an_event_told_twice_is_one_row_and_one_sms(gateway: Gateway) -> None:
    event = publish_overdue()
    for _again in range(2):
        messages_create(kinds=[TO_PHONE], events=[event], at=AT)
    assert Message.objects.filter(channel=Channel.SMS).count() == 1
    assert sending.send_batch(at=DUE).sent == 1
    assert sending.send_batch(at=DUE + timedelta(days=1)).claimed == 0
    assert len(gateway.bodies) == 1


@pytest.mark.django_db
def test_gateway_gets_number_text_and_a_signature_over_the_body(gateway: Gateway, settings: Settings) -> None:
    settings.PUBLIC_URL = "https://liren.example"
    message = queued()
    sending.send_batch(at=DUE)

    sent, headers = gateway.last, gateway.headers[-1]
    assert sent["to"] == "+8613912342046"
    assert sent["text"] == (
        "青禾社区应在 11月19日（周四）18:00 前办完 202611120000415： https://liren.example/t/secret-token/"
    )
    assert (sent["id"], sent["template_id"], sent["language"]) == (message.dedupe_key, "", "zh-hans")
    assert [parameter["name"] for parameter in sent["parameters"]] == ["office", "due_at", "number", "link"]
    signed = headers["x-liren-timestamp"].encode() + b"." + gateway.bodies[-1]
    assert headers["x-liren-signature"] == "sha256=" + hmac.new(b"shared", signed, hashlib.sha256).hexdigest()
    assert headers["idempotency-key"] == message.dedupe_key
    assert "secret-token" not in str(fresh(message).body)
    assert "青禾社区应在" in str(fresh(message).body)


@pytest.mark.django_db
def test_approved_template_goes_with_its_parameters_in_its_own_order(gateway: Gateway) -> None:
    template_save(
        kind=TO_PHONE.key,
        channel="sms",
        language="zh-hans",
        subject="",
        body="工单{number}，期限{due_at}",
        provider_template_id="SMS_2046",
        parameters=["due_at", "number"],
        actor=SYSTEM,
        at=AT,
    )
    queued()
    sending.send_batch(at=DUE)
    assert gateway.last["template_id"] == "SMS_2046"
    assert gateway.last["text"] == "工单202611120000415，期限11月19日（周四）18:00"
    assert gateway.last["parameters"] == [
        {"name": "due_at", "value": "11月19日（周四）18:00"},
        {"name": "number", "value": "202611120000415"},
    ]


@pytest.mark.django_db
def test_the_letter_and_the_sms_have_texts_of_their_own() -> None:
    same = {"kind": TO_PHONE.key, "language": "zh-hans", "actor": SYSTEM, "at": AT}
    template_save(**same, subject="信 {number}", body="信")
    template_save(**same, channel="sms", subject="", body="短信 {number} {link}")
    assert MessageTemplate.objects.count() == 2
    assert MessageTemplate.objects.get(channel="sms").parameters == ["number", "link"]
    with pytest.raises(DomainError) as refused:
        template_save(**same, channel="sms", subject="", body="{number}", parameters=["numbre"])
    assert refused.value.field == "parameters"
    with pytest.raises(DomainError) as refused:
        template_save(**same, subject="s", body="b", provider_template_id="SMS_1")
    assert refused.value.code == "template_id_is_for_sms"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("status", "answer", "reason"),
    [
        (500, b"", "PostError: HTTP 500"),
        (302, b"", "PostError: HTTP 302"),
        (200, b'{"accepted": false}', "PostError: the gateway refused the message"),
    ],
)
def test_what_the_gateway_does_not_take_is_tried_again(
    gateway: Gateway, status: int, answer: bytes, reason: str
) -> None:
    message = queued()
    gateway.status, gateway.answer = status, answer
    assert sending.send_batch(at=DUE).failed == 1
    assert (fresh(message).state, fresh(message).error) == (State.QUEUED, reason)

    gateway.status, gateway.answer = 204, b""
    assert sending.send_batch(at=DUE + timedelta(minutes=1)).sent == 1
    assert [headers["idempotency-key"] for headers in gateway.headers] == [message.dedupe_key] * 2


@pytest.mark.django_db
def test_without_a_gateway_or_a_mobile_number_the_log_says_why(settings: Settings) -> None:
    settings.SMS_PROVIDER = ""
    message = queued()
    assert sending.send_batch(at=DUE).skipped == 1
    assert fresh(message).state == State.SKIPPED
    (item,) = log_page(viewer=SYSTEM).items
    assert item.reason == "没有登记手机号，或者还没有接短信网关"
    assert item.address == "139****2046"


@pytest.mark.django_db
def test_a_code_is_stored_encrypted_and_gone_once_it_is_sent(gateway: Gateway) -> None:
    message = message_send(
        kind=CODE,
        channel=Channel.SMS,
        recipient_ref="access.visitor:abc",
        address="+8613912342046",
        language="en",
        secret={"code": "483920"},
        at=AT,
        expires_at=AT + timedelta(minutes=3),
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT t::text FROM notifications_message t WHERE id = %s", [message.pk])
        row = cursor.fetchone()[0]
    assert "483920" not in row
    assert "13912342046" not in row

    assert sending.send_batch(at=AT).sent == 1, "codes do not wait for the undo"
    assert gateway.last["text"] == "Code 483920, good for 3 minutes."
    kept = fresh(message)
    assert kept.secret is None
    assert str(kept.body) == "Code […], good for 3 minutes."
    with pytest.raises(IntegrityError), transaction.atomic():
        Message.objects.filter(pk=message.pk).update(secret={"code": "483920"})


@pytest.mark.django_db
def test_a_code_that_is_too_late_is_never_sent(gateway: Gateway) -> None:
    given = {"kind": CODE, "channel": Channel.SMS, "recipient_ref": "access.visitor:abc", "address": "13912342046"}
    late = message_send(**given, secret={"code": "1"}, at=AT, expires_at=AT + timedelta(minutes=3))
    assert sending.send_batch(at=AT + timedelta(minutes=3)).skipped == 1
    assert (fresh(late).state, fresh(late).error, fresh(late).secret) == (State.SKIPPED, sending.TOO_LATE, None)

    gateway.status = 500
    failing = message_send(**given, secret={"code": "2"}, at=AT, expires_at=AT + timedelta(seconds=90))
    for at in (AT, AT + timedelta(minutes=1)):
        assert sending.send_batch(at=at).failed == 1
    assert (fresh(failing).state, fresh(failing).secret) == (State.FAILED, None)
    assert len(gateway.bodies) == 2


@pytest.mark.django_db
def test_the_same_message_asked_for_twice_is_one_row() -> None:
    given = {"kind": CODE, "channel": Channel.EMAIL, "recipient_ref": "access.visitor:abc", "secret": {"code": "1"}}
    assert message_send(**given, at=AT, once="x").pk == message_send(**given, at=AT, once="x").pk
    assert message_send(**given, at=AT).pk != message_send(**given, at=AT).pk
    with pytest.raises(DomainError):
        message_send(**(given | {"secret": {}}), at=AT)


@pytest.mark.django_db
def test_a_person_is_reached_at_a_number_that_was_verified(gateway: Gateway) -> None:
    user = person("wang")
    phone = UserPhone.objects.create(
        user=user, number="+8613912342046", number_index=blind_index("13912342046", purpose="access.phone")
    )
    given = {"kind": CODE, "channel": Channel.SMS, "recipient_ref": f"access.user:{user.pk}", "secret": {"code": "1"}}
    message_send(**given, at=AT)
    assert sending.send_batch(at=AT).skipped == 1
    phone.verified_at = AT
    phone.save()
    message_send(**given, at=AT)
    assert sending.send_batch(at=AT).sent == 1
    assert gateway.last["to"] == "+8613912342046"


@pytest.mark.django_db
def test_console_writes_a_file_for_this_account_only(settings: Settings, tmp_path: Path) -> None:
    settings.SMS_FILE_PATH = tmp_path / "sms"
    message = queued()
    sending.send_batch(at=DUE)
    file = settings.SMS_FILE_PATH / f"{message.dedupe_key[:32]}.txt"
    assert file.read_text(encoding="utf-8").startswith("+8613912342046\n青禾社区应在")
    assert file.stat().st_mode & 0o077 == 0


@pytest.mark.django_db
def test_a_group_chat_hears_of_it_only_at_an_allowed_address(gateway: Gateway, settings: Settings) -> None:
    office = Organisation.objects.create(kind="department", name="市政设施所", short_name="市政所", area_code=AREA[:6])
    robot = OfficeRobot.objects.create(organisation=office, url=f"{gateway.url}/robot?key=1", changed_at=AT)
    ref = f"organisations.organisation:{office.pk}"
    kind = replace(
        KIND, key="notices_test.to_group", audience=lambda event: [Recipient(ref, ("webhook",))], dedupe=lambda e: "1"
    )
    with registered(kind):
        messages_create(kinds=[kind], events=[publish_overdue()], at=AT)
        assert sending.send_batch(at=DUE).skipped == 1, "not an address that the settings allow"
        assert gateway.bodies == []

        settings.WEBHOOK_ORIGINS = [gateway.url]
        Message.objects.update(state=State.QUEUED, next_at=DUE, error="")
        gateway.answer = b'{"errcode": 93000, "errmsg": "invalid key"}'
        assert sending.send_batch(at=DUE).failed == 1
        gateway.answer = b'{"errcode": 0}'
        assert sending.send_batch(at=DUE + timedelta(hours=1)).sent == 1
    assert gateway.last["msgtype"] == "text"
    assert gateway.last["text"]["content"].startswith("工单 202611120000415 超期了\n青禾社区应在")
    assert str(robot.url) not in str(Message.objects.get().body)


@pytest.mark.django_db
def test_the_page_of_messages_is_there_in_a_demo_only(settings: Settings) -> None:
    client = Client()
    assert client.get("/messages/").status_code == 404
    settings.LIREN_MESSAGE_PAGE = True
    message_send(
        kind=CODE,
        channel=Channel.SMS,
        recipient_ref="access.visitor:abc",
        address="+8613912342046",
        secret={"code": "483920"},
        at=AT,
    )
    sending.send_batch(at=AT)
    page = client.get("/messages/").content.decode()
    assert "验证码 483920，3 分钟内有效。" in page
    assert "+8613912342046" in page
    assert "483920" not in client.get("/messages/?channel=email").content.decode()


def test_a_gateway_that_cannot_work_is_found_at_the_start(settings: Settings) -> None:
    assert check_sms_provider(None) == []
    settings.SMS_PROVIDER = "pigeon"
    assert [fault.id for fault in check_sms_provider(None)] == ["notifications.E004"]
    settings.SMS_PROVIDER, settings.SMS_URL, settings.SMS_SECRET = "webhook", "https://sms.example", ""
    assert [fault.id for fault in check_sms_provider(None)] == ["notifications.E005"]
    settings.SMS_SECRET = "x"
    assert check_sms_provider(None) == []


@pytest.mark.django_db
def test_an_office_is_given_a_robot_and_loses_it_again(settings: Settings) -> None:
    office = Organisation.objects.create(kind="department", name="市政所", short_name="市政所", area_code=AREA)
    inside, outside = editor(AREA), editor("440311")
    address = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=1"
    with pytest.raises(Forbidden):
        office_robot_set(organisation=office, url=address, actor=outside, at=AT)
    for wrong in ("http://qyapi.weixin.qq.com/x", "https://127.0.0.1/x", "https://qyapi.weixin.qq.com.evil.example/x"):
        with pytest.raises(DomainError) as refused:
            office_robot_set(organisation=office, url=wrong, actor=inside, at=AT)
        assert refused.value.field == "url"
    for _again in range(2):
        office_robot_set(organisation=office, url=address, actor=inside, at=AT)
    assert OfficeRobot.objects.get().url == address
    assert [row.has_robot for row in offices_for_robots(inside)] == [True]
    assert offices_for_robots(outside) == []
    office_robot_set(organisation=office, url=" ", actor=inside, at=AT)
    assert not OfficeRobot.objects.exists()
    changed = DomainEvent.objects.filter(name="notifications.robot_changed").order_by("pk")
    assert [event.payload for event in changed] == [{"has_robot": True}, {"has_robot": False}]


def editor(area_code: str) -> Viewer:
    """Somebody who may enter robots in an area."""
    grant = HeldGrant(1, "administrator", frozenset({str(Capability.EDIT_ROBOT)}), area_code, None)
    return Viewer(kind="staff", user=person(f"editor{area_code}"), grants=(grant,))
