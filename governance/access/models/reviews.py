"""Going through grants: confirm or end each of a set until a day. Whoever gives grants where one lies decides."""

import uuid
from datetime import date
from enum import StrEnum
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from governance.access.permissions import Capability
from governance.access.rules import Rule, VisibleQuerySet, area_q, held_in_area
from governance.access.viewer import Scope
from governance.organisations.models import Organisation


class Decision(models.TextChoices):
    """What was decided over a grant; "" while nothing is."""

    CONFIRMED = "confirmed", _("确认还要")
    ENDED = "ended", _("结束了")


class Standing(StrEnum):
    """Where one of the grants stands: still to decide, decided, or ended meanwhile in another way."""

    OPEN = "open"
    DECIDED = "decided"
    GONE = "gone"


def _with_rows_in_reach(viewer: Any) -> Q | None:
    reach = area_q(viewer.areas(Capability.GIVE_GRANT), "area_code")
    return None if reach is None else Q(pk__in=ReviewItem.objects.filter(reach).order_by().values("campaign"))


class ReviewCampaign(models.Model):
    """One going-through: which grants (those there were when it was opened), until when, what becomes of the rest."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    title = models.CharField(max_length=60)
    due_on = models.DateField()
    # what was asked for; of an organisation its area
    area_code = models.CharField(max_length=17, db_collation="C")
    organisation = models.ForeignKey(Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    role = models.ForeignKey("access.Role", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    # whether what nobody has decided ends by itself after the day; those who guard the giving of grants never do
    ends_undecided = models.BooleanField(default=False)
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField()
    reminded_days = models.PositiveSmallIntegerField(null=True, blank=True)  # the last stage that was told
    overdue_at = models.DateTimeField(null=True, blank=True)  # when it was told that rows are left over
    submission_key = models.UUIDField(unique=True, editable=False)

    objects = VisibleQuerySet.as_manager()
    RULES = [Rule("review-reach", _("里面有自己能授权的范围里的授权"), _with_rows_in_reach)]

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.title

    def access_scope(self) -> Scope:
        """Who gives grants there opened it."""
        return Scope(self.area_code)

    def is_over(self, today: date) -> bool:
        """Whether its day has passed."""
        return self.due_on < today


class ReviewItem(models.Model):
    """One grant of a going-through, and what was decided over it: once, by somebody who gives grants there."""

    campaign = models.ForeignKey(ReviewCampaign, on_delete=models.PROTECT, related_name="items")
    grant = models.ForeignKey("access.Grant", on_delete=models.PROTECT, related_name="+")
    area_code = models.CharField(max_length=17, db_collation="C")  # the grant's
    decision = models.CharField(max_length=10, choices=Decision, blank=True, default="")
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=200, blank=True, default="")

    objects = VisibleQuerySet.as_manager()
    RULES = [Rule("review-row", _("在可以授权的区域内"), held_in_area(Capability.GIVE_GRANT))]

    class Meta:
        ordering = ["pk"]
        indexes = [models.Index(fields=["area_code", "campaign"], name="review_item_area")]
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "grant"],
                name="review_item_once",
                violation_error_message=_("这项授权已经在这次核查里了"),
            ),
            models.CheckConstraint(
                condition=Q(decision="", decided_at__isnull=True) | (~Q(decision="") & Q(decided_at__isnull=False)),
                name="review_item_decided_whole",
                violation_error_message=_("定了要写什么时候定的"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.campaign_id}: {self.grant_id} {self.decision}"

    def access_scope(self) -> Scope:
        """Who gives grants where the grant lies decides."""
        return Scope(self.area_code)
