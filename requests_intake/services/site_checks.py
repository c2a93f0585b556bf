"""Looks on site by grid workers: before the desk files a matter, and before one that nobody is called about is closed.

The grid keeps the check and who may do it; request intake says what to look at, who is kept away, and what follows.
"""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from governance.access.viewer import SYSTEM, Viewer
from governance.errors import DomainError, StaleState, constraint_errors
from governance.refs import ref_of
from governance.text import clean_text
from governance.worktime import add, calendar_current
from grid.models import Check, CheckKind, CheckResult
from grid.models.checks import WORDS_MAX
from grid.services.checks import CheckPlace, check_create, check_withdraw
from requests_intake import events
from requests_intake.models import ServiceRequest
from requests_intake.selectors.independence import took_part
from requests_intake.selectors.standards import conditions_of
from requests_intake.services.clocks import turn_limit
from requests_intake.services.stepping import (
    check_step,
    lead_order_lock,
    note,
    order_step,
    publish_of_order,
    publish_of_request,
    request_lock,
    request_refreshed,
    request_step,
)
from requests_intake.workflow import CHECKED, RequestState, Waiting

LIMIT = "check"
GONE = (CheckResult.NOT_FOUND, CheckResult.SETTLED)


def request_ask_check(*, request: ServiceRequest, text: str, actor: Viewer, at: datetime) -> Check:
    """Ask that somebody goes and looks before the matter is filed (核实); no clock stops for it.

    Of a patrol's matter that was handled it asks once more, where the first look could not tell. Raises `DomainError`
    on "text" for none or too many words, `StaleState` while somebody is asked already.
    """
    words = clean_text(text)
    with constraint_errors(), transaction.atomic():
        locked = request_lock(request.pk)
        check_step(locked, "ask_check", actor, text=words)
        if len(words) > WORDS_MAX:
            raise DomainError("text_too_long", _("最多写 500 字，请写短一些"), field="text")
        is_handled = locked.state == RequestState.CALLBACK
        if is_handled and not locked.is_patrol:
            raise StaleState("not_for_check", _("已经答复了，解决没有由居民说，或者由回访员问"))
        kind = CheckKind.BEFORE_CLOSING if is_handled else CheckKind.BEFORE_FILING
        check = _ask(locked, kind, words, actor, at)
        request_step(
            locked,
            "ask_check",
            actor=actor,
            at=at,
            organisation=actor.user.organisation if actor.user else None,
            text=words,
            changes={"waiting_for": Waiting.CHECK},
        )
        publish_of_request(events.CHECK_ASKED, locked, actor, at, check_kind=kind, due_at=check.due_at.isoformat())
    return check


def request_drop_check(*, request: ServiceRequest, actor: Viewer, at: datetime) -> ServiceRequest:
    """Wait no more for a look on site: the desk knows enough. Raises `StaleState` where nobody was asked."""
    with transaction.atomic():
        locked = request_lock(request.pk)
        check_step(locked, "drop_check", actor)
        check_withdraw(subject_ref=ref_of(locked), actor=actor, at=at)
        request_step(locked, "drop_check", actor=actor, at=at, changes={"waiting_for": ""})
        publish_of_request(events.CHECK_DROPPED, locked, actor, at)
    return locked


def closing_check_ask(request: ServiceRequest, text: str, *, at: datetime) -> None:
    """Of a locked request in which nobody waits for an answer: a third person looks before it is closed (核查).

    `text` is what the office says that it did. Nothing for requests of residents: they say whether it is solved.
    """
    if not request.is_patrol:
        return
    # what is to be seen is what the catalogue calls closed (结案条件), where it says so
    standard = conditions_of(request).closing
    room = (WORDS_MAX - len(standard)) // 2 - 1
    words = "\n".join(part for part in (request.body[:room], text[:room], standard) if part)
    _ask(request, CheckKind.BEFORE_CLOSING, words, SYSTEM, at)
    request.waiting_for = Waiting.CHECK
    request_refreshed(request, at=at, fields={"waiting_for"})


def check_receive(*, check_id: int, at: datetime) -> bool:
    """Bring what was seen on site to the desk; a patrol's matter is closed by it, or goes back. False: not waited for.

    The result of a look before filing is evidence: whoever sits at the desk decides.
    """
    check = Check.objects.select_related("checked_by").get(pk=check_id)
    kind, _colon, pk = check.subject_ref.partition(":")
    if kind != ServiceRequest._meta.label_lower or check.ended_at is None or not check.result:
        return False
    with constraint_errors(), transaction.atomic():
        locked = request_lock(int(pk))
        if locked.waiting_for != Waiting.CHECK or Check.objects.open().filter(subject_ref=check.subject_ref).exists():
            return False
        by = Viewer(kind="staff", user=check.checked_by)
        note(locked, f"{CHECKED}{check.result}", actor=by, at=check.ended_at, text=check.words, is_public=False)
        locked.waiting_for = ""
        request_refreshed(locked, at=at, fields={"waiting_for"})
        if check.kind == CheckKind.BEFORE_CLOSING and locked.state == RequestState.CALLBACK and locked.is_patrol:
            if check.result in GONE:
                _close(locked, by, at)
            elif check.result == CheckResult.FOUND:
                _send_back(locked, check.words, by, at)
        publish_of_request(events.CHECK_RECEIVED, locked, by, at, check_kind=check.kind, result=check.result)
    return True


def _ask(request: ServiceRequest, kind: CheckKind, words: str, actor: Viewer, at: datetime) -> Check:
    away = took_part(request)
    return check_create(
        kind=kind,
        subject_ref=ref_of(request),
        place=CheckPlace(area_code=request.area_code, words=request.address, lng=request.lng, lat=request.lat),
        what=words,
        due_at=add(at, turn_limit(LIMIT), calendar_current()),
        excluded_user_ids=away.people if kind == CheckKind.BEFORE_CLOSING else (),
        excluded_organisation_ids=away.offices if kind == CheckKind.BEFORE_CLOSING else (),
        actor=actor,
        at=at,
    )


def _close(request: ServiceRequest, by: Viewer, at: datetime) -> None:
    order = lead_order_lock(request)
    order_step(order, "finish", actor=by, at=at, changes={"done_at": at})
    request_step(request, "verify", actor=by, at=at, order=order)
    publish_of_request(
        events.CLOSED, request, by, at, round=request.rework_count + 1, source="check", solved="yes", grade=None
    )


def _send_back(request: ServiceRequest, words: str, by: Viewer, at: datetime) -> None:
    order = lead_order_lock(request)
    request_step(
        request,
        "verify_back",
        actor=by,
        at=at,
        order=order,
        organisation=order.organisation,
        text=words,
        changes={"rework_count": request.rework_count + 1},
    )
    order_step(order, "rework", actor=by, at=at, text=words, changes={"due_at": request.due_at})
    request.next_due_at = order.next_due_at
    request.save(update_fields=["next_due_at"])
    publish_of_order(events.BROUGHT_BACK, request, order, by, at, round=request.rework_count)
