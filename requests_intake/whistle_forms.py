"""Forms of the whistle; the rules are in its services."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from governance.organisations.models import Organisation
from requests_intake.forms import ShortAnswers
from requests_intake.turn_forms import words

MOMENT = "%Y-%m-%dT%H:%M"


def moment(label: Any, *, help_text: Any = "") -> forms.DateTimeField:
    """A day and a time of the clock; whether it may stay empty is the service's rule."""
    return forms.DateTimeField(
        label=label,
        help_text=help_text,
        required=False,
        input_formats=[MOMENT, "%Y-%m-%d %H:%M"],
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format=MOMENT),
        error_messages={"invalid": _("时间没有看懂，请写成 2026-12-01 14:30 这样")},
    )


class WhistleForm(forms.Form):
    """Whom to call, what for, where and when."""

    organisations = forms.ModelMultipleChoiceField(
        label=_("叫哪些单位来"),
        queryset=Organisation.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    issue = words(_("要他们来解决什么"), help_text=_("来的单位看得到；居民看不到。"))
    due_at = moment(_("什么时候要有结果"))
    is_on_site = forms.BooleanField(label=_("要到现场"), required=False)
    meeting_at = moment(_("什么时候碰头"), help_text=_("要到现场的才填。"))
    place = forms.CharField(label=_("在哪里碰头"), required=False, max_length=120)

    def __init__(self, *args: Any, organisations: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organisations"].queryset = organisations  # type: ignore[attr-defined]


class ReportInForm(forms.Form):
    """What the organisation that was called will do."""

    commitment = words(_("您单位负责做什么"), help_text=_("写清楚做什么、什么时候做到，谁来联系。"))


class WhistleRatingForm(forms.Form):
    """A mark with a word."""

    grade = forms.TypedChoiceField(
        label=_("打几分"),
        help_text=_("5 分最好，1 分最差。"),
        choices=[(value, str(value)) for value in (5, 4, 3, 2, 1)],
        coerce=int,
        empty_value=None,
        required=False,
        widget=ShortAnswers,
    )
    word = words(_("为什么"), rows=2, most=300)
