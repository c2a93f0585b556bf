"""Forms of what is watched; the rules are in the services."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from governance.audit.models import Verdict, WatchRule
from governance.audit.services.watching import REASON_MISSING, VERDICT_MISSING, WORDS_MISSING
from governance.audit.watch_words import rule_words


class VerdictForm(forms.Form):
    """What became of a finding."""

    verdict = forms.ChoiceField(
        label=_("结论"),
        choices=Verdict.choices,
        widget=forms.RadioSelect,
        error_messages={"required": VERDICT_MISSING, "invalid_choice": VERDICT_MISSING},
    )
    words = forms.CharField(
        label=_("查下来是怎么回事"),
        max_length=500,
        help_text=_("问了谁，为什么，怎么处理的。审计的人看得到。"),
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": WORDS_MISSING},
    )


class RulesForm(forms.Form):
    """A limit and a switch for each rule, and why they change."""

    def __init__(self, rules: Sequence[WatchRule], data: Any = None) -> None:
        super().__init__(data)
        self.rules = rules
        english = get_language() == "en"
        for rule in rules:
            self.fields[f"limit_{rule.key}"] = forms.IntegerField(
                label=rule.get_key_display(),
                help_text=rule_words(rule.key, rule.limit, english=english),
                initial=rule.limit,
                widget=forms.NumberInput(attrs={"class": "lr-input--short", "min": 0}),
                error_messages={"required": _("请写一个数"), "invalid": _("请写一个数")},
            )
            self.fields[f"on_{rule.key}"] = forms.BooleanField(label=_("提醒"), required=False, initial=rule.is_on)
        self.fields["reason"] = forms.CharField(
            label=_("为什么改"),
            max_length=200,
            widget=forms.Textarea(attrs={"rows": 2}),
            error_messages={"required": REASON_MISSING},
        )

    def pairs(self) -> list[tuple[Any, Any, WatchRule]]:
        """The two fields of each rule."""
        return [(self[f"limit_{rule.key}"], self[f"on_{rule.key}"], rule) for rule in self.rules]

    def values(self) -> dict[str, tuple[int, bool]]:
        """What a valid form says, by key."""
        data = self.cleaned_data
        return {rule.key: (data[f"limit_{rule.key}"], data[f"on_{rule.key}"]) for rule in self.rules}
