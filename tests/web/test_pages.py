"""Whole page and piece of a page, the front door, error pages in words, log lines without secrets."""

import json
import logging
import uuid

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.test import Client, RequestFactory, override_settings
from django.urls import path
from django_htmx.middleware import HtmxDetails
from structlog.testing import capture_logs

from governance.access.decorators import public
from governance.errors import DomainError, Forbidden, StaleState
from governance.web.logs import HidePaths
from governance.web.pages import render_page
from governance.web.views import errors

pytestmark = pytest.mark.django_db
LATE = "陈师傅 2 分钟前已经签收了"


def raising(error: Exception):
    @public("a view that refuses, for this test")
    def view(request, **kwargs):
        raise error

    return view


class Refusals:
    """Addresses that refuse in every way."""

    from governance.urls import handler400, handler403, handler404, handler500
    from governance.urls import urlpatterns as own

    urlpatterns = [
        path("denied/", raising(PermissionDenied())),
        path("forbidden/", raising(Forbidden("no", "只有牵头单位能答复"))),
        path("stale/", raising(StaleState("stale", LATE))),
        path("rule/", raising(DomainError("rule", "这件事已经办结"))),
        path("missing/", raising(Http404("链接已经过期"))),
        path("t/<str:token>/", raising(Http404()), name="token"),
        *own,
    ]


def ask(rf: RequestFactory, **headers: str):
    request = rf.get("/", headers=headers)
    request.htmx = HtmxDetails(request)
    return render_page(request, "web/privacy.html", "components/hotline.html", {})


def test_htmx_gets_the_piece_that_the_page_holds(rf: RequestFactory):
    page, piece = ask(rf).content.decode(), ask(rf, hx_request="true").content.decode()
    assert piece.strip()
    assert "<html" not in piece
    assert piece.strip() in page
    assert "HX-Request" in ask(rf).headers["Vary"]


@pytest.mark.parametrize("header", ["hx_boosted", "hx_history_restore_request"])
def test_boosted_links_and_history_want_the_whole_page(rf: RequestFactory, header: str):
    assert b"<html" in ask(rf, hx_request="true", **{header: "true"}).content


def test_the_front_door_has_one_filled_entry(client: Client):
    html = client.get("/").content.decode()
    assert html.count("r-entry--main") == 1
    assert html.index("我要反映") < html.index("我要问") < html.index("查进展")
    assert "我的社区" not in html
    assert 'href="#main"' in html
    assert "tel:12345" in html


@pytest.mark.parametrize(
    ("address", "status", "words"),
    [
        ("/denied/", 403, "您的账号没有这一项权限"),
        ("/forbidden/", 403, "只有牵头单位能答复"),
        ("/stale/", 409, LATE),
        ("/rule/", 409, "这件事已经办结"),
        ("/missing/", 404, "链接已经过期"),
        ("/nowhere/", 404, "网址可能少了几个字"),
    ],
)
@override_settings(ROOT_URLCONF=Refusals)
def test_a_refusal_says_what_happened_what_is_kept_what_next(address: str, status: int, words: str):
    response = Client().get(address)
    html = response.content.decode()
    assert response.status_code == status
    for part in (words, "怎么了", "留着的", "接下来", "tel:12345"):
        assert part in html


def test_bad_requests_speak(rf: RequestFactory):
    assert "这个请求没有看懂" in errors.bad_request(rf.get("/")).content.decode()


def test_the_page_of_our_own_fault_needs_nothing_and_speaks_both_languages(django_db_blocker):
    class Nothing:
        request_id = "0123456789abcdef"
        path = "/report/"

    with django_db_blocker.block():
        html = errors.server_error(Nothing()).content.decode()
    for part in ("我们这边出错了", "Something went wrong on our side", 'lang="en"', "01234567", "12345"):
        assert part in html
    assert "0123456789" not in html


@override_settings(ROOT_URLCONF=Refusals)
def test_one_log_line_a_request_without_path_or_query(staff_client: Client, staff):
    with capture_logs() as logs:
        staff_client.get("/t/secret-token/?phone=13912342046")
        staff_client.get("/staff/components/")
    lines = [line for line in logs if line["event"] == "request"]
    assert [(line["route"], line["status"], line["method"]) for line in lines] == [
        ("token", 404, "GET"),
        ("web:components", 200, "GET"),
    ]
    assert lines[1]["user"] == str(staff.public_id)
    assert lines[0]["ms"] >= 0
    for secret in ("secret-token", "13912342046", "/t/"):
        assert secret not in json.dumps(lines, default=str)


def test_every_response_names_its_request(client: Client):
    first, second = (client.get("/").headers["X-Request-ID"] for _ in range(2))
    assert first != second
    assert uuid.UUID(first)


def test_djangos_own_warnings_lose_the_path(rf: RequestFactory):
    request = rf.get("/t/secret-token/")
    record = logging.LogRecord("django.request", logging.WARNING, "", 0, "%s: %s", ("Not Found", request.path), None)
    record.request = request
    assert HidePaths().filter(record)
    assert record.getMessage() == "Not Found: -"


def test_robots_stay_out_of_forms_and_tracking(client: Client):
    lines = client.get("/robots.txt").content.decode().splitlines()
    assert {"Disallow: /staff/", "Disallow: /t/", "Disallow: /report/"} <= set(lines)


def test_pages_hold_no_inline_style_script_or_handler(client: Client):
    import re

    for address in ("/", "/privacy/", "/accessibility/", "/nowhere/"):
        html = client.get(address).content.decode()
        assert not re.search(r"<style|\sstyle=|<script(?![^>]*\bsrc=)|\son[a-z]+=|javascript:", html), address


def test_plain_answers_stay_plain(rf: RequestFactory):
    assert isinstance(errors.not_found(rf.get("/x"), Http404()), HttpResponse)
