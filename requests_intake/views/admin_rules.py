"""Dispatch rules: the list in its order, one rule, and trying them on the last month."""

from dataclasses import fields
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from governance.access import areas
from governance.access.checks import can
from governance.access.decorators import requires
from governance.errors import DomainError, Forbidden, StaleState
from governance.protection.assessments.services import is_assessed
from governance.protection.permissions import Capability as Protection
from governance.text import clean_text
from governance.web.forms import add_domain_error
from governance.web.keyset import KeysetPage
from requests_intake.forms_rules import RuleForm, rule_initial
from requests_intake.models import DispatchRule, RuleRun, RuleRunRow
from requests_intake.permissions import Capability
from requests_intake.personal import ACTING_RULES
from requests_intake.selectors.rules_pages import (
    Warnings,
    conditions_of,
    names_for,
    rule_rows,
    rules_matching,
    warnings_about,
)
from requests_intake.services.acting import is_trial_of, rule_let_act, rule_only_propose, rules_only_propose
from requests_intake.services.office import may_in_office
from requests_intake.services.rule_runs import run_start
from requests_intake.services.rules import (
    RuleDraft,
    rule_activate,
    rule_change,
    rule_create,
    rule_delete,
    rule_move,
)

_CAPABILITY = Capability.EDIT_RULES
PAGE_SIZE = 50
RUN_IS_NEW = timedelta(minutes=15)
STATES = ("", "on", "off", "faulty")


@requires(_CAPABILITY)
@require_safe
def rules(request: HttpRequest) -> HttpResponse:
    """The rules in the order in which they are asked; `?q=` and `?state=` narrow the list."""
    words, state = clean_text(request.GET.get("q", ""), multiline=False)[:40], request.GET.get("state", "")
    state = state if state in STATES else ""
    page = KeysetPage(
        rules_matching(words=words, state=state),
        order=["position", "id"],
        size=PAGE_SIZE,
        cursor=request.GET.get("cursor"),
    )
    runs = list(RuleRun.objects.select_related("started_by").order_by("-pk")[:5])
    context = {
        "page": page,
        "rows": rule_rows(page.rows),
        "words": words,
        "state": state,
        **DispatchRule.objects.aggregate(
            faulty=Count("pk", filter=~Q(fault="")), acting=Count("pk", filter=Q(acts=True, is_active=True))
        ),
        "runs": runs,
        # whoever comes back from a trial wants to read it
        "runs_open": bool(runs) and timezone.now() - runs[0].started_at < RUN_IS_NEW,
        "may_edit": _may(request),
    }
    return render(request, "requests_intake/admin/rules.html", context)


@requires(_CAPABILITY)
@require_http_methods(["GET", "HEAD", "POST"])
def rule(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Make a rule or change one. What is odd about it is told first; pressing again saves it all the same."""
    _require_edit(request)
    at = timezone.now()
    found = get_object_or_404(DispatchRule.objects.select_related("organisation"), pk=pk) if pk is not None else None
    initial = rule_initial(found, 0, request.user)  # type: ignore[arg-type]
    form = RuleForm(request.POST or None, at=at, rule=found, initial=initial)
    warnings: Warnings | None = None
    if request.method == "POST" and form.is_valid():
        draft, position = form.draft(), form.cleaned_data["position"]
        warnings = warnings_about(_as_row(draft, found), position) if draft.is_active else None
        if not warnings or form.cleaned_data["accepted"] == _said(warnings):
            try:
                if found is None:
                    saved = rule_create(draft=draft, position=position, actor=_viewer(request), at=at)
                else:
                    saved = rule_change(rule=found, draft=draft, position=position, actor=_viewer(request), at=at)
            except Forbidden:
                raise
            except DomainError as error:
                add_domain_error(form, error)
            else:
                messages.success(request, _("已保存，排在第 %(position)s") % {"position": saved.position})
                return redirect("intake:rules")
    context = {
        "form": form,
        "rule": found,
        "conditions": conditions_of(found, names_for([found])) if found is not None else [],
        "warnings": warnings,
        "accepted": _said(warnings) if warnings else "",
    }
    return render(request, "requests_intake/admin/rule.html", context, status=422 if form.errors else 200)


@requires(_CAPABILITY)
@require_POST
def rule_step(request: HttpRequest, pk: int) -> HttpResponse:
    """Do one thing to a rule of the list: earlier, later, on, off, delete."""
    found = get_object_or_404(DispatchRule, pk=pk)
    viewer, at, wanted = _viewer(request), timezone.now(), request.POST.get("do", "")
    try:
        if wanted in ("up", "down"):
            step = -1 if wanted == "up" else 1
            rule_move(rule=found, position=found.position + step, actor=viewer, at=at)
        elif wanted in ("on", "off"):
            rule_activate(rule=found, is_active=wanted == "on", actor=viewer, at=at)
            messages.success(request, _("已启用") if wanted == "on" else _("已停用"))
        elif wanted == "delete":
            rule_delete(rule=found, actor=viewer, at=at)
            messages.success(request, _("已删掉"))
    except (Forbidden, StaleState):
        raise
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("intake:rule", pk=pk)
    return redirect("intake:rules")


@requires(_CAPABILITY)
@require_http_methods(["GET", "HEAD", "POST"])
def rule_acting(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a rule dispatch at once, after its trial was read; or let it only propose again."""
    _require_edit(request)
    found = get_object_or_404(DispatchRule.objects.select_related("organisation"), pk=pk)
    viewer, at, wanted, problem = _viewer(request), timezone.now(), request.POST.get("do", ""), ""
    if request.method == "POST":
        try:
            if wanted == "act":
                read = request.POST.get("run", "")
                run = RuleRun.objects.filter(pk=int(read)).first() if read.isdecimal() and len(read) < 10 else None
                rule_let_act(rule=found, run=run, actor=viewer, at=at)
                messages.success(request, _("这条规则以后直派"))
            elif wanted == "propose":
                rule_only_propose(rule=found, actor=viewer, at=at)
                messages.success(request, _("这条规则只建议，派给谁由派单员确认"))
        except (Forbidden, StaleState):
            raise
        except DomainError as error:
            problem = str(error.message)
        else:
            return redirect("intake:rules")
    runs = list(RuleRun.objects.filter(rule=found, rule_version=found.version).order_by("-pk")[:5])
    run = next((one for one in runs if is_trial_of(one, found, at)), None)
    context = {
        "rule": found,
        "conditions": conditions_of(found, names_for([found])),
        "run": run,
        "trying": any(one.finished_at is None for one in runs),
        "elsewhere": run.fitted - run.fitted_agreed if run is not None else 0,
        "percent": round(100 * run.fitted_agreed / run.fitted) if run is not None and run.fitted else None,
        "problem": problem,
        "is_locked": not is_assessed(ACTING_RULES, on=timezone.localdate(at)),
        "may_assess": can(viewer, Protection.FILE_ASSESSMENTS, None)
        or can(viewer, Protection.APPROVE_ASSESSMENTS, None),
    }
    return render(request, "requests_intake/admin/rule_acting.html", context, status=422 if problem else 200)


@requires(_CAPABILITY)
@require_POST
def rules_propose(request: HttpRequest) -> HttpResponse:
    """Stop all rules that act, at once: they propose from now on."""
    count = rules_only_propose(actor=_viewer(request), at=timezone.now())
    messages.success(request, _("%(count)s 条规则不再直派，只建议") % {"count": count})
    return redirect("intake:rules")


@requires(_CAPABILITY)
@require_POST
def rules_try(request: HttpRequest) -> HttpResponse:
    """Begin a trial over the last 30 days; with `rule`, as if that one were in use."""
    wanted = request.POST.get("rule", "")
    also = get_object_or_404(DispatchRule, pk=int(wanted)) if wanted.isdecimal() and len(wanted) < 10 else None
    _run, job = run_start(rule=also, actor=_viewer(request), at=timezone.now())
    return redirect("jobs:show", job.public_id)


@requires(_CAPABILITY)
@require_safe
def rules_run(request: HttpRequest, pk: int) -> HttpResponse:
    """What a trial found: how many agree, and each request that would have gone elsewhere."""
    run = get_object_or_404(RuleRun.objects.select_related("started_by", "rule"), pk=pk)
    rows = RuleRunRow.objects.filter(run=run).select_related("request__category", "rule", "ruled", "went")
    page = KeysetPage(rows, order=["id"], size=PAGE_SIZE, cursor=request.GET.get("cursor"))
    context = {
        "run": run,
        "page": page,
        "rows": page.rows,
        "names": areas.names({row.request.area_code for row in page.rows}),
        "may_open": _viewer(request).can(Capability.VIEW_REQUEST),
        "agreed": round(100 * run.agreed / run.asked) if run.asked else None,
    }
    return render(request, "requests_intake/admin/rules_run.html", context)


def _as_row(draft: RuleDraft, found: DispatchRule | None) -> DispatchRule:
    values = {one.name: getattr(draft, one.name) for one in fields(draft)}
    values |= {name: list(values[name]) for name in ("kinds", "channels", "words")}
    return DispatchRule(pk=found.pk if found is not None else None, **values)


def _said(warnings: Warnings) -> str:
    """The warnings that were on the page when the button was pressed."""
    return f"{warnings.fits_all}/{warnings.hides}/{warnings.hidden_by}"


def _viewer(request: HttpRequest) -> Any:
    return request.viewer  # type: ignore[attr-defined]


def _may(request: HttpRequest) -> bool:
    return may_in_office(_viewer(request), _CAPABILITY)


def _require_edit(request: HttpRequest) -> None:
    if not _may(request):
        raise PermissionDenied
