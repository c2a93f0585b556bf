"""The appraisal: months, one month explained with its numbers, an organisation's own rows, objections, schemes."""

import re
from collections.abc import Collection
from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from governance.access.decorators import requires
from governance.access.viewer import Viewer
from governance.errors import DomainError
from governance.files.tables import table_csv
from governance.organisations.models import Organisation
from governance.web.forms import add_domain_error
from governance.web.keyset import KeysetPage
from governance.web.pages import render_page
from requests_intake.appraisal_forms import ObjectionForm, ReviseForm, RulingForm, SchemeForm
from requests_intake.models import Bulletin, BulletinItem, BulletinRow, Objection, ScoringScheme
from requests_intake.permissions import Capability
from requests_intake.scoring import score
from requests_intake.selectors.appraisal import Class, judged, newest_bulletins, preview, scheme_of, with_evidence
from requests_intake.selectors.sight import covered, covered_all
from requests_intake.services.appraisal import (
    bulletin_freeze,
    bulletin_publish,
    bulletin_revise,
    month_before,
    objection_decide,
    objection_raise,
    scheme_add,
)
from requests_intake.views.evidence import take

PAGE_SIZE = 50
_MONTH = re.compile(r"(20\d\d)-(0[1-9]|1[0-2])")
COLUMNS = (
    "organisation", "kind", "base", "valid", "unanswered", "contacted", "solved", "good", "fair", "excluded",
    "ledgered", "unrated", "marks", "marks_sum", "response", "resolution", "satisfaction", "composite",
)  # fmt: skip


@requires(Capability.VIEW_APPRAISAL)
@require_safe
def months(request: HttpRequest) -> HttpResponse:
    """The bulletins, the month that can be frozen, and the scheme that is valid."""
    at = timezone.now()
    found = newest_bulletins()
    last = month_before(at)
    context = {
        "bulletins": found,
        "last": last,
        "is_frozen": any(one.month == last for one in found),
        "this": timezone.localtime(at).date().replace(day=1),
        "scheme": scheme_of(last),
        "open_objections": Objection.objects.visible_to(_viewer(request)).filter(state="asked").count(),
    }
    return render(request, "requests_intake/appraisal/months.html", context)


@requires(Capability.VIEW_APPRAISAL)
@require_safe
def month(request: HttpRequest, month: str) -> HttpResponse:
    """A month: its frozen bulletin (the last version, or `?version=`), or a preview, with any scheme (`?scheme=`)."""
    first = first_of(month)
    versions = list(Bulletin.objects.filter(month=first).select_related("scheme", "frozen_by").order_by("-version"))
    bulletin = _version(versions, request.GET.get("version", ""))
    wanted = request.GET.get("scheme", "")
    tried = ScoringScheme.objects.filter(version=int(wanted)).first() if wanted.isdigit() and len(wanted) < 6 else None
    usual = bulletin.scheme if bulletin else scheme_of(first)
    scheme = tried or usual
    rows = list(BulletinRow.objects.filter(bulletin=bulletin)) if bulletin else preview(first)
    classes = judged(rows, scheme)
    context = {
        "month": first,
        "bulletin": bulletin,
        "versions": versions,
        "scheme": scheme,
        "is_tried": scheme.pk != usual.pk,
        "schemes": ScoringScheme.objects.order_by("-version")[:12],
        "classes": classes,
        "example": _example(classes),
        "form": ReviseForm(),
        "upheld": Objection.objects.filter(item__bulletin=bulletin, state="upheld").count() if bulletin else 0,
        "may_run": _viewer(request).can(Capability.RUN_APPRAISAL),
        "is_over": first <= month_before(timezone.now()),
    }
    return render_page(
        request, "requests_intake/appraisal/month.html", "requests_intake/appraisal/_month.html", context
    )


def _example(classes: list[Class]) -> Any:
    """The organisation whose numbers explain the formulas: the one with the largest base."""
    everyone = [one for kind in classes for one in kind.rows if one.score.base]
    return max(everyone, key=lambda one: one.score.base, default=None)


def _version(versions: list[Bulletin], wanted: str) -> Bulletin | None:
    if not wanted:
        return versions[0] if versions else None
    found = next((one for one in versions if str(one.version) == wanted), None)
    if found is None:
        raise Http404
    return found


def first_of(text: str) -> date:
    """The first day of the month in an address; 404 for none."""
    found = _MONTH.fullmatch(text)
    if found is None:
        raise Http404
    return date(int(found[1]), int(found[2]), 1)


@requires(Capability.VIEW_APPRAISAL)
@require_safe
def table(request: HttpRequest, month: str, version: int) -> HttpResponse:
    """A bulletin as CSV: every count, so that anybody can recompute every rate."""
    bulletin = get_object_or_404(Bulletin.objects.select_related("scheme"), month=first_of(month), version=version)
    return csv_of(bulletin)


def csv_of(bulletin: Bulletin, *, least: int = 0, without: Collection[int] = ()) -> HttpResponse:
    """Return a bulletin's counts and rates as a CSV download, with the scheme in the first line.

    Of organisations with a base below `least`, and of those named in `without`, only the name and what was left out is
    told, small numbers of that as "<5".
    """
    scheme = bulletin.scheme
    head = [
        f"scheme v{scheme.version}", f"contacted {scheme.weight_contacted}", f"solved {scheme.weight_solved}",
        f"satisfied {scheme.weight_satisfied}", f"whistle {scheme.weight_whistle}", f"fair {scheme.fair_factor}",
        f"unanswered {'in' if scheme.counts_unanswered else 'out'}",
    ]  # fmt: skip
    found = BulletinRow.objects.filter(bulletin=bulletin).select_related("organisation").order_by("organisation")
    rows = [
        [row.organisation.name, row.organisation.kind, *_numbers(row, scheme, least, row.organisation_id in without)]
        for row in found
    ]
    response = HttpResponse(table_csv(head, [COLUMNS, *rows]), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="appraisal-{bulletin.month:%Y-%m}-v{bulletin.version}.csv"'
    return response


_BESIDE = ("excluded", "ledgered", "unrated")


def _numbers(row: BulletinRow, scheme: ScoringScheme, least: int, is_withheld: bool) -> list[str]:
    made = score(row, scheme)

    def told(name: str) -> str:
        value = getattr(row, name)
        return f"<{least}" if name in _BESIDE and 0 < value < least else str(value)

    if made.base < least or is_withheld:
        return [told(name) if name in _BESIDE else "" for name in COLUMNS[2:]]
    counts = [told(name) for name in COLUMNS[3:14]]
    rates = [f"{one.value:.4f}" if one else "" for one in (made.response, made.resolution, made.satisfaction)]
    composite = f"{made.composite:.4f}" if made.composite is not None and scheme.is_official else ""
    return [str(made.base), *counts, *rates, composite]


@requires(Capability.VIEW_APPRAISAL)
@require_safe
def office(request: HttpRequest, month: str, version: int, pk: int) -> HttpResponse:
    """The requests that were counted for an organisation: for its own people, and for whoever sees its area."""
    viewer = _viewer(request)
    bulletin = get_object_or_404(Bulletin.objects.select_related("scheme"), month=first_of(month), version=version)
    row = get_object_or_404(BulletinRow.objects.select_related("organisation"), bulletin=bulletin, organisation=pk)
    if not sees_rows_of(viewer, row.organisation):
        raise Http404
    items = BulletinItem.objects.filter(bulletin=bulletin, organisation=pk).select_related("request", "bulletin")
    page = KeysetPage(items, order=("id",), size=PAGE_SIZE, cursor=request.GET.get("cursor"))
    covered_all([item.request for item in page.rows], viewer)
    objected = {
        one.item_id: one for one in Objection.objects.filter(item__in=[item.pk for item in page.rows]).order_by("pk")
    }
    newest = not Bulletin.objects.filter(month=bulletin.month, version__gt=version).exists()
    context = {
        "bulletin": bulletin,
        "row": row,
        "made": score(row, bulletin.scheme),
        "page": page,
        "rows": [(item, objected.get(item.pk)) for item in page.rows],
        "may_object": newest and pk in viewer.organisations(Capability.HANDLE_ORDER),
    }
    return render(request, "requests_intake/appraisal/office.html", context)


def sees_rows_of(viewer: Viewer, organisation: Organisation) -> bool:
    """Whether this viewer may read which requests were counted for an organisation."""
    if organisation.pk in viewer.organisations(Capability.VIEW_APPRAISAL):
        return True
    return any(organisation.area_code.startswith(code) for code in viewer.areas(Capability.VIEW_APPRAISAL))


@requires(Capability.VIEW_APPRAISAL)
@require_http_methods(["GET", "HEAD", "POST"])
def object_to(request: HttpRequest, pk: int) -> HttpResponse:
    """Object to one counted request of one's own organisation."""
    viewer = _viewer(request)
    item = get_object_or_404(BulletinItem.objects.select_related("bulletin", "organisation", "request"), pk=pk)
    if item.organisation_id not in viewer.organisations(Capability.HANDLE_ORDER):
        raise Http404
    form = ObjectionForm(request.POST if request.method == "POST" else None)
    evidence = take(form, request, viewer) if form.is_bound else []

    def send(cleaned: dict[str, Any]) -> None:
        objection_raise(item=item, text=cleaned["text"], evidence=evidence, actor=viewer, at=timezone.now())

    if _done(form, send):
        messages.success(request, _("异议已提出，等裁定"))
        return redirect("intake:objections")
    covered(item.request, viewer)
    return _form_page(request, form, title=_("对考核提出异议"), item=item, button=_("提异议"))


@requires(Capability.VIEW_APPRAISAL)
@require_safe
def objections(request: HttpRequest) -> HttpResponse:
    """The objections that the viewer may see, those to be decided first."""
    viewer = _viewer(request)
    found = _objections(viewer).annotate(evidence=Count("files"))
    view = request.GET.get("view", "asked")
    if view not in Objection.State.values:
        view = "asked"
    order = ("asked_at", "id") if view == "asked" else ("-asked_at", "-id")
    page = KeysetPage(found.filter(state=view), order=order, size=PAGE_SIZE, cursor=request.GET.get("cursor"))
    covered_all([one.item.request for one in page.rows], viewer)
    context = {
        "page": page,
        "rows": page.rows,
        "view": view,
        "views": Objection.State.choices,
        "may_decide": viewer.can(Capability.RUN_APPRAISAL),
    }
    return render_page(
        request, "requests_intake/appraisal/objections.html", "requests_intake/appraisal/_objections.html", context
    )


def _objections(viewer: Viewer) -> Any:
    return Objection.objects.visible_to(viewer).select_related(
        "item__bulletin", "item__request", "organisation", "asked_by", "decided_by"
    )


@requires(Capability.VIEW_APPRAISAL)
@require_http_methods(["GET", "HEAD", "POST"])
def objection(request: HttpRequest, pk: int) -> HttpResponse:
    """One objection with its evidence, to be decided by whoever may, or with what was decided."""
    viewer = _viewer(request)
    found = get_object_or_404(_objections(viewer), pk=pk)
    may_decide = viewer.can(Capability.RUN_APPRAISAL)
    if request.method == "POST" and not may_decide:
        raise PermissionDenied
    form = RulingForm(request.POST or None)
    upheld = request.POST.get("answer") == "yes"
    if _done(
        form,
        lambda cleaned: objection_decide(objection=found, is_upheld=upheld, actor=viewer, at=timezone.now(), **cleaned),
    ):
        messages.success(request, _("已裁定，已告诉提出的单位"))
        return redirect("intake:objections")
    covered(found.item.request, viewer)
    is_open, is_own = found.state == Objection.State.ASKED, found.asked_by_id == viewer.user_id
    files = list(found.files.select_related("file"))
    context = {
        "objection": found,
        "item": found.item,
        "files": files,
        "may_see_files": bool(files) and with_evidence(viewer).filter(pk=pk).exists(),
        "form": form if may_decide and (form.is_bound or (is_open and not is_own)) else None,
        "is_own": is_own,
    }
    status = 422 if form.is_bound else 200
    return render(request, "requests_intake/appraisal/objection.html", context, status=status)


@requires(Capability.RUN_APPRAISAL)
@require_POST
def freeze(request: HttpRequest, month: str) -> HttpResponse:
    """Freeze a month."""
    return _run(
        request, month, lambda first, viewer, at: bulletin_freeze(month=first, actor=viewer, at=at), _("已定稿")
    )


@requires(Capability.RUN_APPRAISAL)
@require_POST
def publish(request: HttpRequest, month: str) -> HttpResponse:
    """Put the last version on the public page."""
    return _run(
        request,
        month,
        lambda first, viewer, at: bulletin_publish(bulletin=_last(first), actor=viewer, at=at),
        _("已公布，居民在“公开数据”里看得到"),
    )


@requires(Capability.RUN_APPRAISAL)
@require_POST
def revise(request: HttpRequest, month: str) -> HttpResponse:
    """Make the next version."""
    why = request.POST.get("why", "")
    return _run(
        request,
        month,
        lambda first, viewer, at: bulletin_revise(bulletin=_last(first), why=why, actor=viewer, at=at),
        _("新的一版做好了，原来的还在"),
    )


def _last(first: date) -> Bulletin:
    found = Bulletin.objects.filter(month=first).order_by("-version").first()
    if found is None:
        raise Http404
    return found


def _run(request: HttpRequest, month: str, do: Any, done: str) -> HttpResponse:
    first = first_of(month)
    try:
        do(first, _viewer(request), timezone.now())
    except DomainError as error:
        messages.error(request, str(error.message))
    else:
        messages.success(request, done)
    return redirect("intake:appraisal-month", f"{first:%Y-%m}")


@requires(Capability.VIEW_APPRAISAL, Capability.EDIT_SCHEMES)
@require_safe
def schemes(request: HttpRequest) -> HttpResponse:
    """All versions of the scheme, the newest first."""
    context = {
        "schemes": ScoringScheme.objects.select_related("created_by").order_by("-version")[:100],
        "may_edit": _viewer(request).can(Capability.EDIT_SCHEMES),
    }
    return render(request, "requests_intake/appraisal/schemes.html", context)


@requires(Capability.EDIT_SCHEMES)
@require_http_methods(["GET", "HEAD", "POST"])
def scheme_new(request: HttpRequest) -> HttpResponse:
    """Make a new version, filled in as the last one is."""
    last = ScoringScheme.objects.order_by("-version")[0]
    names = [name for name in SchemeForm.base_fields if name not in ("why", "valid_from")]
    form = SchemeForm(request.POST or None, initial={name: getattr(last, name) for name in names})

    def add(cleaned: dict[str, Any]) -> None:
        why = cleaned.pop("why")
        scheme_add(values=cleaned, why=why, actor=_viewer(request), at=timezone.now())

    if _done(form, add):
        messages.success(request, _("新版本已保存，到了那个月开始用"))
        return redirect("intake:schemes")
    return _form_page(request, form, title=_("新的考核办法"), button=_("保存新版本"))


def _done(form: forms.Form, do: Any) -> bool:
    """Whether a form that was sent is right and its service did what it should; else the form says what is wrong."""
    if not form.is_bound or not form.is_valid():
        return False
    try:
        do(dict(form.cleaned_data))
    except DomainError as error:
        add_domain_error(form, error)
        return False
    return True


def _form_page(
    request: HttpRequest, form: forms.Form, *, title: str, button: str, item: BulletinItem | None = None
) -> HttpResponse:
    context = {"form": form, "title": title, "item": item, "button": button}
    return render(request, "requests_intake/appraisal/form.html", context, status=422 if form.is_bound else 200)


def _viewer(request: HttpRequest) -> Viewer:
    viewer: Viewer = request.viewer  # type: ignore[attr-defined]
    return viewer
