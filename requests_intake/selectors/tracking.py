"""What the holder of a tracking link sees: steps, offices, times, and what comes next."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from django.db.models import Q
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.organisations.models import Organisation
from governance.privacy.blind_index import blind_matches
from governance.worktime.dates import moment_text
from requests_intake.models import (
    Attachment,
    CallBack,
    Clock,
    Extension,
    Reply,
    RequesterContact,
    RequestTransition,
    ServiceRequest,
    Supplement,
)
from requests_intake.numbers import parse_number
from requests_intake.selectors.drafts import Photo, photo_of
from requests_intake.selectors.recordings import Playable, recordings_of
from requests_intake.selectors.stages import StageLine, stage_lines
from requests_intake.selectors.undoing import FOR_RESIDENTS, without_undone
from requests_intake.services.closing import may_remind, may_reopen
from requests_intake.services.submission import token_digest
from requests_intake.workflow import REQUEST_TRANSITIONS, RESTING_STATES, ClockKind, OrderRole, RequestState, Waiting

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
    name: str = ""
    photos: list[Photo] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Answer:
    """The last thing an office answered."""

    office: str
    at: datetime
    text: str
    photos: list[Photo] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Tracking:
    """One request as its requester sees it."""

    request: ServiceRequest
    steps: list[TrackedStep]
    next_title: str
    next_text: str
    next_until: datetime | None
    is_late: bool
    answer: Answer | None
    own_photos: list[Photo] = field(default_factory=list)
    supplements: list[tuple[Supplement, list[Photo]]] = field(default_factory=list)
    recordings: list[Playable] = field(default_factory=list)
    # The answer was not enough: it was opened again since, for this reason.
    is_answered_before: bool = False
    demand: str = ""
    callback: CallBack | None = None
    may_rate: bool = False
    rate_until: datetime | None = None
    # What the requester is asked, while the clocks wait for the answer.
    question: str = ""
    # What was promised on the way to the answer.
    stages: list[StageLine] = field(default_factory=list)
    # What the requester may do now, beside rating.
    turns: tuple[str, ...] = ()


def request_by_token(token: str, *, at: datetime) -> ServiceRequest | None:
    """Return the request of a tracking token, or None for an unknown token or one whose time is over."""
    request = (
        ServiceRequest.objects.filter(track_digest=token_digest(token))
        .select_related("category", "organisation", "probable_organisation", "handler", "answers")
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
    by_phone = bool(left.phone_index) and left.phone_index in blind_matches(typed, purpose="requests_intake.phone")
    by_email = bool(left.email) and left.email.casefold() == typed.casefold()
    return request if by_phone or by_email else None


def tracking(request: ServiceRequest, *, at: datetime) -> Tracking:
    """Return the whole tracking page of a request: at most 8 SQL statements, as many again for one that was merged."""
    history = without_undone(
        RequestTransition.objects.filter(FOR_RESIDENTS, request=request)
        .select_related("organisation", "actor")
        .order_by("at", "pk")
    )
    attachments = list(
        Attachment.objects.filter(request=request).select_related("file", "reply").order_by("position", "pk")
    )
    clocks = dict(
        Clock.objects.filter(request=request, stopped_at__isnull=True)
        .filter(Q(order__isnull=True) | Q(order__role=OrderRole.LEAD))
        .values_list("kind", "due_at")
    )
    callback = CallBack.objects.filter(request=request).last()
    next_title, next_text, until = _next(request, clocks)
    # the last answer stands on top of the page; those of earlier rounds stay readable in the history
    answers = [row for row in history if row.name in _ANSWERS]
    earlier = {row.pk: row.text for row in answers[:-1]}
    may_rate = request.state == RequestState.CALLBACK
    demand = _demand(request, history)
    extension = None
    if any(row.name == "approve_extension" for row in history):
        extension = Extension.objects.get(request=request)
    reached = _stage_photos(history, attachments)
    supplements = _supplements(request, history, attachments)
    question = next((row.text for row in reversed(history) if row.name == "ask"), "")
    found = Tracking(
        request=request,
        steps=[_step(row, earlier.get(row.pk, ""), extension, reached.get(row.at, [])) for row in reversed(history)],
        next_title=next_title,
        next_text=next_text,
        next_until=until,
        is_late=bool(until and until < at and not may_rate and not request.waiting_for),
        answer=_answer(request, answers, attachments),
        is_answered_before=demand is not None,
        demand=demand or "",
        own_photos=[photo_of(a.file) for a in attachments if a.reply_id is None and a.supplement_id is None],
        supplements=supplements,
        recordings=recordings_of(request, [row for row, _photos in supplements]),
        callback=callback if not may_rate else None,
        may_rate=may_rate,
        rate_until=clocks.get(ClockKind.RATE),
        question=question if request.waiting_for == Waiting.QUESTION else "",
        stages=stage_lines(request),
        turns=_turns(request, at),
    )
    return _joined(found, at) if request.state == RequestState.MERGED else found


# Lines of history that carry an answer.
_ANSWERS = ("replied", "answer_directly", "not_dispatch")


def _answer(
    request: ServiceRequest, answers: Sequence[RequestTransition], attachments: Sequence[Attachment]
) -> Answer | None:
    if not answers:
        return None
    last = answers[-1]
    reply = None
    if last.name == "replied":
        reply = Reply.objects.filter(order__request=request, is_released=True, stage__isnull=True).last()
    return Answer(
        office=_office(last.organisation),
        at=last.at,
        text=reply.text if reply else last.text,
        photos=[photo_of(row.file) for row in attachments if reply and row.reply_id == reply.pk],
    )


def _demand(request: ServiceRequest, history: Iterable[RequestTransition]) -> str | None:
    """Why it was opened again after its last answer; None where that answer still stands."""
    again = ("reopen", "bring_back", "send_back")
    rows = [row for row in history if row.name in (*_ANSWERS, *again)] if request.is_open else []
    return rows[-1].text if rows and rows[-1].name in again else None


def _stage_photos(
    history: Sequence[RequestTransition], attachments: Sequence[Attachment]
) -> dict[datetime, list[Photo]]:
    """The photos of what was said at stages, by its moment: no more SQL."""
    photos: dict[datetime, list[Photo]] = {}
    moments = {row.at for row in history if row.name == "stage"}
    for row in attachments if moments else ():
        if row.reply is not None and row.reply.at in moments:
            photos.setdefault(row.reply.at, []).append(photo_of(row.file))
    return photos


def _supplements(
    request: ServiceRequest, history: Sequence[RequestTransition], attachments: Sequence[Attachment]
) -> list[tuple[Supplement, list[Photo]]]:
    if not any(row.name in ("supplement", "answer") for row in history):
        return []
    return [
        (row, [photo_of(a.file) for a in attachments if a.supplement_id == row.pk])
        for row in Supplement.objects.filter(request=request)
    ]


def _turns(request: ServiceRequest, at: datetime) -> tuple[str, ...]:
    """What the requester may do now: the services ask the same questions again."""
    turns = []
    if request.waiting_for == Waiting.QUESTION:
        turns.append("answer")
    elif request.is_open:
        turns.append("supplement")
        if request.state not in RESTING_STATES and may_remind(request, at):
            turns.append("remind")
    elif may_reopen(request, at):
        turns.append("reopen")
    if request.state in REQUEST_TRANSITIONS["withdraw"].sources:
        turns.append("withdraw")
    return tuple(turns)


def _joined(own: Tracking, at: datetime) -> Tracking:
    """A merged request follows the one it joined: that one's steps and answer, never its requester's words."""
    into = ServiceRequest.objects.select_related("category", "organisation", "probable_organisation", "handler").get(
        pk=own.request.merged_into_id
    )
    other = tracking(into, at=at)
    since = next((row.at for row in own.steps), at)
    followed = [replace(step, text="") for step in other.steps if step.at > since and step.name not in _OWN_WORDS]
    return replace(
        own,
        steps=[*followed, *own.steps],
        next_title=other.next_title,
        next_text=other.next_text if not other.may_rate else _("已经答复，见上面。"),
        next_until=other.next_until if not other.may_rate else None,
        is_late=other.is_late,
        answer=other.answer,
        is_answered_before=other.is_answered_before,
    )


# Lines of history that are about what its requester said or did.
_OWN_WORDS = (
    "submit",
    "supplement",
    "remind",
    "ask",
    "answer",
    "unanswered",
    "withdraw",
    "reopen",
    "bring_back",
    "close",
    "joined",
)

_TITLES: dict[str, str | Promise] = {
    "submit": gettext_lazy("您提交了"),
    "accept": gettext_lazy("已受理"),
    "dispatch": gettext_lazy("派给%(office)s"),
    "to_district": gettext_lazy("还没有定下由谁办，由%(office)s牵头协调"),
    "signed": gettext_lazy("%(office)s签收"),
    "contacted": gettext_lazy("%(office)s联系了您"),
    "replied": gettext_lazy("%(office)s答复"),
    "close": gettext_lazy("已办结"),
    "close_unrated": gettext_lazy("已办结，未评价"),
    "bring_back": gettext_lazy("没有解决，退回重办"),
    "answer_directly": gettext_lazy("%(office)s直接答复"),
    "not_dispatch": gettext_lazy("%(office)s说明了为什么不派单"),
    "merge": gettext_lazy("和另一件是同一件事，并在一起办"),
    "joined": gettext_lazy("又有一位居民反映了同一件事"),
    "returned": gettext_lazy("%(office)s退回，受理台另派"),
    "withdraw": gettext_lazy("您撤回了"),
    "reopen": gettext_lazy("重新打开，受理台重新看"),
    "supplement": gettext_lazy("您补充了"),
    "remind": gettext_lazy("您提醒了承办单位"),
    "archive": gettext_lazy("已归档"),
    "ask": gettext_lazy("%(office)s问您"),
    "answer": gettext_lazy("您回答了"),
    "unanswered": gettext_lazy("没有等到您的回答，先接着办"),
    "suspend": gettext_lazy("暂停办理"),
    "resume": gettext_lazy("接着办了"),
    "ledger": gettext_lazy("列入长期挂账，定期再看"),
    "reach_milestone": gettext_lazy("计划里的一步做到了"),
    "approve_extension": gettext_lazy("%(office)s同意延期"),
    "stage": gettext_lazy("%(office)s办到一个阶段"),
}


def _step(
    row: RequestTransition, answer: str = "", extension: Extension | None = None, photos: Sequence[Photo] = ()
) -> TrackedStep:
    office = row.organisation.short_label if row.organisation else ""
    title = str(_TITLES.get(row.name, row.name)) % {"office": office}
    text = answer if row.name in _ANSWERS else "" if row.name in ("supplement", "answer") else row.text
    if row.name == "approve_extension" and extension is not None:
        text = _("原定 %(before)s，改为 %(after)s。理由：%(reason)s") % {
            "before": _moment(extension.due_before),
            "after": _moment(extension.due_after),
            "reason": row.text,
        }
    return TrackedStep(title=title, at=row.at, text=text, office=office, name=row.name, photos=list(photos))


def _moment(value: datetime) -> str:
    return str(moment_text(timezone.localtime(value)))


def _office(organisation: Organisation | None) -> str:
    return organisation.label if organisation is not None else _("区受理台")


def _next(request: ServiceRequest, clocks: dict[str, datetime]) -> tuple[str, str, datetime | None]:
    """Return what comes next: title, who does it, until when."""
    if request.waiting_for == Waiting.QUESTION:
        return _("等您回答"), _("请在下面回答。到时没有回答，我们就按已经知道的接着办。"), request.paused_until
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
        RequestState.REVIEW: lambda: (
            _("答复正在审核"),
            _("%(office)s已经写好答复，另有人看过就发给您。") % {"office": office},
            answer_due,
        ),
        RequestState.SUSPENDED: lambda: (
            _("暂停办理"),
            _("到时间自动接着办，期限跟着顺延。"),
            request.paused_until,
        ),
        RequestState.LEDGERED: lambda: (
            _("长期挂账"),
            _("一时解决不了，列入长期办理，定期再看。"),
            request.paused_until,
        ),
        RequestState.ANSWERED: lambda: (_("已答复"), _("没有说清楚的话，可以在下面重新打开。"), None),
        RequestState.NOT_DISPATCHED: lambda: (_("不予派单"), _("不同意这个理由，可以在下面重新打开。"), None),
        RequestState.WITHDRAWN: lambda: (_("已撤回"), _("以后还需要，请再告诉我们一次。"), None),
        RequestState.MERGED: lambda: (_("已并案"), "", None),
        RequestState.ARCHIVED: lambda: (_("已归档"), _("如果又出现同样的问题，请再告诉我们一次。"), None),
        RequestState.CLOSED: lambda: (_("已办结"), _("如果又出现同样的问题，请再告诉我们一次。"), None),
    }
    return texts[request.state]()
