"""Forms of the knowledge base: they parse; the rules are in the services."""

import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from governance.organisations.models import Organisation


class ArticleForm(forms.Form):
    """An article in both languages."""

    title = forms.CharField(label=_("题目"), help_text=_("像居民会问的那样，比如：身份证丢了怎么补"), required=False)
    body = forms.CharField(
        label=_("内容"),
        help_text=_("先说结论，再说带什么、去哪里、多久。空一行就是新的一段。"),
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 10}),
    )
    title_en = forms.CharField(label=_("英文题目（可不填）"), required=False)
    body_en = forms.CharField(
        label=_("英文内容（可不填）"), required=False, strip=False, widget=forms.Textarea(attrs={"rows": 6})
    )
    keywords = forms.CharField(
        label=_("居民还会怎么说"), help_text=_("用顿号或空格隔开，比如：补办、丢失、挂失"), required=False
    )
    organisation = forms.ModelChoiceField(
        label=_("负责单位"), queryset=Organisation.objects.none(), required=False, empty_label=_("请选单位")
    )
    review_date = forms.DateField(
        label=_("哪天再复核"),
        help_text=_("不填就是半年以后。"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": _("日期没有看懂，请写成 2026-01-05")},
    )
    reason = forms.CharField(label=_("为什么写、为什么改"), required=False, max_length=200)
    number = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, organisations: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organisation"].queryset = organisations  # type: ignore[attr-defined]

    def clean_keywords(self) -> list[str]:
        """Parted by spaces or any comma."""
        return [word for word in re.split(r"[\s,，、;；]+", self.cleaned_data["keywords"]) if word]


class ReviewForm(forms.Form):
    """Still right, until when."""

    review_date = forms.DateField(
        label=_("哪天再复核"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": _("日期没有看懂，请写成 2026-01-05")},
    )
