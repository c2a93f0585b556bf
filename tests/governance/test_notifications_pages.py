"""Inbox and delivery log as people see them."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client, override_settings
from django.urls import reverse

from governance import refs
from governance.access.models import Grant, Role, User
from governance.access.viewer import viewer_for
from governance.jobs.models import Job
from governance.jobs.services import job_run
from governance.notifications.models import Channel, Message, State
from governance.notifications.selectors import inbox_page, unread_count, unread_label
from governance.notifications.services import DELAY, messages_create, messages_mark_all_read, sending
from governance.organisations.models import Organisation
from governance.outbox.models import DomainEvent
from governance.privacy.models import AccessLog
from tests.governance.notice_support import AREA, AT, KIND, person, publish_overdue, registered
from tests.sql import assert_sql

DISTRICT, ELSEWHERE = AREA[:6], "440310002"
DUE = AT + DELAY


@pytest.fixture(autouse=True)
def _kind() -> Iterator[None]:
    with registered(KIND):
        yield


@pytest.fixture
def staff(db: None) -> Callable[..., User]:
    """Makes a person with a role in an area."""

    def make(name: str, role: str = "handler", area_code: str = AREA, **fields: Any) -> User:
        user = person(name, **fields)
        Grant.objects.create(
            user=user,
            role=Role.objects.get(key=role),
            area_code=area_code,
            starts_at=AT - timedelta(days=1),
            reason="test",
            created_at=AT,
        )
        return user

    return make


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def told(*users: User, clock: int = 1, area_code: str = AREA) -> None:
    """Tell these people about one clock."""
    events = [publish_overdue(*(user.pk for user in users), clock=clock, area_code=area_code)]
    messages_create(kinds=[KIND], events=events, at=AT)


def only(user: User, channel: str = Channel.IN_APP) -> Message:
    return Message.objects.get(user=user, channel=channel)


# --- inbox ---------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_empty_inbox_says_what_will_come(staff: Callable[..., User]) -> None:
    page = signed_in(staff("wang")).get("/staff/inbox/").content.decode()
    assert "现在没有提醒" in page


@pytest.mark.django_db
def test_inbox_is_not_public() -> None:
    answer = Client().get("/staff/inbox/")
    assert answer.status_code == 302
    assert answer["Location"].startswith(reverse("access:sign-in"))


@pytest.mark.django_db
def test_inbox_shows_own_messages_in_the_language_of_the_page(staff: Callable[..., User]) -> None:
    wang, li = staff("wang"), staff("li")
    told(wang)
    mine = signed_in(wang).get("/staff/inbox/").content.decode()
    assert "工单 202611120000415 超期了" in mine
    assert "青禾社区应在 11月19日（周四）18:00 前办完。" in mine
    assert "202611120000415" not in signed_in(li).get("/staff/inbox/").content.decode()

    client = signed_in(wang)
    client.cookies["liren_lang"] = "en"
    assert "Order 202611120000415 is overdue" in client.get("/staff/inbox/").content.decode()


@pytest.mark.django_db
def test_opening_marks_as_read_once_and_looking_does_not(staff: Callable[..., User]) -> None:
    wang = staff("wang")
    told(wang)
    client, message = signed_in(wang), only(wang)
    client.get("/staff/inbox/")
    assert only(wang).read_at is None

    url = reverse("notifications:open", args=[message.pk])
    assert client.get(url).status_code == 405
    assert client.post(url).status_code == 302
    read_at = only(wang).read_at
    assert read_at is not None
    client.post(url)
    assert only(wang).read_at == read_at


@contextmanager
def known(kind: refs.RefKind) -> Iterator[None]:
    """Make a kind of reference known for a moment."""
    before = dict(refs._kinds)
    refs._kinds[kind.kind] = kind
    yield
    refs._kinds.clear()
    refs._kinds.update(before)


@pytest.mark.django_db
def test_opening_leads_to_what_the_message_is_about(staff: Callable[..., User]) -> None:
    wang = staff("wang")
    told(wang)
    Message.objects.update(subject_ref=refs.ref_of(wang))
    kind = refs.RefKind(
        "access.user", lambda user: user.display_name, lambda user: f"/people/{user.pk}/", lambda v: User.objects.all()
    )
    with known(kind):
        answer = signed_in(wang).post(reverse("notifications:open", args=[only(wang).pk]))
    assert answer["Location"] == f"/people/{wang.pk}/"


@pytest.mark.django_db
def test_somebody_elses_message_is_not_there(staff: Callable[..., User]) -> None:
    wang, li = staff("wang"), staff("li")
    told(wang)
    url = reverse("notifications:open", args=[only(wang).pk])
    assert signed_in(li).post(url).status_code == 404
    assert only(wang).read_at is None
    assert signed_in(wang).post(url).status_code == 302

    by_mail = reverse("notifications:open", args=[only(wang, Channel.EMAIL).pk])
    assert signed_in(wang).post(by_mail).status_code == 404


@pytest.mark.django_db
def test_mark_all_read_leaves_other_peoples_messages(staff: Callable[..., User]) -> None:
    wang, li = staff("wang"), staff("li")
    told(wang, li)
    told(wang, li, clock=2)
    assert signed_in(wang).post("/staff/inbox/read/").status_code == 302
    assert (unread_count(wang.pk), unread_count(li.pk)) == (0, 2)


@pytest.mark.django_db
def test_htmx_gets_the_very_part_that_the_page_holds(staff: Callable[..., User]) -> None:
    wang = staff("wang")
    for clock in range(3):
        told(wang, clock=clock)
    client = signed_in(wang)
    whole = client.get("/staff/inbox/").content.decode()
    part = client.get("/staff/inbox/", headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    rows = part[part.index("<ul") : part.index("</ul>")]
    assert _without_tokens(rows) in _without_tokens(whole)

    stayed = client.post(
        reverse("notifications:open", args=[Message.objects.inbox_of(wang.pk).first().pk]),
        {"stay": "1"},
        headers={"HX-Request": "true"},
    ).content.decode()
    assert stayed.count('name="stay"') == 2
    assert 'id="bell"' in stayed


def _without_tokens(html: str) -> str:
    """Without the form tokens, which differ in every answer."""
    return re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", html)


@pytest.mark.django_db
def test_inbox_pages_unread_first_without_loss(staff: Callable[..., User]) -> None:
    wang = staff("wang")
    for clock in range(10):
        told(wang, clock=clock)
    read = [message.pk for message in Message.objects.inbox_of(wang.pk).order_by("pk")][::2]
    Message.objects.filter(pk__in=read).update(read_at=AT)

    seen, flags, cursor = [], [], ""
    for _ in range(9):
        page = inbox_page(user_id=wang.pk, language="zh-hans", cursor=cursor, rows=3)
        seen += [item.pk for item in page.items]
        flags += [item.is_read for item in page.items]
        cursor = page.next_cursor
        if not cursor:
            break
    assert len(seen) == len(set(seen)) == 10
    assert flags == [False] * 5 + [True] * 5
    assert seen[:5] == sorted(seen[:5], reverse=True)
    assert seen[5:] == sorted(seen[5:], reverse=True)


@pytest.mark.django_db
@pytest.mark.parametrize("cursor", ["x", "u", "u-1", "r1;DROP", "u１"])
def test_mistyped_cursor_is_the_first_page(staff: Callable[..., User], cursor: str) -> None:
    wang = staff("wang")
    told(wang)
    assert len(inbox_page(user_id=wang.pk, language="zh-hans", cursor=cursor).items) == 1


@pytest.mark.django_db
def test_bell_counts_no_further_than_ninety_nine(staff: Callable[..., User]) -> None:
    wang = staff("wang")
    events = [publish_overdue(wang.pk, clock=clock) for clock in range(120)]
    messages_create(kinds=[KIND], events=events, at=AT)
    with assert_sql(1):
        count = unread_count(wang.pk)
    assert (count, unread_label(count)) == (100, "99+")
    assert [unread_label(number) for number in (0, 1, 99)] == ["", "1", "99"]


@pytest.mark.django_db
def test_inbox_costs_the_same_with_many_messages(staff: Callable[..., User]) -> None:
    wang = staff("wang")
    told(wang)
    client = signed_in(wang)
    client.get("/staff/inbox/")
    with assert_sql(7):  # session, person, grants; unread, read, own texts, bell
        client.get("/staff/inbox/")
    messages_create(kinds=[KIND], events=[publish_overdue(wang.pk, clock=clock) for clock in range(2, 25)], at=AT)
    with assert_sql(7):
        client.get("/staff/inbox/")


@pytest.mark.django_db
def test_message_of_a_kind_nobody_knows_any_more_is_shown_as_such(staff: Callable[..., User]) -> None:
    wang = staff("wang")
    told(wang)
    Message.objects.update(kind="gone.kind")
    assert "内容已经不再提供" in signed_in(wang).get("/staff/inbox/").content.decode()


# --- delivery log --------------------------------------------------------------------------------------------------


def failed_mail(user: User, clock: int = 1, area_code: str = AREA) -> Message:
    """An e-mail that has failed for good."""
    told(user, clock=clock, area_code=area_code)
    message = Message.objects.filter(user=user, channel=Channel.EMAIL).latest("pk")
    Message.objects.filter(pk=message.pk).update(attempts=sending.MAX_ATTEMPTS - 1, next_at=DUE)
    with override_settings(EMAIL_BACKEND="tests.governance.mail_backends.HangingUpBackend"):
        sending.send_batch(at=DUE)
    message.refresh_from_db()
    assert message.state == State.FAILED
    return message


@pytest.mark.django_db
def test_log_needs_its_capability(staff: Callable[..., User]) -> None:
    assert signed_in(staff("wang")).get("/staff/messages/").status_code == 403
    assert signed_in(staff("zhao", "administrator")).get("/staff/messages/").status_code == 200


@pytest.mark.django_db
def test_log_shows_the_failed_one_masked_with_its_reason(staff: Callable[..., User]) -> None:
    boss = staff("zhao", "administrator", DISTRICT)
    message = failed_mail(staff("wangfang"))
    page = signed_in(boss).get("/staff/messages/?state=failed").content.decode()
    assert "w***@example.com" in page
    assert "wangfang@example.com" not in page
    assert "SMTPServerDisconnected" in page
    assert f'value="{message.pk}"' in page
    assert "超期提醒" in page
    assert "202611120000415" not in page

    assert f'value="{message.pk}"' not in signed_in(boss).get("/staff/messages/?state=queued").content.decode()
    assert f'value="{message.pk}"' not in signed_in(boss).get("/staff/messages/?channel=in_app").content.decode()


@pytest.mark.django_db
def test_log_ends_at_the_border_of_the_grant(staff: Callable[..., User]) -> None:
    inside, outside = failed_mail(staff("wang")), failed_mail(staff("li"), clock=2, area_code=ELSEWHERE)
    nowhere = failed_mail(staff("zhou"), clock=3, area_code="")
    street = signed_in(staff("zhao", "administrator", AREA))
    district = signed_in(staff("qian", "administrator", DISTRICT))

    def shown(client: Client) -> set[int]:
        page = client.get("/staff/messages/?state=failed").content.decode()
        return {message.pk for message in (inside, outside, nowhere) if f'value="{message.pk}"' in page}

    assert shown(street) == {inside.pk}
    assert shown(district) == {inside.pk, outside.pk, nowhere.pk}
    for message in (outside, nowhere):
        assert street.get(reverse("notifications:message", args=[message.pk])).status_code == 404
    assert street.get(reverse("notifications:message", args=[inside.pk])).status_code == 200


@pytest.mark.django_db
def test_retry_of_one_sends_it_again(staff: Callable[..., User]) -> None:
    message = failed_mail(staff("wang"))
    boss = staff("zhao", "administrator")
    answer = signed_in(boss).post("/staff/messages/retry/", {"message": [message.pk]}, follow=True)
    assert "1 条消息重新排队" in answer.content.decode()
    message.refresh_from_db()
    assert (message.state, message.attempts, message.error) == (State.QUEUED, 0, "")
    assert DomainEvent.objects.filter(name="notifications.message_retried", actor=boss).count() == 1

    assert sending.send_batch(at=message.next_at).sent == 1
    assert [letter.to for letter in mail.outbox] == [["wang@example.com"]]


@pytest.mark.django_db
def test_retry_needs_its_own_capability_and_area(staff: Callable[..., User]) -> None:
    inside, outside = failed_mail(staff("wang")), failed_mail(staff("li"), clock=2, area_code=ELSEWHERE)
    only_looks = signed_in(staff("sun", "supervisor"))
    assert only_looks.get("/staff/messages/").status_code == 200
    assert only_looks.post("/staff/messages/retry/", {"message": [inside.pk]}).status_code == 403

    boss = signed_in(staff("zhao", "administrator"))
    boss.post("/staff/messages/retry/", {"message": [inside.pk, outside.pk, "x"]})
    inside.refresh_from_db()
    outside.refresh_from_db()
    assert (inside.state, outside.state) == (State.QUEUED, State.FAILED)


@pytest.mark.django_db
def test_retry_twice_queues_once(staff: Callable[..., User]) -> None:
    message = failed_mail(staff("wang"))
    boss = signed_in(staff("zhao", "administrator"))
    boss.post("/staff/messages/retry/", {"message": [message.pk]})
    again = boss.post("/staff/messages/retry/", {"message": [message.pk]}, follow=True)
    assert "没有重发" in again.content.decode()
    assert DomainEvent.objects.filter(name="notifications.message_retried").count() == 1


@pytest.mark.django_db
def test_retry_of_all_is_a_job_within_the_grant(staff: Callable[..., User]) -> None:
    wang = staff("wang")
    for clock in range(1, 4):
        failed_mail(wang, clock=clock)
    outside = failed_mail(wang, clock=9, area_code=ELSEWHERE)
    client = signed_in(staff("zhao", "administrator"))

    answer = client.post("/staff/messages/retry-all/")
    job = Job.objects.get()
    assert answer["Location"] == reverse("jobs:show", args=[job.public_id])
    job_run(job_id=job.pk, clock=lambda: DUE)

    assert Message.objects.filter(channel=Channel.EMAIL, state=State.QUEUED).count() == 3
    outside.refresh_from_db()
    assert outside.state == State.FAILED
    page = client.get(answer["Location"]).content.decode()
    assert "做了 3 条，共 3 条" in page


@pytest.mark.django_db
def test_reading_the_text_of_a_message_is_recorded(staff: Callable[..., User]) -> None:
    told(staff("wang"))
    sending.send_batch(at=DUE)
    message = Message.objects.get(channel=Channel.EMAIL)
    boss = staff("zhao", "administrator")
    page = signed_in(boss).get(reverse("notifications:message", args=[message.pk])).content.decode()
    assert "青禾社区应在" in page
    entry = AccessLog.objects.get()
    assert (entry.user_id, entry.subject_ref, entry.fields) == (boss.pk, refs.ref_of(message), ["body"])

    signed_in(boss).get("/staff/messages/")
    assert AccessLog.objects.count() == 1


@pytest.mark.django_db
def test_log_costs_the_same_with_many_messages_and_pages_without_loss(staff: Callable[..., User]) -> None:
    people = [staff(f"p{number}") for number in range(3)]
    told(*people)
    client = signed_in(staff("zhao", "administrator", DISTRICT))
    client.get("/staff/messages/")
    with assert_sql(6):  # session, person, grants; messages, recipients, failed
        client.get("/staff/messages/")
    events = [publish_overdue(*(user.pk for user in people), clock=clock) for clock in range(2, 20)]
    messages_create(kinds=[KIND], events=events, at=AT)
    with assert_sql(6):
        first = client.get("/staff/messages/")
    page = first.context["page"]
    second = client.get("/staff/messages/", {"cursor": page.next_cursor}).context["page"]
    third = client.get("/staff/messages/", {"cursor": second.next_cursor}).context["page"]
    keys = [item.pk for part in (page, second, third) for item in part.items]
    assert keys == sorted(keys, reverse=True)
    assert len(set(keys)) == Message.objects.count() == 114
    assert not third.next_cursor


@pytest.mark.django_db
def test_log_part_for_htmx_is_in_the_page(staff: Callable[..., User]) -> None:
    failed_mail(staff("wang"))
    client = signed_in(staff("zhao", "administrator"))
    whole = client.get("/staff/messages/").content.decode()
    part = client.get("/staff/messages/", headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    assert part[part.index("<table") : part.index("</table>")] in whole


@pytest.mark.django_db
def test_empty_log_says_what_will_come(staff: Callable[..., User]) -> None:
    client = signed_in(staff("zhao", "administrator"))
    assert "还没有发过消息" in client.get("/staff/messages/").content.decode()
    assert "换一个状态或渠道看看" in client.get("/staff/messages/?state=failed").content.decode()


@pytest.mark.django_db
def test_marking_all_read_touches_only_the_unread(staff: Callable[..., User]) -> None:
    wang = staff("wang")
    told(wang)
    Message.objects.filter(channel=Channel.IN_APP).update(read_at=AT)
    told(wang, clock=2)
    assert messages_mark_all_read(actor=viewer_for(wang, AT), at=DUE) == 1
    assert set(Message.objects.inbox_of(wang.pk).values_list("read_at", flat=True)) == {AT, DUE}


@pytest.mark.django_db
def test_bell_falls_as_soon_as_a_message_is_read(staff: Callable[..., User]) -> None:
    wang = staff("wang")
    told(wang)
    told(wang, clock=2)
    client = signed_in(wang)

    def bell() -> str:
        rail = client.get(reverse("web:rail"), {"at": "/staff/inbox/"}).content.decode()
        return rail[rail.index('id="bell"') :]

    assert "2 条未读" in bell()
    client.post(reverse("notifications:open", args=[Message.objects.inbox_of(wang.pk).latest("pk").pk]))
    assert "1 条未读" in bell()
    client.post(reverse("notifications:read-all"))
    assert "条未读" not in bell()


# --- group chats ---------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_an_administrator_enters_a_group_chat_and_others_do_not(staff: Callable[..., User]) -> None:
    office = Organisation.objects.create(kind="department", name="市政设施所", short_name="市政所", area_code=AREA)
    address, key = reverse("notifications:robots"), str(office.public_id)
    assert signed_in(staff("wang", "supervisor", DISTRICT)).get(address).status_code == 403
    client = signed_in(staff("li", "administrator", DISTRICT))
    wrong = client.post(address, {"office": key, "url": "https://evil.example/robot"})
    assert wrong.status_code == 422
    assert "https://evil.example/robot" in wrong.content.decode()
    assert "只能填这些地方的机器人地址" in wrong.content.decode()
    assert client.post(address, {"office": "nonsense", "url": ""}).status_code == 422
    secret = "https://oapi.dingtalk.com/robot/send?access_token=abc"
    assert client.post(address, {"office": key, "url": secret}).status_code == 302
    page = client.get(address).content.decode()
    assert "市政设施所" in page
    assert "access_token" not in page
    with assert_sql(5):  # session, person, grants, offices, robots
        client.get(address)
