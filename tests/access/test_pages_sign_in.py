"""Signing in and out, as a browser does it."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from governance.access.models import SignInFailure
from governance.outbox.models import DomainEvent
from tests.access.conftest import WEST

pytestmark = pytest.mark.django_db

PASSWORD = "jasmine-tea-at-nine"
PAGE = "/staff/sign-in/"


@pytest.fixture
def lin(make_user, give):
    user = make_user("林晓", email="lin@liren.example", password=PASSWORD)
    give(user, "administrator", WEST)
    return user


def send(client, email="lin@liren.example", password=PASSWORD, **fields):
    address = fields.pop("address", "192.0.2.7")
    return client.post(PAGE, {"email": email, "password": password, **fields}, REMOTE_ADDR=address)


def test_the_right_password_opens_the_work_page(client, lin):
    client.get(PAGE)
    client.session["before"] = 1
    old_key = client.session.session_key
    answer = send(client)
    assert (answer.status_code, answer["Location"]) == (302, "/staff/")
    assert client.session["_auth_user_id"] == str(lin.pk)
    assert client.session.session_key != old_key
    assert DomainEvent.objects.filter(name="access.signed_in", actor_id=lin.pk).count() == 1


def test_the_session_key_changes_at_sign_in(client, lin):
    """A key that somebody planted before is worth nothing afterwards."""
    session = client.session
    session["planted"] = "yes"
    session.save()
    client.cookies["sessionid"] = session.session_key
    planted = session.session_key
    send(client)
    assert client.session.session_key != planted


def test_wrong_password_and_unknown_account_look_the_same(client, lin):
    known, unknown = send(client, password="wrong"), send(client, email="nobody@liren.example", password="wrong")
    pages = [
        re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"|"X-CSRFToken": "[^"]*"', "", answer.content.decode())
        for answer in (known, unknown)
    ]
    assert pages[0].replace("lin@liren.example", "?") == pages[1].replace("nobody@liren.example", "?")
    assert known.status_code == unknown.status_code == 200
    assert "邮箱或密码不对" in pages[0]
    assert SignInFailure.objects.count() == 2


def test_the_address_stays_and_the_password_does_not(client, lin):
    html = send(client, password="not-this-one").content.decode()
    assert 'value="lin@liren.example"' in html
    assert "not-this-one" not in html
    assert "错误：" in html.split("</title>")[0]


def test_a_closed_account_stays_outside(client, lin):
    lin.is_active = False
    lin.save(update_fields=["is_active"])
    assert "邮箱或密码不对" in send(client).content.decode()
    assert "_auth_user_id" not in client.session


def test_missing_fields_are_named(client, db):
    html = client.post(PAGE, {"email": "no-address"}).content.decode()
    assert "邮箱没有看懂" in html
    assert "请写密码" in html
    assert not SignInFailure.objects.exists()


def test_five_failures_lock_this_account_from_this_address(client, lin):
    for _ in range(5):
        assert send(client, password="wrong").status_code == 200
    locked = send(client)  # the right password does not help any more
    assert locked.status_code == 429
    assert "15 分钟" in locked.content.decode()
    assert send(client, address="198.51.100.20").status_code == 302


def test_the_lock_says_the_same_for_an_unknown_account(client, db):
    for _ in range(5):
        send(client, email="nobody@liren.example", password="wrong")
    assert send(client, email="nobody@liren.example").status_code == 429


def test_a_forged_forwarded_address_does_not_escape_the_lock(client, lin):
    for number in range(6):
        answer = client.post(
            PAGE,
            {"email": "lin@liren.example", "password": "wrong"},
            REMOTE_ADDR="192.0.2.7",
            HTTP_X_FORWARDED_FOR=f"203.0.113.{number}",
        )
    assert answer.status_code == 429


@pytest.mark.parametrize(
    ("wanted", "target"),
    [
        ("/staff/admin/roles/?x=1", "/staff/admin/roles/?x=1"),
        ("https://elsewhere.example/", "/staff/"),
        ("//elsewhere.example/", "/staff/"),
        ("/\\elsewhere.example", "/staff/"),
        ("javascript:alert(1)", "/staff/"),
        ("/staff/sign-in/?next=/staff/sign-in/", "/staff/"),
        ("", "/staff/"),
    ],
)
def test_next_stays_on_this_host(client, lin, wanted, target):
    page = client.get(PAGE, {"next": wanted}).content.decode()
    assert "elsewhere" not in page.split("<form")[-1]
    answer = send(client, next=wanted)
    assert (answer.status_code, answer["Location"]) == (302, target)
    again = client.get(PAGE, {"next": wanted})
    assert (again.status_code, again["Location"]) == (302, target)


def test_a_closed_page_asks_to_sign_in_and_comes_back(client, lin):
    answer = client.get("/staff/admin/roles/")
    assert answer["Location"] == f"{PAGE}?next=/staff/admin/roles/"
    html = client.get(answer["Location"]).content.decode()
    assert '<input type="hidden" name="next" value="/staff/admin/roles/">' in html


def test_a_session_that_ended_under_an_open_page_loads_the_whole_sign_in(client, db):
    answer = client.get(
        PAGE, headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/staff/admin/grants/?q=%E6%9E%97"}
    )
    assert answer.headers["HX-Redirect"] == f"{PAGE}?next=%2Fstaff%2Fadmin%2Fgrants%2F%3Fq%3D%25E6%259E%2597"


def test_the_page_is_never_cached_and_shows_no_demo_password(client, db, settings):
    settings.LIREN_DEMO = True
    answer = client.get(PAGE)
    assert "no-store" in answer.headers["Cache-Control"]
    assert "演示环境" in answer.content.decode()
    settings.LIREN_DEMO = False
    assert "演示环境" not in client.get(PAGE).content.decode()


def test_signing_out_needs_a_press(client, lin):
    send(client)
    assert client.get(reverse("access:sign-out")).status_code == 405
    assert "_auth_user_id" in client.session
    assert client.post(reverse("access:sign-out")).status_code == 302
    assert "_auth_user_id" not in client.session
    assert DomainEvent.objects.filter(name="access.signed_out", actor_id=lin.pk).count() == 1


def test_signing_out_twice_is_harmless(client, db):
    assert client.post(reverse("access:sign-out")).status_code == 302


def test_both_pages_want_the_token(lin):
    strict = Client(enforce_csrf_checks=True)
    assert send(strict).status_code == 403
    assert strict.post(reverse("access:sign-out")).status_code == 403


def test_an_account_without_grants_reads_whom_to_ask(client, make_user):
    make_user(email="new@liren.example", password=PASSWORD)
    assert send(client, email="new@liren.example").status_code == 302
    assert client.get("/staff/").status_code == 403


def test_english(client, lin):
    client.cookies["liren_lang"] = "en"
    assert client.get(PAGE).status_code == 200


def test_failures_are_forgotten_after_a_day(client, lin, at):
    send(client, password="wrong")
    SignInFailure.objects.update(at=at - timedelta(days=2))
    send(client, password="wrong")
    assert SignInFailure.objects.count() == 1
