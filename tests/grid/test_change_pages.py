"""Redrawing, splitting, merging and retiring by hand, without a script: look first, then do it, once."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from governance.access.models import Grant
from governance.access.viewer import SYSTEM
from governance.impact.registry import area_uses
from grid.models import Area, AreaChange
from grid.services import areas_load
from tests.grid import shapes
from tests.grid.test_changes import EIGHT, FOUR, ONE, SEVEN, TWO
from tests.grid.test_map_pages import signed_in
from tests.sql import assert_sql

pytestmark = pytest.mark.django_db

WEST, SOUTH, CELL = shapes.WEST, shapes.SOUTH, shapes.CELL
LINE = f"{WEST + CELL / 2}, {SOUTH + CELL * 2.1}\n{WEST + CELL / 2}，{SOUTH + CELL * 0.5}"


@pytest.fixture
def office(territory: Any, client: Client) -> Client:
    """Somebody who may change areas there, and has just given the password."""
    signed_in(client, shapes.DISTRICT, "administrator")
    session = client.session
    session["proved_at"] = timezone.now().isoformat()
    session.save()
    return client


def page(code: str, act: str) -> str:
    return f"/staff/areas/{code}/{act}/"


def hidden(body: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', body)
    assert found, name
    return found[1].replace("&quot;", '"')


def looked(client: Client, code: str, act: str, **fields: Any) -> tuple[str, dict[str, Any]]:
    """Open the form, send it to look; return the page and what confirming it would send."""
    opened = client.get(page(code, act)).content.decode()
    data = {"versions": hidden(opened, "versions"), "seen": "", "reason": "", **fields}
    body = client.post(page(code, act), data).content.decode()
    proposed = dict(re.findall(r'name="((?:code|name|kind)_\d+)" value="([^"]*)"', body))
    return body, {**data, **proposed, "seen": hidden(body, "seen"), "confirm": "1"}


def test_a_page_says_what_an_area_was_and_which_grid_a_point_lay_in(office: Client) -> None:
    body, data = looked(office, ONE, "split", line=LINE)
    office.post(page(ONE, "split"), {**data, "reason": "户数太多"})
    kinds = sum(use.is_counted for use in area_uses())  # each kind of record is asked whether one was left behind
    with assert_sql(8 + kinds, at_most=True):
        body = office.get(f"/staff/areas/{ONE}/").content.decode()
    for words in ("已经停用", "户数太多", "李明", f"{ONE} → {SEVEN}", "拆分"):
        assert words in body
    assert "改边界</a>" not in body
    day = timezone.localdate() - timedelta(days=1)
    found = office.get(f"/staff/areas/{ONE}/", {"point": f"{WEST + CELL / 3}, {SOUTH + CELL * 1.5}", "day": day})
    assert f"第1网格</b> {ONE}" in found.content.decode()
    wrong = office.get(f"/staff/areas/{ONE}/", {"point": "那里", "day": "昨天"}).content.decode()
    assert "没有看懂这个位置" in wrong
    assert "2026-03-01" in wrong
    assert 'value="那里"' in wrong


def test_a_border_is_redrawn_with_its_neighbours_after_a_look(office: Client) -> None:
    outline = "\n".join(
        f"{lng}, {lat}"
        for lng, lat in [
            (WEST, SOUTH + CELL), (WEST + CELL * 1.3, SOUTH + CELL), (WEST + CELL * 1.3, SOUTH + 2 * CELL),
            (WEST, SOUTH + 2 * CELL),
        ]
    )  # fmt: skip
    body, data = looked(office, ONE, "redraw", outline=outline, follow="on")
    assert all(code in body for code in (ONE, TWO, FOUR))
    assert "授权" not in body.split("牵涉到的记录")[1].split("</section>")[0].split("<p class")[0]
    assert not AreaChange.objects.exclude(kind="load").exists()  # only looked
    # changed after the look: shown again, not done
    narrower = outline.replace(f"{WEST + CELL * 1.3}", f"{WEST + CELL * 1.2}")
    office.post(page(ONE, "redraw"), {**data, "reason": "x", "outline": narrower})
    assert not AreaChange.objects.exclude(kind="load").exists()
    without = office.post(page(ONE, "redraw"), data).content.decode()
    assert "请写明为什么改" in without
    done = office.post(page(ONE, "redraw"), {**data, "reason": "按道路划界"}, follow=True)
    assert done.redirect_chain == [(f"/staff/areas/{ONE}/", 302)]
    assert "从今天起生效" in done.content.decode()
    again = office.post(page(ONE, "redraw"), {**data, "reason": "按道路划界"}).content.decode()
    assert "刚刚被别人改过" in again


def test_a_split_proposes_codes_and_two_that_are_merged_become_one(office: Client) -> None:
    body, data = looked(office, ONE, "split", line=LINE)
    assert (data["code_1"], data["code_2"]) == (SEVEN, EIGHT)
    done = office.post(page(ONE, "split"), {**data, "name_1": "西片", "reason": "户数太多"})
    assert done.status_code == 200  # another name than was looked at
    assert "西片" in done.content.decode()
    data["name_1"], data["seen"] = "西片", hidden(done.content.decode(), "seen")
    assert office.post(page(ONE, "split"), {**data, "reason": "户数太多"})["Location"] == f"/staff/areas/{SEVEN}/"
    body, data = looked(office, SEVEN, "merge", codes=[EIGHT], name_1="第一网格")
    assert "停用" in body
    office.post(page(SEVEN, "merge"), {**data, "reason": "又合起来"})
    nine = Area.objects.get(code=shapes.grid_code(9))
    assert (nine.name, nine.kind) == ("第一网格", "basic")
    assert nine.surface_m2 == pytest.approx(Area.objects.get(code=ONE).surface_m2, rel=1e-4)


@pytest.mark.parametrize(
    ("act", "fields", "words"),
    [
        ("split", {"line": ""}, "请画出或写出分割线"),
        ("split", {"line": "114.1, 22.7\n东边"}, "第 2 行没有看懂"),
        ("split", {"line": "114.1, 22.7\n114.2, 22.8"}, "没有把区域分开"),
        ("redraw", {"outline": "22.7, 114.3\n22.8, 114.3\n22.8, 114.4"}, "先经度后纬度"),
        ("redraw", {"outline": '{"type": "Polygon", '}, "读不出来"),
        ("redraw", {"outline": '{"type": "Point", "coordinates": [1, 2]}'}, "Point"),
        ("redraw", {"outline": "114.3, 22.7\n114.31, 22.71\n114.31, 22.7\n114.3, 22.73"}, "自己和自己相交"),
        ("redraw", {"outline": "114.3, 22.7\n" * 20_001}, "最多 20,000 个"),
        ("redraw", {"outline": "114.2, 22.6\n114.5, 22.6\n114.5, 22.9\n114.2, 22.9", "follow": "on"}, "整个盖住了"),
        ("merge", {}, "请至少选一个旁边的区域"),
        ("merge", {"codes": ["990101001001999"]}, "已经不在这里了"),
    ],
)
def test_bad_outlines_are_told_and_kept(office: Client, act: str, fields: dict[str, Any], words: str) -> None:
    response = office.post(page(ONE, act), {"versions": json.dumps({ONE: 1}), **fields})
    body = response.content.decode()
    assert words in body
    for value in fields.values():
        if isinstance(value, str) and 0 < len(value) < 200:
            assert value.splitlines()[-1].replace('"', "&quot;") in body
    assert AreaChange.objects.count() == 1


def test_nobody_else_gets_in(territory: Any, client: Client) -> None:
    signed_in(client, shapes.COMMUNITY)
    assert client.get(f"/staff/areas/{ONE}/").status_code == 200
    assert client.get("/staff/areas/990101002001001/").status_code == 404
    for act in ("redraw", "split", "merge", "retire"):
        assert client.get(page(ONE, act)).status_code == 403
        assert client.post(page(ONE, act), {"confirm": "1"}).status_code == 403


def test_what_is_exported_loads_again_without_a_difference(office: Client) -> None:
    response = office.get(f"/staff/areas/{shapes.COMMUNITY}/export/")
    assert response["Content-Disposition"].startswith(f'attachment; filename="{shapes.COMMUNITY}_')
    collection = json.loads(response.content)
    assert len(collection["features"]) == 7
    loaded = areas_load(geojson=collection, actor=SYSTEM, at=timezone.now())
    assert (loaded.created, loaded.changed, len(loaded.unchanged)) == ((), (), 7)
    assert office.get("/staff/areas/990101009/export/").status_code == 404


def test_what_is_in_use_is_not_retired(office: Client) -> None:
    signed = Grant.objects.get()
    Grant.objects.create(
        user=signed.user, role=signed.role, area_code=FOUR, starts_at=signed.starts_at, reason="x",
        created_at=signed.created_at,
    )  # fmt: skip
    body = office.post(page(FOUR, "retire"), {"versions": json.dumps({FOUR: 1})}).content.decode()
    assert "授权 1" in body
    Grant.objects.exclude(pk=signed.pk).update(ends_at=timezone.now())
    body, data = looked(office, FOUR, "retire")
    office.post(page(FOUR, "retire"), {**data, "reason": "拆迁"})
    assert Area.objects.get(code=FOUR).valid_to == timezone.localdate()
