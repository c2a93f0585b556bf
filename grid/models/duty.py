"""The list of duties (履职事项清单): what a sub-district must do itself, assists in, or no longer does."""

from django.db import models
from django.db.models import Q
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _


class DutyKind(models.TextChoices):
    """Who carries the duty."""

    BASIC = "basic", _("街道主责")
    ASSIST = "assist", _("街道配合")
    WITHDRAWN = "withdrawn", _("上级收回")


class CommunityList(models.TextChoices):
    """What communities have to do with a duty (三清单): theirs by law, theirs to assist in, never theirs."""

    OWN = "own", _("依法履职")
    ASSIST = "assist", _("依法协助")
    BARRED = "barred", _("负面清单")


class DutyItem(models.Model):
    """One duty with its legal basis. Categories of requests and tasks for grids refer to it.

    `community_list` "" is on none of the three lists: what rests on it is asked of a community by admission only.
    """

    code = models.CharField(_("编号"), max_length=20, db_collation="C")
    name = models.CharField(pgettext_lazy("of an office", "事项"), max_length=120)
    name_en = models.CharField(_("英文名称"), max_length=200, blank=True)
    kind = models.CharField(_("类别"), max_length=10, choices=DutyKind)
    legal_basis = models.CharField(_("依据"), max_length=300, blank=True)
    note = models.CharField(_("说明"), max_length=300, blank=True)
    community_list = models.CharField(_("社区清单"), max_length=10, choices=CommunityList, blank=True, default="")

    class Meta:
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                condition=Q(community_list__in=["", *CommunityList.values]),
                name="duty_item_list_known",
                violation_error_message=_("社区清单只有依法履职、依法协助和负面清单"),
            ),
            models.UniqueConstraint(
                fields=["code"], name="duty_item_code_unique", violation_error_message=_("已经有这个编号的事项")
            ),
            models.CheckConstraint(
                condition=Q(kind__in=DutyKind.values),
                name="duty_item_kind_known",
                violation_error_message=_("事项类别只有街道主责、街道配合和上级收回"),
            ),
            models.CheckConstraint(
                condition=~Q(code="") & ~Q(name=""),
                name="duty_item_named",
                violation_error_message=_("请写事项的编号和名称"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.label}"

    @property
    def label(self) -> str:
        """Name in the language of the page; Chinese where no English name is recorded."""
        return self.name_en if self.name_en and get_language() == "en" else self.name
