"""Forms of requests of the persons concerned; the rules are in the services."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from governance.protection.person_requests.models import Decision, Ground, Identity, Kind, PersonRequestPolicy
from governance.protection.person_requests.services import WHAT_MISSING, erasable
from governance.protection.person_requests.services import requests as rules
from governance.web.forms import Hinted, IdempotencyField

_DAYS = dict.fromkeys(("required", "invalid", "min_value", "max_value"), _("请写 1 到 60 之间的工作日数"))


def _choice(label: Any, choices: Any, missing: Any, *, required: bool = True, help_text: Any = "") -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label,
        choices=choices,
        required=required,
        help_text=help_text,
        widget=forms.RadioSelect,
        error_messages={"required": missing, "invalid_choice": missing},
    )


def _text(
    label: Any, most: int, missing: Any = "", *, rows: int = 4, help_text: Any = "", initial: Any = None
) -> forms.CharField:
    return forms.CharField(
        label=label,
        required=bool(missing),
        max_length=most,
        help_text=help_text,
        initial=initial,
        widget=forms.Textarea(attrs={"rows": rows}) if rows > 1 else forms.TextInput(),
        error_messages={"required": missing} if missing else {},
    )


def _proved() -> forms.BooleanField:
    return forms.BooleanField(
        label=_("当场拨通了这个号码，是本人的"),
        required=False,
        help_text=_("勾了，才按这个号码找他的诉求和预约；举报不在里面。"),
    )


class OwnForm(forms.Form):
    """What a resident asks."""

    kind = _choice(
        _("您要什么"),
        [
            (Kind.COPY, Hinted(_("要一份副本"), _("这里存着您的哪些信息、谁看过，做成一个文件给您"))),
            (Kind.CORRECT, Hinted(_("更正、补充"), _("哪里写错了，请我们改"))),
            (Kind.DELETE, Hinted(_("删除"), _("用不着的信息，请我们删"))),
        ],
        rules.KIND_MISSING,
    )
    words = _text(
        _("说一说"),
        rules.WORDS_MAX,
        help_text=_("更正：写哪里不对，应该是什么。删除：写删哪些。只要副本，可以不写。"),
    )
    key = IdempotencyField()


class CounterForm(forms.Form):
    """What somebody asks at the counter, and who they are."""

    kind = _choice(_("要什么"), [(kind, kind.label) for kind in Kind], rules.KIND_MISSING)
    name = _text(_("来人的姓名"), rules.NAME_MAX, rules.NAME_MISSING, rows=1)
    contact = _text(
        _("怎么联系"),
        rules.CONTACT_MAX,
        rules.CONTACT_MISSING,
        rows=1,
        help_text=_("电话最好：副本按这个号码找。没有电话就写地址。"),
    )
    words = _text(_("怎么说的"), rules.WORDS_MAX, help_text=_("更正、删除要写明哪些。"))
    identity = _choice(
        _("怎么确认是本人"),
        [
            ("", _("还没有核对")),
            (Identity.DOCUMENT, Identity.DOCUMENT.label),
            (Identity.AGENT, Identity.AGENT.label),
        ],
        rules.IDENTITY_MISSING,
        required=False,
    )
    is_number_proved = _proved()
    identity_note = _text(
        _("核对的情况"), rules.NOTE_MAX, rows=1, help_text=_("例如证件种类、和本人什么关系。不要抄证件号码。")
    )
    language = forms.ChoiceField(label=_("给本人的文件用哪种语言"), choices=[("zh-hans", _("中文")), ("en", _("英文"))])
    key = IdempotencyField()


class IdentityForm(forms.Form):
    """How it was made sure who it is."""

    identity = _choice(
        _("怎么确认是本人"),
        [(Identity.DOCUMENT, Identity.DOCUMENT.label), (Identity.AGENT, Identity.AGENT.label)],
        rules.IDENTITY_MISSING,
    )
    is_number_proved = _proved()
    note = _text(_("核对的情况"), rules.NOTE_MAX, rows=1, help_text=_("例如证件种类、和本人什么关系。不要抄证件号码。"))


class DecisionForm(forms.Form):
    """The answer."""

    decision = _choice(
        _("答复"),
        [(one, one.label) for one in (Decision.GRANTED, Decision.PARTLY, Decision.REFUSED)],
        rules.DECISION_MISSING,
    )
    ground = forms.ChoiceField(
        label=_("法律上的理由"),
        required=False,
        help_text=_("不同意，或者只同意一部分的，要选一条；本人看得到。"),
        error_messages={"invalid_choice": rules.GROUND_MISSING},
    )
    reason = _text(
        _("给本人的答复"),
        rules.REASON_MAX,
        rules.REASON_MISSING,
        help_text=_("怎么办、为什么。法律要求留的，写明留什么、留多久。"),
    )

    def __init__(self, *args: Any, kind: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        decision: Any = self.fields["decision"]
        if kind == Kind.COPY:  # a copy is whole or not given
            decision.choices = [(one, one.label) for one in (Decision.GRANTED, Decision.REFUSED)]
        offered = [(ground, Ground(ground).label) for ground in rules.GROUNDS[kind]]
        self.fields["ground"].choices = [("", _("没有，全部同意")), *offered]  # type: ignore[attr-defined]


class EraseForm(forms.Form):
    """What of theirs the portal lets go of."""

    what = forms.MultipleChoiceField(
        label=_("删哪些"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": WHAT_MISSING, "invalid_choice": WHAT_MISSING},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["what"].choices = [(one.key, one.erases) for one in erasable()]  # type: ignore[attr-defined]


class AgainForm(forms.Form):
    """Nothing to fill in: have the copy made once more."""


class FinishForm(forms.Form):
    """What was done."""

    outcome = _text(_("办了什么"), rules.OUTCOME_MAX, rules.OUTCOME_MISSING, help_text=_("写给本人看。"))


class PolicyForm(forms.Form):
    """Within how many working days to answer."""

    working_days = forms.IntegerField(
        label=_("几个工作日内办完"),
        min_value=1,
        max_value=PersonRequestPolicy.MOST,
        widget=forms.NumberInput(attrs={"class": "lr-input--short", "min": 1, "max": PersonRequestPolicy.MOST}),
        error_messages=_DAYS,
    )
    reason = _text(_("为什么改"), rules.WHY_MAX, rules.WHY_MISSING, rows=2)
