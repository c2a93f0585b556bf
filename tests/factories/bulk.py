"""Many requests at once, as rows: for lists, figures and sweeps, where how each of them came about does not matter."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any

from governance.access.models import User
from requests_intake.models import CallBack, Clock, RequesterContact, ServiceRequest, WorkOrder
from requests_intake.services.submission import token_digest
from tests.factories.world import DISTRICT, EAST, EAST_GRID, MORNING, STREET, WEST_GRID, World

PLACES = (EAST_GRID, WEST_GRID, EAST, STREET, DISTRICT)
WITH_ORDER = ("dispatched", "in_progress", "callback", "closed")
ORDER_STATE = {"dispatched": "dispatched", "in_progress": "in_progress", "callback": "replied", "closed": "done"}


def request_row(world: World, number: int, **values: Any) -> ServiceRequest:
    """An unsaved request with everything the table asks for."""
    at = values.pop("submitted_at", MORNING)
    due = values.pop("due_at", at + timedelta(days=7))
    state = values.get("state", "submitted")
    return ServiceRequest(
        **{
            "number": f"8{number:014d}",
            "number_tail": f"{number:04d}"[-4:],
            "track_digest": token_digest(f"bulk-{number}"),
            "track_token": f"bulk-{number}",
            "submission_key": f"bulk-{number}",
            "kind": "help",
            "category": world.categories["lamp"],
            "title": f"第 {number} 件",
            "body": "路灯不亮了",
            "area_code": EAST_GRID,
            "place_kind": "none",
            "policy": world.policies["general"],
            "submitted_at": at,
            "accept_due_at": at + timedelta(hours=2),
            "original_due_at": due,
            "due_at": due,
            "next_due_at": None if state == "closed" else due,
            "closed_at": due if state == "closed" else None,
            "ended_as": "closed" if state == "closed" else "",
        }
        | values
    )


def save_requests(rows: Sequence[ServiceRequest], handler: User | None = None) -> list[ServiceRequest]:
    """Save the rows with the orders that their states ask for."""
    saved = ServiceRequest.objects.bulk_create(rows)
    WorkOrder.objects.bulk_create(
        WorkOrder(
            request=row,
            organisation=row.organisation,
            state=ORDER_STATE[row.state],
            handler=None if row.state == "dispatched" else handler,
            area_code=row.area_code,
            dispatched_at=row.submitted_at,
            original_due_at=row.original_due_at,
            due_at=row.due_at,
            next_due_at=row.next_due_at if row.state in ("dispatched", "in_progress") else None,
            signed_at=None if row.state == "dispatched" else row.submitted_at,
            done_at=row.closed_at,
        )
        for row in saved
        if row.organisation is not None
    )
    return saved


def scatter(world: World, count: int, seed: int = 1, around: datetime = MORNING) -> list[ServiceRequest]:
    """Save requests over all places, offices, states and two months around a moment, with contacts and call-backs.

    The same seed gives the same rows.
    """
    chance = Random(seed)
    offices = [world.organisations[key] for key in ("lamps", "parks", "east", "street")]
    rows = []
    for number in range(count):
        state = chance.choice(("submitted", "accepted", *WITH_ORDER, "closed"))
        submitted = around + timedelta(minutes=chance.randrange(-45 * 1440, 15 * 1440))
        rows.append(
            request_row(
                world,
                seed * 10_000 + number,
                state=state,
                kind=chance.choice(("help", "complaint", "enquiry")),
                area_code=chance.choice(PLACES),
                submitted_at=submitted,
                due_at=submitted + timedelta(hours=chance.randrange(1, 20 * 24)),
                organisation=chance.choice(offices) if state in WITH_ORDER else None,
                probable_organisation=chance.choice([None, *offices]),
            )
        )
    saved = save_requests(rows, handler=world.people["handler"])
    RequesterContact.objects.bulk_create(
        RequesterContact(request=row, name="周梅", phone="13912342046", email="")
        for row in saved
        if chance.random() < 0.8
    )
    call_back([call for row in saved if row.state == "closed" for call in _calls(row, chance)])
    return saved


def call_back(calls: Sequence[CallBack]) -> None:
    """Save call-backs in the order of their rounds, and what the requests keep of the last one."""
    for call in CallBack.objects.bulk_create(calls):
        request = call.request
        call.organisation = request.rated_organisation = request.organisation
        request.rated_at, request.rated_contacted = call.at, call.contacted
        request.rated_solved, request.rated_grade = call.solved, call.grade
    CallBack.objects.bulk_update(calls, ["organisation"])
    ServiceRequest.objects.bulk_update(
        {call.request_id: call.request for call in calls}.values(),
        ["rated_at", "rated_organisation", "rated_contacted", "rated_solved", "rated_grade"],
    )


def _calls(row: ServiceRequest, chance: Random) -> list[CallBack]:
    """One to three rounds; the last one may be silence."""
    rounds = chance.randrange(1, 4)
    calls = []
    for number in range(1, rounds + 1):
        silent = number == rounds and chance.random() < 0.3
        calls.append(
            CallBack(
                request=row,
                round=number,
                source="silent" if silent else "link",
                at=row.closed_at + timedelta(hours=number),
                contacted=None if silent else chance.random() < 0.7,
                solved="" if silent else chance.choice(("yes", "partly", "no")),
                grade=None if silent else chance.choice((None, 1, 2, 3, 4, 5)),
            )
        )
    return calls


def answer_clocks(requests: Sequence[ServiceRequest], due: Sequence[datetime], span: timedelta) -> list[Clock]:
    """Save one running answer clock a request, due at the given moments after `span`, warning at 75 %."""
    return Clock.objects.bulk_create(
        Clock(
            request=request,
            kind="answer",
            started_at=moment - span,
            warn_at=moment - span / 4,
            due_at=moment,
            original_due_at=moment,
            next_at=moment - span / 4,
        )
        for request, moment in zip(requests, due, strict=True)
    )
