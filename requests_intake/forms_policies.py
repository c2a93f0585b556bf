"""Forms of the deadline policies: they parse; which limits are needed is the service's rule."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from governance.worktime import Duration, Unit
from requests_intake.models import DeadlinePolicy
from requests_intake.selectors.policies import UNIT_CHOICES
from requests_intake.services.policies import LONGEST, NEEDED, STAGES_MAX, PolicyDraft, StageDraft
from requests_intake.workflow import LIMIT_KINDS, ClockKind

MOMENT = "%Y-%m-%dT%H:%M"
_WHAT_IS_TIMED = {
    ClockKind.ACCEPT: _("从居民提交算起"),
    ClockKind.DISPATCH: _("从受理算起；空着就和签收一样长"),
    ClockKind.SIGN: _("从派单算起"),
    ClockKind.CONTACT: _("从签收算起"),
    ClockKind.RESULT: _("从派给协办算起；空着按默认"),
    ClockKind.DECIDE: _("从提出退单或争议算起；空着按默认"),
    ClockKind.ANSWER: _("从居民提交算起：这就是对居民的承诺"),
    ClockKind.RATE: _("从答复算起；空着就是 7 天"),
}


class PolicyForm(forms.Form):
    """One version: names, first day, a limit for each clock, where the numbers come from, why it is made."""

    key = forms.CharField(
        label=_("代号"),
        max_length=40,
        help_text=_("小写英文字母、数字和下划线，例如 water_24h；定了就不再改"),
        widget=forms.TextInput(attrs={"autocapitalize": "none", "spellcheck": "false"}),
        error_messages={"required": _("请写代号"), "max_length": _("代号最多 40 个字符")},
    )
    name = forms.CharField(label=_("名称"), error_messages={"required": _("请写名称")})
    name_en = forms.CharField(
        label=_("英文名称"),
        widget=forms.TextInput(attrs={"lang": "en"}),
        error_messages={"required": _("请写英文名称")},
    )
    valid_from = forms.DateField(
        label=_("从哪天起"),
        help_text=_("那天起提交的诉求按这个版本；之前提交的，仍按当时的承诺"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={
            "required": _("请写生效日期"),
            "invalid": _("日期没有看懂，请写成 2026-01-05"),
        },
    )
    source = forms.CharField(
        label=_("出处"),
        required=False,
        help_text=_("这些数字从哪个文件来，例如文件名、文号、条款"),
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    is_confirmed = forms.BooleanField(
        label=_("已经和文件核对过"),
        required=False,
        help_text=_("没有核对的，会标明“待核实”"),
    )
    reason = forms.CharField(
        label=_("为什么出这个版本"),
        help_text=_("进入记录，以后查得到"),
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": _("请写明为什么改，以后查起来才清楚")},
    )
    after = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, is_new: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not is_new:
            del self.fields["key"]
        for kind in LIMIT_KINDS:
            self.fields[f"{kind}_amount"] = _amount(kind.label, _WHAT_IS_TIMED.get(kind, ""))
            self.fields[f"{kind}_unit"] = forms.ChoiceField(
                label=_("%(what)s怎么算") % {"what": kind.label}, choices=UNIT_CHOICES, required=False
            )
        for number in range(1, STAGES_MAX + 1):
            self.fields[f"stage{number}_name"] = forms.CharField(label=_("名称"), required=False)
            self.fields[f"stage{number}_name_en"] = forms.CharField(
                label=_("英文名称"), required=False, widget=forms.TextInput(attrs={"lang": "en"})
            )
            self.fields[f"stage{number}_amount"] = _amount(_("多久"))
            self.fields[f"stage{number}_unit"] = forms.ChoiceField(
                label=_("怎么算"), choices=UNIT_CHOICES, required=False
            )

    @property
    def limits(self) -> list[tuple[Any, Any, bool]]:
        """(amount, unit, needed?) of each clock, in order."""
        return [(self[f"{kind}_amount"], self[f"{kind}_unit"], kind in NEEDED) for kind in LIMIT_KINDS]

    @property
    def stages(self) -> list[dict[str, Any]]:
        """The four fields of each stage, in order."""
        parts = ("name", "name_en", "amount", "unit")
        return [{part: self[f"stage{number}_{part}"] for part in parts} for number in range(1, STAGES_MAX + 1)]

    def draft(self) -> PolicyDraft:
        """Return the version that a valid form describes."""
        data = self.cleaned_data
        return PolicyDraft(
            name=data["name"],
            name_en=data["name_en"],
            valid_from=data["valid_from"],
            limits={
                kind: Duration(data[f"{kind}_amount"], Unit(data[f"{kind}_unit"] or Unit.NATURAL_DAY))
                for kind in LIMIT_KINDS
                if data.get(f"{kind}_amount")
            },
            stages=self._stages(data),
            source=data["source"],
            is_confirmed=data["is_confirmed"],
        )

    def _stages(self, data: Mapping[str, Any]) -> tuple[StageDraft, ...]:
        """All rows up to the last one in which something was written."""
        rows = []
        for number in range(1, STAGES_MAX + 1):
            name, name_en, amount, unit = (
                data.get(f"stage{number}_{part}") for part in ("name", "name_en", "amount", "unit")
            )
            limit = Duration(amount, Unit(unit or Unit.NATURAL_HOUR)) if amount else None
            rows.append(StageDraft(name or "", name_en or "", limit))
        while rows and rows[-1] == StageDraft("", "", None):
            rows.pop()
        return tuple(rows)


def _amount(label: Any, help_text: Any = "") -> forms.IntegerField:
    return forms.IntegerField(
        label=label,
        required=False,
        min_value=1,
        max_value=LONGEST,
        help_text=help_text,
        error_messages={
            "invalid": _("请写一个整数"),
            "min_value": _("时限要大于零"),
            "max_value": _("时限最多写到 999"),
        },
        widget=forms.NumberInput(attrs={"class": "a-amount"}),
    )


def initial_of(policy: DeadlinePolicy | None, tomorrow: date) -> dict[str, Any]:
    """Return what the form of the next version shows at first."""
    values: dict[str, Any] = {"valid_from": tomorrow, "after": policy.version if policy else 0}
    for kind in LIMIT_KINDS:
        values[f"{kind}_unit"] = Unit.NATURAL_DAY.value if kind in ("answer", "rate") else Unit.NATURAL_HOUR.value
    if policy is None:
        return values
    for clock in policy.clocks.all():
        values |= {f"{clock.kind}_amount": clock.amount, f"{clock.kind}_unit": clock.unit}
    for stage in policy.stages.all():
        parts = ("name", "name_en", "amount", "unit")
        values |= {f"stage{stage.position}_{part}": getattr(stage, part) for part in parts}
    # new numbers have been compared with no text yet: that tick is not handed on
    copied = {name: getattr(policy, name) for name in ("name", "name_en", "source")}
    return values | copied | {"valid_from": max(tomorrow, policy.valid_from)}


class ConfirmForm(forms.Form):
    """Where the numbers come from, and whether somebody compared them with the text."""

    source = forms.CharField(
        label=_("出处"),
        required=False,
        help_text=_("这些数字从哪个文件来，例如文件名、文号、条款"),
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    is_confirmed = forms.BooleanField(label=_("已经和文件核对过"), required=False)


class TrialForm(forms.Form):
    """A moment to start the clocks at."""

    start = forms.DateTimeField(
        label=_("从什么时候起算"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format=MOMENT),
        error_messages={
            "required": _("请写一个时间"),
            "invalid": _("时间没有看懂，请写成 2026-01-05 09:00"),
        },
    )
