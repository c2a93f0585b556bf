"""Signing in through an office's own identity provider, and everything that must not get in that way."""

import time
from collections.abc import Iterator

import pytest
from django.core.checks import run_checks
from django.test import Client
from django.urls import reverse

from governance.access.models import AccountChange, ExternalIdentity
from governance.access.services.second_step import second_step_set
from governance.access.viewer import viewer_for
from governance.administration import identity_provider
from governance.outbox.models import DomainEvent
from tests.access.conftest import DISTRICT
from tests.access.small_provider import Provider, forged, new_key
from tests.web.english import chinese_in

pytestmark = pytest.mark.django_db
GO, BACK = "/staff/sign-in/provider/", "/staff/sign-in/provider/back/"
WANTED = "/staff/admin/grants/?q=a"


@pytest.fixture(scope="module")
def server() -> Iterator[Provider]:
    one = Provider()
    yield one
    one.stop()


@pytest.fixture
def provider(server, settings):
    server.forget()
    identity_provider._made.cache_clear()
    settings.OIDC_ISSUER, settings.OIDC_CLIENT_ID, settings.OIDC_CLIENT_SECRET = server.issuer, "liren", "s" * 32
    return server


@pytest.fixture
def lin(make_user, give):
    user = make_user("林晓", email="lin@liren.example", staff_no="0412")
    give(user, "administrator", DISTRICT)
    return user


LIN = {"sub": "u-1", "email": "Lin@liren.example", "email_verified": True}


def come(client, provider, **person):
    """The whole way: off to the provider, back with a code."""
    provider.person = person or LIN
    gone = client.get(GO, {"next": WANTED})
    assert gone["Location"].startswith(f"{provider.issuer}/authorize?")
    return client.get(provider.authorise(gone["Location"]))


def is_in(client):
    return client.get("/staff/here/").json()["signed_in"]


def refused(client, answer):
    """Back at the entrance, with words, and not signed in."""
    assert (answer.status_code, answer["Location"]) == (302, "/staff/sign-in/")
    assert not is_in(client)
    html = client.get("/staff/sign-in/").content.decode()
    assert 'name="password"' in html, "the password stays beside it"
    return html


def faults():
    return {one.id.partition(".")[2] for one in run_checks() if one.id.startswith("administration.")}


def test_it_is_off_unless_it_is_named(client, db, provider, settings):
    assert "用统一身份认证登录" in client.get("/staff/sign-in/").content.decode()
    settings.OIDC_NAME = "市统一身份"
    client.cookies["liren_lang"] = "en"
    html = client.get("/staff/sign-in/", {"ended": "provider"}).content.decode()
    assert chinese_in(html.replace("市统一身份", "")) == []
    settings.OIDC_CLIENT_SECRET = ""
    assert "市统一身份" not in client.get("/staff/sign-in/").content.decode()
    for address in (GO, BACK):
        assert client.get(address).status_code == 404
    assert faults() == {"E001"}
    settings.OIDC_CLIENT_SECRET, settings.OIDC_ISSUER, settings.OIDC_CLAIM = "s", "http://idp.example", ""
    settings.OIDC_SCOPES, settings.OIDC_SECOND_STEP = ["email"], ["pwd"]
    assert faults() == {"E002", "E003", "E004", "W001"}


def test_somebody_the_portal_knows_gets_in_and_is_known_by_the_provider_s_name_from_then_on(client, lin, provider):
    client.get("/")
    answer = come(client, provider)
    assert (answer.status_code, answer["Location"]) == (302, WANTED)
    assert is_in(client)
    again = client.get(answer.wsgi_request.get_full_path())
    assert again["Location"] == "/staff/", "the same address opened twice"
    assert ExternalIdentity.objects.get().user == lin
    assert "u-1" not in str(ExternalIdentity.objects.values("subject_index").get())
    names = list(DomainEvent.objects.filter(actor_id=lin.pk).order_by("pk").values_list("name", flat=True))
    assert names == ["access.identity_tied", "access.signed_in"]
    out = client.post(reverse("access:sign-out"))
    assert out["Location"] == "/staff/sign-in/?ended=provider"
    assert "那边也退出" in client.get(out["Location"]).content.decode()
    end = client.get("/staff/sign-in/provider/end/")["Location"]
    assert end.startswith(f"{provider.issuer}/end?")
    assert "client_id=liren" in end
    moved = come(client, provider, sub="u-1", email="new@elsewhere.example", email_verified=False)
    assert moved["Location"] == WANTED, "their address there has changed, their name has not"
    client.post(reverse("access:sign-out"))
    html = refused(client, come(client, provider, **LIN | {"sub": "u-2"}))
    assert "另一个身份" in html, "somebody else there has got the address since"
    event = DomainEvent.objects.get(name="access.provider_refused")
    assert (event.subject_ref, event.payload["why"]) == (f"access.user:{lin.pk}", "tied")
    lin.is_active = False
    lin.save(update_fields=["is_active"])
    assert "停用" in refused(client, come(client, provider)), "who has left has left"


@pytest.mark.parametrize(
    "person",
    [
        LIN | {"email_verified": False},
        {"sub": "u-1", "email": "lin@liren.example"},
        LIN | {"email_verified": "true"},
        LIN | {"email": "nobody@liren.example"},
        LIN | {"email": ["lin@liren.example"]},
        LIN | {"email": " "},
        {"sub": "u-1"},
    ],
)
def test_an_address_that_nobody_verified_names_nobody(client, lin, provider, person):
    assert "没有对应的账号" in refused(client, come(client, provider, **person))
    event = DomainEvent.objects.get(name="access.provider_refused")
    assert (event.subject_ref, event.payload["why"]) == ("access.door:1", "unknown")
    assert not ExternalIdentity.objects.exists()


def test_residents_and_the_emergency_account_do_not_come_this_way(client, lin, provider):
    for kind in ("emergency", "program"):
        lin.kind = kind
        lin.save(update_fields=["kind"])
        refused(client, come(client, provider))


def test_a_staff_number_may_name_somebody_where_only_one_has_it(client, lin, provider, settings, make_user):
    settings.OIDC_CLAIM = "employee_number"
    provider.userinfo = {"sub": "other", "employee_number": "0412"}
    refused(client, come(client, provider, sub="u-9"))
    provider.userinfo = {"sub": "u-9", "employee_number": "0412"}
    twin = make_user(staff_no="0412")
    refused(client, come(client, provider, sub="u-9"))
    twin.delete()
    assert come(client, provider, sub="u-9")["Location"] == WANTED
    assert "/userinfo" in provider.calls


@pytest.mark.parametrize(
    "bend",
    [
        {"nonce": "another"},
        {"nonce": None},
        {"aud": "somebody-else"},
        {"aud": ["liren", "somebody-else"], "azp": "somebody-else"},
        {"iss": "http://127.0.0.1:1"},
        {"exp": int(time.time()) - 600},
        {"iat": int(time.time()) + 3600},
        {"nbf": int(time.time()) + 3600},
        {"sub": None},
    ],
)
def test_a_token_that_is_not_for_this_sign_in_is_refused(client, lin, provider, bend):
    provider.bend = bend
    assert "没有登录成" in refused(client, come(client, provider))


def test_clocks_may_differ_by_two_minutes(client, lin, provider):
    provider.bend = {"exp": int(time.time()) - 60, "iat": int(time.time()) + 60}
    assert come(client, provider)["Location"] == WANTED


def test_signatures_and_keys(client, lin, provider):
    first = provider.keys[0]
    for algorithm in ("none", "HS256"):
        provider.forge = lambda claims, algorithm=algorithm: forged(
            claims, algorithm=algorithm, kid=first.kid, secret=first.as_pem(private=False)
        )
        assert "没有登录成" in refused(client, come(client, provider)), algorithm
    provider.forge = lambda claims: ""
    assert "没有登录成" in refused(client, come(client, provider)), "no token at all"
    provider.forge = None
    provider.signer = new_key("one")  # the same name, another key
    assert "没有登录成" in refused(client, come(client, provider))
    provider.keys, provider.signer = [new_key("two")], None  # a new key with a new name: fetched anew
    assert come(client, provider)["Location"] == WANTED


def test_a_state_works_once_and_only_in_the_browser_that_asked(client, lin, provider):
    provider.person = LIN
    back = provider.authorise(client.get(GO)["Location"])
    stranger = Client()
    assert "没有登录成" in refused(stranger, stranger.get(back)), "somebody was sent another's address"
    assert client.get(back)["Location"] == "/staff/"
    client.post(reverse("access:sign-out"))
    assert "没有登录成" in refused(client, client.get(back)), "used up"
    for query in ({}, {"state": "x"}, {"code": "x"}, {"error": "access_denied", "state": "x"}, {"state": "x" * 5000}):
        refused(client, client.get(BACK, query))


def test_a_provider_that_is_away_is_said_and_the_password_stays(client, lin, provider):
    provider.is_down = True
    answer = client.get(GO)
    assert "暂时连不上" in refused(client, answer)
    provider.is_down = False
    provider.person = LIN
    back = provider.authorise(client.get(GO)["Location"])
    provider.is_down = True
    assert refused(client, client.get(back))
    client.cookies["liren_lang"] = "en"
    identity_provider._made.cache_clear()
    client.get(GO)
    assert chinese_in(client.get("/staff/sign-in/").content.decode()) == []
    assert client.get("/staff/sign-in/provider/end/")["Location"] == "/staff/sign-in/"
    assert client.post("/staff/sign-in/", {"email": lin.email, "password": "long-enough-1"}).status_code == 302


def test_the_second_step_is_taken_here_unless_the_office_trusts_the_provider_s(client, lin, provider, settings, at):
    codes = second_step_set(secret="JBSWY3DPEHPK3PXP", actor=viewer_for(lin, at), at=at)
    answer = come(client, provider, **LIN | {"amr": ["pwd", "otp"]})
    assert answer["Location"] == reverse("account:sign-in-code"), "said there, not trusted here"
    assert not is_in(client)
    done = client.post(answer["Location"], {"code": codes[0]})
    assert done["Location"] == WANTED
    settings.OIDC_SECOND_STEP = ["otp", "urn:high"]
    for said in ({"amr": ["pwd", "otp"]}, {"acr": "urn:high"}):
        other = Client()
        assert come(other, provider, **LIN | said)["Location"] == WANTED
        assert other.session["second_step"]
    other = Client()
    assert come(other, provider, **LIN | {"amr": ["pwd"]})["Location"] == reverse("account:sign-in-code")


def test_an_administrator_takes_the_tie_off(client, lin, provider, make_user, give, viewer_with):
    come(client, provider)
    boss = viewer_with("administrator", DISTRICT)
    office, page = Client(), reverse("access:person-identity", args=[lin.public_id])
    office.force_login(boss.user)
    assert "连着" in office.get(reverse("access:person", args=[lin.public_id])).content.decode()
    assert office.post(page, {"reason": " "}).status_code == 422
    office.cookies["liren_lang"] = "en"
    assert chinese_in(office.get(page).content.decode().replace("林晓", "").replace(boss.user.display_name, "")) == []
    assert office.post(page, {"reason": "换了账号，本人来办的"}).status_code == 302
    assert not is_in(client)
    assert not ExternalIdentity.objects.exists()
    assert AccountChange.objects.get().identity_untied
    html = office.get(reverse("access:person", args=[lin.public_id])).content.decode()
    assert "Unlink" in html
    assert office.post(page, {"reason": "再来"}).status_code == 422
    assert come(client, provider, **LIN | {"sub": "u-2"})["Location"] == WANTED
