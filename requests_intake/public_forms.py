"""Forms of the public pages. The filter is a GET form: an address with it is a list, a map, a feed."""

import re
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from governance.access import areas
from governance.text.words import bigrams
from requests_intake.models import Category, RequestKind
from requests_intake.selectors.public import STATES, PublicQuery

WORDS_MAX = 100
PERIODS = (("7", _("近 7 天")), ("30", _("近 30 天")), ("90", _("近 90 天")), ("365", _("近一年")), ("", _("不限时间")))
_AREA = re.compile(r"[0-9A-Z]{6}(?:[0-9A-Z]{3}){0,3}")
_COMMUNITY_LENGTH = 12


class PublicFilterForm(forms.Form):
    """Which released requests: words, kind of matter, category, area, state, period. All may be left open."""

    q = forms.CharField(
        label=_("找一件事"),
        required=False,
        max_length=WORDS_MAX,
        widget=forms.TextInput(attrs={"type": "search"}),
        error_messages={"max_length": _("太长了，写几个要紧的词就行（最多 100 个字）")},
    )
    category = forms.ChoiceField(label=_("哪一类"), required=False)
    area = forms.ChoiceField(label=_("哪里"), required=False)
    kind = forms.ChoiceField(
        label=_("为了什么"),
        required=False,
        choices=[("", _("都看")), *(choice for choice in RequestKind.choices if choice[0] != RequestKind.TIP_OFF)],
    )
    state = forms.ChoiceField(label=_("办到哪了"), required=False, choices=[("", _("都看")), *STATES])
    period = forms.ChoiceField(label=_("什么时候公开的"), required=False, choices=PERIODS)

    def __init__(self, data: QueryDict) -> None:
        super().__init__(data)
        self.fields["category"].choices = _categories()  # type: ignore[attr-defined]
        self.fields["area"].choices = area_choices(data.get("area", ""))  # type: ignore[attr-defined]
        for field in self.fields.values():
            field.error_messages.setdefault("invalid_choice", _("没有这一项，请从列表里选"))
            if isinstance(field, forms.ChoiceField):
                field.error_messages["invalid_choice"] = _("没有这一项，请从列表里选")

    def clean_q(self) -> str:
        """One character is in every text: two at least."""
        q = " ".join(str(self.cleaned_data["q"]).split())
        if q and not any(len(piece) > 1 for piece in bigrams(q)):
            raise forms.ValidationError(_("请至少写两个字，才找得准"))
        return q

    def query(self) -> PublicQuery:
        """What was understood; a field that was not is left open, and its message stands beside it."""
        self.is_valid()
        cleaned = self.cleaned_data
        return PublicQuery(
            words=cleaned.get("q", ""),
            category=cleaned.get("category", ""),
            area=cleaned.get("area", ""),
            kind=cleaned.get("kind", ""),
            state=cleaned.get("state", ""),
            days=int(cleaned.get("period") or 0),
        )


def _categories() -> list[tuple[str, Any]]:
    """First and second level of the catalogue: 1 SQL."""
    rows = Category.objects.filter(is_active=True, code__regex=r"^\d{2}(\d{2})?$").order_by("code")
    return [("", _("全部种类")), *((row.code, f"{'　' if row.level > 1 else ''}{row.label}") for row in rows)]


def area_choices(wanted: str) -> list[tuple[str, Any]]:
    """Sub-districts and communities, and the grid that the address names: 1 SQL."""
    below = areas.below("")
    names = dict(below)
    choices: list[tuple[str, Any]] = [("", _("全区"))]
    for code, name in below:
        if 6 < len(code) <= _COMMUNITY_LENGTH:
            choices.append((code, f"{'　' if len(code) > 9 else ''}{name}"))
        elif code == wanted and _AREA.fullmatch(code):
            choices.append((code, f"{names.get(code[:_COMMUNITY_LENGTH], '')} {name}".strip()))
    return choices


class FollowForm(forms.Form):
    """An e-mail address to tell news to."""

    email = forms.EmailField(
        label=_("您的邮箱"),
        help_text=_("先发一封确认信，您点了才算数。随时可以退订，不作别的用。"),
        max_length=200,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        error_messages={
            "required": _("请写邮箱，我们才发得到"),
            "invalid": _("邮箱没有看懂，请写成 name@example.com 这样"),
            "max_length": _("这个邮箱太长了，请检查一下"),
        },
    )
