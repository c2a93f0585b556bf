"""The two machines as frozen data: the request that the resident follows, and the order that an office handles.

States and exits follow the Beijing ordinance on handling complaints at once (接诉即办工作条例) §10-§23. A lead order's
transition names the request transition that it carries along; the services apply both in one transaction.
"""

from dataclasses import dataclass

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from requests_intake.permissions import Capability


class RequestState(TextChoices):
    """What the resident sees of a request."""

    SUBMITTED = "submitted", _("已提交")
    ACCEPTED = "accepted", _("已受理")
    DISPATCHED = "dispatched", _("已派单")
    IN_PROGRESS = "in_progress", _("办理中")
    CALLBACK = "callback", _("已答复，等评价")
    CLOSED = "closed", _("已办结")


class OrderState(TextChoices):
    """What the handling office sees of its order."""

    DISPATCHED = "dispatched", _("待签收")
    SIGNED = "signed", _("已签收")
    IN_PROGRESS = "in_progress", _("办理中")
    REPLIED = "replied", _("已答复")
    REWORK = "rework", _("退回重办")
    DONE = "done", _("已完成")


OPEN_REQUEST_STATES = tuple(state for state in RequestState if state is not RequestState.CLOSED)
OPEN_ORDER_STATES = (OrderState.DISPATCHED, OrderState.SIGNED, OrderState.IN_PROGRESS, OrderState.REWORK)


class ClockKind(TextChoices):
    """Promises that are timed: `ACCEPT` and `ANSWER` from submission, the others each from the step before it."""

    ACCEPT = "accept", _("受理")
    DISPATCH = "dispatch", _("派单")
    SIGN = "sign", _("签收")
    CONTACT = "contact", _("联系居民")
    ANSWER = "answer", _("答复")
    RATE = "rate", _("等评价")


@dataclass(frozen=True, slots=True)
class Transition:
    """One permitted step.

    `capability` None: another step or a task brings it about. `by_link`: the holder of the tracking link may take it,
    too. `starts`/`stops` are the clocks that the step starts and stops. `carries` names the request transition that a
    lead order's step brings about.
    """

    name: str
    label: str | Promise
    sources: tuple[str, ...]
    target: str
    capability: Capability | None
    required: tuple[str, ...] = ()
    starts: tuple[ClockKind, ...] = ()
    stops: tuple[ClockKind, ...] = ()
    carries: str = ""
    by_link: bool = False


_R, _O, _K, _C = RequestState, OrderState, ClockKind, Capability


def _table(*transitions: Transition) -> dict[str, Transition]:
    return {transition.name: transition for transition in transitions}


REQUEST_TRANSITIONS = _table(
    Transition(
        "accept",
        _("受理"),
        (_R.SUBMITTED,),
        _R.ACCEPTED,
        _C.ACCEPT_REQUEST,
        ("category",),
        starts=(_K.DISPATCH,),
        stops=(_K.ACCEPT,),
    ),
    Transition(
        "dispatch",
        _("派单"),
        (_R.ACCEPTED,),
        _R.DISPATCHED,
        _C.DISPATCH_REQUEST,
        ("organisation",),
        starts=(_K.SIGN,),
        stops=(_K.DISPATCH,),
    ),
    # carried along by the lead order
    Transition("signed", _("签收"), (_R.DISPATCHED,), _R.IN_PROGRESS, None),
    # whoever was answered need not be reached any more: no clock of the office runs on beside the rating
    Transition(
        "replied", _("答复"), (_R.IN_PROGRESS,), _R.CALLBACK, None, starts=(_K.RATE,), stops=(_K.ANSWER, _K.CONTACT)
    ),
    # call-back: by the tracking link, or by an agent who never handled it
    Transition(
        "close", _("办结"), (_R.CALLBACK,), _R.CLOSED, _C.CALL_BACK, ("solved",), stops=(_K.RATE,), by_link=True
    ),
    Transition(
        "bring_back",
        _("退回重办"),
        (_R.CALLBACK,),
        _R.IN_PROGRESS,
        _C.CALL_BACK,
        ("comment",),
        starts=(_K.ANSWER,),
        stops=(_K.RATE,),
        by_link=True,
    ),
    Transition("close_unrated", _("未评价办结"), (_R.CALLBACK,), _R.CLOSED, None, stops=(_K.RATE,)),
)

ORDER_TRANSITIONS = _table(
    Transition(
        "sign",
        _("签收"),
        (_O.DISPATCHED,),
        _O.SIGNED,
        _C.HANDLE_ORDER,
        starts=(_K.CONTACT,),
        stops=(_K.SIGN,),
        carries="signed",
    ),
    Transition(
        "contact",
        _("记一次联系"),
        (_O.SIGNED, _O.IN_PROGRESS, _O.REWORK),
        _O.IN_PROGRESS,
        _C.HANDLE_ORDER,
        ("how", "reached"),
        stops=(_K.CONTACT,),
    ),
    Transition("reply", _("答复居民"), (_O.IN_PROGRESS,), _O.REPLIED, _C.HANDLE_ORDER, ("text",), carries="replied"),
    # brought about by the call-back
    Transition("rework", _("退回重办"), (_O.REPLIED,), _O.REWORK, None, starts=(_K.CONTACT,)),
    Transition("finish", _("完成"), (_O.REPLIED,), _O.DONE, None),
)


def permitted(table: dict[str, Transition], state: str) -> tuple[Transition, ...]:
    """Return the transitions that may leave `state`, in table order."""
    return tuple(transition for transition in table.values() if state in transition.sources)
