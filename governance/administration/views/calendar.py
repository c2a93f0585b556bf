"""The working calendar: a year at a glance, one day changed with a reason, a year filled from the notices."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from governance.access.decorators import requires
from governance.administration.calendar_page import as_day, changes, months_of
from governance.administration.forms import CalendarDayForm
from governance.administration.services import (
    YEARS_AHEAD,
    YEARS_BACK,
    day_change,
    day_reset,
    may_edit_calendar,
    year_fill,
)
from governance.errors import DomainError, Forbidden
from governance.web.forms import add_domain_error
from governance.worktime import calendar_current
from governance.worktime.models import CalendarDay, Source
from governance.worktime.permissions import Capability


@requires(Capability.EDIT_CALENDAR)
@require_safe
def calendar(request: HttpRequest) -> HttpResponse:
    """Show one year (`?year=`)."""
    today = timezone.localdate()
    years = range(today.year - YEARS_BACK, today.year + YEARS_AHEAD + 1)
    wanted = request.GET.get("year", "")
    year = int(wanted) if wanted.isdecimal() and len(wanted) == 4 and int(wanted) in years else today.year
    current = calendar_current()
    context = {
        "year": year,
        "years": years,
        "months": months_of(year, today),
        "changes": changes(),
        "hours": current.hours,
        "horizon": current.horizon if current.horizon != date.min else None,
        "confirmed": current.confirmed,
        "may_edit": may_edit_calendar(_viewer(request)),
    }
    return render(request, "access/calendar.html", context)


@requires(Capability.EDIT_CALENDAR)
@require_http_methods(["GET", "HEAD", "POST"])
def calendar_day(request: HttpRequest, day: str) -> HttpResponse:
    """Change one day, or give it back to the notice (button `reset`)."""
    wanted = as_day(day)
    if wanted is None:
        raise Http404
    if not may_edit_calendar(_viewer(request)):
        raise PermissionDenied
    row = CalendarDay.objects.filter(date=wanted).first()
    form = CalendarDayForm(request.POST or None, initial=_initial(row, wanted))
    if request.method == "POST" and ("reset" in request.POST or form.is_valid()):
        try:
            if "reset" in request.POST:
                day_reset(day=wanted, actor=_viewer(request), at=timezone.now())
            else:
                day_change(day=wanted, actor=_viewer(request), at=timezone.now(), **form.cleaned_data)
        except Forbidden:
            raise
        except DomainError as error:
            form.is_valid()
            add_domain_error(form, error)
        else:
            messages.success(request, _("已记下；已经作出的承诺不变"))
            return redirect(f"{reverse('access:calendar')}?year={wanted.year}")
    context = {
        "day": wanted,
        "row": row,
        "form": form,
        "is_over": wanted < timezone.localdate(),
        "by_hand": row is not None and row.source == Source.MANUAL,
    }
    return render(request, "access/calendar_day.html", context, status=422 if form.errors else 200)


@requires(Capability.EDIT_CALENDAR)
@require_POST
def calendar_year(request: HttpRequest) -> HttpResponse:
    """Fill a year from the published notices."""
    wanted = request.POST.get("year", "")
    year = int(wanted) if wanted.isdecimal() and len(wanted) == 4 else 0
    try:
        written, kept = year_fill(year=year, actor=_viewer(request), at=timezone.now())
    except Forbidden:
        raise
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("access:calendar")
    said = ngettext("填了 %(count)s 天", "填了 %(count)s 天", written) % {"count": written}
    if kept:
        said += ngettext("，手工改过的 %(count)s 天没动", "，手工改过的 %(count)s 天没动", kept) % {"count": kept}
    messages.success(request, said)
    return redirect(f"{reverse('access:calendar')}?year={year}")


def _initial(row: CalendarDay | None, day: date) -> dict[str, Any]:
    if row is None:
        return {"is_workday": "work" if day.weekday() < 5 else "rest"}
    return {"is_workday": "work" if row.is_workday else "rest", "name": row.name, "name_en": row.name_en}


def _viewer(request: HttpRequest) -> Any:
    return request.viewer  # type: ignore[attr-defined]
