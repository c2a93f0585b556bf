"""The first page of an empty portal: the district, and who sets it up."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from governance.access.decorators import public
from governance.administration.signing_in import enter
from governance.errors import DomainError, StaleState
from governance.web.forms import add_domain_error
from governance.web.throttle import throttle
from setup_wizard import divisions
from setup_wizard.forms import BeginForm
from setup_wizard.links import opens_beginning
from setup_wizard.selectors.beginning import has_staff
from setup_wizard.services.beginning import portal_begin


@public("nobody has an account yet; the link is printed where the portal was started, and ends with the first account")
@sensitive_post_parameters("password", "password_again")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@throttle("begin", limit=30, seconds=900)
def begin(request: HttpRequest, token: str) -> HttpResponse:
    """Name the district (`?q=` looks it up in the official list), make the first account, go on to the wizard."""
    if not opens_beginning(token) or has_staff():
        return render(request, "setup_wizard/begin_gone.html", status=410)
    words = request.GET.get("q", "")[:20]
    found = divisions.districts_like(words)
    form = BeginForm(request.POST or None, initial=_chosen(request, found))
    if request.method == "POST" and form.is_valid():
        at = timezone.now()
        values = {name: form.cleaned_data[name] for name in form.cleaned_data if name != "password_again"}
        try:
            user = portal_begin(**values, at=at)
        except StaleState:
            return render(request, "setup_wizard/begin_gone.html", status=410)
        except DomainError as error:
            add_domain_error(form, error)
        else:
            enter(request, user, at=at)
            return redirect("setup:overview")
    context = {"form": form, "words": words, "found": found, "list_there": divisions.are_there(), "token": token}
    return render(request, "setup_wizard/begin.html", context, status=422 if form.errors else 200)


def _chosen(request: HttpRequest, found: list[divisions.Division]) -> dict[str, Any]:
    """The district that was picked from the list, or the only one that fits."""
    code = request.GET.get("code", "")
    one = next((one for one in found if one.code == code), found[0] if len(found) == 1 else None)
    return {"code": one.code, "name": one.name} if one else {}
