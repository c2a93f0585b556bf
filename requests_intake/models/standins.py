"""Who does somebody's orders while they are away (代班). It widens nothing: both handle in that office already."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.utils.translation import gettext_lazy as _

from governance.access.models import User
from governance.organisations.models import Organisation


class StandIn(models.Model):
    """`substitute` looks after the orders of `person` in one office, in the window `[starts_at, ends_at)`."""

    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    substitute = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["starts_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")),
                name="stand_in_ends_later",
                violation_error_message=_("结束要晚于开始"),
            ),
            models.CheckConstraint(
                condition=~Q(person=F("substitute")),
                name="stand_in_somebody_else",
                violation_error_message=_("不能自己替自己代班"),
            ),
            ExclusionConstraint(
                name="stand_in_one_at_a_time",
                expressions=[
                    ("person", RangeOperators.EQUAL),
                    ("organisation", RangeOperators.EQUAL),
                    (
                        Func(F("starts_at"), F("ends_at"), function="tstzrange", output_field=DateTimeRangeField()),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                violation_error_message=_("这段时间已经安排了代班，请先取消那一个"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.substitute_id} for {self.person_id}"
