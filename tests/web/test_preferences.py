"""Language, size and contrast: kept on the device, understood or ignored, and the page stays where it was."""

import re

import pytest
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.test import Client, RequestFactory

from governance.web.context import Site
from governance.web.preferences import apply_preference

pytestmark = pytest.mark.django_db


def html_tag(content: bytes) -> str:
    found = re.search(r"<html[^>]*>", content.decode())
    assert found
    return found.group(0)


def test_a_choice_is_kept_and_shown_on_the_next_page(client: Client):
    assert html_tag(client.get("/").content) == '<html lang="zh-Hans">'
    client.post("/preferences/", {"_preference": "size:large", "next": "/privacy/"})
    client.post("/preferences/", {"_preference": "contrast:high", "next": "/privacy/"})
    assert html_tag(client.get("/privacy/").content) == '<html lang="zh-Hans" data-size="large" data-contrast="high">'
    client.post("/preferences/", {"_preference": "display:standard"})
    assert html_tag(client.get("/privacy/").content) == '<html lang="zh-Hans">'


@pytest.mark.parametrize("field", [{"language": "en"}, {"_preference": "language:en"}])
def test_switching_language_keeps_the_page(client: Client, field: dict[str, str]):
    page = client.get("/accessibility/?from=foot")
    assert 'name="next" value="/accessibility/?from=foot"' in page.content.decode()
    answer = client.post("/preferences/", {**field, "next": "/accessibility/?from=foot"})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/accessibility/?from=foot")
    again = client.get(answer.headers["Location"])
    assert html_tag(again.content) == '<html lang="en">'
    assert again.headers["Content-Language"] == "en"
    assert 'value="language:zh-hans"' in again.content.decode()


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "", "\\\\evil"])
def test_nobody_is_sent_to_another_host(client: Client, target: str):
    answer = client.post("/preferences/", {"_preference": "size:large", "next": target})
    assert answer.headers["Location"] == "/"
    assert answer.cookies["liren_size"].value == "large"


def test_what_is_not_understood_changes_nothing():
    for value in ["", "size", "size:huge", "language:fr", "colour:red", "display:large"]:
        response = HttpResponse()
        assert not apply_preference(response, value)
        assert not response.cookies
    response = HttpResponse()
    assert apply_preference(response, "language:en")
    assert response.cookies["liren_lang"]["httponly"]
    assert response.cookies["liren_lang"]["samesite"] == "Lax"


def test_mangled_cookies_read_as_the_default(client: Client):
    client.cookies["liren_size"] = '"><script>'
    client.cookies["liren_lang"] = "xx"
    assert html_tag(client.get("/").content) == '<html lang="zh-Hans">'


@pytest.mark.parametrize(
    ("accepted", "lang"), [("zh-CN,zh;q=0.9", "zh-Hans"), ("zh-TW", "zh-Hans"), ("en-GB,en", "en"), ("fr", "zh-Hans")]
)
def test_the_browser_says_the_first_language(accepted: str, lang: str):
    response = Client(headers={"accept-language": accepted}).get("/privacy/")
    assert html_tag(response.content) == f'<html lang="{lang}">'
    assert {"Cookie", "Accept-Language"} <= {name.strip() for name in response.headers["Vary"].split(",")}


def test_inside_a_draft_the_buttons_send_the_draft_first(rf: RequestFactory):
    request = rf.get("/report/where/")
    plain = render_to_string("components/prefs.html", {"site": Site(request)}, request)
    assert 'action="/preferences/"' in plain
    assert "formnovalidate" not in plain
    draft = render_to_string("components/prefs.html", {"site": Site(request), "draft_form_id": "step"}, request)
    assert "<form" not in draft
    assert draft.count('form="step" formnovalidate name="_preference"') == 4


def test_the_large_edition_has_one_column_of_entries(client: Client):
    client.cookies["liren_size"] = "large"
    page = client.get("/").content.decode()
    assert "您好，要办什么？" in page
    assert "r-hero" not in page
    assert "tel:12345" in page
