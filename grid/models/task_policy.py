"""How tasks are given to communities: the numbers of the office, and whether tasks carry weights."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

_USER = settings.AUTH_USER_MODEL


class TaskPolicy(models.Model):
    """One row. The periods are those of one district (西城) and nobody has confirmed them for this one.

    `apply_days` and `decide_days` are working days; `checks_a_year` is how many appraisals one community may be put
    through in a calendar year without an admission.
    """

    ROW = 1
    DAYS_MOST = 250

    rework_max = models.PositiveSmallIntegerField(default=2)
    rework_days = models.PositiveSmallIntegerField(default=2)  # working days that a rework has at least
    apply_days = models.PositiveSmallIntegerField(default=30)
    decide_days = models.PositiveSmallIntegerField(default=15)
    checks_a_year = models.PositiveSmallIntegerField(default=1)
    is_confirmed = models.BooleanField(default=False)
    changed_at = models.DateTimeField(null=True, blank=True)
    changed_by = models.ForeignKey(_USER, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    why = models.CharField(max_length=200, blank=True, default="")
    # Off unless a law or a rule of the district asks for it (国办函〔2026〕12号): what it rests on, who said so, when.
    weights_on = models.BooleanField(default=False)
    weights_ground = models.CharField(max_length=300, blank=True, default="")
    weights_by = models.ForeignKey(_USER, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    weights_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(pk=1), name="task_policy_one_row", violation_error_message=_("任务的规则只有一份")
            ),
            models.CheckConstraint(
                condition=Q(rework_max__lte=20, checks_a_year__lte=50, rework_days__range=(1, 250))
                & Q(apply_days__range=(1, 250), decide_days__range=(1, 250)),
                name="task_policy_in_bounds",
                violation_error_message=_("退回最多写 20 次，考核最多写 50 次，工作日写 1 到 250"),
            ),
            models.CheckConstraint(
                condition=Q(weights_on=False)
                | Q(weights_by__isnull=False, weights_at__isnull=False) & ~Q(weights_ground=""),
                name="task_weights_have_a_ground",
                violation_error_message=_("启用分值要写明依据的文件"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.apply_days}/{self.decide_days}"


def policy_current() -> TaskPolicy:
    """The office's numbers, those that Liren comes with while nobody has changed them. 1 SQL."""
    return TaskPolicy.objects.filter(pk=TaskPolicy.ROW).first() or TaskPolicy(pk=TaskPolicy.ROW)
