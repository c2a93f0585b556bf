"""Posts of a grid (岗位): who looks after which area, from when to when. Ended early, never deleted."""

import re
from datetime import datetime
from typing import Self

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.contrib.postgres.fields.ranges import RangeBoundary
from django.db import models
from django.db.models import Exists, ExpressionWrapper, F, Func, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from governance.access.models import Grant, GrantLife, User
from governance.access.rules import Rule, VisibleQuerySet, held_in_area
from governance.access.viewer import Scope, Viewer
from governance.organisations.models import Organisation
from governance.privacy.fields import EncryptedTextField
from grid.permissions import Capability

GRID_LENGTH = 15


class PostKind(models.TextChoices):
    """What somebody does for the area. The words are the trade's own; who may hold one is the office's business."""

    CAPTAIN = "captain", _("网格长")
    FULL_TIME = "full_time", _("专职网格员")
    PART_TIME = "part_time", _("兼职网格员")
    BUILDING = "building", _("楼栋长")
    INSTRUCTOR = "instructor", _("网格指导员")


WORKERS = (PostKind.FULL_TIME, PostKind.PART_TIME)
# Lengths of the codes of the areas where each kind may be: community 12, grid 15, micro-grid 17.
AREAS_OF_KIND: dict[str, tuple[int, ...]] = {
    PostKind.CAPTAIN: (GRID_LENGTH,),
    PostKind.FULL_TIME: (GRID_LENGTH,),
    PostKind.PART_TIME: (GRID_LENGTH,),
    PostKind.BUILDING: (GRID_LENGTH, 17),
    PostKind.INSTRUCTOR: (12, GRID_LENGTH),
}
# The built-in role whose grant an appointment gives; a neighbour who looks after a stairwell gets into no register.
ROLE_OF_KIND: dict[str, str] = {
    PostKind.CAPTAIN: "grid_worker",
    PostKind.FULL_TIME: "grid_worker",
    PostKind.PART_TIME: "grid_worker",
    PostKind.INSTRUCTOR: "grid_worker",
}


def _shape(lengths: tuple[int, ...]) -> str:
    return "^(" + "|".join(rf"[0-9A-Z]{{{length}}}" for length in lengths) + ")$"


def _period() -> Func:
    return Func(F("starts_at"), F("ends_at"), RangeBoundary(), function="TSTZRANGE", output_field=DateTimeRangeField())


def _served_by_organisation(viewer: Viewer) -> Q | None:
    """As areas are seen: whoever works for an organisation that serves the area."""
    ids = viewer.organisations(Capability.VIEW_AREA)
    if not ids:
        return None
    outer = ExpressionWrapper(OuterRef("area_code"), output_field=models.CharField())
    serving = Organisation.objects.filter(pk__in=ids).alias(outer_code=outer)
    return Q(Exists(serving.filter(outer_code__startswith=F("area_code"))))  # type: ignore[misc]  # an alias, not a field


class PostQuerySet(VisibleQuerySet):
    """Posts, with their life in time."""

    def live(self, at: datetime) -> Self:
        """Posts held at the moment `at`."""
        return self.filter(Q(ends_at__isnull=True) | Q(ends_at__gt=at), starts_at__lte=at)

    def open(self, at: datetime) -> Self:
        """Posts held at `at` or later: what can still be ended."""
        return self.filter(Q(ends_at__isnull=True) | Q(ends_at__gt=at)).exclude(ends_at=F("starts_at"))


class Post(models.Model):
    """One person in one post. Name and telephone stand on the public page only where `is_public`.

    `user` is a colleague with an account; a building captain may be a neighbour without one, kept by name, encrypted.
    The telephone is the one for the public (the office's, or a work phone): no other is kept.
    """

    kind = models.CharField(_("岗位"), max_length=12, choices=PostKind)
    area_code = models.CharField(_("区域"), max_length=17, db_collation="C")
    user = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    holder_name = EncryptedTextField(_("姓名"), max_length=40, null=True)
    public_phone = EncryptedTextField(_("对外电话"), max_length=30, null=True)
    is_public = models.BooleanField(_("对外公布"), default=False)
    starts_at = models.DateTimeField(_("开始"))
    ends_at = models.DateTimeField(_("结束"), null=True, blank=True)
    grant = models.OneToOneField(Grant, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    appointed_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(_("依据"), max_length=200)
    ended_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    end_reason = models.CharField(max_length=200, blank=True, default="")
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    submission_key = models.UUIDField(null=True, unique=True, editable=False)

    objects = PostQuerySet.as_manager()
    RULES = [
        Rule("own-post", _("是本人的岗位"), lambda viewer: Q(user_id=viewer.user_id) if viewer.user_id else None),
        Rule("post-area", _("在您负责的区域内"), held_in_area(Capability.VIEW_AREA)),
        Rule("post-served-area", _("在您单位服务的区域内"), _served_by_organisation),
    ]

    class Meta:
        indexes = [
            models.Index(fields=["area_code", "kind"], name="post_area_kind"),
            models.Index(fields=["user"], name="post_user"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    *(Q(kind=kind, area_code__regex=_shape(lengths)) for kind, lengths in AREAS_OF_KIND.items()),
                    _connector=Q.OR,
                ),
                name="post_kind_fits_area",
                violation_error_message=_("网格长和网格员任在网格，楼栋长任在网格或微网格，指导员任在社区或网格"),
            ),
            models.CheckConstraint(
                condition=Q(ends_at__isnull=True) | Q(ends_at__gte=F("starts_at")),
                name="post_ends_after_start",
                violation_error_message=_("结束时间不能早于开始时间"),
            ),
            models.CheckConstraint(
                condition=Q(user__isnull=False, holder_name__isnull=True)
                | Q(user__isnull=True, holder_name__isnull=False, kind=PostKind.BUILDING),
                name="post_one_holder",
                violation_error_message=_("只有楼栋长可以没有账号，只写姓名"),
            ),
            models.CheckConstraint(
                condition=Q(public_phone__isnull=True) | Q(is_public=True),
                name="post_phone_is_public",
                violation_error_message=_("这里只记对外公布的电话；不公布就不要填"),
            ),
            ExclusionConstraint(
                name="post_one_captain",
                expressions=[("area_code", RangeOperators.EQUAL), (_period(), RangeOperators.OVERLAPS)],
                condition=Q(kind=PostKind.CAPTAIN),
                violation_error_message=_("这个网格这段时间已经有网格长了，请先让前一位离任"),
            ),
            ExclusionConstraint(
                name="post_not_twice",
                expressions=[
                    ("user", RangeOperators.EQUAL),
                    ("kind", RangeOperators.EQUAL),
                    ("area_code", RangeOperators.EQUAL),
                    (_period(), RangeOperators.OVERLAPS),
                ],
                violation_error_message=_("这个人这段时间已经在这个岗位上了"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind}@{self.area_code}"

    @property
    def name(self) -> str:
        """Who holds it."""
        return self.user.display_name if self.user is not None else str(self.holder_name or "")

    @property
    def phone(self) -> str:
        """The telephone for the public, or ""."""
        return str(self.public_phone or "")

    @property
    def tel(self) -> str:
        """The telephone as a tel: link writes it."""
        return re.sub(r"[^0-9+]", "", self.phone)

    def access_scope(self) -> Scope:
        """Who appoints in this area decides over this one."""
        return Scope(self.area_code)

    def life(self, at: datetime) -> GrantLife:
        """Where it stands in time at `at`."""
        if self.ends_at is not None and self.ends_at <= max(at, self.starts_at):
            return GrantLife.ENDED
        return GrantLife.FUTURE if self.starts_at > at else GrantLife.LIVE
