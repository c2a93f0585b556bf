"""Forms of impact assessments; the rules are in the services."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from governance.administration.fields import reason_field
from governance.protection.assessments.services import (
    DAY_WRONG,
    ENDED_WHY_MISSING,
    MISSING,
    NOTE_MAX,
    USUAL_DAYS,
    WORDS_MAX,
)
from governance.web.forms import IdempotencyField


def _words(name: str, label: Any, help_text: Any) -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=help_text,
        max_length=WORDS_MAX,
        widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={"required": MISSING[name]},
    )


class AssessmentForm(forms.Form):
    """The three questions of 个人信息保护法 §56, and until when the answers hold."""

    necessity = _words(
        "necessity", _("合法、正当、必要吗"), _("为什么要用这些信息，为什么要这样用；有没有少用一些也行的办法。")
    )
    risks = _words("risks", _("对本人的影响和安全风险"), _("例如派错了、被不该看的人看到、被拿去做别的。"))
    measures = _words("measures", _("保护措施"), _("已经有的、还要加的；是不是合法、有效，和风险的大小合适不合适。"))
    valid_until = forms.DateField(
        label=_("到哪天为止有效"),
        help_text=_("过了这一天自动锁上。法律没有写多久重评一次；做法变了，要提前重新评估。"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": DAY_WRONG, "invalid": DAY_WRONG},
    )
    key = IdempotencyField()

    def words(self) -> dict[str, str]:
        """The answers of a valid form."""
        return {name: self.cleaned_data[name] for name in MISSING}

    @staticmethod
    def proposed(today: date) -> dict[str, Any]:
        """What an empty form begins with."""
        return {"valid_until": today + timedelta(USUAL_DAYS)}


class DecisionForm(forms.Form):
    """What whoever decides says; needed where the assessment is given back."""

    note = forms.CharField(
        label=_("意见"),
        required=False,
        max_length=NOTE_MAX,
        help_text=_("退回时一定要写。"),
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class EndForm(forms.Form):
    """Why it ends before its day."""

    reason = reason_field(_("为什么提前结束"), missing=ENDED_WHY_MISSING)
