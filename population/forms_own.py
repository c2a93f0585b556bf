"""Forms of residents about their own record."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from governance.files.models import StoredFile
from governance.web.forms import IdempotencyField
from population.models import CorrectionKind, DocumentKind, Person, Sex
from population.models.corrections import ADDRESS_MAX, PROPOSED, WORDS_MAX
from population.models.people import NAME_MAX, NUMBER_MAX, PHONE_MAX
from population.services.corrections import FILES_MOST, data_of

_OFF = {"autocomplete": "off"}


class _Proposal(forms.Form):
    """What every proposal may come with."""

    kind: CorrectionKind
    words = forms.CharField(
        label=_("说明"),
        help_text=_("为什么不对，您从哪里知道的。社区核实时会看。"),
        required=False,
        max_length=WORDS_MAX,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"max_length": _("太长了，最多 500 个字")},
    )
    submission_key = IdempotencyField()
    taken: Sequence[StoredFile] = ()
    most = FILES_MOST

    def values(self) -> dict[str, str]:
        """What should stand there, by field."""
        data = self.cleaned_data
        return {name: str(data.get(name) or "") for name in self.fields if name not in ("words", "submission_key")}


class FieldsForm(_Proposal):
    """The person's own fields as they are registered, to be put right."""

    kind = CorrectionKind.FIELDS
    name = forms.CharField(
        label=_("姓名"),
        max_length=NAME_MAX,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": _("请写姓名")},
    )
    sex = forms.ChoiceField(label=_("性别"), choices=Sex.choices)
    birth_date = forms.CharField(
        label=_("出生日期"),
        help_text=_("例如 1961-03-05"),
        required=False,
        max_length=10,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "bday"}),
        error_messages={"max_length": _("日期没有看懂，请写成 1961-03-05")},
    )
    document_kind = forms.ChoiceField(
        label=_("证件类型"), choices=[("", _("没有登记")), *DocumentKind.choices], required=False
    )
    document_number = forms.CharField(
        label=_("证件号码"), required=False, max_length=NUMBER_MAX, widget=forms.TextInput(attrs=_OFF)
    )
    phone = forms.CharField(
        label=_("电话"),
        required=False,
        max_length=PHONE_MAX,
        widget=forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel"}),
    )

    def __init__(self, data: Any, *, person: Person) -> None:
        known = data_of(person)
        super().__init__(data, initial={name: getattr(known, name) for name in PROPOSED})


class MovedOutForm(_Proposal):
    """Not there any more."""

    kind = CorrectionKind.MOVED_OUT
    date = forms.CharField(
        label=_("从哪天起不住在这里"),
        help_text=_("例如 2026-01-05"),
        max_length=10,
        widget=forms.TextInput(attrs={"inputmode": "numeric", **_OFF}),
        error_messages={
            "required": _("请写从哪天起"),
            "max_length": _("日期没有看懂，请写成 2026-01-05"),
        },
    )


class MovedInForm(MovedOutForm):
    """Somewhere else now."""

    kind = CorrectionKind.MOVED_IN
    address = forms.CharField(
        label=_("搬到了哪里"),
        help_text=_("小区、楼栋、单元、室号；和谁住，写在说明里"),
        max_length=ADDRESS_MAX,
        widget=forms.TextInput(attrs=_OFF),
        error_messages={"required": _("请写搬到了哪里"), "max_length": _("太长了，最多 120 个字")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["date"].label = _("从哪天起住在那里")
