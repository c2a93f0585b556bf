"""One colleague: what they hold, what lies with them; leaving, which ends everything at once, and coming back."""

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from governance.access.decorators import requires
from governance.access.holdings import held_by
from governance.access.models import GrantLife, User, UserKind
from governance.access.permissions import Capability
from governance.access.second_step import has_device
from governance.access.selectors import GrantFilter, grants_for
from governance.access.services.identities import has_identity, identity_untie
from governance.access.services.leaving import may_close, person_leave, person_return
from governance.access.services.passwords import password_reset
from governance.access.services.second_step import may_reset, second_step_reset
from governance.administration.forms import LeaveForm
from governance.administration.sign_in_forms import IdentityForm, PasswordResetForm, ResetForm
from governance.administration.views.grants import grant_rows, stand_ins_of
from governance.errors import DomainError
from governance.web.forms import add_domain_error
from governance.web.proof import proved

GRANTS_SHOWN = 50


def colleague_of(public_id: UUID) -> User:
    """Return the member of staff, or raise `Http404`."""
    found = User.objects.filter(public_id=public_id, kind=UserKind.STAFF).select_related("organisation").first()
    if found is None:
        raise Http404
    return found


@requires(Capability.VIEW_GRANT)
@require_safe
def person(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Their office, their grants as far as the viewer sees them, and what lies with them."""
    viewer, at = request.viewer, timezone.now()  # type: ignore[attr-defined]
    colleague = colleague_of(public_id)
    grants = grants_for(viewer, narrowed=GrantFilter(person=public_id), at=at).order_by("-pk")[:GRANTS_SHOWN]
    rows = grant_rows(list(grants), viewer, at)
    context = {
        "person": colleague,
        "rows": rows,
        "stand_ins": stand_ins_of(colleague, viewer, at),
        "held": held_by(colleague) if viewer.can(Capability.GIVE_GRANT) else [],
        "changes": list(colleague.account_changes.select_related("by").order_by("-pk")[:10]),
        "may_close": may_close(colleague, viewer, at),
        "has_device": (device := has_device(colleague)),
        "has_identity": (tied := has_identity(colleague)),
        "may_reset": (helps := may_reset(colleague, viewer, at)) and device,
        "may_reset_password": helps and colleague.is_active and colleague.has_usable_password(),
        "may_untie": helps and tied,
        "may_explain": viewer.can(Capability.EXPLAIN),
        "may_give": viewer.can(Capability.GIVE_GRANT) and colleague.is_active,
    }
    return render(request, "access/person.html", context)


@requires(Capability.GIVE_GRANT)
@proved()
@require_http_methods(["GET", "HEAD", "POST"])
def person_stop(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Say what ends and what stays behind; then end everything at once, or open a closed account again."""
    viewer, at = request.viewer, timezone.now()  # type: ignore[attr-defined]
    colleague = colleague_of(public_id)
    if not may_close(colleague, viewer, at):
        raise PermissionDenied
    form = LeaveForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        try:
            if form.cleaned_data["what"] == "return":
                person_return(user=colleague, reason=reason, actor=viewer, at=at)
                messages.success(request, _("%(name)s的账号又能用了。现在还没有任何角色。") % {"name": colleague})
            else:
                count = person_leave(user=colleague, reason=reason, actor=viewer, at=at)
                words = ngettext(
                    "%(name)s的账号停用了，结束了 %(count)d 项授权",
                    "%(name)s的账号停用了，结束了 %(count)d 项授权",
                    count,
                )
                messages.success(request, words % {"name": colleague, "count": count})
            return redirect("access:person", public_id=public_id)
        except DomainError as error:
            add_domain_error(form, error)
    grants = grants_for(viewer, narrowed=GrantFilter(person=public_id), at=at).order_by("-pk")
    live = [row for row in grant_rows(list(grants), viewer, at) if row.life is not GrantLife.ENDED]
    stand_ins = stand_ins_of(colleague, viewer, at)
    context = {"person": colleague, "rows": live, "stand_ins": stand_ins, "held": held_by(colleague), "form": form}
    return render(request, "access/person_leave.html", context)


@requires(Capability.RESET_SECOND_STEP)
@proved()
@require_http_methods(["GET", "HEAD", "POST"])
def person_reset(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Say what happens, then take the device of somebody off who has lost their telephone."""
    done = _("取下了。%(name)s已经在所有设备上退出，会收到通知")
    return _helped(request, public_id, ResetForm, second_step_reset, done, "access/person_reset.html")


@requires(Capability.RESET_SECOND_STEP)
@proved()
@require_http_methods(["GET", "HEAD", "POST"])
def person_password(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Say what happens, then have somebody who has forgotten their password set another."""
    done = _("原来的密码作废了，链接已经发到%(name)s的邮箱")
    return _helped(request, public_id, PasswordResetForm, password_reset, done, "access/person_password.html")


@requires(Capability.RESET_SECOND_STEP)
@proved()
@require_http_methods(["GET", "HEAD", "POST"])
def person_identity(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Say what happens, then take the tie to the identity provider off somebody who is another one there by now."""
    done = _("解开了。%(name)s已经在所有设备上退出")
    return _helped(request, public_id, IdentityForm, identity_untie, done, "access/person_identity.html")


def _helped(
    request: HttpRequest,
    public_id: UUID,
    form_class: type[ResetForm],
    help_in: Callable[..., int],
    done: str,
    template: str,
) -> HttpResponse:
    """Help a colleague who cannot sign in any more, with a reason: their page, or the form again."""
    viewer, at = request.viewer, timezone.now()  # type: ignore[attr-defined]
    colleague = colleague_of(public_id)
    if not may_reset(colleague, viewer, at):
        raise PermissionDenied
    form = form_class(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            help_in(user=colleague, reason=form.cleaned_data["reason"], actor=viewer, at=at)
            messages.success(request, done % {"name": colleague})
            return redirect("access:person", public_id=public_id)
        except DomainError as error:
            add_domain_error(form, error)
    context = {"person": colleague, "form": form, "has_device": lambda: has_device(colleague)}
    context["has_identity"] = lambda: has_identity(colleague)  # each asked by one of them
    return render(request, template, context, status=422 if form.errors else 200)
