"""Patrol routes (巡查路线): places to look at, in an order, each with a turn. A proposal for a walk, never its record.

Nothing here names who walked, when they were where, or how much they did: a place knows when it was last looked at, and
that is all (国办函〔2026〕12号; STANDARDS 0.2, 3.3).
"""

import uuid
from datetime import date, timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from governance.access.rules import Rule, VisibleQuerySet, held_in_area
from governance.access.viewer import Scope, Viewer
from grid.models.area import ancestor_codes
from grid.models.area_sets import AreaSet
from grid.models.components import Component
from grid.permissions import Capability

_USER = settings.AUTH_USER_MODEL
COMING = timedelta(days=7)


def _above_granted_area(viewer: Viewer) -> Q | None:
    codes = {above for prefix in viewer.areas(Capability.VIEW_FINDING) for above in ancestor_codes(prefix)}
    return Q(area_code__in=sorted(codes)) if codes else None


class PatrolRoute(models.Model):
    """Places in one grid, or in the grids of a patrol area. Ended, never deleted."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    submission_key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(_("名称"), max_length=40)
    area_code = models.CharField(_("在哪里"), max_length=17, db_collation="C")
    area_set = models.ForeignKey(AreaSet, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)
    changed_by = models.ForeignKey(_USER, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    changed_at = models.DateTimeField()

    objects = VisibleQuerySet.as_manager()
    RULES = [
        Rule("route-area", _("在您负责的区域内"), held_in_area(Capability.VIEW_FINDING)),
        Rule("route-above", _("是您负责的区域的上级"), _above_granted_area),
    ]

    class Meta:
        ordering = ["area_code", "id"]
        indexes = [models.Index(fields=["area_code", "id"], name="patrol_route_area")]
        constraints = [
            models.CheckConstraint(
                condition=~Q(name=""), name="patrol_route_named", violation_error_message=_("请写名称")
            ),
            models.CheckConstraint(
                condition=Q(area_set__isnull=False) | Q(area_code__regex=r"^[0-9A-Z]{15}$"),
                name="patrol_route_in_grid_or_set",
                violation_error_message=_("路线在一个网格里，或者在一个巡查片区里"),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def access_scope(self) -> Scope:
        """It lies in its grid, or in the area of its set."""
        return Scope(self.area_code)


class RoutePoint(models.Model):
    """One place of a route: a component, whose own turn of inspection counts, or a named place looked at every N days.

    `seen_key` is the key of the last tap: the same tap again changes nothing, and can be taken back with it, to
    `seen_before`.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    route = models.ForeignKey(PatrolRoute, on_delete=models.CASCADE, related_name="points")
    position = models.PositiveSmallIntegerField()
    component = models.ForeignKey(Component, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(_("看哪里"), max_length=40, blank=True)
    area_code = models.CharField(_("网格"), max_length=17, db_collation="C")
    lng = models.FloatField(null=True, blank=True)  # degrees WGS-84
    lat = models.FloatField(null=True, blank=True)
    every_days = models.PositiveSmallIntegerField(_("几天看一次"), null=True, blank=True)
    due_on = models.DateField(null=True, blank=True)
    seen_at = models.DateTimeField(null=True, blank=True)
    seen_before = models.DateTimeField(null=True, blank=True)
    seen_key = models.UUIDField(null=True, blank=True)

    class Meta:
        ordering = ["position", "pk"]
        indexes = [models.Index(fields=["area_code", "due_on"], name="route_point_due")]
        constraints = [
            models.UniqueConstraint(
                fields=["route", "position"],
                name="route_point_position_once",
                deferrable=models.Deferrable.DEFERRED,
                violation_error_message=_("刚才有人改过顺序，请看现在的"),
            ),
            models.UniqueConstraint(
                fields=["route", "component"],
                name="route_point_component_once",
                violation_error_message=_("这个部件已经在路线里了"),
            ),
            models.CheckConstraint(
                condition=Q(component__isnull=False, name="", every_days__isnull=True, due_on__isnull=True)
                | (Q(component__isnull=True, every_days__range=(1, 366), due_on__isnull=False) & ~Q(name="")),
                name="route_point_component_or_place",
                violation_error_message=_("选一个部件，或者写看哪里、几天看一次（1 到 366 天）"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.route_id}.{self.position}"

    def access_scope(self) -> Scope:
        """It lies in its grid."""
        return Scope(self.area_code)

    @property
    def label(self) -> str:
        """What it is called."""
        return self.component.name if self.component is not None else self.name

    @property
    def due(self) -> date | None:
        """When it is to be looked at; None where nothing says so."""
        if self.component is not None:
            return None if self.component.is_gone else self.component.inspect_due
        return self.due_on
