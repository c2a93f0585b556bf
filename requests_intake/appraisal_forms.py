"""Forms of the appraisal; the rules are in the services."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from requests_intake.evidence_forms import EvidenceForm
from requests_intake.turn_forms import day, words


def _percent(label: Any) -> forms.IntegerField:
    return forms.IntegerField(
        label=label,
        min_value=0,
        max_value=100,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
        error_messages={"required": _("请写 0 到 100 的整数"), "invalid": _("请写 0 到 100 的整数")},
    )


class SchemeForm(forms.Form):
    """One version of the scheme."""

    valid_from = day(_("从哪个月起"), help_text=_("那个月的 1 日；已经定稿的月份不受影响。"))
    weight_contacted = _percent(_("响应率占多少（%）"))
    weight_solved = _percent(_("解决率占多少（%）"))
    weight_satisfied = _percent(_("满意率占多少（%）"))
    weight_whistle = _percent(_("吹哨报到互评占多少（%）"))
    fair_factor = forms.DecimalField(
        label=_("“基本满意”按多少折算"),
        min_value=Decimal(0),
        max_value=Decimal(1),
        max_digits=3,
        decimal_places=2,
        help_text=_("0 到 1，比如 0.9。"),
    )
    counts_unanswered = forms.BooleanField(label=_("到期没有答复的也算进基数，按没有解决、不满意算"), required=False)
    min_sample = forms.IntegerField(
        label=_("少于多少件不比较"), min_value=1, max_value=1000, help_text=_("太少的照样列出，但不排先后。")
    )
    rule = forms.CharField(
        label=_("区里定的规则（文号和名称）"),
        max_length=200,
        required=False,
        help_text=_("没有记录规则以前，综合分只是预览，不公布。"),
    )
    why = words(_("为什么改"), rows=2, most=300)

    def clean_valid_from(self) -> Any:
        """A date is needed."""
        value = self.cleaned_data["valid_from"]
        if value is None:
            raise forms.ValidationError(_("请选从哪个月起"))
        return value


class ObjectionForm(EvidenceForm):
    """What was counted wrongly, and why."""

    text = words(_("哪里算得不对，有什么依据"), rows=4, most=1000)


class RulingForm(forms.Form):
    """Why it is so decided."""

    text = words(_("裁定的理由"), rows=3, help_text=_("提出的单位看得到。"))


class ReviseForm(forms.Form):
    """Why there is another version."""

    why = words(_("为什么出新的一版"), rows=2, most=300)
