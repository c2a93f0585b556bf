"""Exclusions (剔除): the list of applications, and one request's application with its decisions."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from governance.access.checks import can
from governance.access.decorators import requires
from governance.access.viewer import Viewer
from governance.errors import DomainError
from governance.web.forms import add_domain_error
from governance.web.keyset import KeysetPage
from governance.web.pages import render_page
from requests_intake.evidence_forms import EvidenceForm
from requests_intake.models import Exclusion, ExclusionGround, ServiceRequest
from requests_intake.permissions import Capability
from requests_intake.selectors.detail import request_for
from requests_intake.selectors.sight import covered_all, is_shielded
from requests_intake.services.exclusions import exclusion_ask, exclusion_check, exclusion_decide, may_ask
from requests_intake.turn_forms import words
from requests_intake.views.evidence import take

PAGE_SIZE = 50
_S = Exclusion.State
VIEWS = (
    (_S.ASKED, _("等街道核对")),
    (_S.CHECKED, _("等区级审核")),
    (_S.GRANTED, _("已剔除")),
    (_S.REFUSED, _("没有同意")),
)


class AskForm(EvidenceForm):
    """Ground, words, evidence."""

    ground = forms.ChoiceField(
        label=_("理由"), choices=ExclusionGround.choices, widget=forms.RadioSelect, required=False
    )
    text = words(
        _("为什么符合这条理由"), rows=4, help_text=_("写清楚事实。核对和审核的人看得到，居民看不到。"), most=1000
    )


class DecideForm(forms.Form):
    """Yes or no, and why."""

    text = words(_("意见"), rows=2, help_text=_("不同意的，要写理由；申请的单位看得到。"))


@requires(Capability.VIEW_REQUEST, Capability.VIEW_ORDER)
@require_safe
def exclusions(request: HttpRequest) -> HttpResponse:
    """The applications that the viewer may see; those that wait for them first."""
    viewer = _viewer(request)
    first = _S.CHECKED if viewer.can(Capability.DECIDE_EXCLUSION) else _S.ASKED
    view = request.GET.get("view", first)
    if view not in dict(VIEWS):
        view = first
    found = (
        Exclusion.objects.visible_to(viewer).filter(state=view).select_related("request", "organisation", "asked_by")
    )
    order = ("asked_at", "id") if view in (_S.ASKED, _S.CHECKED) else ("-asked_at", "-id")
    page = KeysetPage(found, order=order, size=PAGE_SIZE, cursor=request.GET.get("cursor"))
    covered_all([row.request for row in page.rows], viewer)
    context = {"page": page, "rows": page.rows, "view": view, "views": VIEWS}
    return render_page(request, "requests_intake/exclusions.html", "requests_intake/_exclusions.html", context)


@requires(Capability.VIEW_REQUEST, Capability.VIEW_ORDER)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def exclusion(request: HttpRequest, number: str) -> HttpResponse:
    """One request's application: ask, check, decide, or read what became of it."""
    viewer = _viewer(request)
    found = request_for(number, viewer)
    if found is None or is_shielded(found, viewer):
        raise Http404
    made = (
        Exclusion.objects.filter(request=found)
        .select_related("organisation", "asked_by", "checked_by", "decided_by")
        .prefetch_related("files__file")
        .order_by("-asked_at", "-pk")
        .first()
    )
    step = _step(found, made, viewer)
    form = _form(step, request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST":
        if form is None:
            raise Http404
        if isinstance(form, AskForm):
            take(form, request, viewer)
        if form.is_valid():
            try:
                done = _do(step, found, made, form, request, viewer)
            except DomainError as error:
                add_domain_error(form, error)
            else:
                messages.success(request, done)
                return redirect("intake:exclusion", found.number)
        status = 422
    context = {
        "service_request": found,
        "made": made,
        "files": made.files.all() if made else [],
        "form": form,
        "step": step,
    }
    return render(request, "requests_intake/exclusion.html", context, status=status)


def _step(request: ServiceRequest, made: Exclusion | None, viewer: Viewer) -> str:
    """What the viewer may do now: ask, check, decide, or nothing."""
    if made is not None and made.state == _S.ASKED and can(viewer, Capability.CHECK_EXCLUSION, request):
        return "check"
    if made is not None and made.state == _S.CHECKED and can(viewer, Capability.DECIDE_EXCLUSION, request):
        return "decide"
    return "ask" if (made is None or made.state == _S.REFUSED) and may_ask(request, viewer) else ""


def _form(step: str, data: Any) -> forms.Form | None:
    if not step:
        return None
    return AskForm(data) if step == "ask" else DecideForm(data)


def _do(
    step: str, request: ServiceRequest, made: Exclusion | None, form: Any, sent: HttpRequest, viewer: Viewer
) -> Any:
    at = timezone.now()
    if step == "ask":
        exclusion_ask(request=request, actor=viewer, at=at, **{**form.cleaned_data, "evidence": form.taken})
        return _("已申请剔除，等街道核对")
    assert made is not None  # noqa: S101 - `_step` has found it
    agreed = sent.POST.get("answer") == "yes"
    text = form.cleaned_data["text"]
    if step == "check":
        exclusion_check(exclusion=made, is_upheld=agreed, text=text, actor=viewer, at=at)
        return _("已核对，交区级审核") if agreed else _("没有同意，已告诉申请的单位")
    exclusion_decide(exclusion=made, is_granted=agreed, text=text, actor=viewer, at=at)
    return _("已剔除，不再计入三率") if agreed else _("没有同意，已告诉申请的单位")


def _viewer(request: HttpRequest) -> Viewer:
    viewer: Viewer = request.viewer  # type: ignore[attr-defined]
    return viewer
