"""Checks on site (现场核实, 核查): somebody goes and looks, before a matter is filed and before it is closed."""

import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from governance.access.rules import Rule, VisibleQuerySet, held_in_area
from governance.access.viewer import Scope, Viewer
from governance.privacy.fields import EncryptedTextField
from grid.permissions import Capability

_USER = settings.AUTH_USER_MODEL
WORDS_MAX = 500
PLACE_MAX = 200


class CheckKind(models.TextChoices):
    """What hangs on it (the closed loop of GB/T 30428.8: 核实 before filing, 核查 before closing)."""

    BEFORE_FILING = "before_filing", _("立案前核实")
    BEFORE_CLOSING = "before_closing", _("结案前核查")


class CheckState(models.TextChoices):
    """How far it is."""

    OPEN = "open", _("等人去看")
    DONE = "done", _("看过了")
    WITHDRAWN = "withdrawn", _("不用看了")


class CheckResult(models.TextChoices):
    """What was seen."""

    FOUND = "found", _("属实，问题在")
    NOT_FOUND = "not_found", _("没有看到这个问题")
    SETTLED = "settled", _("有过，已经解决")
    CANNOT_TELL = "cannot_tell", _("看不出来")


def offices_of(viewer: Viewer) -> list[int]:
    """Keys of the organisations somebody belongs to or works for: who is kept away with an organisation."""
    held = {grant.organisation_id for grant in viewer.grants}
    own = getattr(viewer.user, "organisation_id", None)
    return sorted(pk for pk in held | {own} if pk is not None)


class CheckQuerySet(VisibleQuerySet):
    """Checks, as lists show them."""

    def open(self) -> "CheckQuerySet":
        """Those that wait for somebody to go."""
        return self.filter(state=CheckState.OPEN)

    def independent(self, viewer: Viewer) -> "CheckQuerySet":
        """Those that this person is not kept away from."""
        rows = self.exclude(excluded_organisation_ids__overlap=offices_of(viewer)) if offices_of(viewer) else self
        return rows.exclude(excluded_user_ids__contains=[viewer.user_id or 0])


class Check(models.Model):
    """One thing to look at on site, for whoever asked: `subject_ref` is theirs, and the grid does not read it.

    `what` says what to look at and `place` where, with numbers and names masked: whoever goes needs no contact. Whoever
    dispatched or handled the matter, and the members of the organisations that did, stand in the excluded lists: the
    two axes of the standard, command and supervision, are different people.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=14, choices=CheckKind)
    state = models.CharField(max_length=9, choices=CheckState, default=CheckState.OPEN)
    subject_ref = models.CharField(max_length=100, db_collation="C")
    area_code = models.CharField(max_length=17, db_collation="C")
    what = EncryptedTextField(max_length=WORDS_MAX)
    place = EncryptedTextField(max_length=PLACE_MAX, blank=True, default="")
    lng = models.FloatField(null=True, blank=True)  # degrees WGS-84
    lat = models.FloatField(null=True, blank=True)
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(_USER, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    due_at = models.DateTimeField()
    excluded_user_ids = ArrayField(models.BigIntegerField(), default=list, blank=True)
    excluded_organisation_ids = ArrayField(models.BigIntegerField(), default=list, blank=True)
    result = models.CharField(max_length=11, choices=CheckResult, blank=True, default="")
    words = EncryptedTextField(max_length=WORDS_MAX, blank=True, default="")
    checked_by = models.ForeignKey(_USER, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    # for whom they worked that day: the database keeps the excluded away, too
    checked_organisation_ids = ArrayField(models.BigIntegerField(), default=list, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)  # checked, or withdrawn

    objects = CheckQuerySet.as_manager()
    RULES = [Rule("check-area", _("在您负责核实的区域内"), held_in_area(Capability.CHECK_ON_SITE, "area_code"))]

    class Meta:
        ordering = ["due_at", "id"]
        indexes = [
            models.Index(fields=["area_code", "due_at", "id"], name="check_open_area", condition=Q(state="open")),
            models.Index(fields=["due_at", "id"], name="check_open_due", condition=Q(state="open")),
            models.Index(fields=["-ended_at", "-id"], name="check_ended", condition=Q(state="done")),
            models.Index(fields=["subject_ref", "id"], name="check_subject"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["subject_ref"],
                condition=Q(state="open"),
                name="check_one_open",
                violation_error_message=_("已经请人去看了，等看过再说"),
            ),
            models.CheckConstraint(
                condition=Q(state="open", result="", checked_by__isnull=True, ended_at__isnull=True)
                | (Q(state="done", checked_by__isnull=False, ended_at__isnull=False) & Q(result__in=CheckResult.values))
                | Q(state="withdrawn", result="", checked_by__isnull=True, ended_at__isnull=False),
                name="check_done_has_result",
                violation_error_message=_("看过的要写是谁、什么时候、看到什么"),
            ),
            models.CheckConstraint(
                condition=Q(checked_by__isnull=True) | ~Q(excluded_user_ids__contains=[F("checked_by_id")]),
                name="check_not_by_excluded_person",
                violation_error_message=_("派过、办过这件事的人不能核查"),
            ),
            models.CheckConstraint(
                condition=~Q(excluded_organisation_ids__overlap=F("checked_organisation_ids")),
                name="check_not_by_excluded_office",
                violation_error_message=_("派过、办过这件事的单位不能核查"),
            ),
            models.CheckConstraint(
                condition=Q(lng__isnull=True, lat__isnull=True)
                | Q(lng__gte=-180, lng__lte=180, lat__gte=-90, lat__lte=90),
                name="check_position_whole",
                violation_error_message=_("位置要有经度和纬度，单位是度"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.public_id}"

    def keeps_away(self, viewer: Viewer) -> bool:
        """Whether this person dispatched or handled the matter, or belongs to an organisation that did."""
        return viewer.user_id in self.excluded_user_ids or bool(
            set(offices_of(viewer)) & set(self.excluded_organisation_ids)
        )

    def access_scope(self) -> Scope:
        """It lies where there is something to look at."""
        return Scope(self.area_code)
