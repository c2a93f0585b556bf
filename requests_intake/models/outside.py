"""Links by which a party outside the portal answers an order: a property firm, a utility, a contractor."""

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from governance.access.models import User
from governance.access.rules import Rule, VisibleQuerySet
from governance.access.viewer import Viewer
from governance.privacy.fields import EncryptedTextField
from requests_intake.models.orders import WorkOrder


class ExternalLinkQuerySet(VisibleQuerySet):
    """Links."""

    def living(self, at: datetime) -> Self:
        """Links that were neither called back nor are over."""
        return self.filter(revoked_at__isnull=True, expires_at__gt=at)


class ExternalLink(models.Model):
    """A link to one order, good until a day. Whoever holds it acts for the order's organisation.

    The token is found by its digest and kept encrypted, so that it can be shown and sent again.
    """

    order = models.ForeignKey(WorkOrder, on_delete=models.CASCADE, related_name="links")
    token_digest = models.CharField(max_length=64, unique=True)
    token = EncryptedTextField()
    # Where it was sent; neither where it was handed over or read out.
    email = EncryptedTextField(blank=True, default="")
    phone = EncryptedTextField(blank=True, default="")
    # The desk lets the party read the resident's name and number, to make an appointment.
    may_call = models.BooleanField(default=False)
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    # Last opened, by whomever: scanners of mail open links, too.
    opened_at = models.DateTimeField(null=True, blank=True)

    objects = ExternalLinkQuerySet.as_manager()
    RULES = [Rule("order", _("看得到这张工单"), lambda viewer: _order_q(viewer))]

    class Meta:
        ordering = ["-made_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["order"],
                condition=Q(revoked_at__isnull=True),
                name="external_link_one",
                violation_error_message=_("这张工单已经有一个链接，请刷新页面"),
            ),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("made_at")),
                name="external_link_ends_later",
                violation_error_message=_("链接要在以后才到期"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.order_id}: {self.made_at:%Y-%m-%d}"


def _order_q(viewer: Viewer) -> Q:
    return Q(order__in=WorkOrder.objects.visible_to(viewer))
