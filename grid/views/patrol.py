"""The walk on a telephone: what is due, one tap for what is in order, a short form for what is not.

No page here asks where somebody is without their pressing a button, notes a way, a check-in or time online, or adds up
what a person did: 国办函〔2026〕12号 forbids it, and STANDARDS 0.2 and 3.3 with it. Room is left for drafts kept on the
telephone: the form carries its own key, so what is sent later, or twice, is one finding.
"""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from governance.access.decorators import requires
from governance.access.rules import area_q
from governance.access.viewer import Viewer
from governance.web.forms import IdempotencyField, attempt
from grid.checking import CheckLine, check_lines, checks_listed
from grid.forms_patrol import FindingForm, stop_named
from grid.models import Component, Finding, FindingKind, RoutePoint
from grid.patrol_day import patrol_day
from grid.permissions import Capability
from grid.selectors import area_paths
from grid.services.findings import finding_report
from grid.services.patrols import component_seen, point_seen, point_unseen
from grid.task_lists import tasks_open_for
from grid.uploads import kept_photos, uploads_take

MINE_SHOWN = 10
CHECKS_SHOWN = 5
_TITLES = {
    FindingKind.MATTER: gettext_lazy("记一件事"),
    FindingKind.HAZARD: gettext_lazy("记一处隐患"),
    FindingKind.DISPUTE: gettext_lazy("记一条纠纷线索"),
}


@requires(Capability.REPORT_FINDING)
@require_safe
def patrol(request: HttpRequest) -> HttpResponse:
    """What is due on a walk today, what comes next, and what became of what one has found."""
    viewer, at = _viewer(request), timezone.now()
    mine = list(
        Finding.objects.filter(found_by=viewer.user_id)
        .select_related("matter", "component")
        .order_by("-id")[:MINE_SHOWN]
    )
    day, today = patrol_day(viewer, at), timezone.localdate(at)
    paths = area_paths({one.area_code for one in mine})
    context = {
        "day": day,
        "due": [(stop, stop.word(today)) for stop in day.due],
        "today": today,
        "key": IdempotencyField().initial(),
        "checks": _to_check(viewer),
        "tasks": tasks_open_for(viewer),
        "mine": [(one, paths.get(one.area_code, "")) for one in mine],
    }
    return render(request, "grid/patrol.html", context)


@requires(Capability.REPORT_FINDING)
@require_POST
def patrol_seen(request: HttpRequest) -> HttpResponse:
    """One tap: `seen` names a place that is in order, `undo` one whose last tap, with its `key`, is taken back."""
    viewer, at = _viewer(request), timezone.now()
    undo, _sign, undo_key = request.POST.get("undo", "").partition("@")
    stop, key = _stop(viewer, undo or request.POST.get("seen", "")), IdempotencyField().clean(request.POST.get("key"))
    if undo:
        if not isinstance(stop, RoutePoint):
            raise Http404
        point_unseen(point=stop, key=IdempotencyField().clean(undo_key), actor=viewer, at=at)
        messages.success(request, _("撤回了，这一处还在该看的里面"))
    elif isinstance(stop, RoutePoint):
        point_seen(point=stop, key=key, actor=viewer, at=at)
        messages.success(request, _("记下了：%(name)s，正常") % {"name": stop.label})
    else:
        component_seen(component=stop, actor=viewer, at=at)
        messages.success(request, _("记下了：%(name)s，正常") % {"name": stop.name})
    return redirect("grid:patrol")


@requires(Capability.REPORT_FINDING)
@require_http_methods(["GET", "HEAD", "POST"])
def patrol_new(request: HttpRequest) -> HttpResponse:
    """Note what was found; `?kind=` what it is, `?at=` the place of the walk where it is."""
    viewer = _viewer(request)
    kind = request.GET.get("kind", "")
    kind = kind if kind in FindingKind.values else FindingKind.MATTER.value
    stop = _stop(viewer, request.GET["at"]) if request.GET.get("at") else None
    point = stop if isinstance(stop, RoutePoint) else None
    component = point.component if point is not None else stop
    if request.method == "POST" and (known := _noted(request, viewer)) is not None:
        return _thanks(request, known)
    initial = {"place": point.name, "area_code": point.area_code} if point is not None else None
    form = FindingForm(request.POST or None, kind=kind, viewer=viewer, component=component, initial=initial)
    photos = uploads_take(form, request, viewer, timezone.now()) if request.method == "POST" else []

    def report(data: dict[str, Any]) -> Finding:
        return finding_report(
            uuid=data["key"],
            draft=form.draft(),
            file_ids=[file.pk for file in photos],
            point=point,
            actor=viewer,
            at=timezone.now(),
        )

    if (made := attempt(form, report)) is not None:
        return _thanks(request, made)
    context = {
        "form": form,
        "kind": kind,
        "kinds": FindingKind.choices,
        "title": _TITLES[FindingKind(kind)],
        "at": request.GET.get("at", "") if stop is not None else "",
        "stop_name": "" if stop is None else getattr(stop, "label", None) or stop.name,
        "taken": kept_photos(form),
    }
    return render(request, "grid/patrol_new.html", context, status=422 if form.errors else 200)


def _to_check(viewer: Viewer) -> list[CheckLine]:
    """The next looks on site that somebody asked for, and from which this viewer is not kept away. At most 2 SQL."""
    if not viewer.can(Capability.CHECK_ON_SITE):
        return []
    mine = checks_listed(viewer, done=False).independent(viewer)  # type: ignore[attr-defined]
    return check_lines(list(mine.order_by("due_at", "id")[:CHECKS_SHOWN]), viewer)


def _noted(request: HttpRequest, viewer: Viewer) -> Finding | None:
    """What an earlier press of the same button made: its photos need not be received again."""
    key: UUID = IdempotencyField().clean(request.POST.get("key"))
    return Finding.objects.filter(uuid=key, found_by=viewer.user_id).first()


def _thanks(request: HttpRequest, made: Finding) -> HttpResponse:
    said = _("记下了，当场处理好的不再派人。") if made.settled_on_spot else _("记下了。办到哪里，这一页会写。")
    messages.success(request, said)
    return redirect("grid:patrol")


def _stop(viewer: Viewer, text: str) -> Any:
    """The point or component that is named, in the viewer's areas; else 404."""
    named = stop_named(text)
    inside = area_q(viewer.areas(Capability.REPORT_FINDING))
    if named is None or inside is None:
        raise Http404
    what, public_id = named
    if what == "point":
        rows = RoutePoint.objects.filter(inside, route__ended_at=None).select_related("route", "component")
        return get_object_or_404(rows, public_id=public_id)
    return get_object_or_404(Component.objects.visible_to(viewer).filter(inside), public_id=public_id)


def _viewer(request: HttpRequest) -> Viewer:
    return request.viewer  # type: ignore[attr-defined,no-any-return]
