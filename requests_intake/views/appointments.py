"""Booking a time at a service window without an account, and what the holder of the link may do with it."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from governance.access.decorators import public
from governance.errors import DomainError
from governance.web.forms import add_domain_error
from governance.web.qr import qr_of
from governance.web.throttle import throttle
from requests_intake.forms_appointments import BookForm, SlotForm
from requests_intake.models import Appointment, ServiceWindow
from requests_intake.selectors.appointments import appointment_by_token, days_to_book
from requests_intake.selectors.mine import first_answers
from requests_intake.services.appointments import appointment_book, appointment_move, appointment_withdraw

_LINK = "The 128-bit token in the address is the right to this one appointment."


@public("Residents book a time at a window without an account.")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@throttle("appointment-book", limit=40, seconds=3600)
def book(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Choose a day and a time, say who comes; a button of a day keeps what was typed."""
    window = ServiceWindow.objects.public().filter(public_id=public_id, slot_minutes__isnull=False).first()
    if window is None:
        raise Http404
    at = timezone.now()
    days = days_to_book(window, at=at)
    if request.method != "POST":
        known = first_answers(request.viewer)["raw"].get("contact") or {}  # type: ignore[attr-defined]
        return _book_page(request, window, BookForm(window=window, days=days, initial=known))
    if picked := request.POST.get("pick"):
        typed = request.POST.dict() | {"day": picked}
        return _book_page(request, window, BookForm(window=window, days=days, initial=typed))
    form = BookForm(request.POST, window=window, days=days)
    if form.is_valid():
        said = form.cleaned_data
        try:
            made = appointment_book(
                window=window,
                starts_at=said["starts_at"],
                subject=said.get("subject", ""),
                name=said["name"],
                phone=said["phone"],
                email=said["email"],
                language=get_language() or "zh-hans",
                submission_key=said["submission_key"],
                at=at,
            )
        except DomainError as error:
            # full meanwhile: show what is free now, and keep the rest
            form = BookForm(request.POST, window=window, days=days_to_book(window, at=at))
            form.is_valid()
            form.errors.pop("starts_at", None)
            add_domain_error(form, error)
        else:
            return redirect("intake:appointment", token=made.token)
    return _book_page(request, window, form, status=422)


def _book_page(request: HttpRequest, window: ServiceWindow, form: BookForm, status: int = 200) -> HttpResponse:
    context = {"window": window, "form": form}
    return render(request, "requests_intake/public/book.html", context, status=status)


@public(_LINK)
@never_cache
@require_safe
def appointment(request: HttpRequest, token: str) -> HttpResponse:
    """Show the appointment: number, time, place, and how to move or cancel it."""
    found = _found(token)
    link = request.build_absolute_uri(reverse("intake:appointment", args=[token]))
    context = {"appointment": found, "window": found.window, "token": token, "qr": qr_of(link), "link": link}
    context |= {"at": timezone.now(), "may_cancel": found.is_open and found.starts_at > timezone.now()}
    return render(request, "requests_intake/public/appointment.html", context)


@public(_LINK)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@throttle("appointment-own", limit=40, seconds=3600)
def move(request: HttpRequest, token: str) -> HttpResponse:
    """Choose another time."""
    found, at = _found(token), timezone.now()
    if not found.is_open:
        return redirect("intake:appointment", token=token)
    days = days_to_book(found.window, at=at)
    typed: dict[str, Any] = {"day": request.POST.get("pick", "")}
    form = SlotForm(request.POST if request.method == "POST" and not typed["day"] else None, days=days, initial=typed)
    if form.is_bound and form.is_valid():
        try:
            appointment_move(appointment=found, starts_at=form.cleaned_data["starts_at"], at=at)
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, _("改好了，新的时间也发给您了。"))
            return redirect("intake:appointment", token=token)
    context = {"appointment": found, "window": found.window, "form": form, "token": token}
    return render(request, "requests_intake/public/move.html", context, status=422 if form.errors else 200)


@public(_LINK)
@never_cache
@require_POST
@throttle("appointment-own", limit=40, seconds=3600)
def cancel(request: HttpRequest, token: str) -> HttpResponse:
    """Do not come."""
    try:
        appointment_withdraw(appointment=_found(token), at=timezone.now())
    except DomainError as error:
        messages.error(request, str(error.message))
    else:
        messages.success(request, _("取消了，这个时间让给别人。"))
    return redirect("intake:appointment", token=token)


def _found(token: str) -> Appointment:
    found = appointment_by_token(token) if len(token) <= 64 else None
    if found is None:
        raise Http404
    return found
