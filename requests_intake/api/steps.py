"""Steps for programs: the table of the pages with its forms; things are named by codes and public ids."""

from collections.abc import Iterable, Iterator, Mapping
from html import unescape
from typing import Any
from uuid import UUID

from django import forms
from django.http import QueryDict
from django.utils.html import strip_tags
from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError

from governance.errors import StaleState
from governance.organisations.models import Organisation
from governance.web.api.parsing import refuse_unknown
from requests_intake.actions import ACTIONS
from requests_intake.models import Category, ServiceRequest, WorkOrder
from requests_intake.selectors.detail import Possible
from requests_intake.workflow import ORDER_TRANSITIONS, OrderRole

BESIDE = {"order_of"}  # says which order; no field of a form
UPLOADS = {"reply": "photos", "reach_stage": "photos"}
_NOTHING = "0"  # no row has this key: the form answers as for a choice that it does not offer


def possible_steps(request: ServiceRequest, steps: list[Possible]) -> list[dict[str, Any]]:
    """The steps that can be taken now, each with its fields."""
    shown = []
    for step in steps:
        name = step.transition.name
        if name not in ACTIONS:
            continue
        form = ACTIONS[name].form(request, step.order, None)
        shown.append(
            {
                "name": name,
                "label": str(step.transition.label),
                "order_of": step.order.organisation.public_id if step.order is not None else None,
                "fields": [_described(key, field) for key, field in form.fields.items()],
            }
        )
    return shown


def _described(name: str, field: forms.Field) -> dict[str, Any]:
    return {
        "name": name,
        "label": str(field.label or ""),
        "help_text": str(field.help_text or ""),
        "many": isinstance(field, forms.ModelMultipleChoiceField),
        "choices": _choices(field),
    }


def _choices(field: Any) -> list[dict[str, str]]:
    offered: Any = getattr(field, "queryset", None)
    if offered is None:
        offered_here = _flat(getattr(field, "choices", ()))
        return [{"value": str(value), "label": _plain(label)} for value, label in offered_here]
    if offered.model is not Organisation:
        return []  # the catalogue is long, and has an address of its own
    return [{"value": str(one.public_id), "label": one.label} for one in offered]


def _plain(label: Any) -> str:
    """A label without what a page adds to it."""
    return unescape(strip_tags(str(label))) if hasattr(label, "__html__") else str(label)


def _flat(choices: Iterable[Any]) -> Iterator[tuple[Any, Any]]:
    """Choices without their groups."""
    for value, label in choices:
        yield from label if isinstance(label, list) else [(value, label)]


def order_for(request: ServiceRequest, name: str, data: Mapping[str, Any]) -> WorkOrder | None:
    """The order that a step moves: of the organisation that is named, else the lead's; None for the request's steps.

    Raises `StaleState` where there is no such order (any more).
    """
    if name not in ORDER_TRANSITIONS:
        return None
    orders = WorkOrder.objects.filter(request=request, is_current=True).select_related("organisation").order_by("pk")
    if named := data.get("order_of"):
        public_id = _uuid(named)
        order = orders.filter(organisation__public_id=public_id).first() if public_id is not None else None
    else:
        order = orders.filter(role=OrderRole.LEAD).first()
    if order is None:
        raise StaleState("no_order", _("这件诉求还没有派单"))
    return order


def posted(form: forms.Form, name: str, data: Any) -> QueryDict:
    """Turn what a program sent into what the page of the form would post; refuses fields that the step has not."""
    if not isinstance(data, Mapping):
        raise ParseError(_("请求内容要是一个对象：字段名和值"), "unreadable")
    known = {*form.fields, *BESIDE, *filter(None, [UPLOADS.get(name)])}
    refuse_unknown(set(data) - known)
    fields = QueryDict(mutable=True)
    for key, field in form.fields.items():
        if key in data:
            values = data.getlist(key) if isinstance(data, QueryDict) else data[key]
            texts = [_text(value, field) for value in (values if isinstance(values, list) else [values])]
            fields.setlist(key, [text for text in texts if text is not None])
    return fields


def _text(value: Any, field: forms.Field) -> str | None:
    if value is None:
        return None
    if isinstance(value, Mapping | list):
        raise ParseError(_("字段的值要是文字、数字或是否"), "unreadable")
    if isinstance(value, bool):
        if isinstance(field, forms.BooleanField):
            return "on" if value else ""
        return "yes" if value else "no"
    text = str(value)
    if text and isinstance(field, forms.ModelChoiceField):
        return _key_of(text, field)
    return text


def _key_of(text: str, field: Any) -> str:
    """The key of the row that a code or public id names, as the page's own choice holds it."""
    rows = field.queryset
    if rows.model is Category:
        found = rows.filter(code=text).values_list("pk", flat=True).first()
    else:
        found = rows.filter(public_id=_uuid(text)).values_list("pk", flat=True).first()
    return str(found) if found is not None else _NOTHING


def _uuid(value: Any) -> UUID | None:
    try:
        return UUID(str(value))
    except ValueError:
        return None
