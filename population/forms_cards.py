"""Forms on the cards of the registry."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from governance.text import clean_text, mask_personal_data
from population.purposes import OTHER, PURPOSES

WORDS_MAX = 40  # with the code before them they fit into the access log


class PersonRevealForm(forms.Form):
    """Why somebody has to see a person in the clear: a purpose, and words where no purpose fits."""

    purpose = forms.ChoiceField(
        label=_("为什么要看"),
        choices=list(PURPOSES.items()),
        widget=forms.RadioSelect,
        error_messages={"required": _("请选为什么要看"), "invalid_choice": _("请选为什么要看")},
    )
    words = forms.CharField(
        label=_("说明"),
        required=False,
        max_length=WORDS_MAX,
        help_text=_("本人查得到谁看过、为什么。不写姓名和号码。"),
    )

    def clean(self) -> dict[str, Any]:
        """Words stand in the log without names and numbers; "other" needs them."""
        data = super().clean() or {}
        data["words"] = mask_personal_data(clean_text(data.get("words", ""), multiline=False)).strip()
        if data.get("purpose") == OTHER and not data["words"]:
            self.add_error("words", _("请写一句为什么要看"))
        return data

    def as_logged(self) -> str:
        """What the access log keeps: the code of the purpose, or the words where there are any."""
        words: str = self.cleaned_data["words"]
        return words or str(self.cleaned_data["purpose"])
