"""Legal entities (实有单位) and underground spaces (地下空间)."""

import uuid

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from governance.access.rules import Rule, VisibleQuerySet, held_in_area
from governance.access.viewer import Scope
from governance.organisations.models import Organisation
from governance.privacy.fields import EncryptedTextField
from population.models.address import IN_COMMUNITY
from population.models.collected import Collected
from population.models.people import NAME_MAX, PHONE_MAX
from population.models.places import Building, Compound, Dwelling
from population.permissions import Capability

IN_AREA = Rule("entity-area", _("在您负责登记的区域内"), held_in_area(Capability.VIEW_ENTITY, "area_code"))
_CODE = r"^[0-9A-HJ-NPQRTUWXY]{18}$"


class EntityKind(models.TextChoices):
    """What kind of body it is (STANDARDS 4.3)."""

    STATE = "state", _("机关")
    PUBLIC = "public", _("事业单位")
    COMPANY = "company", _("企业")
    TRADER = "trader", _("个体工商户")
    SOCIETY = "society", _("社会团体")
    SERVICE = "service", _("民办非企业单位")
    FOUNDATION = "foundation", _("基金会")
    COMMITTEE = "committee", _("基层自治组织")
    RURAL = "rural", _("农村集体经济组织")
    OTHER = "other", _("其他")


class StaffBand(models.TextChoices):
    """How many work there, roughly: enough to know whom an evacuation must reach."""

    FEW = "1", _("10 人以下")
    SOME = "10", _("10–49 人")
    MANY = "50", _("50–299 人")
    MOST = "300", _("300 人以上")


class LegalEntity(Collected):
    """A body with its seat or a place of business here. It may be an organisation of the portal, too.

    `search_text` is the normalised name; the service writes it. The person who answers for it is encrypted.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(_("名称"), max_length=120)
    name_en = models.CharField(_("英文名称"), max_length=200, blank=True)
    search_text = models.CharField(max_length=200, editable=False)
    credit_code = models.CharField(_("统一社会信用代码"), max_length=18, blank=True, default="", db_collation="C")
    kind = models.CharField(_("类型"), max_length=10, choices=EntityKind)
    trade = models.CharField(_("做什么的"), max_length=60, blank=True)
    representative = EncryptedTextField(_("负责人"), max_length=NAME_MAX, null=True, blank=True)
    phone = EncryptedTextField(_("电话"), max_length=PHONE_MAX, null=True, blank=True)
    staff = models.CharField(_("人数"), max_length=3, choices=StaffBand, blank=True, default="")
    building = models.ForeignKey(Building, on_delete=models.PROTECT, related_name="entities")  # the seat
    dwelling = models.ForeignKey(Dwelling, null=True, blank=True, on_delete=models.PROTECT, related_name="entities")
    organisation = models.OneToOneField(
        Organisation, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    area_code = models.CharField(_("网格或社区"), max_length=17, db_collation="C")  # of the building
    opened_on = models.DateField(_("成立或迁入日期"), null=True, blank=True)
    closed_on = models.DateField(_("注销或迁走日期"), null=True, blank=True)
    changed_at = models.DateTimeField()

    objects = VisibleQuerySet.as_manager()
    RULES = [IN_AREA]

    class Meta:
        ordering = ["area_code", "id"]
        indexes = [
            models.Index(fields=["area_code", "id"], name="entity_area"),
            models.Index(fields=["building", "id"], name="entity_building"),
            GinIndex(fields=["search_text"], name="entity_search", opclasses=["gin_trgm_ops"]),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["credit_code"],
                condition=~Q(credit_code="") & Q(closed_on__isnull=True),
                name="entity_credit_code_unique",
                violation_error_message=_("已经有单位登记了这个统一社会信用代码"),
            ),
            models.CheckConstraint(
                condition=Q(credit_code="") | Q(credit_code__regex=_CODE),
                name="entity_credit_code_shape",
                violation_error_message=_("统一社会信用代码是 18 位数字和大写字母，没有 I、O、S、V、Z"),
            ),
            models.CheckConstraint(
                condition=~Q(name="") & Q(area_code__regex=IN_COMMUNITY),
                name="entity_in_a_community",
                violation_error_message=_("单位要有名称，并落在一个社区或网格里"),
            ),
            models.CheckConstraint(
                condition=Q(closed_on__isnull=True) | Q(opened_on__isnull=True) | Q(closed_on__gte=F("opened_on")),
                name="entity_closes_after_opening",
                violation_error_message=_("注销不会早于成立"),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def access_scope(self) -> Scope:
        """Where its seat is."""
        return Scope(self.area_code)


class SpaceKind(models.TextChoices):
    """人防工程 or an ordinary basement (普通地下室)."""

    SHELTER = "shelter", _("人防工程")
    BASEMENT = "basement", _("普通地下室")


class SpaceUse(models.TextChoices):
    """What an underground space is used for."""

    PARKING = "parking", _("停车")
    STORE = "store", _("仓储")
    SHOP = "shop", _("商业")
    PLANT = "plant", _("设备房")
    LIVING = "living", _("住人")
    EMPTY = "empty", _("闲置")
    OTHER = "other", _("其他")


class UndergroundSpace(Collected):
    """One underground space: what it is used for, who keeps it, when it must be inspected next (areas in m2)."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    label = models.CharField(_("叫什么"), max_length=60)
    kind = models.CharField(_("类型"), max_length=8, choices=SpaceKind)
    use = models.CharField(_("用途"), max_length=7, choices=SpaceUse)
    level = models.SmallIntegerField(_("地下几层"), default=1)
    area_m2 = models.DecimalField(_("面积（平方米）"), max_digits=9, decimal_places=2, null=True, blank=True)
    building = models.ForeignKey(Building, null=True, blank=True, on_delete=models.PROTECT, related_name="spaces")
    compound = models.ForeignKey(Compound, on_delete=models.PROTECT, related_name="spaces")
    keeper = models.ForeignKey(LegalEntity, null=True, blank=True, on_delete=models.PROTECT, related_name="spaces")
    keeper_name = EncryptedTextField(_("管理人"), max_length=NAME_MAX, null=True, blank=True)
    keeper_phone = EncryptedTextField(_("管理人电话"), max_length=PHONE_MAX, null=True, blank=True)
    area_code = models.CharField(_("网格或社区"), max_length=17, db_collation="C")
    inspected_on = models.DateField(_("上次检查"), null=True, blank=True)
    inspect_due = models.DateField(_("下次检查"), null=True, blank=True)
    ended_on = models.DateField(_("停用日期"), null=True, blank=True)
    changed_at = models.DateTimeField()

    objects = VisibleQuerySet.as_manager()
    RULES = [IN_AREA]

    class Meta:
        ordering = ["area_code", "id"]
        indexes = [
            models.Index(fields=["area_code", "id"], name="space_area"),
            models.Index(fields=["inspect_due", "id"], name="space_due", condition=Q(ended_on__isnull=True)),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(keeper__isnull=False) | Q(keeper_name__isnull=False),
                name="space_has_keeper",
                violation_error_message=_("请选管理单位，或者写管理人"),
            ),
            models.CheckConstraint(
                condition=Q(level__range=(1, 6)) & (Q(area_m2__isnull=True) | Q(area_m2__gt=0)),
                name="space_in_bounds",
                violation_error_message=_("地下 1 到 6 层，面积大于 0"),
            ),
            models.CheckConstraint(
                condition=Q(inspected_on__isnull=True)
                | Q(inspect_due__isnull=True)
                | Q(inspect_due__gt=F("inspected_on")),
                name="space_due_after_inspection",
                violation_error_message=_("下次检查要晚于上次检查"),
            ),
            models.CheckConstraint(
                condition=~Q(label="") & Q(area_code__regex=IN_COMMUNITY),
                name="space_in_a_community",
                violation_error_message=_("地下空间要有名称，并落在一个社区或网格里"),
            ),
        ]

    def __str__(self) -> str:
        return self.label

    def access_scope(self) -> Scope:
        """Where it lies."""
        return Scope(self.area_code)
