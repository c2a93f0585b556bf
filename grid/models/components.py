"""Components (部件): what stands in the district, with the attributes of GB/T 47678.5-2026 (STANDARDS 2.3)."""

import uuid
from datetime import date, timedelta

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from governance.access.rules import Rule, VisibleQuerySet, held_in_area
from governance.access.viewer import Scope, Viewer
from governance.organisations.models import Organisation
from grid.models.codes import CodeItem
from grid.permissions import Capability

_USER = settings.AUTH_USER_MODEL
INSPECTION_SOON = timedelta(days=7)


class ComponentState(models.TextChoices):
    """State of a component, as the standard lists them."""

    INTACT = "intact", _("完好")
    DAMAGED = "damaged", _("破损")
    LOST = "lost", _("丢失")
    ABANDONED = "abandoned", _("废弃")
    REMOVED = "removed", _("移除")


GONE = (ComponentState.REMOVED,)  # not there any more: shown only when asked for


def _cared_for(viewer: Viewer) -> Q | None:
    ids = viewer.organisations(Capability.VIEW_COMPONENT)
    return Q(manager__in=ids) | Q(owner__in=ids) | Q(maintainer__in=ids) if ids else None


class ComponentQuerySet(VisibleQuerySet):
    """Components, as lists and maps show them."""

    def standing(self) -> "ComponentQuerySet":
        """Those that are still there."""
        return self.exclude(state__in=GONE)


class Component(models.Model):
    """One component. `identity` is county 6 + class 2 + kind 3 + sequence 6; the area is its grid (15 digits).

    Who manages, owns and maintains it is an organisation of the portal, or a name where it is none.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    submission_key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    identity = models.CharField(_("标识码"), max_length=17, db_collation="C")
    item = models.ForeignKey(CodeItem, on_delete=models.PROTECT, related_name="+", verbose_name=_("种类"))
    name = models.CharField(_("名称"), max_length=30)
    area_code = models.CharField(_("所在网格"), max_length=17, db_collation="C")
    lng = models.FloatField(null=True, blank=True)  # degrees WGS-84; what was found without a position has an address
    lat = models.FloatField(null=True, blank=True)
    place = models.CharField(_("位置"), max_length=200, blank=True)
    state = models.CharField(_("状态"), max_length=10, choices=ComponentState, default=ComponentState.INTACT)
    manager = models.ForeignKey(Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    manager_name = models.CharField(_("主管单位"), max_length=100, blank=True)
    manager_code = models.CharField(_("主管单位代码"), max_length=18, blank=True)  # unified social credit code
    owner = models.ForeignKey(Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    owner_name = models.CharField(_("权属单位"), max_length=100, blank=True)
    maintainer = models.ForeignKey(Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    maintainer_name = models.CharField(_("养护单位"), max_length=100, blank=True)
    started_on = models.DateField(_("初始日期"))
    changed_on = models.DateField(_("变更日期"), null=True, blank=True)
    source = models.CharField(_("数据来源"), max_length=30, blank=True)
    note = models.CharField(_("备注"), max_length=1000, blank=True)
    inspect_every = models.PositiveSmallIntegerField(_("几天检查一次"), null=True, blank=True)
    inspected_on = models.DateField(_("上次检查"), null=True, blank=True)
    inspect_due = models.DateField(_("下次检查"), null=True, blank=True)
    changed_at = models.DateTimeField()  # of the row: a form that was opened earlier is refused

    objects = ComponentQuerySet.as_manager()
    RULES = [
        Rule("granted-area", _("在您负责的区域内"), held_in_area(Capability.VIEW_COMPONENT, "area_code")),
        Rule("cared-for", _("由您的单位主管、所有或养护"), _cared_for),
    ]

    class Meta:
        ordering = ["identity"]
        indexes = [
            models.Index(fields=["area_code", "id"], name="component_area"),
            models.Index(fields=["item", "id"], name="component_item"),
            models.Index(fields=["lng", "lat", "item"], name="component_box", condition=~Q(state="removed")),
            models.Index(
                fields=["inspect_due", "id"],
                name="component_due",
                condition=Q(inspect_due__isnull=False) & ~Q(state="removed"),
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["identity"],
                name="component_identity_unique",
                violation_error_message=_("已经有这个标识码的部件"),
            ),
            models.CheckConstraint(
                condition=Q(identity__regex=r"^[0-9A-Z]{6}\d{11}$"),
                name="component_identity_shape",
                violation_error_message=_("标识码是 17 位：区县 6 位、大类 2 位、小类 3 位、顺序号 6 位"),
            ),
            models.CheckConstraint(
                condition=Q(lng__isnull=True, lat__isnull=True)
                | Q(lng__gte=-180, lng__lte=180, lat__gte=-90, lat__lte=90),
                name="component_position_whole",
                violation_error_message=_("位置要有经度和纬度，单位是度"),
            ),
            models.CheckConstraint(
                condition=Q(lng__isnull=False) | ~Q(place=""),
                name="component_is_somewhere",
                violation_error_message=_("请在地图上点位置，或者写明在哪里"),
            ),
            models.CheckConstraint(
                condition=Q(state__in=ComponentState.values),
                name="component_state_known",
                violation_error_message=_("状态只有完好、破损、丢失、废弃和移除"),
            ),
            models.CheckConstraint(
                condition=Q(manager__isnull=False) | ~Q(manager_name=""),
                name="component_has_manager",
                violation_error_message=_("请选主管单位，或者写它的名称"),
            ),
            models.CheckConstraint(
                condition=Q(inspect_every__isnull=True) | Q(inspect_every__range=(1, 3660)),
                name="component_inspection_in_bounds",
                violation_error_message=_("请写 1 到 3660 之间的天数"),
            ),
            models.CheckConstraint(
                condition=Q(inspect_every__isnull=True, inspect_due__isnull=True)
                | Q(inspect_every__isnull=False, inspect_due__isnull=False),
                name="component_due_follows_turn",
                violation_error_message=_("定了几天检查一次，才有下次检查的日期"),
            ),
            models.CheckConstraint(
                condition=Q(changed_on__isnull=True) | Q(changed_on__gte=F("started_on")),
                name="component_changed_after_start",
                violation_error_message=_("变更日期不能早于初始日期"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.identity} {self.name}"

    @property
    def is_gone(self) -> bool:
        """Whether it is not there any more."""
        return self.state in GONE

    def inspection_word(self, today: date) -> str:
        """`late`, `soon` (within seven days), `set` or "" where nothing is to be inspected."""
        if self.inspect_due is None or self.is_gone:
            return ""
        if self.inspect_due < today:
            return "late"
        return "soon" if self.inspect_due <= today + INSPECTION_SOON else "set"

    def access_scope(self) -> Scope:
        """Its area, and the organisations that care for it."""
        ids = (self.manager_id, self.owner_id, self.maintainer_id)
        return Scope(self.area_code, frozenset(pk for pk in ids if pk is not None))


class EntryKind(models.TextChoices):
    """What an entry of a component's history tells."""

    ENTERED = "entered", _("登记")
    IMPORTED = "imported", _("导入")
    CHANGED = "changed", _("修改")
    INSPECTED = "inspected", _("检查")


class ComponentEntry(models.Model):
    """One line of a component's history, never changed. `fields` names what was changed."""

    component = models.ForeignKey(Component, on_delete=models.PROTECT, related_name="entries")
    at = models.DateTimeField()
    by = models.ForeignKey(_USER, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=EntryKind)
    state_before = models.CharField(max_length=10, choices=ComponentState, blank=True)
    state_after = models.CharField(max_length=10, choices=ComponentState, blank=True)
    fields = models.JSONField(default=list, blank=True)
    text = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["component", "-id"], name="component_entry_of")]

    def __str__(self) -> str:
        return f"{self.component_id} {self.kind}"
