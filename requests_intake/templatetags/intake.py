"""Words of request intake for templates."""

from collections.abc import Mapping
from typing import Any

from django import template
from django.utils.translation import gettext_lazy as _

from requests_intake.models import RequestTransition
from requests_intake.workflow import REQUEST_TRANSITIONS

register = template.Library()

_OTHER = {"submit": _("居民提交"), "contacted": _("联系了居民"), "recuse": _("有人回避")}


@register.filter
def at(names: Mapping[str, str], key: str) -> str:
    """Name of a code, "" where it has none."""
    return names.get(key, "")


@register.filter
def step_label(row: RequestTransition) -> Any:
    """What a step of the history is called among staff."""
    transition = REQUEST_TRANSITIONS.get(row.name)
    return transition.label if transition is not None else _OTHER.get(row.name, row.name)
