"""Forms of breach cases; the rules are in the services."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from governance.protection.models import BreachCase, BreachPolicy
from governance.protection.services import (
    NEEDED,
    NOTICED_MISSING,
    OUTCOME_MAX,
    OUTCOME_MISSING,
    REASON_MISSING,
    TEXT_MAX,
    TEXT_MISSING,
    WHY_MAX,
    WHY_MISSING,
    WORDS,
)
from governance.web.forms import IdempotencyField

_MOMENT = "%Y-%m-%dT%H:%M"
_HOURS = dict.fromkeys(("required", "invalid", "min_value", "max_value"), _("请写 1 到 720 之间的小时数"))


def _words(label: Any, name: str, *, rows: int = 3, help_text: Any = "") -> forms.CharField:
    needed = name in NEEDED
    return forms.CharField(
        label=label,
        required=needed,
        max_length=WORDS[name],
        help_text=help_text,
        widget=forms.Textarea(attrs={"rows": rows}) if rows > 1 else forms.TextInput(),
        error_messages={"required": NEEDED[name]} if needed else {},
    )


class CaseForm(forms.Form):
    """What is known of a case; most of it comes later."""

    title = _words(_("一句话说是什么事"), "title", rows=1)
    noticed_at = forms.DateTimeField(
        label=_("什么时候发现的"),
        help_text=_("报告和告知的时限从这时算起。"),
        input_formats=[_MOMENT, "%Y-%m-%d %H:%M"],
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format=_MOMENT),
        error_messages={
            "required": NOTICED_MISSING,
            "invalid": _("时间没有看懂，请写成 2026-01-05 09:00"),
        },
    )
    what = _words(_("发生了什么"), "what", rows=4)
    kinds = _words(_("哪些信息"), "kinds", rows=1, help_text=_("例如姓名、电话、住址、照片、录音"))
    people = forms.IntegerField(
        label=_("多少人"),
        required=False,
        min_value=0,
        help_text=_("还不知道就空着。"),
        widget=forms.NumberInput(attrs={"class": "lr-input--short", "min": 0}),
        error_messages={"invalid": _("请写一个数"), "min_value": _("请写一个数")},
    )
    cause = _words(_("原因"), "cause")
    harm = _words(_("可能的危害"), "harm")
    measures = _words(_("已经采取的措施"), "measures", rows=4)
    advice = _words(_("本人可以怎么做"), "advice", help_text=_("例如换密码、留心诈骗电话"))
    contact = _words(_("联系人和电话"), "contact", rows=1)
    key = IdempotencyField()
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def words(self) -> dict[str, str]:
        """The words of a valid form."""
        return {name: self.cleaned_data[name] for name in WORDS}

    @classmethod
    def of(cls, case: BreachCase) -> dict[str, Any]:
        """Initial values."""
        names = (*WORDS, "noticed_at", "people")
        return {name: getattr(case, name) for name in names} | {"seen": case.changed_at.isoformat()}


def _needed(label: Any, missing: Any, *, most: int, rows: int = 3, help_text: Any = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=most,
        help_text=help_text,
        widget=forms.Textarea(attrs={"rows": rows}),
        error_messages={"required": missing},
    )


class TellForm(forms.Form):
    """What was sent, in full."""

    text = _needed(
        _("原文"),
        TEXT_MISSING,
        most=TEXT_MAX,
        rows=12,
        help_text=_("这是按事件写好的草稿，发出以前请改成合适的话；发出以后在这里记下。"),
    )


class WaiveForm(forms.Form):
    """Why the persons need not be told."""

    why = _needed(
        _("为什么可以不告知本人"),
        WHY_MISSING,
        most=WHY_MAX,
        help_text=_("采取的措施能有效避免危害的，法律允许不告知；主管部门可以要求告知。"),
    )


class CloseForm(forms.Form):
    """How it ended."""

    outcome = _needed(_("结果"), OUTCOME_MISSING, most=OUTCOME_MAX)


def _hours(label: Any) -> forms.IntegerField:
    most = BreachPolicy.HOURS_MOST
    return forms.IntegerField(
        label=label,
        min_value=1,
        max_value=most,
        widget=forms.NumberInput(attrs={"class": "lr-input--short", "min": 1, "max": most}),
        error_messages=dict.fromkeys(
            ("required", "invalid", "min_value", "max_value"), _("请写 1 到 720 之间的小时数")
        ),
    )


class PolicyForm(forms.Form):
    """How soon whom to tell."""

    authority_hours = _hours(_("几小时内报告主管部门"))
    persons_hours = _hours(_("几小时内告知本人"))
    reason = _needed(_("为什么改"), REASON_MISSING, most=200, rows=2)
