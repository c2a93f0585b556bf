"""Texts that offices write again and again, with places for number, office and date."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from governance.access.models import User
from governance.organisations.models import Organisation
from requests_intake.models.requests import RequestKind
from requests_intake.workflow import OrderState

# Where an order can stand while somebody writes its answer.
ORDER_STATES = [
    (state.value, state.label)
    for state in (OrderState.DISPATCHED, OrderState.SIGNED, OrderState.IN_PROGRESS, OrderState.REWORK)
]


class AnswerTemplate(models.Model):
    """A prepared answer. Of one office, or (without one) of all; for all categories or those whose code begins so.

    `state` and `kind` narrow it to orders that stand there, to requests of that kind; empty means any.
    """

    title = models.CharField(max_length=40)
    text = models.TextField()
    text_en = models.TextField(blank=True)
    organisation = models.ForeignKey(Organisation, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    category_prefix = models.CharField(max_length=6, blank=True)
    state = models.CharField(max_length=12, blank=True, choices=ORDER_STATES)
    kind = models.CharField(max_length=12, blank=True, choices=RequestKind.choices)
    is_active = models.BooleanField(default=True)
    changed_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    changed_at = models.DateTimeField()

    class Meta:
        ordering = ["title", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "title"],
                nulls_distinct=False,
                name="reply_template_title",
                violation_error_message=_("这个单位已经有叫这个名字的模板"),
            ),
            models.CheckConstraint(
                condition=~Q(title="") & ~Q(text=""),
                name="reply_template_filled",
                violation_error_message=_("模板要有名字和正文"),
            ),
            models.CheckConstraint(
                condition=Q(state__in=["", *(value for value, _label in ORDER_STATES)]),
                name="reply_template_state",
                violation_error_message=_("没有这一步"),
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["", *RequestKind.values]),
                name="reply_template_kind",
                violation_error_message=_("没有这一类诉求"),
            ),
        ]

    def __str__(self) -> str:
        return self.title
