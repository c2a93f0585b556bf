"""Marks of views: functions and classes, and what happens without one."""

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import override_settings
from django.urls import path
from django.views import View

from governance.access.decorators import ACCESS_MARK, public, requires
from governance.access.permissions import Capability
from tests.access.conftest import WEST
from tests.sql import assert_sql

pytestmark = pytest.mark.django_db


@requires(Capability.VIEW_GRANT, Capability.VIEW_MATRIX)
def either(request: HttpRequest) -> HttpResponse:
    return HttpResponse("either")


@requires(Capability.VIEW_GRANT)
class Closed(View):
    def get(self, request: HttpRequest) -> HttpResponse:
        return HttpResponse("closed")


@public("a page for everybody in this test")
class Open(View):
    def get(self, request: HttpRequest) -> HttpResponse:
        return HttpResponse("open")


class Forgotten(View):
    def get(self, request: HttpRequest) -> HttpResponse:
        return HttpResponse("forgotten")


urlpatterns = [
    path("either/", either),
    path("closed/", Closed.as_view()),
    path("open/", Open.as_view()),
    path("forgotten/", Forgotten.as_view()),
    path("staff/sign-in/", Open.as_view(), name="sign-in"),
]


@pytest.fixture(autouse=True)
def only_these_pages():
    with override_settings(ROOT_URLCONF=__name__, LOGIN_URL="sign-in"):
        yield


def answers(client):
    return {page: client.get(f"/{page}/").status_code for page in ("either", "closed", "open", "forgotten")}


@pytest.mark.parametrize(
    ("role", "expected"),
    [
        ("administrator", {"either": 200, "closed": 200, "open": 200, "forgotten": 403}),
        ("supervisor", {"either": 200, "closed": 403, "open": 200, "forgotten": 403}),
        ("handler", {"either": 403, "closed": 403, "open": 200, "forgotten": 403}),
    ],
)
def test_who_comes_in(client, viewer_with, role, expected):
    client.force_login(viewer_with(role, WEST).user)
    client.raise_request_exception = False
    assert answers(client) == expected


def test_signed_out(client):
    client.raise_request_exception = False
    assert answers(client) == {"either": 302, "closed": 302, "open": 200, "forgotten": 403}


def test_a_page_for_everybody_reads_no_grant(client, viewer_with):
    with assert_sql(0):
        client.get("/open/")
    client.force_login(viewer_with("handler", WEST).user)
    with assert_sql(2):  # session, person
        client.get("/open/")


def test_marks_say_why():
    assert getattr(either, ACCESS_MARK) == "requires: access.view_grant, access.view_matrix"
    assert getattr(Open.as_view(), ACCESS_MARK) == "public: a page for everybody in this test"
    assert getattr(Closed.as_view(), ACCESS_MARK) == "requires: access.view_grant"
    with pytest.raises(ValueError, match="reason"):
        public("  ")
    with pytest.raises(ValueError, match="capability"):
        requires()
