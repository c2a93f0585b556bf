"""The rows of a submission that passed its checks, for one request or for many: the same rows either way."""

import re
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils import timezone

from governance.access.viewer import Viewer
from governance.files.services import files_adopt
from governance.files.services.recordings import recording_adopt
from governance.outbox.events import EventType
from governance.outbox.services import NewEvent, publish_many
from governance.refs import ref_of
from governance.text import clean_text
from governance.worktime import Calendar, calendar_current
from requests_intake import events
from requests_intake.models import (
    Attachment,
    Category,
    Channel,
    Clock,
    ConcernedPerson,
    PlaceKind,
    RequestAnswers,
    RequesterContact,
    RequestKind,
    RequestTransition,
    ServiceRequest,
)
from requests_intake.models.requests import ABOUT_SOMEBODY
from requests_intake.numbers import number_for
from requests_intake.services.clocks import Limits, clock_build
from requests_intake.services.submission_data import Concerned, Submission, Submitted, title_of, token_digest
from requests_intake.workflow import ClockKind, RequestState

TIMED = (ClockKind.ACCEPT, ClockKind.ANSWER)
_BATCH = 1000
_PHONE_INDEX = RequesterContact._meta.get_field("phone_index")


@dataclass(frozen=True, slots=True)
class Checked:
    """A submission that passed, with what was found for it. `outside`: its pin lies outside the district."""

    submission: Submission
    body: str
    category: Category | None
    area_code: str
    outside: bool
    limits: Limits
    probable_id: int | None
    answers: list[dict[str, Any]] = field(default_factory=list)
    concerned: Concerned | None = None


@dataclass(frozen=True, slots=True)
class _Rows:
    request: ServiceRequest
    token: str
    contact: RequesterContact | None
    answers: RequestAnswers | None
    concerned: ConcernedPerson | None
    transition: RequestTransition
    clocks: list[Clock]
    event: EventType


def file_one(checked: Checked, *, actor: Viewer, at: datetime) -> Submitted:
    """Write one request with its contact, history, clocks, photos and event. In a transaction."""
    rows = _rows(checked, _numbers([at])[0], calendar_current(), actor, at)
    rows.request.save(force_insert=True)
    if rows.contact is not None:
        rows.contact.save(force_insert=True)
    if rows.answers is not None:
        rows.answers.save(force_insert=True)
    if rows.concerned is not None:
        rows.concerned.save(force_insert=True)
    rows.transition.save(force_insert=True)
    Clock.objects.bulk_create(rows.clocks)
    if checked.submission.file_ids:
        _attach(rows.request, checked.submission.file_ids, actor, at)
    if checked.submission.recording_id is not None:
        recording_adopt(
            recording_id=checked.submission.recording_id, owner_ref=ref_of(rows.request), actor=actor, at=at
        )
    publish_many([_event(rows, actor)])
    return Submitted(rows.request, rows.token)


def file_many(checked: Sequence[Checked], *, actor: Viewer, at: datetime) -> list[Submitted]:
    """Write many requests at once: six statements for each thousand, whatever the number. In a transaction. No photos.

    A key that was filed before violates the table: ask for those first.
    """
    if not checked:
        return []
    calendar = calendar_current()
    numbers = _numbers([one.submission.received_at or at for one in checked])
    built = [_rows(one, number, calendar, actor, at) for one, number in zip(checked, numbers, strict=True)]
    ServiceRequest.objects.bulk_create([rows.request for rows in built], batch_size=_BATCH)
    RequesterContact.objects.bulk_create([rows.contact for rows in built if rows.contact], batch_size=_BATCH)
    RequestAnswers.objects.bulk_create([rows.answers for rows in built if rows.answers], batch_size=_BATCH)
    ConcernedPerson.objects.bulk_create([rows.concerned for rows in built if rows.concerned], batch_size=_BATCH)
    RequestTransition.objects.bulk_create([rows.transition for rows in built], batch_size=_BATCH)
    Clock.objects.bulk_create([clock for rows in built for clock in rows.clocks], batch_size=_BATCH)
    publish_many([_event(rows, actor) for rows in built])
    return [Submitted(rows.request, rows.token) for rows in built]


def _numbers(moments: Sequence[datetime]) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('requests_intake_number_seq') FROM generate_series(1, %s)", [len(moments)])
        found = cursor.fetchall()
    return [number_for(timezone.localdate(at), value) for at, (value,) in zip(moments, found, strict=True)]


def _rows(checked: Checked, number: str, calendar: Calendar, actor: Viewer, now: datetime) -> _Rows:
    """Everything but the photos. What is past (`received_at`) keeps its date, and none of its clocks calls anybody."""
    submission, limits = checked.submission, checked.limits
    at = submission.received_at or now
    due = {kind: limits.due(kind, at, calendar) for kind in TIMED}
    promise = min(due[ClockKind.ANSWER], submission.promised_at or due[ClockKind.ANSWER])
    due[ClockKind.ANSWER] = max(promise, at)  # what came too late to be kept is due at once
    token = secrets.token_urlsafe(16)
    request = _request(checked, number, token, promise, due[ClockKind.ACCEPT], actor, at)
    transition = RequestTransition(
        request=request,
        name="submit",
        to_state=RequestState.SUBMITTED,
        at=at,
        actor=actor.staff_user,
        actor_kind=actor.kind,
    )
    clocks = [
        clock_build(
            request=request,
            order=None,
            kind=kind,
            start=at,
            due=due[kind],
            duration=limits.durations[kind],
            calendar=calendar,
        )
        for kind in TIMED
    ]
    if submission.received_at is not None:
        for clock in clocks:
            clock.next_at = None
    event = events.SUBMITTED if submission.received_at is None else events.HISTORY_LOADED
    answers = RequestAnswers(request=request, rows=checked.answers) if checked.answers else None
    concerned = checked.concerned
    person = ConcernedPerson(request=request, **asdict(concerned)) if concerned is not None else None
    return _Rows(request, token, _contact(request, submission), answers, person, transition, clocks, event)


def _request(
    checked: Checked, number: str, token: str, promise: datetime, accept_by: datetime, actor: Viewer, at: datetime
) -> ServiceRequest:
    submission = checked.submission
    pinned = submission.place_kind == PlaceKind.PIN
    complained_id = submission.complained_id if submission.kind in ABOUT_SOMEBODY else None
    return ServiceRequest(
        number=number,
        number_tail=number[-4:],
        track_digest=token_digest(token),
        track_token=token,
        submission_key=submission.submission_key,
        kind=submission.kind,
        channel=submission.channel,
        entered_by=actor.user if submission.channel != Channel.WEB else None,
        account_id=actor.user_id if actor.kind == "resident" else None,
        is_for_other=submission.concerned is not None,
        urgent_remark=clean_text(submission.urgent_remark, multiline=False)[:200],
        component_id=submission.component_id,
        matter_id=submission.matter_id,
        category=checked.category,
        title=title_of(submission.title) if submission.title else title_of(checked.body),
        body=checked.body,
        language=submission.language,
        has_recording=submission.recording_id is not None,
        may_be_public=submission.may_be_public and submission.kind != RequestKind.TIP_OFF,
        area_code=checked.area_code,
        place_kind=submission.place_kind,
        address=clean_text(submission.address, multiline=False)[:200],
        lng=submission.lng if pinned else None,
        lat=submission.lat if pinned else None,
        is_outside_district=checked.outside,
        complained_organisation_id=complained_id,
        probable_organisation_id=checked.probable_id if checked.probable_id != complained_id else None,
        policy_id=checked.limits.policy_id,
        submitted_at=at,
        accept_due_at=accept_by,
        original_due_at=promise,
        due_at=promise,
        next_due_at=min(promise, accept_by),
    )


def _contact(request: ServiceRequest, submission: Submission) -> RequesterContact | None:
    name = clean_text(submission.name, multiline=False)[:40]
    phone = re.sub(r"[\s\-]", "", submission.phone)
    email = submission.email.strip()
    if not (name or phone or email):
        return None
    return RequesterContact(
        request=request, name=name, phone=phone, phone_index=phone_index(phone) if phone else "", email=email
    )


def phone_index(phone: str) -> str:
    """The blind index under which the requests of one telephone number are found."""
    return _PHONE_INDEX.digest(phone)


def phone_indexes(phone: str) -> list[str]:
    """What the requests of one telephone number may be kept under, one for each key: for searching."""
    return _PHONE_INDEX.digests(phone)


def _attach(request: ServiceRequest, file_ids: Sequence[UUID], actor: Viewer, at: datetime) -> None:
    files = files_adopt(files=file_ids, owner_ref=ref_of(request), actor=actor, at=at)
    Attachment.objects.bulk_create(
        Attachment(request=request, file=file, position=position) for position, file in enumerate(files)
    )


def _event(rows: _Rows, actor: Viewer) -> NewEvent:
    request = rows.request
    return NewEvent(
        event_type=rows.event,
        subject=ref_of(request),
        actor=actor,
        area_code=request.area_code,
        payload={
            "kind": request.kind,
            "category": request.category.code if request.category else "",
            "due_at": request.due_at.isoformat(),
        },
        at=request.submitted_at,
    )
