"""The office's own words: versions that can come back, pages that show what will be read, texts used when sending."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from governance.access.models import Grant, Role, User
from governance.access.viewer import SYSTEM, viewer_for
from governance.errors import DomainError, Forbidden, StaleState
from governance.notifications.models import MessageTemplate
from governance.notifications.services import DELAY, messages_create, sending, template_restore, template_save
from governance.notifications.sms import segments
from governance.outbox.models import DomainEvent
from tests.governance.notice_support import AREA, AT, KIND, person, publish_overdue, registered
from tests.sql import assert_sql

LETTER = {"kind": KIND.key, "channel": "letter", "language": "zh-hans"}
CODE = {"kind": "accounts.code", "channel": "sms", "language": "zh-hans"}


@pytest.fixture(autouse=True)
def _kind() -> Iterator[None]:
    with registered(KIND):
        yield


def administrator(area_code: str = AREA[:6], name: str = "顾青") -> User:
    user = person(name, email=f"{area_code}@example.com", kind="staff")
    Grant.objects.create(
        user=user,
        role=Role.objects.get(key="administrator"),
        area_code=area_code,
        starts_at=AT - timedelta(days=1),
        reason="test",
        created_at=AT,
    )
    return user


def signed_in(user: User, language: str = "zh-hans") -> Client:
    client = Client()
    client.force_login(user)
    client.cookies["liren_lang"] = language
    return client


def save(body: str, **more: Any) -> MessageTemplate:
    return template_save(**(LETTER | {"subject": "请看 {number}", "body": body, "actor": SYSTEM, "at": AT} | more))


def letter_to(user: User, clock: int) -> str:
    messages_create(kinds=[KIND], events=[publish_overdue(user.pk, clock=clock)], at=AT)
    sending.send_batch(at=AT + DELAY)
    return str(mail.outbox[-1].body)


# --- versions ------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_the_next_message_has_the_new_words_and_an_earlier_version_comes_back() -> None:
    reader = person("wang")
    assert "应在" in letter_to(reader, 1)
    save("第一版 {number}")
    save("第二版 {number}")
    assert letter_to(reader, 2).startswith("第二版 202611120000415")

    template_restore(**LETTER, number=1, actor=SYSTEM, at=AT)
    assert letter_to(reader, 3).startswith("第一版")
    template_restore(**LETTER, number=0, actor=SYSTEM, at=AT)
    assert "应在" in letter_to(reader, 4)

    kept = MessageTemplate.objects.order_by("number").values_list("number", "body", "is_current")
    assert list(kept) == [
        (1, "第一版 {number}", False),
        (2, "第二版 {number}", False),
        (3, "第一版 {number}", False),
        (4, "", True),
    ]
    payloads = DomainEvent.objects.filter(name="notifications.template_changed").order_by("pk")
    assert [row.payload["number"] for row in payloads] == [1, 2, 3, 4]


@pytest.mark.django_db
def test_the_same_words_make_no_version_and_a_second_editor_is_told() -> None:
    save("第一版", seen=0)
    save("第一版", seen=1)
    assert MessageTemplate.objects.count() == 1
    with pytest.raises(StaleState):
        save("不知道有第一版", seen=0)
    save("第二版", seen=1)
    assert template_restore(**(LETTER | {"language": "en"}), number=0, actor=SYSTEM, at=AT) is None
    with pytest.raises(DomainError):
        template_restore(**LETTER, number=9, actor=SYSTEM, at=AT)


@pytest.mark.django_db
def test_a_code_without_its_code_is_refused() -> None:
    right = {"subject": "", "body": "验证码 {code}", "actor": SYSTEM, "at": AT, "provider_template_id": "SMS_1"}
    with pytest.raises(DomainError) as refused:
        template_save(**(CODE | right | {"body": "请看您的验证码，{minutes} 分钟内有效"}))
    assert (refused.value.code, refused.value.field) == ("placeholder_missing", "body")
    assert template_save(**CODE, **right).parameters == ["code"]
    with pytest.raises(DomainError) as refused:
        template_save(**(CODE | right | {"body": "{code}" + "长" * 500}))
    assert (refused.value.code, refused.value.field) == ("too_long", "body")


@pytest.mark.parametrize(
    ("text", "expected"), [("", 1), ("长" * 70, 1), ("长" * 71, 2), ("a" * 134, 2), ("a" * 135, 3), ("😀" * 36, 2)]
)
def test_an_sms_is_charged_by_seventy_then_by_sixty_seven(text: str, expected: int) -> None:
    assert segments(text) == expected


# --- pages ---------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_the_list_names_every_kind_with_an_example_in_a_fixed_number_of_statements() -> None:
    client = signed_in(administrator())
    save("本单位的话")
    client.get(reverse("notifications:templates"))
    with assert_sql(4):  # session, account, grants; one for the texts
        page = client.get(reverse("notifications:templates")).content.decode()
    for shown in (
        "登录验证码",
        "收到诉求",
        "已收到您反映的事：20261116-000417-3",
        "期限提醒",
        "知识库要复核",
        "中文邮件",
    ):
        assert shown in page, shown


@pytest.mark.django_db
def test_writing_a_text_with_preview_in_both_languages() -> None:
    client = signed_in(administrator())
    address = reverse("notifications:template", args=["requests_intake.received"])
    page = client.get(address).content.decode()
    for shown in (
        "{due_at}",
        "最晚答复的时间",
        "11月23日（周一）18:00",
        "Follow it here",
        "算 2 条",
        "We have your report",
    ):
        assert shown in page, shown

    typed = {"seen": "0", "subject": "收到：{number}", "body": "我们收到了 {number}", "preview": "1"}
    page = client.post(address, typed).content.decode()
    assert "我们收到了 20261116-000417-3" in page
    assert not MessageTemplate.objects.exists()

    del typed["preview"]
    assert client.post(address, typed).status_code == 302
    assert MessageTemplate.objects.get().changed_by is not None
    page = client.get(address).content.decode()
    assert "本单位的话" in page
    assert "顾青" in page


@pytest.mark.django_db
def test_an_unknown_placeholder_is_refused_beside_the_field_and_nothing_typed_is_lost() -> None:
    client = signed_in(administrator())
    address = reverse("notifications:template", args=["requests_intake.received"])
    for also in ({}, {"preview": "1"}):
        answer = client.post(address, {"seen": "0", "subject": "{numbre}", "body": "正文留着", **also})
        assert answer.status_code == 422
        page = answer.content.decode()
        assert "这里不能用 {numbre}" in page
        assert "正文留着" in page
        assert answer.context["form"].errors.keys() == {"subject"}
    assert client.post(address, {"seen": "0", "subject": "{", "body": "{number"}).status_code == 422
    assert not MessageTemplate.objects.exists()


@pytest.mark.django_db
def test_the_gateway_s_template_stands_with_the_sms_of_a_language() -> None:
    client = signed_in(administrator())
    address = f"{reverse('notifications:template', args=['accounts.code'])}?channel=sms&language=en"
    answer = client.post(
        address,
        {
            "seen": "0",
            "body": "Code {code}, {minutes} min",
            "provider_template_id": "T-7",
            "parameters": "minutes, code",
        },
    )
    assert answer.status_code == 302
    row = MessageTemplate.objects.get()
    assert (row.channel, row.language, row.provider_template_id) == ("sms", "en", "T-7")
    assert row.parameters == ["minutes", "code"]
    page = client.get(address).content.decode()
    assert "T-7" in page
    answer = client.post(address, {"seen": "1", "body": "{code}", "provider_template_id": "", "parameters": "cod"})
    assert answer.context["form"].errors.keys() == {"parameters"}


@pytest.mark.django_db
def test_a_second_editor_sees_the_newer_text_and_keeps_their_own() -> None:
    client = signed_in(administrator())
    address = reverse("notifications:template", args=[KIND.key])
    save("别人写的")
    answer = client.post(address, {"seen": "0", "subject": "我的", "body": "我写的 {number}"})
    assert answer.status_code == 409
    page = answer.content.decode()
    assert "别人刚改过这段文字" in page
    assert "我写的 {number}" in page
    assert 'name="seen" value="1"' in page


@pytest.mark.django_db
def test_going_back_by_the_page() -> None:
    client = signed_in(administrator())
    save("第一版")
    save("第二版")
    address = f"{reverse('notifications:template-restore', args=[KIND.key])}?channel=letter&language=zh-hans"
    assert client.post(address, {"number": "1"}).status_code == 302
    assert MessageTemplate.objects.get(is_current=True).body == "第一版"
    assert client.post(address, {"number": "0"}).status_code == 302
    assert MessageTemplate.objects.get(is_current=True).body == ""
    assert client.post(address, {"number": "x"}).status_code == 404
    assert client.get(address).status_code == 405


@pytest.mark.django_db
def test_who_may_see_and_who_may_write() -> None:
    address = reverse("notifications:template", args=[KIND.key])
    typed = {"seen": "0", "subject": "我的", "body": "我写的"}
    street = signed_in(administrator("440310001", "林街"))
    assert street.get(address).status_code == 200
    assert "存成新的一版" not in street.get(address).content.decode()
    assert street.post(address, typed).status_code == 403
    nobody = signed_in(person("li", kind="staff"))
    assert nobody.get(address).status_code == 403
    with pytest.raises(Forbidden):
        save("我写的", actor=viewer_for(User.objects.get(display_name="林街"), at=AT))
    district = signed_in(administrator())
    assert district.get(reverse("notifications:template", args=["no.such"])).status_code == 404
    assert district.get(f"{address}?channel=sms").status_code == 404  # goes to no telephone
    assert district.get(f"{address}?language=fr").status_code == 404
    assert district.post(address, typed).status_code == 302
