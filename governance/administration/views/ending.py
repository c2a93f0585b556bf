"""Grants that end soon: lengthening one, and how many days before people are reminded."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from governance.access.checks import require_everywhere
from governance.access.decorators import requires
from governance.access.models import Grant, ReminderPolicy
from governance.access.permissions import Capability
from governance.access.selectors import GRANT_PARTS
from governance.access.services.ending import grant_extend, reminder_policy_change
from governance.administration.ending_forms import ExtendForm, ReminderForm
from governance.administration.views.grants import grant_rows
from governance.errors import DomainError, StaleState
from governance.web.forms import add_domain_error
from governance.web.proof import proved


@requires(Capability.GIVE_GRANT)
@proved()
@require_http_methods(["GET", "HEAD", "POST"])
def grant_extension(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what is lengthened, then do it. A grant one may not know of: 404; one's own, or out of reach: 403."""
    viewer, at = request.viewer, timezone.now()  # type: ignore[attr-defined]
    visible = Grant.objects.visible_to(viewer).select_related(*GRANT_PARTS)
    grant = get_object_or_404(visible, pk=pk)
    row = grant_rows([grant], viewer, at)[0]
    if row.life != "ended" and not row.may_extend:
        raise PermissionDenied
    form = ExtendForm(request.POST if request.method == "POST" else None, grant=grant, at=at)
    if request.method == "POST" and form.is_valid():
        try:
            grant_extend(grant=grant, **form.cleaned_data, actor=viewer, at=at)
            messages.success(request, _("%(name)s 的这项授权延期了") % {"name": grant.user.display_name})
            return redirect(f"{reverse('access:grants')}?state=ending")
        except StaleState as error:
            messages.info(request, str(error))
            return redirect("access:person", public_id=grant.user.public_id)
        except DomainError as error:
            add_domain_error(form, error)
    context = {"row": row, "form": form, "extensions": grant.extensions.select_related("by")}
    return render(request, "access/grant_extend.html", context, status=422 if form.errors else 200)


@requires(Capability.GIVE_GRANT)
@proved()
@require_http_methods(["GET", "HEAD", "POST"])
def reminders(request: HttpRequest) -> HttpResponse:
    """Show and change how many days before the end people are reminded."""
    viewer = request.viewer  # type: ignore[attr-defined]
    require_everywhere(viewer, Capability.GIVE_GRANT)
    row = ReminderPolicy.objects.select_related("changed_by").filter(pk=ReminderPolicy.ROW).first() or ReminderPolicy()
    form = ReminderForm(request.POST if request.method == "POST" else None, initial=ReminderForm.of(row))
    if request.method == "POST" and form.is_valid():
        try:
            reminder_policy_change(**form.cleaned_data, actor=viewer, at=timezone.now())
            messages.success(request, _("改好了，从现在起按这些天数提醒"))
            return redirect("access:grant-reminders")
        except DomainError as error:
            add_domain_error(form, error)
    return render(request, "access/reminders.html", {"form": form, "row": row}, status=422 if form.errors else 200)
