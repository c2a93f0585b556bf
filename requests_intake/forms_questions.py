"""The form of a category's extra questions. It asks what the answers so far lead to; without script, page by page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from requests_intake.questions import (
    FIELD_PREFIX,
    LINE_MAX,
    LONG_MAX,
    Option,
    Question,
    QuestionKind,
    asked,
    chosen,
    stopping,
)


@dataclass(frozen=True, slots=True)
class Part:
    """One question on the page. `leads`: its answer may change what else is on the page."""

    field: Any
    notices: list[Option]
    leads: bool


class QuestionsForm(forms.Form):
    """The questions that are asked now. A hidden field names the questions and notices that were on the page already.

    Where an answer leads to a further question or to a notice, the page comes back with it once, before it goes on.
    """

    seen_name = "seen"
    # What is said before the page goes on; whoever is stopped by an answer is told by its notice.
    look_first = _("请先看一眼提示，再按一次“下一步”")
    ends_at_stop = True

    def __init__(self, data: QueryDict | None, *, questions: Sequence[Question], kept: Mapping[str, Any]) -> None:
        answers = kept if data is None else typed_answers(data, questions)
        self.now = {FIELD_PREFIX + one.key: one for one in asked(questions, _by_key(answers))}
        self.questions, self.answers = questions, _by_key(answers)
        super().__init__(data, initial=dict(answers))
        for name, question in self.now.items():
            self.fields[name] = _field(question)
        self.was_seen = set(str(data.get(self.seen_name, "")).split()) if data is not None else set()

    @property
    def parts(self) -> list["Part"]:
        """The questions on the page."""
        leading = {one.only_if for one in self.questions}
        return [
            Part(
                field=self[name],
                notices=[option for option in chosen(question, self.answers) if option.notice],
                leads=question.key in leading or any(option.notice for option in question.options),
            )
            for name, question in self.now.items()
        ]

    @property
    def shown(self) -> str:
        """What the page shows, for the hidden field."""
        return " ".join(self._shown())

    @property
    def stop(self) -> Option | None:
        """The answer that ends the form, if one was chosen."""
        found = stopping(self.questions, self.answers)
        return found[1] if found is not None else None

    def clean(self) -> dict[str, Any]:
        """Go on only when everything that the answers lead to has been on the page."""
        cleaned = super().clean() or {}
        cleaned["answers"] = {question.key: self._answer(cleaned, name) for name, question in self.now.items()}
        new = [name for name in self.now if name not in self.was_seen]
        notices = [one for one in self._shown() if one not in self.was_seen and one not in self.now]
        if new:
            self.add_error(None, self.more_to_ask(len(new)))
        elif notices and (self.stop is None or not self.ends_at_stop):
            self.add_error(None, self.look_first)
        return cleaned

    def more_to_ask(self, count: int) -> str:
        """What is said when the answers led to questions that were not on the page."""
        said = ngettext("按您的回答，还要再问 %(count)s 句", "按您的回答，还要再问 %(count)s 句", count)
        return said % {"count": count}

    def _shown(self) -> list[str]:
        notices = [
            f"{name}:{option.code}"
            for name, question in self.now.items()
            for option in chosen(question, self.answers)
            if option.notice
        ]
        return [*self.now, *notices]

    def _answer(self, cleaned: Mapping[str, Any], name: str) -> Any:
        value = cleaned.get(name)
        return list(value) if isinstance(value, list) else str(value or "")


def typed_answers(data: QueryDict, questions: Sequence[Question]) -> dict[str, Any]:
    """What was posted, by field name; several answers as a list."""
    typed: dict[str, Any] = {}
    for question in questions:
        name = FIELD_PREFIX + question.key
        if name in data:
            typed[name] = data.getlist(name) if question.kind == QuestionKind.MANY else data.get(name)
    return typed


def _by_key(answers: Mapping[str, Any]) -> dict[str, Any]:
    return {name.removeprefix(FIELD_PREFIX): value for name, value in answers.items()}


_KEPT = {"hx-preserve": "true"}  # what is being typed stays while the questions around it change


def _field(question: Question) -> forms.Field:
    """The field of a question. Required or not, and what an answer must look like, is checked where it is kept."""
    common: dict[str, Any] = {"label": question.text, "help_text": question.hint_text, "required": False}
    choices = [(option.code, option.text) for option in question.options]
    match question.kind:
        case QuestionKind.ONE:
            return forms.ChoiceField(choices=choices, widget=forms.RadioSelect, **common)
        case QuestionKind.MANY:
            return forms.MultipleChoiceField(choices=choices, widget=forms.CheckboxSelectMultiple, **common)
        case QuestionKind.LONG:
            return forms.CharField(
                widget=forms.Textarea(attrs={**_KEPT, "rows": 4, "data-count": str(LONG_MAX)}), **common
            )
        case QuestionKind.NUMBER:
            return forms.CharField(widget=forms.TextInput(attrs={**_KEPT, "inputmode": "decimal"}), **common)
        case QuestionKind.DATE:
            return forms.CharField(widget=forms.DateInput(attrs={**_KEPT, "type": "date"}), **common)
        case _:
            return forms.CharField(max_length=LINE_MAX * 2, widget=forms.TextInput(attrs=_KEPT), **common)
