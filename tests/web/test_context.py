"""What every page needs costs people who are signed out nothing, and staff one statement for their grants."""

import pytest
from django.test import Client

from governance.access.models import User
from governance.web import navigation
from governance.web.navigation import Count, NavItem
from tests.sql import assert_sql

pytestmark = pytest.mark.django_db


@pytest.fixture
def rail(monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """Two entries of which one is allowed, a bell, and how often they were counted."""
    asked = {"orders": 0, "inbox": 0}

    def orders(viewer):
        asked["orders"] += 1
        return Count(1178, 3)

    def unread(viewer):
        asked["inbox"] += 1
        return 2

    items = [
        NavItem("parts", "组件", "web:components", "access.work", "gear", 20, count=orders),
        NavItem("private", "权限", "web:privacy", "access.give_grant", "key", 10),
        NavItem("absent", "没装", "nowhere:page", "access.work", "map", 5),
    ]
    monkeypatch.setattr(navigation, "_items", {item.key: item for item in items})
    monkeypatch.setattr(navigation, "_inbox", [unread])
    return asked


@pytest.mark.parametrize("address", ["/", "/privacy/", "/accessibility/", "/nowhere/", "/robots.txt"])
def test_pages_for_everybody_ask_the_database_nothing(client: Client, address: str):
    client.get(address)
    with assert_sql(0):
        client.get(address)


def test_pages_of_staff_ask_for_session_person_and_grants(staff_client: Client, rail: dict[str, int]):
    with assert_sql(3):
        page = staff_client.get("/staff/components/")
    html = page.content.decode()
    assert "陈晓青" in html
    assert "派单员" in html
    assert rail == {"orders": 0, "inbox": 0}, "a page never counts"


def test_the_rail_holds_what_this_person_may_open(staff_client: Client, rail: dict[str, int]):
    html = staff_client.get("/staff/components/").content.decode()
    nav = html[html.index('<nav id="rail"') : html.index("</nav>")]
    assert 'href="/staff/components/" aria-current="page"' in nav
    assert "权限" not in nav
    assert "没装" not in nav
    assert "1,178" not in nav


def test_counts_come_after_the_page_and_are_kept(staff_client: Client, rail: dict[str, int]):
    fragment = staff_client.get("/staff/rail/?at=/staff/components/").content.decode()
    assert '<span class="s-nav__late">3 超期</span>·1,178' in fragment
    assert 'id="bell"' in fragment
    assert 'hx-swap-oob="true"' in fragment
    assert "提醒，2 条未读" in fragment
    assert 'aria-current="page"' in fragment
    staff_client.get("/staff/rail/?at=/staff/components/")
    assert rail == {"orders": 1, "inbox": 1}, "at most once in thirty seconds"
    page = staff_client.get("/staff/components/").content.decode()
    assert "1,178" in page
    assert "提醒，2 条未读" in page


def test_work_goes_to_the_first_entry(staff_client: Client, rail: dict[str, int]):
    answer = staff_client.get("/staff/")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/staff/components/")


def test_work_without_entries_says_whom_to_ask(staff_client: Client, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(navigation, "_items", {})
    assert "请找给您开账号的管理员" in staff_client.get("/staff/").content.decode()


def test_without_a_grant_there_is_no_way_in(client: Client, db: None):
    client.force_login(User.objects.create_user("new@example.com", display_name="新人"))
    answer = client.get("/staff/")
    assert answer.status_code == 403
    assert "请找管理员给您授权" in answer.content.decode()


def test_signed_out_people_are_asked_to_sign_in(client: Client):
    assert client.get("/staff/rail/").headers["Location"].startswith("/staff/sign-in/")


def test_sign_out_is_a_post(staff_client: Client):
    html = staff_client.get("/staff/components/").content.decode()
    assert '<form method="post" action="/staff/sign-out/">' in html


def test_both_layouts_of_the_components_page_render_every_state(staff_client: Client):
    for address in ("/staff/components/", "/staff/components/?as=resident"):
        html = staff_client.get(address).content.decode()
        for name in ("lr-errors", "lr-field--error", "lr-tag--late", "lr-tag--soon", "lr-notice--staff", "lr-empty"):
            assert name in html
        assert 'data-density="staff"' in html or "as=resident" in address


def test_names_of_the_office_come_from_the_settings(client: Client, settings):
    settings.LIREN_PORTAL = {"place": "新城区", "hotlines": [{"name": "热线", "number": "8000 1111", "hours": "全天"}]}
    html = client.get("/privacy/").content.decode()
    assert "新城区·邻里办事" in html
    assert "tel:80001111" in html
    settings.LIREN_PORTAL = {"plce": "新城区"}
    with pytest.raises(ValueError, match="plce"):
        client.get("/privacy/")
