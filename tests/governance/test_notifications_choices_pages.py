"""The pages on which people choose how they are told, and an administrator sets the common hours."""

from datetime import time, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from governance.access.models import Grant, Role, User
from governance.notifications.models import NoticePreference
from tests.governance.notice_support import AREA, AT, common_hours, person
from tests.sql import assert_sql

OWN = "/staff/inbox/choices/"
ORDERS, DEADLINES = "requests_intake.orders/email", "requests_intake.deadlines/email"


@pytest.fixture(autouse=True)
def _hours(db: None) -> None:
    common_hours()


def staff(name: str, role: str, area_code: str = AREA) -> Client:
    user = person(name, kind="staff")
    Grant.objects.create(
        user=user,
        role=Role.objects.get(key=role),
        area_code=area_code,
        starts_at=AT - timedelta(days=1),
        reason="test",
        created_at=AT,
    )
    client = Client()
    client.force_login(user)
    return client


def filled(client: Client, **more: str) -> dict[str, str]:
    form = client.get(OWN).context["form"]
    values = {name: str(form[name].value() or "at_once") for name in form.ways}
    hours = {"quiet_from": "22:00", "quiet_until": "07:00", "digest_at": "08:00"}
    return values | hours | more


@pytest.mark.django_db
def test_staff_see_what_holds_choose_and_read_what_cannot_be_switched_off() -> None:
    client = staff("wang", "handler")
    client.get(OWN)
    with assert_sql(4):  # session, account, grants; own and common choices
        page = client.get(OWN)
    html = page.content.decode()
    assert 'value="22:00"' in html
    for shown in ("本单位的工单：邮件", "不能关的", "居民在等，快到期和超期的提醒不能关"):
        assert shown in html, shown
    assert DEADLINES not in page.context["form"].fields

    assert client.post(OWN, filled(client, **{ORDERS: "digest", "digest_at": "17:00"})).status_code == 302
    row = NoticePreference.objects.get(user__display_name="wang")
    assert row.choices == {"requests_intake.orders": {"email": "digest"}}
    assert (row.quiet_from, row.digest_at) == (time(22), time(17))
    form = client.get(OWN).context["form"]
    assert form[ORDERS].value() == "digest"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"quiet_from": ""}, "quiet_from"),
        ({"quiet_from": "25:00"}, "quiet_from"),
        ({"quiet_until": "22:00"}, "quiet_until"),
        ({"digest_at": "03:00"}, "digest_at"),
        ({ORDERS: "sometimes"}, ORDERS),
    ],
)
def test_what_cannot_be_is_refused_beside_the_field(change: dict[str, str], field: str) -> None:
    client = staff("wang", "handler")
    answer = client.post(OWN, filled(client) | change)
    assert answer.status_code == 422
    assert answer.context["form"].errors.keys() == {field}
    assert not NoticePreference.objects.filter(user__isnull=False).exists()


@pytest.mark.django_db
def test_the_common_hours_are_set_for_the_whole_district_only() -> None:
    address, typed = reverse("notifications:hours"), {"quiet_from": "", "quiet_until": "", "digest_at": "09:00"}
    assert staff("li", "handler").get(address).status_code == 403
    assert staff("street", "administrator").post(address, typed).status_code == 403
    district = staff("boss", "administrator", AREA[:6])
    assert 'value="22:00"' in district.get(address).content.decode()
    assert district.post(address, typed).status_code == 302
    row = NoticePreference.objects.get(user=None)
    assert (row.quiet_from, row.quiet_until, row.digest_at) == (None, None, time(9))
    assert district.post(address, typed | {"quiet_from": "22:00"}).status_code == 422


@pytest.mark.django_db
def test_residents_choose_on_their_account() -> None:
    resident = User.objects.create_user(email=None, private_name="李", kind="resident")
    client = Client()
    client.force_login(resident, backend="governance.accounts.backends.ResidentBackend")
    address = reverse("account:notices")
    page = client.get(address)
    html = page.content.decode()
    assert "办理进展：短信" in html
    assert "有人动您的账号，您要马上知道" in html
    assert "放进每日汇总" not in html  # there is no mailbox it could go to
    form = page.context["form"]
    values = dict.fromkeys(form.ways, "at_once") | {"requests_intake.progress/sms": "never"}
    answer = client.post(address, values | {"quiet_from": "", "quiet_until": "", "digest_at": "08:00"})
    assert answer.status_code == 302
    assert NoticePreference.objects.get(user=resident).choices == {"requests_intake.progress": {"sms": "never"}}
    assert client.get(OWN).status_code == 403
    assert staff("wang", "handler").get(address).status_code in {302, 403}  # the account's pages are residents'
