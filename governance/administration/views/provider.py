"""Signing in through the office's own identity provider; the password stays beside it."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from governance.access.decorators import public
from governance.access.second_step import has_device
from governance.access.services.identities import identity_find
from governance.administration import identity_provider
from governance.administration.identity_provider import ProviderDown, ProviderRefused
from governance.administration.signing_in import enter, first_step_keep, target_of
from governance.errors import DomainError
from governance.web.throttle import client_address, throttle


@public("people sign in here, through the provider of their office")
@never_cache
@require_safe
@throttle("provider", limit=30, seconds=60, methods=("GET",))
def provider(request: HttpRequest) -> HttpResponse:
    """Send somebody to the provider; a GET, since the policy of forms allows none that leads to another host."""
    if not identity_provider.is_on():
        raise Http404
    target = target_of(request)
    if request.user.is_authenticated:
        return redirect(target)
    try:
        return HttpResponseRedirect(identity_provider.begin(request, target=target))
    except ProviderDown:
        return _back(request, _down())


@public("the provider sends people back here with a code that is used once")
@never_cache
@require_safe
@throttle("provider-back", limit=30, seconds=60, methods=("GET",))
def provider_back(request: HttpRequest) -> HttpResponse:
    """Let in whoever the provider vouches for and the portal knows: to the code, or to what they wanted."""
    if not identity_provider.is_on():
        raise Http404
    if request.user.is_authenticated:  # the same address opened twice
        return redirect("web:work")
    at = timezone.now()
    try:
        told = identity_provider.finish(request)
        user = identity_find(subject=told.subject, claims=told.claims, address=client_address(request), at=at)
    except ProviderDown:
        return _back(request, _down())
    except ProviderRefused:
        return _back(request, _("没有登录成：这次登录过期了、用过了，或者没有通过核对。请再试一次。"))
    except DomainError as error:
        return _back(request, str(error))
    target = target_of(request, told.target)
    request.session[identity_provider.CAME] = True
    if has_device(user) and not told.has_second_step:
        first_step_keep(request, user, target=target, at=at)
        return redirect("account:sign-in-code")
    enter(request, user, at=at, second_step=told.has_second_step)
    return redirect(target)


@public("leads whoever has signed out here to the provider, to sign out there as well")
@never_cache
@require_safe
def provider_end(request: HttpRequest) -> HttpResponse:
    """Sign out at the provider, if it can do that."""
    address = identity_provider.end_address(request)
    if not address:
        return _back(request, _("统一身份认证没有给出退出的地址，请在它自己的页面上退出。"))
    return HttpResponseRedirect(address)


def _down() -> str:
    return _("%(name)s暂时连不上。请用邮箱和密码登录，或者过一会儿再试。") % {"name": identity_provider.name()}


def _back(request: HttpRequest, words: str) -> HttpResponse:
    messages.warning(request, words)
    return redirect("access:sign-in")
