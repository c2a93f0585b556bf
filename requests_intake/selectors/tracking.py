"""What the holder of a tracking link sees: steps, offices, times, and what comes next."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.organisations.models import Organisation
from governance.privacy.blind_index import blind_index
from requests_intake.models import (
    Attachment,
    CallBack,
    Clock,
    Reply,
    RequesterContact,
    RequestTransition,
    ServiceRequest,
)
from requests_intake.numbers import parse_number
from requests_intake.selectors.drafts import Photo, photo_of
from requests_intake.services.submission import token_digest
from requests_intake.workflow import ClockKind, RequestState

# A year after closing the link says where to ask instead.
LINK_LIFETIME_AFTER_CLOSING = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class TrackedStep:
    """One line of the history. `mark` is done, now or late (a person is waiting too long)."""

    title: str
    at: datetime
    text: str = ""
    office: str = ""
    until: datetime | None = None
    mark: str = "done"


@dataclass(frozen=True, slots=True)
class Tracking:
    """One request as its requester sees it."""

    request: ServiceRequest
    steps: list[TrackedStep]
    next_title: str
    next_text: str
    next_until: datetime | None
    is_late: bool
    reply: Reply | None
    reply_photos: list[Photo] = field(default_factory=list)
    own_photos: list[Photo] = field(default_factory=list)
    callback: CallBack | None = None
    may_rate: bool = False
    rate_until: datetime | None = None


def request_by_token(token: str, *, at: datetime) -> ServiceRequest | None:
    """Return the request of a tracking token, or None for an unknown token or one whose time is over."""
    request = (
        ServiceRequest.objects.filter(track_digest=token_digest(token))
        .select_related("category", "organisation", "probable_organisation", "handler")
        .first()
    )
    if request is None or (request.closed_at and request.closed_at + LINK_LIFETIME_AFTER_CLOSING < at):
        return None
    return request


def request_by_number(number: str, contact: str) -> ServiceRequest | None:
    """Return the request with this number whose requester left this telephone number or e-mail; else None.

    A wrong number and someone else's number give the same answer.
    """
    parsed = parse_number(number)
    if parsed is None:
        return None
    request = ServiceRequest.objects.filter(number=parsed).first()
    left = RequesterContact.objects.filter(request=request).first() if request is not None else None
    if request is None or left is None:
        return None
    typed = contact.strip()
    by_phone = bool(left.phone_index) and blind_index(typed, purpose="requests_intake.phone") == left.phone_index
    by_email = bool(left.email) and left.email.casefold() == typed.casefold()
    return request if by_phone or by_email else None


def tracking(request: ServiceRequest, *, at: datetime) -> Tracking:
    """Return the whole tracking page of a request: at most 6 SQL statements."""
    history = list(
        RequestTransition.objects.filter(request=request, is_public=True)
        .select_related("organisation", "actor")
        .order_by("at", "pk")
    )
    reply = Reply.objects.filter(order__request=request).select_related("by", "order__organisation").last()
    attachments = list(Attachment.objects.filter(request=request).select_related("file").order_by("position", "pk"))
    clocks = dict(Clock.objects.filter(request=request, stopped_at__isnull=True).values_list("kind", "due_at"))
    callback = CallBack.objects.filter(request=request).last()
    next_title, next_text, until = _next(request, clocks)
    # the last answer stands on top of the page; those of earlier rounds stay readable in the history
    answered = {row.pk: row.text for row in [row for row in history if row.name == "replied"][:-1]}
    may_rate = request.state == RequestState.CALLBACK
    return Tracking(
        request=request,
        steps=[_step(row, answered.get(row.pk, "")) for row in reversed(history)],
        next_title=next_title,
        next_text=next_text,
        next_until=until,
        is_late=bool(until and until < at and not may_rate),
        reply=reply,
        reply_photos=[photo_of(row.file) for row in attachments if reply and row.reply_id == reply.pk],
        own_photos=[photo_of(row.file) for row in attachments if row.reply_id is None],
        callback=callback if not may_rate else None,
        may_rate=may_rate,
        rate_until=clocks.get(ClockKind.RATE),
    )


_TITLES: dict[str, str | Promise] = {
    "submit": gettext_lazy("您提交了"),
    "accept": gettext_lazy("已受理"),
    "dispatch": gettext_lazy("派给%(office)s"),
    "signed": gettext_lazy("%(office)s签收"),
    "contacted": gettext_lazy("%(office)s联系了您"),
    "replied": gettext_lazy("%(office)s答复"),
    "close": gettext_lazy("已办结"),
    "close_unrated": gettext_lazy("已办结，未评价"),
    "bring_back": gettext_lazy("没有解决，退回重办"),
}


def _step(row: RequestTransition, answer: str = "") -> TrackedStep:
    office = row.organisation.short_label if row.organisation else ""
    title = str(_TITLES.get(row.name, row.name)) % {"office": office}
    return TrackedStep(title=title, at=row.at, text=answer if row.name == "replied" else row.text, office=office)


def _office(organisation: Organisation | None) -> str:
    return organisation.label if organisation is not None else _("区受理台")


def _next(request: ServiceRequest, clocks: dict[str, datetime]) -> tuple[str, str, datetime | None]:
    """Return what comes next: title, who does it, until when."""
    office = _office(request.organisation)
    answer_due = clocks.get(ClockKind.ANSWER, request.due_at)
    texts: dict[str, Callable[[], tuple[str, str, datetime | None]]] = {
        RequestState.SUBMITTED: lambda: (
            _("等受理"),
            _("受理台会看一遍，定下由谁办。"),
            clocks.get(ClockKind.ACCEPT, request.accept_due_at),
        ),
        RequestState.ACCEPTED: lambda: (
            _("等派单"),
            _("已经接下，正在派给承办单位。"),
            clocks.get(ClockKind.DISPATCH, answer_due),
        ),
        RequestState.DISPATCHED: lambda: (
            _("等签收"),
            _("%(office)s收到后会签收，并联系您。") % {"office": office},
            clocks.get(ClockKind.SIGN, answer_due),
        ),
        RequestState.IN_PROGRESS: lambda: (
            _("正在办"),
            _("%(office)s在办，办好会在这里答复您。") % {"office": office},
            answer_due,
        ),
        RequestState.CALLBACK: lambda: (
            _("等您评价"),
            _("到期还没评，记作“未评价”，这件事就办结了。"),
            clocks.get(ClockKind.RATE),
        ),
        RequestState.CLOSED: lambda: (_("已办结"), _("如果又出现同样的问题，请再告诉我们一次。"), None),
    }
    return texts[request.state]()
