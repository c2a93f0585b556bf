"""Keeps public versions in step with their requests. Whether the public sees one is a moderator's step, elsewhere."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from governance.access.viewer import SYSTEM
from governance.outbox.services import NewEvent, publish_many
from grid.models import Area
from requests_intake import events
from requests_intake.models import (
    Follow,
    MeToo,
    ModerationStep,
    Progress,
    Publication,
    PublicReason,
    PublicState,
    RequestKind,
    RequestTransition,
    ServiceRequest,
)
from requests_intake.publication import ANSWERS, GRID_CODE_LENGTH
from requests_intake.selectors.undoing import FOR_RESIDENTS, without_undone
from requests_intake.services.moderation import snapshot
from requests_intake.workflow import FINAL_REQUEST_STATES, RequestState

COMMUNITY_CODE_LENGTH = 12
# These leave the public: the requester took it back, or it goes on as another one.
_LEAVING = {RequestState.WITHDRAWN: PublicReason.WITHDRAWN, RequestState.MERGED: PublicReason.MERGED}
_COPIES = (
    "kind", "category", "category_code", "area_code", "lng", "lat", "organisation", "progress", "submitted_at",
    "due_at", "answered_at", "closed_at", "history", "needs_review",
)  # fmt: skip

Points = Mapping[str, tuple[float | None, float | None]]


def publications_follow(*, request_ids: Iterable[int], at: datetime) -> int:
    """Open a public version for each request that may become public, and refresh those that exist; return how many.

    Runs again without harm: what has not changed is left alone, and followers hear of each new step once. Released
    ones whose office has answered anew ask for a look. 5 SQL, and one more for events, whatever the number.
    """
    with transaction.atomic():
        found = _lock(sorted(set(request_ids)))
        requests = {
            request.pk: request
            for request in ServiceRequest.objects.filter(pk__in=set(request_ids), may_be_public=True)
            .exclude(kind=RequestKind.TIP_OFF)
            .select_related("category", "organisation")
            .defer("body", "track_token")
        }
        if not requests:
            return 0
        histories, points = _histories(requests), points_of(requests.values())
        fresh: list[Publication] = []
        changed: list[Publication] = []
        told: list[NewEvent] = []
        for pk, request in sorted(requests.items()):
            if pk not in found and request.state in _LEAVING:
                continue  # nobody has seen it, nobody will
            publication = found.get(pk) or Publication(request=request)
            steps = len(publication.history)
            if publication_copy(publication, request, histories.get(pk, []), points):
                (changed if publication.pk else fresh).append(publication)
                if publication.is_released and request.state not in _LEAVING and len(publication.history) > steps:
                    told.append(_moved(publication, publication.history[-1]["name"], at))
        Publication.objects.bulk_create(fresh, ignore_conflicts=True)  # another worker may be at the same request
        if changed:
            Publication.objects.bulk_update(changed, _COPIES)
        publish_many(told)
        for pk, publication in found.items():
            if pk in requests and requests[pk].state in _LEAVING:
                _leave(publication, requests[pk], at)
    return len(fresh) + len(changed)


def _lock(request_ids: Sequence[int]) -> dict[int, Publication]:
    rows = (
        Publication.objects.select_for_update(of=("self",), no_key=True)
        .filter(request_id__in=request_ids)
        .order_by("pk")
    )
    return {row.request_id: row for row in rows}


def publication_copy(
    publication: Publication,
    request: ServiceRequest,
    history: Sequence[RequestTransition],
    points: Points,
) -> bool:
    """Copy what the public may know of a request's progress; return whether anything changed. Saves nothing."""
    answer_id = next((row.pk for row in reversed(history) if row.name in ANSWERS), None)
    code = request.area_code[:GRID_CODE_LENGTH]
    lng, lat = points.get(code, (None, None))
    values: dict[str, Any] = {
        "kind": request.kind,
        "category_id": request.category_id,
        "category_code": request.category.code if request.category else "",
        "area_code": code,
        "lng": lng,
        "lat": lat,
        "organisation_id": request.organisation_id,
        "progress": _progress(request.state),
        "submitted_at": request.submitted_at,
        "due_at": request.due_at,
        "answered_at": request.replied_at,
        "closed_at": request.closed_at,
        "history": [_step(row) for row in history],
    }
    values["needs_review"] = publication.state == PublicState.WAITING or (
        publication.is_released and answer_id is not None and answer_id != publication.reply_seen_id
    )
    before = {name: getattr(publication, name) for name in values}
    for name, value in values.items():
        setattr(publication, name, value)
    return before != values or publication.pk is None


def _progress(state: str) -> str:
    if state in (RequestState.CALLBACK, RequestState.ANSWERED):
        return Progress.ANSWERED
    return Progress.DONE if state in FINAL_REQUEST_STATES else Progress.OPEN


def _step(row: RequestTransition) -> dict[str, str]:
    office = row.organisation
    return {
        "name": row.name,
        "at": row.at.isoformat(),
        "office": office.name if office else "",
        "office_en": (office.name_en or office.name) if office else "",
    }


def points_of(requests: Iterable[ServiceRequest]) -> Points:
    """Where the pins of these requests stand: the label point of their grid or community, never their own. 1 SQL."""
    codes = {request.area_code[:GRID_CODE_LENGTH] for request in requests}
    codes = {code for code in codes if len(code) >= COMMUNITY_CODE_LENGTH}
    rows = Area.objects.filter(code__in=codes).values_list("code", "label_lng", "label_lat")
    return {code: (lng, lat) for code, lng, lat in rows}


def _histories(request_ids: Iterable[int]) -> dict[int, list[RequestTransition]]:
    rows: defaultdict[int, list[RequestTransition]] = defaultdict(list)
    found = RequestTransition.objects.filter(FOR_RESIDENTS, request_id__in=list(request_ids))
    for row in found.select_related("organisation").defer("text").order_by("at", "pk"):
        rows[row.request_id].append(row)
    return {pk: without_undone(row) for pk, row in rows.items()}


def _leave(publication: Publication, request: ServiceRequest, at: datetime) -> None:
    """Close the public version of a withdrawn or merged request, as a step of the system; once."""
    if publication.state not in (PublicState.WAITING, PublicState.RELEASED):
        return
    before, was_released = snapshot(publication), publication.is_released
    publication.state = PublicState.TAKEN_BACK if was_released else PublicState.KEPT
    publication.reason, publication.note = _LEAVING[RequestState(request.state)], ""
    publication.needs_review, publication.decided_at, publication.version = False, at, publication.version + 1
    if request.merged_into_id is not None:
        publication.moved_to = Publication.objects.filter(request_id=request.merged_into_id).first()
        if publication.moved_to is not None:
            _move_neighbours(publication, publication.moved_to)
    publication.save()
    ModerationStep.objects.create(
        publication=publication,
        name=ModerationStep.Name.TAKE_BACK if was_released else ModerationStep.Name.KEEP,
        at=at,
        actor_kind=SYSTEM.kind,
        reason=publication.reason,
        before=before,
        after=snapshot(publication),
    )


def _move_neighbours(publication: Publication, target: Publication) -> None:
    """Followers and those who have it too go along; whoever is there already is not counted twice."""
    follows = Follow.objects.filter(publication=publication, ended_at__isnull=True)
    there = Follow.objects.filter(publication=target, ended_at__isnull=True).values("email_index")
    follows.exclude(email_index__in=there).update(publication=target)
    people = MeToo.objects.filter(publication=publication)
    people.exclude(person__in=MeToo.objects.filter(publication=target).values("person")).update(publication=target)
    count = MeToo.objects.filter(publication=target).count()
    Publication.objects.filter(pk=target.pk).update(me_too_count=count)
    ServiceRequest.objects.filter(pk=target.request_id).update(me_too_count=count)


def _moved(publication: Publication, step: str, at: datetime) -> NewEvent:
    return NewEvent(
        event_type=events.PUBLICATION_MOVED,
        subject=publication,
        actor=SYSTEM,
        area_code=publication.area_code,
        payload={"step": step},
        at=at,
    )
