"""Case standards (立案、处置和结案标准): per matter of the standard, as this city has them (STANDARDS 2.6)."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from grid.models import CodeItem
from requests_intake.models.office_settings import OfficeSetting


class CaseStandard(OfficeSetting):
    """When a matter is filed, when it is closed, and by which set of time limits, with their stages, it is handled.

    Cities differ more than tenfold: what comes with the portal is one city's, unconfirmed until somebody says whose.
    What is left empty is as the category says.
    """

    item = models.OneToOneField(CodeItem, on_delete=models.PROTECT, related_name="+")
    filing = models.CharField(_("立案条件"), max_length=200, blank=True)
    closing = models.CharField(_("结案条件"), max_length=200, blank=True)
    policy_key = models.SlugField(_("办理时限"), max_length=40, blank=True)
    source = models.CharField(_("出处"), max_length=200, blank=True)

    class Meta:
        ordering = ["item__code", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(is_confirmed=True, source=""),
                name="case_standard_confirmed_has_source",
                violation_error_message=_("核实过的要写出处，例如文件名和条款"),
            )
        ]

    def __str__(self) -> str:
        return str(self.item_id)
