"""Admission and its list: applications, deciding, where duties stand, the office's numbers."""

from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from governance.access.checks import can
from governance.access.decorators import requires
from governance.access.viewer import Viewer
from governance.web.forms import attempt
from governance.web.keyset import KeysetPage
from governance.web.navigation import forget_counts
from governance.web.pages import render_page
from grid.forms_tasks import DecisionForm, DutyFilterForm, DutyForm, PolicyForm, WeightsForm
from grid.models import AdmissionReason, Application, Area, DutyItem, policy_current
from grid.permissions import Capability
from grid.selectors import area_path, area_paths
from grid.services.admissions import admission_decide
from grid.services.duties import duty_item_sort
from grid.services.task_policy import task_policy_change, task_weights_set
from grid.task_lists import applications_for

PAGE_SIZE = 50


@requires(Capability.ADMIT_TASK, Capability.ASK_TASK)
@require_safe
def admissions(request: HttpRequest) -> HttpResponse:
    """Applications: open ones by the day by which they must be decided, decided ones the newest first."""
    viewer, is_open = _viewer(request), request.GET.get("view") != "done"
    page = KeysetPage(
        applications_for(viewer, is_open=is_open),
        order=("decide_by", "id") if is_open else ("-asked_at", "-id"),
        size=PAGE_SIZE,
        cursor=request.GET.get("cursor"),
    )
    paths, now = area_paths({row.area_code for row in page.rows}), timezone.now()
    rows = [
        {
            "one": row,
            "path": paths.get(row.area_code, ""),
            "late": is_open and row.decide_by < now,
            "is_own": row.asked_by_id == viewer.user_id,
        }
        for row in page
    ]
    context = {"page": page, "rows": rows, "is_open": is_open}
    return render_page(request, "grid/admissions.html", "grid/_admissions.html", context)


@requires(Capability.ADMIT_TASK, Capability.ASK_TASK)
@require_http_methods(["GET", "HEAD", "POST"])
def admission(request: HttpRequest, pk: int) -> HttpResponse:
    """One application; who may decide does it here."""
    viewer = _viewer(request)
    rows = Application.objects.visible_to(viewer).select_related(
        "task__organisation", "task__duty", "asked_by", "decided_by"
    )
    row = get_object_or_404(rows, pk=pk)
    form = DecisionForm(request.POST or None)

    def decide(data: dict[str, Any]) -> Application:
        is_admitted = request.POST.get("answer") == "yes"
        return admission_decide(
            application=row, is_admitted=is_admitted, text=data["text"], actor=viewer, at=timezone.now()
        )

    if request.method == "POST" and attempt(form, decide) is not None:
        forget_counts(viewer)
        messages.success(request, _("决定好了，也告诉了申请的人"))
        return redirect("grid:admission", row.pk)
    is_own = row.asked_by_id is not None and row.asked_by_id == viewer.user_id
    decides = row.decided_at is None and can(viewer, Capability.ADMIT_TASK, row)
    context = {
        "one": row,
        "task": row.task,
        "path": area_path(row.area_code),
        "places": Area.objects.filter(code__in=row.task.assignments.values("area_code")).order_by("code"),
        "reasons": [AdmissionReason(reason).label for reason in row.reasons],
        "policy": policy_current(),
        "form": form if decides and not is_own else None,
        "is_own": is_own and row.decided_at is None,
    }
    return render(request, "grid/admission.html", context, status=422 if form.errors else 200)


@requires(Capability.EDIT_DUTIES, Capability.VIEW_TASK)
@require_safe
def duty_items(request: HttpRequest) -> HttpResponse:
    """The list of duties with where each stands in the three lists. 1 SQL beyond the frame."""
    form = DutyFilterForm(request.GET)
    form.is_valid()
    rows = DutyItem.objects.all()
    listed, words = form.cleaned_data.get("listed", ""), form.cleaned_data.get("q", "").strip()
    if listed:
        rows = rows.filter(community_list="" if listed == "none" else listed)
    if words:
        rows = rows.filter(Q(code__startswith=words.upper()) | Q(name__contains=words) | Q(name_en__icontains=words))
    page = KeysetPage(rows, order=("code", "id"), size=PAGE_SIZE, cursor=request.GET.get("cursor"))
    context = {
        "form": form,
        "page": page,
        "rows": page.rows,
        "is_narrowed": bool(listed or words),
        "may_edit": can(_viewer(request), Capability.EDIT_DUTIES),
    }
    return render_page(request, "grid/duty_items.html", "grid/_duty_items.html", context)


@requires(Capability.EDIT_DUTIES)
@require_http_methods(["GET", "HEAD", "POST"])
def duty_item(request: HttpRequest, pk: int) -> HttpResponse:
    """Say where one duty stands."""
    row = get_object_or_404(DutyItem, pk=pk)
    initial = {name: getattr(row, name) for name in DutyForm.base_fields}
    form = DutyForm(request.POST or None, initial=initial)
    changed = request.method == "POST" and attempt(
        form, lambda data: duty_item_sort(duty=row, **data, actor=_viewer(request), at=timezone.now())
    )
    if changed:
        messages.success(request, _("改好了"))
        return redirect("grid:duty-items")
    context = {"form": form, "one": row}
    return render(request, "grid/duty_item.html", context, status=422 if form.errors else 200)


@requires(Capability.EDIT_DUTIES)
@require_http_methods(["GET", "HEAD", "POST"])
def task_policy(request: HttpRequest) -> HttpResponse:
    """The numbers, and the weights with what they rest on."""
    row, viewer, at, wanted = policy_current(), _viewer(request), timezone.now(), request.POST.get("do", "")
    form, weights = PolicyForm(initial=PolicyForm.of(row)), WeightsForm(auto_id="weights_%s")
    if request.method == "POST":
        if wanted == "weights":
            weights, is_on = WeightsForm(request.POST, auto_id="weights_%s"), not row.weights_on
            done = attempt(
                weights, lambda data: task_weights_set(is_on=is_on, ground=data["ground"], actor=viewer, at=at)
            )
        else:
            form = PolicyForm(request.POST)
            done = attempt(form, lambda data: task_policy_change(values=data, actor=viewer, at=at))
        if done is not None:
            messages.success(request, _("改好了"))
            return redirect("grid:task-policy")
    context = {"row": row, "form": form, "weights_form": weights}
    return render(request, "grid/task_policy.html", context, status=422 if form.errors or weights.errors else 200)


def _viewer(request: HttpRequest) -> Viewer:
    return request.viewer  # type: ignore[attr-defined,no-any-return]
