"""The profiles of communities as they are in use, kept in the process for a minute, and as their editors see them."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from time import monotonic
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Case, IntegerField, OuterRef, Q, Value, When
from django.utils.translation import get_language

from governance.access import areas
from requests_intake.models import Category, CommunityProfile, Offer, ProfileArea, ProfileCategory
from requests_intake.place_words import WORDS, word_of

_CACHE_SECONDS = 60
COMMUNITY = 12  # length of a community's code


@dataclass(frozen=True, slots=True)
class ProfileInUse:
    """A profile as pages ask it: its words, and the codes of categories that it puts first or leaves out."""

    key: str
    name: str
    name_en: str
    words: Mapping[str, Mapping[str, str]]
    first: tuple[str, ...] = ()
    off: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """Name in the language of the page."""
        return self.name_en if self.name_en and get_language() == "en" else self.name

    def word(self, key: str) -> str:
        """Return one of `place_words.WORDS` in the language of the page."""
        return word_of(key, self.words)

    def place_words(self) -> dict[str, str]:
        """Return all words in the language of the page, for templates."""
        return {key: self.word(key) for key in WORDS}

    def offers(self, category: Category) -> bool:
        """Whether an item can be chosen here. What to do in an emergency is told everywhere."""
        return bool(category.stop_text) or not category.code.startswith(self.off or ("-",))

    def arranged(self, categories: Iterable[Category]) -> list[Category]:
        """Return those that can be chosen here in their order, but what comes first here before the others."""
        offered = [category for category in categories if self.offers(category)]
        return sorted(offered, key=lambda one: not one.code.startswith(self.first or ("-",)))

    def arranged_rows(self, categories: Any) -> Any:
        """The same for a queryset of categories."""
        if self.off:
            categories = categories.exclude(_below(self.off), stop_text="")
        if not self.first:
            return categories.order_by("code")
        rank = Case(When(_below(self.first), then=Value(0)), default=Value(1), output_field=IntegerField())
        return categories.order_by(rank, "code")


def _below(codes: Iterable[str]) -> Q:
    found = Q()
    for code in codes:
        found |= Q(code__startswith=code)
    return found


# Where no profile is the default any more, and in a place that is not known: what the portal says itself.
USUAL = ProfileInUse("", "", "", {})


@dataclass(frozen=True, slots=True)
class _Kept:
    default: ProfileInUse
    of_area: Mapping[str, ProfileInUse]


def profile_at(area_code: str) -> ProfileInUse:
    """Return the profile of the community that an area is or lies in; the default one where none is known.

    1 SQL a minute and process; an edit is seen at once by this process, by the others within that minute.
    """
    kept = _kept(int(monotonic() // _CACHE_SECONDS))
    return kept.of_area.get(area_code[:COMMUNITY], kept.default)


@lru_cache(maxsize=2)
def _kept(bucket: int) -> _Kept:
    default, of_area = USUAL, dict[str, ProfileInUse]()
    treated = ProfileCategory.objects.filter(profile=OuterRef("pk")).order_by("category__code")
    rows = CommunityProfile.objects.annotate(
        first=ArraySubquery(treated.filter(offer=Offer.FIRST).values("category__code")),
        off=ArraySubquery(treated.filter(offer=Offer.OFF).values("category__code")),
        areas=ArraySubquery(ProfileArea.objects.filter(profile=OuterRef("pk")).values("area_code")),
    )
    for row in rows:
        profile = ProfileInUse(row.key, row.name, row.name_en, row.words, tuple(row.first), tuple(row.off))
        default = profile if row.is_default else default
        of_area |= dict.fromkeys(row.areas, profile)
    return _Kept(default, of_area)


def profiles_forget() -> None:
    """Forget the kept profiles (after an edit, and in tests)."""
    _kept.cache_clear()


# --- as their editors see them ---


@dataclass(frozen=True, slots=True)
class ProfileLine:
    """A profile in the list: how many communities have it, and what of it differs from the portal's own."""

    profile: CommunityProfile
    communities: int
    words: list[tuple[str, str]]  # what the word is for, the word
    first: list[Category]
    off: list[Category]


@dataclass(frozen=True, slots=True)
class CommunityLine:
    """A community with its profile; `is_own` tells it from the default."""

    code: str
    name: str
    profile: CommunityProfile | None
    is_own: bool


Streets = list[tuple[str, list[CommunityLine]]]


def profile_lines(rows: Iterable[CommunityProfile], streets: Streets) -> list[ProfileLine]:
    """Return the profiles with what they change and how many of the communities have them. 1 SQL."""
    counted = Counter(line.profile.pk for _street, lines in streets for line in lines if line.profile is not None)
    treated = list(ProfileCategory.objects.select_related("category").order_by("category__code"))
    return [
        ProfileLine(
            row,
            counted[row.pk],
            [(str(word.label), word_of(key, row.words)) for key, word in WORDS.items() if key in row.words],
            [one.category for one in treated if one.profile_id == row.pk and one.offer == Offer.FIRST],
            [one.category for one in treated if one.profile_id == row.pk and one.offer == Offer.OFF],
        )
        for row in rows
    ]


def communities_by_street(profiles: Iterable[CommunityProfile]) -> Streets:
    """Return the communities of each sub-district with the profile that holds there. 2 SQL for any number."""
    known = {row.pk: row for row in profiles}
    default = next((row for row in known.values() if row.is_default), None)
    own = dict(ProfileArea.objects.values_list("area_code", "profile_id"))
    streets: dict[str, str] = {}
    found: dict[str, list[CommunityLine]] = {}
    for code, name in areas.below(""):
        if len(code) == COMMUNITY - 3:
            streets[code] = name
        elif len(code) == COMMUNITY:
            profile = known.get(own.get(code, 0), default)
            found.setdefault(code[:-3], []).append(CommunityLine(code, name, profile, code in own))
    return [(streets.get(code, code), found[code]) for code in sorted(found)]


def community_with(profile: CommunityProfile) -> str:
    """Return the code of the first community with this profile, "" where there is none: for the preview. 3 SQL."""
    lines = (line for _street, lines in communities_by_street(CommunityProfile.objects.all()) for line in lines)
    return next((line.code for line in lines if line.profile == profile), "")


def offers_of(profile: CommunityProfile) -> dict[int, str]:
    """Return what a profile does with which category, by primary key. 1 SQL."""
    return dict(ProfileCategory.objects.filter(profile=profile).values_list("category_id", "offer"))
