"""The call-back (回访): contacted? solved? satisfied? By the resident's own link, or an agent who never handled it."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from governance.access.models import User
from governance.organisations.models import Organisation
from requests_intake.models.requests import ServiceRequest


class Solved(models.TextChoices):
    """Whether the matter was solved, in the resident's words."""

    YES = "yes", _("解决了")
    PARTLY = "partly", _("解决了一部分")
    NO = "no", _("没有解决")


class Grade(models.IntegerChoices):
    """Five grades of the national rating (好差评)."""

    VERY_GOOD = 5, _("非常满意")
    GOOD = 4, _("满意")
    FAIR = 3, _("基本满意")
    POOR = 2, _("不满意")
    VERY_POOR = 1, _("非常不满意")


class CallBack(models.Model):
    """The outcome of one round of call-back. A silent one is stored as not rated, never as satisfied."""

    class Source(models.TextChoices):
        LINK = "link", _("居民自己评")
        AGENT = "agent", _("回访员")
        SILENT = "silent", _("到期未评")

    request = models.ForeignKey(ServiceRequest, on_delete=models.CASCADE, related_name="callbacks")
    round = models.PositiveSmallIntegerField()
    # Recorded because the answer's limit had passed without a reply (条例 §23); one after a reply may follow.
    is_at_limit = models.BooleanField(default=False)
    source = models.CharField(max_length=8, choices=Source)
    at = models.DateTimeField()
    # Which office led when it was given: a later one is not judged by it.
    organisation = models.ForeignKey(Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    agent = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    contacted = models.BooleanField(null=True)
    solved = models.CharField(max_length=8, choices=Solved, blank=True)
    grade = models.PositiveSmallIntegerField(choices=Grade, null=True, blank=True)
    comment = models.TextField(blank=True)

    class Meta:
        ordering = ["round", "pk"]
        indexes = [models.Index(fields=["at"], name="callback_at")]
        constraints = [
            models.UniqueConstraint(
                fields=["request", "round", "is_at_limit"],
                name="callback_once_a_round",
                violation_error_message=_("这一轮已经评过了"),
            ),
            models.CheckConstraint(
                condition=Q(source="silent", contacted__isnull=True, solved="", grade__isnull=True)
                | (~Q(source="silent") & Q(contacted__isnull=False) & ~Q(solved="")),
                name="callback_answered_or_silent",
                violation_error_message=_("请选：联系过您吗？解决了吗？"),
            ),
            models.CheckConstraint(
                condition=Q(source="agent", agent__isnull=False) | (~Q(source="agent") & Q(agent__isnull=True)),
                name="callback_agent_iff_agent",
                violation_error_message=_("回访员回访要有回访员"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.request_id}/{self.round}"
