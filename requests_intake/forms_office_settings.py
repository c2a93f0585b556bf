"""Forms of the limits, texts and rungs that an office makes its own; the bounds are the services' rules."""

import re
from datetime import datetime
from typing import Any

from django import forms
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from requests_intake.models.office_settings import OfficeSetting
from requests_intake.selectors.office_settings import role_names
from requests_intake.selectors.policies import UNIT_CHOICES
from requests_intake.services.office_settings import FIXED_UNITS

_WHOLE = {"invalid": _("请写一个整数")}


class SettingForm(forms.Form):
    """What every such form has: the tick of the office, the reason, and which state of the row was read."""

    is_confirmed = forms.BooleanField(
        label=_("本单位已核实"),
        required=False,
        help_text=_("勾上以后不再标“待核实”。谁在什么时候勾的，留在记录里。"),
    )
    reason = forms.CharField(
        label=_("为什么改"),
        required=False,
        help_text=_("进入记录，以后查得到"),
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, row: OfficeSetting) -> None:
        super().__init__(data, initial=self.initial_of(row))
        for name in ("is_confirmed", "reason"):
            self.fields[name] = self.fields.pop(name)  # after what is changed

    def initial_of(self, row: OfficeSetting) -> dict[str, Any]:
        """What the row says now."""
        values = {name: getattr(row, name) for name in self.base_fields if name != "reason" and hasattr(row, name)}
        return values | {"seen": row.changed_at.isoformat() if row.changed_at else ""}

    def clean_seen(self) -> datetime | None:
        """The moment of the change that was read; what is no moment matches none."""
        try:
            return parse_datetime(self.cleaned_data["seen"])
        except ValueError:
            return None


class TurnLimitForm(SettingForm):
    """How long a turn may take."""

    amount = forms.IntegerField(
        label=_("多少"), required=False, error_messages=_WHOLE, widget=forms.NumberInput(attrs={"class": "a-amount"})
    )
    unit = forms.ChoiceField(label=_("怎么算"), required=False, choices=UNIT_CHOICES)

    def __init__(self, data: Any = None, *, row: Any) -> None:
        super().__init__(data, row=row)
        if row.key in FIXED_UNITS:
            del self.fields["unit"]


class ReasonTextForm(SettingForm):
    """What a resident is told."""

    text = forms.CharField(label=_("中文"), required=False, strip=False, widget=forms.Textarea(attrs={"rows": 5}))
    text_en = forms.CharField(
        label=_("英文"), required=False, strip=False, widget=forms.Textarea(attrs={"rows": 5, "lang": "en"})
    )


class RiskWordsForm(SettingForm):
    """Words that mean danger."""

    words = forms.CharField(
        label=_("危险的词"),
        required=False,
        help_text=_("用空格隔开。诉求里写着其中一个，就马上叫值班的人。"),
        widget=forms.Textarea(attrs={"rows": 5, "lang": "zh-Hans"}),
    )

    def initial_of(self, row: Any) -> dict[str, Any]:
        """As the row, the words on a line."""
        return super().initial_of(row) | {"words": " ".join(row.words)}

    def clean_words(self) -> list[str]:
        """Words between spaces or commas."""
        return [word for word in re.split(r"[\s,;\u3001\uff0c\uff1b]+", self.cleaned_data["words"]) if word]


class RungForm(SettingForm):
    """When a rung is reached, and who hears of it."""

    name = forms.CharField(label=_("名称"), required=False)
    name_en = forms.CharField(label=_("英文名称"), required=False, widget=forms.TextInput(attrs={"lang": "en"}))
    percent = forms.IntegerField(
        label=_("时间用掉百分之几"),
        required=False,
        error_messages=_WHOLE,
        widget=forms.NumberInput(attrs={"class": "a-amount"}),
    )
    hours_after = forms.IntegerField(
        label=_("超期几小时"),
        required=False,
        error_messages=_WHOLE,
        widget=forms.NumberInput(attrs={"class": "a-amount"}),
    )
    role = forms.ChoiceField(label=_("提醒谁"), required=False)

    def __init__(self, data: Any = None, *, row: Any) -> None:
        super().__init__(data, row=row)
        del self.fields["percent" if row.share is None else "hours_after"]
        self.fields["role"].choices = list(role_names().items())  # type: ignore[attr-defined]

    def initial_of(self, row: Any) -> dict[str, Any]:
        """As the row, the share in per cent."""
        return super().initial_of(row) | {"percent": round(row.share * 100) if row.share is not None else None}
