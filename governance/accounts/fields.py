"""A telephone number as people type it."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from governance.text import mobile_number


class MobileField(forms.CharField):
    """A mobile number; the cleaned value is E.164."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("手机号"))
        kwargs.setdefault("max_length", 30)
        kwargs.setdefault("widget", forms.TextInput(attrs={"type": "tel", "inputmode": "tel", "autocomplete": "tel"}))
        kwargs["error_messages"] = {
            "required": _("请填手机号"),
            "max_length": _("手机号太长了，请检查一下"),
            **kwargs.get("error_messages", {}),
        }
        super().__init__(**kwargs)

    def clean(self, value: Any) -> str:
        """Return +8613812345678, "" for nothing where nothing is allowed."""
        typed = super().clean(value)
        number = mobile_number(typed)
        if typed and not number:
            raise forms.ValidationError(_("手机号没有看懂，请写成 13812345678"), code="invalid_phone")
        return number
