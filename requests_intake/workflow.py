"""The two machines as frozen data: the request that the resident follows, and the order that an office handles.

States and exits follow the Beijing ordinance on handling complaints at once (接诉即办工作条例) §10-§23, returns
the rules of 潍坊 §22, reviews those of 济南 §27. A lead order's transition names the request transition that it carries
along; the services apply both in one transaction.
"""

from dataclasses import dataclass

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from requests_intake.permissions import Capability


class RequestState(TextChoices):
    """What the resident sees of a request."""

    SUBMITTED = "submitted", _("已提交")
    ACCEPTED = "accepted", _("已受理")
    DISPATCHED = "dispatched", _("已派单")
    IN_PROGRESS = "in_progress", _("办理中")
    SUSPENDED = "suspended", _("暂停办理")
    LEDGERED = "ledgered", _("长期挂账")
    REVIEW = "review", _("答复审核中")
    CALLBACK = "callback", _("已答复，等评价")
    CLOSED = "closed", _("已办结")
    ANSWERED = "answered", _("已直接答复")
    NOT_DISPATCHED = "no_dispatch", _("不予派单")
    MERGED = "merged", _("已并案")
    WITHDRAWN = "withdrawn", _("已撤回")
    ARCHIVED = "archived", _("已归档")


class OrderState(TextChoices):
    """What the handling office sees of its order."""

    DISPATCHED = "dispatched", _("待签收")
    SIGNED = "signed", _("已签收")
    IN_PROGRESS = "in_progress", _("办理中")
    RETURN_REQUESTED = "returning", _("申请退单")
    DISPUTED = "disputed", _("争议协调")
    REPLIED = "replied", _("已答复")
    REWORK = "rework", _("退回重办")
    DONE = "done", _("已完成")
    RETURNED = "returned", _("已退单")
    CANCELLED = "cancelled", _("已取消")
    UNDONE = "undone", _("派单已撤回")


class OrderRole(TextChoices):
    """An organisation's part in a request: one leads (首接负责), others help or are called in (吹哨报到)."""

    LEAD = "lead", _("牵头")
    CO = "co", _("协办")
    WHISTLE = "whistle", pgettext_lazy("part in a request", "报到")


FINAL_REQUEST_STATES = (
    RequestState.CLOSED,
    RequestState.ANSWERED,
    RequestState.NOT_DISPATCHED,
    RequestState.MERGED,
    RequestState.WITHDRAWN,
    RequestState.ARCHIVED,
)
OPEN_REQUEST_STATES = tuple(state for state in RequestState if state not in FINAL_REQUEST_STATES)
# Nobody leads these yet, or nobody ever did.
WITHOUT_OFFICE = (
    RequestState.SUBMITTED,
    RequestState.ACCEPTED,
    RequestState.ANSWERED,
    RequestState.NOT_DISPATCHED,
    RequestState.MERGED,
    RequestState.WITHDRAWN,
    RequestState.ARCHIVED,
)
# Nobody works on it: the clocks stand still until a date.
RESTING_STATES = (RequestState.SUSPENDED, RequestState.LEDGERED)
OPEN_ORDER_STATES = (
    OrderState.DISPATCHED,
    OrderState.SIGNED,
    OrderState.IN_PROGRESS,
    OrderState.RETURN_REQUESTED,
    OrderState.DISPUTED,
    OrderState.REWORK,
)
SIGNED_ORDER_STATES = (
    OrderState.SIGNED,
    OrderState.IN_PROGRESS,
    OrderState.REPLIED,
    OrderState.REWORK,
    OrderState.DONE,
)


class Waiting(TextChoices):
    """What a request waits for beside its state: somebody's decision, or the resident's word."""

    RETURN = "return", _("退单待定")
    DISPUTE = "dispute", _("争议待定")
    EXTENSION = "extension", _("延期待批")
    LEDGER = "ledger", _("挂账待核对")
    LEDGER_REVIEW = "ledger_two", _("挂账待审定")
    QUESTION = "question", _("等居民补充")
    CHECK = "check", _("等现场核实")


# An application for the ledger is undecided.
LEDGER_WAITS = (Waiting.LEDGER, Waiting.LEDGER_REVIEW)


class ClockKind(TextChoices):
    """Promises that are timed: `ACCEPT` and `ANSWER` from submission, the others each from the step before it."""

    ACCEPT = "accept", _("受理")
    DISPATCH = "dispatch", _("派单")
    SIGN = "sign", _("签收")
    CONTACT = "contact", _("联系居民")
    RESULT = "result", _("协办结果")
    REPORT_IN = "report_in", _("报到")
    DECIDE = "decide", _("退单、争议定夺")
    STAGE = "stage", _("阶段")
    ANSWER = "answer", _("答复")
    RATE = "rate", _("等评价")


# What a policy gives one limit each; stages are rows of their own.
LIMIT_KINDS = tuple(kind for kind in ClockKind if kind is not ClockKind.STAGE)

# Clocks that belong to one order; the others are the request's own.
ORDER_CLOCKS = (ClockKind.SIGN, ClockKind.CONTACT, ClockKind.RESULT, ClockKind.REPORT_IN, ClockKind.DECIDE)

# What grid workers saw on site, as lines of history: one for each `grid.CheckResult`.
CHECKED = "checked_"
CHECKED_STEPS = ("checked_found", "checked_not_found", "checked_settled", "checked_cannot_tell")
# Steps that need somebody who reported: what a patrol found has nobody to ask, to reach or to call back.
WITH_REQUESTER = ("ask", "ask_resident", "contact", "close", "bring_back", "call_at_limit")

BACK = ""  # a transition's target: the state in which the turn began
STAY = "="  # a transition's target: nothing moves, the step is only noted


@dataclass(frozen=True, slots=True)
class Transition:
    """One permitted step.

    `capability` None: another step or a task brings it about. `by_link`: the requester may take it, too, by the
    tracking link or as the owner; where `capability` is None, only they. `starts`/`stops` are the clocks that the step
    starts and stops. `carries` names the request transition that a lead order's step brings about. `roles` are the
    parts in a request whose orders may take an order's step. `of_lead`: the capability is asked for the request, not
    for the order's own office. A target `BACK` returns to where a turn began, `STAY` moves nothing.
    `waiting` is what the request must be waiting for: "" for nothing, None where it does not matter. `by_external`: a
    party outside the portal may take it, by the link to its order; where `capability` is None, only they.
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
    roles: tuple[str, ...] = (OrderRole.LEAD,)
    of_lead: bool = False
    waiting: str | None = None
    by_external: bool = False


_R, _O, _K, _C, _W = RequestState, OrderState, ClockKind, Capability, Waiting
_ALL_CLOCKS = tuple(ClockKind)
_UNANSWERED = (_R.SUBMITTED, _R.ACCEPTED, _R.DISPATCHED, _R.IN_PROGRESS, _R.SUSPENDED, _R.LEDGERED)

# What somebody still owes an answer, and of that what an office leads.
_LED = (_R.DISPATCHED, _R.IN_PROGRESS, _R.SUSPENDED, _R.LEDGERED, _R.REVIEW)
_UNFINISHED = (_R.SUBMITTED, _R.ACCEPTED, *_LED)


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
    # answered at once from the knowledge base (条例 §11.1)
    Transition(
        "answer_directly",
        _("直接答复"),
        (_R.SUBMITTED, _R.ACCEPTED),
        _R.ANSWERED,
        _C.ACCEPT_REQUEST,
        ("text",),
        stops=_ALL_CLOCKS,
    ),
    # one of the six legal reasons (条例 §11.3)
    Transition(
        "not_dispatch",
        pgettext_lazy("step", "不予派单"),
        (_R.SUBMITTED, _R.ACCEPTED),
        _R.NOT_DISPATCHED,
        _C.DISPATCH_REQUEST,
        ("reason", "text"),
        stops=_ALL_CLOCKS,
    ),
    # departments are called to the spot by a sub-district, a community or the desk (条例 §16)
    Transition(
        "whistle",
        _("吹哨，叫部门报到"),
        (_R.DISPATCHED, _R.IN_PROGRESS),
        STAY,
        _C.BLOW_WHISTLE,
        ("organisations", "issue", "due_at"),
    ),
    # a leader presses without taking over (催办, 督办, 批示)
    Transition("urge", _("催办"), _UNFINISHED, STAY, _C.INTERVENE, ("text",)),
    Transition("supervise", _("督办"), _LED, STAY, _C.INTERVENE, ("text", "until")),
    Transition("instruct", pgettext_lazy("step", "批示"), _UNFINISHED, STAY, _C.INTERVENE, ("text",)),
    # an absent colleague's order goes to somebody else, over their head
    Transition("reassign", _("换人办、改派"), (_R.DISPATCHED, _R.IN_PROGRESS), STAY, _C.INTERVENE, ("text",)),
    # a property firm, a utility, a contractor answers by a link with an end
    Transition(
        "send_outside",
        _("发给外单位"),
        (_R.DISPATCHED, _R.IN_PROGRESS),
        STAY,
        _C.SEND_OUTSIDE,
        ("organisation",),
    ),
    # whoever is complained about never learns who complained (济南 §32)
    Transition(
        "name_complained",
        _("写明被反映的单位"),
        (_R.SUBMITTED, _R.ACCEPTED, _R.DISPATCHED, _R.IN_PROGRESS),
        STAY,
        _C.DISPATCH_REQUEST,
    ),
    # the area is known, the office is not: the district coordinates (条例 §12)
    Transition(
        "to_district",
        _("交区级协调"),
        (_R.ACCEPTED,),
        _R.DISPATCHED,
        _C.DISPATCH_REQUEST,
        ("text",),
        starts=(_K.SIGN,),
        stops=(_K.DISPATCH,),
    ),
    # within seconds, by whoever dispatched it, before anybody was told (`services.undoing`); its clock runs on
    Transition("undo_dispatch", _("撤回派单"), (_R.DISPATCHED,), _R.ACCEPTED, _C.DISPATCH_REQUEST, waiting=""),
    Transition("merge", _("并案"), _UNANSWERED, _R.MERGED, _C.DISPATCH_REQUEST, ("target",), stops=_ALL_CLOCKS),
    # carried along by the lead order
    Transition("signed", _("签收"), (_R.DISPATCHED,), _R.IN_PROGRESS, None),
    # whoever was answered need not be reached any more: no clock of the office runs on beside the rating
    Transition(
        "replied",
        _("答复"),
        (_R.IN_PROGRESS,),
        _R.CALLBACK,
        None,
        starts=(_K.RATE,),
        stops=(_K.ANSWER, _K.STAGE, _K.CONTACT),
    ),
    # a reply that is read before the resident gets it (济南 §27); until then the answer's clock runs on
    Transition("handed_in", _("答复送审"), (_R.IN_PROGRESS,), _R.REVIEW, None, stops=(_K.CONTACT, _K.STAGE)),
    Transition(
        "approve",
        _("审核通过"),
        (_R.REVIEW,),
        _R.CALLBACK,
        _C.REVIEW_REPLY,
        starts=(_K.RATE,),
        stops=(_K.ANSWER, _K.CONTACT),
    ),
    Transition(
        "send_back",
        _("审核退回"),
        (_R.REVIEW, _R.CALLBACK),
        _R.IN_PROGRESS,
        _C.REVIEW_REPLY,
        ("comment",),
        starts=(_K.ANSWER,),  # unless it still runs
        stops=(_K.RATE,),
    ),
    # a return that was upheld: somebody else has to be found
    Transition("returned", _("退单成立"), (_R.DISPATCHED, _R.IN_PROGRESS), _R.ACCEPTED, None, starts=(_K.DISPATCH,)),
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
    # due when the limit has passed, even if nothing was answered (条例 §23): the state stays as it is
    Transition(
        "call_at_limit",
        _("到期回访"),
        (_R.SUBMITTED, _R.ACCEPTED, _R.DISPATCHED, _R.IN_PROGRESS, _R.REVIEW),
        STAY,
        _C.CALL_BACK,
        ("solved",),
    ),
    # nobody has to be called about what a patrol found: a third person looks on site (核查), and that decides
    Transition("verify", _("核查结案"), (_R.CALLBACK,), _R.CLOSED, None, stops=(_K.RATE,)),
    Transition(
        "verify_back",
        _("核查没有解决，退回重办"),
        (_R.CALLBACK,),
        _R.IN_PROGRESS,
        None,
        starts=(_K.ANSWER,),
        stops=(_K.RATE,),
    ),
    Transition("close_unrated", _("未评价办结"), (_R.CALLBACK,), _R.CLOSED, None, stops=(_K.RATE,)),
    # a question to the resident: the clocks stand still until it is answered, or its own time is over
    Transition(
        "ask",
        _("请居民补充"),
        (_R.SUBMITTED, _R.ACCEPTED, _R.DISPATCHED, _R.IN_PROGRESS),
        STAY,
        _C.DISPATCH_REQUEST,
        ("text",),
        waiting="",
    ),
    # a look on site before filing (核实); of a patrol's matter once more before closing. No clock stops for it
    Transition(
        "ask_check",
        _("请网格员现场核实"),
        (_R.SUBMITTED, _R.ACCEPTED, _R.CALLBACK),
        STAY,
        _C.DISPATCH_REQUEST,
        ("text",),
        waiting="",
    ),
    Transition(
        "drop_check",
        _("不等现场核实了"),
        (_R.SUBMITTED, _R.ACCEPTED),
        STAY,
        _C.DISPATCH_REQUEST,
        waiting=_W.CHECK,
    ),
    # by the desk, never by the office whose clock it is
    Transition(
        "suspend",
        pgettext_lazy("step", "暂停办理"),
        (_R.DISPATCHED, _R.IN_PROGRESS),
        _R.SUSPENDED,
        _C.DISPATCH_REQUEST,
        ("text", "until"),
        waiting="",
    ),
    Transition("resume", _("恢复办理"), RESTING_STATES, BACK, _C.DISPATCH_REQUEST),
    # long-term (STANDARDS 1.6): asked for by the office, checked by the sub-district, decided by the district
    Transition("check_ledger", _("核对挂账"), (_R.IN_PROGRESS,), STAY, _C.APPROVE_LEDGER, waiting=_W.LEDGER),
    Transition(
        "ledger",
        _("同意挂账"),
        (_R.IN_PROGRESS,),
        _R.LEDGERED,
        _C.DECIDE_LEDGER,
        stops=(_K.DECIDE,),
        waiting=_W.LEDGER_REVIEW,
    ),
    # the office says that a milestone of the plan is reached; the resident reads it
    Transition("reach_milestone", _("做到一个节点"), (_R.LEDGERED,), STAY, _C.HANDLE_ORDER, ("step", "text")),
    Transition(
        "decline_ledger",
        _("不同意挂账"),
        (_R.IN_PROGRESS,),
        STAY,
        _C.DECIDE_LEDGER,
        ("text",),
        stops=(_K.DECIDE,),
        waiting=_W.LEDGER_REVIEW,
    ),
    Transition(
        "refuse_ledger",
        _("不同意挂账"),
        (_R.IN_PROGRESS,),
        STAY,
        _C.APPROVE_LEDGER,
        ("text",),
        stops=(_K.DECIDE,),
        waiting=_W.LEDGER,
    ),
    Transition(
        "approve_extension",
        _("同意延期"),
        (_R.IN_PROGRESS,),
        STAY,
        _C.APPROVE_EXTENSION,
        stops=(_K.DECIDE,),
        waiting=_W.EXTENSION,
    ),
    Transition(
        "refuse_extension",
        _("不同意延期"),
        (_R.IN_PROGRESS,),
        STAY,
        _C.APPROVE_EXTENSION,
        ("text",),
        stops=(_K.DECIDE,),
        waiting=_W.EXTENSION,
    ),
    # the requester's own turns
    Transition("withdraw", _("撤回"), _UNANSWERED, _R.WITHDRAWN, None, stops=_ALL_CLOCKS, by_link=True),
    Transition(
        "reopen",
        _("重新打开"),
        (_R.CLOSED, _R.ANSWERED, _R.NOT_DISPATCHED),
        _R.ACCEPTED,
        _C.REOPEN_REQUEST,
        ("comment",),
        starts=(_K.DISPATCH, _K.ANSWER),
        by_link=True,
    ),
    Transition(
        "archive",
        _("归档"),
        (_R.CLOSED, _R.ANSWERED, _R.NOT_DISPATCHED, _R.WITHDRAWN, _R.MERGED),
        _R.ARCHIVED,
        None,
    ),
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
        by_external=True,
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
    # what was promised for a stage before the answer is there: the resident reads it
    Transition(
        "reach_stage",
        _("办到一个阶段"),
        (_O.SIGNED, _O.IN_PROGRESS, _O.REWORK),
        STAY,
        _C.HANDLE_ORDER,
        ("stage", "text"),
    ),
    Transition("reply", _("答复居民"), (_O.IN_PROGRESS,), _O.REPLIED, _C.HANDLE_ORDER, ("text",), carries="replied"),
    # whoever helps or was called in: signs for it, then gives the lead their result (条例 §14)
    Transition(
        "co_sign",
        _("签收协办"),
        (_O.DISPATCHED,),
        _O.SIGNED,
        _C.HANDLE_ORDER,
        stops=(_K.SIGN,),
        roles=(OrderRole.CO,),
        by_external=True,
    ),
    Transition(
        "report_in",
        _("报到"),
        (_O.DISPATCHED,),
        _O.SIGNED,
        _C.HANDLE_ORDER,
        ("commitment",),
        stops=(_K.REPORT_IN,),
        roles=(OrderRole.WHISTLE,),
    ),
    Transition(
        "give_result",
        _("交协办结果"),
        (_O.SIGNED,),
        _O.DONE,
        _C.HANDLE_ORDER,
        ("text",),
        stops=(_K.RESULT,),
        roles=(OrderRole.CO, OrderRole.WHISTLE),
        by_external=True,
    ),
    # by the link only: what a party outside answers as the lead is read here before the resident gets it
    Transition(
        "hand_in",
        _("交办理结果"),
        (_O.SIGNED, _O.IN_PROGRESS, _O.REWORK),
        _O.REPLIED,
        None,
        ("text",),
        stops=(_K.CONTACT,),
        carries="handed_in",
        by_external=True,
    ),
    Transition(
        "outside_note",
        _("外单位说明进展"),
        (_O.SIGNED, _O.IN_PROGRESS, _O.REWORK),
        STAY,
        None,
        ("text",),
        roles=(OrderRole.LEAD, OrderRole.CO),
        by_external=True,
    ),
    Transition(
        "release",
        _("不再等协办"),
        (_O.DISPATCHED, _O.SIGNED),
        _O.CANCELLED,
        _C.DISPATCH_REQUEST,
        ("text",),
        stops=(_K.SIGN, _K.REPORT_IN, _K.RESULT),
        roles=(OrderRole.CO, OrderRole.WHISTLE),
    ),
    # both sides are appraised (条例 §33)
    Transition(
        "rate_called",
        _("评价来报到的单位"),
        (_O.DONE,),
        STAY,
        _C.BLOW_WHISTLE,
        ("grade", "word"),
        roles=(OrderRole.WHISTLE,),
        of_lead=True,
    ),
    Transition(
        "rate_call",
        _("评价这次吹哨"),
        (_O.DONE,),
        STAY,
        _C.HANDLE_ORDER,
        ("grade", "word"),
        roles=(OrderRole.WHISTLE,),
    ),
    # returned once, on one of four grounds; then it is decided for good (潍坊 §22)
    Transition(
        "request_return",
        _("申请退单"),
        (_O.DISPATCHED, _O.SIGNED),
        _O.RETURN_REQUESTED,
        _C.HANDLE_ORDER,
        ("ground", "text"),
        starts=(_K.DECIDE,),
        waiting="",
    ),
    Transition(
        "uphold_return",
        _("同意退单"),
        (_O.RETURN_REQUESTED,),
        _O.RETURNED,
        _C.DISPATCH_REQUEST,
        stops=(_K.SIGN, _K.CONTACT, _K.DECIDE),
        carries="returned",
    ),
    # a party outside that does not answer: the desk sends the matter to somebody else
    Transition(
        "take_back",
        _("收回，另派"),
        (_O.DISPATCHED, _O.SIGNED, _O.IN_PROGRESS, _O.REWORK),
        _O.RETURNED,
        _C.DISPATCH_REQUEST,
        ("text",),
        stops=(_K.SIGN, _K.CONTACT),
        carries="returned",
        waiting="",
    ),
    Transition(
        "refuse_return",
        _("不同意退单，指定承办"),
        (_O.RETURN_REQUESTED,),
        BACK,
        _C.DISPATCH_REQUEST,
        ("text",),
        stops=(_K.DECIDE,),
    ),
    # about whose duty it is, with the legal basis cited (条例 §12.3)
    Transition(
        "dispute",
        _("提出派单异议"),
        (_O.DISPATCHED, _O.SIGNED, _O.IN_PROGRESS),
        _O.DISPUTED,
        _C.HANDLE_ORDER,
        ("basis",),
        starts=(_K.DECIDE,),
        waiting="",
    ),
    # the office's own turns that stop or move clocks
    Transition(
        "ask_resident",
        _("请居民补充"),
        (_O.SIGNED, _O.IN_PROGRESS, _O.REWORK),
        STAY,
        _C.HANDLE_ORDER,
        ("text",),
        waiting="",
    ),
    Transition(
        "ask_extension",
        _("申请延期"),
        (_O.SIGNED, _O.IN_PROGRESS, _O.REWORK),
        STAY,
        _C.HANDLE_ORDER,
        ("amount", "text"),
        waiting="",
    ),
    # the office tells whoever supervises it how the matter stands
    Transition(
        "answer_supervision",
        _("回复督办"),
        (_O.DISPATCHED, _O.SIGNED, _O.IN_PROGRESS, _O.RETURN_REQUESTED, _O.DISPUTED, _O.REWORK, _O.REPLIED),
        STAY,
        _C.HANDLE_ORDER,
        ("text",),
    ),
    Transition(
        "ask_ledger",
        _("申请长期挂账"),
        (_O.SIGNED, _O.IN_PROGRESS, _O.REWORK),
        STAY,
        _C.HANDLE_ORDER,
        ("text", "plan", "milestone"),
        starts=(_K.DECIDE,),
        waiting="",
    ),
    Transition(
        "keep",
        _("裁定由原单位承办"),
        (_O.DISPUTED,),
        BACK,
        _C.DECIDE_DISPUTE,
        ("text",),
        stops=(_K.DECIDE,),
    ),
    Transition(
        "hand_over",
        _("裁定改派"),
        (_O.DISPUTED,),
        _O.RETURNED,
        _C.DECIDE_DISPUTE,
        ("organisation", "text"),
        stops=(_K.SIGN, _K.CONTACT, _K.DECIDE),
        carries="returned",
    ),
    # brought about by taking a dispatch back, by the call-back, by a review, by the end of the request
    Transition(
        "undo",
        _("撤回派单"),
        (_O.DISPATCHED,),
        _O.UNDONE,
        None,
        stops=ORDER_CLOCKS,
        roles=(OrderRole.LEAD, OrderRole.CO),
    ),
    Transition("rework", _("退回重办"), (_O.REPLIED,), _O.REWORK, None, starts=(_K.CONTACT,)),
    Transition("finish", _("完成"), (_O.REPLIED,), _O.DONE, None),
    Transition("cancel", _("取消"), OPEN_ORDER_STATES, _O.CANCELLED, None, roles=tuple(OrderRole), stops=ORDER_CLOCKS),
)


def permitted(table: dict[str, Transition], state: str) -> tuple[Transition, ...]:
    """Return the transitions that may leave `state`, in table order."""
    return tuple(transition for transition in table.values() if state in transition.sources)
