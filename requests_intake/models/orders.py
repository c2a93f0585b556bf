"""The work order (工单): one per handling organisation, with its contacts, replies and history."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from governance.access.models import User
from governance.access.rules import Rule, VisibleQuerySet, held_in_area
from governance.access.viewer import Scope, Viewer
from governance.organisations.models import Organisation
from requests_intake.models.catalogue import PolicyStage
from requests_intake.models.requests import ServiceRequest, granted_requests
from requests_intake.models.whistles import Whistle
from requests_intake.permissions import Capability
from requests_intake.workflow import OPEN_ORDER_STATES, SIGNED_ORDER_STATES, OrderRole, OrderState


class WorkOrder(models.Model):
    """What one organisation has to do for a request, until when."""

    request = models.ForeignKey(ServiceRequest, on_delete=models.CASCADE, related_name="orders")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=8, choices=OrderRole, default=OrderRole.LEAD)
    state = models.CharField(max_length=12, choices=OrderState, default=OrderState.DISPATCHED)
    # False once it was returned or the request was opened anew: another order leads then.
    is_current = models.BooleanField(default=True)
    is_designated = models.BooleanField(default=False)
    # Answered by a party outside the portal, by a link: nobody of it has a name here, nobody of it has to call.
    is_outside = models.BooleanField(default=False)
    state_before = models.CharField(max_length=12, choices=OrderState, blank=True)
    instruction = models.CharField(max_length=500, blank=True)
    # What a helping organisation gave the lead; the resident reads the lead's reply.
    result = models.TextField(blank=True)
    handler = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    # Called in by it (吹哨): what the organisation promised when it reported in.
    whistle = models.ForeignKey(Whistle, null=True, blank=True, on_delete=models.PROTECT, related_name="orders")
    commitment = models.CharField(max_length=500, blank=True, default="")
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
        Rule("organisation", _("派给所在单位"), lambda viewer: _own_q(viewer)),
        Rule("area", _("在可以看诉求的区域内"), held_in_area(Capability.VIEW_REQUEST)),
    ]

    class Meta:
        indexes = [
            models.Index(
                fields=["organisation", "next_due_at", "id"],
                name="order_org_due",
                condition=Q(state__in=OPEN_ORDER_STATES),
            )
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["request"],
                condition=Q(role=OrderRole.LEAD, is_current=True),
                name="order_one_lead",
                violation_error_message=_("这件诉求已经有牵头单位"),
            ),
            models.UniqueConstraint(
                fields=["request", "organisation"],
                condition=Q(is_current=True),
                name="order_once_an_organisation",
                violation_error_message=_("这个单位已经在这件诉求里了"),
            ),
            models.CheckConstraint(
                condition=Q(state="done", done_at__isnull=False) | (~Q(state="done") & Q(done_at__isnull=True)),
                name="order_done_at_iff_done",
                violation_error_message=_("完成的工单要有完成时间"),
            ),
            models.CheckConstraint(
                condition=Q(state=OrderState.DISPATCHED, signed_at__isnull=True)
                | Q(state__in=SIGNED_ORDER_STATES, signed_at__isnull=False)
                & (Q(handler__isnull=False) | Q(is_outside=True))
                | ~Q(state__in=[OrderState.DISPATCHED, *SIGNED_ORDER_STATES]),
                name="order_signed_has_handler",
                violation_error_message=_("签收后要有经办人；只有外单位凭链接签收的没有"),
            ),
            models.CheckConstraint(
                condition=Q(role=OrderRole.WHISTLE, whistle__isnull=False)
                | (~Q(role=OrderRole.WHISTLE) & Q(whistle__isnull=True)),
                name="order_called_iff_whistle",
                violation_error_message=_("叫来报到的单位要写明是哪一次吹哨"),
            ),
            models.CheckConstraint(
                condition=~Q(state__in=OPEN_ORDER_STATES) | Q(next_due_at__isnull=False),
                name="order_open_has_due",
                violation_error_message=_("没有办完的工单要有期限"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.request_id}@{self.organisation_id}"

    def access_scope(self) -> Scope:
        """Where it lies: its area and its organisation."""
        return Scope(self.area_code, frozenset({self.organisation_id}))


def _own_q(viewer: Viewer) -> Q | None:
    """Orders of the viewer's organisations; one that called them in only while the grant for it lives.

    One that was taken back before anybody was told was never theirs.
    """
    ids = viewer.organisations(Capability.VIEW_ORDER)
    if not ids:
        return None
    mine = Q(organisation_id__in=ids) & ~Q(state=OrderState.UNDONE)
    return mine & (~Q(role=OrderRole.WHISTLE) | Q(request_id__in=granted_requests(viewer)))


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


class Ground(models.TextChoices):
    """The four grounds on which an order may be returned (STANDARDS 1.5)."""

    DUTY = "duty", _("职责不符")
    AREA = "area", _("管辖不符")
    INFORMATION = "info", _("信息不足")
    DUPLICATE = "duplicate", _("重复")


class OrderReturn(models.Model):
    """An office asked to give an order back: once, and what was decided."""

    order = models.OneToOneField(WorkOrder, on_delete=models.CASCADE, related_name="giving_back")
    ground = models.CharField(max_length=10, choices=Ground)
    text = models.CharField(max_length=500)
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    decided_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    # None while undecided. Decided by nobody in time, the order stays where it is.
    is_upheld = models.BooleanField(null=True)
    decision = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(decided_at__isnull=True, is_upheld__isnull=True)
                | Q(decided_at__isnull=False, is_upheld__isnull=False),
                name="return_decided_has_answer",
                violation_error_message=_("定夺退单要写同意还是不同意"),
            )
        ]

    def __str__(self) -> str:
        return f"{self.order_id}: {self.ground}"


class Dispute(models.Model):
    """Two offices differ over whose duty it is (条例 §12.3); once decided, a precedent for similar requests."""

    order = models.ForeignKey(WorkOrder, on_delete=models.CASCADE, related_name="disputes")
    # Copies by which precedents are found.
    category_code = models.CharField(max_length=6, db_collation="C", blank=True)
    area_code = models.CharField(max_length=17, db_collation="C")
    basis = models.CharField(max_length=1000)
    raised_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    raised_at = models.DateTimeField()
    organisation = models.ForeignKey(Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    decision = models.CharField(max_length=1000, blank=True)
    decided_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["category_code", "-decided_at"], name="dispute_precedent", condition=Q(decided_at__isnull=False)
            )
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["order"],
                condition=Q(decided_at__isnull=True),
                name="dispute_one_open",
                violation_error_message=_("这张工单的异议还没有裁定"),
            ),
            models.CheckConstraint(
                condition=Q(decided_at__isnull=True) | Q(organisation__isnull=False),
                name="dispute_decided_has_office",
                violation_error_message=_("裁定要写由哪个单位办"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.order_id}: {self.category_code}"


class Reply(models.Model):
    """What the office answered: one for each round, a rework brings another; and one for each stage it reached."""

    order = models.ForeignKey(WorkOrder, on_delete=models.CASCADE, related_name="replies")
    at = models.DateTimeField()
    # None: a party outside the portal, by its link.
    by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    text = models.TextField()
    # Said on the way: not the answer itself.
    stage = models.ForeignKey(PolicyStage, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    # False while a reviewer reads it first, when it was sent back, and for what a helper gave the lead with photos:
    # the resident does not see it.
    is_released = models.BooleanField(default=True)

    class Meta:
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.order_id}: {self.at:%Y-%m-%d}"
