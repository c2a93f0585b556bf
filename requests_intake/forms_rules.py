"""The form of a dispatch rule: it parses; what a rule may name is the service's question."""

import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from governance.access import areas
from governance.access.models import User
from governance.access.selectors import holders_of
from governance.organisations.models import Organisation
from requests_intake.models import Category, Channel, DispatchRule, RequestKind, RuleHours
from requests_intake.permissions import Capability
from requests_intake.services.rules import RuleDraft

_NOT_A_TIME = _("时间没有看懂，请写成 18:00")


class RuleForm(forms.Form):
    """When it fits, whom it suggests, where it stands."""

    category_prefix = forms.ChoiceField(label=_("什么事项"), required=False)
    area_prefix = forms.ChoiceField(label=_("哪里"), required=False)
    words = forms.CharField(
        label=_("话里有这些词之一"),
        required=False,
        help_text=_("用空格隔开；空着就不看"),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    kinds = forms.MultipleChoiceField(
        label=_("哪些类型"),
        choices=RequestKind.choices,
        required=False,
        help_text=_("都不勾就不限"),
        widget=forms.CheckboxSelectMultiple(attrs={"class": "lr-choices--two"}),
    )
    channels = forms.MultipleChoiceField(
        label=_("哪些来源"),
        choices=Channel.choices,
        required=False,
        help_text=_("都不勾就不限"),
        widget=forms.CheckboxSelectMultiple(attrs={"class": "lr-choices--two"}),
    )
    hours = forms.ChoiceField(label=_("什么时候来的"), choices=RuleHours.choices, initial=RuleHours.ANY)
    time_from = forms.TimeField(
        label=_("从几点"),
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        error_messages={"invalid": _NOT_A_TIME},
    )
    time_until = forms.TimeField(
        label=_("到几点"),
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        error_messages={"invalid": _NOT_A_TIME},
    )
    organisation = forms.ModelChoiceField(
        label=_("建议派给"),
        queryset=Organisation.objects.none(),
        empty_label=_("请选一个单位"),
        error_messages={"required": _("请选一个单位"), "invalid_choice": _("这个单位已经停用，请选别的单位")},
    )
    position = forms.IntegerField(
        label=_("排在第几"),
        min_value=1,
        help_text=_("从上往下问，第一条合适的算数；后面的顺着往后排"),
        error_messages={
            "required": _("请写一个整数"),
            "invalid": _("请写一个整数"),
            "min_value": _("从 1 开始数"),
        },
    )
    owner = forms.ModelChoiceField(
        label=_("谁管这条规则"),
        queryset=User.objects.none(),
        required=False,
        empty_label=_("没有指定"),
        help_text=_("规则出了问题，通知这个人"),
    )
    note = forms.CharField(label=_("说明"), required=False, widget=forms.Textarea(attrs={"rows": 2}))
    is_active = forms.BooleanField(label=_("启用"), required=False, initial=True)
    accepted = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, at: Any, rule: DispatchRule | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["category_prefix"].choices = _categories(rule)
        fields["area_prefix"].choices = _areas(rule)
        fields["organisation"].queryset = Organisation.objects.filter(is_active=True).order_by(
            "area_code", "kind", "pk"
        )
        holders = holders_of(Capability.EDIT_RULES, at)
        fields["owner"].queryset = User.objects.filter(pk__in=holders).order_by("display_name", "pk")

    def draft(self) -> RuleDraft:
        """Return the rule that a valid form describes."""
        data = self.cleaned_data
        words = [word for word in re.split(r"[\s,;\u3001\uff0c\uff1b]+", data["words"]) if word]
        names = (
            "category_prefix",
            "area_prefix",
            "kinds",
            "channels",
            "hours",
            "time_from",
            "time_until",
            "organisation",
        )
        others = ("note", "owner", "is_active")
        return RuleDraft(words=words, **{name: data[name] for name in (*names, *others)})


def rule_initial(rule: DispatchRule | None, last: int, owner: User | None) -> dict[str, Any]:
    """Return what the form shows at first; a new rule stands before the others."""
    if rule is None:
        return {"position": 1, "owner": owner, "is_active": True}
    names = [name for name in RuleForm.base_fields if name not in ("words", "accepted")]
    return {name: getattr(rule, name) for name in names} | {"words": " ".join(rule.words)}


def _categories(rule: DispatchRule | None) -> list[Any]:
    rows = Category.objects.filter(is_active=True).order_by("code").only("code", "name", "name_en")
    choices = [("", _("不管什么事项"))] + [
        (row.code, "\u00a0\u00a0" * (row.level - 1) + f"{row.code} {row.label}") for row in rows
    ]
    return _with_current(choices, rule.category_prefix if rule else "")


def _areas(rule: DispatchRule | None) -> list[Any]:
    choices: list[Any] = [("", _("不管哪里"))]
    for district, name in areas.children(""):
        choices.append((district, name))
        for subdistrict, street in areas.children(district):
            choices += [(subdistrict, street), *areas.children(subdistrict)]
    return _with_current(choices, rule.area_prefix if rule else "")


def _with_current(choices: list[Any], current: str) -> list[Any]:
    """What the rule names now can be kept, or seen to be gone."""
    if current and current not in {value for value, _label in choices}:
        return [*choices, (current, current)]
    return choices
