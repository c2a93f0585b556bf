"""Forms of the code lists; the rules are in the services."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from grid.models import CodeItem, CodeKind, CodeList
from grid.services.codes import NAME_EN_MAX, NAME_MAX, NAME_MISSING, NOTE_MAX, NOTE_MISSING


class CodeFilterForm(forms.Form):
    """Which part of a list is shown; a made-up value is the same as none."""

    kind = forms.ChoiceField(label=_("种类"), choices=CodeKind.choices, required=False)
    major = forms.ChoiceField(label=_("大类"), required=False)
    q = forms.CharField(label=_("名称或代码"), required=False, max_length=30)

    def __init__(self, data: Any, *, code_list: CodeList) -> None:
        super().__init__(data)
        asked = str(data.get("kind", ""))
        self.shown_kind = asked if asked in CodeKind.values else CodeKind.COMPONENT.value
        self.fields["major"].choices = [("", _("全部大类")), *majors_of(code_list, self.shown_kind)]  # type: ignore[attr-defined]
        self.is_valid()

    def narrowed(self, code_list: CodeList) -> list[CodeItem]:
        """The kinds asked for, in the order of their codes: at most a few hundred. 1 SQL."""
        rows = CodeItem.objects.filter(code_list=code_list, kind=self.shown_kind)
        if major := self.cleaned_data.get("major"):
            rows = rows.filter(code__startswith=major)
        words = self.cleaned_data.get("q", "").strip()
        found = list(rows.order_by("code"))
        return [item for item in found if not words or _speaks_of(item, words)] if words else found


def _speaks_of(item: CodeItem, words: str) -> bool:
    return words in item.name or words.casefold() in item.name_en.casefold() or item.code.startswith(words)


def majors_of(code_list: CodeList, kind: str) -> list[tuple[str, str]]:
    """(code, name) of the major classes. 1 SQL."""
    rows = CodeItem.objects.filter(code_list=code_list, kind=kind, code__regex=r"^\d{2}$").order_by("code")
    return [(item.code, f"{item.code} {item.label}") for item in rows]


def _name(label: Any, *, required: bool, most: int) -> forms.CharField:
    return forms.CharField(label=label, required=required, max_length=most, error_messages={"required": NAME_MISSING})


class ConfirmForm(forms.Form):
    """Compared with which text, and how."""

    note = forms.CharField(
        label=_("对的是哪一份、怎么对的"),
        max_length=NOTE_MAX,
        help_text=_("例如：国标委网站上的正式文本，逐条对过，改了两处。"),
        error_messages={"required": NOTE_MISSING},
    )


class OwnItemForm(forms.Form):
    """A kind of the district's own."""

    major = forms.ChoiceField(label=_("大类"), error_messages={"required": _("请选一个大类")})
    name = _name(_("名称"), required=True, most=NAME_MAX)
    name_en = _name(_("英文名称"), required=False, most=NAME_EN_MAX)

    def __init__(self, data: Any = None, *, code_list: CodeList, kind: str, **options: Any) -> None:
        super().__init__(data, **options)
        self.fields["major"].choices = majors_of(code_list, kind)  # type: ignore[attr-defined]


class ItemForm(forms.Form):
    """One kind: the standard's keeps its name."""

    name = _name(_("名称"), required=True, most=NAME_MAX)
    name_en = _name(_("英文名称"), required=False, most=NAME_EN_MAX)
    is_active = forms.BooleanField(
        label=_("在本区使用"), required=False, help_text=_("不用的种类，登记和上报时不再出现；已经登记的不变。")
    )


class SuccessionForm(forms.Form):
    """What an old code is called now."""

    old_standard = forms.CharField(label=_("原标准"), max_length=60)
    old_code = forms.CharField(label=_("原代码"), max_length=10)
    old_name = forms.CharField(label=_("原名称"), max_length=30)
    code = forms.CharField(
        label=_("现在的代码"), max_length=5, required=False, help_text=_("5 位；新标准里没有的，空着。")
    )
    note = forms.CharField(label=_("说明"), max_length=200, required=False)

    def __init__(self, data: Any = None, *, code_list: CodeList, kind: str, **options: Any) -> None:
        super().__init__(data, **options)
        self._items = CodeItem.objects.filter(code_list=code_list, kind=kind, code__regex=r"^\d{5}$")
        for name in ("old_standard", "old_code", "old_name"):
            self.fields[name].error_messages["required"] = _("请写原标准、原代码和原名称")

    def clean_code(self) -> CodeItem | None:
        """The kind that has this code in the list."""
        code = self.cleaned_data["code"].strip()
        item = self._items.filter(code=code).first() if code else None
        if code and item is None:
            raise forms.ValidationError(_("这份代码表里没有这个代码"))
        return item
