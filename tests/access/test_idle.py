"""A session of staff ends when left alone; what was typed comes back, to whoever typed it and to nobody else."""

import json
import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from governance.access.models import AccessPolicy, KeptForms
from governance.access.services.kept import NEVER_KEPT, forms_keep, kept_expire, kept_on
from governance.outbox.models import DomainEvent
from governance.web.filling import fill
from tests.access.conftest import DISTRICT, WEST
from tests.architecture.tree import ROOT
from tests.web.english import chinese_in

pytestmark = pytest.mark.django_db
PASSWORD = "long-enough-1"
GRANT = "/staff/admin/grants/new/"
TYPED = {"user_words": "staff9", "role": "handler", "area_code": WEST, "reason": '顶替<b>老王</b> & "其他"'}


@pytest.fixture
def boss(client, viewer_with):
    viewer = viewer_with("administrator", DISTRICT)
    enter(client, viewer.user)
    return viewer


def enter(client, user, **fields):
    data = {"email": user.email, "password": PASSWORD, **fields}
    answer = client.post("/staff/sign-in/", data)
    assert answer.status_code == 302
    return answer["Location"]


def quiet(client, at, **since):
    """Nothing came from this browser for so long."""
    session = client.session
    session["seen_at"] = (at - timedelta(**since)).isoformat()
    session.save()


def is_in(client):
    return client.get("/staff/here/").json()["signed_in"]


def test_it_ends_after_the_minutes_of_the_office_and_typing_or_reading_prolongs_it(client, boss, at):
    quiet(client, at, minutes=29)
    assert client.get("/staff/rail/", headers={"X-Liren-Background": "1"}).status_code == 200
    quiet(client, at, minutes=31)
    assert is_in(client), "the server waits a little longer than the page"
    quiet(client, at, minutes=31)
    assert is_in(client)
    quiet(client, at, minutes=20)
    client.get("/staff/rail/", headers={"X-Liren-Background": "1"})
    assert client.session["seen_at"] == (at - timedelta(minutes=20)).isoformat(), "a page that refreshes is nobody"
    AccessPolicy.objects.update_or_create(pk=1, defaults={"idle_minutes": 15})
    answer = client.get(GRANT)
    assert answer["Location"] == f"/staff/sign-in/?next={GRANT}"
    assert not is_in(client)
    assert DomainEvent.objects.filter(name="access.session_timed_out", actor_id=boss.user.pk).count() == 1
    enter(client, boss.user)
    session = client.session
    session["entered_at"] = (at - timedelta(hours=21)).isoformat()
    session.save()
    assert not is_in(client), "however busy, once a day"


def test_a_form_that_comes_too_late_is_given_back_filled_in_to_its_owner_alone(client, boss, make_user, give, at):
    page = client.get(GRANT, {"person": str(boss.user.public_id)}).content.decode()
    key = re.search(r'name="key" value="([^"]+)"', page).group(1)
    role = re.findall(r'<input type="radio" name="role" value="(\w+)"', page)[1]
    quiet(client, at, minutes=33)
    late = client.post(
        GRANT,
        TYPED | {"role": role, "key": key, "password": "not-to-be-kept"},
        headers={"Referer": f"http://testserver{GRANT}?x=1"},
    )
    assert late.status_code == 302
    assert late["Location"].startswith("/staff/sign-in/?next=%2Fstaff%2Fadmin%2Fgrants%2Fnew%2F%3Fx%3D1&ended=kept")
    assert "替您存着" in client.get(late["Location"]).content.decode()
    row = KeptForms.objects.get()
    assert (row.user, row.page) == (boss.user, GRANT)
    assert "not-to-be-kept" not in json.dumps(row.forms)
    colleague = make_user()
    give(colleague, "administrator", DISTRICT)
    assert enter(client, colleague, next=GRANT) == GRANT
    theirs = client.get(GRANT).content.decode()
    assert "老王" not in theirs
    client.post(reverse("access:sign-out"))
    client.cookies["liren_lang"] = "en"
    enter(client, boss.user, next=GRANT)
    mine = client.get(GRANT).content.decode()
    assert "顶替&lt;b&gt;老王&lt;/b&gt; &amp; &quot;其他&quot;" in mine
    assert re.search(rf'<input type="radio" name="role" value="{role}"[^>]* checked', mine)
    assert re.search(rf'<option value="{WEST}"[^>]* selected', mine)
    assert f'value="{key}"' in mine, "sent twice, it counts once"
    assert chinese_in(mine.partition("data-focus>")[2].partition("</form>")[0]) == []
    assert client.get("/staff/").status_code in (200, 302)
    client.post("/staff/kept/drop/", {"page": GRANT})
    assert not KeptForms.objects.exists()
    assert "老王" not in client.get(GRANT).content.decode()


def test_the_page_keeps_what_was_typed_and_signs_out(client, boss, at):
    form = {"action": "/staff/admin/sign-in/", "fields": [["reason", "安全检查"], ["code", "123456"]]}
    data = {"page": "/staff/admin/sign-in/", "forms": json.dumps([form])}
    assert client.post("/staff/kept/", data).json() == {"kept": True}
    assert not is_in(client)
    other = form | {"fields": [["reason", "另一个标签页"]]}
    again = data | {"forms": json.dumps([form, other])}
    assert client.post("/staff/kept/", again).json() == {"kept": True}, "a second page of this browser, after the end"
    assert kept_on(boss.user, data["page"], at)[0] == other
    assert "123456" not in str([list(row.forms) for row in KeptForms.objects.all()])
    assert Client().post("/staff/kept/", data).json() == {"kept": False}, "a browser that nobody signed in with"
    assert client.post("/staff/kept/", data | {"page": "https://elsewhere.example/staff/"}).json() == {"kept": False}
    for broken in ("x", "[1]", '[{"action": "/"}]', "{}x"):
        assert client.post("/staff/kept/", data | {"forms": broken}).status_code == 400
    enter(client, boss.user)
    assert "另一个标签页" in client.get(data["page"]).content.decode()
    drop = KeptForms.objects.get().forms
    assert len(drop) == 2
    sent = {"grace_days": "3", "fresh_minutes": "20", "idle_minutes": "20", "reason": "安全检查", "seen": ""}
    assert client.post(data["page"], sent).status_code == 302
    assert KeptForms.objects.get().forms == [drop[0]], "once it was sent it is forgotten; the other tab's comes next"
    assert ">\n安全检查</textarea>" in client.get(data["page"]).content.decode()
    policy = AccessPolicy.objects.get()
    stale = client.post(data["page"], sent | {"seen": "2026-13-45T00:00"})
    assert stale.status_code == 422
    sent |= {"grace_days": "4", "seen": policy.changed_at.isoformat()}
    assert client.post(data["page"], sent).status_code == 302
    assert not KeptForms.objects.exists()
    assert not client.session["kept"]


def test_what_is_kept_has_bounds(boss, at):
    page, user = "/staff/x/", boss.user
    one = {"action": page, "fields": [["reason", "字"]]}
    assert not forms_keep(user=user, page=page, forms=[{"action": page, "fields": [["password", "x"]]}], at=at)
    assert not forms_keep(user=user, page=page, forms=[{"action": page, "fields": [["a", "字" * 100_001]]}], at=at)
    assert not forms_keep(user=user, page=f"/staff/{'x' * 300}", forms=[one], at=at)
    for number in range(25):
        assert forms_keep(user=user, page=f"{page}{number}", forms=[one] * 12, at=at + timedelta(seconds=number))
    assert KeptForms.objects.count() == 20
    assert not KeptForms.objects.filter(page=f"{page}0").exists()
    assert kept_expire(at=at + timedelta(hours=24, seconds=10)) == 6
    assert kept_expire(at=at + timedelta(hours=25)) == 14


def test_every_field_that_views_call_sensitive_is_never_kept():
    named = set()
    for path in ROOT.glob("*/**/*.py"):
        if ".venv" not in path.parts and "tests" not in path.parts:
            for words in re.findall(r"sensitive_post_parameters\(([^)]*)\)", path.read_text()):
                named |= set(re.findall(r'"(\w+)"', words))
    assert named
    assert named <= NEVER_KEPT


ROWS = """<form method="post" action="/a/"><input type="hidden" name="device" value="1"><input name="w" value=""></form>
<form method=POST action="/a/"><input type="hidden" name="device" value="2"><input name="w" value="ä" disabled>
<textarea name="t" rows=3>
alt</textarea><input type=checkbox name=c value=1 checked><input type=checkbox name=c value=2>
<input type="radio" name="r"
 value="x" checked><input name="code" autocomplete="one-time-code"><input type="password" name="w">
<input type="file" name="f"><select name="s"><option value="1" selected>eins<option value="2">zwei</select></form>
<form method="get"><input name="w"></form>"""


def test_values_go_into_the_form_they_were_typed_in_and_nothing_else_changes():
    fields = [["device", "2"], ["w", "1 < 2"], ["t", "\nneu </textarea>"], ["c", "2"], ["s", "2"], ["code", "9"]]
    html = fill(ROWS, forms=[{"action": "/a/", "fields": fields}], here="/x/", note=lambda: "<p>NOTE</p>")
    first, second, third = re.split(r"<form ", html)[1:]
    assert first == re.split(r"<form ", ROWS)[1] + "<p>NOTE</p>"
    for filled in (
        'value="1 &lt; 2"',
        "\n\nneu &lt;/textarea&gt;</textarea>",
        '<input type="checkbox" name="c" value="1">',
        '<input type="checkbox" name="c" value="2" checked>',
        '<option value="2" selected>',
        '<option value="1">',
        '<input type="password" name="w">',
    ):
        assert filled in second
    assert "alt" not in second
    assert 'value="9"' not in second
    assert third == re.split(r"<form ", ROWS)[3]
    gone = [["device", "3"], ["w", "x"]]
    assert fill(ROWS, forms=[{"action": "/a/", "fields": gone}], here="/x/", note=str) == ROWS, "its row is gone"
