"""Forms of the catalogue editor: they parse what was typed; the rules are the services'."""

import hashlib
import json
import re
from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from grid.models import DutyItem
from requests_intake.catalogue_texts import GROUP_FIELDS, Change
from requests_intake.models import Category, Urgency
from requests_intake.questions import OPTIONS_MAX, Option, Question, QuestionKind
from requests_intake.selectors.policies import policy_choices
from requests_intake.services.catalogue import LEAF

SPARE_OPTIONS = 2
_ENGLISH = {"lang": "en"}


def _reason() -> forms.CharField:
    return forms.CharField(
        label=_("为什么改"),
        help_text=_("进入记录，以后查得到"),
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": _("请写明为什么改，以后查起来才清楚")},
    )


class ReasonForm(forms.Form):
    """Why something is done; with the version it is done to."""

    reason = _reason()
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)


class ReviewedForm(forms.Form):
    """A form whose changes are looked at before they are saved: `reviewed` holds the digest of what was looked at."""

    reviewed = forms.CharField(required=False, widget=forms.HiddenInput)
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def was_reviewed(self, changes: Sequence[Change]) -> bool:
        """Whether exactly these changes were on the page when the button was pressed."""
        return bool(changes) and self.cleaned_data.get("reviewed") == digest(changes)


def digest(changes: Sequence[Change]) -> str:
    """A short name of a list of changes."""
    text = json.dumps([[one.label, one.before, one.after] for one in changes], ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


class CategoryEditForm(ReviewedForm):
    """All fields of an item; of a group only its names."""

    name = forms.CharField(label=_("名称"), error_messages={"required": _("请写名称")})
    name_en = forms.CharField(
        label=_("英文名称"), widget=forms.TextInput(attrs=_ENGLISH), error_messages={"required": _("请写英文名称")}
    )
    guide = forms.CharField(
        label=_("办事提示"),
        required=False,
        help_text=_("居民选这一类时看到：我们做什么，请写清什么，然后怎么样"),
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    guide_en = forms.CharField(
        label=_("英文办事提示"), required=False, widget=forms.Textarea(attrs={"rows": 4, **_ENGLISH})
    )
    answered_by = forms.CharField(label=_("谁来答复"), required=False)
    answered_by_en = forms.CharField(label=_("英文：谁来答复"), required=False, widget=forms.TextInput(attrs=_ENGLISH))
    keywords = forms.CharField(
        label=_("关键词"),
        required=False,
        help_text=_("居民会怎么说，用空格隔开；写得越像居民的话，猜得越准"),
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    policy_key = forms.ChoiceField(label=_("办理时限"), error_messages={"required": _("请选一个时限政策")})
    urgency = forms.ChoiceField(label=_("紧急程度"), choices=Urgency.choices)
    duty_item = forms.ModelChoiceField(
        label=_("履职清单"),
        queryset=DutyItem.objects.none(),
        required=False,
        empty_label=_("没有对应"),
        help_text=_("“街道配合”的，社区不能牵头；“上级收回”的，不能派给街道"),
    )
    legal_basis = forms.CharField(label=_("依据"), required=False)
    acceptance = forms.CharField(label=_("受理标准"), required=False)
    closing = forms.CharField(label=_("办结标准"), required=False)
    is_public = forms.BooleanField(label=_("默认可以公开"), required=False, help_text=_("居民同意、工作人员看过才公开"))
    needs_place = forms.BooleanField(label=_("要有地点"), required=False)
    round_the_clock = forms.BooleanField(label=_("全天候"), required=False, help_text=_("夜里和节假日也要有人办"))
    needs_review = forms.BooleanField(
        label=_("答复先审核"), required=False, help_text=_("承办单位写好以后，另有人看过，居民才收到；不满意的退回重写")
    )
    stop_text = forms.CharField(
        label=_("拦下时的提示"),
        required=False,
        help_text=_("写了它，居民选到这一类就不能再往下填，例如：有人受伤，请马上打 120"),
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    stop_text_en = forms.CharField(
        label=_("英文：拦下时的提示"), required=False, widget=forms.Textarea(attrs={"rows": 2, **_ENGLISH})
    )
    stop_phone = forms.CharField(
        label=_("拦下时请打"), required=False, widget=forms.TextInput(attrs={"inputmode": "numeric"})
    )
    reason = _reason()

    def __init__(self, *args: Any, level: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        if level < LEAF:
            for name in set(fields) - {*GROUP_FIELDS, "reason", "reviewed", "version"}:
                del fields[name]
            return
        fields["policy_key"].choices = policy_choices()
        fields["duty_item"].queryset = DutyItem.objects.order_by("code")

    def clean_keywords(self) -> list[str]:
        """Words between spaces or commas, each once."""
        words = list(dict.fromkeys(re.split(r"[\s,;\u3001\uff0c\uff1b]+", self.cleaned_data["keywords"].strip())))
        if any(len(word) > 20 for word in words):
            raise forms.ValidationError(_("关键词每个最多 20 个字，用空格隔开"))
        return [word for word in words if word]

    def values(self) -> dict[str, Any]:
        """Return the fields of a valid form as the services take them."""
        return {k: v for k, v in self.cleaned_data.items() if k not in ("reason", "reviewed", "version")}


def category_initial(category: Category) -> dict[str, Any]:
    """Return what the form of a category shows at first."""
    names = [name for name in CategoryEditForm.base_fields if name not in ("reason", "reviewed", "version", "keywords")]
    values = {name: getattr(category, name) for name in names}
    return values | {"keywords": " ".join(category.keywords), "version": category.version}


class MoveForm(ReasonForm):
    """Where an item shall stand instead."""

    parent = forms.ModelChoiceField(
        label=_("移到哪里"),
        queryset=Category.objects.none(),
        empty_label=_("请选新的上级"),
        error_messages={"required": _("请选新的上级"), "invalid_choice": _("只能移到同一级的另一个上级下面")},
    )

    def __init__(self, *args: Any, parents: Sequence[Category], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["parent"].queryset = Category.objects.filter(pk__in=[one.pk for one in parents]).order_by("code")
        fields["parent"].label_from_instance = lambda one: f"{one.code} {one.label}"
        self.order_fields(["parent", "reason"])


class QuestionForm(ReviewedForm):
    """One extra question with its answers and its condition."""

    label = forms.CharField(label=_("问题"), error_messages={"required": _("请写问题")})
    label_en = forms.CharField(
        label=_("英文的问题"), widget=forms.TextInput(attrs=_ENGLISH), error_messages={"required": _("请写英文的问题")}
    )
    hint = forms.CharField(label=_("补充说明"), required=False)
    hint_en = forms.CharField(label=_("英文的补充说明"), required=False, widget=forms.TextInput(attrs=_ENGLISH))
    kind = forms.ChoiceField(
        label=_("怎么回答"),
        choices=QuestionKind.choices,
        widget=forms.RadioSelect(attrs={"class": "lr-choices--two"}),
        error_messages={"required": _("请选怎么回答")},
    )
    required = forms.BooleanField(label=_("必须回答"), required=False, help_text=_("没有它就办不了的才勾"))
    position = forms.TypedChoiceField(label=_("排在第几"), coerce=int, required=False, empty_value="0")
    condition = forms.MultipleChoiceField(
        label=_("什么时候问"),
        required=False,
        help_text=_("都不勾就总是问；勾了，只在前面的问题这样答时才问"),
        widget=forms.CheckboxSelectMultiple,
    )
    reason = _reason()
    rows = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, others: Sequence[Question], key: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.others, self.key = others, key
        fields: dict[str, Any] = self.fields
        fields["position"].choices = [(number, number + 1) for number in range(len(others) + 1)]
        fields["condition"].choices = [
            (
                f"{one.key}:{option.code}",
                _("“%(question)s”答“%(answer)s”") % {"question": one.text, "answer": option.text},
            )
            for one in others
            for option in one.options
        ]
        if not fields["condition"].choices:
            del fields["condition"]
        self.count = self._count()
        for number in range(self.count):
            self._add_option(number)

    def _count(self) -> int:
        typed = str(self.data.get("rows", "")) if self.is_bound else str(self.initial.get("rows", ""))
        wanted = int(typed) if typed.isdecimal() and len(typed) < 3 else 4
        more = 3 if self.is_bound and "more" in self.data else 0
        return max(2, min(OPTIONS_MAX, wanted + more))

    def _add_option(self, number: int) -> None:
        def line(label: Any, **attributes: str) -> forms.CharField:
            return forms.CharField(label=label, required=False, widget=forms.TextInput(attrs=attributes))

        self.fields[f"option_{number}_label"] = line(_("答案 %(number)s") % {"number": number + 1})
        self.fields[f"option_{number}_label_en"] = line(_("英文"), lang="en")
        self.fields[f"option_{number}_notice"] = line(_("选了它就提示"))
        self.fields[f"option_{number}_notice_en"] = line(_("英文的提示"), lang="en")
        self.fields[f"option_{number}_phone"] = line(_("电话"), inputmode="numeric")
        self.fields[f"option_{number}_stops"] = forms.BooleanField(label=_("选了它就不能再往下填"), required=False)
        self.fields[f"option_{number}_code"] = forms.CharField(required=False, widget=forms.HiddenInput)

    @property
    def options(self) -> list[dict[str, Any]]:
        """The rows of answers as bound fields."""
        names = ("label", "label_en", "notice", "notice_en", "phone", "stops", "code")
        rows: list[dict[str, Any]] = [
            {name: self[f"option_{number}_{name}"] for name in names} for number in range(self.count)
        ]
        for row in rows:
            row["open"] = bool(row["notice"].value() or row["stops"].value() or row["notice"].errors)
        return rows

    def question(self) -> Question:
        """Return the question that a valid form describes."""
        data = self.cleaned_data
        pairs = [pair.partition(":") for pair in data.get("condition", [])]
        return Question(
            key=self.key,
            kind=data["kind"],
            label=data["label"],
            label_en=data["label_en"],
            hint=data["hint"],
            hint_en=data["hint_en"],
            required=data["required"],
            options=self._options(),
            only_if=pairs[0][0] if pairs else "",
            only_if_codes=tuple(code for _key, _colon, code in pairs),
        )

    def clean_condition(self) -> list[str]:
        """All answers of a condition belong to one question."""
        pairs: list[str] = self.cleaned_data["condition"]
        if len({pair.partition(":")[0] for pair in pairs}) > 1:
            raise forms.ValidationError(_("只能看同一个问题的答案"))
        return pairs

    def _options(self) -> tuple[Option, ...]:
        data = self.cleaned_data
        found: list[Option] = []
        taken = {data[f"option_{number}_code"] for number in range(self.count)}
        for number in range(self.count):
            row = {name: data[f"option_{number}_{name}"] for name in ("label", "label_en", "notice", "notice_en")}
            if not any(row.values()):
                continue
            code = data[f"option_{number}_code"] or next(f"o{n}" for n in range(1, 99) if f"o{n}" not in taken)
            taken.add(code)
            stops, phone = data[f"option_{number}_stops"], data[f"option_{number}_phone"].strip()
            found.append(Option(code=code, stops=stops, phone=phone, **row))
        return tuple(found)


def question_initial(question: Question | None, position: int, version: int) -> dict[str, Any]:
    """Return what the form of a question shows at first."""
    if question is None:
        return {"kind": QuestionKind.ONE, "position": position, "version": version, "rows": 4}
    values: dict[str, Any] = {
        name: getattr(question, name) for name in ("label", "label_en", "hint", "hint_en", "kind", "required")
    }
    for number, option in enumerate(question.options):
        for name in ("label", "label_en", "notice", "notice_en", "phone", "stops", "code"):
            values[f"option_{number}_{name}"] = getattr(option, name)
    return values | {
        "position": position,
        "version": version,
        "condition": [f"{question.only_if}:{code}" for code in question.only_if_codes],
        "rows": min(OPTIONS_MAX, max(2, len(question.options) + SPARE_OPTIONS)),
    }
