"""Pages of the wizard: from the table to the rows, each with what keeps it closed."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from governance.access.models import Grant, Role, User
from governance.access.viewer import viewer_for
from governance.outbox.models import DomainEvent
from governance.web.portal import portal
from grid.models import Area
from requests_intake.models import Category, DeadlinePolicy, ServiceRequest
from setup_wizard.links import begin_token
from setup_wizard.models import HandedTable, PortalProfile
from setup_wizard.selectors.profile import profile_forget
from tests.factories.world import DISTRICT, EAST, MORNING, STREET
from tests.setup_wizard.conftest import excel
from tests.setup_wizard.test_tables import AREAS, ITEMS, OFFICES, PEOPLE, enter
from tests.sql import assert_sql
from tests.web.english import chinese_in

PROFILE = {
    "place": "澄湾区",
    "place_en": "Chengwan District",
    "operator": "区城市运行管理中心",
    "name_0": "区服务台",
    "number_0": "8812 0316",
    "hours_0": "每天 8:30–18:00",
}


def page(client, name, **query):
    return client.get(reverse(f"setup:{name}"), query).content.decode()


def hand_in(client, step, *rows, **more):
    return client.post(reverse(f"setup:{step}"), {"file": excel(*rows), **more})


def write(client, step, button="all"):
    handed = HandedTable.objects.get(step=step)
    url = reverse("setup:write", args=[step])
    return client.post(url, {"handed_at": handed.handed_at.isoformat(), button: "1"}, follow=True)


def test_the_overview_says_what_is_missing_and_where_to_go_on(chief, viewer):
    html = page(chief, "overview")
    assert "接着做：本区和门户" in html
    assert "还没有写主办单位和电话" in html
    assert "还没有：派单员、承办人、回访员、街道督办" in html
    with assert_sql(29, at_most=True):
        chief.get(reverse("setup:overview"))
    enter("areas", AREAS, viewer)
    html = page(chief, "overview")
    assert "2 个社区" in html
    assert html.count(">可以用了<") == 1


def test_names_and_numbers_stand_on_every_page(chief):
    response = chief.post(reverse("setup:district"), PROFILE | {"number_1": "12345"})
    assert response.status_code == 422
    html = response.content.decode()
    assert "请写这是什么电话" in html
    assert 'value="8812 0316"' in html
    assert not PortalProfile.objects.exists()
    response = chief.post(reverse("setup:district"), PROFILE)
    assert response["Location"] == reverse("setup:areas")
    profile_forget()
    shown = Client().get("/").content.decode()
    assert "8812 0316" in shown
    assert "区城市运行管理中心" in shown
    assert [line.number for line in portal().hotlines] == ["8812 0316"]
    assert 'value="每天 8:30–18:00"' in page(chief, "district")
    chief.post(reverse("setup:district"), PROFILE | {"place": "澄湾新区"})
    assert Area.objects.get(code=DISTRICT).name == "澄湾新区"
    assert DomainEvent.objects.filter(name="setup_wizard.profile_changed").count() == 2


def test_who_came_by_the_command_names_the_district_first(empty, client):
    user = User.objects.create_user(email="a@office.example", display_name="甲", password="long-enough-1")
    for role in ("administrator", "operations_admin"):
        Grant.objects.create(
            user=user, role=Role.objects.get(key=role), area_code="440310", starts_at=MORNING, reason="x",
            created_at=MORNING,
        )  # fmt: skip
    client.force_login(user)
    assert "还没有区" in page(client, "overview")
    assert client.post(reverse("setup:district"), PROFILE | {"place": "坪山区"}).status_code == 302
    assert Area.objects.get().code == "440310"


def test_a_table_is_looked_over_then_written(chief, viewer):
    hand_in(chief, "areas", *AREAS, ("990105007001", "没有上级"))
    html = page(chief, "areas")
    assert "上级 990105007 还没有" in html
    assert "只写没有问题的 3 行" in html
    assert Area.objects.count() == 1
    assert "什么都没有写" in write(chief, "areas", "all").content.decode()
    assert "写好了 3 行" in write(chief, "areas", "clean").content.decode()
    assert Area.objects.count() == 4
    # handed in again: nothing to write; then discarded
    hand_in(chief, "areas", *AREAS)
    assert "表里的都已经有了" in page(chief, "areas")
    chief.post(reverse("setup:write", args=["areas"]), {"discard": "1"})
    assert not HandedTable.objects.exists()


def test_pasted_rows_and_what_is_wrong_with_them_stay(chief):
    text = "编码\t名称\n990105001\t柳塘街道"
    assert chief.post(reverse("setup:areas"), {"text": text}).status_code == 302
    assert "柳塘街道" in page(chief, "areas")
    wrong = chief.post(reverse("setup:areas"), {"text": "街道,社区\n柳塘,槐安"})
    html = wrong.content.decode()
    assert wrong.status_code == 422
    assert "没有找到这几列：编码、名称" in html
    assert "柳塘,槐安" in html
    assert "请选一个文件" in chief.post(reverse("setup:areas"), {}).content.decode()


def test_two_administrators_on_one_table(chief, viewer):
    hand_in(chief, "areas", *AREAS)
    url = reverse("setup:write", args=["areas"])
    response = chief.post(url, {"handed_at": "2026-11-17T02:00:01+00:00", "all": "1"}, follow=True)
    assert "请看现在的" in response.content.decode()
    assert Area.objects.count() == 1


def test_each_step_is_for_whoever_may(viewer, limits):
    enter("areas", AREAS, viewer)
    enter("offices", OFFICES, viewer)
    enter("people", PEOPLE, viewer)
    steps = ["areas", "addresses", "offices", "people", "catalogue", "limits", "district", "overview"]
    assert all(Client().get(reverse(f"setup:{step}")).status_code == 302 for step in steps)
    dispatcher = Client()
    dispatcher.force_login(User.objects.get(email="lu@office.example"))
    assert all(dispatcher.get(reverse(f"setup:{step}")).status_code == 403 for step in steps)
    assert dispatcher.post(reverse("setup:write", args=["areas"]), {"all": "1"}).status_code == 403
    operations = User.objects.get(email="zhou@office.example")
    one = Grant.objects.filter(user=operations).order_by("pk").first()
    Grant.objects.filter(user=operations).exclude(pk=one.pk).delete()
    Grant.objects.filter(pk=one.pk).update(role=Role.objects.get(key="operations_admin"), area_code=DISTRICT)
    client = Client()
    client.force_login(operations)
    answers = {step: client.get(reverse(f"setup:{step}")).status_code for step in steps}
    assert answers == {
        "areas": 403, "addresses": 403, "offices": 403, "people": 403, "district": 403,
        "catalogue": 200, "limits": 200, "overview": 200,
    }  # fmt: skip
    assert client.get(reverse("setup:write", args=["nothing"])).status_code == 405
    assert client.get(reverse("setup:template", args=["nothing"])).status_code == 404


def test_an_invitation_ends_with_the_first_password(chief, viewer):
    enter("areas", AREAS, viewer)
    enter("offices", OFFICES, viewer)
    enter("people", PEOPLE, viewer)
    assert "卢映川" in page(chief, "invitations")
    assert "/staff/welcome/" not in page(chief, "invitations")
    html = chief.post(reverse("setup:invitations")).content.decode()
    links = re.findall(r"http://testserver(/staff/welcome/[^<]+)<", html)
    assert len(links) == 3
    assert DomainEvent.objects.get(name="setup_wizard.links_shown").payload == {"count": 3}
    guest = Client()
    first = guest.get(links[0]).content.decode()
    assert "卢映川，您好" in first
    weak = guest.post(links[0], {"password": "12345", "password_again": "12345"})
    assert weak.status_code == 422
    done = guest.post(links[0], {"password": "jasmine-tea-at-nine", "password_again": "jasmine-tea-at-nine"})
    assert done["Location"] == reverse("web:work")
    assert guest.get("/staff/requests/").status_code == 200
    assert Client().get(links[0]).status_code == 410
    assert Client().post(links[0], {"password": "x" * 12, "password_again": "x" * 12}).status_code == 410
    assert "卢映川" not in page(chief, "invitations")
    assert Client().get(links[1][:-3] + "xx/").status_code == 410


def test_limits_come_unconfirmed_and_the_calendar_is_filled(chief):
    chief.post(reverse("setup:limits"), {"policies": "1"})
    assert DeadlinePolicy.objects.count() == 7
    assert not DeadlinePolicy.objects.filter(is_confirmed=True).exists()
    chief.post(reverse("setup:limits"), {"policies": "1"})
    assert DeadlinePolicy.objects.count() == 7
    chief.post(reverse("setup:limits"), {"calendar": "1"})
    html = page(chief, "limits")
    assert "工作日历填到 2027-12-31" in html
    assert html.count("没有确认</span>") == 7


def test_the_starter_is_trimmed_and_written_like_any_table(chief, limits):
    html = page(chief, "starter")
    assert "没有核对过" in html
    chief.post(reverse("setup:starter"), {"code": ["010301", "010303"]})
    assert "写好了 2 行" in write(chief, "catalogue").content.decode()
    lamp = Category.objects.get(name="路灯")
    assert (lamp.policy_key, lamp.guide, lamp.answered_by) == ("general_7d", "", "")
    assert lamp.duty_item.kind == "withdrawn"
    assert chief.post(reverse("setup:starter"), {}).status_code == 422


def test_all_items_of_the_starter_are_clean(chief, limits):
    codes = re.findall(r'name="code" value="(\d+)"', page(chief, "starter"))
    assert len(codes) >= 55
    chief.post(reverse("setup:starter"), {"code": codes})
    assert f"写入 {len(codes)} 行" in page(chief, "catalogue")


def test_the_official_list_of_the_district(chief, settings, tmp_path):
    assert chief.get(reverse("setup:official")).status_code == 404  # nothing of this district is on this machine
    folder = tmp_path / "divisions"
    folder.mkdir()
    (folder / "areas.csv").write_text('code,name\n990105,"澄湾区"\n', encoding="utf-8")
    (folder / "streets_all.csv").write_text('code,name\n990105001,"柳塘街道"\n', encoding="utf-8")
    (folder / "x_communities.csv").write_text(
        "code,name,street\n990105001001,槐安社区居委会,柳塘街道\n990105001002,岭下村委会,柳塘街道\n", encoding="utf-8"
    )
    settings.DATA_DIR = tmp_path
    html = page(chief, "official")
    assert "槐安社区" in html
    assert "居委会" not in html
    chief.post(reverse("setup:official"), {"code": [STREET, "990105001002"]})
    write(chief, "areas")
    assert set(Area.objects.values_list("name", "kind")) == {
        ("澄湾区", ""), ("柳塘街道", "street"), ("岭下村", "village"),
    }  # fmt: skip


def test_a_trial_goes_the_way_of_a_request_and_is_taken_back(chief, viewer, limits):
    enter("areas", AREAS, viewer)
    enter("catalogue", ITEMS, viewer)
    chief.post(reverse("setup:limits"), {"calendar": "1"})
    item = Category.objects.get(name="路灯")
    response = chief.post(reverse("setup:trial"), {"area_code": EAST, "category": str(item.pk)})
    html = response.content.decode()
    request = ServiceRequest.objects.get()
    assert (request.state, request.area_code, request.category_id) == ("withdrawn", EAST, item.pk)
    assert not request.clocks.filter(stopped_at=None).exists()
    assert request.number in html.replace(" ", "")
    assert "没有规则说派给谁" in html
    assert "11月24日" in html.replace(" ", "")  # seven days


def test_a_trial_before_there_are_limits_says_what_is_missing(chief):
    response = chief.post(reverse("setup:trial"), {"area_code": "", "category": ""})
    assert response.status_code == 422
    assert 'role="alert"' in response.content.decode()
    assert not ServiceRequest.objects.exists()


@pytest.mark.parametrize("name", ["overview", "district", "areas", "people", "catalogue", "limits", "starter"])
def test_english_pages_are_english(chief, viewer, limits, name):
    enter("areas", AREAS, viewer)
    hand_in(chief, "areas", *AREAS, ("99010500100", "短"))
    hand_in(chief, "catalogue", *ITEMS)
    chief.cookies["liren_lang"] = "en"
    html = page(chief, name)
    assert chinese_in(html) == []


@pytest.mark.parametrize("path", ["/", "/set-up/forged/", "/staff/welcome/forged/"])
def test_english_pages_before_there_is_anything(empty, client, path):
    client.cookies["liren_lang"] = "en"
    assert chinese_in(client.get(path).content.decode()) == []


def test_english_pages_behind_links(chief, viewer, settings, tmp_path):
    enter("areas", AREAS, viewer)
    enter("offices", [(*OFFICES[0], "英文名称"), (*OFFICES[1], "City Operations Centre")], viewer)
    enter("people", [PEOPLE[0], ("Lu Yingchuan", *PEOPLE[1][1:])], viewer)
    chief.cookies["liren_lang"] = "en"
    html = chief.post(reverse("setup:invitations")).content.decode()
    assert chinese_in(html) == []
    guest = Client()
    guest.cookies["liren_lang"] = "en"
    link = re.search(r"http://testserver(/staff/welcome/[^<]+)<", html)
    assert chinese_in(guest.get(link[1]).content.decode()) == []
    folder = tmp_path / "divisions"
    folder.mkdir()
    (folder / "areas.csv").write_text('code,name\n990105,"澄湾区"\n', encoding="utf-8")
    (folder / "streets_all.csv").write_text('code,name\n990105001,"柳塘街道"\n', encoding="utf-8")
    settings.DATA_DIR = tmp_path
    assert chinese_in(page(chief, "official")) == []


def test_the_english_beginning(empty, client, settings, tmp_path):
    folder = tmp_path / "divisions"
    folder.mkdir()
    (folder / "areas.csv").write_text('code,name\n440310,"坪山区"\n440300,"坪地"\n', encoding="utf-8")
    settings.DATA_DIR = tmp_path
    client.cookies["liren_lang"] = "en"
    begin = reverse("setup:begin", args=[begin_token()])
    assert chinese_in(client.get(begin, {"q": "440"}).content.decode()) == []
    assert chinese_in(client.post(begin, {"code": "x"}).content.decode()) == []


def test_an_english_table_reads_the_same(chief, viewer):
    chief.cookies["liren_lang"] = "en"
    response = chief.get(reverse("setup:template", args=["offices"]))
    assert response["Content-Disposition"].endswith("Organisations.xlsx")
    enter("areas", AREAS, viewer_for(viewer.user, MORNING))
    rows = [("Type", "Name", "Area"), ("Community", "Huai'an Committee", "槐安社区")]
    hand_in(chief, "offices", *rows)
    assert "Write 1 rows" in page(chief, "offices")
