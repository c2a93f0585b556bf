"""My grid, for everybody: found in three ways; only what was released is said."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from governance.access.models import Grant, Role, User
from governance.access.viewer import SYSTEM
from governance.organisations.models import Organisation
from grid.models import Area, GeometryVersion, Post
from grid.my_grid import sides
from grid.services import areas_load
from tests.grid import shapes
from tests.grid.conftest import AT
from tests.grid.test_lookup import BESIDE, IN_GRID_1
from tests.sql import assert_sql

pytestmark = pytest.mark.django_db
GRID_1 = shapes.grid_code(1)
FIND, ONE = "/my-grid/", f"/my-grid/{GRID_1}/"


def post(kind: str, name: str, area: str = GRID_1, **more: Any) -> Post:
    about = {"created_at": AT, "changed_at": AT, "reason": "x", "starts_at": AT} | more
    if kind == "building":
        return Post.objects.create(kind=kind, area_code=area, holder_name=name, **about)
    user = User.objects.create_user(f"{User.objects.count()}@example.com", "a long password", display_name=name)
    return Post.objects.create(kind=kind, area_code=area, user=user, **about)


@pytest.fixture
def offices(territory: Any) -> None:
    for kind, code, name, phone in (
        ("community", shapes.COMMUNITY, "槐安社区居委会", "8812 0421"),
        ("subdistrict_office", shapes.SUBDISTRICT, "柳塘街道办事处", "8812 0400"),
    ):
        Organisation.objects.create(kind=kind, area_code=code, name=name, short_name=name[:2], phone=phone)


def test_only_what_was_released_is_said(offices: None, client: Client) -> None:
    post("captain", "林海生", is_public=True, public_phone="8812 0777")
    post("full_time", "没有公布")
    post("part_time", "已经离任", is_public=True, ends_at=AT + timedelta(days=1))
    post("part_time", "还没上任", is_public=True, starts_at=datetime(2099, 1, 1, tzinfo=UTC))
    post("building", "周阿姨", area=f"{GRID_1}01", is_public=True)
    post("building", "不愿公布的邻居")
    post("captain", "别的网格的", area=shapes.grid_code(2), is_public=True)
    post("instructor", "邵主任", area=shapes.COMMUNITY, is_public=True)
    client.get(ONE)
    with assert_sql(11):  # nobody's post gives a grant here, so nobody can stand in
        response = client.get(ONE)
    html = response.content.decode()
    assert [name for name in ("林海生", "周阿姨", "邵主任") if name not in html] == []
    hidden = ("没有公布</b>", "已经离任", "还没上任", "不愿公布的邻居", "别的网格的")
    assert [name for name in hidden if name in html] == []
    assert 'href="tel:88120777"' in html
    assert html.index("8812 0777") < html.index("8812 0421") < html.index("8812 0400")
    assert response["Cache-Control"] == "private, max-age=60"


def test_the_outline_in_words(territory: Any) -> None:
    """Three by two: the first lies in the north-west, the fifth in the middle of the south."""
    first, fifth = (Area.objects.get(code=shapes.grid_code(number)) for number in (1, 5))
    version = GeometryVersion.objects.get()
    around = [[(str(side.wind), side.names) for side in sides(area, version)] for area in (first, fifth)]
    assert around[0] == [("东边", "第2网格"), ("南边", "第4网格")]
    assert around[1] == [("北边", "第2网格"), ("东边", "第6网格"), ("西边", "第4网格")]


def test_found_by_position_or_from_the_list(territory: Any, client: Client) -> None:
    at = {"lng": IN_GRID_1[0], "lat": IN_GRID_1[1]}
    assert client.get(FIND, at)["Location"] == reverse("grid:my-grid-one", args=[GRID_1])
    outside = client.get(FIND, {"lng": BESIDE[0], "lat": BESIDE[1]})
    assert outside.status_code == 200
    assert "不在本区" in outside.content.decode()
    listed = client.get(FIND, {"within": shapes.COMMUNITY}).content.decode()
    assert listed.count('href="/my-grid/990101001001') == 6
    for query in ({"within": "x'"}, {"lng": "here", "lat": "1e999"}, {"q": "\x00" * 300}, {"within": "9" * 40}):
        assert client.get(FIND, query).status_code == 200


def test_what_is_no_grid_today_is_not_found(territory: Any, client: Client) -> None:
    for code in (shapes.COMMUNITY, "990101001001099", "x"):
        assert client.get(f"/my-grid/{code}/").status_code == 404
    Area.objects.filter(code=GRID_1).update(valid_to=AT.date())
    assert client.get(ONE).status_code == 404


def test_a_grid_without_outline_or_people_still_has_a_page(client: Client) -> None:
    areas_load(
        geojson=shapes.collection(*shapes.upper_levels(), shapes.feature(GRID_1, "第1网格")), actor=SYSTEM, at=AT
    )
    html = client.get(ONE).content.decode()
    assert "还没有公布人员" in html
    assert "边界还没有画" in html


def test_who_stands_in_is_named_by_their_own_released_post_only(offices: None, client: Client) -> None:
    captain, neighbour = post("captain", "林海生", is_public=True), post("full_time", "贺春", shapes.grid_code(2))
    given = {"role": Role.objects.get(key="grid_worker"), "area_code": GRID_1, "starts_at": AT, "created_at": AT}
    captain.grant = Grant.objects.create(user=captain.user, reason="x", **given)
    captain.save()
    end = datetime(2099, 1, 1, tzinfo=UTC)
    Grant.objects.create(user=neighbour.user, reason="x", stands_in_for=captain.grant, ends_at=end, **given)
    html = client.get(ONE).content.decode()
    assert ("林海生" in html, "贺春" in html, "由同事代班" in html) == (True, False, True)
    Post.objects.filter(pk=neighbour.pk).update(is_public=True)
    html = client.get(ONE).content.decode()
    assert ("请找代班的" in html, html.index("贺春") > html.index("林海生")) == (True, True)
