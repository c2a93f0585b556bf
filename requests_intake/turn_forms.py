"""Forms of the turns that a request can take beside the straight way; the rules are in the services."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from governance.access.models import User
from governance.organisations.models import Organisation
from governance.web.templatetags.liren import lang_of
from governance.worktime import Duration
from requests_intake.models import Category, Ground, NoDispatchReason, ServiceRequest
from requests_intake.numbers import parse_number
from requests_intake.selectors.people import handlers_by_office
from requests_intake.selectors.policies import limit_text


def words(label: Any, *, rows: int = 3, help_text: Any = "", most: int | None = 500) -> forms.CharField:
    """A field for some lines of text; whether it may stay empty is the service's rule."""
    return forms.CharField(
        label=label,
        help_text=help_text,
        required=False,
        strip=False,
        max_length=most,
        widget=forms.Textarea(attrs={"rows": rows}),
        error_messages={"max_length": _("写得太长了：最多 %(limit_value)d 字，现在 %(show_value)d 字")},
    )


class AnswerDirectlyForm(forms.Form):
    """Answer at once, without an order."""

    category = forms.ModelChoiceField(
        label=_("事项"), queryset=Category.objects.none(), required=False, empty_label=_("请选事项")
    )
    text = words(_("答复居民"), rows=5, help_text=_("居民会马上看到。"), most=None)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["category"].queryset = Category.objects.filter(  # type: ignore[attr-defined]
            is_active=True, stop_text="", code__regex=r"^\d{6}$"
        ).order_by("code")


class NotDispatchForm(forms.Form):
    """One of the six legal reasons; without words of one's own the page fills in the text of that reason."""

    reason = forms.ChoiceField(
        label=_("法定理由"), choices=NoDispatchReason.choices, widget=forms.RadioSelect, required=False
    )
    text = words(
        _("告诉居民"), rows=5, help_text=_("先留空，按下面的按钮，就填好这条理由的说明，可以再改。"), most=None
    )


class SiteCheckForm(forms.Form):
    """What somebody who goes there has to look at."""

    text = words(
        _("到现场看什么"), rows=4, help_text=_("已按原话填好，姓名号码遮着；请改成去的人看得懂的，例如在几号楼哪一侧。")
    )


class DistrictForm(forms.Form):
    """What is unclear."""

    text = words(_("哪里不清楚"), help_text=_("写清楚为什么定不下由谁办，区级照这个协调。"))


class ComplainedForm(forms.Form):
    """Whom a complaint is about."""

    complained = forms.ModelChoiceField(
        label=_("反映的是哪个单位"),
        queryset=Organisation.objects.none(),
        required=False,
        empty_label=_("没有，或不是登记的单位"),
    )

    def __init__(self, *args: Any, organisations: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["complained"].queryset = organisations  # type: ignore[attr-defined]


class MergeForm(forms.Form):
    """Into which request."""

    target = forms.CharField(
        label=_("并到哪一件"),
        help_text=_("填那一件的受理编号，15 位数字。这一件的居民以后跟着看那一件。"),
        required=False,
        max_length=40,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )

    def clean_target(self) -> ServiceRequest | None:
        """The request with this number; whether it may be seen and taken is the service's question."""
        typed = self.cleaned_data["target"].strip()
        if not typed:
            return None
        number = parse_number(typed)
        found = ServiceRequest.objects.filter(number=number).first() if number else None
        if found is None:
            raise forms.ValidationError(_("没有这个编号，请再核对一遍"))
        return found


class CommentForm(forms.Form):
    """A reason in one's own words."""

    comment = words(_("原因"))


class ReturnForm(forms.Form):
    """Why an order is given back."""

    ground = forms.ChoiceField(label=_("退单理由"), choices=Ground.choices, widget=forms.RadioSelect, required=False)
    text = words(_("说明"), help_text=_("写清楚为什么不该由您单位办，最好写该由谁办。"))


class DecisionForm(forms.Form):
    """A decision with its reason."""

    text = words(_("理由"), help_text=_("双方都看得到；居民看不到。"))


class DisputeForm(forms.Form):
    """The legal basis of an objection."""

    basis = words(
        _("依据"), rows=4, help_text=_("写明依据哪一条、该由谁办。定夺以前，工单和期限仍在您单位。"), most=1000
    )


class DisputeDecisionForm(forms.Form):
    """Who handles it, for good."""

    organisation = forms.ModelChoiceField(
        label=_("由谁承办"), queryset=Organisation.objects.none(), required=False, empty_label=_("请选承办单位")
    )
    text = words(
        _("裁定理由"), rows=4, help_text=_("裁定以后不再退；以后遇到同类诉求，派单时会看到这条先例。"), most=1000
    )

    def __init__(self, *args: Any, organisations: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organisation"].queryset = organisations  # type: ignore[attr-defined]


class ResultForm(forms.Form):
    """What a helping organisation did."""

    text = words(_("协办结果"), rows=4, help_text=_("交给牵头单位，由它一并答复居民。"), most=None)


_DAY_WRONG = {"invalid": _("日期没有看懂，请写成 2026-01-05")}


def day(label: Any, *, help_text: Any = "") -> forms.DateField:
    """A field for a date; whether it may stay empty, and how far ahead it may lie, is the service's rule."""
    return forms.DateField(
        label=label,
        help_text=help_text,
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages=_DAY_WRONG,
    )


class QuestionForm(forms.Form):
    """What the resident is asked."""

    text = words(_("问居民什么"), rows=4, help_text=_("居民马上收到，在查询页上回答。请一次问清楚。"))


class SuspendForm(forms.Form):
    """Why it rests, until when."""

    text = words(_("为什么暂停"), help_text=_("居民看得到。请写明等什么。"))
    until = day(_("到哪一天"), help_text=_("那天上班时自动恢复，期限跟着顺延。"))


class UrgeForm(forms.Form):
    """A word with it."""

    text = words(_("催办的话"), help_text=_("承办单位看得到，居民看不到。"))


class InstructForm(forms.Form):
    """A leader's words."""

    text = words(_("批示"), rows=4, help_text=_("写进经过，承办单位马上知道；居民看不到。"))


def assignee_choices(offices: Iterable[Organisation], at: datetime, *, leads: int | None = None) -> list[Any]:
    """Choices of `AssigneeField`: offices with their people; of the one that leads now only people. 1 SQL."""
    shown = list(offices)
    people = handlers_by_office([office.pk for office in shown], at)
    choices: list[Any] = [("", _("请选"))]
    for office in shown:
        key = str(office.public_id)
        group = [] if office.pk == leads else [(key, _("%(office)s，由单位安排人") % {"office": office.short_label})]
        group += [(f"{key}:{one.public_id}", one.display_name) for one in people.get(office.pk, ())]
        if group:
            choices.append((office.label, group))
    return choices


class AssigneeField(forms.ChoiceField):
    """An office of the list, or one of its people; its value is (organisation, person or None), None for nothing."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(label=_("交给谁"), required=False, **kwargs)

    def clean(self, value: Any) -> Any:
        """Read the choice."""
        office, _colon, person = super().clean(value).partition(":")
        if not office:
            return None
        handler = User.objects.filter(public_id=person).first() if person else None
        return Organisation.objects.get(public_id=office), handler


class ReassignForm(forms.Form):
    """To whom an absent colleague's order goes, and why."""

    assignee = AssigneeField()
    text = words(_("为什么换"), help_text=_("比如谁休假到哪天。写进经过，单位看得到，居民看不到。"))

    def __init__(self, *args: Any, choices: list[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["assignee"].choices = choices  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Give the service its two names."""
        cleaned = super().clean() or {}
        organisation, handler = cleaned.pop("assignee", None) or (None, None)
        return {**cleaned, "organisation": organisation, "handler": handler}


class SuperviseForm(forms.Form):
    """What has to be answered, by when."""

    text = words(_("督办什么"), rows=4, help_text=_("写清楚要办到什么、要回复什么。居民看不到。"))
    until = day(_("哪一天以前回复"), help_text=_("到那天下班为止。居民的期限不变。"))


class SupervisionAnswerForm(forms.Form):
    """How the matter stands."""

    text = words(_("回复督办"), rows=5, help_text=_("写办到哪一步、为什么、几号能办好。答复居民另外写。"), most=1000)


class LedgerForm(forms.Form):
    """Why it cannot be solved for now, what is planned, when it is looked at again."""

    text = words(_("为什么一时解决不了"), help_text=_("写客观原因。居民看得到。"))
    plan = words(_("打算怎么解决"), rows=4, help_text=_("写分几步、谁负责。居民看得到。"), most=1000)
    steps = words(
        _("节点"),
        rows=3,
        most=900,
        help_text=_("一行一个：日期 做什么，例如 2026-12-20 采购灯杆。没有可以空着；居民看得到。"),
    )
    milestone = day(_("哪一天再看"), help_text=_("那天自动回到办理，期限接着算。"))


class MilestoneForm(forms.Form):
    """Which milestone of the plan is reached, and what was done."""

    step = forms.ChoiceField(label=_("做到哪个节点"), required=False, widget=forms.RadioSelect)
    text = words(_("做了什么"), rows=3, help_text=_("居民看得到。"), most=200)

    def __init__(self, *args: Any, steps: Sequence[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["step"].choices = [  # type: ignore[attr-defined]
            (str(one.pk), format_html("{} <span{}>{}</span>", f"{one.day:%Y-%m-%d}", lang_of(one.text), one.text))
            for one in steps
        ]
        if len(steps) == 1:
            self.initial.setdefault("step", str(steps[0].pk))


class ExtensionForm(forms.Form):
    """How much more time, and why."""

    amount = forms.IntegerField(
        label=_("延多久"),
        required=False,
        widget=forms.NumberInput(attrs={"inputmode": "numeric", "min": 1}),
        error_messages={"invalid": _("请写一个整数")},
    )
    text = words(_("为什么要延期"), help_text=_("批准以后居民看得到。请写明要做什么、为什么来不及。"))

    def __init__(self, *args: Any, promise: Duration, most: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["amount"].help_text = _("当初答应 %(promise)s 答复，最多再延 %(most)s。") % {
            "promise": limit_text(promise),
            "most": limit_text(Duration(most, promise.unit)),
        }


class StageForm(forms.Form):
    """Which stage was reached, and what was done."""

    stage = forms.ChoiceField(label=_("办到哪个阶段"), required=False, widget=forms.RadioSelect)
    text = words(_("做了什么"), rows=4, help_text=_("居民看得到。"), most=1000)

    def __init__(self, *args: Any, stages: Sequence[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["stage"].choices = [(str(stage.position), stage.label) for stage in stages]  # type: ignore[attr-defined]
        if len(stages) == 1:
            self.initial.setdefault("stage", str(stages[0].position))


class SupplementForm(forms.Form):
    """What the requester adds."""

    text = words(_("补充什么"), help_text=_("承办的人会马上看到。"), most=1000)


class AnswerForm(forms.Form):
    """What the requester answers."""

    text = words(_("您的回答"), help_text=_("回答以后，我们接着办。"), most=1000)


class WithdrawForm(forms.Form):
    """Why it is no longer wanted."""

    comment = words(_("为什么撤回（可不填）"), rows=2, most=1000)


class ReopenForm(forms.Form):
    """What is still wrong."""

    comment = words(_("还有什么没解决"), help_text=_("写清楚，我们重新看一遍，期限从现在重新算。"), most=1000)
