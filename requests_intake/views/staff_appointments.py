"""The day's appointments at the window: who comes, who came, what no longer fits."""

from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from governance.access.decorators import requires
from governance.access.viewer import Viewer
from governance.errors import DomainError, Forbidden, StaleState
from governance.web.forms import add_domain_error
from requests_intake.forms_appointments import AppointmentRevealForm, CancelForm
from requests_intake.models import Appointment
from requests_intake.permissions import Capability
from requests_intake.selectors.appointments import (
    appointment_for,
    day_sheet,
    masked,
    may_reveal,
    unfit,
    windows_kept,
)
from requests_intake.services.appointments import (
    appointment_enter,
    appointment_mark,
    appointment_reveal,
    appointments_cancel,
)

_CAPABILITY = Capability.KEEP_APPOINTMENTS
CHOSEN_MOST = 200


@requires(_CAPABILITY)
@never_cache
@require_safe
def day(request: HttpRequest) -> HttpResponse:
    """One window on one day; `?window=` and `?day=` choose. Without a choice: today, where somebody comes."""
    viewer, at = _viewer(request), timezone.now()
    today = timezone.localdate(at)
    shown = _day(request.GET.get("day", ""), today)
    windows = windows_kept(viewer, shown)
    named = [one for one in windows if str(one.public_id) == request.GET.get("window")]
    window = next(iter([*named, *(one for one in windows if one.booked), *windows]), None)
    context = {
        "day": shown,
        "today": today,
        "before": shown - timedelta(days=1),
        "after": shown + timedelta(days=1),
        "windows": windows,
        "window": window,
        "lines": day_sheet(viewer, window, shown) if window is not None else [],
        "unfit": len(unfit(viewer, at=at)),
        "at": at,
    }
    return render(request, "requests_intake/appointments/day.html", context)


@requires(_CAPABILITY)
@never_cache
@require_safe
def one(request: HttpRequest, number: str) -> HttpResponse:
    """Show one appointment, masked."""
    return _page(request, _found(request, number))


@requires(_CAPABILITY)
@never_cache
@require_POST
def reveal(request: HttpRequest, number: str) -> HttpResponse:
    """Show name and telephone in full, once, and log it."""
    found, form = _found(request, number), AppointmentRevealForm(request.POST)
    if not form.is_valid():
        return _page(request, found, reveal=form, status=422)
    try:
        shown = appointment_reveal(
            appointment=found, purpose=form.cleaned_data["purpose"], actor=_viewer(request), at=timezone.now()
        )
    except Forbidden:
        return _page(request, found, status=403)
    return _page(request, found, revealed=shown)


@requires(_CAPABILITY)
@require_POST
def mark(request: HttpRequest, number: str) -> HttpResponse:
    """Note that somebody came, or did not; back to the sheet."""
    found = _found(request, number)
    try:
        appointment_mark(
            appointment=found, state=request.POST.get("state", ""), actor=_viewer(request), at=timezone.now()
        )
    except Forbidden:
        raise
    except DomainError as error:
        messages.error(request, str(error.message))
    local = timezone.localdate(found.starts_at)
    response = redirect("intake:appointments")
    response["Location"] += f"?window={found.window.public_id}&day={local.isoformat()}#n{found.number}"
    return response


@requires(_CAPABILITY)
@require_POST
def enter(request: HttpRequest, number: str) -> HttpResponse:
    """Begin a counter entry for this person."""
    found = _found(request, number)
    try:
        key = appointment_enter(appointment=found, actor=_viewer(request), at=timezone.now())
    except StaleState as error:
        messages.error(request, str(error.message))
        return redirect("intake:appointment-one", number=number)
    return redirect("intake:entry", key=key)


@requires(_CAPABILITY)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def cancel(request: HttpRequest) -> HttpResponse:
    """Cancel the chosen ones (`n`) with a reason; without a choice, list those that no longer fit."""
    viewer, at = _viewer(request), timezone.now()
    chosen = set((request.POST if request.method == "POST" else request.GET).getlist("n")[:CHOSEN_MOST])
    rows = _chosen(viewer, chosen) if "one" in request.GET else unfit(viewer, at=at)
    form = CancelForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            gone = appointments_cancel(
                appointments=_chosen(viewer, chosen), reason=form.cleaned_data["reason"], actor=viewer, at=at
            )
        except (Forbidden, StaleState):
            raise
        except DomainError as error:
            add_domain_error(form, error)
        else:
            count = len(gone)
            said = ngettext("取消了 %(count)s 个预约，对方会收到消息", "取消了 %(count)s 个预约，对方会收到消息", count)
            messages.success(request, said % {"count": count})
            return redirect("intake:appointments")
    context = {
        "form": form,
        "lines": [masked(row) for row in rows],
        "chosen": chosen,
        "is_one": "one" in request.GET,
    }
    return render(request, "requests_intake/appointments/cancel.html", context, status=422 if form.errors else 200)


def _page(request: HttpRequest, found: Appointment, status: int = 200, **extra: Any) -> HttpResponse:
    viewer, at = _viewer(request), timezone.now()
    context = {
        "line": masked(found),
        "appointment": found,
        "window": found.window,
        "reveal": AppointmentRevealForm(),
        "may_reveal": may_reveal(viewer, found),
        "may_enter": viewer.can(Capability.ENTER_REQUEST) and found.forgotten_at is None,
        "may_mark": timezone.localdate(found.starts_at) <= timezone.localdate(at),
        "day": timezone.localdate(found.starts_at),
        **extra,
    }
    return render(request, "requests_intake/appointments/one.html", context, status=status)


def _chosen(viewer: Viewer, numbers: set[str]) -> list[Appointment]:
    rows = Appointment.objects.visible_to(viewer).filter(number__in=numbers)
    return list(rows.select_related("window__organisation").order_by("starts_at", "pk"))


def _day(text: str, today: date) -> date:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return today
    return found if 2000 < found.year < 2200 else today


def _found(request: HttpRequest, number: str) -> Appointment:
    found = appointment_for(number, _viewer(request))
    if found is None:
        raise Http404
    return found


def _viewer(request: HttpRequest) -> Viewer:
    viewer: Viewer = request.viewer  # type: ignore[attr-defined]
    return viewer
