"""The grants pages: list, giving, ending."""

import re
import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from governance.access.models import Grant
from governance.administration.views import grants as grants_views
from tests.access.conftest import EAST, HILL, LAKE, LAKE_1, WEST
from tests.sql import assert_sql

pytestmark = pytest.mark.django_db

LIST, NEW = "/staff/admin/grants/", "/staff/admin/grants/new/"
LIST_SQL = 7  # session, person, own grants, roles for the filter, page, until when somebody gives, reviews left over
FORM_SQL = 7  # session, person, own grants, people, roles, permissions, organisations; areas are 2 more with a map


@pytest.fixture
def admin_client(client, administrator):
    client.force_login(administrator.user)
    return client


@pytest.fixture
def lin(make_user):
    return make_user("林晓", email="lin@liren.example", staff_no="Q0031")


def text(answer):
    return answer.content.decode()


# --- list ----------------------------------------------------------------------------------------------------------


def test_the_list_says_who_what_where_how_long_and_why(admin_client, lin, give, organisation, at):
    giver = give(lin, "dispatcher", LAKE, ends_at=at + timedelta(days=9), reason="顶替休假的同事").user
    give(lin, "handler", organisation=organisation, granted_by=giver)
    html = text(admin_client.get(LIST))
    for words in ("林晓", "派单员", "湖畔社区", "顶替休假的同事", "安居物业有限公司", "长期", "Q0031"):
        assert words in html, words


def test_the_list_costs_the_same_however_long_it_is(admin_client, make_user, give, organisation):
    give(make_user(), "handler", LAKE)
    with assert_sql(LIST_SQL):
        admin_client.get(LIST)
    for number in range(30):
        give(make_user(), "handler", [LAKE, HILL, LAKE_1][number % 3], granted_by=make_user())
    give(make_user(), "handler", organisation=organisation)
    with assert_sql(LIST_SQL):
        assert text(admin_client.get(LIST)).count("<tr>") == 34


def test_only_grants_inside_ones_area_are_listed(admin_client, make_user, give):
    give(make_user("西边的人"), "handler", LAKE)
    give(make_user("东边的人"), "handler", EAST)
    html = text(admin_client.get(LIST))
    assert "西边的人" in html
    assert "东边的人" not in html


def test_filters_stand_in_the_address(admin_client, make_user, give, at):
    give(make_user("钱多", email="qian@liren.example"), "handler", LAKE)
    give(make_user("钱来"), "dispatcher", LAKE, starts_at=at + timedelta(days=2))
    give(make_user("孙去"), "handler", LAKE, ends_at=at - timedelta(hours=1))
    expected = {
        "": {"钱多"},
        "?state=future": {"钱来"},
        "?state=ended": {"孙去"},
        "?state=all": {"钱多", "钱来", "孙去"},
        "?q=钱&state=all": {"钱多", "钱来"},
        "?q=qian@&state=all": {"钱多"},
        "?role=dispatcher&state=all": {"钱来"},
        "?role=nonsense&state=nonsense&person=nonsense": {"钱多"},
        "?q=%00&state=all": {"钱多", "钱来", "孙去"},
    }
    for query, names in expected.items():
        html = text(admin_client.get(LIST + query))
        assert {name for name in ("钱多", "钱来", "孙去") if name in html} == names, query


def test_one_person(admin_client, make_user, give):
    one, other = make_user("钱多"), make_user("钱来")
    give(one, "handler", LAKE)
    give(other, "handler", LAKE)
    html = text(admin_client.get(f"{LIST}?person={one.public_id}"))
    assert "钱多" in html
    assert "钱来" not in html


def test_pages_follow_each_other_without_loss(admin_client, make_user, give, monkeypatch):
    monkeypatch.setattr(grants_views, "PAGE_SIZE", 4)
    for number in range(10):
        give(make_user(f"第{number:02}位"), "handler", LAKE)
    seen, address = [], LIST
    while address:
        with assert_sql(LIST_SQL):
            html = text(admin_client.get(address))
        seen += re.findall(r"<b>(第\d\d位)</b>", html)
        following = re.search(r'rel="next" href="([^"]+)"', html)
        address = LIST + following[1].replace("&amp;", "&") if following else ""
    assert seen == [f"第{number:02}位" for number in reversed(range(10))]


def test_htmx_gets_exactly_the_piece_the_page_holds(admin_client, make_user, give):
    give(make_user(), "handler", LAKE)
    for query in ("", "?state=all&q=职员", "?q=nobody"):
        page = text(admin_client.get(LIST + query))
        piece = text(admin_client.get(LIST + query, headers={"HX-Request": "true"}))
        assert piece.startswith('<section id="grants"')
        assert piece.strip() in page
        assert "<html" not in piece


def test_an_empty_list_says_what_will_come(admin_client):
    assert "这里没有授权" in text(admin_client.get(LIST + "?q=nobody"))


@pytest.mark.parametrize("role", ["supervisor", "dispatcher", "grid_worker"])
def test_who_may_not_see_grants(client, viewer_with, role):
    client.force_login(viewer_with(role, WEST).user)
    assert client.get(LIST).status_code == 403
    assert client.get(NEW).status_code == 403
    assert client.post(NEW).status_code == 403


def test_signed_out(client, db):
    for page in (LIST, NEW, f"{LIST}1/end/"):
        assert client.get(page).status_code == 302


# --- giving --------------------------------------------------------------------------------------------------------


@pytest.fixture
def answers(lin, at):
    """A form that is good; tests spoil one thing in it."""
    local = timezone.localtime(at)
    return {
        "user_words": "林",
        "user": str(lin.public_id),
        "role": "dispatcher",
        "area_code": LAKE,
        "organisation": "",
        "starts_at": f"{local:%Y-%m-%dT%H:%M}",
        "ends_at": f"{local + timedelta(days=30):%Y-%m-%dT%H:%M}",
        "reason": "顶替休假的同事",
        "key": str(uuid.uuid4()),
    }


def test_a_new_grant_works_on_the_very_next_request(admin_client, client_class, lin, answers):
    theirs = client_class()
    theirs.force_login(lin)
    assert theirs.get("/staff/rail/").status_code == 403
    answer = admin_client.post(NEW, answers)
    assert answer.status_code == 302
    assert theirs.get("/staff/rail/").status_code == 200
    grant = Grant.objects.get(user=lin)
    html = text(admin_client.get(answer["Location"]))
    assert "已授权，林晓" in html
    assert grant.reason in html


@pytest.fixture
def client_class():
    from django.test import Client

    return Client


def test_an_ended_grant_stops_at_the_very_next_request(admin_client, client_class, lin, give):
    grant = give(lin, "dispatcher", LAKE)
    theirs = client_class()
    theirs.force_login(lin)
    assert theirs.get("/staff/rail/").status_code == 200
    assert admin_client.post(f"{LIST}{grant.pk}/end/").status_code == 302
    assert theirs.get("/staff/rail/").status_code == 403


def test_pressing_twice_gives_one_grant(admin_client, answers, lin):
    first, second = admin_client.post(NEW, answers), admin_client.post(NEW, answers)
    assert first["Location"] == second["Location"]
    assert Grant.objects.filter(user=lin).count() == 1


def test_a_grant_in_an_organisation(admin_client, answers, lin, organisation):
    answers |= {"area_code": "", "organisation": str(organisation.public_id)}
    assert admin_client.post(NEW, answers).status_code == 302
    assert Grant.objects.get(user=lin).organisation == organisation


def test_an_open_end(admin_client, answers, lin):
    assert admin_client.post(NEW, answers | {"ends_at": ""}).status_code == 302
    assert Grant.objects.get(user=lin).ends_at is None


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"user": ""}, "请先查找，再选一位"),
        ({"role": ""}, "请选一个角色"),
        ({"area_code": ""}, "请选一个区域，或者选一个单位"),
        ({"starts_at": ""}, "请写开始时间"),
        ({"starts_at": "明天"}, "时间没有看懂，请写成 2026-01-05 09:00"),
        ({"ends_at": "2026-02-31T00:00"}, "时间没有看懂"),
        ({"ends_at": "2020-01-01T00:00"}, "结束时间要晚于开始时间"),
        ({"starts_at": "2020-01-01T00:00", "ends_at": "2020-01-02T00:00"}, "结束时间已经过去了"),
        ({"reason": " "}, "请写明授权的理由"),
        ({"reason": "长" * 201}, "200 字以内"),
    ],
)
def test_bad_input_is_named_and_everything_typed_stays(admin_client, answers, lin, change, message):
    sent = answers | change
    html = text(admin_client.post(NEW, sent))
    assert message in html
    assert not Grant.objects.filter(user=lin).exists()
    form = html[html.index("<form method") :] if "<form method" in html else html
    assert sent["user_words"] in form
    if sent["role"]:
        assert re.search(rf'value="{sent["role"]}"[^>]*checked', form)
    if sent["user"]:
        assert re.search(rf'value="{sent["user"]}"[^>]*checked', form)
    if sent["area_code"]:
        assert f'<option value="{sent["area_code"]}" selected>' in form
    for name in ("starts_at", "ends_at", "reason"):
        assert sent[name].strip() in form, name


@pytest.mark.parametrize("change", [{"area_code": EAST}, {"area_code": "9901"}, {"organisation": str(uuid.uuid4())}])
def test_places_outside_ones_area_are_not_offered_and_not_taken(admin_client, answers, lin, change):
    assert EAST not in text(admin_client.get(NEW))
    assert admin_client.post(NEW, answers | change).status_code == 200
    assert not Grant.objects.filter(user=lin).exists()


def test_both_places_are_one_too_many(admin_client, answers, organisation):
    html = text(admin_client.post(NEW, answers | {"organisation": str(organisation.public_id)}))
    assert "区域和单位只能选一样" in html


def test_oneself_is_refused_with_words(admin_client, administrator, answers):
    html = text(admin_client.post(NEW, answers | {"user": str(administrator.user.public_id)}))
    assert "不能给自己授权，请由另一位管理员办理" in html
    assert Grant.objects.filter(user=administrator.user).count() == 1


def test_the_same_grant_twice_is_refused_with_words(admin_client, answers, lin):
    admin_client.post(NEW, answers)
    html = text(admin_client.post(NEW, answers | {"key": str(uuid.uuid4())}))
    assert "已经有同样的授权" in html
    assert Grant.objects.filter(user=lin).count() == 1


def test_looking_for_a_person_saves_nothing_and_keeps_everything(admin_client, answers, lin, make_user):
    make_user("林一"), make_user("吴敏")
    sent = answers | {"user": "", "find": "1", "reason": "写到一半", "ends_at": "", "starts_at": "写错了"}
    html = text(admin_client.post(NEW, sent))
    assert "林晓" in html
    assert "林一" in html
    assert "吴敏" not in html
    assert "写到一半" in html
    assert "写错了" in html
    assert "lr-error" not in html
    assert not Grant.objects.filter(user=lin).exists()


def test_a_single_find_is_chosen(admin_client, answers, lin):
    for words in ("林晓", "lin@liren", "q0031"):
        html = text(admin_client.post(NEW, answers | {"user": "", "user_words": words, "find": "1"}))
        assert re.search(rf'value="{lin.public_id}"[^>]*checked', html), words


def test_htmx_gets_the_people_only(admin_client, answers, make_user):
    make_user("林一")
    sent = answers | {"user": "", "find": "1"}
    piece = text(admin_client.post(NEW, sent, headers={"HX-Request": "true"}))
    assert piece.startswith('<div id="people"')
    assert piece.strip() in text(admin_client.post(NEW, sent))


def test_nobody_found_says_so(admin_client, answers):
    html = text(admin_client.post(NEW, answers | {"user": "", "user_words": "<b>无此人", "find": "1"}))
    assert "没有找到“&lt;b&gt;无此人”" in html


def test_at_most_twenty_people(admin_client, answers, make_user):
    for number in range(25):
        make_user(f"王{number}")
    html = text(admin_client.post(NEW, answers | {"user": "", "user_words": "王", "find": "1"}))
    assert html.count('name="user" ') == 20
    assert "只列出前 20 位" in html


def test_the_form_costs_the_same_however_many_people_and_grids(admin_client, answers, make_user):
    sent = answers | {"user": "", "find": "1"}
    with assert_sql(FORM_SQL):
        admin_client.post(NEW, sent)
    for number in range(15):
        make_user(f"林{number}")
    with assert_sql(FORM_SQL):
        admin_client.post(NEW, sent)


def test_roles_say_what_they_can_do(admin_client):
    html = text(admin_client.get(NEW))
    assert "能：" in html
    assert "给授权" in html
    assert re.search(r'<optgroup label="湖畔社区">\s*<option value="990100001001">整个湖畔社区', html)


def test_a_person_named_in_the_address_is_chosen(admin_client, lin):
    html = text(admin_client.get(f"{NEW}?person={lin.public_id}"))
    assert re.search(rf'value="{lin.public_id}"[^>]*checked', html)
    assert admin_client.get(f"{NEW}?person=nonsense").status_code == 200


# --- ending --------------------------------------------------------------------------------------------------------


def test_ending_says_first_what_ends(admin_client, lin, give):
    grant = give(lin, "dispatcher", LAKE, reason="顶替休假的同事")
    assert f"{LIST}{grant.pk}/end/" in text(admin_client.get(LIST))
    html = text(admin_client.get(f"{LIST}{grant.pk}/end/"))
    for words in ("林晓", "派单员", "湖畔社区", "顶替休假的同事", "现在结束"):
        assert words in html, words
    grant.refresh_from_db()
    assert grant.ends_at is None
    answer = admin_client.post(f"{LIST}{grant.pk}/end/")
    grant.refresh_from_db()
    assert grant.ends_at is not None
    assert "已结束 林晓" in text(admin_client.get(answer["Location"]))


def test_a_grant_one_may_not_know_of_is_not_there(admin_client, make_user, give):
    grant = give(make_user(), "handler", EAST)
    assert admin_client.get(f"{LIST}{grant.pk}/end/").status_code == 404
    assert admin_client.post(f"{LIST}{grant.pk}/end/").status_code == 404
    assert admin_client.get(f"{LIST}999999/end/").status_code == 404
    grant.refresh_from_db()
    assert grant.ends_at is None


def test_a_grant_one_may_see_but_not_end_is_forbidden(client, viewer_with, give, make_user):
    """Its own grant in the east is visible to an administrator of the west, who may not end it."""
    viewer = viewer_with("administrator", WEST)
    far = give(viewer.user, "handler", EAST)
    near = give(make_user(), "handler", LAKE)
    client.force_login(viewer.user)
    assert f"{LIST}{far.pk}/end/" not in text(client.get(LIST))
    assert client.get(f"{LIST}{far.pk}/end/").status_code == 403
    assert client.post(f"{LIST}{far.pk}/end/").status_code == 403
    far.refresh_from_db()
    assert far.ends_at is None
    assert client.post(f"{LIST}{near.pk}/end/").status_code == 302


def test_an_ended_grant_offers_no_button(admin_client, lin, give, at):
    grant = give(lin, "dispatcher", LAKE, ends_at=at - timedelta(hours=1))
    assert f"{LIST}{grant.pk}/end/" not in text(admin_client.get(f"{LIST}?state=all"))
    html = text(admin_client.get(f"{LIST}{grant.pk}/end/"))
    assert "已经结束了" in html
    assert "现在结束" not in html
