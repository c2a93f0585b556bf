"""Following by e-mail: ask, confirm from the letter, end from the letter. GET shows, only POST changes."""

from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from governance.access import areas
from governance.access.decorators import public
from governance.errors import DomainError
from governance.web.forms import add_domain_error
from governance.web.throttle import throttle
from requests_intake.models import Follow, Publication
from requests_intake.public_forms import FollowForm
from requests_intake.services.following import follow_ask, follow_by_token, follow_confirm, follow_end
from requests_intake.views.public import one_page

_LETTER = "The signed token of the letter is the right to this one wish."


@public("Residents without an account follow what is public; the address is confirmed by its owner.")
@require_POST
@throttle("follow", limit=20, seconds=3600)
def follow_one(request: HttpRequest, key: str) -> HttpResponse:
    """Ask to hear of a released request."""
    found = Publication.objects.released().filter(key=key).first()
    if found is None:
        raise Http404
    form = FollowForm(request.POST)
    if not form.is_valid():
        return one_page(request, key, form, status=422)
    try:
        follow_ask(email=form.cleaned_data["email"], language=_language(), publication=found, at=timezone.now())
    except DomainError as error:
        add_domain_error(form, error)
        return one_page(request, key, form, status=422)
    return _asked(request, {"publication": found})


class AreaFollowForm(FollowForm):
    """An address and an area."""

    area = forms.ChoiceField(
        label=_("哪里"), error_messages={"required": _("请选一个地方"), "invalid_choice": _("没有这一项，请从列表里选")}
    )
    field_order = ["area", "email"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(code, "　" * ((len(code) - 6) // 3) + name) for code, name in areas.below("") if len(code) <= 15]
        self.fields["area"].choices = choices  # type: ignore[attr-defined]


@public("Residents without an account follow what is public; the address is confirmed by its owner.")
@require_http_methods(["GET", "HEAD", "POST"])
@throttle("follow", limit=20, seconds=3600)
def follow_area(request: HttpRequest) -> HttpResponse:
    """Ask to hear, once a day at most, of what is released in an area."""
    form = AreaFollowForm(request.POST if request.method == "POST" else None, initial={"area": request.GET.get("area")})
    if request.method == "POST" and form.is_valid():
        code = form.cleaned_data["area"]
        try:
            follow_ask(email=form.cleaned_data["email"], language=_language(), area_code=code, at=timezone.now())
        except DomainError as error:
            add_domain_error(form, error)
        else:
            return _asked(request, {"area_name": areas.names([code]).get(code, "")})
    status = 422 if form.errors else 200
    return render(request, "requests_intake/public/follow_area.html", {"form": form}, status=status)


def _language() -> str:
    return get_language() or "zh-hans"


def _asked(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    """The same words for everybody: who follows already is nobody else's business."""
    return render(request, "requests_intake/public/follow_asked.html", context)


@csrf_exempt  # the token is the protection, and the page may be opened without cookies
@public(_LETTER)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """Show what would be followed; POST confirms. Mail scanners that open the link change nothing."""
    follow = _follow(token)
    context = _about(follow, token)
    if request.method == "POST":
        try:
            follow_confirm(follow=follow, at=timezone.now())
        except DomainError as error:
            return render(
                request, "requests_intake/public/confirm.html", context | {"problem": str(error.message)}, status=409
            )
        context |= {"done": True}
    return render(request, "requests_intake/public/confirm.html", context)


@csrf_exempt  # mail programs press it for their user (RFC 8058), without cookies
@public(_LETTER)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def unfollow(request: HttpRequest, token: str) -> HttpResponse:
    """Show what is followed; POST ends it, from the page or by a mail program's own button."""
    follow = _follow(token)
    context = _about(follow, token)
    if request.method == "POST":
        follow_end(follow=follow, at=timezone.now())
        context |= {"done": True}
    return render(request, "requests_intake/public/unfollow.html", context)


def _follow(token: str) -> Follow:
    found = follow_by_token(token) if len(token) <= 100 else None
    if found is None:
        raise Http404
    return found


def _about(follow: Follow, token: str) -> dict[str, Any]:
    code = follow.area_code
    publication = follow.publication
    return {
        "follow": follow,
        "token": token,
        "publication": publication if publication is not None and publication.is_released else None,
        "area_name": areas.names([code]).get(code, code) if code else "",
    }
