"""Risk alerts: raised by words and categories or by a colleague, called up the ladder until somebody answers.

The sweep takes alerts that are due with SKIP LOCKED and calls one more person each: whoever is on duty, the next on
the roster, the supervisor, the district. Each level is one row and one event, whatever crashes or runs twice.
"""

from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from governance.access.checks import require
from governance.access.viewer import SYSTEM, Viewer
from governance.errors import DomainError, Forbidden, StaleState, constraint_errors
from governance.outbox.services import NewEvent, publish, publish_many
from governance.refs import ref_of
from governance.text import clean_text
from governance.worktime import calendar_current
from governance.worktime.dates import moment_text
from requests_intake import events
from requests_intake.models import (
    AlertCall,
    AlertCause,
    RequestTransition,
    RiskAlert,
    RiskWords,
    ServiceRequest,
    TurnLimit,
)
from requests_intake.permissions import Capability
from requests_intake.selectors.duty import closest, shifts_around
from requests_intake.selectors.recusals import stands_back
from requests_intake.selectors.rules import is_open
from requests_intake.services.escalation import Responsible
from requests_intake.services.stepping import note, request_lock

log = structlog.get_logger(__name__)

BATCH = 500
TEXT_MAX = 500
ACK_KEY = "alert_ack"
ON_DUTY, NEXT_ON_DUTY, SUPERVISOR, DISTRICT = 1, 2, 3, 4
LEVELS = (ON_DUTY, NEXT_ON_DUTY, SUPERVISOR, DISTRICT)

_CLAIM = """
SELECT a.id, a.request_id, a.area_code, a.level FROM requests_intake_riskalert a
WHERE a.next_at <= %s ORDER BY a.next_at, a.id LIMIT %s
FOR NO KEY UPDATE OF a SKIP LOCKED
"""
_ADVANCE = """
UPDATE requests_intake_riskalert a SET level = n.level, next_at = n.next_at
FROM unnest(%s::bigint[], %s::int[], %s::timestamptz[]) AS n (id, level, next_at)
WHERE a.id = n.id
"""


@dataclass(frozen=True, slots=True)
class DueAlert:
    """A claimed alert with what decides who is called."""

    id: int
    request_id: int
    area_code: str
    level: int


def alerts_raise(*, request_ids: Iterable[int], at: datetime) -> int:
    """Look at new requests and raise those that may be emergencies; return how many. Again changes nothing.

    Risk words count at any hour, categories that are answered round the clock while the offices are closed.
    """
    words = [word.casefold() for row in RiskWords.objects.all() for word in row.words]
    with transaction.atomic():
        requests = list(
            ServiceRequest.objects.select_for_update(of=("self",), no_key=True)
            .filter(pk__in=list(request_ids))
            .select_related("category")
            .order_by("pk")
        )
        found = [(request, cause) for request in requests if (cause := _cause(request, words)) is not None]
        known = set(
            RiskAlert.objects.filter(request__in=[one.pk for one, _c in found]).values_list("request", flat=True)
        )
        new = [(request, cause) for request, cause in found if request.pk not in known and request.is_open]
        if new:
            _raise([_row(request, cause, text, None, at) for request, (cause, text) in new], SYSTEM, at)
    return len(new)


def _cause(request: ServiceRequest, words: Sequence[str]) -> tuple[AlertCause, str] | None:
    text = f"{request.title} {request.body}".casefold()
    spoken = [word for word in words if word in text]
    if spoken:
        return AlertCause.WORDS, " ".join(spoken)[:TEXT_MAX]
    category = request.category
    if category is not None and category.round_the_clock and not is_open(request.submitted_at, calendar_current()):
        return AlertCause.ROUND_THE_CLOCK, ""
    return None


def alert_raise(*, request: ServiceRequest, text: str, actor: Viewer, at: datetime) -> RiskAlert:
    """Report by hand that a request may be an emergency (条例 §29): whoever sees it may. The view asks for seeing.

    Raises `DomainError` on "text" for no words, `StaleState` while an earlier alert is not answered yet, `Forbidden`
    for whoever stands back from the request.
    """
    words = clean_text(text)
    if not words:
        raise DomainError("text_required", _("请写一句为什么可能是突发事件"), field="text")
    if len(words) > TEXT_MAX:
        raise DomainError("text_too_long", _("太长了，最多 %(limit)s 个字") % {"limit": TEXT_MAX}, field="text")
    if not any(actor.can(one) for one in (Capability.VIEW_REQUEST, Capability.VIEW_ORDER)):
        raise Forbidden("forbidden", _("您的角色不能做这件事。"))
    with constraint_errors(), transaction.atomic():
        locked = request_lock(request.pk)
        if stands_back(locked, actor):
            raise Forbidden("recused", _("您已经回避这件诉求，每一步都请别人来做"))
        if locked.has_open_alert:
            raise StaleState("alert_open", _("这件诉求已经报过，正在叫人处置"))
        if not locked.is_open:
            raise StaleState("request_ended", _("这件诉求已经结束。还有危险的话，请直接打 110、119、120。"))
        row = _row(locked, AlertCause.HAND, words, actor, at)
        _raise([row], actor, at)
    return row


def _row(request: ServiceRequest, cause: AlertCause, text: str, actor: Viewer | None, at: datetime) -> RiskAlert:
    return RiskAlert(
        request=request,
        area_code=request.area_code,
        cause=cause,
        text=text,
        raised_at=at,
        raised_by=actor.user if actor is not None else None,
        next_at=at,
    )


def _raise(rows: Sequence[RiskAlert], actor: Viewer, at: datetime) -> None:
    """Write alerts of locked requests, mark them, tell the history, and call the first person of each."""
    RiskAlert.objects.bulk_create(rows)
    ServiceRequest.objects.filter(pk__in=[row.request_id for row in rows]).update(has_open_alert=True)
    RequestTransition.objects.bulk_create(
        RequestTransition(
            request=row.request,
            name="alert",
            from_state=row.request.state,
            to_state=row.request.state,
            at=at,
            actor=actor.staff_user,
            actor_kind=actor.kind,
            text=row.text,
            is_public=False,
        )
        for row in rows
    )
    publish_many(
        NewEvent(
            event_type=events.ALERT_RAISED,
            subject=ref_of(row.request),
            actor=actor,
            area_code=row.area_code,
            payload={"alert_id": row.pk, "cause": row.cause},
            at=at,
        )
        for row in rows
    )
    _call([DueAlert(row.pk, row.request_id, row.area_code, 0) for row in rows], at)


def alert_acknowledge(*, alert: RiskAlert, action: str, actor: Viewer, at: datetime) -> RiskAlert:
    """Answer an alert with what was done or will be: nobody else is called. Once; who comes second is told by whom.

    Raises `DomainError` on "action" for no words, `Forbidden` outside the actor's area.
    """
    words = clean_text(action)
    with transaction.atomic():
        request = request_lock(alert.request_id)
        locked = (
            RiskAlert.objects.select_related("acknowledged_by")
            .select_for_update(of=("self",), no_key=True)
            .get(pk=alert.pk)
        )
        require(actor, Capability.ANSWER_ALERT, locked)
        if locked.acknowledged_at is not None:
            who = locked.acknowledged_by.display_name if locked.acknowledged_by else ""
            time = moment_text(timezone.localtime(locked.acknowledged_at))
            raise StaleState("alert_answered", _("%(who)s 已经在 %(time)s 处置。") % {"who": who, "time": time})
        if not words:
            raise DomainError("action_required", _("请写做了什么，或者马上要做什么"), field="action")
        if len(words) > TEXT_MAX:
            raise DomainError("action_too_long", _("太长了，最多 %(limit)s 个字") % {"limit": TEXT_MAX}, field="action")
        locked.acknowledged_at, locked.acknowledged_by, locked.action, locked.next_at = at, actor.user, words, None
        locked.save(update_fields=["acknowledged_at", "acknowledged_by", "action", "next_at"])
        request.has_open_alert = False
        request.save(update_fields=["has_open_alert"])
        note(request, "alert_done", actor=actor, at=at, text=words, is_public=False)
        publish(
            events.ALERT_ACKNOWLEDGED,
            subject=ref_of(request),
            actor=actor,
            area_code=request.area_code,
            payload={"alert_id": locked.pk},
            at=at,
        )
    return locked


def alert_sweep(*, at: datetime) -> int:
    """Call the next person of every alert that nobody answered in time; return how many were called.

    Safe to run twice, and by two workers at once; after an outage each level still has its minutes.
    """
    called = 0
    while True:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(_CLAIM, [at, BATCH])
                due = [DueAlert(*row) for row in cursor.fetchall()]
            if not due:
                return called
            called += _call(due, at)


def _call(due: Sequence[DueAlert], at: datetime) -> int:
    """Call one more person for each of these locked alerts, and note when the one after is called."""
    callers = Callers({alert.area_code for alert in due}, at)
    before: set[tuple[int, int]] = set(
        AlertCall.objects.filter(alert__in=[alert.id for alert in due]).values_list("alert_id", "recipient_id")
    )
    wait = timedelta(minutes=acknowledge_minutes())
    calls: list[AlertCall] = []
    advance: list[tuple[int, int, datetime | None]] = []
    for alert in due:
        level, person = callers.next(alert, {user_id for alert_id, user_id in before if alert_id == alert.id})
        advance.append((alert.id, level, at + wait if person is not None and level < DISTRICT else None))
        if person is None:
            log.warning("alert_without_recipient", alert=alert.id)
        else:
            calls.append(AlertCall(alert_id=alert.id, level=level, recipient_id=person, at=at))
    with connection.cursor() as cursor:
        cursor.execute(_ADVANCE, [list(column) for column in zip(*advance, strict=True)])
    AlertCall.objects.bulk_create(calls)
    alerts = {alert.id: alert for alert in due}
    publish_many(
        NewEvent(
            event_type=events.ALERT_CALLED,
            subject=f"{ServiceRequest._meta.label_lower}:{alerts[call.alert_id].request_id}",
            actor=SYSTEM,
            area_code=alerts[call.alert_id].area_code,
            payload={"alert_id": call.alert_id, "level": call.level, "recipient_id": call.recipient_id},
            at=at,
        )
        for call in calls
    )
    return len(calls)


def acknowledge_minutes() -> int:
    """How long each one who is called has, in minutes. 1 SQL."""
    return TurnLimit.objects.values_list("amount", flat=True).get(key=ACK_KEY)


class Callers:
    """Who is called at each level for an area; read once a batch (2 SQL), so that many alerts cost no more."""

    def __init__(self, area_codes: Iterable[str], at: datetime) -> None:
        self._at = at
        self._shifts = shifts_around(area_codes, at)
        self._roles = Responsible(at)

    def next(self, alert: DueAlert, called: Set[int]) -> tuple[int, int | None]:
        """Return the next level with somebody who was not called before, and who it is; None where nobody is left."""
        for level in LEVELS:
            person = self._person(level, alert.area_code) if level > alert.level else None
            if person is not None and person not in called:
                return level, person
        return DISTRICT, None

    def _person(self, level: int, area_code: str) -> int | None:
        if level == ON_DUTY:  # in office hours there is a desk
            now = closest(area_code, self._shifts, lambda shift: shift.starts_at <= self._at)
            return now.person_id if now is not None else self._roles.holder("dispatcher", area_code)
        if level == NEXT_ON_DUTY:
            later = closest(area_code, self._shifts, lambda shift: shift.starts_at > self._at)
            return later.person_id if later is not None else None
        return self._roles.holder("supervisor" if level == SUPERVISOR else "district_viewer", area_code)
