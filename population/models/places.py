"""Compound -> building -> entrance -> dwelling: the places people live in. The dwelling is the unit of registration."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from governance.access.rules import Rule, VisibleQuerySet, held_in_area
from governance.access.viewer import Scope, Viewer
from population.models.address import IN_COMMUNITY, StandardAddress
from population.models.collected import Collected
from population.permissions import Capability

FLOORS_MOST, FLOORS_LEAST = 120, -6
IN_AREA = Rule("registry-area", _("在您负责登记的区域内"), held_in_area(Capability.VIEW_REGISTRY, "area_code"))


def _around(viewer: Viewer) -> Q | None:
    """A compound of a whole community is that of whoever keeps a grid of it, too: it names a place and nobody."""
    held = viewer.areas(Capability.VIEW_REGISTRY)
    around = {code[:length] for code in held for length in (12, 15) if len(code) > length}
    return Q(area_code__in=around) if around else None


class CompoundKind(models.TextChoices):
    """What kind of place it is: an office works differently in each."""

    ESTATE = "estate", _("小区")
    OLD = "old", _("老旧小区")
    MOVED = "moved", _("安置小区")
    LANE = "lane", _("街巷、里弄")
    FLATS = "flats", _("公寓")
    VILLAGE = "village", _("村庄")


class Compound(models.Model):
    """An estate, a lane or a village (小区、里弄、村): buildings with one name. In a community, or in one grid of it.

    `name` is the `estate` of its standard addresses; what else people call it stands in the addresses' aliases.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(_("名称"), max_length=60)
    name_en = models.CharField(_("英文名称"), max_length=100, blank=True)
    kind = models.CharField(_("类型"), max_length=8, choices=CompoundKind, default=CompoundKind.ESTATE)
    area_code = models.CharField(_("社区或网格"), max_length=17, db_collation="C")

    objects = VisibleQuerySet.as_manager()
    RULES = [IN_AREA, Rule("registry-around", _("您负责登记的区域在它里面"), _around)]

    class Meta:
        ordering = ["area_code", "name"]
        indexes = [models.Index(fields=["area_code", "name"], name="compound_area")]
        constraints = [
            models.UniqueConstraint(
                fields=["area_code", "name"],
                name="compound_name_unique",
                violation_error_message=_("这个社区已经有这个名称的小区"),
            ),
            models.CheckConstraint(
                condition=Q(area_code__regex=IN_COMMUNITY) & ~Q(name=""),
                name="compound_in_a_community",
                violation_error_message=_("小区要有名称，并落在一个社区或网格里"),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def label(self) -> str:
        """Name in the language of the page; Chinese where no English name is recorded."""
        return self.name_en if self.name_en and get_language() == "en" else self.name

    def access_scope(self) -> Scope:
        """Where it lies."""
        return Scope(self.area_code)


class BuildingUse(models.TextChoices):
    """What a building is for."""

    HOMES = "homes", _("住宅")
    MIXED = "mixed", _("商住")
    SHOPS = "shops", _("商业")
    OFFICES = "offices", _("办公")
    PUBLIC = "public", _("公共设施")
    WORKS = "works", _("厂房、仓库")
    OTHER = "other", _("其他")


class Building(models.Model):
    """One building or house number. Its name and place are its standard address; people see it as floors x doors.

    Floors are numbered 1.. `floors_above` and -1.. -`floors_below`; `skipped_floors` do not exist (no 4th floor).
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    address = models.OneToOneField(StandardAddress, on_delete=models.PROTECT, related_name="+")
    compound = models.ForeignKey(Compound, on_delete=models.PROTECT, related_name="buildings")
    area_code = models.CharField(_("网格或社区"), max_length=17, db_collation="C")  # of the address
    use = models.CharField(_("用途"), max_length=8, choices=BuildingUse, default=BuildingUse.HOMES)
    floors_above = models.PositiveSmallIntegerField(_("地上层数"))
    floors_below = models.PositiveSmallIntegerField(_("地下层数"), default=0)
    skipped_floors = ArrayField(models.SmallIntegerField(), default=list, blank=True, verbose_name=_("没有的楼层"))
    built_year = models.PositiveSmallIntegerField(_("建成年份"), null=True, blank=True)
    ended_on = models.DateField(_("拆除日期"), null=True, blank=True)
    changed_at = models.DateTimeField()  # of the row: a form that was opened earlier is refused
    submission_key = models.UUIDField(null=True, blank=True, unique=True, editable=False)  # of the form that made it

    objects = VisibleQuerySet.as_manager()
    RULES = [IN_AREA]

    class Meta:
        ordering = ["area_code", "id"]
        indexes = [
            models.Index(fields=["area_code", "id"], name="building_area"),
            models.Index(fields=["compound", "id"], name="building_compound"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(area_code__regex=IN_COMMUNITY),
                name="building_in_a_community",
                violation_error_message=_("楼栋要落在一个社区或网格里"),
            ),
            models.CheckConstraint(
                condition=Q(floors_above__range=(1, FLOORS_MOST), floors_below__range=(0, -FLOORS_LEAST)),
                name="building_floors_in_bounds",
                violation_error_message=_("地上 1 到 120 层，地下 0 到 6 层"),
            ),
            models.CheckConstraint(
                condition=Q(built_year__isnull=True) | Q(built_year__range=(1800, 2100)),
                name="building_year_in_bounds",
                violation_error_message=_("建成年份请写四位数，例如 1998"),
            ),
        ]

    def __str__(self) -> str:
        return f"building {self.public_id}"

    @property
    def floors(self) -> list[int]:
        """The floors that exist, the highest first; there is no floor 0."""
        every = range(self.floors_above, -self.floors_below - 1, -1)
        return [floor for floor in every if floor != 0 and floor not in self.skipped_floors]

    def access_scope(self) -> Scope:
        """Where it stands."""
        return Scope(self.area_code)


class Entrance(models.Model):
    """One entrance of a building (单元). A building without entrances of their own has one without a name."""

    building = models.ForeignKey(Building, on_delete=models.CASCADE, related_name="entrances")
    name = models.CharField(_("单元"), max_length=20, blank=True)  # "1单元"; "" where the building has but one way in
    position = models.PositiveSmallIntegerField(default=0)  # from left to right
    has_lift = models.BooleanField(_("有电梯"), null=True, blank=True)

    class Meta:
        ordering = ["building", "position", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["building", "name"],
                name="entrance_name_unique",
                violation_error_message=_("这栋楼已经有这个单元"),
            )
        ]

    def __str__(self) -> str:
        return self.name


class DwellingUse(models.TextChoices):
    """What a dwelling is used for."""

    HOME = "home", _("居住")
    SHOP = "shop", _("店铺")
    OFFICE = "office", _("办公")
    STORE = "store", _("仓储")
    OTHER = "other", _("其他")


class Occupancy(models.TextChoices):
    """Who is in it."""

    OWNER = "owner", _("自住")
    LET = "let", _("出租")
    PUBLIC = "public", _("公房、保障房")
    LENT = "lent", _("借住")
    EMPTY = "empty", _("空置")
    UNKNOWN = "unknown", _("还不清楚")


class Dispute(models.TextChoices):
    """What is not agreed on, so that nobody takes the record for settled."""

    OWNER = "owner", _("产权有争议")
    BOUNDS = "bounds", _("门牌或户型有争议")
    RESIDENTS = "residents", _("住了谁说法不一")


class DwellingQuerySet(VisibleQuerySet):
    """Dwellings, as lists show them."""

    def standing(self) -> "DwellingQuerySet":
        """Those that exist today: not pulled down, not joined with another."""
        return self.filter(ended_on__isnull=True)


class Dwelling(Collected):
    """One door behind which somebody lives or works (户室): the unit of registration (STANDARDS 0.1, 4.3)."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    building = models.ForeignKey(Building, on_delete=models.PROTECT, related_name="dwellings")
    entrance = models.ForeignKey(Entrance, on_delete=models.PROTECT, related_name="dwellings")
    floor = models.SmallIntegerField(_("楼层"))
    door = models.CharField(_("室号"), max_length=20)  # "501", as it stands on the door
    area_code = models.CharField(_("网格或社区"), max_length=17, db_collation="C")  # of the building
    use = models.CharField(_("用途"), max_length=6, choices=DwellingUse, default=DwellingUse.HOME)
    occupancy = models.CharField(_("使用情况"), max_length=7, choices=Occupancy, default=Occupancy.UNKNOWN)
    dispute = models.CharField(_("争议"), max_length=9, choices=Dispute, blank=True, default="")
    area_m2 = models.DecimalField(_("建筑面积（平方米）"), max_digits=8, decimal_places=2, null=True, blank=True)
    ended_on = models.DateField(_("不再存在的日期"), null=True, blank=True)
    changed_at = models.DateTimeField()
    submission_key = models.UUIDField(null=True, blank=True, unique=True, editable=False)  # of the form that made it

    objects = DwellingQuerySet.as_manager()
    RULES = [IN_AREA]

    class Meta:
        ordering = ["building", "entrance", "floor", "door", "id"]
        indexes = [
            models.Index(fields=["area_code", "confirmed_at", "id"], name="dwelling_area_confirmed"),
            models.Index(fields=["building", "entrance", "floor", "door"], name="dwelling_building"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["entrance", "door"],
                condition=Q(ended_on__isnull=True),
                name="dwelling_door_unique",
                violation_error_message=_("这个单元已经有这个室号"),
            ),
            models.CheckConstraint(
                condition=Q(floor__range=(FLOORS_LEAST, FLOORS_MOST)) & ~Q(floor=0) & ~Q(door=""),
                name="dwelling_has_door",
                violation_error_message=_("请写室号和楼层；地下一层写 -1，没有 0 层"),
            ),
            models.CheckConstraint(
                condition=Q(area_m2__isnull=True) | Q(area_m2__gt=0, area_m2__lte=100_000),
                name="dwelling_area_in_bounds",
                violation_error_message=_("面积要大于 0，最多 100000 平方米"),
            ),
            models.CheckConstraint(
                condition=Q(area_code__regex=IN_COMMUNITY),
                name="dwelling_in_a_community",
                violation_error_message=_("户室要落在一个社区或网格里"),
            ),
            models.CheckConstraint(
                condition=Q(confirmed_at__gte=F("collected_at")),
                name="dwelling_confirmed_after_collected",
                violation_error_message=_("核对不会早于登记"),
            ),
        ]

    def __str__(self) -> str:
        return f"dwelling {self.public_id}"

    def access_scope(self) -> Scope:
        """Where it lies."""
        return Scope(self.area_code)
