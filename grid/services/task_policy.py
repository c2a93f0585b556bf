"""The office's numbers for tasks, and its weights: off until somebody writes down what they rest on."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from governance.access.checks import require_everywhere
from governance.access.viewer import Viewer
from governance.errors import DomainError, constraint_errors
from governance.outbox.services import publish
from governance.text import clean_text
from grid import events
from grid.models import TaskPolicy
from grid.permissions import Capability

BOUNDS = {
    "apply_days": (1, TaskPolicy.DAYS_MOST),
    "decide_days": (1, TaskPolicy.DAYS_MOST),
    "rework_max": (0, 20),
    "rework_days": (1, TaskPolicy.DAYS_MOST),
    "checks_a_year": (0, 50),
}


def task_policy_change(*, values: Mapping[str, Any], actor: Viewer, at: datetime) -> TaskPolicy:
    """Write what is different; what was applied for before keeps its dates. `values`: the numbers, the tick, `why`.

    Raises `Forbidden` for whoever does not hold it for the whole territory, `DomainError` beside the field.
    """
    require_everywhere(actor, Capability.EDIT_DUTIES)
    for name, (least, most) in BOUNDS.items():
        if not least <= values[name] <= most:
            bounds = {"least": least, "most": most}
            raise DomainError("out_of_bounds", _("请写 %(least)s 到 %(most)s 之间的数") % bounds, field=name)
    why = clean_text(values["why"], multiline=False)
    if not why:
        raise DomainError("why_missing", _("请写为什么改，以后查得到"), field="why")
    with constraint_errors(), transaction.atomic():
        row = _locked()
        changed = [name for name in (*BOUNDS, "is_confirmed") if getattr(row, name) != values[name]]
        if not changed:
            return row
        for name in changed:
            setattr(row, name, values[name])
        row.changed_at, row.changed_by, row.why = at, actor.staff_user, why[:200]
        row.save()
        publish(events.TASK_POLICY_CHANGED, subject=row, actor=actor, payload={"fields": changed}, at=at)
    return row


def task_weights_set(*, is_on: bool, ground: str, actor: Viewer, at: datetime) -> TaskPolicy:
    """Switch the weights on, with the text that they rest on, or off. Raises `DomainError` on "ground"."""
    require_everywhere(actor, Capability.EDIT_DUTIES)
    words = clean_text(ground)
    if not words:
        missing = _("启用分值要写明依据的文件") if is_on else _("请写为什么停用")
        raise DomainError("ground_missing", missing, field="ground")
    with constraint_errors(), transaction.atomic():
        row = _locked()
        row.weights_on, row.weights_ground = is_on, words[:300]
        row.weights_by, row.weights_at = actor.staff_user, at
        row.save()
        payload = {"fields": ["weights_on" if is_on else "weights_off"]}
        publish(events.TASK_POLICY_CHANGED, subject=row, actor=actor, payload=payload, at=at)
    return row


def _locked() -> TaskPolicy:
    TaskPolicy.objects.get_or_create(pk=TaskPolicy.ROW)
    return TaskPolicy.objects.select_for_update(no_key=True).get(pk=TaskPolicy.ROW)
