"""The work order (工单): one per handling organisation, with its contacts, replies and history."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from governance.access.models import User
from governance.access.rules import Rule, VisibleQuerySet, held_in_area, held_in_organisation
from governance.access.viewer import Scope
from governance.organisations.models import Organisation
from requests_intake.models.requests import ServiceRequest
from requests_intake.permissions import Capability
from requests_intake.workflow import OrderState


class OrderRole(models.TextChoices):
    """An organisation's part in a request."""

    LEAD = "lead", _("牵头")


class WorkOrder(models.Model):
    """What one organisation has to do for a request, until when."""

    request = models.ForeignKey(ServiceRequest, on_delete=models.CASCADE, related_name="orders")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=8, choices=OrderRole, default=OrderRole.LEAD)
    state = models.CharField(max_length=12, choices=OrderState, default=OrderState.DISPATCHED)
    instruction = models.CharField(max_length=500, blank=True)
    handler = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    area_code = models.CharField(max_length=17, db_collation="C")
    dispatched_at = models.DateTimeField()
    original_due_at = models.DateTimeField()
    due_at = models.DateTimeField()
    next_due_at = models.DateTimeField(null=True, blank=True)
    signed_at = models.DateTimeField(null=True, blank=True)
    contacted_at = models.DateTimeField(null=True, blank=True)
    replied_at = models.DateTimeField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)

    objects = VisibleQuerySet.as_manager()
    RULES = [
        Rule("organisation", _("派给所在单位"), held_in_organisation(Capability.VIEW_ORDER, "organisation")),
        Rule("area", _("在可以看诉求的区域内"), held_in_area(Capability.VIEW_REQUEST)),
    ]

    class Meta:
        indexes = [
            models.Index(
                fields=["organisation", "next_due_at", "id"],
                name="order_org_due",
                condition=Q(state__in=["dispatched", "signed", "in_progress", "rework"]),
            )
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["request"],
                condition=Q(role="lead"),
                name="order_one_lead",
                violation_error_message=_("这件诉求已经有牵头单位"),
            ),
            models.CheckConstraint(
                condition=Q(state="done", done_at__isnull=False) | (~Q(state="done") & Q(done_at__isnull=True)),
                name="order_done_at_iff_done",
                violation_error_message=_("完成的工单要有完成时间"),
            ),
            models.CheckConstraint(
                condition=Q(state="dispatched", signed_at__isnull=True)
                | (~Q(state="dispatched") & Q(signed_at__isnull=False, handler__isnull=False)),
                name="order_signed_has_handler",
                violation_error_message=_("签收后要有经办人"),
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["dispatched", "signed", "in_progress", "rework"])
                | Q(next_due_at__isnull=False),
                name="order_open_has_due",
                violation_error_message=_("没有办完的工单要有期限"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.request_id}@{self.organisation_id}"

    def access_scope(self) -> Scope:
        """Where it lies: its area and its organisation."""
        return Scope(self.area_code, frozenset({self.organisation_id}))


class WorkOrderTransition(models.Model):
    """One step of an order, never edited."""

    order = models.ForeignKey(WorkOrder, on_delete=models.CASCADE, related_name="transitions")
    name = models.CharField(max_length=20)
    from_state = models.CharField(max_length=12, blank=True)
    to_state = models.CharField(max_length=12)
    at = models.DateTimeField()
    actor = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    actor_kind = models.CharField(max_length=10)
    text = models.TextField(blank=True)

    class Meta:
        ordering = ["at", "pk"]
        indexes = [models.Index(fields=["order", "at"], name="order_transition_at")]

    def __str__(self) -> str:
        return f"{self.order_id}: {self.name}"


class ContactRecord(models.Model):
    """One attempt to reach the requester (条例 §15: contact promptly)."""

    class How(models.TextChoices):
        PHONE = "phone", _("打电话")
        VISIT = "visit", _("上门")
        MESSAGE = "message", _("发消息")

    order = models.ForeignKey(WorkOrder, on_delete=models.CASCADE, related_name="contacts")
    at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    how = models.CharField(max_length=8, choices=How)
    reached = models.BooleanField()
    note = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.order_id}: {self.how}"


class Reply(models.Model):
    """What the office answered. One for each round; a rework brings another."""

    order = models.ForeignKey(WorkOrder, on_delete=models.CASCADE, related_name="replies")
    at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    text = models.TextField()

    class Meta:
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.order_id}: {self.at:%Y-%m-%d}"
