"""Tokens of the interface: which system may act for which organisation; issuing one, and revoking it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from governance.access import areas
from governance.access.decorators import requires
from governance.access.models import ApiToken, Grant
from governance.access.permissions import Capability
from governance.access.selectors import tokens_for
from governance.access.services import IssuedToken, token_issue, token_revoke
from governance.access.viewer import Viewer
from governance.administration.token_forms import RevokeForm, TokenForm
from governance.errors import DomainError
from governance.web.forms import add_domain_error
from governance.web.keyset import KeysetPage
from governance.web.proof import proved

PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class TokenRow:
    """One token as the list shows it, with its one grant."""

    token: ApiToken
    grant: Grant | None
    place: str
    is_live: bool


@requires(Capability.ISSUE_TOKEN)
@require_safe
def token_list(request: HttpRequest) -> HttpResponse:
    """Tokens in the viewer's areas, newest first."""
    viewer, at = _who(request)
    page = KeysetPage(tokens_for(viewer), order=["-id"], size=PAGE_SIZE, cursor=request.GET.get("cursor"))
    return render(request, "access/tokens.html", {"page": page, "rows": _rows(page.rows, at)})


@requires(Capability.ISSUE_TOKEN)
@proved()
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def token_new(request: HttpRequest) -> HttpResponse:
    """Issue a token and show its secret, this once: no address leads to it, and a second press shows it no more."""
    viewer, at = _who(request)
    form = TokenForm(request.POST if request.method == "POST" else None, viewer=viewer, at=at)
    if form.is_valid():
        if ApiToken.objects.visible_to(viewer).filter(submission_key=form.cleaned_data["key"]).exists():
            messages.info(request, _("这个令牌已经发过了，内容只显示一次。没有抄下来的话，请收回它，再发一个。"))
            return redirect("access:tokens")
        issued = _issue(form, viewer, at)
        if issued is not None:
            return render(request, "access/token_issued.html", {"issued": issued, "row": _rows([issued.token], at)[0]})
    return render(request, "access/token_new.html", {"form": form}, status=422 if form.errors else 200)


@requires(Capability.ISSUE_TOKEN)
@proved()
@require_http_methods(["GET", "HEAD", "POST"])
def token_stop(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Say what ends, then end it, with a reason."""
    viewer, at = _who(request)
    token = get_object_or_404(tokens_for(viewer), public_id=public_id)
    form = RevokeForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        token_revoke(token=token, reason=form.cleaned_data["reason"], actor=viewer, at=at)
        messages.success(request, _("已收回 %(name)s 的令牌，它马上用不了了") % {"name": token.user.display_name})
        return redirect("access:tokens")
    context = {"form": form, "row": _rows([token], at)[0]}
    return render(request, "access/token_revoke.html", context, status=422 if form.errors else 200)


def _who(request: HttpRequest) -> tuple[Viewer, datetime]:
    return request.viewer, timezone.now()  # type: ignore[attr-defined]


def _issue(form: TokenForm, viewer: Viewer, at: datetime) -> IssuedToken | None:
    try:
        return token_issue(**form.order(), actor=viewer, at=at)
    except DomainError as error:
        add_domain_error(form, error)
        return None


def _rows(tokens: list[ApiToken], at: datetime) -> list[TokenRow]:
    names = areas.names({token.area_code for token in tokens})
    rows = []
    for token in tokens:
        grant = next(iter(token.user.grants.all()), None)
        rows.append(TokenRow(token, grant, names.get(token.area_code, token.area_code), token.is_live(at)))
    return rows
