"""What people choose reaches what is waiting: nothing in their quiet hours, one digest a day, nothing they declined."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import transaction
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from governance.access.models import User
from governance.access.viewer import SYSTEM, Viewer
from governance.errors import DomainError, Forbidden
from governance.notifications import contacts
from governance.notifications.contacts import Contact
from governance.notifications.groups import STAFF, NoticeGroup
from governance.notifications.models import Channel, Message, NoticePreference, State
from governance.notifications.services import (
    DELAY,
    digests_create,
    message_send,
    messages_create,
    preference_defaults_save,
    preference_save,
    sending,
)
from governance.notifications.wishes import Wish
from governance.outbox.models import DomainEvent
from tests.governance.notice_support import AT, KIND, common_hours, in_thread, person, publish_overdue, registered
from tests.sql import assert_sql

GROUP = NoticeGroup("notices_test.orders", "工单", "经办人", STAFF, has_sms=True)
FIXED = NoticeGroup("notices_test.fixed", "期限", "经办人", STAFF, fixed="居民在等")
OURS = replace(KIND, group=GROUP)
URGENT = replace(KIND, key="notices_test.urgent", group=FIXED, is_urgent=True)
EVENING = datetime.fromisoformat("2026-11-12T23:10:00+08:00")
MIDNIGHT = datetime.fromisoformat("2026-11-12T00:00:00+08:00")
MORNING = datetime.fromisoformat("2026-11-13T08:00:00+08:00")


@pytest.fixture(autouse=True)
def _kinds() -> Iterator[None]:
    with registered(OURS, URGENT):
        yield


def viewer(user: User) -> Viewer:
    return Viewer(kind="staff", user=user)


def chooses(user: User, **more: Any) -> NoticePreference:
    values: dict[str, Any] = {"choices": {}, "quiet_from": None, "quiet_until": None, "digest_at": time(8)}
    return preference_save(user=user, actor=viewer(user), at=AT, **(values | more))


def told(*users: User, clock: int = 1, at: datetime = AT, kind: Any = OURS) -> None:
    messages_create(kinds=[kind], events=[publish_overdue(*(user.pk for user in users), clock=clock)], at=at)


def letter(user: User, **more: Any) -> Message:
    return Message.objects.get(user=user, channel=Channel.EMAIL, **more)


# --- quiet hours ---------------------------------------------------------------------------------------------------


MINUTES = st.integers(0, 1439)


@given(now=MINUTES, begins=MINUTES, ends=MINUTES)
def test_a_moment_is_quiet_if_walking_on_from_the_beginning_meets_it_before_the_end(
    now: int, begins: int, ends: int
) -> None:
    at = MIDNIGHT + timedelta(minutes=now)
    found = Wish({}, *(time(*divmod(minute, 60)) for minute in (begins, ends))).quiet_end(at)
    if begins == ends:  # refused by service and database
        return
    assert (found is not None) == ((now - begins) % 1440 < (ends - begins) % 1440)
    if found is not None:
        assert timedelta(0) < found - at <= timedelta(days=1)
        assert timezone.localtime(found).time() == time(*divmod(ends, 60))


@pytest.mark.django_db
def test_in_quiet_hours_letters_wait_for_their_end_and_the_inbox_does_not() -> None:
    common_hours()
    wang = person("wang")  # has chosen nothing
    told(wang, at=EVENING)
    assert Message.objects.inbox_of(wang.pk).unread().count() == 1
    outcome = sending.send_batch(at=EVENING + DELAY)
    assert (outcome.kept, outcome.sent) == (1, 0)
    waiting = letter(wang)
    assert (waiting.state, waiting.attempts) == (State.QUEUED, 0)
    assert waiting.next_at == datetime.fromisoformat("2026-11-13T07:00:00+08:00")
    assert not sending.send_batch(at=waiting.next_at - timedelta(seconds=1)).claimed
    assert sending.send_batch(at=waiting.next_at).sent == 1
    assert len(mail.outbox) == 1


@pytest.mark.django_db
def test_what_is_urgent_or_would_be_too_late_goes_out_in_the_night() -> None:
    common_hours()
    wang = person("wang")
    told(wang, at=EVENING, kind=URGENT)
    assert sending.send_batch(at=EVENING + DELAY).sent == 1
    given = {"kind": replace(OURS, event="", late_keys=()), "channel": Channel.EMAIL, "at": EVENING}
    soon = message_send(recipient_ref=f"access.user:{wang.pk}", expires_at=EVENING + timedelta(hours=1), **given)
    message_send(recipient_ref=f"access.user:{wang.pk}", expires_at=EVENING + timedelta(hours=20), **given)
    Message.objects.filter(pk=soon.pk).update(context={"number": "1", "due_at": "", "office": ""})
    outcome = sending.send_batch(at=EVENING)
    assert (outcome.sent, outcome.kept) == (1, 1)


@pytest.mark.django_db
def test_own_hours_go_before_the_common_ones() -> None:
    common_hours()
    owl, lark = person("owl"), person("lark")
    chooses(owl)
    chooses(lark, quiet_from=time(20), quiet_until=time(9))
    told(owl, lark, at=EVENING)
    sending.send_batch(at=EVENING + DELAY)
    assert [one.to for one in mail.outbox] == [["owl@example.com"]]
    assert timezone.localtime(letter(lark).next_at).time() == time(9)
    anybody = person("anybody")
    told(anybody, at=EVENING, clock=3)
    assert sending.send_batch(at=EVENING + DELAY).kept == 1
    preference_defaults_save(quiet_from=None, quiet_until=None, digest_at=time(8), actor=SYSTEM, at=AT)
    told(anybody, at=EVENING, clock=2)
    assert sending.send_batch(at=EVENING + DELAY).sent == 1


# --- choices -------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_what_was_declined_is_not_sent_and_the_log_says_why() -> None:
    wang = person("wang")
    chooses(wang, choices={GROUP.key: {"email": "never"}})
    told(wang)
    told(wang, kind=URGENT, clock=2)
    assert sending.send_batch(at=AT + DELAY).skipped == 1
    declined = letter(wang, kind=OURS.key)
    assert (declined.state, declined.error) == (State.SKIPPED, sending.DECLINED)
    assert letter(wang, kind=URGENT.key).state == State.SENT
    assert Message.objects.inbox_of(wang.pk).count() == 2


@pytest.mark.django_db
def test_choices_of_an_account_reach_messages_to_the_same_person_s_contact() -> None:
    resident = person("li", kind="resident")
    chooses_for(resident, {GROUP.key: {"sms": "never"}})
    mine = Contact("li@example.com", "", "李", phone="13800000001", user_id=resident.pk)
    other = Contact("zhao@example.com", "", "赵", phone="13800000002")
    contacts.register_resolver("notices_test.contact", lambda refs: {"notices_test.contact:1": mine, refs[-1]: other})
    try:
        for number in (1, 2):
            ref = f"notices_test.contact:{number}"
            message_send(kind=replace(OURS, late_keys=()), channel=Channel.SMS, recipient_ref=ref, at=AT)
        Message.objects.update(context={"number": "1", "due_at": "", "office": ""})
        outcome = sending.send_batch(at=AT)
    finally:
        contacts.unregister_resolver("notices_test.contact")
    assert (outcome.skipped, outcome.sent) == (1, 1)


def chooses_for(user: User, choices: dict[str, dict[str, str]]) -> None:
    NoticePreference.objects.create(user=user, choices=choices, digest_at=time(8), changed_at=AT)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"choices": {"no.such": {"email": "never"}}}, "no.such/email"),
        ({"choices": {FIXED.key: {"email": "never"}}}, f"{FIXED.key}/email"),
        ({"choices": {GROUP.key: {"sms": "digest"}}}, f"{GROUP.key}/sms"),
        ({"choices": {GROUP.key: {"email": "sometimes"}}}, f"{GROUP.key}/email"),
        ({"quiet_from": time(22)}, "quiet_until"),
        ({"quiet_until": time(7)}, "quiet_from"),
        ({"quiet_from": time(7), "quiet_until": time(7)}, "quiet_until"),
    ],
)
def test_impossible_choices_are_refused_beside_their_field(change: dict[str, Any], field: str) -> None:
    wang = person("wang")
    with pytest.raises(DomainError) as refused:
        chooses(wang, **change)
    assert refused.value.field == field
    assert not NoticePreference.objects.filter(user=wang).exists()
    chooses(wang, choices={GROUP.key: {"email": "digest", "sms": "at_once"}}, quiet_from=time(22), quiet_until=time(7))
    assert NoticePreference.objects.get(user=wang).choices == {GROUP.key: {"email": "digest"}}
    assert DomainEvent.objects.filter(name="notifications.preference_changed").count() == 1


@pytest.mark.django_db
def test_a_digest_needs_a_mailbox_and_nobody_chooses_for_others() -> None:
    phone_only = User.objects.create_user(email=None, display_name="无邮箱", kind="staff")
    with pytest.raises(DomainError) as refused:
        chooses(phone_only, choices={GROUP.key: {"email": "digest"}})
    assert refused.value.code == "digest_needs_email"
    with pytest.raises(Forbidden):
        preference_save(
            user=phone_only,
            choices={},
            quiet_from=None,
            quiet_until=None,
            digest_at=time(8),
            at=AT,
            actor=viewer(person("wang")),
        )
    with pytest.raises(Forbidden):
        preference_defaults_save(quiet_from=None, quiet_until=None, digest_at=time(8), actor=viewer(phone_only), at=AT)


# --- digest --------------------------------------------------------------------------------------------------------


def digest_reader(name: str, hour: int = 8) -> User:
    user = person(name)
    chooses(user, choices={GROUP.key: {"email": "digest"}}, digest_at=time(hour))
    return user


def collected(*users: User, count: int = 2) -> None:
    for clock in range(1, count + 1):
        told(*users, clock=clock)
    while sending.send_batch(at=AT + DELAY).claimed:
        pass


@pytest.mark.django_db
def test_a_day_s_lines_go_out_in_one_letter_at_the_chosen_hour() -> None:
    wang, late = digest_reader("wang"), digest_reader("late", hour=21)
    collected(wang, late)
    assert not mail.outbox
    assert set(Message.objects.filter(channel=Channel.EMAIL).values_list("state", flat=True)) == {State.DIGEST}
    assert digests_create(at=MORNING - timedelta(seconds=1)) == 0
    assert digests_create(at=MORNING) == 1
    assert digests_create(at=MORNING + timedelta(minutes=1)) == 0
    assert sending.send_batch(at=MORNING).sent == 1
    (sent,) = mail.outbox
    assert sent.to == ["wang@example.com"]
    assert sent.subject == "今天的汇总：2 条"
    assert sent.body.count("· 工单 202611120000415 超期了") == 2
    assert "工单\n· " in sent.body
    assert "/staff/inbox/choices/" in sent.body
    assert set(Message.objects.filter(state=State.DIGEST, user=wang).values_list("digest__kind", flat=True)) == {
        "notifications.digest"
    }
    assert digests_create(at=MORNING + timedelta(hours=13)) == 1  # the other one's hour


@pytest.mark.django_db
def test_what_comes_after_today_s_letter_is_told_tomorrow_and_an_empty_day_tells_nothing() -> None:
    wang = digest_reader("wang")
    assert digests_create(at=MORNING) == 0
    collected(wang, count=1)
    assert digests_create(at=MORNING) == 1
    told(wang, clock=9, at=MORNING)
    sending.send_batch(at=MORNING + DELAY)
    assert digests_create(at=MORNING + timedelta(hours=2)) == 0
    assert digests_create(at=MORNING + timedelta(days=1)) == 1
    assert digests_create(at=MORNING + timedelta(days=2)) == 0


@pytest.mark.django_db
def test_lines_without_a_mailbox_any_more_are_not_lost() -> None:
    wang = digest_reader("wang")
    collected(wang, count=1)
    User.objects.filter(pk=wang.pk).update(email=None)
    assert digests_create(at=MORNING) == 0
    assert letter(wang).state == State.QUEUED


@pytest.mark.django_db
def test_statements_do_not_grow_with_readers() -> None:
    for count in (1, 12):
        collected(*(digest_reader(f"p{count}-{number}") for number in range(count)))
        with assert_sql(2):
            assert digests_create(at=MORNING) == count


@pytest.mark.django_db(transaction=True)
def test_three_workers_at_once_write_one_letter_a_person() -> None:
    readers = [digest_reader(f"p{number}") for number in range(12)]
    collected(*readers, count=3)
    made: list[int] = []
    with ThreadPoolExecutor(3) as pool:
        for running in [in_thread(pool, lambda: made.append(digests_create(at=MORNING))) for _ in range(3)]:
            running.result(60)
    assert sum(made) == 12
    assert Message.objects.filter(kind="notifications.digest").count() == 12
    assert not Message.objects.filter(state=State.DIGEST, digest__isnull=True).exists()


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_dies_before_its_commit_leaves_all_for_the_next() -> None:
    collected(digest_reader("wang"))
    with transaction.atomic():
        assert digests_create(at=MORNING) == 1
        transaction.set_rollback(True)
    assert not Message.objects.filter(kind="notifications.digest").exists()
    assert digests_create(at=MORNING) == 1
