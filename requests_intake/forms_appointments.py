"""Forms of appointments."""

from datetime import date, datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from governance.web.forms import IdempotencyField, SignedTimeTrapField
from requests_intake.forms import ShortAnswers, phone_of
from requests_intake.models import ServiceWindow
from requests_intake.selectors.appointments import DayChoice

_INVALID = {"invalid_choice": _("没有这一项，请从列表里选")}


class Times(ShortAnswers):
    """Many times of a day, several beside each other."""

    def __init__(self, attrs: Any = None, choices: Any = ()) -> None:
        super().__init__({"class": "w-slots", **(attrs or {})}, choices)


class SlotForm(forms.Form):
    """A day, chosen by a button of its own, and a time on it."""

    day = forms.CharField(required=False, widget=forms.HiddenInput)
    starts_at = forms.ChoiceField(label=_("几点来"), required=False, widget=Times, error_messages=_INVALID)

    def __init__(self, data: Any = None, *, days: list[DayChoice], initial: Any = None) -> None:
        super().__init__(data, initial=initial)
        self.days = days
        wanted = str(self["day"].value() or "")
        self.chosen = next((one for one in days if one.day.isoformat() == wanted), None)
        if self.chosen is None:
            self.chosen = next((one for one in days if one.free), days[0] if days else None)
        free = [slot for slot in self.chosen.slots if slot.free] if self.chosen is not None else []
        self.fields["starts_at"].choices = [  # type: ignore[attr-defined]
            (slot.start.isoformat(), f"{timezone.localtime(slot.start):%-H:%M}") for slot in free
        ]

    @property
    def chosen_day(self) -> date | None:
        """The day whose times are shown."""
        return self.chosen.day if self.chosen is not None else None

    def clean_starts_at(self) -> datetime | None:
        """The moment that was chosen."""
        return parse_datetime(self.cleaned_data["starts_at"]) if self.cleaned_data["starts_at"] else None


class BookForm(SlotForm):
    """Who comes, and what for."""

    subject = forms.ChoiceField(label=_("来办什么"), required=False, error_messages=_INVALID)
    name = forms.CharField(
        label=_("怎么称呼您"),
        required=False,
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"max_length": _("称呼太长了，最多 40 个字")},
    )
    phone = forms.CharField(
        label=_("电话"),
        help_text=_("编号和提醒用短信发到手机；预约过去以后，过一阵就删掉。"),
        required=False,
        max_length=30,
        widget=forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel"}),
        error_messages={"max_length": _("这个电话太长了，请检查一下")},
    )
    email = forms.EmailField(
        label=_("邮箱（可不填）"),
        help_text=_("填了，消息发到邮箱，不发短信。"),
        required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        error_messages={"invalid": _("邮箱没有看懂，请写成 name@example.com 这样")},
    )
    shown = SignedTimeTrapField()
    submission_key = IdempotencyField()

    def __init__(self, data: Any = None, *, window: ServiceWindow, days: list[DayChoice], initial: Any = None) -> None:
        super().__init__(data, days=days, initial=initial)
        if window.subjects:
            english = get_language() == "en"
            pairs = [(pair[0], pair[1] if english and pair[1] else pair[0]) for pair in window.subjects]
            self.fields["subject"].choices = [("", _("请选")), *pairs]  # type: ignore[attr-defined]
        else:
            del self.fields["subject"]

    def clean_phone(self) -> str:
        """Digits of a mobile or landline number."""
        return phone_of(str(self.cleaned_data["phone"]))


class CancelForm(forms.Form):
    """Why the office cancels: those who booked read it."""

    reason = forms.CharField(
        label=_("为什么取消"),
        help_text=_("对方会在消息里看到这句话。"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class AppointmentRevealForm(forms.Form):
    """Why somebody needs the name and the number."""

    purpose = forms.ChoiceField(
        label=_("为什么要看"),
        choices=[("appointment_contact", _("预约有变动，要告诉对方")), ("appointment_identify", _("核对来的人"))],
        error_messages={"required": _("请选为什么要看号码")},
    )
