"""Deadline policies: the list, one policy with its versions, the next version, and trying one out."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from governance.access.decorators import requires
from governance.errors import DomainError, StaleState
from governance.web.forms import add_domain_error
from governance.worktime import calendar_current
from requests_intake.forms_policies import MOMENT, ConfirmForm, PolicyForm, TrialForm, initial_of
from requests_intake.models import DeadlinePolicy
from requests_intake.permissions import Capability
from requests_intake.selectors.policies import policy_rows, policy_trial, policy_versions
from requests_intake.services.office import may_in_office
from requests_intake.services.policies import (
    policy_confirm,
    policy_create,
    policy_version_create,
    policy_version_withdraw,
)

_CAPABILITY = Capability.EDIT_POLICIES


@requires(_CAPABILITY)
@require_safe
def policies(request: HttpRequest) -> HttpResponse:
    """Every policy with the version in force, the one to come, and what is not confirmed yet."""
    rows = policy_rows(timezone.localdate())
    unconfirmed = sum(1 for row in rows if not row.shown.policy.is_confirmed)
    context = {"rows": rows, "unconfirmed": unconfirmed, "may_edit": _may(request)}
    return render(request, "requests_intake/admin/policies.html", context)


@requires(_CAPABILITY)
@require_safe
def policy(request: HttpRequest, key: str) -> HttpResponse:
    """One policy: its versions, and when each limit would end from a moment one chooses (`?start=`)."""
    return _policy_page(request, key)


@requires(_CAPABILITY)
@require_http_methods(["GET", "HEAD", "POST"])
def policy_new(request: HttpRequest) -> HttpResponse:
    """Begin a policy."""
    _require_edit(request)
    form = PolicyForm(request.POST or None, is_new=True, initial=initial_of(None, _tomorrow()))
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            made = policy_create(
                key=data["key"], draft=form.draft(), reason=data["reason"], actor=_viewer(request), at=timezone.now()
            )
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, _("已建立，事项目录里可以选它了"))
            return redirect("intake:policy", key=made.key)
    return _form_page(request, form, None)


@requires(_CAPABILITY)
@require_http_methods(["GET", "HEAD", "POST"])
def policy_version(request: HttpRequest, key: str) -> HttpResponse:
    """Make the next version, beginning with what is in the newest one."""
    _require_edit(request)
    newest = _newest(key)
    form = PolicyForm(request.POST or None, is_new=False, initial=initial_of(newest, _tomorrow()))
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            policy_version_create(
                key=key,
                after=data["after"] or 0,
                draft=form.draft(),
                reason=data["reason"],
                actor=_viewer(request),
                at=timezone.now(),
            )
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, _("新版本已保存；已经受理的诉求不变"))
            return redirect("intake:policy", key=key)
    return _form_page(request, form, newest)


@requires(_CAPABILITY)
@require_POST
def policy_source(request: HttpRequest, pk: int) -> HttpResponse:
    """Write down where the numbers of a version come from, and whether they are confirmed."""
    found = get_object_or_404(DeadlinePolicy, pk=pk)
    form = ConfirmForm(request.POST, auto_id=f"v{pk}_%s")
    if form.is_valid():
        try:
            policy_confirm(policy=found, actor=_viewer(request), at=timezone.now(), **form.cleaned_data)
        except StaleState:
            raise
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, _("出处已记下"))
            return redirect("intake:policy", key=found.key)
    return _policy_page(request, found.key, confirm={found.pk: form}, status=422)


@requires(_CAPABILITY)
@require_POST
def policy_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back a version that has not begun."""
    found = get_object_or_404(DeadlinePolicy, pk=pk)
    is_only = not DeadlinePolicy.objects.filter(key=found.key).exclude(pk=pk).exists()
    policy_version_withdraw(policy=found, actor=_viewer(request), at=timezone.now())
    messages.success(request, _("已收回，没有生效"))
    return redirect("intake:policies") if is_only else redirect("intake:policy", key=found.key)


def _policy_page(
    request: HttpRequest, key: str, *, confirm: dict[int, ConfirmForm] | None = None, status: int = 200
) -> HttpResponse:
    versions = policy_versions(key, timezone.localdate())
    if not versions:
        raise Http404
    wanted = request.GET.get("version", "")
    tried = next((one for one in versions if str(one.policy.version) == wanted), None)
    tried = tried or next((one for one in versions if one.state == "now"), versions[0])
    chosen = request.GET if "start" in request.GET else {"start": timezone.localtime().strftime(MOMENT)}
    trial = TrialForm(chosen)
    context = {
        "versions": [(one, (confirm or {}).get(one.policy.pk) or _source_form(one.policy)) for one in versions],
        "newest": versions[0].policy,
        "tried": tried,
        "trial": trial,
        "results": policy_trial(tried.policy, trial.cleaned_data["start"]) if trial.is_valid() else [],
        "hours": calendar_current().hours,
        "may_edit": _may(request),
    }
    return render(request, "requests_intake/admin/policy.html", context, status=status)


def _source_form(policy: DeadlinePolicy) -> ConfirmForm:
    initial = {"source": policy.source, "is_confirmed": policy.is_confirmed}
    return ConfirmForm(initial=initial, auto_id=f"v{policy.pk}_%s")


def _form_page(request: HttpRequest, form: PolicyForm, newest: DeadlinePolicy | None) -> HttpResponse:
    context = {"form": form, "newest": newest}
    return render(request, "requests_intake/admin/policy_form.html", context, status=422 if form.errors else 200)


def _newest(key: str) -> DeadlinePolicy:
    found = DeadlinePolicy.objects.filter(key=key).prefetch_related("clocks", "stages").order_by("-version").first()
    if found is None:
        raise Http404
    return found


def _tomorrow() -> Any:
    return timezone.localdate() + timedelta(days=1)


def _viewer(request: HttpRequest) -> Any:
    return request.viewer  # type: ignore[attr-defined]


def _may(request: HttpRequest) -> bool:
    return may_in_office(_viewer(request), _CAPABILITY)


def _require_edit(request: HttpRequest) -> None:
    """A part of the district may look, not change: what is edited here holds for all of it."""
    if not _may(request):
        raise PermissionDenied
