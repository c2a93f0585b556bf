"""The page of a party outside the portal, under its link: GET shows, only POST changes."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from governance.access.decorators import public
from governance.errors import DomainError, Forbidden, StaleState
from governance.files.services import image_store
from governance.web.forms import add_domain_error
from governance.web.throttle import throttle
from requests_intake.models import ConcernedPerson, ExternalLink, RequesterContact
from requests_intake.outside_forms import OutsideNoteForm, OutsideResultForm
from requests_intake.selectors.outside import HANDED_IN, link_by_token, link_end, outside_page
from requests_intake.services.outside import holder, link_contact, link_hand_in, link_note, link_opened, link_sign
from requests_intake.services.replies import REPLY_PHOTOS_MAX

_CAPABILITY = "The 128-bit token in the address is the right to this one order."


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that a party outside can do: its form, its service, the words when it is done."""

    form: type[forms.Form]
    run: Callable[[ExternalLink, dict[str, Any], HttpRequest], Any]
    done: str | Promise


def _hand_in(link: ExternalLink, cleaned: dict[str, Any], request: HttpRequest) -> None:
    at = timezone.now()
    uploads = request.FILES.getlist("photos")[: REPLY_PHOTOS_MAX + 1]  # one too many is refused in words
    stored = [image_store(upload=upload, owner_ref="", actor=holder(link), at=at) for upload in uploads]
    link_hand_in(link=link, text=cleaned["text"], file_ids=[file.pk for file in stored], at=at)


STEPS = {
    "sign": Step(
        forms.Form, lambda link, cleaned, request: link_sign(link=link, at=timezone.now()), _("已签收，请按期限办")
    ),
    "note": Step(
        OutsideNoteForm,
        lambda link, cleaned, request: link_note(link=link, at=timezone.now(), **cleaned),
        _("已告诉派单的单位"),
    ),
    "hand_in": Step(OutsideResultForm, _hand_in, _("结果已交")),
}


@public(_CAPABILITY)
@never_cache
@require_safe
@throttle("outside", limit=300, seconds=3600, methods=("GET", "HEAD"))
def outside(request: HttpRequest, token: str) -> HttpResponse:
    """Show the order; changes nothing but the note of when the link was opened, so that mail scanners may open it."""
    link = _found(token)
    link_opened(link=link, at=timezone.now())
    return _page(request, token, link)


@public(_CAPABILITY)
@never_cache
@require_POST
@throttle("outside-step", limit=60, seconds=3600, methods=("POST",))
def step(request: HttpRequest, token: str, name: str) -> HttpResponse:
    """Sign, tell how it goes, or give the result. Whoever comes second is told what happened."""
    link, chosen = _found(token), STEPS.get(name)
    if chosen is None:
        raise Http404
    form = chosen.form(request.POST)
    status, problem = 422, ""
    if form.is_valid():
        try:
            chosen.run(link, form.cleaned_data, request)
        except (Forbidden, StaleState) as error:
            status, problem = (403 if isinstance(error, Forbidden) else 409), str(error.message)
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, str(chosen.done))
            return redirect("intake:outside", token=token)
    return _page(request, token, _found(token), tried={name: form}, status=status, problem=problem)


@public(_CAPABILITY)
@never_cache
@require_POST
@throttle("outside-contact", limit=20, seconds=3600, methods=("POST",))
def contact(request: HttpRequest, token: str) -> HttpResponse:
    """Show the resident's name and number, where the desk allowed it; each time is logged."""
    link = _found(token)
    try:
        shown = link_contact(link=link, at=timezone.now())
    except (Forbidden, StaleState) as error:
        status = 403 if isinstance(error, Forbidden) else 409
        return _page(request, token, _found(token), status=status, problem=str(error.message))
    return _page(request, token, _found(token), revealed=shown, is_revealed=True)


def _found(token: str) -> ExternalLink:
    link = link_by_token(token) if len(token) <= 64 else None
    if link is None:
        raise Http404
    return link


def _page(
    request: HttpRequest,
    token: str,
    link: ExternalLink,
    *,
    tried: dict[str, forms.Form] | None = None,
    status: int = 200,
    problem: str = "",
    revealed: RequesterContact | ConcernedPerson | None = None,
    is_revealed: bool = False,
) -> HttpResponse:
    end = link_end(link, link.order, timezone.now())
    office = link.made_by.organisation
    if end:
        gone = 200 if end == HANDED_IN else 410
        return render(request, "requests_intake/outside_over.html", {"end": end, "office": office}, status=gone)
    page = outside_page(link, holder(link))
    drawn = {name: (tried or {}).get(name) or STEPS[name].form() for name in STEPS}
    context = {
        "page": page,
        "order": page.order,
        "service_request": page.request,
        "office": office,
        "token": token,
        "forms": drawn,
        "problem": problem,
        "revealed": revealed,
        "is_revealed": is_revealed,
    }
    return render(request, "requests_intake/outside.html", context, status=status)
