"""Forms of the links to parties outside; the rules are in the services."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from governance.organisations.models import Organisation
from requests_intake.turn_forms import words


class SendOutsideForm(forms.Form):
    """To which party outside, where the link goes, what the party may know."""

    organisation = forms.ModelChoiceField(
        label=_("发给哪个单位"),
        help_text=_("物业、公用企业、施工单位、社会组织：不在平台上办单的。没有派给它的，就请它协办。"),
        queryset=Organisation.objects.none(),
        required=False,
        empty_label=_("请选"),
    )
    instruction = words(_("交代"), help_text=_("对方看得到。不要写居民的姓名和电话。"))
    email = forms.EmailField(
        label=_("对方的邮箱"),
        required=False,
        max_length=120,
        help_text=_("邮箱、手机都不填，就自己把链接或二维码交给对方。"),
        error_messages={"invalid": _("邮箱没有看懂，请再看一遍")},
    )
    phone = forms.CharField(
        label=_("对方的手机"),
        required=False,
        max_length=20,
        widget=forms.TextInput(attrs={"type": "tel", "inputmode": "tel", "autocomplete": "off"}),
    )
    may_call = forms.BooleanField(
        label=_("让对方看居民的称呼和电话，自己约时间"),
        help_text=_("不勾，对方看不到是谁反映的。每看一次都有记录。"),
        required=False,
    )

    def __init__(self, *args: Any, organisations: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organisation"].queryset = organisations  # type: ignore[attr-defined]


class OutsideNoteForm(forms.Form):
    """How it goes."""

    text = words(_("什么时候来，办到哪一步"), help_text=_("派单的单位看得到；居民看不到。"))


class OutsideResultForm(forms.Form):
    """What was done."""

    text = words(_("办了什么，结果怎样"), rows=5, help_text=_("派单的单位先看，再答复居民。"), most=None)
