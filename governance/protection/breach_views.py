"""Breach cases: the register, one case with its two duties to tell, the hours within which."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from governance.access.decorators import requires
from governance.access.viewer import Viewer
from governance.audit.models import Finding
from governance.errors import DomainError, Forbidden, StaleState
from governance.protection.breach_forms import CaseForm, CloseForm, PolicyForm, TellForm, WaiveForm
from governance.protection.breach_texts import authority_draft, persons_draft
from governance.protection.models import BreachCase, BreachPolicy
from governance.protection.permissions import Capability
from governance.protection.services import (
    AUTHORITY,
    PERSONS,
    breach_change,
    breach_close,
    breach_open,
    breach_policy_change,
    breach_tell,
    breach_waive,
)
from governance.web.forms import add_domain_error, moment_held
from governance.web.keyset import KeysetPage
from governance.web.pages import render_page
from governance.web.portal import portal

PAGE_SIZE = 50


@requires(Capability.KEEP_BREACHES)
@require_safe
def breaches(request: HttpRequest) -> HttpResponse:
    """All cases, the newest first; an open one says what is still to be told, and by when. 1 SQL."""
    rows = BreachCase.objects.select_related("opened_by")
    page = KeysetPage(rows, order=["-id"], size=PAGE_SIZE, cursor=request.GET.get("cursor"))
    context = {"page": page, "rows": page.rows}
    return render_page(request, "protection/breaches.html", "protection/_breaches.html", context)


@requires(Capability.KEEP_BREACHES)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def breach_new(request: HttpRequest) -> HttpResponse:
    """Begin a case; `finding` names what stood out, if that is where it began."""
    viewer, at = _viewer(request), timezone.now()
    asked = request.GET.get("finding", "")
    finding = Finding.objects.filter(pk=int(asked) if asked.isascii() and asked.isdigit() else 0).first()
    form = CaseForm(request.POST or None, initial={"noticed_at": timezone.localtime(at)})
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            case = breach_open(
                words=form.words(),
                noticed_at=data["noticed_at"],
                people=data["people"],
                finding=finding,
                submission_key=data["key"],
                actor=viewer,
                at=at,
            )
        except Forbidden:
            raise
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, _("登记好了，接下来报告和告知"))
            return redirect("protection:breach", case.public_id)
    context = {"form": form, "finding": finding, "case": None}
    return render(request, "protection/breach_edit.html", context, status=422 if form.errors else 200)


@requires(Capability.KEEP_BREACHES)
@never_cache
@require_safe
def breach(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One case: what is known, what was told, what is still to be told; printed as the file of the case."""
    return _shown(request, _found(public_id))


@requires(Capability.KEEP_BREACHES)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def breach_edit(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Write what is known by now; when it was noticed stays as it was told."""
    case = _found(public_id)
    form = CaseForm(request.POST or None, initial=CaseForm.of(case))
    form.fields["noticed_at"].disabled = True
    if request.method == "POST" and form.is_valid():
        try:
            breach_change(
                case=case,
                words=form.words(),
                people=form.cleaned_data["people"],
                seen=moment_held(form.cleaned_data["seen"]),
                actor=_viewer(request),
                at=timezone.now(),
            )
        except Forbidden:
            raise
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, _("改好了"))
            return redirect("protection:breach", case.public_id)
    context = {"form": form, "finding": None, "case": case}
    return render(request, "protection/breach_edit.html", context, status=422 if form.errors else 200)


@requires(Capability.KEEP_BREACHES)
@require_POST
def breach_step(request: HttpRequest, public_id: UUID, step: str) -> HttpResponse:
    """Note a step: told the authority or the persons, need not tell them, ended."""
    if step not in _STEPS:
        raise Http404
    made, write, told = _STEPS[step]
    case, form = _found(public_id), made(request.POST, auto_id=_ids(step))
    if form.is_valid():
        try:
            write(case, form, _viewer(request))
        except (Forbidden, StaleState):
            raise
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, told)
            return redirect("protection:breach", case.public_id)
    return _shown(request, case, **{step: form})


def _tell(whom: str) -> Callable[[BreachCase, forms.Form, Viewer], object]:
    return lambda case, form, actor: breach_tell(
        case=case, whom=whom, text=form.cleaned_data["text"], actor=actor, at=timezone.now()
    )


def _waive(case: BreachCase, form: forms.Form, actor: Viewer) -> object:
    return breach_waive(case=case, why=form.cleaned_data["why"], actor=actor, at=timezone.now())


def _close(case: BreachCase, form: forms.Form, actor: Viewer) -> object:
    return breach_close(case=case, outcome=form.cleaned_data["outcome"], actor=actor, at=timezone.now())


_STEPS: dict[str, tuple[type[forms.Form], Callable[[BreachCase, forms.Form, Viewer], object], Any]] = {
    AUTHORITY: (TellForm, _tell(AUTHORITY), gettext_lazy("记下了：已经报告主管部门")),
    PERSONS: (TellForm, _tell(PERSONS), gettext_lazy("记下了：已经告知本人")),
    "waive": (WaiveForm, _waive, gettext_lazy("记下了：不需要告知本人")),
    "close": (CloseForm, _close, gettext_lazy("这件事了结了")),
}


@requires(Capability.KEEP_BREACHES)
@require_http_methods(["GET", "HEAD", "POST"])
def breach_policy(request: HttpRequest) -> HttpResponse:
    """How soon whom to tell; on POST, changed for a reason."""
    row = BreachPolicy.objects.select_related("changed_by").filter(pk=BreachPolicy.ROW).first() or BreachPolicy()
    initial = {"authority_hours": row.authority_hours, "persons_hours": row.persons_hours}
    form = PolicyForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            breach_policy_change(**form.cleaned_data, actor=_viewer(request), at=timezone.now())
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, _("改好了，新登记的事件按这个算"))
            return redirect("protection:breaches")
    context = {"form": form, "row": row}
    return render(request, "protection/breach_policy.html", context, status=422 if form.errors else 200)


def _shown(request: HttpRequest, case: BreachCase, **sent: forms.Form) -> HttpResponse:
    site = portal()
    operator = {"zh": site.operator, "en": site.operator_en or site.operator}
    context = {
        "case": case,
        "authority_form": sent.get(AUTHORITY)
        or TellForm(initial={"text": authority_draft(case, operator)}, auto_id=_ids(AUTHORITY)),
        "persons_form": sent.get(PERSONS)
        or TellForm(initial={"text": persons_draft(case, operator)}, auto_id=_ids(PERSONS)),
        "waive_form": sent.get("waive") or WaiveForm(),
        "close_form": sent.get("close") or CloseForm(),
        "may_close": case.closed_at is None and case.authority_told_at is not None and case.is_persons_settled,
    }
    return render(request, "protection/breach.html", context, status=422 if sent else 200)


def _ids(step: str) -> str:
    """The forms of a case stand on one page: each field has an id of its own."""
    return f"{step}_%s"


def _found(public_id: UUID) -> BreachCase:
    rows = BreachCase.objects.select_related("opened_by", "closed_by", "finding__rule")
    return get_object_or_404(rows, public_id=public_id)


def _viewer(request: HttpRequest) -> Viewer:
    return request.viewer  # type: ignore[attr-defined,no-any-return]
