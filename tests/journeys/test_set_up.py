"""An office on its first day: from the printed link, through every step, to a request that is filed and dispatched."""

import re

import pytest

from governance.web import portal
from grid.models import Area
from population.models import StandardAddress
from requests_intake.models import ServiceRequest
from setup_wizard.links import begin_token
from setup_wizard.selectors.profile import profile_fields, profile_forget
from tests.factories import world as worlds
from tests.journeys.steps import NEXT, begin, is_wider_than_screen, say
from tests.journeys.test_accessible_pages import look_at  # noqa: F401  a fixture

PASSWORD = "jasmine-tea-at-nine"
AREAS = "编码\t名称\n990105001\t柳塘街道\n990105001001\t槐安社区\n990105001002\t青禾社区"
ESTATES = "社区\t小区或道路\t楼栋或门牌\n槐安社区\t槐安里\t1 号楼、2 号楼、12 号楼\n槐安社区\t柳塘街"
OFFICES = "类别\t名称\t管哪里\n区级机构\t区中心\t澄湾区\n职能部门\t市政设施所\t澄湾区"
PEOPLE = (
    "姓名\t邮箱\t单位\t角色\n卢映川\tlu@office.example\t区中心\t派单员\n"
    "沈师傅\tshen@office.example\t市政设施所\t承办人\n周督\tzhou@office.example\t区中心\t街道督办、回访员"
)
ITEMS = (
    "大类\t大类英文\t小类\t小类英文\t事项\t事项英文\t关键词\n"
    "城市管理\tCity upkeep\t市政设施\tStreet fixtures\t路灯\tStreet lights\t路灯 灯不亮"
)


@pytest.fixture
def empty(transactional_db, settings, monkeypatch):
    """What migrations leave, and nothing else."""
    settings.LIREN_DEMO = False
    monkeypatch.setattr(portal, "_sources", [profile_fields])
    worlds.forget()
    worlds._ladder()
    profile_forget()
    yield
    profile_forget()
    worlds.forget()


def hand_in(page, step, text):
    """Paste rows, look them over, write them."""
    page.goto(f"/staff/setup/{step}/")
    page.fill("[name=text]", text)
    page.click("form[enctype] .lr-actions button")
    page.wait_for_selector("#looked")
    assert not page.query_selector(".is-broken")
    page.click("button[name=all]")
    page.wait_for_selector(".lr-notice--done")


@pytest.mark.parametrize("script", [True, False], ids=["with-script", "without-script"])
def test_from_nothing_to_a_dispatched_request(empty, make_page, script):
    office = make_page(width=1280, java_script_enabled=script)
    office.goto("/")
    assert "还没有开通" in office.inner_text("h1")
    office.goto(f"/set-up/{begin_token()}/")
    for name, value in {
        "code": "990105",
        "name": "澄湾区",
        "display_name": "顾南枝",
        "email": "gu@office.example",
        "password": PASSWORD,
        "password_again": PASSWORD,
    }.items():
        office.fill(f"[name={name}]", value)
    office.click("form[method=post] .lr-actions button")
    office.wait_for_url("**/staff/setup/")
    office.click("text=接着做：本区和门户")
    office.fill("[name=operator]", "区城市运行管理中心")
    office.fill("[name=name_0]", "区服务台")
    office.fill("[name=number_0]", "8812 0316")
    office.click("main form .lr-actions button")
    office.wait_for_url("**/staff/setup/areas/")
    hand_in(office, "areas", AREAS)
    hand_in(office, "addresses", ESTATES)
    hand_in(office, "offices", OFFICES)
    hand_in(office, "people", PEOPLE)
    office.wait_for_url("**/invitations/")
    office.click("main form .lr-actions button")
    office.wait_for_selector(".u-links")
    rows = office.query_selector_all(".u-links tbody tr")
    links = {row.query_selector("th").inner_text(): row.query_selector("td:last-child").inner_text() for row in rows}
    office.goto("/staff/setup/limits/")
    office.click("button[name=policies]")
    office.wait_for_selector(".lr-tag:has-text('没有确认')")
    office.click("button[name=calendar]")
    office.wait_for_selector(".lr-notice--done")
    hand_in(office, "catalogue", ITEMS)
    office.goto("/staff/setup/")
    assert "该有的都有了" in office.inner_text("main")
    assert not Area.objects.filter(geometry__isnull=False).exists()
    assert not StandardAddress.objects.filter(lng__isnull=False).exists()

    resident = make_page(width=360, java_script_enabled=script)
    resident.goto("/")
    assert "8812 0316" in resident.inner_text("body")
    begin(resident)
    resident.wait_for_url("**/where/")
    assert not resident.query_selector("[data-map-picker]")
    resident.click(".lr-fold summary")
    resident.select_option("[name=area_code]", "990105001001")
    if not script:
        resident.click("button[name=browse]")
    resident.wait_for_selector("[name=estate]")
    resident.select_option("[name=estate]", "槐安里")
    if not script:
        resident.click("button[name=browse]")
    resident.wait_for_selector("[name=building]")
    shown = resident.eval_on_selector_all("[name=building] option", "all => all.map(e => e.value)")
    assert shown == ["", "1 号楼", "2 号楼", "12 号楼"]
    assert not is_wider_than_screen(resident)
    resident.select_option("[name=building]", "2 号楼")
    resident.click(NEXT)
    say(resident, "楼下的路灯不亮了，快一个星期了。")
    resident.wait_for_url("**/category/")
    resident.check("input[name=category] >> nth=0")
    resident.click(NEXT)
    resident.wait_for_url("**/photos/")
    resident.click(NEXT)
    resident.wait_for_url("**/contact/")
    resident.check("[name=may_be_public][value=no]")
    resident.click(NEXT)
    resident.wait_for_url("**/preview/")
    assert "槐安里 2 号楼" in resident.inner_text("main")
    resident.click(NEXT)
    resident.wait_for_url("**/receipt/")
    number = re.sub(r"\D", "", resident.inner_text(".r-ticket__no"))

    desk = make_page(width=1280, java_script_enabled=script)
    desk.goto(links["卢映川"])
    desk.fill("[name=password]", PASSWORD)
    desk.fill("[name=password_again]", PASSWORD)
    desk.click("main form .lr-actions button")
    desk.wait_for_url(re.compile(r"/staff/(?!welcome)"))
    desk.goto(f"/staff/requests/{number}/")
    desk.click("form[action$='/accept/'] button:not([name])")
    desk.wait_for_selector("form[action$='/dispatch/']")
    desk.select_option("form[action$='/dispatch/'] [name=organisation]", label="市政设施所")
    desk.click("form[action$='/dispatch/'] button")
    desk.wait_for_selector(".lr-notice--done")
    request = ServiceRequest.objects.get(number=number)
    assert (request.state, request.area_code, request.address) == ("dispatched", "990105001001", "槐安里 2 号楼")


def test_the_first_pages_for_everybody(empty, make_page, look_at):  # noqa: F811
    page = make_page(width=360)
    for path in ("/", f"/set-up/{begin_token()}/", "/set-up/gone/", "/staff/welcome/gone/"):
        page.goto(path)
        look_at(page, path, fingers=True)
