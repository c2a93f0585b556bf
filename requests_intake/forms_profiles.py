"""Forms of community profiles; what words and items may be is the services' rule."""

from collections.abc import Iterable, Iterator
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from requests_intake.forms_office_settings import SettingForm
from requests_intake.models import Category, CommunityProfile, Offer
from requests_intake.place_words import WORDS

_AS_ELSEWHERE = ("", _("照目录"))


class ProfileForm(SettingForm):
    """Words in both languages, what becomes of each item, and who confirms it."""

    def __init__(
        self, data: Any = None, *, row: CommunityProfile, categories: Iterable[Category], offers: dict[int, str]
    ) -> None:
        self.categories = [one for one in categories if not one.stop_text]
        self.offers = offers
        super().__init__(data, row=row)
        common = {name: self.fields.pop(name) for name in list(self.fields)}
        for key, word in WORDS.items():
            usual = _("不写就用：%(word)s") % {"word": word.usual}
            chinese = forms.TextInput(attrs={"lang": "zh-Hans"})
            self.fields[f"{key}_zh"] = forms.CharField(
                label=str(word.label), required=False, help_text=usual, widget=chinese
            )
            self.fields[f"{key}_en"] = forms.CharField(
                label=_("英文"), required=False, widget=forms.TextInput(attrs={"lang": "en"})
            )
        for one in self.categories:
            self.fields[f"offer_{one.pk}"] = forms.ChoiceField(
                label=one.label, required=False, choices=[_AS_ELSEWHERE, *Offer.choices]
            )
        self.fields |= common

    def initial_of(self, row: Any) -> dict[str, Any]:
        """The profile's own words and items."""
        words = {f"{key}_{language}": text for key, said in row.words.items() for language, text in said.items()}
        return super().initial_of(row) | words | {f"offer_{pk}": offer for pk, offer in self.offers.items()}

    def pairs(self) -> Iterator[tuple[Any, Any]]:
        """The fields of each word, Chinese and English."""
        return ((self[f"{key}_zh"], self[f"{key}_en"]) for key in WORDS)

    def themes(self) -> list[tuple[Category, list[tuple[Category, Any]], int]]:
        """Each theme with the fields of all that is in it, itself the first, and how many are set."""
        found: dict[str, list[tuple[Category, Any]]] = {}
        for one in self.categories:
            found.setdefault(one.code[:2], []).append((one, self[f"offer_{one.pk}"]))
        return [(rows[0][0], rows, sum(bool(field.value()) for _one, field in rows)) for rows in found.values()]

    def values(self) -> dict[str, Any]:
        """What the service takes."""
        cleaned = self.cleaned_data
        return {
            "words": {key: (cleaned[f"{key}_zh"], cleaned[f"{key}_en"]) for key in WORDS},
            "offers": {one.pk: offer for one in self.categories if (offer := cleaned[f"offer_{one.pk}"])},
            "is_confirmed": cleaned["is_confirmed"],
            "reason": cleaned["reason"],
            "seen": cleaned["seen"],
        }
