"""Lengthening a grant, and how many days before its end people are reminded."""

import re
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from governance.access.models import Grant, ReminderPolicy
from governance.administration.fields import reason_field
from governance.administration.forms import FOR_A_YEAR, MOMENT, NOT_UNDERSTOOD

_DAYS_WRONG = _("天数没有看懂，请写成 14、3")


class ExtendForm(forms.Form):
    """Until when, and why; a year more is proposed, for a stand-in as long as the colleague's own grant lasts."""

    ends_at = forms.DateTimeField(
        label=_("延到什么时候"),
        required=False,
        help_text=_("空着就是一直有效，直到有人结束它"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format=MOMENT),
        error_messages={"invalid": NOT_UNDERSTOOD},
    )
    reason = reason_field(
        _("为什么延期"),
        missing=_("请写明为什么延期，以后查起来才清楚"),
        help_text=_("进入记录，例如：借调再延半年"),
    )

    def __init__(self, data: QueryDict | None, *, grant: Grant, at: datetime) -> None:
        until = max(grant.ends_at or at, at) + (timedelta(days=7) if grant.stands_in_for_id else FOR_A_YEAR)
        own = grant.stands_in_for.ends_at if grant.stands_in_for else None
        super().__init__(data, initial={"ends_at": timezone.localtime(min(until, own) if own else until)})
        if grant.stands_in_for_id:
            self.fields["ends_at"].help_text = _("代班要有结束时间，不能晚于同事自己的授权")


class ReminderForm(forms.Form):
    """The days, as people write them: 14、3."""

    days = forms.CharField(
        label=_("到期前几天提醒"),
        max_length=40,
        help_text=_("几个天数用顿号隔开，例如 14、3；每项授权在每个天数提醒一次，提醒本人和能给它延期的人"),
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
        error_messages={"required": _DAYS_WRONG},
    )
    reason = reason_field(_("为什么改"), missing=_("请写明为什么改，以后查起来才清楚"))
    seen = forms.DateTimeField(required=False, widget=forms.HiddenInput)

    @staticmethod
    def of(row: ReminderPolicy) -> dict[str, Any]:
        """What the form shows of the policy as it is."""
        return {
            "days": gettext("、").join(map(str, row.days)),
            "seen": row.changed_at.isoformat() if row.changed_at else "",
        }

    def clean_days(self) -> list[int]:
        """Return the numbers."""
        words = [word for word in re.split(r"[、，,；;\s]+", self.cleaned_data["days"]) if word]
        if not words or not all(word.isascii() and word.isdigit() and len(word) < 5 for word in words):
            raise forms.ValidationError(_DAYS_WRONG)
        return [int(word) for word in words]
