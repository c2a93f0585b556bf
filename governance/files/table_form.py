"""A table handed in: as a file, or pasted."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


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
