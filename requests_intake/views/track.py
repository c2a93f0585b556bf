"""Following a request by its link: GET shows, only POST changes."""

from collections.abc import Mapping
from dataclasses import replace

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from governance.access.decorators import public
from governance.access.viewer import requester
from governance.errors import DomainError
from governance.notifications.blocking import block_of
from governance.privacy.masks import mask_email, mask_phone
from governance.refs import ref_of
from governance.text import mobile_number
from governance.web.forms import add_domain_error
from governance.web.qr import qr_of
from governance.web.throttle import throttle
from requests_intake.forms import LookupForm, RateForm
from requests_intake.models import Publication, RequesterContact, ServiceRequest
from requests_intake.models.callbacks import Solved
from requests_intake.own_turns import OWN_TURNS, Sent
from requests_intake.selectors.appointments import appointment_by_number
from requests_intake.selectors.mine import own_details, owned_by_token
from requests_intake.selectors.recordings import recording_limits
from requests_intake.selectors.tracking import request_by_number, request_by_token, tracking
from requests_intake.services.callback import request_rate
from requests_intake.views.photos import recording_upload

_CAPABILITY = "The 128-bit token in the address is the right to this one request."


@public(_CAPABILITY)
@never_cache
@require_safe
def receipt(request: HttpRequest, token: str) -> HttpResponse:
    """Show number, probable office, the two promises and the link, as a slip that prints on one page."""
    found = _found(token)
    if found is None:
        return _expired(request)
    link = request.build_absolute_uri(reverse("intake:track", args=[token]))
    contact = RequesterContact.objects.filter(request=found).first()
    is_blocked = contact is not None and block_of(contact.phone, contact.email, at=timezone.now()) is not None
    return render(
        request,
        "requests_intake/receipt.html",
        {
            "service_request": found,
            "office": found.organisation or found.probable_organisation,
            "link": link,
            "qr": qr_of(link),
            "token": token,
            "is_blocked": is_blocked,
            "told": "" if is_blocked else _told(contact),
        },
    )


def _told(contact: RequesterContact | None) -> str:
    """Where number and link go, masked: by e-mail where one was left, else by SMS to a mobile; "" for nowhere."""
    if contact is None:
        return ""
    if contact.email:
        return mask_email(contact.email)
    return mask_phone(contact.phone) if mobile_number(contact.phone) else ""


@public(_CAPABILITY)
@never_cache
@require_safe
def track(request: HttpRequest, token: str) -> HttpResponse:
    """Show the request; changes nothing, so that mail scanners may open the link."""
    found = _found(token) or owned_by_token(token, request.viewer)  # type: ignore[attr-defined]
    return _expired(request) if found is None else _page(request, token, found, RateForm())


@public(_CAPABILITY)
@never_cache
@require_POST
def rate(request: HttpRequest, token: str) -> HttpResponse:
    """Take the resident's rating; "not solved" brings the request back."""
    found = _found(token)
    if found is None:
        return _expired(request)
    form = RateForm(request.POST)
    if form.is_valid():
        try:
            request_rate(request=found, actor=requester(ref_of(found)), at=timezone.now(), **form.cleaned_data)
        except DomainError as error:
            add_domain_error(form, error)
        else:
            if form.cleaned_data["solved"] == Solved.NO:  # of any other the page itself says so
                messages.success(request, _("收到了。没有解决，我们退回去重办"))
            return redirect("intake:track", token=token)
    return _page(request, token, _found(token) or found, form, status=422)


@public(_CAPABILITY)
@never_cache
@require_POST
@throttle("track-own", limit=60, seconds=3600, methods=("POST",))
def own(request: HttpRequest, token: str, name: str) -> HttpResponse:
    """Take one of the requester's own turns: add, remind, withdraw, open anew."""
    found = _found(token)
    if found is None:
        return _expired(request)
    turn = OWN_TURNS.get(name)
    if turn is None:
        raise Http404
    form = turn.form(request.POST)
    if form.is_valid():
        try:
            turn.run(found, form.cleaned_data, _sent(request), timezone.now())
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, str(turn.done))
            return redirect("intake:track", token=token)
    return _page(request, token, _found(token) or found, RateForm(), status=422, tried={name: form})


@public("Residents find their request by its number and the telephone or e-mail they left.")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@throttle("track-lookup", limit=20, seconds=3600, methods=("POST",))
def lookup(request: HttpRequest) -> HttpResponse:
    """Find a request without its link. A wrong number and someone else's get the same words."""
    form = LookupForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        found = request_by_number(form.cleaned_data["number"], form.cleaned_data["contact"])
        if found is not None:
            return redirect("intake:track", token=found.track_token)
        appointment = appointment_by_number(form.cleaned_data["number"], form.cleaned_data["contact"])
        if appointment is not None:
            return redirect("intake:appointment", token=appointment.token)
        form.add_error(
            None,
            _("没有找到。请核对编号和当时留的电话或邮箱；没有留联系方式的，请用回执上的链接，或打电话问我们。"),
        )
    return render(request, "requests_intake/lookup.html", {"form": form}, status=422 if form.errors else 200)


def _found(token: str) -> ServiceRequest | None:
    if len(token) > 64:
        raise Http404
    return request_by_token(token, at=timezone.now())


def _sent(request: HttpRequest) -> Sent:
    files = request.FILES
    return Sent(files.getlist("photos"), recording_upload(request), request.POST.get("recording_words", ""))


def _page(
    request: HttpRequest,
    token: str,
    found: ServiceRequest,
    form: RateForm,
    status: int = 200,
    tried: Mapping[str, forms.Form] | None = None,
) -> HttpResponse:
    shown = tracking(found, at=timezone.now())
    tried = tried or {}
    names = dict.fromkeys([*tried, *shown.turns])  # what was refused stays, with its reason and what was typed
    context = {
        "tracking": shown,
        "service_request": found,
        "form": form,
        "token": token,
        "publication": Publication.objects.filter(request=found).first() if found.may_be_public else None,
        "own_turns": [replace(OWN_TURNS[name], shown=tried.get(name)) for name in OWN_TURNS if name in names],
        "limits": recording_limits(),
        "details": own_details(found, request.viewer),  # type: ignore[attr-defined]
    }
    return render(request, "requests_intake/track.html", context, status=status)


def _expired(request: HttpRequest) -> HttpResponse:
    return render(request, "requests_intake/track_gone.html", {}, status=404)
