"""The whistle (吹哨报到): an office or the desk calls departments in; who sees it meanwhile; ratings."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from guardian.models import UserObjectPermissionBase

from governance.access.models import User
from governance.organisations.models import Organisation
from requests_intake.models.requests import ServiceRequest


class Whistle(models.Model):
    """One call: what for, by whom, where and when to meet, by when results are wanted."""

    request = models.ForeignKey(ServiceRequest, on_delete=models.CASCADE, related_name="whistles")
    issue = models.CharField(max_length=500)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey(Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    due_at = models.DateTimeField()
    is_on_site = models.BooleanField(default=False)
    meeting_at = models.DateTimeField(null=True, blank=True)
    place = models.CharField(max_length=120, blank=True)

    class Meta:
        ordering = ["at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(is_on_site=False) | (Q(meeting_at__isnull=False) & ~Q(place="")),
                name="whistle_on_site_has_meeting",
                violation_error_message=_("要到现场的，请写什么时候、在哪里碰头"),
            ),
            models.CheckConstraint(
                condition=Q(due_at__gt=models.F("at")),
                name="whistle_due_later",
                violation_error_message=_("要结果的时间得在现在以后"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.request_id}: {self.at:%Y-%m-%d}"


class RequestGrant(UserObjectPermissionBase):
    """One person may see one request until a moment, because their office was called in: an exceptional grant.

    Read as the rule "whistled" of `ServiceRequest.visible_to`, never through guardian's own queries.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    content_object = models.ForeignKey(ServiceRequest, on_delete=models.CASCADE, related_name="grants")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    granted_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta(UserObjectPermissionBase.Meta):
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_at__gte=models.F("granted_at")),
                name="request_grant_ends_later",
                violation_error_message=_("临时查看要在给出以后才到期"),
            )
        ]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.content_object_id}"


class WhistleRating(models.Model):
    """One side's mark for the other when a call has ended (条例 §33): 1 to 5, with a word."""

    class Side(models.TextChoices):
        CALLER = "caller", _("吹哨方评报到单位")
        CALLED = "called", _("报到单位评这次吹哨")

    order = models.ForeignKey("requests_intake.WorkOrder", on_delete=models.CASCADE, related_name="ratings")
    side = models.CharField(max_length=6, choices=Side)
    grade = models.PositiveSmallIntegerField(validators=[MinValueValidator(1), MaxValueValidator(5)])
    word = models.CharField(max_length=300)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["order", "side"], name="whistle_rated_once", violation_error_message=_("已经评过了")
            ),
            models.CheckConstraint(
                condition=Q(grade__gte=1, grade__lte=5),
                name="whistle_grade_range",
                violation_error_message=_("请从 1 到 5 里选一个分数"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.order_id}: {self.side} {self.grade}"
