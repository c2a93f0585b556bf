"""What narrows the register."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from governance.privacy.register import Declared, Processing, declared


class RegisterForm(forms.Form):
    """One app, some words. A narrowing that nobody offered is none."""

    app = forms.ChoiceField(label=_("模块"), required=False)
    q = forms.CharField(label=_("含有的词"), required=False, max_length=40)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = [(one.app, one.title) for one in declared() if one.personal]
        self.fields["app"].choices = [("", _("全部")), *offered]  # type: ignore[attr-defined]

    def narrowed(self) -> list[tuple[Declared, list[Processing]]]:
        """Return the apps with what they do with people's data, as far as it is asked for. No SQL."""
        self.is_valid()
        app, words = self.cleaned_data.get("app", ""), self.cleaned_data.get("q", "").casefold()
        found = [
            (one, [row for row in one.personal if words in _text(row)]) for one in declared() if app in ("", one.app)
        ]
        return [(one, rows) for one, rows in found if rows]


def _text(row: Processing) -> str:
    words = (row.title, row.what, row.why, row.basis.label, row.source, row.receivers, row.kept, *row.fields)
    return " ".join(str(word) for word in (*words, *row.fields.values())).casefold()
