"""All steps with what is there and what is missing, and one request to try it with."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from governance.access import areas
from governance.access.decorators import requires
from governance.errors import DomainError
from governance.web.forms import add_domain_error
from requests_intake.permissions import Capability as Intake
from requests_intake.selectors.catalogue import items_in_use
from requests_intake.workflow import ClockKind
from setup_wizard.forms import TrialForm
from setup_wizard.services.trial import Trial, trial_run
from setup_wizard.steps import CAPABILITIES, StepState, step_rows

COMMUNITY = 12


@requires(*CAPABILITIES)
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """How far the portal is, and where to go on."""
    return _shown(request, _form())


@requires(Intake.EDIT_CATALOGUE)
@require_POST
def trial(request: HttpRequest) -> HttpResponse:
    """File a request and take it back; show what it was promised and where it would have gone."""
    form = _form(request.POST)
    done: Trial | None = None
    if form.is_valid():
        category = form.cleaned_data["category"]
        try:
            done = trial_run(
                area_code=form.cleaned_data["area_code"],
                category_id=int(category) if category else None,
                key=form.cleaned_data["key"].hex,
                actor=request.viewer,  # type: ignore[attr-defined]
                at=timezone.now(),
            )
        except DomainError as error:
            add_domain_error(form, error)
    return _shown(request, form if form.errors else _form(), done, status=422 if form.errors else 200)


def _shown(request: HttpRequest, form: TrialForm, done: Trial | None = None, status: int = 200) -> HttpResponse:
    viewer, at = request.viewer, timezone.now()  # type: ignore[attr-defined]
    rows = step_rows(viewer, at)
    missing = [row for row in rows if row.state is StepState.MISSING]
    context: dict[str, Any] = {
        "rows": rows,
        "ready": len(rows) - len(missing),
        "following": next((row for row in missing if row.may_open), None),
        "is_ready": not missing,
        "may_try": viewer.can(Intake.EDIT_CATALOGUE),
        "form": form,
        "trial": done,
        "due": [(ClockKind(kind).label, due_at) for kind, due_at in done.due] if done else [],
    }
    return render(request, "setup_wizard/overview.html", context, status=status)


def _form(posted: Any = None) -> TrialForm:
    communities = [(code, name) for code, name in areas.below("") if len(code) == COMMUNITY]
    items = [(str(item.pk), item.label) for item in items_in_use().values() if item.level == 3 and not item.stop_text]
    return TrialForm(posted, communities=communities, categories=items)
