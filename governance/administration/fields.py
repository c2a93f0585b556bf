"""Fields that the forms of administration share."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from governance.access.reasons import REASON_MAX


def reason_field(label: Any, *, missing: Any, help_text: Any = "") -> forms.CharField:
    """Why something is done: goes into the trail; `missing` is what is said where nothing was written."""
    return forms.CharField(
        label=label,
        max_length=REASON_MAX,
        help_text=help_text,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": missing, "max_length": _("理由请写在 200 字以内")},
    )
