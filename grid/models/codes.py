"""Code lists of components and matters (部件, 事项): versioned data of a standard, with what the district adds."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

_USER = settings.AUTH_USER_MODEL
# A district adds its own minor codes from 999 downward to 080 (the practice under GB/T 30428.2, kept).
OWN_FIRST, OWN_LAST = 80, 999


class CodeKind(models.TextChoices):
    """What a code is for. A component and a matter may share the same five digits."""

    COMPONENT = "component", _("部件")
    MATTER = "matter", pgettext_lazy("seen on a walk", "事项")


class CodeList(models.Model):
    """One standard's list, from a day on. Unconfirmed until somebody has compared it with the official text."""

    key = models.CharField(max_length=40, unique=True, db_collation="C")
    standard = models.CharField(max_length=60)
    title = models.CharField(max_length=120)
    title_en = models.CharField(max_length=200, blank=True)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)  # the first day on which it is no more in force
    source = models.CharField(max_length=300, blank=True)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    confirmed_by = models.ForeignKey(_USER, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    confirmed_note = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["-valid_from", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")),
                name="code_list_ends_after_start",
                violation_error_message=_("停用的日期要在启用之后"),
            ),
            models.CheckConstraint(
                condition=Q(confirmed_at__isnull=True, confirmed_by__isnull=True)
                | Q(confirmed_at__isnull=False, confirmed_by__isnull=False),
                name="code_list_confirmed_by_somebody",
                violation_error_message=_("核对要写明是谁、什么时候"),
            ),
        ]

    def __str__(self) -> str:
        return self.key

    @property
    def label(self) -> str:
        """Title in the language of the page; Chinese where no English one is recorded."""
        return self.title_en if self.title_en and get_language() == "en" else self.title


class CodeItem(models.Model):
    """A major class (two digits) or one kind of component or matter (five). A code is never given twice."""

    code_list = models.ForeignKey(CodeList, on_delete=models.PROTECT, related_name="items")
    kind = models.CharField(max_length=10, choices=CodeKind)
    code = models.CharField(max_length=5, db_collation="C")
    name = models.CharField(_("名称"), max_length=30)
    name_en = models.CharField(_("英文名称"), max_length=100, blank=True)
    is_own = models.BooleanField(default=False)  # the district's addition, not the standard's
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["code_list", "kind", "code"]
        constraints = [
            models.UniqueConstraint(
                fields=["code_list", "kind", "code"],
                name="code_item_code_unique",
                violation_error_message=_("这个代码已经有了，代码不能重复使用"),
            ),
            models.CheckConstraint(
                condition=Q(code__regex=r"^\d{2}(\d{3})?$"),
                name="code_item_code_shape",
                violation_error_message=_("代码是大类 2 位加小类 3 位数字"),
            ),
            models.CheckConstraint(
                condition=Q(kind__in=CodeKind.values),
                name="code_item_kind_known",
                violation_error_message=_("只有部件和事项两种"),
            ),
            models.CheckConstraint(
                condition=~Q(name=""), name="code_item_named", violation_error_message=_("请写名称")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"

    @property
    def label(self) -> str:
        """Name in the language of the page; what the district added is marked, as the standard's practice asks."""
        name = self.name_en if self.name_en and get_language() == "en" else self.name
        return str(_("%(name)s（自定义）") % {"name": name}) if self.is_own else name


class CodeSuccession(models.Model):
    """What a code of an older standard is called now; no item where the new standard has nothing for it."""

    old_standard = models.CharField(_("原标准"), max_length=60)
    kind = models.CharField(max_length=10, choices=CodeKind)
    old_code = models.CharField(_("原代码"), max_length=10, db_collation="C")
    old_name = models.CharField(_("原名称"), max_length=30)
    item = models.ForeignKey(CodeItem, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    note = models.CharField(_("说明"), max_length=200, blank=True)

    class Meta:
        ordering = ["old_standard", "kind", "old_code"]
        constraints = [
            models.UniqueConstraint(
                fields=["old_standard", "kind", "old_code"],
                name="code_succession_once",
                violation_error_message=_("这个原代码已经对应过了"),
            ),
            models.CheckConstraint(
                condition=~Q(old_standard="") & ~Q(old_code="") & ~Q(old_name=""),
                name="code_succession_named",
                violation_error_message=_("请写原标准、原代码和原名称"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.old_code} {self.old_name}"
