"""What a resident has in their account: requests, drafts, what the reporting flow need not ask again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F
from django.urls import reverse

from governance.access.models import UserPhone
from governance.access.viewer import Viewer
from governance.privacy.masks import mask_email, mask_name, mask_phone
from governance.text import clean_text
from requests_intake.models import ConcernedPerson, Draft, RequesterContact, RequestKind, ServiceRequest
from requests_intake.services.submission import title_of, token_digest
from requests_intake.workflow import OPEN_REQUEST_STATES, RequestState

HOME_ROWS = 3
DRAFTS_SHOWN = 30


@dataclass(frozen=True, slots=True)
class MyRequest:
    """One line of "my requests". `waits` is "me" where the resident is asked something, "late" where they wait."""

    title: str
    number: str
    state: str
    state_label: str
    office: str
    submitted_at: datetime
    due_at: datetime | None
    waits: str
    is_for_other: bool
    for_whom: str
    url: str


def my_requests(viewer: Viewer, *, only_open: bool = False) -> Any:
    """Return the requests of the viewer's account as a queryset, newest first by "-submitted_at", "-id"; 1 SQL."""
    rows = (
        ServiceRequest.objects.visible_to(viewer)
        .filter(account_id=viewer.user_id)
        .select_related("organisation", "concerned")
    )
    rows = rows.defer("body")
    return rows.filter(state__in=OPEN_REQUEST_STATES) if only_open else rows


def my_open_requests(viewer: Viewer, *, at: datetime) -> list[MyRequest]:
    """Return the open requests of the account whose next date is nearest: 1 SQL."""
    rows = my_requests(viewer, only_open=True).order_by(F("next_due_at").asc(nulls_last=True), "-id")[:HOME_ROWS]
    return my_rows(rows, at=at)


def my_rows(rows: Sequence[ServiceRequest], *, at: datetime) -> list[MyRequest]:
    """Return how the list shows these requests; no SQL."""
    return [
        MyRequest(
            title=row.title,
            number=row.number_grouped,
            state=row.state,
            state_label=str(row.get_state_display()),
            office=row.organisation.label if row.organisation is not None else "",
            submitted_at=row.submitted_at,
            due_at=row.due_at if row.is_open and row.state != RequestState.CALLBACK else None,
            waits=_waits(row, at),
            is_for_other=row.is_for_other,
            for_whom=_for_whom(row),
            url=reverse("intake:track", args=[row.track_token]),
        )
        for row in rows
    ]


def _for_whom(row: ServiceRequest) -> str:
    """The name of the person concerned, masked: the page may be read over somebody's shoulder."""
    return mask_name(row.concerned.name) if row.is_for_other and hasattr(row, "concerned") else ""


def _waits(row: ServiceRequest, at: datetime) -> str:
    if row.state == RequestState.CALLBACK:
        return "me"
    return "late" if row.is_open and row.due_at < at else ""


@dataclass(frozen=True, slots=True)
class MyDraft:
    """One draft of the account, by its first words."""

    pk: int
    kind: str
    title: str
    updated_at: datetime
    expires_at: datetime
    url: str


def my_drafts(viewer: Viewer, *, at: datetime) -> list[MyDraft]:
    """Return the living drafts of the viewer's account, the latest first: 1 SQL."""
    if viewer.kind != "resident":
        return []
    rows = Draft.objects.filter(account_id=viewer.user_id, clerk=None, expires_at__gt=at, token__isnull=False)
    return [
        MyDraft(
            pk=row.pk,
            kind=str(RequestKind(row.data["kind"]).label),
            title=_words_of(row.data),
            updated_at=row.updated_at,
            expires_at=row.expires_at,
            url=f"{reverse('intake:start')}?draft={row.token}",
        )
        for row in rows.order_by("-updated_at", "-id")[:DRAFTS_SHOWN]
    ]


def _words_of(data: dict[str, Any]) -> str:
    typed = (data.get("raw", {}).get("what") or {}).get("body") or data.get("body", "")
    return title_of(clean_text(typed)) if typed.strip() else ""


@dataclass(frozen=True, slots=True)
class OwnDetails:
    """What the requester left of themselves in one request, masked, and what they may do with it.

    `account` is "mine" or "free" for a resident who is signed in, "" where there is nothing to say.
    """

    name: str = ""
    phone: str = ""
    email: str = ""
    is_name_hidden: bool = False
    may_remove: bool = False
    account: str = ""
    other_name: str = ""
    other_phone: str = ""


def own_details(request: ServiceRequest, viewer: Viewer) -> OwnDetails:
    """Return the details for the holder of the tracking link: 1 SQL, 2 for somebody else."""
    account = ""
    if viewer.kind == "resident":
        account = "mine" if request.account_id == viewer.user_id else "free" if request.account_id is None else ""
    left = RequesterContact.objects.filter(request=request).first()
    person = ConcernedPerson.objects.filter(request=request).first() if request.is_for_other else None
    other_name = mask_name(person.name) if person is not None else ""
    other_phone = mask_phone(person.phone) if person is not None and person.phone else ""
    if left is None:
        gone = person is not None and not request.is_open
        return OwnDetails(account=account, other_name=other_name, other_phone=other_phone, may_remove=gone)
    return OwnDetails(
        name=mask_name(left.name) if left.name else "",
        phone=mask_phone(left.phone) if left.phone else "",
        email=mask_email(left.email) if left.email else "",
        is_name_hidden=left.is_name_hidden,
        may_remove=not request.is_open,
        account=account,
        other_name=other_name,
        other_phone=other_phone,
    )


def owned_by_token(token: str, viewer: Viewer) -> ServiceRequest | None:
    """Return the viewer's own request behind a link, also when the link's time is over: 1 SQL, none for strangers."""
    if viewer.kind != "resident":
        return None
    rows = ServiceRequest.objects.filter(account_id=viewer.user_id, track_digest=token_digest(token))
    return rows.select_related("category", "organisation", "probable_organisation", "handler").first()


def first_answers(viewer: Viewer) -> dict[str, Any]:
    """Return what a new draft holds from the start: for a resident with an account, their name and how to reach them.

    1 SQL for a resident, none for everybody else.
    """
    if viewer.kind != "resident":
        return {"raw": {}}
    phone = UserPhone.objects.filter(user=viewer.user, verified_at__isnull=False).first()
    known = {
        "name": viewer.user.called,
        "phone": str(phone.number).removeprefix("+86") if phone is not None else "",
        "email": viewer.user.email or "",
    }
    return {"has_account": True, "raw": {"contact": {key: value for key, value in known.items() if value}}}
