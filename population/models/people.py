"""People, and which household they live in from when to when. Names and numbers are encrypted, found by blind index.

Not here, and never: religion, political views, health, criminal records, "key persons" (PIPL art. 28, STANDARDS 4.2).
"""

import uuid
from datetime import date

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeBoundary, RangeOperators
from django.db import models
from django.db.models import Exists, F, Func, OuterRef, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from governance.access.rules import Rule, VisibleQuerySet, area_q
from governance.access.viewer import Scope, Viewer
from governance.privacy.fields import BlindIndexField, EncryptedTextField
from population.models.address import IN_COMMUNITY
from population.models.collected import Collected
from population.models.places import IN_AREA, Dwelling
from population.permissions import Capability

NAME_MAX, NUMBER_MAX, PHONE_MAX = 60, 30, 24
FIRST_YEAR = 1850


class Sex(models.TextChoices):
    """GB/T 2261.1."""

    UNKNOWN = "0", pgettext_lazy("sex", "未知")
    MALE = "1", pgettext_lazy("sex", "男")
    FEMALE = "2", pgettext_lazy("sex", "女")
    UNSTATED = "9", pgettext_lazy("sex", "未说明")


class DocumentKind(models.TextChoices):
    """GA/T 517 [GK]: which document a number belongs to."""

    IDENTITY = "111", _("居民身份证")
    REGISTER = "113", _("户口簿")
    RESIDENCE = "553", _("外国人永久居留身份证")
    PASSPORT = "414", _("普通护照")
    HOME_RETURN = "516", _("港澳居民来往内地通行证")
    TAIWAN = "511", _("台湾居民来往大陆通行证")
    PERMIT = "810", _("港澳台居民居住证")
    OTHER = "990", _("其他证件")


def _lives_in_area(viewer: Viewer) -> Q | None:
    areas = area_q(viewer.areas(Capability.VIEW_REGISTRY))
    if areas is None:
        return None
    return Q(Exists(Residency.objects.filter(areas, person=OuterRef("pk"), to_date__isnull=True)))


class Person(Collected):
    """One person. `home` is the dwelling they live in, else the one they are registered in, else the last of both.

    `birth_date` is "yyyy-mm-dd" as text, because it is encrypted; `birth_year` stands beside it in clear for counting.
    The same number is never there twice: two records of one person are merged, and the second then says into which.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = EncryptedTextField(_("姓名"), max_length=NAME_MAX)
    name_index = BlindIndexField(of="name", purpose="population.name", without=r"\s")
    sex = models.CharField(_("性别"), max_length=1, choices=Sex, default=Sex.UNKNOWN)
    birth_date = EncryptedTextField(_("出生日期"), max_length=10, null=True, blank=True)
    birth_year = models.PositiveSmallIntegerField(_("出生年份"), null=True, blank=True)
    document_kind = models.CharField(_("证件类型"), max_length=3, choices=DocumentKind, blank=True, default="")
    document_number = EncryptedTextField(_("证件号码"), max_length=NUMBER_MAX, null=True, blank=True)
    document_index = BlindIndexField(of="document_number", purpose="population.document", without=r"\s", blank=True)
    phone = EncryptedTextField(_("电话"), max_length=PHONE_MAX, null=True, blank=True)
    phone_index = BlindIndexField(of="phone", purpose="population.phone", blank=True)
    died_on = models.DateField(_("死亡日期"), null=True, blank=True)
    merged_into = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    home = models.ForeignKey(Dwelling, on_delete=models.PROTECT, related_name="+")  # lives there, or last did
    area_code = models.CharField(_("网格或社区"), max_length=17, db_collation="C")  # of the home
    changed_at = models.DateTimeField()

    objects = VisibleQuerySet.as_manager()
    RULES = [
        IN_AREA,
        Rule("residency-area", _("户口或住处在您负责登记的区域内"), _lives_in_area),
    ]

    class Meta:
        ordering = ["area_code", "id"]
        indexes = [
            models.Index(fields=["area_code", "id"], name="person_area", condition=Q(merged_into__isnull=True)),
            models.Index(fields=["name_index", "id"], name="person_name"),
            models.Index(fields=["phone_index", "id"], name="person_phone", condition=~Q(phone_index="")),
            models.Index(fields=["area_code", "confirmed_at"], name="person_area_confirmed"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["document_index"],
                condition=~Q(document_index="") & Q(merged_into__isnull=True),
                name="person_document_unique",
                violation_error_message=_("已经有人登记了这个证件号码"),
            ),
            models.CheckConstraint(
                condition=Q(document_number__isnull=True, document_index="", document_kind="")
                | (Q(document_number__isnull=False) & ~Q(document_index="") & ~Q(document_kind="")),
                name="person_document_whole",
                violation_error_message=_("证件要有类型和号码"),
            ),
            models.CheckConstraint(
                condition=Q(phone__isnull=True, phone_index="") | (Q(phone__isnull=False) & ~Q(phone_index="")),
                name="person_phone_findable",
                violation_error_message=_("电话没有看懂"),
            ),
            models.CheckConstraint(
                condition=Q(birth_date__isnull=True, birth_year__isnull=True) | Q(birth_year__range=(FIRST_YEAR, 2200)),
                name="person_birth_in_bounds",
                violation_error_message=_("出生日期没有看懂，请写成 1961-03-05"),
            ),
            models.CheckConstraint(
                condition=Q(merged_into__isnull=True) | ~Q(merged_into=F("id")),
                name="person_merged_into_another",
                violation_error_message=_("一条记录不能并到它自己"),
            ),
            models.CheckConstraint(
                condition=Q(area_code__regex=IN_COMMUNITY),
                name="person_in_a_community",
                violation_error_message=_("人要登记在一个社区或网格里"),
            ),
        ]

    def __str__(self) -> str:
        return f"person {self.public_id}"

    @property
    def born_on(self) -> date | None:
        """The day of birth, where it is known."""
        return date.fromisoformat(self.birth_date) if self.birth_date else None

    def age(self, on: date) -> int | None:
        """Whole years on a day; by the year alone where the day is not known."""
        born = self.born_on
        if born is None:
            return on.year - self.birth_year if self.birth_year is not None else None
        return on.year - born.year - ((on.month, on.day) < (born.month, born.day))

    def access_scope(self) -> Scope:
        """Where they live."""
        return Scope(self.area_code)


class HouseholdKind(models.TextChoices):
    """Family or collective (集体户)."""

    FAMILY = "family", _("家庭户")
    GROUP = "group", _("集体户")


class Household(models.Model):
    """Those who keep house together in a dwelling (户). Several may share one dwelling."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    dwelling = models.ForeignKey(Dwelling, on_delete=models.PROTECT, related_name="households")
    kind = models.CharField(_("户别"), max_length=6, choices=HouseholdKind, default=HouseholdKind.FAMILY)
    number = EncryptedTextField(_("户号"), max_length=NUMBER_MAX, null=True, blank=True)  # of the household register
    area_code = models.CharField(_("网格或社区"), max_length=17, db_collation="C")  # of the dwelling
    formed_on = models.DateField(_("立户日期"))
    ended_on = models.DateField(_("销户日期"), null=True, blank=True)
    changed_at = models.DateTimeField()

    objects = VisibleQuerySet.as_manager()
    RULES = [IN_AREA]

    class Meta:
        ordering = ["dwelling", "formed_on", "id"]
        indexes = [
            models.Index(fields=["dwelling", "formed_on"], name="household_dwelling"),
            models.Index(fields=["area_code", "id"], name="household_area", condition=Q(ended_on__isnull=True)),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_on__isnull=True) | Q(ended_on__gte=F("formed_on")),
                name="household_ends_after_start",
                violation_error_message=_("销户不会早于立户"),
            ),
            models.CheckConstraint(
                condition=Q(area_code__regex=IN_COMMUNITY),
                name="household_in_a_community",
                violation_error_message=_("户要落在一个社区或网格里"),
            ),
        ]

    def __str__(self) -> str:
        return f"household {self.public_id}"

    def access_scope(self) -> Scope:
        """Where its dwelling lies."""
        return Scope(self.area_code)


class Relation(models.TextChoices):
    """To the head of the household: the one-digit codes of GB/T 4761."""

    HEAD = "0", _("户主")
    SPOUSE = "1", _("配偶")
    SON = "2", pgettext_lazy("relation", "子")
    DAUGHTER = "3", pgettext_lazy("relation", "女")
    GRANDCHILD = "4", _("孙辈")
    PARENT = "5", _("父母")
    GRANDPARENT = "6", _("祖父母")
    SIBLING = "7", _("兄弟姐妹")
    OTHER = "8", pgettext_lazy("relation", "其他")


class ResidencyKind(models.TextChoices):
    """On what footing somebody is in a household (实有人口)."""

    REGISTERED = "registered", _("户口在这里")
    USUAL = "usual", _("常住，户口在别处")
    MOBILE = "mobile", _("流动人口")
    ABROAD = "abroad", _("境外人员")


class Purpose(models.TextChoices):
    """What a residency is kept for (PIPL art. 6: a plain purpose for each)."""

    SERVICE = "service", _("提供公共服务")
    REGISTER = "register", _("协助办理户籍、居住登记")
    SAFETY = "safety", _("消防、防汛等应急")


class EndReason(models.TextChoices):
    """Why somebody is no longer in a household."""

    MOVED = "moved", _("搬走了")
    DIED = "died", _("去世")
    SPLIT = "split", _("分户")
    HEAD = "head", _("换户主")
    MISTAKE = "mistake", _("登记有误")
    MERGED = "merged", _("合并重复记录")


def _period() -> Func:
    return Func(F("from_date"), F("to_date"), RangeBoundary(), function="DATERANGE", output_field=DateRangeField())


class ResidencyQuerySet(VisibleQuerySet):
    """Residencies, as lists show them."""

    def current(self) -> "ResidencyQuerySet":
        """Those that go on."""
        return self.filter(to_date__isnull=True)

    def on(self, day: date) -> "ResidencyQuerySet":
        """Those of a day: from `from_date` until the day before `to_date`."""
        return self.filter(Q(to_date__isnull=True) | Q(to_date__gt=day), from_date__lte=day)


class Residency(Collected):
    """A person in a household, from one day until before another (人住在哪户).

    `is_main`: they live here (one place at a time); a registered residency that is not says 户在人不在. A residency
    that never was ends on the day it began and is in no period. Where the head changes, the residencies of the old and
    the new head end that day and go on as new ones: who was head when is read from the periods.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    submission_key = models.UUIDField(null=True, blank=True, unique=True, editable=False)  # of the form that made it
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="residencies")
    household = models.ForeignKey(Household, on_delete=models.PROTECT, related_name="residencies")
    dwelling = models.ForeignKey(Dwelling, on_delete=models.PROTECT, related_name="residencies")  # of the household
    area_code = models.CharField(_("网格或社区"), max_length=17, db_collation="C")  # of the dwelling
    kind = models.CharField(_("居住类型"), max_length=10, choices=ResidencyKind)
    is_main = models.BooleanField(_("人住在这里"), default=True)
    relation = models.CharField(_("与户主的关系"), max_length=1, choices=Relation, default=Relation.OTHER)
    from_date = models.DateField(_("从哪天起"))
    to_date = models.DateField(_("到哪天为止"), null=True, blank=True)
    end_reason = models.CharField(_("原因"), max_length=7, choices=EndReason, blank=True, default="")
    purpose = models.CharField(_("用途"), max_length=8, choices=Purpose, default=Purpose.SERVICE)

    objects = ResidencyQuerySet.as_manager()
    RULES = [IN_AREA]

    class Meta:
        ordering = ["household", "relation", "id"]
        indexes = [
            models.Index(fields=["person", "-from_date"], name="residency_person"),
            models.Index(fields=["household", "relation"], name="residency_household"),
            models.Index(fields=["dwelling", "from_date"], name="residency_dwelling"),
            models.Index(fields=["area_code", "person"], name="residency_area", condition=Q(to_date__isnull=True)),
        ]
        constraints = [
            ExclusionConstraint(
                name="residency_one_main",
                expressions=[("person", RangeOperators.EQUAL), (_period(), RangeOperators.OVERLAPS)],
                condition=Q(is_main=True),
                violation_error_message=_("这个人在这段时间已经住在别处；先写清什么时候搬走"),
            ),
            ExclusionConstraint(
                name="residency_one_head",
                expressions=[("household", RangeOperators.EQUAL), (_period(), RangeOperators.OVERLAPS)],
                condition=Q(relation="0"),
                violation_error_message=_("这户在这段时间已经有户主"),
            ),
            models.CheckConstraint(
                condition=Q(to_date__isnull=True, end_reason="")
                | (Q(to_date__isnull=False, to_date__gte=F("from_date")) & ~Q(end_reason="")),
                name="residency_ends_after_start",
                violation_error_message=_("搬走不会早于搬来，并且要写原因"),
            ),
            models.CheckConstraint(
                condition=Q(area_code__regex=IN_COMMUNITY),
                name="residency_in_a_community",
                violation_error_message=_("居住登记要落在一个社区或网格里"),
            ),
        ]

    def __str__(self) -> str:
        return f"residency {self.public_id}"

    def access_scope(self) -> Scope:
        """Where the dwelling lies."""
        return Scope(self.area_code)


class Ownership(Collected):
    """Who owns how much of a dwelling, from when to when: a person or a legal entity, by shares (产权份额)."""

    dwelling = models.ForeignKey(Dwelling, on_delete=models.PROTECT, related_name="ownerships")
    person = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="ownerships")
    entity = models.ForeignKey(
        "population.LegalEntity", null=True, blank=True, on_delete=models.PROTECT, related_name="ownerships"
    )
    share = models.PositiveIntegerField(_("份额"), default=1)  # share / of, an exact fraction
    of = models.PositiveIntegerField(_("总份额"), default=1)
    from_date = models.DateField(_("从哪天起"))
    to_date = models.DateField(_("到哪天为止"), null=True, blank=True)

    class Meta:
        ordering = ["dwelling", "from_date", "id"]
        indexes = [models.Index(fields=["dwelling", "from_date"], name="ownership_dwelling")]
        constraints = [
            models.CheckConstraint(
                condition=Q(person__isnull=False, entity__isnull=True) | Q(person__isnull=True, entity__isnull=False),
                name="ownership_of_one",
                violation_error_message=_("产权人是一个人，或者一个单位"),
            ),
            models.CheckConstraint(
                condition=Q(share__gte=1, of__gte=1, share__lte=F("of")),
                name="ownership_share_in_bounds",
                violation_error_message=_("份额要在 0 和 1 之间，例如 1/2"),
            ),
            models.CheckConstraint(
                condition=Q(to_date__isnull=True) | Q(to_date__gte=F("from_date")),
                name="ownership_ends_after_start",
                violation_error_message=_("产权结束不会早于开始"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.share}/{self.of} of {self.dwelling_id}"
