"""The one-screen form of a clerk who takes down what somebody says."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from governance.organisations.models import Organisation
from requests_intake.forms import ConcernedForm, ShortAnswers, WhereForm, phone_of
from requests_intake.forms_questions import QuestionsForm
from requests_intake.models import Category, RequestKind
from requests_intake.services.entry import ENTRY_CHANNELS
from requests_intake.services.submission import LONG_BODY_MAX

NOT_ANSWERS = frozenset({"seen"})


class EntryQuestionsForm(QuestionsForm):
    """The item's own questions, as residents are asked them. What stops a resident is for the clerk to pass on."""

    seen_name = "asked"
    look_first = _("请先把提示告诉对方。还是要登记，就再按一次。")
    ends_at_stop = False

    def more_to_ask(self, count: int) -> str:
        """The questions of the item that was just chosen, or what the answers led to."""
        said = ngettext("这一类还要问 %(count)s 句，见“事项”下面", "这一类还要问 %(count)s 句，见“事项”下面", count)
        return said % {"count": count}


class EntryForm(ConcernedForm, WhereForm):
    """Who, what, where, which item: everything on one page, in the order in which people tell it."""

    needs_place = False
    offers_estates = False  # whoever takes it down types the address, and sees what is known below

    channel = forms.ChoiceField(
        label=_("怎么来的"),
        choices=[(one.value, one.label) for one in ENTRY_CHANNELS],
        widget=ShortAnswers,
        error_messages={"required": _("请选：是来窗口的，还是打电话来的")},
    )
    kind = forms.ChoiceField(
        label=_("类型"),
        choices=RequestKind.choices,
        widget=ShortAnswers,
        error_messages={"required": _("请选一种类型")},
    )
    phone = forms.CharField(
        label=_("电话"),
        required=False,
        max_length=30,
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "tel", "autofocus": True}),
        error_messages={"max_length": _("这个电话太长了，请检查一下")},
    )
    name = forms.CharField(
        label=_("称呼"),
        required=False,
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"max_length": _("称呼太长了，最多 40 个字")},
    )
    email = forms.EmailField(
        label=_("邮箱"),
        required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
        error_messages={"invalid": _("邮箱没有看懂，请写成 name@example.com 这样")},
    )
    language = forms.ChoiceField(
        label=_("给对方的消息用"), choices=[("zh-hans", _("中文")), ("en", _("英文"))], required=False
    )
    body = forms.CharField(
        label=_("说了什么"),
        help_text=_("照原话记：什么东西、在哪里、怎么了、希望怎么办。"),
        strip=False,
        widget=forms.Textarea(attrs={"rows": 5, "data-count": str(LONG_BODY_MAX)}),
        error_messages={"required": _("请写几句：在哪里、怎么了、希望怎么办")},
    )
    complained = forms.ModelChoiceField(
        label=_("说的是哪个单位"),
        help_text=_("投诉、举报才记。它不能牵头，它的人看不到是谁反映的。"),
        queryset=Organisation.objects.none(),
        required=False,
        empty_label=_("没有，或不是登记的单位"),
    )
    category_words = forms.CharField(
        label=_("事项"),
        help_text=_("打几个字从列表里选；拿不准就空着，由派单员判断。"),
        required=False,
        max_length=80,
        widget=forms.TextInput(attrs={"list": "catalogue", "autocomplete": "off"}),
    )
    urgent_remark = forms.CharField(
        label=_("要让派单员先看到的"),
        help_text=_("比如：老人独自在家。居民看不到。"),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"max_length": _("最多 200 字")},
    )
    answer = forms.CharField(
        label=_("当场答复"),
        help_text=_("一句话能答清楚的写在这里：登记下来就算答复了，不用派单。对方不满意，可以重新打开。"),
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    may_be_public = forms.BooleanField(label=_("对方同意办完以后公开（不含姓名、电话和门牌）"), required=False)
    accept = forms.BooleanField(label=_("同时受理，转到待派单"), required=False)
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(
        self, *args: Any, catalogue: list[Category], organisations: Any, may_accept: bool, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.catalogue = [one for one in catalogue if not one.stop_text]
        self.stops = [one for one in catalogue if one.stop_text]
        self.organisations = organisations
        self.fields["complained"].queryset = organisations  # type: ignore[attr-defined]
        self._speak_to_the_clerk()
        if not may_accept:
            del self.fields["accept"], self.fields["answer"]

    def _speak_to_the_clerk(self) -> None:
        """The fields that residents fill in as well, in the words of whoever takes it down."""
        self.fields["address"].label = _("地址，或者附近好认的地方")
        self.fields["address"].help_text = _("没有具体地点就空着。")
        self.fields["for_whom"].label = _("为谁反映")
        self.fields["for_whom"].choices = [("me", _("为自己")), ("other", _("替别人"))]  # type: ignore[attr-defined]
        self.fields["relation"].label = _("是反映人的什么人")
        self.fields["other_phone"].label = _("这个人的电话")
        self.fields["other_phone"].help_text = ""
        self.fields["other_told"].help_text = _("以后的消息和评价还是发给反映的人。")
        self.fields["calls"].label = _("有事打给谁")
        self.fields["calls"].choices = [("me", _("反映的人")), ("other", _("这个人"))]  # type: ignore[attr-defined]

    def clean_phone(self) -> str:
        """As residents' own telephone numbers."""
        return phone_of(self.cleaned_data["phone"])

    def clean_category_words(self) -> Category | None:
        """Find the item that was chosen or typed: by code, by name, or by the one name that holds the words."""
        words = self.cleaned_data["category_words"].strip()
        if not words:
            return None
        found = [one for one in self.catalogue if words in (one.code, one.label, one.name, option_of(one))]
        if len(found) != 1:
            found = [one for one in self.catalogue if words.casefold() in option_of(one).casefold()]
        if len(found) != 1:
            if stop := next((one for one in self.stops if words in (one.code, one.label, one.name)), None):
                raise forms.ValidationError(
                    _("%(stop)s 请先告诉对方。还是要登记，就把事项空着，由派单员判断。") % {"stop": stop.stop_label}
                )
            raise forms.ValidationError(
                _("有 %(count)s 个事项里有这几个字，请从列表里选一个") % {"count": len(found)}
                if found
                else _("没有这个事项，请从列表里选，或者空着")
            )
        return found[0]


def option_of(category: Category) -> str:
    """An item as the list offers it: name and code."""
    return f"{category.label} {category.code}"
