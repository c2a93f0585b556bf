"""How the office wants its people to sign in."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from governance.access.checks import require_everywhere
from governance.access.decorators import requires
from governance.access.models import AccessPolicy, Role
from governance.access.permissions import Capability
from governance.access.services.second_step import policy_change
from governance.administration.sign_in_forms import PolicyForm
from governance.errors import DomainError
from governance.web.forms import add_domain_error
from governance.web.proof import proved


@requires(Capability.EDIT_ROLES)
@proved()
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in_policy(request: HttpRequest) -> HttpResponse:
    """Show and change the grace and the minutes; which roles need a second step is in the table of roles."""
    viewer = request.viewer  # type: ignore[attr-defined]
    require_everywhere(viewer, Capability.EDIT_ROLES)
    row = AccessPolicy.objects.select_related("changed_by").filter(pk=AccessPolicy.ROW).first() or AccessPolicy()
    form = PolicyForm(request.POST if request.method == "POST" else None, initial=PolicyForm.of(row))
    if request.method == "POST" and form.is_valid():
        try:
            policy_change(**form.cleaned_data, actor=viewer, at=timezone.now())
            messages.success(request, _("改好了，从现在起这样登录"))
            return redirect("access:sign-in-policy")
        except DomainError as error:
            add_domain_error(form, error)
    roles = list(Role.objects.filter(retired_at=None, second_step_since__isnull=False))
    context = {"form": form, "row": row, "roles": roles}
    return render(request, "access/sign_in_policy.html", context, status=422 if form.errors else 200)
