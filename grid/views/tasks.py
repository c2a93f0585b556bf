"""Assignments: the list, one with its history, and each step of who does it and who asked."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from governance.access.checks import can, require
from governance.access.decorators import requires
from governance.access.viewer import Viewer
from governance.files.selectors import files_of
from governance.files.services import file_store
from governance.organisations.models import Organisation
from governance.refs import ref_of
from governance.web.forms import attempt
from governance.web.keyset import KeysetPage
from governance.web.navigation import forget_counts
from governance.web.pages import render_page
from grid.admitting import may_refuse
from grid.field_values import filled
from grid.forms_tasks import AnswerForm, ExtensionForm, OutsideForm, WordsForm
from grid.models import Assignment, AssignmentState, DutyItem, Task, shown_weight
from grid.models.tasks import COMMUNITY_LENGTH, SETTLED, TO_DO
from grid.permissions import Capability
from grid.selectors import area_path, area_paths
from grid.services import tasks_doing as doing
from grid.services.tasks_outside import task_note as outside_note
from grid.task_lists import BURDEN, DONE, MINE, OPEN, WAITING, assignments_for, order_of, own_areas
from grid.task_query import wanted_of
from grid.uploads import uploads_take

PAGE_SIZE = 50
VIEWS = (
    (MINE, gettext_lazy("我要办的")),
    (OPEN, gettext_lazy("在办的")),
    (WAITING, gettext_lazy("等对方看")),
    (DONE, gettext_lazy("办结的")),
)
SAID = {
    "answer": gettext_lazy("送出去了，等对方看"),
    "extend": gettext_lazy("申请送出去了，等对方答复"),
    "hand_back": gettext_lazy("告诉对方了"),
    "refuse": gettext_lazy("记下了，也告诉了对方"),
    "accept": gettext_lazy("通过了"),
    "rework": gettext_lazy("退回去了"),
    "give": gettext_lazy("同意了，期限改好了"),
    "deny": gettext_lazy("答复了，期限不变"),
    "again": gettext_lazy("又发过去了"),
    "cancel": gettext_lazy("撤销了"),
}


@requires(Capability.VIEW_TASK)
@require_safe
def tasks(request: HttpRequest) -> HttpResponse:
    """Assignments the viewer may see; one's own to do first, by the day. 4 SQL beyond the frame."""
    viewer = _viewer(request)
    own = bool(own_areas(viewer))
    wanted = wanted_of(request.GET, MINE if own else OPEN)
    rows = assignments_for(viewer, wanted).select_related("task__organisation")
    page = KeysetPage(rows, order=order_of(wanted.view), size=PAGE_SIZE, cursor=request.GET.get("cursor"))
    paths, now = area_paths({row.area_code for row in page.rows}), timezone.now()
    context = {
        "page": page,
        "rows": [
            {"one": row, "path": paths.get(row.area_code, row.area_code), "late": row.is_late(now)} for row in page
        ],
        "view": wanted.view,
        "views": [one for one in VIEWS if own or one[0] != MINE],
        "may_note": any(len(code) == COMMUNITY_LENGTH for code in own_areas(viewer)),
        "wanted": wanted,
        "counted": _counted(wanted) if wanted.view == BURDEN else {},
    }
    return render_page(request, "grid/tasks.html", "grid/_tasks.html", context)


def _counted(wanted: Any) -> dict[str, Any]:
    """What a figure of the burden board was of, in words. At most 2 SQL."""
    return {
        "area": area_path(wanted.area) if wanted.area else "",
        "organisation": Organisation.objects.filter(pk=wanted.organisation).first() if wanted.organisation else None,
        "duty": DutyItem.objects.filter(pk=wanted.duty).first() if wanted.duty else None,
    }


@requires(Capability.VIEW_TASK)
@require_safe
def task(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One assignment: what is asked, by when, on what ground, what became of it, what can be done now."""
    return _shown(request, _found(request, public_id), {})


@requires(Capability.DO_TASK, Capability.ASK_TASK)
@require_POST
def task_step(request: HttpRequest, public_id: UUID, step: str) -> HttpResponse:
    """One step; with a fault the page again, with what was typed."""
    row, viewer, at = _found(request, public_id), _viewer(request), timezone.now()
    if step not in SAID:
        raise Http404
    act: dict[str, Any] = {"assignment": row, "actor": viewer, "at": at}
    form: forms.Form
    if step == "answer":
        require(viewer, Capability.DO_TASK, row)  # before anything is kept that comes with it
        form = answer = AnswerForm(request.POST, lines=filled(row, at), auto_id="answer_%s")
        uploads_take(answer, request, viewer, at, store=file_store)
        done = attempt(
            answer,
            lambda data: doing.assignment_answer(
                text=data["text"], values=answer.values(), file_ids=[one.pk for one in answer.taken], **act
            ),
        )
    elif step == "extend":
        form = ExtensionForm(request.POST, auto_id="extend_%s")
        done = attempt(form, lambda data: doing.extension_ask(**data, **act))
    elif step == "accept":
        form, done = WordsForm(), doing.assignment_accept(**act)
    else:
        form = WordsForm(request.POST, auto_id=f"{step}_%s")
        done = attempt(form, lambda data: _worded(step, data["text"], act))
    if done is None:
        return _shown(request, row, {step: form})
    forget_counts(viewer)
    messages.success(request, str(SAID[step]))
    return redirect("grid:task", row.public_id)


@requires(Capability.DO_TASK)
@require_http_methods(["GET", "HEAD", "POST"])
def task_note(request: HttpRequest) -> HttpResponse:
    """Write down an ask that did not come through the portal."""
    viewer, at = _viewer(request), timezone.now()
    codes = [code for code in own_areas(viewer) if len(code) == COMMUNITY_LENGTH]
    form = OutsideForm(request.POST or None, places=sorted(area_paths(codes).items()))
    made = attempt(form, lambda data: outside_note(draft=form.draft(), submission_key=data["key"], actor=viewer, at=at))
    if made is not None:
        forget_counts(viewer)
        messages.success(request, _("记下了，也算进社区负担"))
        return redirect("grid:task", made.assignments.get().public_id)
    context = {"form": form, "has_places": bool(codes)}
    return render(request, "grid/task_note.html", context, status=422 if form.errors else 200)


def _worded(step: str, text: str, act: dict[str, Any]) -> Assignment:
    if step in ("give", "deny"):
        return doing.extension_decide(is_given=step == "give", text=text, **act)
    service = {
        "hand_back": doing.assignment_hand_back,
        "refuse": doing.assignment_refuse,
        "rework": doing.assignment_rework,
        "again": doing.assignment_send_again,
        "cancel": doing.assignment_cancel,
    }[step]
    return service(text=text, **act)


def _shown(request: HttpRequest, row: Assignment, tried: dict[str, forms.Form]) -> HttpResponse:
    viewer, now = _viewer(request), timezone.now()
    entries = list(row.entries.select_related("by").order_by("pk"))
    files = files_of(ref_of(entry) for entry in entries)
    lines = filled(row, now)
    context: dict[str, Any] = {
        "one": row,
        "task": row.task,
        "path": area_path(row.area_code) or row.area_code,
        "late": row.is_late(now),
        "lines": lines,
        "entries": [{"one": entry, "files": files.get(ref_of(entry), [])} for entry in entries],
        "forms": {**_forms(row, viewer, lines), **tried},
        "tried": next(iter(tried), ""),
        "sees_ask": Task.objects.visible_to(viewer).filter(pk=row.task_id).exists(),
        "weight": shown_weight(row.task),
    }
    return render(request, "grid/task.html", context, status=422 if tried else 200)


def _forms(row: Assignment, viewer: Viewer, lines: Any) -> dict[str, forms.Form]:
    """What this viewer can do now, by step."""
    made: dict[str, forms.Form] = {}
    to_do, state = row.state in TO_DO, row.state
    if can(viewer, Capability.DO_TASK, row):
        if to_do or state == AssignmentState.ANSWERED:
            made["answer"] = AnswerForm(lines=lines, auto_id="answer_%s")
        if to_do:
            if row.asked_until is None:
                made["extend"] = ExtensionForm(auto_id="extend_%s")
            made["hand_back"] = WordsForm(auto_id="hand_back_%s")
            if may_refuse(row.task):
                made["refuse"] = WordsForm(auto_id="refuse_%s")
    if can(viewer, Capability.ASK_TASK, row.task) and state not in SETTLED:
        steps = ["cancel"]
        if state == AssignmentState.ANSWERED:
            steps += ["accept", "rework"]
        elif state == AssignmentState.HANDED_BACK:
            steps += ["again"]
        elif row.asked_until is not None:
            steps += ["give", "deny"]
        made |= {step: WordsForm(auto_id=f"{step}_%s") for step in steps}
    return made


def _found(request: HttpRequest, public_id: UUID) -> Assignment:
    rows = Assignment.objects.visible_to(_viewer(request))
    return get_object_or_404(rows.select_related("task__organisation", "task__duty", "task__by"), public_id=public_id)


def _viewer(request: HttpRequest) -> Viewer:
    return request.viewer  # type: ignore[attr-defined,no-any-return]
