"""Many at once: choose in the list, read what will happen, press, and see what became of each."""

from collections import Counter
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from governance.access.decorators import requires
from governance.access.viewer import Viewer
from governance.errors import DomainError
from governance.text import mask_personal_data
from governance.web.forms import IdempotencyField, add_domain_error
from governance.web.pages import render_page
from requests_intake.filters import ORDER_COLUMNS, narrow, query_of
from requests_intake.models import BulkResult, BulkRun, ServiceRequest
from requests_intake.permissions import Capability
from requests_intake.selectors.choices import offices_within, organisations_in_reach
from requests_intake.selectors.people import handlers_of
from requests_intake.selectors.queue import orders_for, requests_in, worklists_for
from requests_intake.selectors.sight import covered_all, offices_of
from requests_intake.selectors.undoing import undo_seconds
from requests_intake.services.bulk import (
    ACTIONS,
    AT_ONCE,
    BY_RULE,
    MOST,
    BulkAction,
    bulk_start,
    bulk_step,
    expected,
)
from requests_intake.turn_forms import assignee_choices, day
from requests_intake.views.queue import narrow_requests, worklist_of
from requests_intake.workflow import OrderState, RequestState

SHOWN = 200
TARGETS = 20  # requests to choose from, when others are merged into one
_DO = (Capability.ACCEPT_REQUEST, Capability.DISPATCH_REQUEST, Capability.HANDLE_ORDER, Capability.INTERVENE)


class BulkForm(forms.Form):
    """What the step needs beside the choice of requests."""

    organisation = forms.ChoiceField(label=gettext_lazy("派给"), required=False)
    instruction = forms.CharField(
        label=gettext_lazy("交代一句（居民看不到）"),
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    handler = forms.ChoiceField(label=gettext_lazy("谁来办"), required=False)
    assignee = forms.ChoiceField(
        label=gettext_lazy("交给谁"),
        required=False,
        help_text=gettext_lazy("选了人，别的单位的也改派到这个人的单位。答应居民的期限不变。"),
    )
    target = forms.ChoiceField(label=gettext_lazy("并到哪一件"), required=False, widget=forms.RadioSelect)
    text = forms.CharField(
        label=gettext_lazy("写给承办单位（居民看不到）"),
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    until = day(gettext_lazy("哪一天以前回复"))
    key = IdempotencyField()

    def __init__(
        self, *args: Any, action: BulkAction, viewer: Viewer, at: Any, chosen: "Chosen", **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        asked = {
            "dispatch": ("organisation", "instruction"),
            "assign": ("handler",),
            "merge": ("target",),
            "answer_directly": ("text",),
            "urge": ("text",),
            "supervise": ("text", "until"),
            "reassign": ("assignee", "text"),
        }
        wanted = asked.get(action.key, ())
        for name in ("organisation", "instruction", "handler", "assignee", "target", "text", "until"):
            if name not in wanted:
                del self.fields[name]
        if "organisation" in wanted:
            offices = organisations_in_reach(viewer.areas(Capability.DISPATCH_REQUEST))
            self.fields["organisation"].choices = [  # type: ignore[attr-defined]
                ("", _("请选")),
                (BY_RULE, _("按派单规则，各派各的")),
                *((str(office.pk), office.label) for office in offices),
            ]
        if "handler" in wanted:
            people = handlers_of(viewer.organisations(Capability.HANDLE_ORDER), at)
            self.fields["handler"].choices = [("", _("请选")), *((str(p.pk), p.display_name) for p in people)]  # type: ignore[attr-defined]

        if "assignee" in wanted:
            offices = offices_within(viewer.areas(Capability.INTERVENE))
            self.fields["assignee"].choices = assignee_choices(offices, at)  # type: ignore[attr-defined]
            self.fields["text"].label = _("为什么换（单位看得到，居民看不到）")
        if action.key == "answer_directly":
            self.fields["text"].label = _("答复居民")
            self.fields["text"].help_text = _("选中的每一位都马上收到这同一段话，这些事就办结了。")
        self.to_residents = action.key == "answer_directly"
        if "target" in wanted:
            rows = [(number, f"{number[-4:]} {title}") for _pk, number, title, _state in chosen[:TARGETS]]
            self.fields["target"].choices = rows  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Ask for what the step cannot do without."""
        cleaned = super().clean() or {}
        for name, text in (
            ("organisation", _("请选派给谁")),
            ("handler", _("请选谁来办")),
            ("assignee", _("请选交给谁")),
            ("target", _("请选并到哪一件")),
            ("text", _("请写答复居民的话") if self.to_residents else _("请写一句，承办单位才知道要做什么")),
            ("until", _("请选到哪一天")),
        ):
            if name in self.fields and not self.errors.get(name) and not cleaned.get(name):
                self.add_error(name, text)
        return cleaned

    @property
    def values(self) -> dict[str, Any]:
        """What the run keeps."""
        kept = {name: value for name, value in self.cleaned_data.items() if name != "key" and value}
        return {name: _kept(name, value) for name, value in kept.items()}


def _kept(name: str, value: Any) -> Any:
    """A value as JSON holds it."""
    if name in ("organisation", "handler") and str(value).isdigit():
        return int(value)
    return value.isoformat() if name == "until" else value


@requires(*_DO)
def bulk(request: HttpRequest) -> HttpResponse:
    """Say what will happen to how many; on POST, do it (more than a hundred: as a job)."""
    viewer, at = _viewer(request), timezone.now()
    sent = request.POST if request.method == "POST" else request.GET
    action = ACTIONS.get(sent.get("action", ""))
    if action is None or not viewer.can(action.capability):
        raise Http404
    chosen = _chosen(request, viewer, action)
    if request.method == "POST":
        form = BulkForm(request.POST, action=action, viewer=viewer, at=at, chosen=chosen)
        if form.is_valid():
            try:
                run = bulk_start(
                    action=action.key,
                    # what the others are merged into stays as it is
                    request_ids=[pk for pk, number, _title, _state in chosen if number != form.values.get("target")],
                    values=form.values,
                    key=form.cleaned_data["key"],
                    actor=viewer,
                    at=at,
                )
            except DomainError as error:
                add_domain_error(form, error)
            else:
                if run.job_id is None:
                    bulk_step(run_id=run.pk, limit=AT_ONCE, actor=viewer, at=at)
                return redirect("intake:bulk-run", run.public_id)
    else:
        form = BulkForm(action=action, viewer=viewer, at=at, chosen=chosen)
    return _confirm(request, form, action, chosen)


@requires(*_DO)
@require_safe
def run(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """What became of each; asked again every two seconds while some still wait."""
    found = get_object_or_404(BulkRun.objects.visible_to(_viewer(request)).select_related("job"), public_id=public_id)
    results = list(
        BulkResult.objects.filter(run=found)
        .select_related("request")
        .only(
            "state",
            "reason",
            "request__number",
            "request__title",
            "request__state",
            "request__dispatched_at",
            "request__complained_organisation",
        )
        .order_by("-state", "pk")
    )
    covered_all((row.request for row in results), _viewer(request))
    counts = Counter(row.state for row in results)
    at = timezone.now()
    succeeded = [row for row in results if row.state == BulkResult.State.DONE][:SHOWN]
    context = {
        "run": found,
        "action": ACTIONS.get(found.action),
        "done": counts[BulkResult.State.DONE],
        "refused": [row for row in results if row.state == BulkResult.State.REFUSED][:SHOWN],
        "refused_count": counts[BulkResult.State.REFUSED],
        "succeeded": [(row, undo_seconds(row.request, at) if found.action == "dispatch" else 0) for row in succeeded],
        "waiting": counts[BulkResult.State.WAITING],
        "total": len(results),
        "is_active": found.job is not None and found.job.is_active,
    }
    return render_page(request, "requests_intake/bulk_run.html", "requests_intake/_bulk_run.html", context)


@requires(*_DO)
@require_POST
def resume(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Go on with rows that still wait: somebody closed the page, or the job was cancelled."""
    found = get_object_or_404(BulkRun.objects.visible_to(_viewer(request)), public_id=public_id)
    bulk_step(run_id=found.pk, limit=AT_ONCE, actor=_viewer(request), at=timezone.now())
    return redirect("intake:bulk-run", found.public_id)


@requires(*_DO)
@require_safe
def runs(request: HttpRequest) -> HttpResponse:
    """The person's last twenty runs."""
    found = BulkRun.objects.visible_to(_viewer(request)).order_by("-pk")[:20]
    rows = [{"run": one, "label": ACTIONS[one.action].label if one.action in ACTIONS else one.action} for one in found]
    return render(request, "requests_intake/bulk_runs.html", {"runs": rows})


Chosen = list[tuple[int, str, str, str]]  # key, number, title, state of the request or of the order


def _chosen(request: HttpRequest, viewer: Viewer, action: BulkAction) -> Chosen:
    """What was ticked, or all that the list's query finds (at most 2,000, as the list orders them)."""
    sent = request.POST if request.method == "POST" else request.GET
    ticked = [*sent.getlist("pick"), *sent.get("picks", "").split(",")]  # one field: a form may hold only so many
    numbers = [number for number in ticked if number.isascii() and number.isdigit()][: MOST + 1]
    at = timezone.now()
    if action.on_order:
        done = sent.get("view") == "done"
        orders = orders_for(viewer, done=done)
        if sent.get("all"):
            orders = narrow(orders, query_of(sent), viewer=viewer, columns=ORDER_COLUMNS, areas=(), at=at).queryset
        else:
            orders = orders.filter(request__number__in=numbers)
        columns = ("request_id", "request__number", "request__title", "state", "request__complained_organisation_id")
        return _readable(orders.order_by("next_due_at", "pk").values_list(*columns)[: MOST + 1], viewer)
    if sent.get("all"):
        worklists = worklists_for(viewer)
        requests = narrow_requests(requests_in(worklist_of(request, worklists), viewer, at=at), request, viewer, at)
        queryset = requests.queryset
    else:
        queryset = ServiceRequest.objects.visible_to(viewer).filter(number__in=numbers)
    columns = ("pk", "number", "title", "state", "complained_organisation_id")
    return _readable(queryset.order_by("next_due_at", "pk").values_list(*columns)[: MOST + 1], viewer)


def _readable(rows: Iterable[Any], viewer: Viewer) -> Chosen:
    """Titles as this viewer may read them: masked for the party complained about."""
    own = offices_of(viewer)
    return [
        (pk, number, mask_personal_data(title) if complained in own else title, state)
        for pk, number, title, state, complained in rows
    ]


def _confirm(request: HttpRequest, form: BulkForm, action: BulkAction, chosen: Chosen) -> HttpResponse:
    sent = request.POST if request.method == "POST" else request.GET
    states: Any = OrderState if action.on_order else RequestState
    fits, not_fits = expected(action, [state for _pk, _number, _title, state in chosen])
    rows = [
        {
            "number": number,
            "title": mask_personal_data(title),
            "state": states(state).label,
            "fits": state in action.states,
        }
        for _pk, number, title, state in chosen[:SHOWN]
    ]
    context = {
        "form": form,
        "action": action,
        "rows": sorted(rows, key=lambda row: row["fits"]),
        "picks": ",".join(number for _pk, number, _title, _state in chosen[:MOST]),
        "fits": fits,
        "not_fits": not_fits,
        "more": max(len(chosen) - SHOWN, 0),
        "too_many": len(chosen) > MOST,
        "is_job": len(chosen) > AT_ONCE,
        "on_order": action.on_order,
        "view": sent.get("view", ""),
    }
    status = 422 if form.is_bound else 200
    return render(request, "requests_intake/bulk.html", context, status=status)


def _viewer(request: HttpRequest) -> Viewer:
    viewer: Viewer = request.viewer  # type: ignore[attr-defined]
    return viewer
