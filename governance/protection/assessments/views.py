"""Impact assessments: what is locked and why, what was assessed, one assessment with its decision."""

from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from governance.access.checks import can
from governance.access.decorators import requires
from governance.access.viewer import Viewer
from governance.privacy.register import SensitiveUse, sensitive_uses
from governance.protection.assessments.forms import AssessmentForm, DecisionForm, EndForm
from governance.protection.assessments.services import assessment_decide, assessment_end, assessment_file
from governance.protection.models import ImpactAssessment
from governance.protection.permissions import Capability
from governance.web.forms import attempt
from governance.web.keyset import KeysetPage
from governance.web.pages import render_page

PAGE_SIZE = 50
_READERS = (Capability.FILE_ASSESSMENTS, Capability.APPROVE_ASSESSMENTS)


@requires(*_READERS)
@require_safe
def assessments(request: HttpRequest) -> HttpResponse:
    """Every use that the law asks to assess, locked or open until when; below, all assessments. 3 SQL."""
    rows = ImpactAssessment.objects.select_related("filed_by")
    page = KeysetPage(rows, order=["-id"], size=PAGE_SIZE, cursor=request.GET.get("cursor"))
    today, uses = timezone.localdate(), sensitive_uses()
    context = {
        "page": page,
        "rows": [{"one": row, "use": uses.get(row.use), "state": _state(row, today)} for row in page.rows],
        "uses": _uses(uses, today),
        "may_file": can(_viewer(request), Capability.FILE_ASSESSMENTS, None),
    }
    return render_page(request, "protection/assessments.html", "protection/_assessments.html", context)


@requires(Capability.FILE_ASSESSMENTS)
@require_http_methods(["GET", "HEAD", "POST"])
def assessment_new(request: HttpRequest, use: str) -> HttpResponse:
    """Write the assessment of one use; the last one of it is what the form begins with."""
    asked = sensitive_uses().get(use)
    if asked is None:
        raise Http404
    at = timezone.now()
    form = AssessmentForm(request.POST or None, initial=_begun(use, timezone.localdate(at)))
    row = attempt(
        form,
        lambda data: assessment_file(
            use=use,
            words=form.words(),
            valid_until=data["valid_until"],
            submission_key=data["key"],
            actor=_viewer(request),
            at=at,
        ),
    )
    if row is not None:
        messages.success(request, _("交上去了，等另一个人批准"))
        return redirect("protection:assessment", row.public_id)
    context = {"form": form, "use": asked}
    return render(request, "protection/assessment_new.html", context, status=422 if form.errors else 200)


@requires(*_READERS)
@require_safe
def assessment(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One assessment, as it is filed and printed, with what the viewer may do with it."""
    return _shown(request, _found(public_id))


@requires(Capability.APPROVE_ASSESSMENTS)
@require_POST
def assessment_decided(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Approve it, or give it back."""
    row, form = _found(public_id), DecisionForm(request.POST)
    approve = request.POST.get("do") == "approve"
    actor, at = _viewer(request), timezone.now()

    def decide(data: dict[str, Any]) -> ImpactAssessment:
        return assessment_decide(assessment=row, approve=approve, note=data["note"], actor=actor, at=at)

    if attempt(form, decide) is not None:
        messages.success(request, _("批准了，从现在起可以用") if approve else _("退回了，写的人会收到通知"))
        return redirect("protection:assessment", row.public_id)
    return _shown(request, row, decision_form=form)


@requires(Capability.FILE_ASSESSMENTS)
@require_POST
def assessment_ended(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """End it before its day."""
    row, form = _found(public_id), EndForm(request.POST)
    actor, at = _viewer(request), timezone.now()
    if attempt(form, lambda data: assessment_end(assessment=row, why=data["reason"], actor=actor, at=at)) is not None:
        messages.success(request, _("结束了，这一项锁上了"))
        return redirect("protection:assessment", row.public_id)
    return _shown(request, row, end_form=form)


def _shown(request: HttpRequest, row: ImpactAssessment, **bound: forms.Form) -> HttpResponse:
    viewer, today = _viewer(request), timezone.localdate()
    is_own = row.filed_by_id == viewer.user_id
    may_decide = row.decided_at is None and can(viewer, Capability.APPROVE_ASSESSMENTS, None)
    may_end = row.is_open_on(today) and can(viewer, Capability.FILE_ASSESSMENTS, None)
    context: dict[str, Any] = {
        "one": row,
        "use": sensitive_uses().get(row.use),
        "state": _state(row, today),
        "is_own": is_own and row.decided_at is None,
        "decision_form": bound.get("decision_form") or (DecisionForm() if may_decide and not is_own else None),
        "end_form": bound.get("end_form") or (EndForm() if may_end else None),
    }
    return render(request, "protection/assessment.html", context, status=422 if bound else 200)


def _uses(uses: dict[str, SensitiveUse], today: date) -> list[dict[str, Any]]:
    """Each use with the assessment that holds it open longest, and the one that waits. 1 SQL."""
    held: dict[str, ImpactAssessment] = {}
    waiting: dict[str, ImpactAssessment] = {}
    rows = ImpactAssessment.objects.filter(use__in=uses, ended_at=None).exclude(is_approved=False)
    for row in rows.exclude(is_approved=True, valid_until__lt=today).order_by("valid_until", "pk"):
        (waiting if row.decided_at is None else held)[row.use] = row
    return [{"use": use, "held": held.get(key), "waiting": waiting.get(key)} for key, use in uses.items()]


def _state(row: ImpactAssessment, today: date) -> str:
    if row.decided_at is None:
        return _("等另一个人批准")
    if not row.is_approved:
        return _("退回了")
    if row.ended_at is not None:
        return _("提前结束了")
    return _("在用") if row.is_open_on(today) else _("过期了")


def _begun(use: str, today: date) -> dict[str, Any]:
    proposed = AssessmentForm.proposed(today)
    last = ImpactAssessment.objects.filter(use=use).first()
    if last is not None:
        proposed |= {"necessity": last.necessity, "risks": last.risks, "measures": last.measures}
    return proposed


def _found(public_id: UUID) -> ImpactAssessment:
    rows = ImpactAssessment.objects.select_related("filed_by", "decided_by", "ended_by")
    return get_object_or_404(rows, public_id=public_id)


def _viewer(request: HttpRequest) -> Viewer:
    return request.viewer  # type: ignore[attr-defined,no-any-return]
