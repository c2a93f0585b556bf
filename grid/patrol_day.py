"""What a walk may look at today: places that are due, what comes next, what was seen; of places, never of people."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q
from django.utils import timezone

from governance.access.rules import area_q
from governance.access.viewer import Viewer
from governance.worktime.days import midnight
from grid.models import Component, RoutePoint
from grid.models.components import ComponentQuerySet
from grid.models.patrol import COMING
from grid.permissions import Capability
from grid.selectors import area_paths
from grid.services.patrols import UNDO

SHOWN = 30  # due places on the phone page: a walk is not longer, and the page stays light
COMING_SHOWN = 10
SEEN_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Stop:
    """One place. `value` names it in forms and addresses: "point:<uuid>" or "component:<uuid>"."""

    value: str
    label: str
    place: str
    path: str
    route: str
    every: int | None
    due: date | None
    seen: date | None
    seen_at: datetime | None
    undo_key: str = ""
    component: Component | None = None

    def word(self, today: date) -> str:
        """`late`, `today`, `coming` or ""."""
        if self.due is None:
            return ""
        if self.due < today:
            return "late"
        return "today" if self.due == today else "coming"


@dataclass(frozen=True, slots=True)
class PatrolDay:
    """Due places in the order of the routes, then those on no route; what comes within a week; what was seen today."""

    due: list[Stop]
    coming: list[Stop]
    seen: list[Stop]
    has_more: bool


def patrol_day(viewer: Viewer, at: datetime) -> PatrolDay:
    """Places in the viewer's areas. 3 SQL for any number."""
    today = timezone.localdate(at)
    inside = area_q(viewer.areas(Capability.REPORT_FINDING))
    if inside is None:
        return PatrolDay([], [], [], False)
    points = list(_points(inside, today))
    on_routes = [point.component_id for point in points if point.component_id is not None]
    loose = list(_components(inside, today).exclude(pk__in=on_routes).order_by("inspect_due", "pk")[: SHOWN * 2])
    paths = area_paths([row.area_code for row in (*points, *loose)])
    stops = [*(_of_point(one, paths, at) for one in points), *(_of_component(one, paths) for one in loose)]
    due = [stop for stop in stops if stop.word(today) in {"late", "today"}]
    coming = sorted((stop for stop in stops if stop.word(today) == "coming"), key=lambda stop: stop.due or today)
    seen = [stop for stop in stops if stop.seen == today and stop not in due]
    coming = [stop for stop in coming if stop not in seen]
    return PatrolDay(due[:SHOWN], coming[:COMING_SHOWN], seen[:SEEN_SHOWN], len(due) > SHOWN)


def overdue_stops(viewer: Viewer, at: datetime, limit: int) -> list[Stop]:
    """Places that should have been looked at before today, the longest waiting first. 3 SQL."""
    today = timezone.localdate(at)
    inside = area_q(viewer.areas(Capability.VIEW_FINDING))
    if inside is None:
        return []
    points = list(
        RoutePoint.objects.filter(inside, route__ended_at=None, component=None, due_on__lt=today)
        .select_related("route")
        .order_by("due_on", "pk")[:limit]
    )
    components = list(
        Component.objects.standing().filter(inside, inspect_due__lt=today).order_by("inspect_due", "pk")[:limit]
    )
    paths = area_paths([row.area_code for row in (*points, *components)])
    stops = [*(_of_point(one, paths, at) for one in points), *(_of_component(one, paths) for one in components)]
    return sorted(stops, key=lambda stop: stop.due or today)[:limit]


def _points(inside: Q, today: date) -> Iterable[RoutePoint]:
    """Points of routes that are due, come soon or were seen today, in the order of their routes."""
    soon = today + COMING
    own = Q(component=None) & (Q(due_on__lte=soon) | Q(seen_at__gte=midnight(today)))
    components = Q(component__isnull=False) & (Q(component__inspect_due__lte=soon) | Q(component__inspected_on=today))
    rows = RoutePoint.objects.filter(inside, own | components, route__ended_at=None)
    return rows.select_related("route", "component").order_by("route__area_code", "route_id", "position", "pk")[:200]


def _components(inside: Q, today: date) -> ComponentQuerySet:
    wanted = Q(inspect_due__lte=today + COMING) | Q(inspected_on=today, inspect_due__isnull=False)
    return Component.objects.standing().filter(inside, wanted)


def _of_point(point: RoutePoint, paths: dict[str, str], at: datetime) -> Stop:
    if point.component is not None:
        return _of_component(point.component, paths, route=point.route.name, value=f"point:{point.public_id}")
    may_undo = point.seen_key is not None and point.seen_at is not None and at - point.seen_at <= UNDO
    return Stop(
        value=f"point:{point.public_id}",
        label=point.name,
        place="",
        path=paths.get(point.area_code, ""),
        route=point.route.name,
        every=point.every_days,
        due=point.due_on,
        seen=timezone.localdate(point.seen_at) if point.seen_at else None,
        seen_at=point.seen_at,
        undo_key=str(point.seen_key) if may_undo else "",
    )


def _of_component(row: Component, paths: dict[str, str], *, route: str = "", value: str = "") -> Stop:
    return Stop(
        value=value or f"component:{row.public_id}",
        label=row.name,
        place=row.place,
        path=paths.get(row.area_code, ""),
        route=route,
        every=row.inspect_every,
        due=None if row.is_gone else row.inspect_due,
        seen=row.inspected_on,
        seen_at=None,
        component=row,
    )
