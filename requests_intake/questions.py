"""Extra questions of a category: what is asked, when, and what an answer leads to. Pure; kept as JSON in the category.

A question may hang on the answers of an earlier one; a question that is not asked has no answer, so that what hangs on
it is not asked either. An answer may show a notice, or stop the form ("call 110 instead").
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db.models import TextChoices
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from governance.errors import DomainError
from governance.text import clean_text

QUESTIONS_MAX = 10
OPTIONS_MAX = 12
LABEL_MAX = 80
NOTICE_MAX = 300
LINE_MAX = 200
LONG_MAX = 1000
FIELD_PREFIX = "q_"

Answers = Mapping[str, Any]  # key of a question -> text, or a list of option codes


class QuestionKind(TextChoices):
    """How a question is answered."""

    ONE = "one", _("选一个")
    MANY = "many", _("可以选几个")
    LINE = "line", _("一行字")
    LONG = "long", _("几行字")
    NUMBER = "number", _("数字")
    DATE = "date", _("日期")


CHOICES = (QuestionKind.ONE, QuestionKind.MANY)


def _in_language(chinese: str, english: str) -> str:
    return english if english and get_language() == "en" else chinese


@dataclass(frozen=True, slots=True)
class Option:
    """One answer to choose. With `stops` the form ends here: the notice says what to do, `phone` whom to call."""

    code: str
    label: str
    label_en: str
    notice: str = ""
    notice_en: str = ""
    stops: bool = False
    phone: str = ""

    @property
    def text(self) -> str:
        """What is chosen, in the language of the page."""
        return _in_language(self.label, self.label_en)

    @property
    def notice_text(self) -> str:
        """What is said once it is chosen, in the language of the page."""
        return _in_language(self.notice, self.notice_en)


@dataclass(frozen=True, slots=True)
class Question:
    """One question. It is asked if `only_if` is "" or that question's answer holds one of `only_if_codes`."""

    key: str
    kind: str
    label: str
    label_en: str
    hint: str = ""
    hint_en: str = ""
    required: bool = False
    options: tuple[Option, ...] = ()
    only_if: str = ""
    only_if_codes: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The question in the language of the page."""
        return _in_language(self.label, self.label_en)

    @property
    def hint_text(self) -> str:
        """Its hint in the language of the page."""
        return _in_language(self.hint, self.hint_en)

    @property
    def has_options(self) -> bool:
        """Whether it is answered by choosing."""
        return self.kind in CHOICES

    def option(self, code: str) -> Option | None:
        """Return the option with this code."""
        return next((option for option in self.options if option.code == code), None)


def questions_of(raw: Sequence[Mapping[str, Any]]) -> tuple[Question, ...]:
    """Return the questions that a category holds as JSON."""
    return tuple(
        Question(
            **{
                **one,
                "options": tuple(Option(**o) for o in one["options"]),
                "only_if_codes": tuple(one["only_if_codes"]),
            }
        )
        for one in raw
    )


def raw_of(questions: Iterable[Question]) -> list[dict[str, Any]]:
    """Return questions as JSON."""
    return [
        {**asdict(one), "options": [asdict(o) for o in one.options], "only_if_codes": list(one.only_if_codes)}
        for one in questions
    ]


def chosen(question: Question, answers: Answers) -> list[Option]:
    """Return the options that an answer names; unknown codes are none."""
    value = answers.get(question.key)
    codes = value if isinstance(value, list | tuple) else [value]
    return [option for option in question.options if option.code in codes]


def asked(questions: Sequence[Question], answers: Answers) -> list[Question]:
    """Return the questions that these answers lead to, in order."""
    found: list[Question] = []
    met: set[tuple[str, str]] = set()
    for question in questions:
        if question.only_if and not any((question.only_if, code) in met for code in question.only_if_codes):
            continue
        found.append(question)
        met |= {(question.key, option.code) for option in chosen(question, answers)}
    return found


def stopping(questions: Sequence[Question], answers: Answers) -> tuple[Question, Option] | None:
    """Return the first question whose answer stops the form, with that answer."""
    for question in asked(questions, answers):
        for option in chosen(question, answers):
            if option.stops:
                return question, option
    return None


def kept_answers(questions: Sequence[Question], answers: Answers, *, stops: bool = True) -> list[dict[str, Any]]:
    """Check the answers and return what is stored: each question that was answered, in the words it was asked in.

    What is not asked is left out, required or not. Raises `DomainError` on the field "q_<key>" for a required answer
    that is missing, one that cannot be understood, and one that stops the form; without `stops` such a one is kept.
    """
    stop = stopping(questions, answers) if stops else None
    if stop is not None:
        raise DomainError("stopped", stop[1].notice_text, field=FIELD_PREFIX + stop[0].key)
    kept = []
    for question in asked(questions, answers):
        values = _values(question, answers.get(question.key))
        if not values and question.required:
            raise DomainError("answer_required", _("请回答这个问题"), field=FIELD_PREFIX + question.key)
        if values:
            kept.append({"label": question.label, "label_en": question.label_en, "values": values})
    return kept


def _values(question: Question, value: Any) -> list[dict[str, str]]:
    if question.has_options:
        picked = chosen(question, {question.key: value})
        return [{"zh": option.label, "en": option.label_en} for option in picked]
    text = clean_text(str(value or ""), multiline=question.kind == QuestionKind.LONG)
    if not text:
        return []
    fault = _fault(question.kind, text)
    if fault:
        raise DomainError("answer_invalid", fault, field=FIELD_PREFIX + question.key)
    return [{"zh": text, "en": text}]


def _fault(kind: str, text: str) -> Any:
    if kind == QuestionKind.NUMBER:
        return "" if _is_number(text) else _("请写一个数字")
    if kind == QuestionKind.DATE:
        return "" if _is_date(text) else _("日期没有看懂，请写成 2026-01-05")
    most = LONG_MAX if kind == QuestionKind.LONG else LINE_MAX
    return _("写得太长了，最多 %(most)s 字") % {"most": most} if len(text) > most else ""


def _is_number(text: str) -> bool:
    try:
        return Decimal(text).is_finite() and len(text) <= 20
    except InvalidOperation:
        return False


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


@dataclass(frozen=True, slots=True)
class AnswerRow:
    """One answered question as it is shown."""

    label: str
    value: str


def answer_rows(stored: Iterable[Mapping[str, Any]]) -> list[AnswerRow]:
    """Return stored answers in the language of the page; what people typed stays as typed."""
    english = get_language() == "en"
    return [
        AnswerRow(
            label=one["label_en"] if english and one["label_en"] else one["label"],
            value=gettext("、").join((v["en"] if english else v["zh"]) or v["zh"] for v in one["values"]),
        )
        for one in stored
    ]


def check_questions(questions: Sequence[Question]) -> None:
    """Raise `DomainError` with the field of the editor's form where a set of questions cannot be asked."""
    if len(questions) > QUESTIONS_MAX:
        raise DomainError("too_many_questions", _("一个事项最多问 10 个附加问题，多了没有人愿意填"))
    before: dict[str, Question] = {}
    for question in questions:
        _check_words(question)
        _check_options(question)
        _check_condition(question, before)
        before[question.key] = question


def _check_words(question: Question) -> None:
    if not question.label:
        raise DomainError("label_required", _("请写问题"), field="label")
    if not question.label_en:
        raise DomainError("label_en_required", _("请写英文的问题"), field="label_en")
    if question.kind not in QuestionKind.values:
        raise DomainError("kind_unknown", _("请选怎么回答"), field="kind")
    for field in ("label", "label_en", "hint", "hint_en"):
        if len(getattr(question, field)) > LABEL_MAX * 2:
            raise DomainError("too_long", _("太长了，请写短一些"), field=field)


def _check_options(question: Question) -> None:
    if not question.has_options:
        return
    if len(question.options) < 2:
        raise DomainError("options_needed", _("至少写两个可以选的答案"), field="option_0_label")
    if len(question.options) > OPTIONS_MAX:
        raise DomainError("too_many_options", _("答案最多 12 个"), field="option_0_label")
    for number, option in enumerate(question.options):
        if not option.label or not option.label_en:
            field = "label" if not option.label else "label_en"
            raise DomainError("option_named", _("答案要写中文和英文两种"), field=f"option_{number}_{field}")
        if bool(option.notice) != bool(option.notice_en):
            field = "notice" if not option.notice else "notice_en"
            raise DomainError("notice_in_both", _("提示要写中文和英文两种"), field=f"option_{number}_{field}")
        if option.stops and not option.notice:
            raise DomainError("stop_says_why", _("拦下的答案要写提示：该找谁"), field=f"option_{number}_notice")
        if option.phone and not re.fullmatch(r"[0-9]{3,12}", option.phone):
            raise DomainError("phone_shape", _("电话写成 110 这样的数字"), field=f"option_{number}_phone")
        if max(len(option.notice), len(option.notice_en)) > NOTICE_MAX:
            raise DomainError("too_long", _("太长了，请写短一些"), field=f"option_{number}_notice")


def _check_condition(question: Question, before: Mapping[str, Question]) -> None:
    if not question.only_if:
        return
    on = before.get(question.only_if)
    known = {option.code for option in on.options} if on is not None else set()
    if not question.only_if_codes or not set(question.only_if_codes) <= known:
        raise DomainError(
            "condition_unknown",
            _("条件要看排在前面的问题的答案；那个问题或答案不在了，或者排到了后面"),
            field="condition",
        )
