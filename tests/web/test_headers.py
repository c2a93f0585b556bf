"""Headers on every response: pages, redirects, refusals, errors, files."""

import pytest
from django.test import Client, override_settings
from django.urls import path

from governance.access.decorators import public
from governance.web.middleware import content_security_policy, tile_source

pytestmark = pytest.mark.django_db


@public("a view that fails, for this test")
def broken(request):
    raise RuntimeError("13912342046")


class BrokenUrls:
    """The portal's own addresses, plus one that fails."""

    from governance.urls import handler400, handler403, handler404, handler500, urlpatterns

    urlpatterns = [path("broken/", broken, name="broken"), *urlpatterns]


REQUESTS = [
    ("get", "/", 200),
    ("get", "/privacy/", 200),
    ("get", "/robots.txt", 200),
    ("get", "/staff/", 302),
    ("get", "/nowhere/", 404),
    ("get", "/preferences/", 405),
    ("get", "/broken/", 500),
    ("get", "/static/css/liren.css", 200),
]


@pytest.mark.parametrize(("method", "address", "status"), REQUESTS)
@override_settings(ROOT_URLCONF=BrokenUrls, WHITENOISE_USE_FINDERS=True, WHITENOISE_AUTOREFRESH=True)
def test_every_response_is_guarded(method: str, address: str, status: int):
    response = getattr(Client(raise_request_exception=False), method)(address)
    assert response.status_code == status
    policy = dict(part.split(" ", 1) for part in response.headers["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == policy["form-action"] == "'self'"
    assert policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert "unsafe" not in response.headers["Content-Security-Policy"]
    assert response.headers["Permissions-Policy"].startswith("geolocation=(self), camera=(self), microphone=()")
    assert response.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert response.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Referrer-Policy"] == "same-origin"


def test_a_csrf_refusal_is_guarded_and_speaks():
    response = Client(enforce_csrf_checks=True).post("/preferences/", {"_preference": "size:large"})
    assert response.status_code == 403
    assert "Content-Security-Policy" in response.headers
    assert "您写的还在上一页里" in response.content.decode()


@override_settings(WHITENOISE_USE_FINDERS=True, WHITENOISE_AUTOREFRESH=True)
def test_pages_are_private_and_files_are_not_touched():
    client = Client()
    assert client.get("/").headers["Cache-Control"] == "private, no-cache"
    file = client.get("/static/css/liren.css")
    assert file.status_code == 200
    assert "private" not in file.headers["Cache-Control"]


@pytest.mark.parametrize(
    ("tiles", "source"),
    [
        (None, ""),
        ({}, ""),
        ({"url": "https://tiles.example.cn/{z}/{x}/{y}.png"}, "https://tiles.example.cn"),
        ({"url": "https://t{s}.tianditu.gov.cn/vec_w/wmts?tk=abc"}, "https://*.tianditu.gov.cn"),
    ],
)
def test_only_the_configured_tiles_are_let_in(tiles: dict[str, str] | None, source: str):
    assert tile_source(tiles) == source
    images = next(part for part in content_security_policy(tiles).split("; ") if part.startswith("img-src"))
    assert images.split() == ["img-src", "'self'", "data:", "blob:", *filter(None, [source])]
