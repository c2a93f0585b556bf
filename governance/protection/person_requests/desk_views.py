"""Requests of the persons concerned at the desk: the queue, one taken down at the counter, one with its steps."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from governance.access.decorators import requires
from governance.access.viewer import Viewer
from governance.errors import DomainError, Forbidden, StaleState
from governance.protection.permissions import Capability
from governance.protection.person_requests.copies import copy_file, copy_shown
from governance.protection.person_requests.forms import (
    AgainForm,
    CounterForm,
    DecisionForm,
    EraseForm,
    FinishForm,
    IdentityForm,
    PolicyForm,
)
from governance.protection.person_requests.models import PersonRequest, PersonRequestPolicy
from governance.protection.person_requests.selectors import requests_for
from governance.protection.person_requests.services import (
    person_copy_again,
    person_copy_take,
    person_data_erase,
    person_policy_change,
    person_request_decide,
    person_request_finish,
    person_request_identify,
    person_request_read,
    person_request_take,
)
from governance.web.forms import add_domain_error
from governance.web.keyset import KeysetPage
from governance.web.pages import render_page
from governance.web.proof import proved

PAGE_SIZE = 50
_HANDLE, _TAKE = Capability.HANDLE_PERSON_REQUESTS, Capability.TAKE_PERSON_REQUESTS
_FOLDER = "protection/person_requests"


@requires(_HANDLE, _TAKE)
@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    """What is to be answered, the nearest date first; `view=done`: what is over, the newest first. 1 SQL."""
    viewer, only_done = _viewer(request), request.GET.get("view") == "done"
    page = KeysetPage(
        requests_for(viewer, only_done=only_done),
        order=["-id"] if only_done else ["due_at", "id"],
        size=PAGE_SIZE,
        cursor=request.GET.get("cursor"),
    )
    context = {"page": page, "rows": page.rows, "only_done": only_done, "may_handle": viewer.can(_HANDLE)}
    return render_page(request, f"{_FOLDER}/queue.html", f"{_FOLDER}/_queue.html", context)


@requires(_HANDLE, _TAKE)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def taken(request: HttpRequest) -> HttpResponse:
    """Take down what somebody asks at the counter."""
    form = CounterForm(request.POST or None, initial={"language": "zh-hans"})
    if request.method == "POST" and form.is_valid():
        data = dict(form.cleaned_data)
        key = data.pop("key")
        try:
            made = person_request_take(**data, submission_key=key, actor=_viewer(request), at=timezone.now())
        except Forbidden:
            raise
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, _("登记好了，请把号码和答复的日期告诉本人"))
            return redirect("protection:person-request", made.public_id)
    return render(request, f"{_FOLDER}/taken.html", {"form": form}, status=422 if form.errors else 200)


@requires(_HANDLE, _TAKE)
@never_cache
@require_safe
def shown(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One request with the step that comes next."""
    return _shown(request, _found(request, public_id))


@requires(_HANDLE, _TAKE)
@require_POST
def step(request: HttpRequest, public_id: UUID, name: str) -> HttpResponse:
    """Take a step: who it is, the answer, what was done."""
    if name not in _STEPS:
        raise Http404
    write, told = _STEPS[name]
    found = _found(request, public_id)
    form = _form(name, found, request.POST)
    if form.is_valid():
        try:
            write(request=found, **form.cleaned_data, actor=_viewer(request), at=timezone.now())
        except (Forbidden, StaleState):
            raise
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, told)
            return redirect("protection:person-request", found.public_id)
    return _shown(request, found, **{name: form})


@requires(_HANDLE, _TAKE)
@never_cache
@proved()
@require_safe
def copy(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The copy of somebody without an account, to be handed to them; whoever does so gives their password."""
    viewer, at = _viewer(request), timezone.now()
    try:
        return copy_file(*person_copy_take(request=_found(request, public_id), actor=viewer, at=at))
    except PersonRequest.DoesNotExist as missing:
        raise Http404 from missing


@requires(_HANDLE)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def policy(request: HttpRequest) -> HttpResponse:
    """Within how many working days to answer. The number is not from a text: the page says so."""
    row = PersonRequestPolicy.objects.select_related("changed_by").filter(pk=PersonRequestPolicy.ROW).first()
    row = row or PersonRequestPolicy()
    form = PolicyForm(request.POST or None, initial={"working_days": row.working_days})
    if request.method == "POST" and form.is_valid():
        try:
            person_policy_change(**form.cleaned_data, actor=_viewer(request), at=timezone.now())
        except Forbidden:
            raise
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, _("改好了，新来的请求按这个算"))
            return redirect("protection:person-requests")
    context = {"form": form, "row": row}
    return render(request, f"{_FOLDER}/policy.html", context, status=422 if form.errors else 200)


_STEPS: dict[str, tuple[Callable[..., object], Any]] = {
    "identity": (person_request_identify, gettext_lazy("记下了：确认是本人")),
    "decision": (person_request_decide, gettext_lazy("答复了，本人看得到")),
    "again": (person_copy_again, gettext_lazy("又开始做了")),
    "erase": (person_data_erase, gettext_lazy("删掉了，接着写办了什么")),
    "finish": (person_request_finish, gettext_lazy("办完了，本人看得到")),
}


def _form(name: str, found: PersonRequest, data: Any = None) -> forms.Form:
    """The form of a step; each has ids of its own, since two may stand on the page."""
    auto_id = f"{name}_%s"
    if name == "identity":
        return IdentityForm(data, auto_id=auto_id)
    if name == "decision":
        return DecisionForm(data, auto_id=auto_id, kind=found.kind)
    if name == "erase":
        return EraseForm(data, auto_id=auto_id)
    return AgainForm(data) if name == "again" else FinishForm(data, auto_id=auto_id)


def _shown(request: HttpRequest, found: PersonRequest, **sent: forms.Form) -> HttpResponse:
    may_handle = _viewer(request).can(_HANDLE)
    is_open, is_decided = found.state == "open", found.state == "decided" and may_handle
    context = {
        "found": found,
        "may_handle": may_handle,
        "identity_form": sent.get("identity")
        or (_form("identity", found) if is_open and found.person_id is None else None),
        "decision_form": sent.get("decision") or (_form("decision", found) if is_open and may_handle else None),
        "finish_form": sent.get("finish") or (_form("finish", found) if is_decided and found.kind != "copy" else None),
        "erase_form": sent.get("erase") or (_form("erase", found) if is_decided and found.kind == "delete" else None),
        "copy": copy_shown(found, timezone.now()),
    }
    return render(request, f"{_FOLDER}/shown.html", context, status=422 if sent else 200)


def _found(request: HttpRequest, public_id: UUID) -> PersonRequest:
    try:
        return person_request_read(public_id=public_id, actor=_viewer(request), at=timezone.now())
    except PersonRequest.DoesNotExist as missing:
        raise Http404 from missing


def _viewer(request: HttpRequest) -> Viewer:
    return request.viewer  # type: ignore[attr-defined,no-any-return]
