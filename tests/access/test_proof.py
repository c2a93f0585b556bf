"""The password again before something weighty: when it is asked for, and that nothing typed is lost."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.urls import get_resolver, reverse

from governance.access.models import AccessPolicy, Grant, SignInFailure
from tests.access.conftest import DISTRICT, WEST
from tests.web.english import chinese_in

pytestmark = pytest.mark.django_db
PASSWORD = "long-enough-1"


@pytest.fixture
def boss(client, viewer_with):
    viewer = viewer_with("administrator", DISTRICT)
    client.force_login(viewer.user)
    AccessPolicy.objects.update_or_create(pk=1, defaults={"fresh_minutes": 15})
    return viewer


def later(client, at, minutes):
    """The last time the password was right lies so far back."""
    session = client.session
    session["proved_at"] = (at - timedelta(minutes=minutes)).isoformat()
    session.save()


def asked(answer):
    return 'name="_proof"' in answer.content.decode()


def carried(answer):
    main = answer.content.decode().partition("<main")[2].partition("</main>")[0]
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', main)
    return {name: unescape(value) for name, value in found if name != "csrfmiddlewaretoken"}


def test_it_is_asked_for_on_opening_and_leads_back_to_the_page(client, boss, at):
    page = reverse("access:grant-new", query={"person": boss.user.public_id})
    assert not asked(client.get(page)), "somebody who has just signed in"
    later(client, at, 16)
    answer = client.get(page)
    assert asked(answer)
    assert "no-store" in answer["Cache-Control"]
    wrong = client.post(page, {"_proof": "not-this-one", "_opening": "1"})
    assert (wrong.status_code, SignInFailure.objects.count()) == (422, 1)
    assert "not-this-one" not in wrong.content.decode()
    assert asked(client.get(page))
    assert client.post(page, {"_proof": PASSWORD, "_opening": "1"})["Location"] == page
    assert not asked(client.get(page))
    client.cookies["liren_lang"] = "en"
    later(client, at, 16)
    html = client.get(reverse("access:token-new")).content.decode()
    assert chinese_in(html.replace(boss.user.display_name, "")) == []


def test_what_was_typed_goes_through_the_question_and_is_done_once(client, boss, make_user, at):
    person, page = make_user(), reverse("access:grant-new")
    form = {
        "user_words": person.email,
        "user": str(person.public_id),
        "role": "handler",
        "area_code": WEST,
        "organisation": "",
        "starts_at": "2026-11-01T09:00",
        "ends_at": "",
        "reason": "顶替“休假”的 <同事>",
        "key": "0" * 31 + "1",
    }
    later(client, at, 29)  # opened in time, filled in slowly: twice the minutes
    assert client.post(page, form | {"find": "1"}).status_code == 200
    later(client, at, 31)
    assert not asked(client.post(page, form | {"find": "1"})), "looking somebody up saves nothing"
    question = client.post(page, form)
    assert asked(question)
    assert not Grant.objects.filter(user=person).exists()
    assert carried(question) == form
    for _ in range(2):
        wrong = client.post(page, carried(question) | {"_proof": "wrong"})
        assert (wrong.status_code, carried(wrong)) == (422, form)
    done = client.post(page, carried(wrong) | {"_proof": PASSWORD})
    assert done.status_code == 302
    assert Grant.objects.get(user=person).reason == form["reason"]
    later(client, at, 31)
    for _ in range(3):
        client.post(page, form | {"_proof": "wrong"})
    assert "15 分钟" in client.post(page, form | {"_proof": PASSWORD}).content.decode()


def test_the_table_of_roles_is_read_freely_and_saved_with_the_password(client, boss, at):
    later(client, at, 300)
    page = reverse("access:matrix")
    html = client.get(page).content.decode()
    assert "登录要两步" in html
    form = {"row": ["access.work"], "cell": [], "reason": "x", "seen": "0", "submission_key": "0" * 32}
    assert not asked(client.post(page, form | {"look": "1"}))
    assert asked(client.post(page, form | {"save": "1"}))
    session = client.session
    del session["proved_at"]
    session.save()
    assert asked(client.post(page, form | {"save": "1"})), "a session from before this was kept"


WEIGHTY = {
    "access:grant-new", "access:grant-end", "access:person-leave", "access:second-step-reset", "access:sign-in-policy",
    "access:person-password", "access:person-identity", "account:staff-password",
    "access:role-new", "access:role-reset", "access:role-undo", "access:token-new", "access:token-revoke",
    "account:second-step-new",
}  # fmt: skip


def test_the_office_says_for_how_long_and_every_weighty_page_asks(client, boss, give, make_user, at):
    AccessPolicy.objects.update(fresh_minutes=1)
    colleague = make_user()
    grant = give(colleague, "handler", WEST)
    values = {"pk": grant.pk, "public_id": colleague.public_id, "key": "handler"}
    later(client, at, 2)
    for name in sorted(WEIGHTY):
        space, _, own = name.partition(":")
        names = get_resolver().namespace_dict[space][1].reverse_dict.getlist(own)[0][0][0][1]
        answer = client.get(reverse(name, kwargs={key: values[key] for key in names}))
        assert answer.status_code in (200, 302), name
        assert asked(answer), name
    AccessPolicy.objects.update(fresh_minutes=5)
    assert not asked(client.get(reverse("access:grant-new")))
