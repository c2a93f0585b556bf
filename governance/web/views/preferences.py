"""Keeps a choice of language, size or contrast and brings the person back to where they were."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from governance.access.decorators import public
from governance.access.services import user_language_set, user_shortcuts_set
from governance.web.addresses import is_ours
from governance.web.preferences import apply_preference


@public("anybody may choose language, size and contrast")
@require_POST
def preferences(request: HttpRequest) -> HttpResponse:
    """Take `_preference=size:large`, or the plain fields language, size, contrast, display; go back to `next`.

    `_preference=shortcuts:off` is kept with the person who is signed in.
    """
    target = request.POST.get("next", "")
    response = HttpResponseRedirect(target if is_ours(request, target) else reverse("web:home"))
    for value in request.POST.getlist("_preference"):
        _apply(request, response, value)
    for name in ("display", "language", "size", "contrast"):
        if name in request.POST:
            _apply(request, response, f"{name}:{request.POST[name]}")
    return response


def _apply(request: HttpRequest, response: HttpResponse, value: str) -> None:
    """Keep the choice in a cookie; the language of somebody who is signed in also for the letters they get."""
    name, _separator, choice = value.partition(":")
    if name == "shortcuts" and choice in ("on", "off") and request.user.is_authenticated:
        user_shortcuts_set(user=request.user, on=choice == "on")
    if apply_preference(response, value) and name == "language" and request.user.is_authenticated:
        user_language_set(user=request.user, language=choice)
