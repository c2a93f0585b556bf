"""The three administrators: what each may do, who it is, and giving the three to different people."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from governance.access.checks import can_everywhere
from governance.access.decorators import requires
from governance.access.duties import Holder, duty_of, holders
from governance.access.models import AccessPolicy, Role
from governance.access.permissions import DUTIES, Capability
from governance.access.selectors import capability_groups
from governance.access.services.duties import duties_separate
from governance.access.viewer import Viewer
from governance.administration.decorators import for_administrators
from governance.administration.sign_in_forms import SeparateForm
from governance.errors import DomainError
from governance.web.forms import add_domain_error
from governance.web.proof import proved


@dataclass(frozen=True, slots=True)
class Duty:
    """One of the three: its role, what only it may do, and who holds it."""

    role: Role
    capabilities: list[Any]
    people: list[Holder]
    is_held: bool


@requires(Capability.WORK)
@for_administrators
@proved(on_opening=False)
@require_http_methods(["GET", "HEAD", "POST"])
def duties(request: HttpRequest) -> HttpResponse:
    """Show the three; whoever gives grants and changes roles everywhere separates them."""
    viewer, at = request.viewer, timezone.now()  # type: ignore[attr-defined]
    if request.method == "POST" and not may_separate(viewer):
        raise PermissionDenied
    found = holders(at)
    several = [holder for holder in found if len(holder.duties) > 1]
    roles = {role.key: role for role in Role.objects.filter(key__in=DUTIES)}
    form = SeparateForm(request.POST if request.method == "POST" else None, several=several, roles=roles)
    if request.method == "POST" and form.is_valid():
        try:
            duties_separate(keep=form.keep(), reason=form.cleaned_data["reason"], actor=viewer, at=at)
            messages.success(request, _("分开了。从现在起，谁也不能同时担任其中两种。"))
            return redirect("access:duties")
        except DomainError as error:
            add_domain_error(form, error)
    context = {
        "says_itself": True,  # the banner of the administrators' pages would say the same
        "duties": [_duty(roles[key], found, at) for key in DUTIES if key in roles],
        "several": several,
        "form": form,
        "policy": AccessPolicy.objects.select_related("separated_by").filter(separated_at__isnull=False).first(),
        "may_separate": may_separate(viewer),
        "may_see_grants": viewer.can(Capability.VIEW_GRANT),
    }
    return render(request, "access/duties.html", context, status=422 if form.errors else 200)


def may_separate(viewer: Viewer) -> bool:
    """Whether the viewer gives grants and changes roles in the whole territory. 2 SQL at most."""
    return can_everywhere(viewer, Capability.GIVE_GRANT) and can_everywhere(viewer, Capability.EDIT_ROLES)


def _duty(role: Role, found: list[Holder], at: Any) -> Duty:
    known = duty_of()
    return Duty(
        role=role,
        capabilities=[
            one for group in capability_groups() for one in group.capabilities if known.get(one.key) == role.key
        ],
        people=[holder for holder in found if role.key in holder.duties],
        is_held=any(holder.is_everywhere(role.key, at) for holder in found),
    )
