"""Who hears of what, in which language, and what a stored message never holds."""

import json
from datetime import timedelta

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from governance.notifications.models import Message, OfficeRobot
from governance.notifications.registry import all_kinds
from governance.notifications.services.sending import send_batch
from governance.outbox import relay
from governance.outbox.models import Delivery, DomainEvent
from governance.refs import ref_of
from requests_intake.models import RequesterContact, ServiceRequest
from tests.factories import world as worlds
from tests.factories.world import MORNING, add_person
from tests.requests_intake.walk import to_state

LATER = MORNING + timedelta(days=2)
PERSONAL = ("周梅", "13912342046", "zhou@example.com", "路灯", "槐安里", "修好", "灯还是不亮", "Person")


def told(kind: str) -> dict[tuple[str, str], int]:
    """(recipient, channel) -> rows of a kind."""
    relay.drain(at=LATER)
    found: dict[tuple[str, str], int] = {}
    for row in Message.objects.filter(kind=f"requests_intake.{kind}").select_related("user"):
        who = row.user.email.partition("@")[0] if row.user else row.recipient_ref.partition(":")[0].rpartition(".")[2]
        found[who, row.channel] = found.get((who, row.channel), 0) + 1
    return found


def sent():
    """Send everything, the seconds for undoing being over, and return the e-mails by recipient."""
    at = timezone.now() + timedelta(minutes=1)
    while send_batch(at=at).claimed:
        pass
    return {message.to[0]: message for message in mail.outbox}


def test_the_requester_hears_of_receipt_signing_and_answer_by_e_mail(world):
    to_state(world, "callback")
    for kind in ("received", "signed_for", "answered"):
        assert told(kind) == {("requestercontact", "email"): 1}, kind


@pytest.mark.parametrize(
    ("left", "channel"),
    [
        ({"email": "zhou@example.com", "phone": "13912342046"}, "email"),
        ({"email": "", "phone": "139 1234-2046"}, "sms"),
        ({"email": "", "phone": "021-88120316"}, ""),
        ({"email": "", "phone": "", "name": ""}, ""),
    ],
)
def test_one_message_over_the_way_that_the_requester_left(world, left, channel):
    to_state(world, "callback", **left)
    for kind in ("received", "signed_for", "answered"):
        assert told(kind) == ({("requestercontact", channel): 1} if channel else {})


def test_an_sms_holds_number_promise_and_link(world, settings):
    settings.LIREN_MESSAGE_PAGE = True
    request = to_state(world, "submitted", email="")
    relay.drain(at=LATER)
    sent()
    text = str(Message.objects.get(channel="sms").body)
    assert request.number_grouped in text
    assert f"{settings.PUBLIC_URL}/t/{request.track_token}/" in text
    assert "\n" not in text
    settings.LIREN_MESSAGE_PAGE = False
    other = to_state(world, "submitted", email="")
    relay.drain(at=LATER)
    sent()
    kept = Message.objects.get(subject_ref=ref_of(other))
    assert kept.state == "sent"
    assert other.track_token not in str(kept.body)


def test_an_office_with_a_group_chat_reads_new_orders_there_too(world):
    OfficeRobot.objects.create(
        organisation=world.organisations["lamps"], url="https://qyapi.weixin.qq.com/x", changed_at=MORNING
    )
    to_state(world, "dispatched")
    assert told("order_arrived")["organisation", "webhook"] == 1


def test_a_new_order_reaches_every_handler_of_the_office_and_nobody_else(world):
    add_person(world, "left", "handler", "", world.organisations["lamps"])
    add_person(world, "former", "handler", "", world.organisations["lamps"])
    world.people["left"].is_active = False
    world.people["left"].save()
    world.people["former"].grants.update(ends_at=MORNING)
    worlds.grant(world, "handler", "handler", "990105", world.organisations["parks"])  # handles in two offices
    to_state(world, "dispatched")
    people = ("handler", "second_handler")
    assert told("order_arrived") == {(name, channel): 1 for name in people for channel in ("in_app", "email")}


def test_a_rework_reaches_them_again_once_a_round(world):
    to_state(world, "rework")
    expected = {(name, channel): 1 for name in ("handler", "second_handler") for channel in ("in_app", "email")}
    assert told("order_back") == expected
    Delivery.objects.update(state="pending", attempts=0, next_at=LATER, done_at=None)
    assert told("order_back") == expected


def test_many_events_at_once_cost_no_more_statements(world):
    """A sweep or an import publishes thousands: the relay hands them over in one batch."""
    counts = []
    for number in (1, 8):
        for _ in range(number):
            to_state(world, "dispatched")
        with CaptureQueriesContext(connection) as captured:
            relay.drain(at=LATER)
        counts.append(len(captured))
    assert counts[0] == counts[1]
    assert told("order_arrived") == {
        (name, channel): 9 for name in ("handler", "second_handler") for channel in ("in_app", "email")
    }


def test_no_message_stores_personal_data_words_or_the_link(world):
    request = to_state(world, "closed", body="周梅说路灯坏了，电话 13912342046")
    to_state(world, "rework")
    relay.drain(at=LATER)
    rows = list(Message.objects.filter(kind__startswith="requests_intake."))
    assert {row.kind.partition(".")[2] for row in rows} >= {"received", "signed_for", "answered", "order_arrived"}
    stored = json.dumps([[row.context, row.recipient_ref, row.subject_ref] for row in rows], ensure_ascii=False)
    for words in (*PERSONAL, request.track_token):
        assert words not in stored, words


def test_no_event_of_a_whole_life_holds_personal_data(world):
    request = to_state(world, "closed", body="周梅说路灯坏了，电话 13912342046")
    to_state(world, "rework")
    events = DomainEvent.objects.filter(name__startswith="requests_intake.")
    assert len({event.name for event in events}) >= 7
    stored = json.dumps([[event.payload, event.subject_ref] for event in events], ensure_ascii=False)
    for words in (*PERSONAL, request.track_token, request.number):
        assert words not in stored, words


def test_the_tracking_link_appears_only_in_the_letter(world, settings):
    request = to_state(world, "submitted")
    relay.drain(at=LATER)
    letter = sent()["zhou@example.com"]
    assert f"{settings.PUBLIC_URL}/t/{request.track_token}/" in letter.body
    assert request.number_grouped in letter.subject
    assert "周梅" not in letter.body
    row = Message.objects.get(kind="requests_intake.received")
    assert row.state == "sent"
    assert request.track_token not in json.dumps(row.context)


@pytest.mark.parametrize(
    ("language", "received", "answered"),
    [
        ("zh-hans", "已收到您反映的事", "市政设施所答复您了"),
        ("en", "We have your report", "Public Works Station has answered"),
    ],
)
def test_letters_in_the_language_of_the_request(world, language, received, answered):
    to_state(world, "callback", language=language)
    relay.drain(at=LATER)
    sent()
    subjects = [message.subject for message in mail.outbox if message.to == ["zhou@example.com"]]
    assert any(subject.startswith(received) for subject in subjects)
    assert any(subject.startswith(answered) for subject in subjects)


def test_staff_read_in_their_own_language(world):
    world.people["second_handler"].language = "en"
    world.people["second_handler"].save()
    request = to_state(world, "dispatched")
    relay.drain(at=LATER)
    letters = sent()
    assert letters["handler@example.com"].subject == f"新工单 {request.number_grouped}，请签收"
    assert letters["second_handler@example.com"].subject == f"New order {request.number_grouped}: please sign for it"
    for name in ("handler", "second_handler"):
        assert f"/staff/requests/{request.number}/" in letters[f"{name}@example.com"].body


def test_an_address_corrected_or_erased_before_sending_counts(world):
    request = to_state(world, "submitted")
    relay.drain(at=LATER)
    contact = RequesterContact.objects.get(request=request)
    contact.email = "new@example.com"
    contact.save()
    assert set(sent()) == {"new@example.com"}
    other = to_state(world, "submitted")
    relay.drain(at=LATER)
    RequesterContact.objects.filter(request=other).delete()
    sent()
    assert Message.objects.get(subject_ref=ref_of(other)).state == "skipped"


def test_an_event_of_a_request_that_is_gone_fails_nothing(world):
    request = to_state(world, "submitted")
    ServiceRequest.objects.filter(pk=request.pk).delete()
    relay.drain(at=LATER)
    assert not Delivery.objects.exclude(state="done").exists()
    assert not Message.objects.exists()


def test_every_kind_speaks_both_languages():
    kinds = [kind for kind in all_kinds() if kind.key.startswith("requests_intake.")]
    assert len(kinds) > 20
    for kind in kinds:
        for text in (kind.subject_zh, kind.body_zh, kind.subject_en, kind.body_en):
            assert text.strip()
        assert not any("\u4e00" <= letter <= "\u9fff" for letter in kind.subject_en + kind.body_en)
