"""For whom somebody else reports: a child for a parent. The reporter stays the requester."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from governance.privacy.fields import EncryptedTextField
from governance.refs import ref_of
from requests_intake.models.requests import ServiceRequest


class Relation(models.TextChoices):
    """What the person concerned is to the reporter."""

    PARENT = "parent", _("父母、长辈")
    CHILD = "child", _("孩子")
    SPOUSE = "spouse", _("配偶")
    NEIGHBOUR = "neighbour", _("邻居")
    OTHER = "other", _("别的关系")


class ConcernedPerson(models.Model):
    """The person a request is about, where somebody else reported it. Encrypted; reading it in full is logged.

    Messages and rating go to the reporter (`RequesterContact`). The person gets the number and the tracking link if
    that was wished (`is_told`), and is the one whom the office calls if the reporter chose so (`is_called`).
    """

    request = models.OneToOneField(ServiceRequest, on_delete=models.CASCADE, related_name="concerned")
    name = EncryptedTextField()
    phone = EncryptedTextField()
    relation = models.CharField(max_length=10, choices=Relation, blank=True)
    is_told = models.BooleanField(default=False)
    is_called = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(relation__in=["", *Relation.values]),
                name="concerned_relation",
                violation_error_message=_("没有这种关系"),
            )
        ]

    def __str__(self) -> str:
        return ref_of(self)

    @property
    def shown_name(self) -> str:
        """The name as those who call this person read it."""
        return str(self.name)
