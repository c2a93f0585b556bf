"""What kind of community a place lies in: it says things its own way, and some items do not arise there."""

from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from requests_intake.models.catalogue import Category
from requests_intake.models.office_settings import OfficeSetting


class CommunityProfile(OfficeSetting):
    """A kind of community: estate (商品房小区), old estate (老旧小区), village (村).

    `words` holds what it calls things otherwise than the portal does: key of `place_words.WORDS` -> {"zh", "en"}.
    Communities without a profile of their own have the one that is the default.
    """

    key = models.SlugField(max_length=20, unique=True)
    name = models.CharField(max_length=20)
    name_en = models.CharField(max_length=40)
    words = models.JSONField(default=dict, blank=True)
    is_default = models.BooleanField(default=False)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["is_default"],
                condition=Q(is_default=True),
                name="profile_one_default",
                violation_error_message=_("全区默认的社区类型只有一个"),
            )
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """Name in the language of the page."""
        return self.name_en if self.name_en and get_language() == "en" else self.name


class Offer(models.TextChoices):
    """What a profile does with an item, and with all items below a group."""

    FIRST = "first", _("排在前面")
    OFF = "off", _("不提供")


class ProfileCategory(models.Model):
    """An item or group of the catalogue that a profile treats otherwise than the catalogue does."""

    profile = models.ForeignKey(CommunityProfile, on_delete=models.CASCADE, related_name="categories")
    category = models.ForeignKey(Category, on_delete=models.CASCADE, related_name="+")
    offer = models.CharField(max_length=5, choices=Offer)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["profile", "category"],
                name="profile_category_once",
                violation_error_message=_("这个事项已经设过了"),
            )
        ]

    def __str__(self) -> str:
        return f"{self.profile_id}: {self.category_id} {self.offer}"


class ProfileArea(models.Model):
    """The profile of one community, by its code."""

    area_code = models.CharField(max_length=12, primary_key=True, db_collation="C")
    profile = models.ForeignKey(CommunityProfile, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(area_code__regex=r"^[0-9A-Z]{12}$"),
                name="profile_of_a_community",
                violation_error_message=_("社区类型只能给社区和村"),
            )
        ]

    def __str__(self) -> str:
        return f"{self.area_code}: {self.profile_id}"
