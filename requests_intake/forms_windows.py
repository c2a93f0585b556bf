"""Forms of the directory of service windows."""

from datetime import datetime
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from governance.access.viewer import Viewer
from governance.errors import DomainError
from governance.web.forms import add_domain_error
from requests_intake.models import ServiceWindow
from requests_intake.opening import WEEKDAYS, parse_special_days, parse_stretches, stretches_text
from requests_intake.public_forms import WORDS_MAX, area_choices
from requests_intake.selectors.windows import areas_for_windows, organisations_with_windows
from requests_intake.services.windows import WindowDraft, special_days_of, week_of

_LANG = {"lang": "en"}
_WHOLE = {"invalid": _("请写一个整数")}


class WindowFilterForm(forms.Form):
    """Which windows: words and area, both may be left open."""

    q = forms.CharField(
        label=_("要办什么"),
        required=False,
        max_length=WORDS_MAX,
        widget=forms.TextInput(attrs={"type": "search"}),
        error_messages={"max_length": _("太长了，写几个要紧的词就行（最多 100 个字）")},
    )
    area = forms.ChoiceField(
        label=_("住在哪里"), required=False, error_messages={"invalid_choice": _("没有这一项，请从列表里选")}
    )

    def __init__(self, data: QueryDict) -> None:
        super().__init__(data)
        self.fields["area"].choices = area_choices(data.get("area", ""))  # type: ignore[attr-defined]


class WindowForm(forms.Form):
    """Everything said of a window; each weekday's hours as people write them."""

    organisation = forms.ChoiceField(label=_("哪个单位的"), required=False)
    name = forms.CharField(label=_("窗口名称"), required=False)
    name_en = forms.CharField(label=_("英文名称"), required=False, widget=forms.TextInput(attrs=_LANG))
    services = forms.CharField(
        label=_("能办什么"),
        help_text=_("用居民的话写：办居住证、老年证，交医保。"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    services_en = forms.CharField(
        label=_("能办什么（英文）"), required=False, widget=forms.Textarea(attrs={"rows": 3, **_LANG})
    )
    address = forms.CharField(label=_("在哪里"), required=False)
    address_en = forms.CharField(label=_("在哪里（英文）"), required=False, widget=forms.TextInput(attrs=_LANG))
    area_code = forms.ChoiceField(label=_("列在哪个地方下面"), required=False)
    phones = forms.CharField(
        label=_("电话"),
        help_text=_("一行一个"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "inputmode": "tel"}),
    )
    access = forms.CharField(
        label=_("轮椅、听不见、看不清的人怎么来"),
        help_text=_("比如：门口有坡道；电梯到三楼；周三上午有手语。"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    access_en = forms.CharField(
        label=_("同上（英文）"), required=False, widget=forms.Textarea(attrs={"rows": 2, **_LANG})
    )
    open_on_holidays = forms.BooleanField(
        label=_("法定节假日也照常开"),
        help_text=_("不勾：节假日不开；调休上班的周末，按工作日的时间开。都以工作日历为准。"),
        required=False,
    )
    slot_minutes = forms.IntegerField(
        label=_("一次约多少分钟"),
        help_text=_("空着：这个窗口不预约"),
        required=False,
        error_messages=_WHOLE,
        widget=forms.NumberInput(attrs={"class": "a-amount"}),
    )
    slot_seats = forms.IntegerField(
        label=_("同一时间约几个人"),
        required=False,
        initial=1,
        error_messages=_WHOLE,
        widget=forms.NumberInput(attrs={"class": "a-amount"}),
    )
    book_from_days = forms.IntegerField(
        label=_("从几天后起"),
        help_text=_("0 是当天也能约"),
        required=False,
        initial=1,
        error_messages=_WHOLE,
        widget=forms.NumberInput(attrs={"class": "a-amount"}),
    )
    book_until_days = forms.IntegerField(
        label=_("到几天后为止"),
        required=False,
        initial=14,
        error_messages=_WHOLE,
        widget=forms.NumberInput(attrs={"class": "a-amount"}),
    )
    cutoff_hours = forms.IntegerField(
        label=_("提前几小时截止预约和改期"),
        required=False,
        initial=2,
        error_messages=_WHOLE,
        widget=forms.NumberInput(attrs={"class": "a-amount"}),
    )
    subjects = forms.CharField(
        label=_("能约来办什么"),
        help_text=_("一行一项，先写中文，竖线“|”后面写英文。空着：不问。"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    special_days = forms.CharField(
        label=_("哪几天不一样"),
        help_text=_(
            "一行一天：日期、那天的时间、为什么，竖线“|”后面写英文。没有时间就是那天不开，"
            "比如：2026-12-31 盘点 | stocktaking"
        ),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    position = forms.IntegerField(
        label=_("排第几"),
        help_text=_("同一个地方的，数字小的在前"),
        required=False,
        initial=0,
        error_messages=_WHOLE,
        widget=forms.NumberInput(attrs={"class": "a-amount"}),
    )
    is_active = forms.BooleanField(label=_("在用（不勾，居民就看不到）"), required=False, initial=True)
    reason = forms.CharField(
        label=_("为什么改"),
        help_text=_("进入记录，以后查得到"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any, *, viewer: Viewer, window: ServiceWindow | None = None) -> None:
        super().__init__(data, initial=_initial(window) if window is not None else {})
        self.organisations = {str(one.pk): one for one in organisations_with_windows(viewer)}
        offices = [("", _("请选")), *((key, one.label) for key, one in self.organisations.items())]
        self.fields["organisation"].choices = offices  # type: ignore[attr-defined]
        places = [("", _("和单位一样")), *areas_for_windows(viewer)]
        if window is not None and window.area_code not in dict(places):
            places.append((window.area_code, window.area_code))
        self.fields["area_code"].choices = places  # type: ignore[attr-defined]
        for field in ("organisation", "area_code"):
            self.fields[field].error_messages["invalid_choice"] = _("没有这一项，请从列表里选")
        week = week_of(window) if window is not None else {}
        for weekday, name in enumerate(WEEKDAYS):
            self.fields[f"day{weekday}"] = forms.CharField(
                label=_(name),
                required=False,
                max_length=80,
                initial=stretches_text(week.get(weekday, [])),
                widget=forms.TextInput(attrs={"autocomplete": "off"}),
                error_messages={"max_length": _("太长了")},
            )
        if window is None:
            del self.fields["reason"], self.fields["seen"]

    @property
    def days(self) -> list[Any]:
        """The fields of the weekdays, in order."""
        return [self[f"day{weekday}"] for weekday in range(7)]

    def clean(self) -> dict[str, Any]:
        """Read the hours; what cannot be read is told beside its day."""
        cleaned = super().clean() or self.cleaned_data
        hours = {}
        for weekday in range(7):
            field = f"day{weekday}"
            try:
                hours[weekday] = parse_stretches(cleaned.get(field, ""), field=field)
            except DomainError as error:
                add_domain_error(self, error)
        cleaned["hours"] = hours
        try:
            cleaned["special_days"] = parse_special_days(cleaned.get("special_days", ""), field="special_days")
        except DomainError as error:
            add_domain_error(self, error)
        return cleaned

    def draft(self) -> WindowDraft:
        """What a valid form says."""
        said = {name: self.cleaned_data[name] for name in WindowDraft.__slots__ if name in self.cleaned_data}
        said["organisation"] = self.organisations.get(self.cleaned_data["organisation"])
        lines = self.cleaned_data["subjects"].replace("\uff5c", "|").splitlines()
        said["subjects"] = [line.split("|")[:2] for line in lines if line.strip()]
        said["phones"] = self.cleaned_data["phones"].splitlines()
        return WindowDraft(**said)

    def clean_seen(self) -> datetime | None:
        """The moment of the change that was read; what is no moment matches none."""
        try:
            return parse_datetime(self.cleaned_data["seen"])
        except ValueError:
            return None


def _initial(window: ServiceWindow) -> dict[str, Any]:
    names = set(WindowDraft.__slots__) - {"organisation", "hours", "phones", "subjects", "special_days"}
    today = timezone.localdate()
    coming = [one.text for one in special_days_of(window) if one.day >= today]  # what is over goes with the next change
    return {name: getattr(window, name) for name in names} | {
        "organisation": str(window.organisation_id),
        "phones": "\n".join(window.phones),
        "subjects": "\n".join(" | ".join(filter(None, pair)) for pair in window.subjects),
        "special_days": "\n".join(coming),
        "seen": window.changed_at.isoformat(),
    }
