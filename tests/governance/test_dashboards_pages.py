"""The overview: panels the apps contribute, for an area and a period."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from django.urls import reverse

from governance.access import areas
from governance.access.models import Grant, Role, User
from governance.access.viewer import Viewer
from governance.dashboards import registry
from governance.dashboards.figures import Figure, count_change
from governance.dashboards.periods import Period
from governance.dashboards.permissions import Capability
from governance.dashboards.registry import Panel
from governance.notifications.permissions import Capability as Notices
from tests.governance.notice_support import AT, person
from tests.governance.test_dashboards_numbers import Territory
from tests.sql import assert_sql

STREET = "440310001"
asked: list[tuple[str, str]] = []


class Figures(Panel):
    """Four figures."""

    key = "test-figures"
    title = "四个数"
    capability = Capability.VIEW
    order = 1
    span = 12
    frame = False
    template = "dashboards/_figures.html"

    def data(self, viewer: Viewer, area: str, period: Period) -> Mapping[str, Any]:
        asked.append((area, period.key))
        people = User.objects.count()
        return {
            "figures": [
                Figure("在办", 1879, "件", count_change(1879, 1867, period, "件"), url="/rows/?of=open"),
                Figure("超期", people, "件", late=True, note="最长 1 天"),
                Figure("解决率", None, "%"),
                Figure("满意率", 90.4, "%"),
            ]
        }


class Names(Panel):
    """A card with a heading."""

    key = "test-names"
    title = "哪些网格多"
    capability = Capability.VIEW
    order = 2
    template = "dashboards/_figures.html"

    def data(self, viewer: Viewer, area: str, period: Period) -> Mapping[str, Any]:
        return {"figures": [Figure("人", User.objects.count())]}


class Secret(Names):
    """For those who may send again."""

    key = "test-secret"
    title = "不给看的"
    capability = Notices.RETRY


@pytest.fixture(autouse=True)
def _panels(monkeypatch: pytest.MonkeyPatch) -> None:
    asked.clear()
    monkeypatch.setattr(areas, "_directory", Territory())
    monkeypatch.setattr(registry, "_panels", {})
    for panel in (Secret(), Names(), Figures()):
        registry.register(panel)


@pytest.fixture
def client_of(db: None) -> Callable[..., Client]:
    """Makes a signed-in person with a role in some areas."""

    def make(name: str, role: str, *codes: str) -> Client:
        user = person(name)
        for code in codes:
            Grant.objects.create(
                user=user,
                role=Role.objects.get(key=role),
                area_code=code,
                starts_at=AT - timedelta(days=1),
                reason="test",
                created_at=AT,
            )
        client = Client()
        client.force_login(user)
        return client

    return make


def test_overview_needs_its_capability(client_of: Callable[..., Client]) -> None:
    assert client_of("wang", "handler", STREET).get("/staff/overview/").status_code == 403
    assert client_of("li", "supervisor", STREET).get("/staff/overview/").status_code == 200
    assert Client().get("/staff/overview/").status_code == 302


def test_page_shows_figures_with_unit_change_and_rows(client_of: Callable[..., Client]) -> None:
    page = client_of("li", "supervisor", STREET).get("/staff/overview/").content.decode()
    assert "青禾街道看板" in page
    assert "1,879<small>件</small>" in page
    assert "比前 7 天多 12 件" in page
    assert '<a class="s-figure s-3" href="/rows/?of=open">' in page
    assert page.count("s-figure--late") == 1
    assert page.count("没有数据") == 1
    assert "更新" in page
    assert page.index("四个数") < page.index("哪些网格多")
    assert asked == [(STREET, "7")]


def test_panel_of_another_capability_is_left_out(client_of: Callable[..., Client]) -> None:
    li, boss = client_of("li", "supervisor", STREET), client_of("zhao", "administrator", STREET)
    assert "不给看的" not in li.get("/staff/overview/").content.decode()
    assert li.get(reverse("dashboards:panel", args=["test-secret"])).status_code == 404
    assert boss.get(reverse("dashboards:panel", args=["test-secret"])).status_code == 403  # no overview at all
    assert li.get(reverse("dashboards:panel", args=["test-names"])).status_code == 200
    assert li.get(reverse("dashboards:panel", args=["no-such"])).status_code == 404


def test_area_and_period_are_in_the_address(client_of: Callable[..., Client]) -> None:
    li = client_of("li", "supervisor", STREET)
    page = li.get("/staff/overview/", {"area": "440310001002", "period": "30"}).content.decode()
    assert "柳岸社区看板" in page
    assert '<option value="30" selected>' in page
    assert '<option value="440310001002" selected>' in page
    assert asked == [("440310001002", "30")]


@pytest.mark.parametrize("outside", ["440310002", "440310", "440310001999", "nonsense"])
def test_area_outside_the_grant_is_not_there(client_of: Callable[..., Client], outside: str) -> None:
    li = client_of("li", "supervisor", STREET)
    assert li.get("/staff/overview/", {"area": outside}).status_code == 404
    assert li.get(reverse("dashboards:panel", args=["test-names"]), {"area": outside}).status_code == 404
    assert asked == []
    assert li.get("/staff/overview/", {"area": "440310001001"}).status_code == 200


def test_picker_offers_own_areas_only(client_of: Callable[..., Client]) -> None:
    page = client_of("li", "supervisor", "440310001001", "440310002").get("/staff/overview/").content.decode()
    assert '<option value="440310001001" selected>' in page
    assert '<option value="440310002">' in page
    assert "柳岸社区" not in page


def test_panel_alone_is_the_same_as_in_the_page(client_of: Callable[..., Client]) -> None:
    li = client_of("li", "supervisor", STREET)
    whole = li.get("/staff/overview/").content.decode()
    for key in ("test-figures", "test-names"):
        part = li.get(reverse("dashboards:panel", args=[key]), headers={"HX-Request": "true"}).content.decode()
        assert part.startswith("<section") or part.lstrip().startswith("<section")
        assert part.strip() in whole
    alone = li.get(reverse("dashboards:panel", args=["test-names"])).content.decode()
    assert "<html" in alone
    assert "回到看板" in alone


def test_htmx_gets_the_very_part_that_the_page_holds(client_of: Callable[..., Client]) -> None:
    li = client_of("li", "supervisor", STREET)
    whole = li.get("/staff/overview/").content.decode()
    part = li.get("/staff/overview/", headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    assert part[part.index('<div class="s-cockpit">') :].strip() in whole


def test_page_costs_what_its_panels_cost(client_of: Callable[..., Client]) -> None:
    li = client_of("li", "supervisor", STREET)
    li.get("/staff/overview/")
    with assert_sql(5):  # session, person, grants; one statement a panel
        li.get("/staff/overview/")
    with assert_sql(4):
        li.get(reverse("dashboards:panel", args=["test-names"]))


def test_page_without_panels_says_what_will_come(
    client_of: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registry, "_panels", {})
    assert "这里还没有数字" in client_of("li", "supervisor", STREET).get("/staff/overview/").content.decode()


def test_two_panels_with_one_key_and_odd_widths_are_refused() -> None:
    with pytest.raises(ImproperlyConfigured):
        registry.register(Names())
    wide = Names()
    wide.key, wide.span = "test-wide", 9
    with pytest.raises(ImproperlyConfigured):
        registry.register(wide)
