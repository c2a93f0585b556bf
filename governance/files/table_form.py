"""A table handed in, as a file or pasted; and which of its columns is what."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from governance.files.checked_tables import Column

_CHINESE = re.compile(r"[\u3400-\u9fff]")


class TableForm(forms.Form):
    """A file, or rows pasted from one."""

    file = forms.FileField(
        label=_("表格文件"),
        required=False,
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv,.txt"}),
        error_messages={"empty": _("这个文件是空的")},
    )
    text = forms.CharField(
        label=_("或者把表里的行粘贴在这里"),
        help_text=_("连列名一起，从 Excel 里选中、复制、粘贴"),
        required=False,
        max_length=1_000_000,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false"}),
    )

    def clean(self) -> dict[str, Any]:
        """One of the two."""
        cleaned = super().clean() or {}
        if not self.errors and not cleaned.get("file") and not cleaned.get("text", "").strip():
            self.add_error("file", _("请选一个文件，或者粘贴几行"))
        return cleaned


class _Titles(forms.Select):
    """Titles with samples: each says its language, where it is not that of the page."""

    def create_option(self, name: str, value: Any, label: Any, *rest: Any, **options: Any) -> dict[str, Any]:
        """As usual, with the language."""
        option: dict[str, Any] = super().create_option(name, value, label, *rest, **options)
        if (get_language() or "").startswith("en") and _CHINESE.search(str(label)):
            option["attrs"]["lang"] = "zh-Hans"
        return option


class MappingForm(forms.Form):
    """Which title of a file is which column. `version`: of the mapping that was seen."""

    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(
        self,
        data: Any = None,
        *,
        columns: Sequence[Column],
        titles: Sequence[str],
        samples: Mapping[str, str],
        **options: Any,
    ) -> None:
        super().__init__(data, **options)
        self._columns = columns
        choices = [(one, f"{one}: {samples[one]}" if samples.get(one) else one) for one in titles]
        for column in columns:
            self.fields[column.key] = forms.ChoiceField(
                label=str(column.title),
                required=column.required,
                choices=[("", gettext("文件里没有")), *choices],
                widget=_Titles,
            )
            self.fields[column.key].error_messages["required"] = gettext("请选这一项在哪一列")

    def clean(self) -> dict[str, Any]:
        """A title is one thing."""
        said = super().clean() or {}
        chosen = [title for column in self._columns if (title := said.get(column.key))]
        if twice := sorted({title for title in chosen if chosen.count(title) > 1}):
            self.add_error(None, gettext("一列只能是一样东西：%(titles)s") % {"titles": gettext("、").join(twice)})
        return said

    def columns(self) -> dict[str, str]:
        """Column -> title."""
        return {column.key: title for column in self._columns if (title := self.cleaned_data.get(column.key))}

    @property
    def shown(self) -> list[Any]:
        """The fields of the columns, bound."""
        return [self[column.key] for column in self._columns]
