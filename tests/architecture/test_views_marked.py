"""Every view says who may call it."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import path

from governance.access.decorators import ACCESS_MARK
from governance.access.foreign_views import FOREIGN_VIEWS, view_name
from tests.routes import routes


def patterns() -> Iterator[tuple[str, Any]]:
    return ((route, part.callback) for _name, route, part in routes())


def test_every_view_is_marked():
    """Rule: each URL's view carries @requires or @public, or stands in the table of foreign views.

    Reason: a forgotten mark must be a red test, not an open page; who may come in is read beside the view.
    """
    unmarked = [
        f"{route} -> {view_name(view)}"
        for route, view in patterns()
        if not hasattr(view, ACCESS_MARK) and view_name(view) not in FOREIGN_VIEWS
    ]
    assert unmarked == []


def test_the_walk_sees_the_pages_we_know():
    """Rule: the walk above covers the whole portal. Reason: a walk over nothing is always green."""
    routes = {route for route, _ in patterns()}
    assert {"staff/sign-in/", "staff/admin/grants/", "staff/admin/roles/"} <= routes
    assert len(routes) >= 20


def test_foreign_views_have_a_reason_and_are_used():
    """Rule: each entry of the table names a view that some URL has, and why it may be reached.

    Reason: a stale entry would open a view of the same name that comes later.
    """
    mounted = {view_name(view) for _, view in patterns()}
    for name, reason in FOREIGN_VIEWS.items():
        assert name in mounted, name
        assert len(reason) > 20, name


def forgotten(request: HttpRequest) -> HttpResponse:
    return HttpResponse("open to everybody who is signed in")


urlpatterns = [path("forgotten/", forgotten)]


@pytest.mark.django_db
def test_an_unmarked_view_is_closed_at_run_time():
    """Rule: what carries no mark answers 403. Reason: deny by default does not depend on running this suite."""
    with override_settings(ROOT_URLCONF=__name__):
        assert Client(raise_request_exception=False).get("/forgotten/").status_code == 403
