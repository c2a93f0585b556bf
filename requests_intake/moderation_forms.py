"""Forms of moderation: they parse and coerce; the rules are in the services."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from requests_intake.models import PublicReason
from requests_intake.services.moderation import AREAS_MAX

# Reasons that nobody chooses: what happens to the request brings them about.
BY_ITSELF = (PublicReason.MERGED, PublicReason.WITHDRAWN)


class ReleaseForm(forms.Form):
    """The public words, and why they differ."""

    title = forms.CharField(label=_("公开的标题"), required=False, strip=False)
    body = forms.CharField(label=_("公开的内容"), required=False, strip=False, widget=forms.Textarea(attrs={"rows": 7}))
    reply = forms.CharField(
        label=_("公开的答复"),
        help_text=_("办理单位的答复，随诉求一起公开。还没有答复就空着。"),
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    reason = forms.ChoiceField(
        label=_("为什么改、为什么不公开"),
        help_text=_("改了居民的话、不公开或收回的时候要选，会告诉居民。"),
        required=False,
        choices=[("", _("没有改")), *(choice for choice in PublicReason.choices if choice[0] not in BY_ITSELF)],
    )
    note = forms.CharField(label=_("再跟居民说一句"), required=False, widget=forms.Textarea(attrs={"rows": 2}))
    version = forms.IntegerField(widget=forms.HiddenInput)
    answer = forms.IntegerField(required=False, widget=forms.HiddenInput)


class CoverForm(forms.Form):
    """Rectangles in hundredths of the picture: by numbers, which a script fills in from the pointer."""

    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for number in range(AREAS_MAX):
            for side in ("left", "top", "width", "height"):
                self.fields[f"{side}_{number}"] = forms.FloatField(
                    label=_SIDES[side],
                    required=False,
                    min_value=0,
                    max_value=100,
                    widget=forms.NumberInput(attrs={"step": "0.1", "inputmode": "decimal", "data-side": side}),
                    error_messages={
                        "invalid": _("请填 0 到 100 的数"),
                        "min_value": _("请填 0 到 100 的数"),
                        "max_value": _("请填 0 到 100 的数"),
                    },
                )

    def rows(self) -> list[tuple[int, list[Any]]]:
        """The fields of each rectangle, numbered from 1."""
        sides = ("left", "top", "width", "height")
        return [(number + 1, [self[f"{side}_{number}"] for side in sides]) for number in range(AREAS_MAX)]

    def clean(self) -> dict[str, Any]:
        """A rectangle has all four numbers or none."""
        cleaned = super().clean() or {}
        areas = []
        for number in range(AREAS_MAX):
            values = [cleaned.get(f"{side}_{number}") for side in ("left", "top", "width", "height")]
            if any(value is None for value in values) and any(value is not None for value in values):
                missing = next(side for side, value in zip(_SIDES, values, strict=True) if value is None)
                if not self.errors.get(f"{missing}_{number}"):
                    self.add_error(f"{missing}_{number}", _("这个框的四个数要填全，或者都空着"))
            elif values[0] is not None:
                areas.append(tuple(values))
        cleaned["areas"] = areas
        return cleaned


_SIDES = {"left": _("左 %"), "top": _("上 %"), "width": _("宽 %"), "height": _("高 %")}
