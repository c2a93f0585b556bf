"""Signing in and out. The answer never tells whether an account exists."""

from datetime import datetime
from typing import Any

from django.contrib.auth import authenticate, logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRedirect

from governance.access.decorators import public
from governance.access.models import User, UserKind
from governance.access.second_step import has_device
from governance.access.services import has_failed_lately, sign_in_allowed, sign_in_failed, signed_out
from governance.administration import identity_provider
from governance.administration.forms import SignInForm
from governance.administration.signing_in import enter, first_step_keep, target_of
from governance.web.device import source_of
from governance.web.queueing import turn, turned_away

WRONG = _("邮箱或密码不对。请检查大小写和输入法，再试一次。")
BUSY = _("现在登录的人太多，没有轮到您。请过几秒再按一次“登录”。")
TOO_OFTEN = _("试的次数太多了。请过 15 分钟再试；忘了密码请找管理员。")


@public("people sign in here")
@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """E-mail and password; afterwards to `next` on this host, or to the first work page."""
    if (hammering := turned_away(request)) is not None:
        return hammering
    target = target_of(request)
    if request.user.is_authenticated:
        return redirect(target)
    if request.htmx and request.method != "POST":  # type: ignore[attr-defined]
        return _whole_page(request)
    form = SignInForm(request.POST or None)
    status = 200
    if request.method == "POST" and form.is_valid():
        user, refusal = _who(request, form.cleaned_data["email"], form.cleaned_data["password"], at := timezone.now())
        if user is None:
            form.add_error(None, refusal)
            status = 200 if refusal is WRONG else 429
        else:
            if has_device(user):
                first_step_keep(request, user, target=target, at=at)
                return redirect("account:sign-in-code")
            # two administrators have just vouched for whoever uses the emergency account: that is its second step
            enter(request, user, at=at, second_step=user.kind == UserKind.EMERGENCY)
            return redirect(target)
    context = {"form": form, "next": target, "ended": request.GET.get("ended", "")}
    context["provider"] = identity_provider.name() if identity_provider.is_on() else ""
    return render(request, "access/sign_in.html", context, status=status)


def _who(request: HttpRequest, email: str, password: str, at: datetime) -> tuple[User | None, Any]:
    """Who this is, or in which words they are refused. A password is tried only when it is their turn."""
    source, is_known = source_of(request, email)
    if not sign_in_allowed(email=email, address=source, at=at):
        return None, TOO_OFTEN
    may_wait = is_known or not has_failed_lately(address=source, at=at)
    with turn(is_known=is_known, may_wait=may_wait) as is_theirs:
        user = authenticate(request, username=email, password=password) if is_theirs else None
    if not is_theirs:
        return None, BUSY
    if not isinstance(user, User):
        sign_in_failed(email=email, address=source, at=at)
        return None, WRONG
    return user, ""


@public("whoever is signed in may leave; for everybody else it only leads home")
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End this session; whoever came through a provider is told that they may still be signed in there."""
    through_provider = identity_provider.is_on() and identity_provider.CAME in request.session
    if request.user.is_authenticated:
        signed_out(actor=request.viewer, at=timezone.now())  # type: ignore[attr-defined]
    logout(request)
    return redirect(reverse("access:sign-in", query={"ended": "provider"}) if through_provider else "web:home")


def _whole_page(request: HttpRequest) -> HttpResponse:
    """A session that ended under an open page: HTMX must not put the sign-in form into a piece of it."""
    here = request.htmx.current_url_abs_path or reverse("web:work")  # type: ignore[attr-defined]
    return HttpResponseClientRedirect(f"{reverse('access:sign-in')}?{urlencode({'next': here})}")
