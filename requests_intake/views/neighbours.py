"""What a neighbour may do with released requests: say "I have this too", while reading or while reporting."""

import secrets
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from governance.access.decorators import public
from governance.errors import DomainError
from governance.web.throttle import throttle
from requests_intake.flow import CATEGORY, steps_of
from requests_intake.models import Draft, Publication
from requests_intake.public_forms import FollowForm
from requests_intake.selectors.similar_public import similar_for
from requests_intake.services.drafts import draft_find
from requests_intake.services.me_too import me_too_add

COOKIE = "liren_neighbour"
YEAR = 365 * 86400


def person_of(request: HttpRequest) -> tuple[str, bool]:
    """Who this is, for counting once: the account, else a random cookie; and whether the cookie is new."""
    viewer: Any = request.viewer  # type: ignore[attr-defined]
    if viewer.user_id is not None:
        return f"user:{viewer.user_id}", False
    known = request.get_signed_cookie(COOKIE, default=None)
    return (f"cookie:{known}", False) if known else (f"cookie:{secrets.token_hex(16)}", True)


def _remember(response: HttpResponse, person: str) -> None:
    response.set_signed_cookie(
        COOKIE,
        person.partition(":")[2],
        max_age=YEAR,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )


@public("Residents without an account say that they have the same matter; counted once a person.")
@require_POST
@throttle("me-too", limit=30, seconds=3600)
def me_too(request: HttpRequest, key: str) -> HttpResponse:
    """Count one more person on a released request."""
    found = Publication.objects.released().filter(key=key).first()
    if found is None:
        raise Http404
    person, is_new = person_of(request)
    _count(request, found, person)
    response = redirect(f"{reverse('intake:public-one', args=[key])}#follow")
    if is_new:
        _remember(response, person)
    return response


def _count(request: HttpRequest, found: Publication, person: str) -> bool:
    try:
        counted = me_too_add(publication=found, person=person, at=timezone.now())
    except DomainError as error:
        messages.warning(request, str(error.message))
        return False
    messages.success(request, _("记上了，谢谢您说一声。") if counted else _("您已经说过一次了，我们记着。"))
    return True


@csrf_exempt  # as the other steps: the token in the address is the protection
@public("The token in the address is the right to this draft; residents report without an account.")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@throttle("similar", limit=60, seconds=3600)
def similar(request: HttpRequest, token: str) -> HttpResponse:
    """Between category and photos: what neighbours have reported already. Nothing alike: straight on."""
    at = timezone.now()
    draft = draft_find(token, at=at)
    if draft is None:
        return render(request, "requests_intake/report_gone.html", {}, status=410)
    if "onward" in request.POST:
        return redirect(_onward(draft, token))
    found = similar_for(draft.data, at=at)
    if not found:
        return redirect(_onward(draft, token))
    counted = None
    if request.method == "POST":
        wanted = request.POST.get("me_too", "")
        card = next((one for one in found if one.publication.key == wanted), None)
        if card is not None:
            person, is_new = person_of(request)
            if is_new:  # without cookies, the draft tells one person from another
                person = f"draft:{draft.data['submission_key']}"
            if _count(request, card.publication, person):
                return redirect(f"{reverse('intake:similar', args=[token])}?counted={wanted}")
    counted = next((one for one in found if one.publication.key == request.GET.get("counted")), None)
    context = {
        "found": found,
        "counted": counted,
        "token": token,
        "back_url": reverse("intake:step", args=[token, CATEGORY.key]),
        "form": FollowForm(),
        "step_number": steps_of(draft.data).index(CATEGORY) + 2,
        "step_count": len(steps_of(draft.data)) + 1,
    }
    return render(request, "requests_intake/report_similar.html", context)


def _onward(draft: Draft, token: str) -> str:
    """The step after the category."""
    steps = steps_of(draft.data)
    return reverse("intake:step", args=[token, steps[min(len(steps) - 1, steps.index(CATEGORY) + 1)].key])
