"""Walks through the demo's grids: patrol areas, routes with places that are due, what was found, what was put right."""

import uuid
from datetime import datetime, timedelta
from random import Random

from django.utils import timezone

from demo.loading.photos import PhotoShelf
from demo.loading.posts import DEMO_GRID
from demo.staff import DemoStaff, staff_by_role
from demo.territory import Area, territory
from governance.access.models import User
from governance.access.viewer import SYSTEM, Viewer, viewer_for
from grid.models import CodeItem, Component, Finding, FindingPhoto, PatrolRoute, RoutePoint
from grid.services.area_sets import area_set_make
from grid.services.findings import FindingDraft, finding_report
from grid.services.patrols import point_add, route_make

# what is looked at, every how many days
PLACES = (
    ("消防通道", 7),
    ("地下车库出入口", 14),
    ("电动自行车充电棚", 7),
    ("儿童滑梯", 30),
    ("楼道和天台门", 14),
    ("河边护栏", 30),
    ("3 号楼门厅", 3),
)
# kind, matter, what was seen, where, what was done on the spot, picture
FOUND = (
    ("matter", "06010", "垃圾桶满了，袋子堆到路上", "垃圾投放点", "", "bins"),
    ("matter", "09005", "水果店把摊摆到人行道上，轮椅过不去", "临街一侧", "", ""),
    ("matter", "", "路面塌了一小块，晚上看不清", "东门往里十几米", "", "road"),
    ("matter", "", "共享单车倒了一排，挡住盲道", "公交站旁", "扶起来，沿墙摆好了", ""),
    ("matter", "06010", "绿化带里有人扔了旧沙发", "5 号楼南侧", "", "bins"),
    ("hazard", "", "楼道里堆了纸箱和旧家具，消防栓门打不开", "2 单元 3 层", "", ""),
    ("hazard", "", "从窗户拉线下来给电瓶车充电", "8 号楼西侧", "当面说清楚，线收了，车推到充电棚", ""),
    ("dispute", "", "楼上漏水的事两户又吵起来，说好的修理一直没来", "3 号楼", "", ""),
    ("dispute", "", "广场舞音量，住户甲和跳舞的几位争了两个晚上", "中心花园", "", ""),
)
WALKERS = 3
TAKES = ("a", "b")


def load_patrols(people: dict[str, User], at: datetime) -> None:
    """A patrol area and a route in every community, a second route in its first grid; findings of its grid workers."""
    chance, shelf, photos = Random("patrols"), PhotoShelf(), []
    matters = {item.code: item for item in CodeItem.objects.filter(kind="matter")}
    workers = _by_grid()
    communities: dict[str, list[Area]] = {}
    for area in territory().grids:
        communities.setdefault(area.code[:12], []).append(area)
    told = []
    for number, (code, grids) in enumerate(sorted(communities.items())):
        _routes(code, grids, chance, at)
        walkers = [workers[area.code] for area in grids if area.code in workers]
        for position, who in enumerate(walkers[:WALKERS]):
            grid = who.grants[0].area_code
            for turn in range(2):
                row = FOUND[(number * 5 + position * 2 + turn) % len(FOUND)]
                told.append((at - timedelta(hours=chance.randint(3, 400)), row, grid, people[who.key]))
    for when, row, grid, user in sorted(told, key=lambda one: (one[0], one[2])):
        made = _found(row, grid, matters, viewer_for(user, at), chance, when)
        if row[5] and (file := shelf.copy_for(f"{row[5]}-{chance.choice(TAKES)}-before", owner=made, at=when)):
            photos.append(FindingPhoto(finding=made, file=file, position=0))
    shelf.keep()
    FindingPhoto.objects.bulk_create(photos)


def _by_grid() -> dict[str, DemoStaff]:
    """One grid worker for each first grid that somebody holds."""
    held: dict[str, DemoStaff] = {}
    for person in staff_by_role("grid_worker"):
        held.setdefault(person.grants[0].area_code, person)
    return held


def _routes(code: str, grids: list[Area], chance: Random, at: datetime) -> None:
    """A patrol area of all grids with a route through it, and a route of the first grid with its lifts and lamps."""
    day = timezone.localdate(at)
    name = territory().by_code[code].name
    patrol_area = area_set_make(
        kind="patrol",
        name=f"{name}巡查片区",
        name_en=f"{territory().by_code[code].name_en} patrol area",
        area_code=code,
        codes=[area.code for area in grids],
        starts_on=day - timedelta(days=200),
        submission_key=_key(chance),
        actor=SYSTEM,
        at=at,
    )
    route = route_make(
        name="一周走一遍", area_code="", area_set=patrol_area, submission_key=_key(chance), actor=SYSTEM, at=at
    )
    for area in grids:
        if not area.estates:
            continue
        what, every = chance.choice(PLACES)
        _place(route, f"{area.estates[0].name}{what}", every, area, chance, at)
    first = next((area for area in grids if area.code == DEMO_GRID), grids[0])
    own = route_make(
        name=f"{first.name}每日", area_code=first.code, area_set=None, submission_key=_key(chance), actor=SYSTEM, at=at
    )
    for component in (
        Component.objects.filter(area_code=first.code).exclude(inspect_every=None).order_by("inspect_due")[:3]
    ):
        point_add(route=own, component=component, actor=SYSTEM, at=at)
    for late, (what, every) in enumerate(chance.sample(PLACES, 3)):
        _place(own, what, every, first, chance, at, ago=every + 1 - late)  # one late, one due today, one tomorrow


def _place(
    route: PatrolRoute, name: str, every: int, area: Area, chance: Random, at: datetime, ago: int | None = None
) -> None:
    """A place that was looked at some days ago: some are due, some overdue, most lie ahead."""
    lng, lat = area.estates[0].point if area.estates else (None, None)
    point = point_add(
        route=route, name=name[:40], every_days=every, area_code=area.code, lng=lng, lat=lat, actor=SYSTEM, at=at
    )
    seen = at - timedelta(days=chance.randint(1, every + 2) if ago is None else ago)
    due = timezone.localdate(seen) + timedelta(days=every)
    RoutePoint.objects.filter(pk=point.pk).update(seen_at=seen, due_on=due)


def _found(
    row: tuple[str, ...], grid: str, matters: dict[str, CodeItem], who: Viewer, chance: Random, at: datetime
) -> Finding:
    kind, matter, text, place, done, _picture = row
    estates = territory().by_code[grid].estates
    lng, lat = estates[0].point if estates and kind != "dispute" else (None, None)
    draft = FindingDraft(
        kind=kind,
        matter=matters.get(matter),
        text=text,
        place=f"{estates[0].name}{place}" if estates else place,
        area_code=grid,
        lng=lng,
        lat=lat,
        settled_on_spot=bool(done),
        done_on_spot=done,
    )
    return finding_report(uuid=_key(chance), draft=draft, actor=who, at=at)


def _key(chance: Random) -> uuid.UUID:
    return uuid.UUID(int=chance.getrandbits(128))
