"""Asks: the list, asking, one with its addressees; taking all answers, cancelling, no next round."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from governance.access.checks import can
from governance.access.decorators import requires
from governance.access.viewer import Viewer
from governance.errors import DomainError
from governance.organisations.models import Organisation
from governance.web.forms import attempt
from governance.web.keyset import KeysetPage
from governance.web.navigation import forget_counts
from governance.web.pages import render_page
from grid.forms_tasks import AskForm, WordsForm
from grid.models import AdmissionReason, Area, Assignment, Task, TaskState, policy_current, shown_weight
from grid.permissions import Capability
from grid.selectors import area_path, area_paths
from grid.services.tasks import task_ask, task_cancel, task_repeat_stop
from grid.services.tasks_doing import assignments_accept
from grid.task_lists import applications_waiting, asks_for

PAGE_SIZE = 50
ROUNDS_SHOWN = 12
VIEWS = (("", gettext_lazy("全部")), ("waiting", gettext_lazy("有答复要看")))
# where the form shows what a service says of something that is several fields there
_SHOWN_AT = {"fields": "label_0"}


@requires(Capability.VIEW_TASK)
@require_safe
def asks(request: HttpRequest) -> HttpResponse:
    """What was asked from the viewer's areas, the newest first. 3 SQL beyond the frame."""
    viewer, view = _viewer(request), request.GET.get("view", "")
    rows = asks_for(viewer, waiting_only=view == "waiting")
    page = KeysetPage(rows, order=("-id",), size=PAGE_SIZE, cursor=request.GET.get("cursor"))
    paths = area_paths({row.area_code for row in page.rows})
    context = {
        "page": page,
        "rows": [(row, paths.get(row.area_code, row.area_code)) for row in page],
        "view": view,
        "views": VIEWS,
        "may_ask": can(viewer, Capability.ASK_TASK),
        "may_decide": can(viewer, Capability.ADMIT_TASK),
        "to_decide": applications_waiting(viewer),
    }
    return render_page(request, "grid/asks.html", "grid/_asks.html", context)


@requires(Capability.ASK_TASK)
@require_http_methods(["GET", "HEAD", "POST"])
def ask_new(request: HttpRequest) -> HttpResponse:
    """Ask communities or grids."""
    viewer, at = _viewer(request), timezone.now()
    roots = _roots(viewer, at)
    wanted = request.POST.get("from") or request.GET.get("from", "")
    root = next((area for area in roots if area.code == wanted), roots[0] if roots else None)
    offices = _offices(viewer, root.code) if root is not None else {}
    if root is None or not offices:
        return render(request, "grid/ask_new.html", {"roots": [], "form": None})
    form = AskForm(
        request.POST or None,
        places=_places(root.code, at),
        organisations=[(pk, office.label) for pk, office in offices.items()],
        weights_on=policy_current().weights_on,
        initial={"kind": "act"},
    )

    def ask(data: dict[str, Any]) -> Task:
        try:
            return task_ask(draft=form.draft(root.code, offices), submission_key=data["key"], actor=viewer, at=at)
        except DomainError as error:
            error.field = _SHOWN_AT.get(error.field or "", error.field)
            raise

    made = attempt(form, ask)
    if made is not None:
        is_sent = made.state == TaskState.SENT
        messages.success(request, _("下达了") if is_sent else _("申请送出去了，由另一位同事决定"))
        return redirect("grid:ask", made.public_id)
    context = {"form": form, "root": root, "roots": roots if len(roots) > 1 else []}
    return render(request, "grid/ask_new.html", context, status=422 if form.errors else 200)


@requires(Capability.VIEW_TASK)
@require_safe
def ask(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One ask with its addressees."""
    return _shown(request, _found(request, public_id), WordsForm())


@requires(Capability.ASK_TASK)
@require_POST
def ask_step(request: HttpRequest, public_id: UUID, step: str) -> HttpResponse:
    """Take all answers, cancel, or let there be no next round."""
    row, viewer, at = _found(request, public_id), _viewer(request), timezone.now()
    act: dict[str, Any] = {"task": row, "actor": viewer, "at": at}
    if step == "accept":
        count = assignments_accept(**act)
        said = ngettext("通过了 %(count)s 份答复", "通过了 %(count)s 份答复", count) % {"count": count}
    elif step == "stop":
        task_repeat_stop(**act)
        said = _("没有下一轮了，已经下达的照常")
    elif step == "cancel":
        form = WordsForm(request.POST)
        if attempt(form, lambda data: task_cancel(text=data["text"], **act)) is None:
            return _shown(request, row, form)
        said = _("撤销了")
    else:
        raise Http404
    forget_counts(viewer)
    messages.success(request, said)
    return redirect("grid:ask", row.public_id)


def _shown(request: HttpRequest, row: Task, form: WordsForm) -> HttpResponse:
    viewer = _viewer(request)
    rows = Assignment.objects.filter(task=row)
    page = KeysetPage(rows, order=("area_code", "id"), size=PAGE_SIZE, cursor=request.GET.get("cursor"))
    paths, now = area_paths({one.area_code for one in page.rows}), timezone.now()
    first = row.series_id or row.pk
    rounds = Task.objects.filter(series=first).order_by("-round")[:ROUNDS_SHOWN] if row.repeat else []
    application = getattr(row, "application", None)
    context = {
        "one": row,
        "path": area_path(row.area_code),
        "page": page,
        "rows": [(one, paths.get(one.area_code, one.area_code), one.is_late(now)) for one in page],
        "rounds": list(rounds),
        "application": application,
        "reasons": [AdmissionReason(reason).label for reason in application.reasons] if application else [],
        "may_ask": can(viewer, Capability.ASK_TASK, row),
        "is_over": row.state in (TaskState.CANCELLED, TaskState.DECLINED) or (row.total and row.settled == row.total),
        "form": form,
        "weight": shown_weight(row),
    }
    return render(request, "grid/ask.html", context, status=422 if form.errors else 200)


def _found(request: HttpRequest, public_id: UUID) -> Task:
    rows = Task.objects.visible_to(_viewer(request))
    parts = ("organisation", "duty", "by", "series", "application__asked_by", "application__decided_by")
    return get_object_or_404(rows.select_related(*parts), public_id=public_id)


def _roots(viewer: Viewer, at: datetime) -> list[Area]:
    """Sub-districts and communities from which the viewer may ask; of a whole district, its sub-districts. 1 SQL."""
    codes = viewer.areas(Capability.ASK_TASK)
    if not codes:
        return []
    wide = [code for code in codes if len(code) < 9]
    areas = Area.objects.valid_on(timezone.localdate(at)).defer("geometry")
    found = areas.filter(code__in=codes, level__in=("subdistrict", "community"))
    for code in wide:
        found |= areas.filter(code__startswith=code, level="subdistrict")
    return list(found.order_by("code"))


def _places(root: str, at: datetime) -> list[tuple[str, str]]:
    """Who can be asked from there: (code, name). 1 SQL."""
    level = "community" if len(root) == 9 else "grid"
    rows = Area.objects.valid_on(timezone.localdate(at)).filter(code__startswith=root, level=level)
    return [(area.code, area.label) for area in rows.only("code", "name", "name_en").order_by("code")]


def _offices(viewer: Viewer, root: str) -> dict[str, Organisation]:
    """On whose behalf one may ask: one's own office first, then the departments and offices that serve the area."""
    own = viewer.user.organisation_id if viewer.user is not None else 0
    kinds = ["department", "district_office", "subdistrict_office"]
    if len(root) == 12:
        kinds = ["community"]
    codes = [root[:length] for length in (6, 9, 12) if length <= len(root)]
    rows = Organisation.objects.filter(is_active=True, kind__in=kinds, area_code__in=codes)
    rows |= Organisation.objects.filter(pk=own or 0)
    found = sorted(rows.order_by("pk"), key=lambda row: (row.pk != own, row.area_code, row.pk))
    return {str(row.pk): row for row in found}


def _viewer(request: HttpRequest) -> Viewer:
    return request.viewer  # type: ignore[attr-defined,no-any-return]
