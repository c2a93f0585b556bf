"""Sending: at least once, in the reader's language, with every failure kept where staff can see it."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from django.core import mail
from django.db import connection
from django.test import override_settings
from pytest_django import Settings

from governance.access.viewer import SYSTEM
from governance.notifications import contacts
from governance.notifications.models import Channel, Message, MessageTemplate, State
from governance.notifications.registry import Recipient
from governance.notifications.services import DELAY, messages_create, messages_retry, sending
from governance.notifications.tasks import run_send_due
from tests.governance.notice_support import AT, KIND, in_thread, person, publish_overdue, registered

DUE = AT + DELAY
BACKENDS = "tests.governance.mail_backends."
RESIDENT = "notices_test.contact"


TO_RESIDENT = replace(
    KIND,
    key="notices_test.to_resident",
    audience=lambda event: [Recipient(f"{RESIDENT}:17", ("email",))],
    body_zh="{office}已经答复您，请看：{link}",
    body_en="{office} has answered you: {link}",
    late=lambda messages: [{"link": f"/t/token-of-{message.recipient_ref.partition(':')[2]}/"} for message in messages],
)


@pytest.fixture(autouse=True)
def _kind() -> Iterator[None]:
    with registered(KIND, TO_RESIDENT):
        yield


def queued(name: str = "wang", **fields: object) -> Message:
    """One e-mail that waits."""
    user = person(name, **fields)
    messages_create(kinds=[KIND], events=[publish_overdue(user.pk)], at=AT)
    return Message.objects.get(channel=Channel.EMAIL, user=user)


def fresh(message: Message) -> Message:
    return Message.objects.get(pk=message.pk)


@pytest.mark.django_db
def test_nothing_leaves_before_the_delay_is_over() -> None:
    message = queued()
    assert sending.send_batch(at=DUE - timedelta(seconds=1)).claimed == 0
    assert mail.outbox == []

    assert sending.send_batch(at=DUE).sent == 1
    assert (fresh(message).state, fresh(message).sent_at) == (State.SENT, DUE)
    assert sending.send_batch(at=DUE + timedelta(days=1)).claimed == 0
    assert len(mail.outbox) == 1


@pytest.mark.django_db
def test_mail_is_written_in_the_language_of_its_reader() -> None:
    queued("wang")
    queued("smith", language="en")
    sending.send_batch(at=DUE)

    by_address = {letter.to[0]: letter for letter in mail.outbox}
    chinese, english = by_address["wang@example.com"], by_address["smith@example.com"]
    assert chinese.subject == "工单 202611120000415 超期了"
    assert "青禾社区应在 11月19日（周四）18:00 前办完。" in chinese.body
    assert english.subject == "Order 202611120000415 is overdue"
    assert "Qinghe Community should have finished by" in english.body


@pytest.mark.django_db
def test_body_is_kept_encrypted_for_the_log() -> None:
    message = queued()
    sending.send_batch(at=DUE)

    assert str(fresh(message).body).startswith("工单 202611120000415 超期了\n\n青禾社区应在")
    with connection.cursor() as cursor:
        cursor.execute("SELECT body FROM notifications_message WHERE id = %s", [message.pk])
        assert "青禾".encode() not in bytes(cursor.fetchone()[0])


@pytest.mark.django_db
def test_address_is_looked_up_at_sending() -> None:
    message = queued()
    message.user.email = "new@example.com"
    message.user.save()
    sending.send_batch(at=DUE)
    assert mail.outbox[0].to == ["new@example.com"]


@pytest.mark.django_db
def test_own_text_of_the_office_replaces_the_default() -> None:
    queued("wang")
    queued("smith", language="en")
    MessageTemplate.objects.create(
        kind=KIND.key, language="zh-hans", subject="请尽快办理 {number}", body="期限是 {due_at}。", changed_at=AT
    )
    sending.send_batch(at=DUE)
    assert sorted(letter.subject for letter in mail.outbox) == [
        "Order 202611120000415 is overdue",
        "请尽快办理 202611120000415",
    ]


@pytest.mark.django_db
def test_resident_without_account_gets_mail_with_the_link_made_at_sending(settings: Settings) -> None:
    settings.PUBLIC_URL = "https://liren.example"
    contacts.register_resolver(
        RESIDENT, lambda refs: {ref: contacts.Contact("r@example.com", "zh-hans", "张三") for ref in refs}
    )
    try:
        messages_create(kinds=[TO_RESIDENT], events=[publish_overdue()], at=AT)
        assert "token" not in str(Message.objects.get().context)
        sending.send_batch(at=DUE)
    finally:
        contacts.unregister_resolver(RESIDENT)
    (letter,) = mail.outbox
    assert letter.to == ["r@example.com"]
    assert letter.body.count("https://liren.example/t/token-of-17/") == 1

    kept = str(Message.objects.get().body)
    assert "青禾社区已经答复您" in kept
    assert "token" not in kept, "who reads the log must not be able to act as the requester"


@pytest.mark.django_db
def test_without_address_a_message_is_skipped_with_the_reason() -> None:
    reachable, without = queued("wang"), queued("li", email=None)
    gone = queued("zhao")
    gone.user.is_active = False
    gone.user.save()

    outcome = sending.send_batch(at=DUE)

    assert (outcome.sent, outcome.skipped) == (1, 2)
    assert fresh(reachable).state == State.SENT
    for message in (without, gone):
        assert (fresh(message).state, fresh(message).error) == (State.SKIPPED, sending.NO_ADDRESS)


@pytest.mark.django_db
def test_failures_back_off_and_end_with_the_reason_kept() -> None:
    message, at = queued(), DUE
    with override_settings(EMAIL_BACKEND=BACKENDS + "HangingUpBackend"):
        for wait in (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2)):
            assert sending.send_batch(at=at).failed == 1
            assert (fresh(message).state, fresh(message).next_at) == (State.QUEUED, at + wait)
            assert sending.send_batch(at=at + wait - timedelta(seconds=1)).claimed == 0
            at += wait
        assert sending.send_batch(at=at).failed == 1
    dead = fresh(message)
    assert (dead.state, dead.attempts, dead.next_at) == (State.FAILED, 5, None)
    assert dead.error.startswith("SMTPServerDisconnected: hung up on")
    assert "wang@example.com" not in dead.error

    assert sending.send_batch(at=at + timedelta(days=9)).claimed == 0
    messages_retry(message_ids=[message.pk], actor=SYSTEM, at=at)
    assert sending.send_batch(at=at).sent == 1
    assert fresh(message).error == ""


@pytest.mark.django_db
def test_unreachable_server_is_tried_once_a_batch() -> None:
    first, second = queued("wang"), queued("li")
    with override_settings(EMAIL_BACKEND=BACKENDS + "UnreachableBackend"):
        assert sending.send_batch(at=DUE).failed == 2
    for message in (first, second):
        assert fresh(message).error == "ConnectionRefusedError: nobody listens"


@pytest.mark.django_db
def test_every_attempt_carries_the_same_message_id() -> None:
    message = queued()
    sending.send_batch(at=DUE)
    Message.objects.filter(pk=message.pk).update(state=State.FAILED, sent_at=None)
    messages_retry(message_ids=[message.pk], actor=SYSTEM, at=DUE)
    sending.send_batch(at=DUE)

    first, again = (letter.extra_headers["Message-ID"] for letter in mail.outbox)
    assert first == again == sending.message_id(message)
    other = queued("li")
    assert sending.message_id(other) != first


@pytest.mark.django_db
def test_fault_of_the_program_stops_one_message_only() -> None:
    earlier, poison, later = queued("anna"), queued("poison"), queued("bert")
    with override_settings(EMAIL_BACKEND=BACKENDS + "FaultyBackend"):
        with pytest.raises(RuntimeError, match="nobody foresaw"):
            sending.send_batch(at=DUE)
        assert [fresh(message).state for message in (earlier, poison, later)] == [
            State.SENT,
            State.SENDING,
            State.QUEUED,
        ]
        assert fresh(later).attempts == 0
        assert sending.send_batch(at=DUE).sent == 1
        at = DUE
        for _ in range(sending.MAX_ATTEMPTS - 1):
            at += sending.STUCK_AFTER + timedelta(seconds=1)
            assert sending.release_stuck(at=at) == 1
            with pytest.raises(RuntimeError):
                sending.send_batch(at=at)
        at += sending.STUCK_AFTER + timedelta(seconds=1)
        sending.release_stuck(at=at)
    assert [fresh(message).state for message in (earlier, poison, later)] == [State.SENT, State.FAILED, State.SENT]
    assert fresh(poison).error == sending.NO_ANSWER


@pytest.mark.django_db
def test_message_over_which_a_worker_died_waits_behind_the_others_and_goes_alone() -> None:
    stuck, other = queued("wang"), queued("li")
    assert len(sending.claim(at=DUE, limit=1)) == 1
    at = DUE + sending.STUCK_AFTER + timedelta(seconds=1)
    sending.release_stuck(at=at)

    assert [message.pk for message in sending.claim(at=at)] == [other.pk]
    assert [message.pk for message in sending.claim(at=at)] == [stuck.pk]


@pytest.mark.django_db
def test_fresh_claim_is_not_taken_for_stuck() -> None:
    message = queued()
    sending.claim(at=DUE)
    assert sending.release_stuck(at=DUE + sending.STUCK_AFTER) == 0
    assert fresh(message).state == State.SENDING


@pytest.mark.django_db
def test_worker_that_lost_its_claim_does_not_overwrite_the_outcome() -> None:
    message = queued()
    slow = sending.claim(at=DUE)
    at = DUE + sending.STUCK_AFTER + timedelta(seconds=1)
    sending.release_stuck(at=at)
    assert sending.send_batch(at=at).sent == 1

    with override_settings(EMAIL_BACKEND=BACKENDS + "HangingUpBackend"):
        sending.send_claimed(slow, at=at)
    assert fresh(message).state == State.SENT


@pytest.mark.django_db(transaction=True)
def test_worker_killed_while_sending_leaves_the_message_to_the_next() -> None:
    message = queued()
    program = (
        "import sys, django\n"
        "from django.conf import settings\n"
        "settings.DATABASES['default']['NAME'] = sys.argv[1]\n"
        f"settings.EMAIL_BACKEND = '{BACKENDS}KillingBackend'\n"
        "django.setup()\n"
        "from datetime import datetime\n"
        "from governance.notifications import registry\n"
        "from governance.notifications.services import sending\n"
        "from tests.governance.notice_support import KIND\n"
        "registry.register(KIND)\n"
        "sending.send_batch(at=datetime.fromisoformat(sys.argv[2]))\n"
    )
    died = subprocess.run(
        [sys.executable, "-c", program, connection.settings_dict["NAME"], DUE.isoformat()],
        env=dict(os.environ, DJANGO_SETTINGS_MODULE="governance.settings.test"),
        check=False,
        capture_output=True,
        text=True,
    )
    assert died.returncode == -signal.SIGKILL, died.stderr
    assert (fresh(message).state, fresh(message).attempts) == (State.SENDING, 1)

    assert sending.send_batch(at=DUE + timedelta(minutes=4)).claimed == 0
    at = DUE + sending.STUCK_AFTER + timedelta(seconds=1)
    sending.release_stuck(at=at)
    assert sending.send_batch(at=at).sent == 1
    assert len(mail.outbox) == 1
    assert fresh(message).state == State.SENT


@pytest.mark.django_db(transaction=True)
def test_workers_side_by_side_send_each_message_once() -> None:
    for number in range(60):
        queued(f"p{number}")
    start = threading.Barrier(3)

    def worker() -> None:
        start.wait(20)
        while sending.send_batch(at=DUE).claimed:
            pass

    with ThreadPoolExecutor(3) as pool:
        for running in [in_thread(pool, worker) for _ in range(3)]:
            running.result(60)

    assert sorted(letter.to[0] for letter in mail.outbox) == sorted(f"p{number}@example.com" for number in range(60))
    assert set(Message.objects.filter(channel=Channel.EMAIL).values_list("state", "attempts")) == {(State.SENT, 1)}


@pytest.mark.django_db
def test_task_sends_what_is_due_now_and_releases_the_stuck() -> None:
    message, stuck = queued("wang"), queued("li")
    long_ago = datetime(2026, 1, 1, tzinfo=AT.tzinfo)
    Message.objects.update(not_before=long_ago)
    Message.objects.filter(pk=message.pk).update(next_at=long_ago)
    Message.objects.filter(pk=stuck.pk).update(state=State.SENDING, next_at=None, claimed_at=long_ago, attempts=1)

    assert run_send_due() == 2
    assert len(mail.outbox) == 2
    assert run_send_due() == 0
