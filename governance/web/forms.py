"""How forms look and behave everywhere: label, hint, error, then the control; nothing typed is ever lost."""

import time
import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django import forms
from django.core import signing
from django.core.exceptions import ValidationError
from django.forms.boundfield import BoundField
from django.forms.renderers import TemplatesSetting
from django.utils.dateparse import parse_datetime
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from governance.errors import DomainError, Forbidden, StaleState

CHOICE_WIDGETS = (forms.RadioSelect, forms.CheckboxSelectMultiple)
PLAIN_WIDGETS = (forms.CheckboxInput, forms.FileInput, *CHOICE_WIDGETS)


class Hinted:
    """Label of a radio or check card with a quiet second line: `(value, Hinted(_("公开"), _("不写您的名字")))`."""

    def __init__(self, label: str | Promise, hint: str | Promise = "") -> None:
        self.label = label
        self.hint = hint

    def __str__(self) -> str:
        return str(self.label)


class Written(str):
    """Label of a radio or check card in words of people: marked as Chinese or English on a page of the other."""

    is_written = True


def moment_held(text: str) -> datetime | None:
    """Return the moment that a hidden field holds, None for anything else: somebody may have written into it."""
    try:
        return parse_datetime(text)
    except ValueError:
        return None


class LirenBoundField(BoundField):
    """A field on a page: our classes on the control, an anchor for the error summary, marks in words."""

    field: forms.Field

    def build_widget_attrs(self, attrs: Any, widget: Any = None) -> dict[str, Any]:
        """Add `lr-input` to controls that are a box."""
        attrs = super().build_widget_attrs(attrs, widget)
        shown = widget or self.field.widget
        if not shown.is_hidden and not isinstance(shown, PLAIN_WIDGETS):
            own = shown.attrs.get("class", "")
            attrs["class"] = own if "lr-input" in own.split() else f"lr-input {own}".strip()
        if self.is_file and not shown.is_hidden:
            attrs["aria-labelledby"] = f"{self.auto_id}_label"  # our words, not the browser's caption
        return attrs

    @property
    def anchor(self) -> str:
        """Id of the control that the error summary links to; of a group, its first choice."""
        if isinstance(self.field.widget, CHOICE_WIDGETS):
            return f"{self.auto_id}_0"
        return self.id_for_label or self.auto_id

    @property
    def is_check(self) -> bool:
        """A single box to tick: its label stands beside it."""
        return isinstance(self.field.widget, forms.CheckboxInput)

    @property
    def is_file(self) -> bool:
        """A file to choose: our words cover the browser's own caption."""
        return isinstance(self.field.widget, forms.FileInput)

    @property
    def mark(self) -> str | Promise:
        """（必填） or （可不填）: in words, only where a form has both kinds."""
        shown = [f for f in self.form.fields.values() if not f.widget.is_hidden]
        if len({f.required for f in shown}) < 2:
            return ""
        if "data-needed" in self.field.widget.attrs:  # by the choice that shows it
            return _("（必填）")
        return _("（必填）") if self.field.required else _("（可不填）")


class LirenRenderer(TemplatesSetting):
    """Renders forms with the project's own templates (templates/django/forms)."""

    form_template_name = "django/forms/form.html"
    field_template_name = "django/forms/field.html"
    bound_field_class = LirenBoundField


def add_domain_error(form: forms.BaseForm, error: DomainError) -> None:
    """Show a service's refusal beside its field, or at the top of the form if it has no such field."""
    field = error.field if error.field in form.fields else None
    form.add_error(field, ValidationError(str(error.message), code=error.code))


def attempt(form: forms.Form, act: Callable[[dict[str, Any]], Any]) -> Any:
    """Return what a service made of a form that was sent; None where the form, now, says what is wrong.

    `act` gets the cleaned data. What nobody can mend in the form is raised on: `Forbidden`, `StaleState`.
    """
    if not form.is_valid():
        return None
    try:
        return act(form.cleaned_data)
    except (Forbidden, StaleState):
        raise
    except DomainError as error:
        add_domain_error(form, error)
        return None


def summary(form: forms.BaseForm) -> list[tuple[str, str]]:
    """Return (anchor, message) of every error in reading order, for the error summary; no anchor: the whole form."""
    lines = [("", str(message)) for message in form.non_field_errors()]
    for name in form.fields:
        bound: Any = form[name]
        anchor = "" if bound.is_hidden else bound.anchor
        lines += [(anchor, str(message)) for message in bound.errors]
    return lines


class TimeTrapWidget(forms.HiddenInput):
    """Holds the moment the form was first shown; a stamp that cannot be used any more is replaced by a new one."""

    def format_value(self, value: Any) -> str:
        """Keep a good stamp, so that pressing again works; else stamp anew."""
        if isinstance(value, str) and _age(value) is not None:
            return value
        return _signer().sign("shown")


class SignedTimeTrapField(forms.Field):
    """Tells people from scripts by the time they take: at least 2 seconds, at most 24 hours.

    It never loses what was typed: the page comes back with everything in it and asks to press send again.
    """

    widget = TimeTrapWidget
    MIN_SECONDS = 2
    MAX_SECONDS = 24 * 3600

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, label="", **kwargs)

    def clean(self, value: Any) -> None:
        """Raise a ValidationError that says what to do; there is no value to keep."""
        age = _age(value or "")
        if age is None:
            raise ValidationError(_("这一页打开得太久了。您写的都还在，请再按一次提交。"), code="too_old")
        if age < self.MIN_SECONDS:
            raise ValidationError(_("按得太快，没有送出去。您写的都还在，请再按一次提交。"), code="too_fast")


def _signer() -> signing.TimestampSigner:
    return signing.TimestampSigner(salt="liren.time-trap")


def _age(stamp: str) -> float | None:
    """Seconds since the stamp was made; None if it is forged or too old."""
    try:
        _signer().unsign(stamp, max_age=SignedTimeTrapField.MAX_SECONDS)
    except signing.BadSignature:
        return None
    made = signing.b62_decode(stamp.rsplit(":", 2)[-2])
    return time.time() - made


class IdempotencyField(forms.UUIDField):
    """Hidden key of one filled-in form: pressing send twice creates one row (`idempotency.create_once`)."""

    widget = forms.HiddenInput

    def __init__(self, **kwargs: Any) -> None:
        initial: Callable[[], uuid.UUID] = uuid.uuid4
        super().__init__(required=False, label="", initial=initial, **kwargs)

    def clean(self, value: Any) -> uuid.UUID:
        """Return the key; a missing or mangled one is replaced, since the person can do nothing about it."""
        try:
            key = super().clean(value)
        except ValidationError:
            key = None
        return key or uuid.uuid4()
