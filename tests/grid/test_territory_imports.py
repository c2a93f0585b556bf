"""The page where files of areas come in: mapped, examined, mended, loaded by a job; so goes Shenzhen's real file."""

import csv
import io
import json
import re
import time
from math import cos, pi, sin
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
import pytest
import shapely
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from shapely.geometry import mapping, shape

from governance.access.models import Grant
from governance.access.viewer import SYSTEM
from governance.jobs.models import Job, State
from governance.jobs.services import job_run
from grid.coordinates import wgs84_to_gcj02
from grid.features import AreaDraft
from grid.models import Area, CodeItem, CodeList, Component, TerritoryImport
from grid.services import area_retire, areas_enter
from grid.surveying import BY_NAME, Columns, Repair, areas_known, codes_retired, survey
from grid.topology import Shape, faults_of_level
from tests.grid import shapes
from tests.grid.conftest import AT
from tests.grid.test_map_pages import signed_in

pytestmark = pytest.mark.django_db
WEST, SOUTH, CELL = shapes.WEST, shapes.SOUTH, shapes.CELL
HOME = "/staff/territory/imports/"


@pytest.fixture(autouse=True)
def empty_cache() -> None:
    """A row of the test before has had the same number."""
    cache.clear()


@pytest.fixture
def office(territory: Any, client: Client) -> Client:
    """Somebody who may change areas there, and has just given the password."""
    return proved(client, shapes.DISTRICT)


def proved(client: Client, *areas: str) -> Client:
    signed_in(client, areas[0], "administrator")
    grant = Grant.objects.get()
    for area in areas[1:]:
        grant.pk, grant.area_code = None, area
        grant.save()
    session = client.session
    session["proved_at"] = timezone.now().isoformat()
    session.save()
    return client


def handed_in(client: Client, content: Any, name: str = "areas.geojson") -> Any:
    data = content if isinstance(content, bytes) else json.dumps(content).encode()
    upload = io.BytesIO(data)
    upload.name = name
    return client.post(HOME, {"file": upload, "key": uuid4()})


def said(response: Any) -> str:
    return response.content.decode()


def mapped(client: Client, url: str, **fields: Any) -> str:
    """Choose columns and look at the report."""
    version = TerritoryImport.objects.values_list("version", flat=True).get(public_id=url.split("/")[-2])
    answer = client.post(url, {"version": version, "datum": "wgs84", **fields})
    assert answer.status_code == 302, said(answer)
    return said(client.get(url))


def loaded(client: Client, url: str) -> Job:
    version = TerritoryImport.objects.values_list("version", flat=True).get(public_id=url.split("/")[-2])
    answer = client.post(f"{url}load/", {"version": version})
    assert answer.status_code == 302, said(answer)
    job = Job.objects.get(public_id=answer["Location"].rstrip("/").rpartition("/")[2])
    done = job_run(job_id=job.pk, clock=timezone.now)
    assert done is not None
    return done


def others(*rows: tuple[str, str, Any]) -> dict[str, Any]:
    features = [
        {"type": "Feature", "properties": {"BH": code, "MC": name}, "geometry": geometry}
        for code, name, geometry in rows
    ]
    return {"type": "FeatureCollection", "features": features}


def box(west: float, south: float, east: float, north: float) -> dict[str, Any]:
    return shapes.square(WEST + west * CELL, SOUTH + south * CELL, WEST + east * CELL, SOUTH + north * CELL)


def test_what_is_no_geojson_is_refused_with_a_sentence(office: Client) -> None:
    for content, words in (
        (b"", "空的"),
        (b"PK\x03\x04zip", "压缩包"),
        (b'{"type": "FeatureCollection", "features": [', "没有写完整"),
        (b"[" * 100_000, "没有写完整"),
        ({"type": "Feature"}, "FeatureCollection"),
        (shapes.collection(), "FeatureCollection"),
    ):
        answer = handed_in(office, content)
        assert answer.status_code == 422
        assert words in said(answer)
    assert not TerritoryImport.objects.exists()


def test_a_file_is_mapped_mended_looked_at_and_loaded_once(office: Client) -> None:
    sliver = 0.02
    faulty = others(
        (shapes.grid_code(7), "第7网格", box(-1, 0, 0, 1)),
        (shapes.grid_code(8), "第8网格", box(-2, 0, -1 + sliver, 1)),
    )
    faulty["crs"] = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4490"}}
    url = handed_in(office, faulty)["Location"]
    opened = said(office.get(url))
    assert "EPSG::4490" in opened
    assert '<option value="BH" selected>' in opened  # guessed
    assert "还没有可以比的边界" in opened  # nothing of this file is known: no datum is proposed
    assert 'name="datum" value="wgs84" checked' not in opened
    assert office.post(url, {"version": "1", "code": "BH", "name": "MC"}).status_code == 422
    report = mapped(office, url, code="BH", name="MC")
    assert "窄缝" in report
    assert "写入，从今天起生效" not in report
    assert office.post(url, {"version": "1", "code": "BH", "name": "MC", "datum": "wgs84"}).status_code == 409
    report = mapped(office, url, code="BH", name="MC", repairs=[Repair.SNAP.value])
    assert "没有问题，可以写入" in report
    assert "自动修了" in report
    outlines = office.get(f"{url}outlines.geojson").json()
    assert {one["properties"]["code"] for one in outlines["features"]} == {shapes.grid_code(7), shapes.grid_code(8)}
    assert not Area.objects.filter(code=shapes.grid_code(7)).exists()  # looking writes nothing
    job = loaded(office, url)
    assert (job.state, job.done) == (State.DONE, 2)
    assert Area.objects.filter(code__in=[shapes.grid_code(7), shapes.grid_code(8)], geometry__isnull=False).count() == 2
    row = TerritoryImport.objects.get()
    assert (bytes(row.content), row.change.codes) == (b"", [shapes.grid_code(7), shapes.grid_code(8)])
    assert "2 个区域写好了" in said(office.get(url))
    assert office.post(f"{url}load/", {"version": row.version}).status_code == 409
    other = Client()
    signed_in(other, shapes.DISTRICT, "system_admin")
    assert other.get(url).status_code == 404  # one's own only


def test_bad_outlines_are_told_apart_and_offered_the_right_repair(territory: Any) -> None:
    """Bow-tie, hole touching the shell, swapped coordinates, 100,000 vertices, parts, a code used in history."""
    area_retire(code=shapes.grid_code(6), version=1, reason="并了", actor=SYSTEM, at=AT)
    bow = {"type": "Polygon", "coordinates": [[[WEST - 1, SOUTH], [WEST - 0.99, SOUTH + 0.01], [WEST - 0.99, SOUTH],
                                              [WEST - 1, SOUTH + 0.01], [WEST - 1, SOUTH]]]}  # fmt: skip
    square = [[WEST - 2, SOUTH], [WEST - 1.9, SOUTH], [WEST - 1.9, SOUTH + 0.1], [WEST - 2, SOUTH + 0.1]]
    hole = [[WEST - 2, SOUTH], [WEST - 2, SOUTH + 0.1], [WEST - 1.95, SOUTH + 0.05], [WEST - 2, SOUTH]]
    touching = {"type": "Polygon", "coordinates": [[*square, square[0]], hole]}
    swapped = {"type": "Polygon", "coordinates": [[[y, x] for x, y in [*square, square[0]]]]}
    swapped["coordinates"] = [[[lat - 1, lng] for lat, lng in swapped["coordinates"][0]]]
    count = 100_000
    ring = [[WEST + 3 + 0.05 * cos(2 * pi * n / count), SOUTH + 0.05 * sin(2 * pi * n / count)] for n in range(count)]
    many = {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}
    rows = {
        "bow": (shapes.grid_code(11), "结", bow),
        "hole": (shapes.grid_code(12), "洞", touching),
        "swap": (shapes.grid_code(13), "反", swapped),
        "many": (shapes.grid_code(14), "多", many),
        "part": (shapes.grid_code(15), "岛", box(10, 0, 11, 1)),
        "part2": (shapes.grid_code(15), "岛", box(12, 0, 13, 1)),
        "old": (shapes.grid_code(6), "旧", box(20, 0, 21, 1)),
    }

    def look(*names: str, repairs: frozenset[Repair] = frozenset()) -> Any:
        chosen = others(*(rows[name] for name in names))
        known, retired = areas_known(AT.date()), codes_retired(AT.date())
        columns = Columns("BH", "MC")
        return survey(chosen, columns, datum="wgs84", known=known, repairs=repairs, retired=retired)

    started = time.process_time()
    for names, kind, repair in (
        (("bow",), "invalid", Repair.VALID),
        (("hole",), "invalid", Repair.VALID),
        (("swap",), "swapped", Repair.SWAP),
        (("many",), "vertices", Repair.SIMPLIFY),
        (("part", "part2"), "parts", Repair.JOIN),
    ):
        assert [fault.kind for fault in look(*names).found] == [kind], names
        mended = look(*names, repairs=frozenset({repair}))
        assert mended.faults == (), names
        assert mended.drafts[0].polygon.is_valid
        assert mended.drafts[0].polygon.area > 0
    assert shapely.get_num_coordinates(look("many", repairs=frozenset({Repair.SIMPLIFY})).drafts[0].polygon) < 20_000
    assert time.process_time() - started < 4
    old = look("old", repairs=frozenset(Repair))
    assert [fault.kind for fault in old.found] == ["retired"]
    assert "不能重复使用" in old.faults[0]


def test_a_shifted_file_is_asked_about_also_where_only_the_parent_is_drawn(office: Client) -> None:
    def gcj(geometry: Any) -> Any:
        return mapping(shapely.transform(shape(geometry), lambda xy: np.column_stack(wgs84_to_gcj02(*xy.T))))

    areas_enter(drafts=[AreaDraft(shapes.COMMUNITY, "槐安社区", polygon=shape(box(0, 0, 3, 2)))], actor=SYSTEM, at=AT)
    Area.objects.filter(level="grid").update(
        geometry=None, min_lng=None, min_lat=None, max_lng=None, max_lat=None, label_lng=None, label_lat=None,
        surface_m2=None,
    )  # fmt: skip
    rings = shapes.lattice(3, 2)
    file = others(
        *((shapes.grid_code(n), f"第{n}网格", gcj(shapes.polygon(ring))) for n, ring in enumerate(rings, start=1))
    )
    url = handed_in(office, file)["Location"]
    opened = said(office.get(url))
    assert "差得最少的那一种多半是对的" in opened
    assert re.search(r'name="datum" value="gcj02"[^>]*checked', opened)
    wrong = mapped(office, url, code="BH", name="MC")
    assert "按 GCJ02 换算后只差约" in wrong
    assert "写入，从今天起生效" not in wrong
    assert loaded(office, url).state == State.FAILED
    assert "没有问题，可以写入" in mapped(office, url, code="BH", name="MC", datum="gcj02")
    assert loaded(office, url).state == State.DONE


def test_what_a_whole_file_leaves_out_is_retired_unless_something_is_open(office: Client) -> None:
    file = others((shapes.grid_code(9), "第9网格", box(0, 0, 3, 2)))
    url = handed_in(office, file)["Location"]
    assert "重叠" in mapped(office, url, code="BH", name="MC")
    report = mapped(office, url, code="BH", name="MC", ends_missing="on")
    assert shapes.grid_code(1) in report
    assert "没有问题，可以写入" in report
    item = CodeItem.objects.create(
        code_list=CodeList.objects.create(key="x", standard="x", title="x", valid_from=AT.date()),
        kind="component",
        code="01037",
        name="路灯",
    )
    Component.objects.create(
        identity="99010101037000001", item=item, name="路灯", area_code=shapes.grid_code(1), place="门口",
        manager_name="x", started_on=AT.date(), changed_at=AT,
    )  # fmt: skip
    cache.clear()
    refused = said(office.get(url))
    assert "还有没办结的" in refused
    assert "部件" in refused
    assert "写入，从今天起生效" not in refused
    assert loaded(office, url).state == State.FAILED
    assert Area.objects.filter(valid_to__isnull=False).count() == 0


def test_the_real_sub_districts_of_shenzhen_go_in_by_the_page(data_dir: Path, client: Client) -> None:
    """The published file: no codes, short names, GCJ-02, slits between neighbours. Areas are found by their names."""
    converted = json.loads((data_dir / "polygons" / "shenzhen_streets_74_wgs84.geojson").read_text())["features"]
    codes = {one["properties"]["code9"]: one["properties"] for one in converted}
    with (data_dir / "divisions" / "areas.csv").open(encoding="utf-8", newline="") as file:
        districts = {row["code"]: row["name"].strip('"') for row in csv.DictReader(file)}
    counties = sorted({code[:6] for code in codes})
    drafts = [AreaDraft(code, districts[code]) for code in counties]
    drafts += [AreaDraft(code, f"{properties['name']}街道") for code, properties in sorted(codes.items())]
    areas_enter(drafts=drafts, actor=SYSTEM, at=AT)
    proved(client, *counties)
    data = (data_dir / "polygons" / "shenzhen_streets_74.geojson").read_bytes()
    url = handed_in(client, data, "shenzhen_streets_74.geojson")["Location"]
    columns = {"code": BY_NAME, "name": "NAME", "within": "DISTRICT", "datum": "gcj02"}
    opened = said(client.get(url))
    assert '<option value="NAME" selected>' in opened
    assert '<option value="DISTRICT" selected>' in opened
    report = mapped(client, url, **columns)
    assert "有 4 处问题" in report
    assert 'name="version" value="2"' in report
    report = mapped(client, url, **columns, repairs=["valid", "snap"])
    assert "没有问题，可以写入" in report
    assert loaded(client, url).state == State.DONE
    streets = list(Area.objects.filter(level="subdistrict"))
    assert faults_of_level([Shape(one.code, one.name, shape(one.geometry)) for one in streets]) == []
    published = sum(one["properties"]["area_km2"] for one in converted)
    assert sum(one.surface_m2 for one in streets) / 1e6 == pytest.approx(published, rel=0.01)
    export = client.get(reverse("grid:area-export", args=[counties[0]])).json()
    assert len(export["features"]) == 1 + sum(code.startswith(counties[0]) for code in codes)
