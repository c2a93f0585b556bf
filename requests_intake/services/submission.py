"""A resident submits a request: one transaction from words to number, owner and promise."""

import hashlib
import re
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from time import monotonic
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from governance.access.viewer import Viewer
from governance.errors import DomainError, constraint_errors
from governance.files.services import files_adopt
from governance.outbox.services import publish
from governance.privacy.blind_index import blind_index
from governance.refs import ref_of
from governance.text import clean_text
from governance.worktime import calendar_current
from grid.district import district_code
from grid.lookup import district_contains, grid_at
from requests_intake import events
from requests_intake.models import (
    Attachment,
    Category,
    Clock,
    DispatchRule,
    PlaceKind,
    PolicyClock,
    RequesterContact,
    RequestKind,
    RequestTransition,
    ServiceRequest,
)
from requests_intake.numbers import number_for
from requests_intake.selectors.catalogue import items_in_use
from requests_intake.services.clocks import Limits, clock_build, limits_of
from requests_intake.workflow import ClockKind, RequestState

BODY_MAX = 2000
PHOTOS_MAX = 9
TITLE_MAX = 30
_CACHE_SECONDS = 60
DEFAULT_POLICY = "general"


@dataclass(frozen=True, slots=True)
class Submission:
    """What a resident sends. Text is as typed; lengths in characters; `file_ids` are uploads of the draft."""

    kind: str
    body: str
    submission_key: str
    category_id: int | None = None
    place_kind: str = PlaceKind.NONE
    address: str = ""
    area_code: str = ""
    lng: float | None = None
    lat: float | None = None
    name: str = ""
    phone: str = ""
    email: str = ""
    may_be_public: bool = False
    language: str = "zh-hans"
    file_ids: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True)
class Submitted:
    """What the receipt needs: the request and the one-time readable tracking token (128 bit)."""

    request: ServiceRequest
    token: str
    is_repeat: bool = False


def token_digest(token: str) -> str:
    """Digest under which a tracking or draft token is stored."""
    return hashlib.sha256(token.encode()).hexdigest()


def request_submit(*, submission: Submission, actor: Viewer, at: datetime) -> Submitted:
    """File a request and return its number and tracking token.

    The same `submission_key` a second time returns the first request unchanged (double click, reload, lost answer).
    A point outside the district is kept and goes to the district desk. Raises `DomainError` with the field for
    empty or over-long words, an unknown kind, an emergency category, or too many photos.
    """
    with filed_once(submission.submission_key) as filed, transaction.atomic():
        filed.result = request_file(submission=submission, actor=actor, at=at)
    return filed.result


@dataclass(slots=True)
class Filed:
    """Where the block of `filed_once` leaves its request."""

    result: Submitted = field(init=False)


@contextmanager
def filed_once(submission_key: str) -> Iterator[Filed]:
    """Give the request that was filed under this key before, should the block fail because it was sent twice.

    Put it around the transaction: PostgreSQL has given that up by the time a violated constraint arrives.
    """
    filed = Filed()
    try:
        with constraint_errors():
            yield filed
    except (IntegrityError, DomainError):
        # perhaps at this very moment by the other half of a double click
        found = _repeat(submission_key)
        if found is None:
            raise
        filed.result = found


def request_file(*, submission: Submission, actor: Viewer, at: datetime) -> Submitted:
    """Check and write one request in the caller's transaction, under `filed_once`; raises as `request_submit` does."""
    body = checked_body(submission.body)
    if submission.kind not in RequestKind.values:
        raise DomainError("kind_unknown", _("请选一样，我们才知道怎么接下去"), field="kind")
    if submission.place_kind not in PlaceKind.values:
        raise DomainError("place_unknown", _("地点没有看懂，请重新选一次"), field="place")
    if len(submission.file_ids) > PHOTOS_MAX:
        raise DomainError("too_many_photos", _("最多放 9 张照片，请去掉几张"), field="photos")
    category = checked_category(submission.category_id)
    area_code, outside = _place(submission)
    limits = limits_on(category.policy_key if category else DEFAULT_POLICY, timezone.localdate(at))
    return _file(submission, body, category, area_code, outside, limits, actor, at)


def checked_body(text: str) -> str:
    """Return the cleaned words, or raise `DomainError` on field "body" when empty or over 2,000 characters."""
    body = clean_text(text)
    if not body:
        raise DomainError("body_required", _("请写几句：在哪里、怎么了、希望怎么办"), field="body")
    if len(body) > BODY_MAX:
        raise DomainError(
            "body_too_long",
            _("写得太长了：最多 2000 字。您写的都还在，请删掉一些，或者放照片说明。"),
            field="body",
        )
    return body


def title_of(body: str) -> str:
    """Return the first clause of the words that says anything, at most 30 characters, as the line in queues."""
    clauses = (clause.strip(" ，,、") for clause in re.split(r"[。！？!?；;\n]", body))
    first = next((clause for clause in clauses if clause), " ".join(body.split()))
    return first if len(first) <= TITLE_MAX else first[: TITLE_MAX - 1] + "…"


def limits_on(policy_key: str, day: date) -> Limits:
    """Return the limits of the version in force on `day`: 1 SQL, or none while this process read them a minute ago."""
    limits = _limits_on(policy_key, day, int(monotonic() // _CACHE_SECONDS))
    if limits is None:
        raise DomainError("policy_missing", _("这个事项还没有配置时限，请打电话告诉我们"))
    return limits


@lru_cache(maxsize=64)
def _limits_on(policy_key: str, day: date, bucket: int) -> Limits | None:
    rows = list(
        PolicyClock.objects.filter(policy__key=policy_key, policy__valid_from__lte=day).order_by(
            "-policy__version", "pk"
        )
    )
    return limits_of(row for row in rows if row.policy_id == rows[0].policy_id) if rows else None


def limits_forget() -> None:
    """Forget the kept limits (after an edit of a policy, and in tests)."""
    _limits_on.cache_clear()


def probable_organisation_id(category_code: str, area_code: str) -> int | None:
    """Return the organisation of the rule with the longest category prefix, then the longest area prefix, that matches.

    0 SQL while this process read the rules within the last minute: a district has a few hundred of them.
    """
    rules = _rules(int(monotonic() // _CACHE_SECONDS))
    for category_prefix in reversed(_prefixes(category_code)):
        for area_prefix in reversed(_prefixes(area_code)):
            if (found := rules.get((category_prefix, area_prefix))) is not None:
                return found
    return None


@lru_cache(maxsize=2)
def _rules(bucket: int) -> dict[tuple[str, str], int]:
    rows = DispatchRule.objects.values_list("category_prefix", "area_prefix", "organisation_id")
    return {(category, area): organisation_id for category, area, organisation_id in rows}


def rules_forget() -> None:
    """Forget the kept rules (after an edit of the dispatch catalogue, and in tests)."""
    _rules.cache_clear()


def _prefixes(code: str) -> list[str]:
    return [code[:end] for end in range(len(code) + 1)]


def _repeat(key: str) -> Submitted | None:
    if not key:
        return None
    request = ServiceRequest.objects.filter(submission_key=key).first()
    return Submitted(request, request.track_token, is_repeat=True) if request is not None else None


def checked_category(pk: int | None) -> Category | None:
    """Return the category that was chosen, None for "not sure".

    Raises `DomainError` on field "category" for one that is not in use, and for an emergency, with what to do instead.
    0 SQL while this process read the catalogue within the last minute.
    """
    if pk is None:
        return None
    category = items_in_use().get(pk)
    if category is None:
        raise DomainError("category_unknown", _("这个事项已经停用，请重新选一个"), field="category")
    if category.stop_text:
        raise DomainError("emergency", category.stop_label, field="category")
    return category


def _place(submission: Submission) -> tuple[str, bool]:
    """Return (area code, outside the district?). Without a place, the district desk finds the right community."""
    if submission.place_kind == PlaceKind.PIN and submission.lng is not None and submission.lat is not None:
        code = grid_at(submission.lng, submission.lat)
        if code:
            return code, False
        return district_code(), not district_contains(submission.lng, submission.lat)
    return submission.area_code or district_code(), False


def _next_number(at: datetime) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('requests_intake_number_seq')")
        return number_for(timezone.localdate(at), cursor.fetchone()[0])


def _file(
    submission: Submission,
    body: str,
    category: Category | None,
    area_code: str,
    outside: bool,
    limits: Limits,
    actor: Viewer,
    at: datetime,
) -> Submitted:
    calendar = calendar_current()
    token = secrets.token_urlsafe(16)
    number = _next_number(at)
    probable_id = probable_organisation_id(category.code if category else "", area_code)
    due = {kind: limits.due(kind, at, calendar) for kind in (ClockKind.ACCEPT, ClockKind.ANSWER)}
    request = ServiceRequest(
        number=number,
        number_tail=number[-4:],
        track_digest=token_digest(token),
        track_token=token,
        submission_key=submission.submission_key,
        kind=submission.kind,
        category=category,
        title=title_of(body),
        body=body,
        language=submission.language,
        may_be_public=submission.may_be_public and submission.kind != RequestKind.TIP_OFF,
        area_code=area_code,
        place_kind=submission.place_kind,
        address=clean_text(submission.address, multiline=False)[:200],
        lng=submission.lng if submission.place_kind == PlaceKind.PIN else None,
        lat=submission.lat if submission.place_kind == PlaceKind.PIN else None,
        is_outside_district=outside,
        probable_organisation_id=probable_id,
        policy_id=limits.policy_id,
        submitted_at=at,
        accept_due_at=due[ClockKind.ACCEPT],
        original_due_at=due[ClockKind.ANSWER],
        due_at=due[ClockKind.ANSWER],
        next_due_at=min(due.values()),
    )
    request.save(force_insert=True)
    _contact(request, submission)
    RequestTransition.objects.create(
        request=request, name="submit", to_state=RequestState.SUBMITTED, at=at, actor=actor.user, actor_kind=actor.kind
    )
    Clock.objects.bulk_create(
        clock_build(
            request=request,
            order=None,
            kind=kind,
            start=at,
            due=moment,
            duration=limits.durations[kind],
            calendar=calendar,
        )
        for kind, moment in due.items()
    )
    if submission.file_ids:
        _attach(request, submission.file_ids, actor, at)
    publish(
        events.SUBMITTED,
        subject=ref_of(request),
        actor=actor,
        area_code=area_code,
        payload={
            "kind": request.kind,
            "category": category.code if category else "",
            "due_at": request.due_at.isoformat(),
        },
        at=at,
    )
    return Submitted(request, token)


def _contact(request: ServiceRequest, submission: Submission) -> None:
    name = clean_text(submission.name, multiline=False)[:40]
    phone = re.sub(r"[\s\-]", "", submission.phone)
    email = submission.email.strip()
    if name or phone or email:
        RequesterContact.objects.create(
            request=request,
            name=name,
            phone=phone,
            phone_index=blind_index(phone, purpose="requests_intake.phone") if phone else "",
            email=email,
        )


def _attach(request: ServiceRequest, file_ids: Sequence[UUID], actor: Viewer, at: datetime) -> None:
    files = files_adopt(files=file_ids, owner_ref=ref_of(request), actor=actor, at=at)
    Attachment.objects.bulk_create(
        Attachment(request=request, file=file, position=position) for position, file in enumerate(files)
    )
