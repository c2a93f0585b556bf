"""The only writers of requests of the persons concerned, and of the days within which they are answered."""

from datetime import datetime
from fractions import Fraction
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from governance.access.checks import require
from governance.access.viewer import SYSTEM, Viewer
from governance.errors import DomainError, Forbidden, StaleState, constraint_errors
from governance.outbox.events import EventType
from governance.outbox.services import publish
from governance.privacy.services import log_read
from governance.protection import events
from governance.protection.permissions import Capability
from governance.protection.person_requests.models import (
    RUNS,
    Decision,
    Ground,
    Identity,
    Kind,
    PersonCopy,
    PersonRequest,
    PersonRequestPolicy,
    State,
)
from governance.protection.person_requests.services.copies import copy_begin
from governance.text import clean_text
from governance.worktime import Duration, Unit, add, at_fraction, calendar_current

WORDS_MAX, REASON_MAX, OUTCOME_MAX, NAME_MAX, CONTACT_MAX, NOTE_MAX, WHY_MAX = 1000, 1000, 1000, 40, 100, 200, 200
READ = "person_request"  # why staff read it, in the log of reading
_SOON = Fraction(4, 5)  # of the days: when staff are reminded

# What may be the ground of a refusal, by what was asked.
GROUNDS: dict[str, tuple[Ground, ...]] = {
    Kind.COPY: (Ground.SECRET, Ground.DUTY, Ground.NOT_HELD, Ground.IDENTITY),
    Kind.CORRECT: (Ground.ACCURATE, Ground.NOT_HELD, Ground.IDENTITY),
    Kind.DELETE: (Ground.RETENTION, Ground.NEEDED, Ground.NOT_HELD, Ground.IDENTITY),
}

# what is said where something is missing, by the service and beside the field
KIND_MISSING = _("请选要什么：副本、更正，还是删除")
CORRECT_MISSING = _("请写哪里不对，应该是什么")
DELETE_MISSING = _("请写要删除什么")
NAME_MISSING = _("请写来人的姓名")
CONTACT_MISSING = _("请写怎么联系：电话，或者地址")
IDENTITY_MISSING = _("请选怎么确认是本人的")
DECISION_MISSING = _("请选同意、同意一部分，还是不同意")
GROUND_MISSING = _("不同意的，请选一条法律上的理由")
REASON_MISSING = _("请写给本人看的答复：怎么办、为什么、哪些要留多久")
OUTCOME_MISSING = _("请写办了什么，本人看得到")
WHY_MISSING = _("请写明为什么改，以后查起来才清楚")
_NEEDS_WORDS = {Kind.CORRECT: CORRECT_MISSING, Kind.DELETE: DELETE_MISSING}


def person_request_file(
    *, kind: str, words: str, language: str, submission_key: UUID, actor: Viewer, at: datetime
) -> PersonRequest:
    """Receive what a resident asks in their own account; the same key twice is one request. A copy is in `language`.

    Raises `DomainError` beside the field, and where a request of this kind is still running; `Forbidden` for others.
    """
    if actor.kind != "resident":
        raise Forbidden("residents_only", _("这里是居民的账号，工作人员的账号请找管理员"))
    fields = {
        "person": actor.user,
        "language": language,
        "identity": Identity.ACCOUNT,
        "identity_at": at,
    }
    return _receive(kind=kind, words=words, fields=fields, submission_key=submission_key, actor=actor, at=at)


def person_request_take(
    *,
    kind: str,
    name: str,
    contact: str,
    words: str,
    identity: str,
    identity_note: str,
    is_number_proved: bool,
    language: str,
    submission_key: UUID,
    actor: Viewer,
    at: datetime,
) -> PersonRequest:
    """Take down what somebody without an account asks at the counter or on the telephone.

    `identity` may be "": it is then looked at before anything is given. Raises `DomainError`, `Forbidden`.
    """
    require_staff(actor)
    said = {"name": clean_text(name, multiline=False)[:NAME_MAX], "contact": clean_text(contact, multiline=False)}
    for key, message in (("name", NAME_MISSING), ("contact", CONTACT_MISSING)):
        if not said[key]:
            raise DomainError(f"{key}_required", message, field=key)
    contact_field: Any = PersonRequest._meta.get_field("contact_index")
    fields = {
        "name": said["name"],
        "contact": said["contact"][:CONTACT_MAX],
        "contact_index": contact_field.digest(said["contact"][:CONTACT_MAX]),
        "language": language,
        "taken_by": actor.user,
        **_identified(identity, identity_note, is_number_proved, actor, at),
    }
    return _receive(kind=kind, words=words, fields=fields, submission_key=submission_key, actor=actor, at=at)


def person_request_read(*, public_id: UUID, actor: Viewer, at: datetime) -> PersonRequest:
    """Return one with its words and who it is from, and record that this member of staff reads them.

    Raises `PersonRequest.DoesNotExist` for one that they may not see.
    """
    people = ("copy__job", "person", "taken_by", "identity_by", "decided_by", "done_by")
    with transaction.atomic():
        found: PersonRequest = PersonRequest.objects.visible_to(actor).select_related(*people).get(public_id=public_id)
        fields = ["name", "words"] if found.person_id is not None else ["name", "phone", "words"]
        log_read(user_id=actor.user_id, subject=found, fields=fields, purpose=READ, at=at)
    return found


def person_request_identify(
    *, request: PersonRequest, identity: str, note: str, is_number_proved: bool, actor: Viewer, at: datetime
) -> PersonRequest:
    """Note how it was made sure that it is the person themselves. Raises `DomainError`, `StaleState`, `Forbidden`."""
    require_staff(actor)
    if identity not in (Identity.DOCUMENT, Identity.AGENT):
        raise DomainError("identity_required", IDENTITY_MISSING, field="identity")
    with transaction.atomic():
        locked = request_lock(request, actor, State.OPEN)
        if locked.person_id is not None:
            raise DomainError("identity_by_account", _("本人登录账号提的，不用再核对"), field="identity")
        for key, value in _identified(identity, note, is_number_proved, actor, at).items():
            setattr(locked, key, value)
        locked.save()
        publish(events.PERSON_REQUEST_IDENTIFIED, subject=locked, actor=actor, payload={"identity": identity}, at=at)
    return locked


def person_request_decide(
    *, request: PersonRequest, decision: str, ground: str, reason: str, actor: Viewer, at: datetime
) -> PersonRequest:
    """Answer: granted, partly or refused, in words for the person (§50: a refusal says why).

    What is refused is over. Raises `DomainError` beside the field, `StaleState`, `Forbidden`.
    """
    require(actor, Capability.HANDLE_PERSON_REQUESTS, None)
    said = clean_text(reason)[:REASON_MAX]
    if decision not in (Decision.GRANTED, Decision.PARTLY, Decision.REFUSED):
        raise DomainError("decision_required", DECISION_MISSING, field="decision")
    if decision == Decision.GRANTED:
        ground = ""
    elif decision == Decision.PARTLY and request.kind == Kind.COPY:  # it holds all that the portal holds, or nothing
        raise DomainError("copy_is_whole", DECISION_MISSING, field="decision")
    elif ground not in GROUNDS[request.kind]:
        raise DomainError("ground_required", GROUND_MISSING, field="ground")
    if not said:
        raise DomainError("reason_required", REASON_MISSING, field="reason")
    with constraint_errors(), transaction.atomic():
        locked = request_lock(request, actor, State.OPEN)
        if decision != Decision.REFUSED and not locked.identity:
            raise DomainError("identity_first", _("先确认是本人，再答复同意"), field="decision")
        locked.decision, locked.ground, locked.reason = decision, ground, said
        locked.decided_at, locked.decided_by, locked.state = at, actor.user, State.DECIDED
        if decision == Decision.REFUSED:
            locked.state, locked.done_at, locked.done_by = State.DONE, at, actor.user
        locked.save()
        payload = {"answer": decision, "legal_ground": ground}
        publish(events.PERSON_REQUEST_DECIDED, subject=locked, actor=actor, payload=payload, at=at)
        if locked.kind == Kind.COPY and locked.state == State.DECIDED:
            copy_begin(locked, actor, at)
    return locked


def person_request_finish(*, request: PersonRequest, outcome: str, actor: Viewer, at: datetime) -> PersonRequest:
    """Say what was done. Raises `DomainError` on "outcome", `StaleState`, `Forbidden`."""
    require(actor, Capability.HANDLE_PERSON_REQUESTS, None)
    said = clean_text(outcome)[:OUTCOME_MAX]
    if not said:
        raise DomainError("outcome_required", OUTCOME_MISSING, field="outcome")
    with transaction.atomic():
        locked = request_lock(request, actor, State.DECIDED)
        if locked.kind == Kind.COPY:
            raise StaleState("copy_ends_itself", _("副本做好了，这件请求自己就办完"))
        locked.outcome, locked.state, locked.done_at, locked.done_by = said, State.DONE, at, actor.user
        locked.save()
        _publish(events.PERSON_REQUEST_DONE, locked, actor, at)
    return locked


def person_copy_again(*, request: PersonRequest, actor: Viewer, at: datetime) -> PersonRequest:
    """Have a copy made that an earlier try did not bring. Raises `StaleState`, `Forbidden`."""
    require(actor, Capability.HANDLE_PERSON_REQUESTS, None)
    with transaction.atomic():
        locked = request_lock(request, actor, State.DECIDED)
        if locked.kind == Kind.COPY:
            copy_begin(locked, actor, at)
    return locked


def person_request_withdraw(*, request: PersonRequest, actor: Viewer, at: datetime) -> PersonRequest:
    """Take one's own request back while nobody has answered it. Raises `StaleState`; `DoesNotExist` for others'."""
    if actor.kind != "resident":
        raise Forbidden("residents_only", _("只有本人能撤回"))
    with transaction.atomic():
        return _withdrawn(request_lock(request, actor, State.OPEN), actor, at)


def person_requests_forget(*, user_id: int, at: datetime) -> int:
    """End what a closed account still asked, and delete its copies: nobody is left to read them. Returns how many."""
    with transaction.atomic():
        rows = PersonRequest.objects.select_for_update(of=("self",), no_key=True).filter(person_id=user_id)
        found = list(rows.filter(Q(state=State.OPEN) | Q(state=State.DECIDED, kind=Kind.COPY)).order_by("pk"))
        for one in found:
            _withdrawn(one, SYSTEM, at)
        PersonCopy.objects.filter(request__person_id=user_id).delete()
    return len(found)


def person_requests_remind(*, at: datetime) -> int:
    """Tell those who handle them, once each, what is due soon and what is overdue; return how many. They are few."""
    count = 0
    with transaction.atomic():
        rows = PersonRequest.objects.select_for_update(of=("self",), no_key=True).filter(RUNS, soon_at__lte=at)
        for one in rows.filter(late_told_at=None).order_by("due_at", "pk"):
            is_late = one.due_at <= at
            if not is_late and one.soon_told_at is not None:
                continue
            name = "late_told_at" if is_late else "soon_told_at"
            setattr(one, name, at)
            one.save(update_fields=[name])
            event = events.PERSON_REQUEST_OVERDUE if is_late else events.PERSON_REQUEST_DUE_SOON
            publish(event, subject=one, actor=SYSTEM, payload={"due_at": one.due_at}, at=at)
            count += 1
    return count


def person_policy_change(*, working_days: int, reason: str, actor: Viewer, at: datetime) -> PersonRequestPolicy:
    """Say within how many working days to answer, for what comes from now on. Raises `DomainError` by the field."""
    require(actor, Capability.HANDLE_PERSON_REQUESTS, None)
    why = clean_text(reason, multiline=False)[:WHY_MAX]
    if not why:
        raise DomainError("reason_required", WHY_MISSING, field="reason")
    with constraint_errors(), transaction.atomic():
        row, _made = PersonRequestPolicy.objects.update_or_create(
            pk=PersonRequestPolicy.ROW,
            defaults={"working_days": working_days, "changed_at": at, "changed_by": actor.user, "why": why},
        )
        payload = {"working_days": working_days}
        publish(events.PERSON_POLICY_CHANGED, subject=row, actor=actor, payload=payload, at=at)
    return row


def _receive(
    *, kind: str, words: str, fields: dict[str, Any], submission_key: UUID, actor: Viewer, at: datetime
) -> PersonRequest:
    said = clean_text(words)[:WORDS_MAX]
    if kind not in Kind.values:
        raise DomainError("kind_required", KIND_MISSING, field="kind")
    if not said and (missing := _NEEDS_WORDS.get(Kind(kind))) is not None:
        raise DomainError("words_required", missing, field="words")
    policy = PersonRequestPolicy.objects.filter(pk=PersonRequestPolicy.ROW).first() or PersonRequestPolicy()
    limit, calendar = Duration(policy.working_days, Unit.WORKING_DAY), calendar_current()
    fields |= {
        "kind": kind,
        "words": said,
        "received_at": at,
        "working_days": policy.working_days,
        "soon_at": at_fraction(at, limit, _SOON, calendar),
        "due_at": add(at, limit, calendar),
    }
    with constraint_errors(), transaction.atomic():
        if (known := PersonRequest.objects.filter(submission_key=submission_key).first()) is not None:
            return known
        pk = _next()
        number = f"P{timezone.localtime(at):%Y%m%d}-{pk % 1_000_000:06d}"
        request, made = PersonRequest.objects.get_or_create(
            submission_key=submission_key, defaults={"pk": pk, "number": number, **fields}
        )
        if made:
            _publish(events.PERSON_REQUEST_RECEIVED, request, actor, at, due_at=request.due_at)
    return request


def _next() -> int:
    """The key of the next row, since its number is made of it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence(%s, 'id'))", [PersonRequest._meta.db_table])
        return int(cursor.fetchone()[0])


def _identified(identity: str, note: str, is_number_proved: bool, actor: Viewer, at: datetime) -> dict[str, Any]:
    if identity not in (Identity.DOCUMENT, Identity.AGENT):
        return {}
    said = clean_text(note, multiline=False)[:NOTE_MAX]
    return {
        "identity": identity,
        "identity_note": said,
        "is_number_proved": is_number_proved,
        "identity_by": actor.user,
        "identity_at": at,
    }


def _withdrawn(locked: PersonRequest, actor: Viewer, at: datetime) -> PersonRequest:
    locked.decision, locked.state, locked.done_at = Decision.WITHDRAWN, State.DONE, at
    locked.decided_at = locked.decided_at or at
    locked.save()
    _publish(events.PERSON_REQUEST_WITHDRAWN, locked, actor, at)
    return locked


def _publish(event: EventType, request: PersonRequest, actor: Viewer, at: datetime, **more: Any) -> None:
    payload = {"person_request_kind": request.kind, **more}
    publish(event, subject=request, actor=actor, payload=payload, at=at)


def require_staff(actor: Viewer) -> None:
    """Raise `Forbidden` for whoever neither handles requests nor takes them down."""
    if not actor.can(Capability.HANDLE_PERSON_REQUESTS):
        require(actor, Capability.TAKE_PERSON_REQUESTS, None)


def request_lock(request: PersonRequest, actor: Viewer, state: State) -> PersonRequest:
    """Return the request locked, as it is now. Raises `StaleState` where it is not in this state any more."""
    rows = PersonRequest.objects.visible_to(actor).select_for_update(of=("self",), no_key=True)
    locked: PersonRequest = rows.get(pk=request.pk)
    if locked.state != state:
        raise StaleState("person_request_moved_on", _("这件请求刚才有人办过了，请看现在到了哪一步"))
    return locked
