"""The account: what it holds, how one is called, leaving it."""

from typing import Any

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from governance.accounts.decorators import resident
from governance.accounts.forms import LeaveForm, NameForm
from governance.accounts.selectors import account_facts
from governance.accounts.services import account_delete, name_change
from governance.errors import DomainError
from governance.notifications.choices_form import ChoicesForm, initial_for
from governance.web.forms import add_domain_error


@resident
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def home(request: HttpRequest) -> HttpResponse:
    """Show the account; a POST changes the name."""
    viewer: Any = request.viewer  # type: ignore[attr-defined]
    form = NameForm(request.POST if request.method == "POST" else None, initial={"name": viewer.user.called})
    if request.method == "POST" and form.is_valid():
        try:
            name_change(actor=viewer, name=form.cleaned_data["name"])
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, _("称呼改好了。"))
            return redirect("account:home")
    context = {"form": form, "facts": account_facts(viewer), "tab": "account"}
    return render(request, "account/home.html", context, status=422 if form.errors else 200)


@resident
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def notices(request: HttpRequest) -> HttpResponse:
    """Choose what one is told of, and when."""
    viewer: Any = request.viewer  # type: ignore[attr-defined]
    form = ChoicesForm(request.POST or None, user=viewer.user, initial=initial_for(viewer.user))
    if request.method == "POST" and form.is_valid():
        try:
            form.save(viewer, timezone.now())
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, _("存好了，从现在起就这样通知您"))
            return redirect("account:notices")
    return render(request, "account/notices.html", {"form": form, "tab": "account"}, status=422 if form.errors else 200)


@resident
@never_cache
@reauthentication_required(app="allauth.account")
@require_http_methods(["GET", "HEAD", "POST"])
def leave(request: HttpRequest) -> HttpResponse:
    """Say what goes and what stays, then take the account away."""
    form = LeaveForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        account_delete(actor=request.viewer, at=timezone.now())  # type: ignore[attr-defined]
        logout(request)
        messages.success(request, _("账号注销了。您反映过的事还在办，凭回执上的链接照样能查。"))
        return redirect("web:home")
    return render(request, "account/leave.html", {"form": form, "tab": "account"}, status=422 if form.errors else 200)
