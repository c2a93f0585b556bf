"""Alerts: the open ones first, answered in one press; and reporting a request that may be an emergency."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from governance.access.decorators import requires
from governance.access.viewer import Viewer
from governance.errors import DomainError, Forbidden, StaleState
from governance.web.forms import add_domain_error
from governance.web.keyset import KeysetPage
from requests_intake.models import RiskAlert
from requests_intake.permissions import Capability
from requests_intake.selectors.detail import request_for
from requests_intake.selectors.queue import place_names
from requests_intake.services.alerts import alert_acknowledge, alert_raise
from requests_intake.turn_forms import words

PAGE_SIZE, OPEN_SHOWN = 20, 100


class AnswerAlertForm(forms.Form):
    """What was done."""

    action = words(gettext_lazy("做了什么"), rows=2, help_text=gettext_lazy("写已经做了什么，马上要做什么。"))


class RaiseForm(forms.Form):
    """Why it may be an emergency."""

    text = words(gettext_lazy("为什么可能是突发事件"), rows=3, help_text=gettext_lazy("值班的人马上收到。居民看不到。"))


@requires(Capability.ANSWER_ALERT)
@never_cache
@require_safe
def alerts(request: HttpRequest) -> HttpResponse:
    """Those that wait for an answer, then what was answered, the newest first."""
    return _page(request)


@requires(Capability.ANSWER_ALERT)
@require_POST
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Answer an alert; who comes second is told by whom it was answered."""
    found = get_object_or_404(RiskAlert.objects.visible_to(_viewer(request)), pk=pk)
    form = AnswerAlertForm(request.POST, auto_id=f"a{pk}_%s")
    if form.is_valid():
        try:
            alert_acknowledge(
                alert=found, action=form.cleaned_data["action"], actor=_viewer(request), at=timezone.now()
            )
        except StaleState as error:
            messages.error(request, str(error.message))
            return redirect("intake:alerts")
        except Forbidden:
            raise
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, _("已记下，不再叫别人"))
            return redirect("intake:alerts")
    return _page(request, {pk: form}, 422)


@requires(Capability.VIEW_REQUEST, Capability.VIEW_ORDER)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def report(request: HttpRequest, number: str) -> HttpResponse:
    """Report that a request may be an emergency: whoever is on duty is called at once."""
    viewer = _viewer(request)
    found = request_for(number, viewer)
    if found is None:
        raise Http404
    form = RaiseForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            alert_raise(request=found, text=form.cleaned_data["text"], actor=viewer, at=timezone.now())
        except (Forbidden, StaleState):
            raise
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, _("已报告，正在叫值班的人"))
            return redirect("intake:request", number=number)
    context = {"form": form, "service_request": found}
    return render(request, "requests_intake/alert_raise.html", context, status=422 if form.errors else 200)


def _page(request: HttpRequest, refused: dict[int, AnswerAlertForm] | None = None, status: int = 200) -> HttpResponse:
    rows = RiskAlert.objects.visible_to(_viewer(request)).select_related("request", "raised_by", "acknowledged_by")
    rows = rows.defer("request__body", "request__track_token")
    waiting = list(
        rows.filter(acknowledged_at=None).prefetch_related("calls__recipient").order_by("raised_at", "pk")[:OPEN_SHOWN]
    )
    page = KeysetPage(
        rows.exclude(acknowledged_at=None),
        order=["-raised_at", "-id"],
        size=PAGE_SIZE,
        cursor=request.GET.get("cursor"),
    )
    forms_: Any = refused or {}
    context = {
        "waiting": [(row, forms_.get(row.pk) or AnswerAlertForm(auto_id=f"a{row.pk}_%s")) for row in waiting],
        "page": page,
        "places": place_names([*waiting, *page.rows]),
        "form": next(iter(forms_.values()), None),
        "here": reverse("intake:alerts"),
    }
    return render(request, "requests_intake/alerts.html", context, status=status)


def _viewer(request: HttpRequest) -> Viewer:
    viewer: Viewer = request.viewer  # type: ignore[attr-defined]
    return viewer
