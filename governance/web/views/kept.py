"""What pages of staff ask of the server while nobody seems to be there."""

import json
from typing import Any

from django.conf import settings
from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from governance.access.decorators import public, requires
from governance.access.models import User, UserKind
from governance.access.permissions import Capability
from governance.access.services.kept import forms_drop, forms_keep
from governance.web import device
from governance.web.addresses import is_ours
from governance.web.sessions import session_end


@public("answers only whether this browser is signed in; somebody types, so the session goes on")
@never_cache
@require_safe
def here(request: HttpRequest) -> HttpResponse:
    """Whether a colleague is signed in. The session lasts longer by the very asking."""
    return JsonResponse({"signed_in": _colleague(request) is not None})


@public("what was typed when a session ends is kept for whoever was signed in here; nothing is shown")
@require_POST
def keep(request: HttpRequest) -> HttpResponse:
    """Keep the forms of `page` and end the session: the time without any sign of somebody is over.

    `forms` is JSON: [{"action": path, "fields": [[name, value], …]}, …]. Answers whether anything was kept.
    """
    forms, page = _forms(request.POST.get("forms", "[]")), request.POST.get("page", "")
    person = _colleague(request) or device.last_here(request)
    is_kept = False
    if person is not None and page.startswith(settings.STAFF_PREFIX) and is_ours(request, page):
        is_kept = forms_keep(user=person, page=page, forms=forms, at=timezone.now())
    if _colleague(request):
        session_end(request)
    return JsonResponse({"kept": is_kept})


@requires(Capability.WORK)
@require_POST
def drop(request: HttpRequest) -> HttpResponse:
    """Forget what was kept of a page, and show it as it is."""
    page, user = request.POST.get("page", ""), request.user
    assert isinstance(user, User)  # noqa: S101 - only people hold capabilities
    if not page or not is_ours(request, page):
        raise Http404
    forms_drop(user=user, page=page)
    return redirect(page)


def _colleague(request: HttpRequest) -> User | None:
    user: Any = request.user
    return user if user.is_authenticated and user.kind != UserKind.RESIDENT else None


def _forms(text: str) -> list[dict[str, Any]]:
    try:
        return [
            {"action": str(form["action"]), "fields": [[str(name), str(value)] for name, value in form["fields"]]}
            for form in json.loads(text)
        ]
    except (ValueError, TypeError, KeyError) as error:
        raise BadRequest("forms is not what the page sends") from error
