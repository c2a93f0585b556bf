"""Reads of macros: whose they are, where they fit, and what they do in words."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from governance.access.viewer import Viewer
from governance.organisations.models import Organisation
from requests_intake.models import AnswerTemplate, Category, Macro, ServiceRequest, WorkOrder
from requests_intake.services.bulk import ACTIONS, BY_RULE
from requests_intake.services.macros import STEPS, may_run


def macros_of(viewer: Viewer) -> list[Macro]:
    """Return the viewer's macros and those of all that they may run: 1 SQL."""
    rows = Macro.objects.filter(Q(owner=viewer.user) | Q(owner__isnull=True)).order_by("name", "pk")
    return [macro for macro in rows if may_run(macro, viewer)]


def macros_for(request: ServiceRequest, order: WorkOrder | None, viewer: Viewer) -> list[Macro]:
    """Return the macros whose first step fits where the request, or the viewer's order, stands now: 1 SQL."""
    return [macro for macro in macros_of(viewer) if _fits(macro.steps[0]["step"], request, order)]


def _fits(step: str, request: ServiceRequest, order: WorkOrder | None) -> bool:
    if step not in ACTIONS:  # an answer or a note needs an order of one's own
        return order is not None
    action = ACTIONS[step]
    state = (order.state if order is not None else "") if action.on_order else request.state
    return state in action.states


def sentences(macros: Iterable[Macro]) -> dict[int, list[str]]:
    """Return what each macro does, step by step, with the names of today: 3 SQL, whatever the number."""
    wanted = list(macros)
    names = {
        "category": _labels(Category, _values(wanted, "category")),
        "organisation": _labels(Organisation, _values(wanted, "organisation")),
        "template": {row.pk: row.title for row in AnswerTemplate.objects.filter(pk__in=_values(wanted, "template"))},
    }
    return {macro.pk: [_sentence(one["step"], one["values"], names) for one in macro.steps] for macro in wanted}


def _values(macros: Iterable[Macro], name: str) -> set[int]:
    found = (one["values"].get(name) for macro in macros for one in macro.steps)
    return {value for value in found if isinstance(value, int)}


def _labels(model: Any, pks: set[int]) -> dict[int, str]:
    return {row.pk: str(row.label) for row in model.objects.filter(pk__in=pks)}


def _sentence(step: str, values: dict[str, Any], names: dict[str, dict[int, str]]) -> str:
    label = str(STEPS[step].label)
    gone = _("已经没有了")
    if values.get("category"):
        label = _("受理，事项定为：%(name)s") % {"name": names["category"].get(values["category"], gone)}
    if values.get("organisation") == BY_RULE:
        label = _("按派单规则派单")
    elif values.get("organisation"):
        label = _("派给：%(name)s") % {"name": names["organisation"].get(values["organisation"], gone)}
    if values.get("template"):
        label = _("按模板答复居民：%(name)s") % {"name": names["template"].get(values["template"], gone)}
    extra = values.get("instruction") or values.get("text")
    return _("%(step)s（%(extra)s）") % {"step": label, "extra": extra} if extra else label
