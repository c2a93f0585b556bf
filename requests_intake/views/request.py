"""One request for staff: the page, and its steps as POSTs that fall back to the page with what was typed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid5

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from governance.access.checks import can
from governance.access.decorators import requires
from governance.errors import DomainError, Forbidden, StaleState
from governance.knowledge.selectors import articles_for
from governance.organisations.models import Organisation
from governance.web.forms import add_domain_error
from governance.web.pages import render_page
from requests_intake.actions import ACTIONS, DECISIONS, OWED, PLACED, Action, Doing, TextWanted
from requests_intake.forms import RevealForm
from requests_intake.models import ExternalLink, Reply, ServiceRequest, WorkOrder
from requests_intake.numbers import parse_number
from requests_intake.permissions import Capability
from requests_intake.selectors.choices import probable_for
from requests_intake.selectors.detail import (
    RequestDetail,
    precedents_for,
    request_detail,
    request_for,
)
from requests_intake.selectors.drafts import Photo
from requests_intake.selectors.rules import rule_sends
from requests_intake.selectors.standards import conditions_of
from requests_intake.selectors.undoing import UNDO, taken_back, undo_seconds
from requests_intake.selectors.why import why_this_date
from requests_intake.services.handling import contact_reveal
from requests_intake.services.stepping import missing, required_text
from requests_intake.services.triage import request_accept_dispatch
from requests_intake.workflow import ORDER_TRANSITIONS, REQUEST_TRANSITIONS, OrderRole, RequestState

RULE_WITHIN = timedelta(seconds=30)
SENT_BACK = "send_back"
_READ = (Capability.VIEW_REQUEST, Capability.VIEW_ORDER)


@requires(*_READ)
@never_cache
@require_safe
def request_page(request: HttpRequest, number: str) -> HttpResponse:
    """Show one request with the steps that this viewer may take."""
    return _page(request, _found(request, number))


@requires(*_READ)
@require_safe
def why(request: HttpRequest, number: str) -> HttpResponse:
    """Say line by line why the answer is due on its date."""
    found = _found(request, number)
    return render_page(
        request,
        "requests_intake/why.html",
        "requests_intake/_why.html",
        {"service_request": found, "lines": why_this_date(found)},
    )


@requires(*_READ)
@never_cache
@require_POST
def act(request: HttpRequest, number: str, name: str) -> HttpResponse:
    """Take one step of the table. Whoever comes second is told what happened; bad input comes back beside its field."""
    action = ACTIONS.get(name)
    if action is None:
        raise Http404
    capability = (REQUEST_TRANSITIONS.get(name) or ORDER_TRANSITIONS[name]).capability
    if not can(_viewer(request), str(capability)):
        raise PermissionDenied
    found = _found(request, number)
    order = _order(request, found, name)
    form = action.form(found, order, request.POST)
    key = _key(name, order)
    if form.is_valid():
        doing = Doing(found, order, _viewer(request), timezone.now(), tuple(request.FILES.getlist("photos")))
        try:
            office = _sent_at_once(request, found, name, form)
            if office is not None:
                request_accept_dispatch(request=found, organisation=office, **form.cleaned_data, **doing.common)
                action, made = ACTIONS["dispatch"], None
            else:
                made = action.run(doing, form.cleaned_data)
        except Forbidden as error:
            return _page(request, found, forms_={key: form}, status=403, problem=str(error.message))
        except StaleState as error:
            return _page(request, _found(request, number), status=409, problem=str(error.message))
        except TextWanted as wanted:
            form.data = request.POST.copy()
            form.data["text"] = wanted.text
            return _page(request, found, forms_={key: form}, turn_notice=str(wanted.message))
        except DomainError as error:
            add_domain_error(form, error)
            _missing_too(form, error, name)
        else:
            read_first = isinstance(made, Reply) and not made.is_released
            messages.success(request, _("已送审，通过以后居民才看到") if read_first else str(action.done))
            if isinstance(made, ExternalLink):  # to hand it over is the next thing
                return redirect("intake:external-link", number=number, pk=made.pk)
            return redirect("intake:request", number=number)
    return _page(request, found, forms_={key: form}, status=422)


def _sent_at_once(request: HttpRequest, found: ServiceRequest, name: str, form: forms.Form) -> Organisation | None:
    """To whom the button beside "accept" sends it: not where another item was chosen since, which others handle."""
    if name != "accept" or "send_to" not in request.POST:
        return None
    office = found.probable_organisation
    same = form.cleaned_data["category"] in (None, found.category)
    if office is not None and same and request.POST["send_to"] == str(office.pk):
        return office
    messages.info(request, _("事项换了，还没有派出。请看派给谁。"))
    return None


def _missing_too(form: forms.Form, error: DomainError, name: str) -> None:
    """The service names the first field that is empty; the page says it of each."""
    step = REQUEST_TRANSITIONS.get(name) or ORDER_TRANSITIONS[name]
    empty = missing(step, form.cleaned_data)
    if error.code == f"{error.field}_required" and error.field in step.required:
        for other in empty:
            if other != error.field and other in form.fields:
                form.add_error(other, str(required_text(step, other)))


@requires(Capability.REVEAL_CONTACT)
@never_cache
@require_POST
def reveal(request: HttpRequest, number: str) -> HttpResponse:
    """Show the requester's number in full, once, and log it."""
    found = _found(request, number)
    form = RevealForm(request.POST)
    revealed = person = None
    status = 422
    if form.is_valid():
        try:
            revealed = contact_reveal(
                request=found, purpose=form.cleaned_data["purpose"], actor=_viewer(request), at=timezone.now()
            )
            status = 200
            person = getattr(found, "concerned", None)
        except Forbidden:
            return _page(request, found, status=403)
    return _page(request, found, forms_={"reveal": form}, status=status, revealed=revealed, revealed_person=person)


def _viewer(request: HttpRequest) -> Any:
    return request.viewer  # type: ignore[attr-defined]


def _found(request: HttpRequest, number: str) -> ServiceRequest:
    found = request_for(number, _viewer(request))
    if found is None:
        raise Http404
    return found


def _order(request: HttpRequest, found: ServiceRequest, name: str) -> WorkOrder | None:
    """The order that a step moves: the one that the form names, else the lead order; None for a step of the request."""
    step = ORDER_TRANSITIONS.get(name)
    if step is None:
        return None
    orders = WorkOrder.objects.filter(request=found, is_current=True).select_related("organisation")
    named = request.POST.get("order", "")
    if named.isdecimal() and len(named) < 19:
        order = orders.filter(pk=named).first()
    else:
        order = orders.filter(role=OrderRole.LEAD).first()
    if order is None:
        raise StaleState("no_order", _("这件诉求还没有派单"))
    return order


def _key(name: str, order: WorkOrder | None) -> str:
    """Name of a step's form on the page: each helping order has forms of its own."""
    return name if order is None or order.role == OrderRole.LEAD else f"{name}-{order.pk}"


@dataclass(frozen=True, slots=True)
class Turn:
    """A step beside the straight way as the page offers it."""

    name: str
    key: str
    label: str
    action: Action
    form: forms.Form | None
    order: WorkOrder | None

    @property
    def is_helpers(self) -> bool:
        """Whether it moves the order of an organisation that helps."""
        return self.order is not None and self.order.role != OrderRole.LEAD

    @property
    def takes_photos(self) -> bool:
        """Whether photos can be sent along."""
        return self.name == "reach_stage"

    @property
    def takes_evidence(self) -> bool:
        """Whether papers can be sent along, for those who decide."""
        return self.name == "ask_ledger"


@dataclass(frozen=True, slots=True)
class Note:
    """Something that was said: a public reply, an attempt to reach the resident, a call-back."""

    kind: str
    at: datetime
    row: Any
    photos: Sequence[Photo] = ()


def _notes(detail: RequestDetail) -> list[Note]:
    """What was said, oldest first: who calls back or does it again reads it before the form."""
    notes = [Note("reply", row.at, row, photos) for row, photos in detail.replies]
    notes += [Note("contact", row.at, row) for row in detail.contacts]
    if detail.pending is not None:
        notes.append(Note("pending", detail.pending.at, detail.pending, detail.pending_photos))
    notes += [Note("callback", row.at, row) for row in detail.callbacks]
    return sorted(notes, key=lambda note: note.at)


def _turns(detail: RequestDetail, drawn: Mapping[str, forms.Form]) -> list[Turn]:
    """Steps without a place of their own, in the order of the table; the one that was chosen or refused has a form."""
    turns = []
    for step in detail.steps:
        name = step.transition.name
        if name in ACTIONS and name not in PLACED:
            key = _key(name, step.order)
            turns.append(Turn(name, key, str(step.transition.label), ACTIONS[name], drawn.get(key), step.order))
    places = list(ACTIONS)
    return sorted(turns, key=lambda turn: places.index(turn.name))


def _attempt_key(request: HttpRequest, found: ServiceRequest, at: datetime) -> UUID:
    """The key of one attempt to call: a second press within the minute is the same attempt."""
    return uuid5(NAMESPACE_OID, f"{found.number} {_viewer(request).user_id} {at:%Y-%m-%d %H:%M}")


def _rule_sends(found: ServiceRequest, at: datetime) -> Organisation | None:
    """To whom a rule sends what was accepted a moment ago: the page that follows says so before it is done."""
    if found.accepted_at is None or at - found.accepted_at > RULE_WITHIN:
        return None
    return rule_sends(found)


def _at_once(found: ServiceRequest, viewer: Any) -> Organisation | None:
    """The office that can be sent to in the press that accepts: the one the rules name, where nothing was disputed."""
    office = found.probable_organisation
    plain = office is not None and office.is_active and office.pk == probable_for(found)
    if not plain or found.category is None or found.complained_organisation_id == found.probable_organisation_id:
        return None
    if not can(viewer, Capability.DISPATCH_REQUEST, found) or precedents_for(found):
        return None
    return office if rule_sends(found) is None else None


def _page(
    request: HttpRequest,
    found: ServiceRequest,
    *,
    forms_: dict[str, forms.Form] | None = None,
    status: int = 200,
    **extra: Any,
) -> HttpResponse:
    at = timezone.now()
    detail: RequestDetail = request_detail(found, _viewer(request), at=at)
    chosen = request.GET.get("turn", "")
    drawn: dict[str, forms.Form] = {
        key: ACTIONS[step.transition.name].form(found, step.order, None)
        for step in detail.steps
        if step.transition.name in ACTIONS
        and ((key := _key(step.transition.name, step.order)) == chosen or step.transition.name in PLACED)
    }
    if "dispatch" in drawn and any(row.name == UNDO for row in detail.history):
        drawn["dispatch"].initial = {**(drawn["dispatch"].initial or {}), **taken_back(found)}
    articles = articles_for(found.body) if "answer_directly" in drawn else []
    wanted = next((one for one in articles if str(one.public_id) == request.GET.get("article")), None)
    if wanted is not None:
        drawn["answer_directly"].initial["text"] = wanted.text_in(found.language)
    if "merge" in drawn and (target := parse_number(request.GET.get("target", ""))):
        drawn["merge"].initial["target"] = target
    if "reply" in drawn and detail.order is not None and detail.demand is not None and detail.demand.name == SENT_BACK:
        sent = detail.order.replies.order_by("-at", "-pk").values_list("text", flat=True)
        drawn["reply"].initial = {"text": next(iter(sent[:1]), "")}  # to be mended, not written anew
    if detail.may_reveal:
        drawn["reveal"] = RevealForm()
    drawn |= forms_ or {}
    for key, form in drawn.items():  # several stand on the page, with fields of the same name
        form.auto_id = f"{key}_%s"
    turns = _turns(detail, drawn)
    asked = found.waiting_for or found.state == RequestState.REVIEW
    first = (*DECISIONS, *OWED) if asked else OWED
    decisions = [turn for turn in turns if turn.form is None and turn.name in first]
    context = {
        "undo_seconds": undo_seconds(found, at) if UNDO in drawn else 0,
        "detail": detail,
        "service_request": found,
        "forms": drawn,
        "has_steps": bool(drawn.keys() & set(PLACED)),
        "turns": [turn for turn in turns if turn not in decisions],
        "decisions": decisions,
        "deciding": any(turn.form is not None and turn.name in first for turn in turns),
        "articles": articles,
        "at_once": _at_once(found, _viewer(request)) if "accept" in drawn else None,
        "rule_sends": _rule_sends(found, at) if "dispatch" in drawn else None,
        "precedents": precedents_for(found) if "dispatch" in drawn or "hand_over" in drawn else [],
        "conditions": conditions_of(found) if drawn.keys() & {"accept", "reply", "close"} else None,
        "notes": _notes(detail),
        "note_key": _attempt_key(request, found, at) if "close" in drawn else None,
        "now": at,
        **extra,
    }
    response = render_page(request, "requests_intake/request.html", "requests_intake/_request.html", context)
    response.status_code = status
    return response
