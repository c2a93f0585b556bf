"""Macros: kept by whoever uses them, run step by step through the same services as the pages."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from governance.access.viewer import Viewer
from governance.errors import DomainError, Forbidden, constraint_errors
from governance.outbox.services import publish
from governance.text import clean_text
from requests_intake import events, placeholders
from requests_intake.models import Category, Macro, ServiceRequest
from requests_intake.permissions import Capability
from requests_intake.selectors.desk import own_order, place_values, templates_for
from requests_intake.services.bulk import ACTIONS
from requests_intake.services.handling import order_reply
from requests_intake.services.notes import note_add
from requests_intake.services.triage import request_accept

NAME_MAX = 40


@dataclass(frozen=True, slots=True)
class Run:
    """Who takes the steps of which request, when; `key` is the same when the button is pressed twice."""

    request: ServiceRequest
    actor: Viewer
    at: datetime
    key: UUID


@dataclass(frozen=True, slots=True)
class MacroStep:
    """One step that a macro may hold."""

    label: str | Promise
    capability: Capability
    do: Callable[[Run, Mapping[str, Any]], Any]


@dataclass(frozen=True, slots=True)
class StepResult:
    """What became of a step: done, refused with the words of the service, or not come to."""

    label: str | Promise
    is_done: bool
    problem: str = ""


def _accept(run: Run, values: Mapping[str, Any]) -> None:
    category = None
    if values.get("category"):
        category = Category.objects.filter(pk=values["category"], is_active=True, stop_text="").first()
        if category is None:
            raise DomainError("category_gone", _("这个事项停用了，请改一改常用步骤"))
    request_accept(request=run.request, category=category, actor=run.actor, at=run.at)


def _dispatch(run: Run, values: Mapping[str, Any]) -> None:
    ACTIONS["dispatch"].do(run.request, values, run.actor, run.at)


def _sign(run: Run, values: Mapping[str, Any]) -> None:
    ACTIONS["sign"].do(run.request, values, run.actor, run.at)


def _reply(run: Run, values: Mapping[str, Any]) -> None:
    order = own_order(run.request, run.actor)
    if order is None:
        raise DomainError("no_order_here", _("这件没有派给您的单位"))
    template = templates_for(run.request, order).filter(pk=values.get("template") or 0).first()
    if template is None:
        raise DomainError("template_not_here", _("这个答复模板停用了，或者不用在这一类、这一步"))
    language = "en" if run.request.language == "en" and template.text_en else "zh-hans"
    text = placeholders.fill(
        template.text_en if language == "en" else template.text,
        place_values(run.request, order, language=language, at=run.at),
    )
    if left := placeholders.unfilled(text):
        raise DomainError(
            "template_unfilled", _("模板里的 %(left)s 没有内容，请打开模板自己补上") % {"left": " ".join(left)}
        )
    order_reply(order=order, text=text, file_ids=[], actor=run.actor, at=run.at)


def _note(run: Run, values: Mapping[str, Any]) -> None:
    note_add(request=run.request, text=values.get("text", ""), key=run.key, actor=run.actor, at=run.at)


# In the order in which they are taken.
STEPS: dict[str, MacroStep] = {
    "accept": MacroStep(_("受理"), Capability.ACCEPT_REQUEST, _accept),
    "dispatch": MacroStep(_("派单"), Capability.DISPATCH_REQUEST, _dispatch),
    "sign": MacroStep(_("签收"), Capability.HANDLE_ORDER, _sign),
    "reply": MacroStep(_("按模板答复居民"), Capability.HANDLE_ORDER, _reply),
    "note": MacroStep(_("记内部备注"), Capability.HANDLE_ORDER, _note),
}


def macro_save(
    *,
    macro: Macro | None,
    name: str,
    steps: Mapping[str, Mapping[str, Any]],
    is_shared: bool,
    actor: Viewer,
    at: datetime,
) -> Macro:
    """Keep a new macro (None), or change one. `steps` is {step: its values}; they are taken in the order of `STEPS`.

    Raises `DomainError` with the field for no name, a name taken, no step; `Forbidden` for a step that the actor may
    not take, for sharing without the right to write templates of all, and for somebody else's macro.
    """
    if actor.user is None or (macro is not None and not may_change(macro, actor)):
        raise Forbidden("macro_of_others", _("只能改自己的常用步骤"))
    if is_shared and not actor.areas(Capability.EDIT_TEMPLATES):
        raise Forbidden("macro_shared", _("给大家用的，由能写公共模板的人存"))
    words = clean_text(name, multiline=False)
    if not words:
        raise DomainError("name_required", _("请起个名字"), field="name")
    if len(words) > NAME_MAX:
        raise DomainError("name_too_long", _("最多 %(count)d 个字") % {"count": NAME_MAX}, field="name")
    if not steps:
        raise DomainError("steps_required", _("请至少选一步"), field="name")
    if set(steps) - set(STEPS) or not all(actor.can(STEPS[key].capability) for key in steps):
        raise Forbidden("macro_step_forbidden", _("您的角色不能做其中的一步"))
    kept = macro or Macro()
    kept.name, kept.owner = words, None if is_shared else actor.user
    kept.steps = [{"step": key, "values": dict(steps[key])} for key in STEPS if key in steps]
    kept.changed_by, kept.changed_at = actor.user, at
    with constraint_errors(), transaction.atomic():
        kept.save()
        publish(events.MACRO_CHANGED, subject=kept, actor=actor, payload={"steps": list(steps)}, at=at)
    return kept


def macro_delete(*, macro: Macro, actor: Viewer) -> None:
    """Forget a macro. Raises `Forbidden` for somebody else's."""
    if not may_change(macro, actor):
        raise Forbidden("macro_of_others", _("只能改自己的常用步骤"))
    macro.delete()


def may_change(macro: Macro, viewer: Viewer) -> bool:
    """One's own; those of all for whoever may write templates of all."""
    return bool(viewer.areas(Capability.EDIT_TEMPLATES)) if macro.owner_id is None else macro.owner_id == viewer.user_id


def may_run(macro: Macro, viewer: Viewer) -> bool:
    """Whether it is the viewer's or everybody's, and the viewer may take all of its steps."""
    if macro.owner_id is not None and macro.owner_id != viewer.user_id:
        return False
    return all(step["step"] in STEPS and viewer.can(STEPS[step["step"]].capability) for step in macro.steps)


def macro_run(*, macro: Macro, request: ServiceRequest, key: UUID, actor: Viewer, at: datetime) -> Sequence[StepResult]:
    """Take the steps one after the other, each as if by its own button; the first that is refused ends it.

    What was done before it stays done, as it would by hand. Raises `Forbidden` for a macro that is not the actor's.
    """
    if not may_run(macro, actor):
        raise Forbidden("macro_forbidden", _("这不是您的常用步骤，或者其中一步您不能做"))
    results: list[StepResult] = []
    stopped = False
    for one in macro.steps:
        step = STEPS[one["step"]]
        if stopped:
            results.append(StepResult(step.label, is_done=False))
            continue
        try:
            with transaction.atomic():
                current = ServiceRequest.objects.visible_to(actor).get(pk=request.pk)
                step.do(Run(current, actor, at, key), one["values"])
        except DomainError as refused:
            stopped = True
            results.append(StepResult(step.label, is_done=False, problem=str(refused.message)))
        else:
            results.append(StepResult(step.label, is_done=True))
    return results
