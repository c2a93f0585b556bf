"""How staff sign in: the code after the password, the telephone that makes it, recovery codes, their devices."""

from typing import Any

from allauth.mfa.totp.internal.auth import clear_totp_secret
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from governance.access.decorators import public
from governance.access.models import User
from governance.access.second_step import has_device, is_taken, mark_taken
from governance.access.services.passwords import password_change
from governance.access.services.second_step import recovery_codes_renew, second_step_check, second_step_set
from governance.accounts.decorators import staff_member
from governance.accounts.forms import StaffActivateForm, StaffCodeForm, StaffPasswordForm
from governance.accounts.second_factor import picture_of
from governance.accounts.selectors import devices_of, recovery_codes_left
from governance.accounts.views.devices import signed_out_elsewhere
from governance.administration.signing_in import enter, first_step_of
from governance.errors import DomainError
from governance.web.addresses import is_ours
from governance.web.forms import add_domain_error
from governance.web.proof import proved


@public("the second step of a sign-in that is under way, or of a session from before there was a device")
@sensitive_post_parameters("code")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in_code(request: HttpRequest) -> HttpResponse:
    """Ask for the code of the telephone, or a recovery code; then open what was wanted."""
    at = timezone.now()
    signed_in = request.user if isinstance(request.user, User) and request.user.kind == "staff" else None
    found = (signed_in, _target(request)) if signed_in else first_step_of(request, at)
    if found is None:
        return redirect("access:sign-in")
    user, target = found
    if signed_in and (is_taken(request.session) or not has_device(user)):
        return redirect(target)
    form = StaffCodeForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid() and _is_right(form, user, at):
        if signed_in:
            mark_taken(request.session)
        else:
            enter(request, user, at=at, second_step=True)
        return redirect(target)
    context = {"form": form, "next": target, "signed_in": bool(signed_in)}
    return render(request, "account/staff_code.html", context, status=422 if form.errors else 200)


def _is_right(form: StaffCodeForm, user: User, at: Any) -> bool:
    try:
        if second_step_check(user=user, code=form.cleaned_data["code"], at=at):
            return True
        form.add_error("code", _("动态码不对。动态码半分钟变一次，请填最新的；备用码每个只能用一次。"))
    except DomainError as error:
        add_domain_error(form, error)
    return False


@staff_member
@proved()
@sensitive_post_parameters("code")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def second_step_new(request: HttpRequest) -> HttpResponse:
    """Set a telephone up, or another one in its place; the recovery codes are shown this once, on the answer."""
    viewer: Any = request.viewer  # type: ignore[attr-defined]
    target, has_one = _target(request), has_device(viewer.user)
    if has_one and not is_taken(request.session):  # whoever has one shows it first
        return redirect(reverse("account:sign-in-code", query={"next": request.get_full_path()}))
    form = StaffActivateForm(request.POST if request.method == "POST" else None, session=request.session)
    if request.method == "POST" and form.is_valid():
        codes = second_step_set(secret=form.secret, actor=viewer, at=timezone.now())
        clear_totp_secret(request)
        mark_taken(request.session)  # under the same key: the list of devices knows the session by it
        return render(request, "account/staff_codes.html", {"codes": codes, "next": target, "is_new": True})
    context = {"form": form, "next": target, "has_one": has_one, "waits": viewer.waits_for_second_step}
    context["picture"] = picture_of(form.secret, viewer.user)
    return render(request, "account/staff_second_step.html", context, status=422 if form.errors else 200)


@staff_member
@proved()
@never_cache
@require_POST
def codes_new(request: HttpRequest) -> HttpResponse:
    """Make new recovery codes and show them, this once."""
    viewer: Any = request.viewer  # type: ignore[attr-defined]
    if not is_taken(request.session):
        return redirect(reverse("account:sign-in-code", query={"next": reverse("account:staff")}))
    codes = recovery_codes_renew(actor=viewer, at=timezone.now())
    return render(request, "account/staff_codes.html", {"codes": codes, "next": reverse("account:staff")})


@staff_member
@proved()
@sensitive_post_parameters("password", "password_again")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def password(request: HttpRequest) -> HttpResponse:
    """Change one's own password: every other device is signed out, this one stays."""
    viewer: Any = request.viewer  # type: ignore[attr-defined]
    form = StaffPasswordForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            user = password_change(password=form.cleaned_data["password"], actor=viewer, at=timezone.now())
            update_session_auth_hash(request, user)  # under a new key: the list of devices has to learn it
            UserSession.objects.create_from_request(request)
            messages.success(request, _("密码改好了，别的设备都退出了"))
            return redirect("account:staff")
        except DomainError as error:
            add_domain_error(form, error)
    return render(request, "account/staff_password.html", {"form": form}, status=422 if form.errors else 200)


@staff_member
@never_cache
@require_safe
def account(request: HttpRequest) -> HttpResponse:
    """The second step, and the devices that are signed in. 5 SQL."""
    viewer: Any = request.viewer  # type: ignore[attr-defined]
    context = {
        "has_device": has_device(viewer.user),
        "codes_left": recovery_codes_left(viewer.user),
        "devices": devices_of(viewer, request.session.session_key or ""),
    }
    return render(request, "account/staff.html", context)


@staff_member
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """Sign one device out (`device`), or all the others."""
    return signed_out_elsewhere(request, "account:staff")


def _target(request: HttpRequest) -> str:
    """Where to go afterwards: never to another host."""
    wanted = request.POST.get("next") or request.GET.get("next", "")
    return wanted if is_ours(request, wanted) else reverse("web:work")
