"""The walk: what is due, one tap and its undoing, findings from a telephone, routes, what those see who plan."""

import gzip
import re
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from uuid import uuid4

import pytest
from django.apps import apps
from django.contrib.staticfiles import finders
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from governance.errors import DomainError, Forbidden, StaleState
from governance.files.models import StoredFile
from governance.outbox.models import DomainEvent
from grid.code_files import SHIPPED
from grid.models import CodeItem, Component, Finding, PatrolRoute, RoutePoint
from grid.patrol_day import overdue_stops, patrol_day
from grid.services.checks import CheckPlace, check_create
from grid.services.codes import code_list_load
from grid.services.components import ComponentDraft, component_enter
from grid.services.findings import FindingDraft, finding_link_order, finding_report
from grid.services.patrols import component_seen, point_add, point_move, point_seen, point_unseen, route_end, route_make
from tests.factories.world import EAST_GRID, IN_EAST, MORNING, WEST_GRID
from tests.governance.file_samples import telephone_jpeg
from tests.requests_intake.conftest import _town, client_of, world  # noqa: F401
from tests.sql import assert_sql

TODAY = timezone.localdate(MORNING)
WIRE_MAX = 110 * 1024


@pytest.fixture
def walk(world):  # noqa: F811
    """A route in the east: a place looked at every seven days, a lamp whose inspection is due."""
    codes = code_list_load(shipped=SHIPPED["gbt47678-5-2026"], actor=world.viewer("operations"), at=MORNING)
    lamp = component_enter(
        draft=ComponentDraft(
            item=CodeItem.objects.get(code_list=codes, kind="component", code="01037"),
            name="7 号楼路灯",
            state="damaged",
            started_on=TODAY - timedelta(days=90),
            lng=IN_EAST[0],
            lat=IN_EAST[1],
            manager_name="市政设施所",
            inspect_every=30,
        ),
        submission_key=uuid4(),
        actor=world.viewer("head"),
        at=MORNING,
    )
    head = world.viewer("head")
    route = route_make(name="每日", area_code=EAST_GRID, area_set=None, submission_key=uuid4(), actor=head, at=MORNING)
    place = point_add(route=route, name="消防通道", every_days=7, area_code=EAST_GRID, actor=head, at=MORNING)
    world.lamp, world.place, world.route = lamp, place, route
    return world


def test_a_day_is_of_places_and_one_tap_is_one(walk):
    worker, key, later = walk.viewer("grid_worker"), uuid4(), MORNING + timedelta(minutes=3)
    with assert_sql(3):
        day = patrol_day(worker, MORNING)
    assert [(stop.label, stop.word(TODAY)) for stop in day.due] == [("消防通道", "today"), ("7 号楼路灯", "late")]
    assert [stop.label for stop in overdue_stops(walk.viewer("head"), MORNING, 9)] == ["7 号楼路灯"]
    for _tap in range(3):
        point_seen(point=walk.place, key=key, actor=worker, at=later)
        component_seen(component=walk.lamp, actor=worker, at=later)
    walk.lamp.refresh_from_db()
    assert (walk.lamp.state, walk.lamp.inspected_on, walk.lamp.entries.filter(kind="inspected").count()) == (
        "intact",
        TODAY,
        1,
    )
    assert DomainEvent.objects.filter(name="grid.route_point_seen").count() == 1
    day = patrol_day(worker, later)
    assert (day.due, [stop.label for stop in day.seen]) == ([], ["消防通道", "7 号楼路灯"])
    assert [bool(stop.undo_key) for stop in day.seen] == [True, False], "an inspection is corrected, not undone"
    assert [stop.label for stop in patrol_day(worker, later + timedelta(days=1)).coming] == ["消防通道"]
    with pytest.raises(StaleState):
        point_unseen(point=walk.place, key=uuid4(), actor=worker, at=later)
    for _twice in range(2):
        point_unseen(point=walk.place, key=key, actor=worker, at=later)
    assert [stop.label for stop in patrol_day(worker, later).due] == ["消防通道"]
    point_seen(point=walk.place, key=key, actor=worker, at=later)
    with pytest.raises(StaleState):
        point_unseen(point=walk.place, key=key, actor=worker, at=later + timedelta(minutes=11))
    for name in ("other_handler", "stranger", "district"):
        assert patrol_day(walk.viewer(name), later).seen == []
        with pytest.raises(Forbidden):
            point_seen(point=walk.place, key=uuid4(), actor=walk.viewer(name), at=later)


def test_nothing_is_kept_of_who_walked():
    """国办函〔2026〕12号, STANDARDS 0.2: no track, no check-in, no count of a person has a column to stand in."""
    people = {"changed_by", "found_by"}  # who planned a route, and who can be asked about a finding
    for name in ("AreaSet", "PatrolRoute", "RoutePoint", "Finding", "FindingPhoto"):
        for field in apps.get_model("grid", name)._meta.local_fields:
            assert field.name in people or field.remote_field is None or field.related_model.__name__ != "User", name
    columns = {field.name for field in RoutePoint._meta.local_fields}
    assert not {"seen_by", "track", "seen_lng"} & columns


def test_a_route_is_put_in_order_by_who_plans(walk):
    head = walk.viewer("head")
    lamp = point_add(route=walk.route, component=walk.lamp, actor=head, at=MORNING)
    point_move(point=lamp, up=True, actor=head, at=MORNING)
    point_move(point=lamp, up=True, actor=head, at=MORNING)  # it is the first already
    assert [point.label for point in walk.route.points.order_by("position")] == ["7 号楼路灯", "消防通道"]
    assert [stop.label for stop in patrol_day(head, MORNING).due] == ["7 号楼路灯", "消防通道"], "once, in its order"
    for changes, field in (
        ({"name": " ", "every_days": 7}, "name"),
        ({"name": "护栏", "every_days": None}, "every_days"),
        ({"name": "护栏", "every_days": 7, "area_code": WEST_GRID}, "area_code"),
        ({"component": walk.lamp}, None),
    ):
        with pytest.raises(DomainError) as error, transaction.atomic():
            point_add(**{"route": walk.route, "area_code": EAST_GRID, "actor": head, "at": MORNING} | changes)
        assert error.value.field == field, changes
    with pytest.raises(Forbidden):
        point_move(point=lamp, up=True, actor=walk.viewer("grid_worker"), at=MORNING)
    with pytest.raises(Forbidden):
        route_make(name="西", area_code=WEST_GRID, area_set=None, submission_key=uuid4(), actor=head, at=MORNING)
    route_end(route=walk.route, actor=head, at=MORNING)
    assert [stop.label for stop in patrol_day(head, MORNING).due] == ["7 号楼路灯"], "due by its own turn"
    with pytest.raises(StaleState):
        point_seen(point=walk.place, key=uuid4(), actor=head, at=MORNING)


def test_a_walk_on_a_telephone(walk, client_of, time_machine):  # noqa: F811
    time_machine.move_to(MORNING, tick=False)
    worker, home = client_of("grid_worker"), reverse("grid:patrol")
    assert worker.get(reverse("web:work"))["Location"] == home
    page = worker.get(home).content.decode()
    asked = {"kind": "before_filing", "subject_ref": "x.y:1", "what": "灯亮不亮", "due_at": MORNING, "at": MORNING}
    check_create(place=CheckPlace(area_code=EAST_GRID, words="北侧"), actor=walk.viewer("dispatcher"), **asked)
    assert "灯亮不亮" not in page
    assert "灯亮不亮" in worker.get(home).content.decode()
    key, seen = re.search(r'name="key" value="([^"]+)"', page)[1], reverse("grid:patrol-seen")
    point = f"point:{walk.place.public_id}"
    for _double in range(2):
        assert worker.post(seen, {"key": key, "seen": point}).status_code == 302
    page = worker.get(home).content.decode()
    undo = re.search(r'name="undo" value="([^"]+)"', page)[1]
    assert worker.post(seen, {"key": key, "undo": undo}).status_code == 302
    assert point in worker.get(home).content.decode()
    assert worker.post(seen, {"seen": "point:nowhere"}).status_code == 404
    assert client_of("district").get(home).status_code == 403

    form = reverse("grid:patrol-new") + f"?at=component:{walk.lamp.public_id}"
    opened = worker.get(form).content.decode()
    assert "7 号楼路灯" in opened
    key = re.search(r'name="key" value="([^"]+)"', opened)[1]
    bad = {"key": key, "settled_on_spot": "on", "photos": [BytesIO(telephone_jpeg()), BytesIO(b"no photo")]}
    refused = worker.post(form, bad)
    html = refused.content.decode()
    assert refused.status_code == 422
    kept = re.search(r'name="kept" value="([^"]+)"', html)[1]
    sent = {"key": key, "kept": kept, "text": "灯罩破了", "component_state": "lost", "lng": "121.905", "lat": "30.905"}
    for _five in range(5):
        assert worker.post(form, sent).status_code == 302
    found = Finding.objects.get()
    assert (found.text, found.component, found.area_code, found.photos.count()) == ("灯罩破了", walk.lamp, EAST_GRID, 1)
    assert StoredFile.objects.count() == 1
    walk.lamp.refresh_from_db()
    assert (walk.lamp.state, walk.lamp.inspected_on) == ("lost", TODAY), "who reports a fault of it has looked at it"
    finding_link_order(uuid=found.uuid, ref="x.y:1", number="202611170000017", state="handling", at=MORNING)
    assert "202611170000017" in worker.get(home).content.decode()
    at_place = reverse("grid:patrol-new") + f"?kind=hazard&at={point}"
    assert worker.post(at_place, {"text": "堆了纸箱", "area_code": EAST_GRID}).status_code == 302
    walk.place.refresh_from_db()
    assert walk.place.due_on == TODAY + timedelta(days=7)
    dispute = worker.get(reverse("grid:patrol-new") + "?kind=dispute").content.decode()
    assert "不写姓名、电话、门牌" in dispute
    assert client_of("grid_worker").get(reverse("grid:patrol-new") + "?at=component:x").status_code == 404


def test_the_page_weighs_little(walk, client_of):  # noqa: F811
    """The page with 30 due places, its styles and scripts as they travel (gzip): <= 110 KiB."""
    RoutePoint.objects.bulk_create(
        RoutePoint(
            route=walk.route,
            position=number,
            name=f"{number} 号楼消防通道和天台门",
            area_code=EAST_GRID,
            every_days=7,
            due_on=TODAY - timedelta(days=number),
        )
        for number in range(2, 40)
    )
    worker = client_of("grid_worker")
    worker.get(reverse("grid:patrol"))
    with assert_sql(12, at_most=True):
        html = worker.get(reverse("grid:patrol")).content
    assert html.count(b"w-acts") == 30
    names = set(re.findall(r'(?:href|src)="/static/([^"?]+\.(?:css|js))"', html.decode()))
    assert names >= {"css/patrol.css", "css/staff.css", "js/liren.js"}
    files = [Path(str(finders.find(name))).read_bytes() for name in sorted(names)]
    weight = sum(len(gzip.compress(body, 6)) for body in [html, *files])
    assert weight <= WIRE_MAX, f"{weight / 1024:.0f} KiB"


def test_what_those_see_who_plan(walk, client_of, time_machine):  # noqa: F811
    time_machine.move_to(MORNING, tick=False)
    head, worker, actor = client_of("head"), client_of("grid_worker"), walk.viewer("grid_worker")
    for kind, text in (("matter", "灯杆歪了"), ("hazard", "堆了纸箱"), ("dispute", "为漏水争吵")):
        draft = FindingDraft(kind=kind, text=text, area_code=EAST_GRID)
        finding_report(uuid=uuid4(), draft=draft, actor=actor, at=MORNING)
    listing = reverse("grid:patrols")
    head.get(listing)
    with assert_sql(9, at_most=True):
        html = head.get(listing + f"?state=reported&area={EAST_GRID[:12]}").content.decode()
    assert all(words in html for words in ("灯杆歪了", "堆了纸箱", "为漏水争吵", "7 号楼路灯"))
    assert "Grid_Worker" not in html, "places, not people"
    html = client_of("dispatcher").get(listing + "?kind=dispute").content.decode()
    assert "为漏水争吵" not in html
    assert "没有找到" in head.get(listing + "?state=closed").content.decode()
    routes = reverse("grid:routes")
    assert worker.post(routes, {"name": "我的", "where": EAST_GRID}).status_code == 403
    assert head.post(routes, {"name": "", "where": EAST_GRID}).status_code == 422
    there = head.post(routes, {"name": "晚上", "where": EAST_GRID})["Location"]
    assert head.post(there, {"name": "天台门", "every_days": "x"}).status_code == 422
    assert head.post(there, {"name": "天台门", "every_days": "3", "area_code": EAST_GRID}).status_code == 302
    assert "7 号楼路灯" in head.get(there + "?q=路灯").content.decode()
    lamp = Component.objects.get()
    assert head.post(there, {"component": str(lamp.public_id)}).status_code == 302
    route = PatrolRoute.objects.get(name="晚上")
    first, second = route.points.order_by("position")
    assert head.post(there, {"up": str(second.public_id)}).status_code == 302
    assert list(route.points.order_by("position")) == [second, first]
    assert worker.post(there, {"drop": str(first.public_id)}).status_code == 403
    assert head.post(there, {"drop": str(uuid4())}).status_code == 404
    assert head.post(there, {"drop": str(first.public_id)}).status_code == 302
    assert head.post(there, {"end": "1"})["Location"] == routes
    assert "晚上" not in worker.get(routes).content.decode()
