"""The question put to the trail: it stands in the address, so that a finding can be sent to a colleague."""

from datetime import timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from governance.audit.filters import TrailFilter
from governance.audit.selectors import kinds, people_named, refs_of
from governance.worktime.days import midnight

NOT_A_DAY = _("日期没有看懂，请写成 2026-01-05")


class TrailForm(forms.Form):
    """Who, which kind, which record, from when to when, which words."""

    who = forms.CharField(
        label=_("谁做的"),
        required=False,
        max_length=60,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
    )
    kind = forms.ChoiceField(label=_("种类"), required=False)
    record = forms.CharField(
        label=_("哪条记录"), required=False, max_length=500, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    words = forms.CharField(label=_("含有的词"), required=False, max_length=40)
    since = forms.DateField(
        label=_("从哪天"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": NOT_A_DAY},
    )
    until = forms.DateField(
        label=_("到哪天"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": NOT_A_DAY},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [("", _("所有种类")), *kinds()]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Find the people and the record; say so beside the field where there are none."""
        data = super().clean() or {}
        since, until = data.get("since"), data.get("until")
        if since and until and until < since:
            self.add_error("until", _("结束的日子早于开始的日子"))
        if (who := data.get("who", "").strip()) and not (people := people_named(who)):
            self.add_error("who", _("没有找到这个人。请核对姓名，或者改用工号、邮箱。"))
        elif who:
            data["people"] = people
        if (record := data.get("record", "").strip()) and not (refs := refs_of(record)):
            self.add_error("record", _("没有找到这条记录。请贴它的网址，或者写编号。"))
        elif record:
            data["refs"] = refs
        return data

    def narrowed(self) -> TrailFilter:
        """Return the filter of a valid form; days begin and end at local midnight."""
        data = self.cleaned_data
        since, until = data.get("since"), data.get("until")
        return TrailFilter(
            kind=data.get("kind", ""),
            people=tuple(data["people"]) if "people" in data else None,
            refs=tuple(data["refs"]) if "refs" in data else None,
            since=midnight(since) if since else None,
            until=midnight(until + timedelta(days=1)) if until else None,
            words=data.get("words", "").strip(),
        )
