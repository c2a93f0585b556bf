"""One request for staff: the page, and its steps as POSTs that fall back to the page with what was typed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from governance.access.decorators import requires
from governance.errors import DomainError, Forbidden, StaleState
from governance.files.services import image_store
from governance.web.forms import add_domain_error
from governance.web.pages import render_page
from requests_intake.forms import AcceptForm, ContactRecordForm, DispatchForm, RateForm, ReplyForm, RevealForm
from requests_intake.models import ServiceRequest, WorkOrder
from requests_intake.permissions import Capability
from requests_intake.selectors.choices import organisations_for, probable_for
from requests_intake.selectors.detail import RequestDetail, request_detail, request_for, why_this_date
from requests_intake.selectors.drafts import Photo
from requests_intake.services.callback import request_rate
from requests_intake.services.handling import REPLY_PHOTOS_MAX, contact_reveal, order_contact, order_reply, order_sign
from requests_intake.services.triage import request_accept, request_dispatch

_READ = (Capability.VIEW_REQUEST, Capability.VIEW_ORDER)


@requires(*_READ)
@never_cache
@require_safe
def request_page(request: HttpRequest, number: str) -> HttpResponse:
    """Show one request with the steps that this viewer may take."""
    return _page(request, _found(request, number))


@requires(*_READ)
@require_safe
def why(request: HttpRequest, number: str) -> HttpResponse:
    """Say line by line why the answer is due on its date."""
    found = _found(request, number)
    return render_page(
        request,
        "requests_intake/why.html",
        "requests_intake/_why.html",
        {"service_request": found, "lines": why_this_date(found)},
    )


@requires(Capability.ACCEPT_REQUEST)
@require_POST
def accept(request: HttpRequest, number: str) -> HttpResponse:
    """Accept under a category."""
    return _act(
        request,
        number,
        "accept",
        lambda found, cleaned: request_accept(
            request=found, category=cleaned["category"], actor=_viewer(request), at=timezone.now()
        ),
        _("已受理"),
    )


@requires(Capability.DISPATCH_REQUEST)
@require_POST
def dispatch(request: HttpRequest, number: str) -> HttpResponse:
    """Send to the organisation that leads."""
    return _act(
        request,
        number,
        "dispatch",
        lambda found, cleaned: request_dispatch(
            request=found,
            organisation=cleaned["organisation"],
            instruction=cleaned["instruction"],
            actor=_viewer(request),
            at=timezone.now(),
        ),
        _("已派出，开始计时"),
    )


@requires(Capability.HANDLE_ORDER)
@require_POST
def sign(request: HttpRequest, number: str) -> HttpResponse:
    """Sign for the order."""
    return _act(
        request,
        number,
        "sign",
        lambda found, cleaned: order_sign(order=_order(found), actor=_viewer(request), at=timezone.now()),
        _("已签收，请尽快联系居民"),
    )


@requires(Capability.HANDLE_ORDER)
@require_POST
def contact(request: HttpRequest, number: str) -> HttpResponse:
    """Record an attempt to reach the resident."""
    return _act(
        request,
        number,
        "contact",
        lambda found, cleaned: order_contact(order=_order(found), actor=_viewer(request), at=timezone.now(), **cleaned),
        _("已记下这次联系"),
    )


@requires(Capability.HANDLE_ORDER)
@require_POST
def reply(request: HttpRequest, number: str) -> HttpResponse:
    """Answer the resident, with photos."""

    def answer(found: ServiceRequest, cleaned: dict[str, Any]) -> None:
        at = timezone.now()
        stored = [
            image_store(upload=upload, owner_ref="", actor=_viewer(request), at=at)
            for upload in request.FILES.getlist("photos")[: REPLY_PHOTOS_MAX + 1]  # one too many is refused in words
        ]
        order_reply(
            order=_order(found),
            text=cleaned["text"],
            file_ids=[file.pk for file in stored],
            actor=_viewer(request),
            at=at,
        )

    return _act(request, number, "reply", answer, _("已答复，居民马上能看到"))


@requires(Capability.CALL_BACK)
@require_POST
def rate(request: HttpRequest, number: str) -> HttpResponse:
    """Record a call-back made by an agent."""
    return _act(
        request,
        number,
        "close",
        lambda found, cleaned: request_rate(request=found, actor=_viewer(request), at=timezone.now(), **cleaned),
        _("回访已记下"),
    )


@requires(Capability.REVEAL_CONTACT)
@never_cache
@require_POST
def reveal(request: HttpRequest, number: str) -> HttpResponse:
    """Show the requester's number in full, once, and log it."""
    found = _found(request, number)
    form = RevealForm(request.POST)
    revealed = None
    status = 422
    if form.is_valid():
        try:
            revealed = contact_reveal(
                request=found, purpose=form.cleaned_data["purpose"], actor=_viewer(request), at=timezone.now()
            )
            status = 200
        except Forbidden:
            return _page(request, found, status=403)
    return _page(request, found, forms_={"reveal": form}, status=status, revealed=revealed)


def _viewer(request: HttpRequest) -> Any:
    return request.viewer  # type: ignore[attr-defined]


def _found(request: HttpRequest, number: str) -> ServiceRequest:
    found = request_for(number, _viewer(request))
    if found is None:
        raise Http404
    return found


def _order(found: ServiceRequest) -> WorkOrder:
    order = WorkOrder.objects.filter(request=found, role="lead").first()
    if order is None:
        raise StaleState("no_order", _("这件诉求还没有派单"))
    return order


@dataclass(frozen=True, slots=True)
class Note:
    """Something that was said: a public reply, an attempt to reach the resident, a call-back."""

    kind: str
    at: datetime
    row: Any
    photos: Sequence[Photo] = ()


def _notes(detail: RequestDetail) -> list[Note]:
    """What was said, oldest first: who calls back or does it again reads it before the form."""
    notes = [Note("reply", row.at, row, photos) for row, photos in detail.replies]
    notes += [Note("contact", row.at, row) for row in detail.contacts]
    notes += [Note("callback", row.at, row) for row in detail.callbacks]
    return sorted(notes, key=lambda note: note.at)


def _form(name: str, found: ServiceRequest, data: Any = None) -> forms.Form:
    if name == "accept":
        return AcceptForm(data, initial={"category": found.category_id})
    if name == "dispatch":
        return DispatchForm(data, organisations=organisations_for(found), initial={"organisation": probable_for(found)})
    simple: dict[str, Callable[..., forms.Form]] = {
        "sign": forms.Form,
        "contact": ContactRecordForm,
        "reply": ReplyForm,
        "close": RateForm,
        "reveal": RevealForm,
    }
    return simple[name](data)


def _act(
    request: HttpRequest, number: str, name: str, service: Callable[[ServiceRequest, Any], Any], done: str
) -> HttpResponse:
    """Run one step. Whoever comes second is told what happened; bad input comes back beside its field."""
    found = _found(request, number)
    form = _form(name, found, request.POST)
    if form.is_valid():
        try:
            service(found, form.cleaned_data)
        except Forbidden as error:
            return _page(request, found, forms_={name: form}, status=403, problem=str(error.message))
        except StaleState as error:
            return _page(request, _found(request, number), status=409, problem=str(error.message))
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, done)
            return redirect("intake:request", number=number)
    return _page(request, found, forms_={name: form}, status=422)


def _page(
    request: HttpRequest,
    found: ServiceRequest,
    *,
    forms_: dict[str, forms.Form] | None = None,
    status: int = 200,
    **extra: Any,
) -> HttpResponse:
    detail: RequestDetail = request_detail(found, _viewer(request), at=timezone.now())
    drawn: dict[str, forms.Form] = {
        name: _form(name, found)
        for name in ("accept", "dispatch", "sign", "contact", "reply", "close")
        if name in detail.transition_names
    }
    if detail.may_reveal:
        drawn["reveal"] = RevealForm()
    drawn |= forms_ or {}
    context = {
        "detail": detail,
        "service_request": found,
        "forms": drawn,
        "has_steps": bool(drawn.keys() - {"reveal"}),
        "notes": _notes(detail),
        "now": timezone.now(),
        **extra,
    }
    response = render_page(request, "requests_intake/request.html", "requests_intake/_request.html", context)
    response.status_code = status
    return response
