"""How staff are told, and the hours for everybody who has chosen nothing. Residents choose on their account's pages."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from governance.access.decorators import requires
from governance.access.permissions import Capability as Access
from governance.errors import DomainError, Forbidden
from governance.notifications.choices_form import ChoicesForm, HoursForm, initial_for
from governance.notifications.permissions import Capability
from governance.notifications.services import preference_defaults_save
from governance.web.forms import add_domain_error


@requires(Access.WORK)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def own(request: HttpRequest) -> HttpResponse:
    """One's own choices."""
    viewer: Any = request.viewer  # type: ignore[attr-defined]
    form = ChoicesForm(request.POST or None, user=viewer.user, initial=initial_for(viewer.user))
    if request.method == "POST" and form.is_valid():
        try:
            form.save(viewer, timezone.now())
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, _("存好了，从现在起就这样提醒您"))
            return redirect("notifications:choices")
    return render(request, "notifications/choices.html", {"form": form}, status=422 if form.errors else 200)


@requires(Capability.EDIT_TEMPLATE)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def defaults(request: HttpRequest) -> HttpResponse:
    """The hours for everybody who has chosen nothing."""
    form = HoursForm(request.POST or None, initial=initial_for(None))
    if request.method == "POST" and form.is_valid():
        try:
            preference_defaults_save(actor=request.viewer, at=timezone.now(), **form.hours())  # type: ignore[attr-defined]
        except Forbidden:
            raise
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, _("存好了，没有自己选过的人从现在起就这样"))
            return redirect("notifications:hours")
    return render(request, "notifications/hours.html", {"form": form}, status=422 if form.errors else 200)
