"""The only writers of patrol routes: making one, its points and their order, noting that a place was looked at.

A place knows when it was looked at; who did it stands in the trail, as for every act, and is shown on no page, added up
nowhere. No service takes a position of a worker or a time on the way (国办函〔2026〕12号; STANDARDS 0.2, 3.3).
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from governance.access.checks import require
from governance.access.viewer import Viewer
from governance.errors import DomainError, StaleState, constraint_errors, fields_checked
from governance.outbox.services import publish
from governance.text import clean_text
from grid import events
from grid.lookup import grid_at
from grid.models import AreaSet, Component, ComponentState, PatrolRoute, RoutePoint
from grid.permissions import Capability
from grid.services.components import component_inspect

POINTS_MAX = 60
UNDO = timedelta(minutes=10)


def route_make(
    *, name: str, area_code: str, area_set: AreaSet | None, submission_key: UUID, actor: Viewer, at: datetime
) -> PatrolRoute:
    """Begin a route in a grid, or in a patrol area that is in use; the same key twice is one.

    Raises `Forbidden` out of reach, `DomainError` beside the field.
    """
    with constraint_errors(), transaction.atomic():
        if (known := PatrolRoute.objects.filter(submission_key=submission_key).first()) is not None:
            return known
        if area_set is not None and area_set.is_over(timezone.localdate(at)):
            raise DomainError("area_set_over", _("这个片区已经停用了"), field="where")
        route = PatrolRoute(
            name=clean_text(name, multiline=False),
            area_code=area_set.area_code if area_set is not None else area_code,
            area_set=area_set,
            submission_key=submission_key,
            changed_by=actor.staff_user,
            changed_at=at,
        )
        require(actor, Capability.PLAN_PATROL, route)
        fields_checked(route, "route", exclude=["area_set", "changed_by"])
        route.save(force_insert=True)
        _changed(route, actor, at)
    return route


def route_end(*, route: PatrolRoute, actor: Viewer, at: datetime) -> PatrolRoute:
    """Nobody is sent along it any more. Raises `StaleState` for one that is over."""
    with transaction.atomic():
        locked = _locked(route, actor)
        locked.ended_at = at
        _changed(locked, actor, at)
    return locked


def point_add(
    *,
    route: PatrolRoute,
    component: Component | None = None,
    name: str = "",
    every_days: int | None = None,
    area_code: str = "",
    lng: float | None = None,
    lat: float | None = None,
    actor: Viewer,
    at: datetime,
) -> RoutePoint:
    """Put a component, or a named place with a turn in days, at the end of the route; a place is due at once.

    Raises `DomainError` beside the field for a place without name or turn, one outside the route's grids, more than
    `POINTS_MAX` points.
    """
    with constraint_errors(), transaction.atomic():
        locked = _locked(route, actor)
        taken = list(locked.points.order_by("position").values_list("position", flat=True))
        if len(taken) >= POINTS_MAX:
            message = _("一条路线最多 %(limit)s 处，请另外建一条") % {"limit": POINTS_MAX}
            raise DomainError("too_many_points", message)
        point = RoutePoint(route=locked, position=(taken[-1] + 1) if taken else 1)
        if component is not None:
            point.component, point.lng, point.lat = component, component.lng, component.lat
            point.area_code = component.area_code
        else:
            point.name, point.every_days = clean_text(name, multiline=False), every_days
            if not point.name:
                raise DomainError("point_unnamed", _("请写看哪里"), field="name")
            if every_days is None or not 1 <= every_days <= 366:
                raise DomainError("turn_missing", _("请写几天看一次，1 到 366"), field="every_days")
            point.lng, point.lat, point.due_on = lng, lat, timezone.localdate(at)
            found = grid_at(lng, lat) if lng is not None and lat is not None else None
            point.area_code = found or area_code
        if point.area_code not in grids_of(locked):
            field = "component" if component is not None else "area_code"
            raise DomainError("point_elsewhere", _("这一处不在路线的网格里，请选在哪个网格"), field=field)
        fields_checked(point, "point", exclude=["route", "component"])
        point.save(force_insert=True)
        _changed(locked, actor, at)
    return point


def point_drop(*, point: RoutePoint, actor: Viewer, at: datetime) -> None:
    """Take a point out of its route."""
    with transaction.atomic():
        locked = _locked(point.route, actor)
        RoutePoint.objects.filter(pk=point.pk, route=locked).delete()
        _changed(locked, actor, at)


def point_move(*, point: RoutePoint, up: bool, actor: Viewer, at: datetime) -> None:
    """Let a point change places with the one before or after it; at the end nothing happens."""
    with constraint_errors(), transaction.atomic():
        locked = _locked(point.route, actor)
        points = list(locked.points.order_by("position"))
        here = next((index for index, one in enumerate(points) if one.pk == point.pk), None)
        there = None if here is None else here + (-1 if up else 1)
        if here is None or there is None or not 0 <= there < len(points):
            return
        first, second = points[here], points[there]
        first.position, second.position = second.position, first.position
        RoutePoint.objects.bulk_update([first, second], ["position"])
        _changed(locked, actor, at)


def point_seen(*, point: RoutePoint, key: UUID, actor: Viewer, at: datetime) -> RoutePoint:
    """Note that a place was looked at and is in order; its next turn counts from today. The same `key` again is once.

    A component's place is noted as its inspection, in its history.
    """
    with transaction.atomic():
        locked = _locked_point(point, actor)
        if locked.component is not None:
            component_seen(component=locked.component, actor=actor, at=at)
            return locked
        if locked.seen_key == key:
            return locked
        locked.seen_before, locked.seen_at, locked.seen_key = locked.seen_at, at, key
        _set_due(locked)
        _seen_published(locked, actor, at, is_undone=False)
    return locked


def point_unseen(*, point: RoutePoint, key: UUID, actor: Viewer, at: datetime) -> RoutePoint:
    """Take the tap with this `key` back, within ten minutes. Raises `StaleState` when it is too late or not the last.

    Taken back twice is taken back once. An inspection of a component is not taken back but noted again.
    """
    with transaction.atomic():
        locked = _locked_point(point, actor)
        if locked.seen_key is None and locked.seen_at == locked.seen_before:
            return locked
        if locked.seen_key != key or locked.seen_at is None or at - locked.seen_at > UNDO:
            raise StaleState("point_settled", _("撤不回了：过了十分钟，或者又有人看过了"))
        locked.seen_at, locked.seen_key = locked.seen_before, None
        locked.due_on = timezone.localdate(at)  # never looked at before: it was due
        _set_due(locked)
        _seen_published(locked, actor, at, is_undone=True)
    return locked


def component_seen(*, component: Component, actor: Viewer, at: datetime) -> Component:
    """Note that a component was looked at and is in order, once a day however often it is pressed."""
    with transaction.atomic():
        rows = Component.objects.visible_to(actor).select_for_update(of=("self",), no_key=True)
        locked: Component = rows.get(pk=component.pk)
        require(actor, Capability.INSPECT_COMPONENT, locked)
        if locked.inspected_on == timezone.localdate(at) and locked.state == ComponentState.INTACT:
            return locked
        return component_inspect(component=locked, state=ComponentState.INTACT, text="", actor=actor, at=at)


def grids_of(route: PatrolRoute) -> set[str]:
    """Codes of the grids in which the route's places may lie. At most 1 SQL."""
    if route.area_set is None:
        return {route.area_code}
    members: Sequence[str] = route.area_set.members.values_list("area_code", flat=True)  # type: ignore[assignment]
    return set(members)


def _set_due(point: RoutePoint) -> None:
    if point.seen_at is not None and point.every_days is not None:
        point.due_on = timezone.localdate(point.seen_at) + timedelta(days=point.every_days)


def _locked(route: PatrolRoute, actor: Viewer) -> PatrolRoute:
    rows = PatrolRoute.objects.visible_to(actor).select_for_update(of=("self",), no_key=True)
    locked: PatrolRoute = rows.select_related("area_set").get(pk=route.pk)
    require(actor, Capability.PLAN_PATROL, locked)
    if locked.ended_at is not None:
        raise StaleState("route_over", _("这条路线已经停用了"))
    return locked


def _locked_point(point: RoutePoint, actor: Viewer) -> RoutePoint:
    rows = RoutePoint.objects.select_for_update(of=("self",), no_key=True).select_related("component", "route")
    locked = rows.get(pk=point.pk)
    require(actor, Capability.REPORT_FINDING, locked)
    if locked.route.ended_at is not None:
        raise StaleState("route_over", _("这条路线已经停用了"))
    return locked


def _seen_published(point: RoutePoint, actor: Viewer, at: datetime, *, is_undone: bool) -> None:
    point.save(update_fields=["seen_at", "seen_before", "seen_key", "due_on"])
    payload = {"route": point.route_id, "is_undone": is_undone, "next_on": point.due_on}
    publish(events.ROUTE_POINT_SEEN, subject=point, actor=actor, area_code=point.area_code, payload=payload, at=at)


def _changed(route: PatrolRoute, actor: Viewer, at: datetime) -> None:
    route.changed_by, route.changed_at = actor.staff_user, at
    route.save(update_fields=["ended_at", "changed_by", "changed_at"])
    payload = {"points": route.points.count(), "is_ended": route.ended_at is not None}
    publish(events.PATROL_ROUTE_CHANGED, subject=route, actor=actor, area_code=route.area_code, payload=payload, at=at)
