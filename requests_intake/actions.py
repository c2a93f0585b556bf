"""What staff can do with a request, one row a step: its form, the service that it calls, the words when it is done.

The table stands beside the transitions: they say who may do what and when, this says how a page asks and does it. The
pages and the interface for programs read the same table.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from governance.access.viewer import Viewer
from governance.errors import DomainError
from governance.files.services import image_store
from governance.organisations.models import OUTSIDE_KINDS
from governance.text import mask_personal_data
from grid.models.checks import WORDS_MAX
from requests_intake.forms import AcceptForm, ContactRecordForm, DispatchForm, RateForm, ReplyForm
from requests_intake.models import ExternalLink, ReasonText, Reply, ServiceRequest, WorkOrder
from requests_intake.outside_forms import SendOutsideForm
from requests_intake.selectors.choices import offices_within, organisations_for, probable_for
from requests_intake.selectors.stages import milestones_open, stages_open
from requests_intake.services.assignment import request_reassign
from requests_intake.services.callback import request_call_at_limit, request_rate
from requests_intake.services.clocks import turn_limit
from requests_intake.services.closing import request_merge, request_reopen
from requests_intake.services.evidence import EVIDENCE_MAX, evidence_receive
from requests_intake.services.extension import (
    extension_approve,
    extension_refuse,
    most_of,
    order_ask_extension,
    promise_of,
)
from requests_intake.services.handling import order_contact, order_reply, order_sign
from requests_intake.services.helping import order_co_sign, order_give_result, order_release
from requests_intake.services.interventions import (
    request_instruct,
    request_supervise,
    request_urge,
    supervision_answer,
)
from requests_intake.services.ledger import (
    ledger_approve,
    ledger_check,
    ledger_decline,
    ledger_reach,
    ledger_refuse,
    order_ask_ledger,
)
from requests_intake.services.outside import order_take_back, request_send_outside
from requests_intake.services.replies import REPLY_PHOTOS_MAX
from requests_intake.services.resting import order_ask_resident, request_ask, request_resume, request_suspend
from requests_intake.services.returns import (
    dispute_decide,
    order_dispute,
    order_request_return,
    return_refuse,
    return_uphold,
)
from requests_intake.services.review import reply_approve, reply_send_back
from requests_intake.services.site_checks import request_ask_check, request_drop_check
from requests_intake.services.staging import order_reach_stage
from requests_intake.services.triage import (
    request_accept,
    request_answer_directly,
    request_dispatch,
    request_name_complained,
    request_not_dispatch,
    request_to_district,
)
from requests_intake.services.undoing import request_undo_dispatch
from requests_intake.services.whistling import (
    order_report_in,
    request_whistle,
    whistle_rate_call,
    whistle_rate_called,
)
from requests_intake.turn_forms import (
    AnswerDirectlyForm,
    CommentForm,
    ComplainedForm,
    DecisionForm,
    DisputeDecisionForm,
    DisputeForm,
    DistrictForm,
    ExtensionForm,
    InstructForm,
    LedgerForm,
    MergeForm,
    MilestoneForm,
    NotDispatchForm,
    QuestionForm,
    ReassignForm,
    ResultForm,
    ReturnForm,
    SiteCheckForm,
    StageForm,
    SuperviseForm,
    SupervisionAnswerForm,
    SuspendForm,
    UrgeForm,
    assignee_choices,
)
from requests_intake.whistle_forms import ReportInForm, WhistleForm, WhistleRatingForm


@dataclass(frozen=True, slots=True)
class Doing:
    """Somebody does something: with which request and order, who, when, with which uploads."""

    request: ServiceRequest
    order: WorkOrder | None
    actor: Viewer
    at: datetime
    uploads: tuple[Any, ...] = ()

    @property
    def common(self) -> dict[str, Any]:
        """Arguments that every service takes."""
        return {"actor": self.actor, "at": self.at}


FormMaker = Callable[[ServiceRequest, WorkOrder | None, Any], forms.Form]


@dataclass(frozen=True, slots=True)
class Action:
    """One step as a page offers it. `button` is a verb; `hint` says beforehand what will happen."""

    form: FormMaker
    run: Callable[[Doing, dict[str, Any]], Any]
    done: str | Promise
    button: str | Promise = ""
    hint: str | Promise = ""


def _plain(form: type[forms.Form], **initial: Any) -> FormMaker:
    return lambda request, order, data: form(data, initial=initial or None)


def _accept_form(request: ServiceRequest, order: WorkOrder | None, data: Any) -> forms.Form:
    return AcceptForm(data, initial={"category": request.category_id})


def _dispatch_form(request: ServiceRequest, order: WorkOrder | None, data: Any) -> forms.Form:
    return DispatchForm(data, organisations=organisations_for(request), initial={"organisation": probable_for(request)})


def _answer_form(request: ServiceRequest, order: WorkOrder | None, data: Any) -> forms.Form:
    return AnswerDirectlyForm(data, initial={"category": request.category_id})


def _decision_form(request: ServiceRequest, order: WorkOrder | None, data: Any) -> forms.Form:
    chosen = order.organisation_id if order is not None else None
    return DisputeDecisionForm(data, organisations=organisations_for(request), initial={"organisation": chosen})


def _complained_form(request: ServiceRequest, order: WorkOrder | None, data: Any) -> forms.Form:
    chosen = {"complained": request.complained_organisation_id}
    return ComplainedForm(data, organisations=organisations_for(request), initial=chosen)


def _whistle_form(request: ServiceRequest, order: WorkOrder | None, data: Any) -> forms.Form:
    others = organisations_for(request).exclude(pk=request.organisation_id or 0)
    return WhistleForm(data, organisations=others)


def _outside_form(request: ServiceRequest, order: WorkOrder | None, data: Any) -> forms.Form:
    """Filled in as the last link of this request was: sending again is one press."""
    outside = organisations_for(request).filter(kind__in=OUTSIDE_KINDS)
    last = ExternalLink.objects.filter(order__request=request).select_related("order").first()
    filled: dict[str, Any] = {"organisation": request.organisation_id}
    if last is not None:
        filled = {"organisation": last.order.organisation_id, "may_call": last.may_call}
        filled |= {"email": str(last.email), "phone": str(last.phone)}
    return SendOutsideForm(data, organisations=outside, initial=filled)


def _extension_form(request: ServiceRequest, order: WorkOrder | None, data: Any) -> forms.Form:
    promise = promise_of(request)
    return ExtensionForm(data, promise=promise, most=most_of(promise))


def _reassign_form(request: ServiceRequest, order: WorkOrder | None, data: Any) -> forms.Form:
    """Offices of the sub-district; one that leads from elsewhere, with its own people."""
    offices = list(offices_within([request.area_code[:9]]).exclude(pk=request.complained_organisation_id or 0))
    lead = request.organisation
    if lead is not None:
        offices = [lead, *(office for office in offices if office.pk != lead.pk)]
    return ReassignForm(data, choices=assignee_choices(offices, timezone.now(), leads=request.organisation_id))


def _ledger_form(request: ServiceRequest, order: WorkOrder | None, data: Any) -> forms.Form:
    return LedgerForm(data, initial={"milestone": timezone.localdate() + timedelta(turn_limit("milestone").amount)})


def _ask_ledger(doing: Doing, cleaned: dict[str, Any]) -> None:
    evidence = [
        evidence_receive(upload=upload, actor=doing.actor, at=doing.at)
        for upload in doing.uploads[: EVIDENCE_MAX + 1]  # one too many is refused in words
    ]
    assert doing.order is not None  # noqa: S101 - a step of an order has one
    order_ask_ledger(order=doing.order, evidence=evidence, **cleaned, **doing.common)


def _check_form(request: ServiceRequest, order: WorkOrder | None, data: Any) -> forms.Form:
    return SiteCheckForm(data, initial={"text": mask_personal_data(request.body)[:WORDS_MAX]})


def _milestone_form(request: ServiceRequest, order: WorkOrder | None, data: Any) -> forms.Form:
    return MilestoneForm(data, steps=milestones_open(request))


def _reply(doing: Doing, cleaned: dict[str, Any]) -> Reply:
    stored = [
        image_store(upload=upload, owner_ref="", actor=doing.actor, at=doing.at)
        for upload in doing.uploads[: REPLY_PHOTOS_MAX + 1]  # one too many is refused in words
    ]
    assert doing.order is not None  # noqa: S101 - a step of an order has one
    return order_reply(order=doing.order, text=cleaned["text"], file_ids=[file.pk for file in stored], **doing.common)


def _stage_form(request: ServiceRequest, order: WorkOrder | None, data: Any) -> forms.Form:
    return StageForm(data, stages=stages_open(request))


def _reach_stage(doing: Doing, cleaned: dict[str, Any]) -> None:
    stored = [
        image_store(upload=upload, owner_ref="", actor=doing.actor, at=doing.at)
        for upload in doing.uploads[: REPLY_PHOTOS_MAX + 1]
    ]
    assert doing.order is not None  # noqa: S101 - a step of an order has one
    order_reach_stage(order=doing.order, file_ids=[file.pk for file in stored], **cleaned, **doing.common)


def _not_dispatch(doing: Doing, cleaned: dict[str, Any]) -> None:
    if cleaned["reason"] and not cleaned["text"].strip():
        raise TextWanted(reason_text(cleaned["reason"], doing.request.language))
    request_not_dispatch(request=doing.request, **cleaned, **doing.common)


class TextWanted(DomainError):
    """The words were left empty on purpose: the page comes back with the text of that reason, to be read and sent.

    Programs get it as a refusal whose `text` is what they may send.
    """

    def __init__(self, text: str) -> None:
        super().__init__("text_filled", _("已按这条理由填好，请看一遍、改一改，再按一次"), field="text")
        self.text = text


def reason_text(reason: str, language: str) -> str:
    """What a resident is told for this legal reason, in their language; "" where none is written."""
    row = ReasonText.objects.filter(reason=reason).first()
    if row is None:
        return ""
    return row.text_en if language == "en" else row.text


def _on_request(service: Callable[..., Any]) -> Callable[[Doing, dict[str, Any]], Any]:
    return lambda doing, cleaned: service(request=doing.request, **cleaned, **doing.common)


def _on_order(service: Callable[..., Any]) -> Callable[[Doing, dict[str, Any]], Any]:
    return lambda doing, cleaned: service(order=doing.order, **cleaned, **doing.common)


_ASK = (
    _("已问居民，期限先停着"),
    _("问居民"),
    _("等回答的时候期限停着；到时没有回答，期限自己接着走。"),
)

# In the order in which a page offers them. The first ones have places of their own on it.
ACTIONS: dict[str, Action] = {
    "accept": Action(_accept_form, _on_request(request_accept), _("已受理")),
    "dispatch": Action(_dispatch_form, _on_request(request_dispatch), _("已派出，开始计时")),
    "undo_dispatch": Action(
        _plain(forms.Form),
        _on_request(request_undo_dispatch),
        _("派单已撤回，没有通知任何人。请重新派单"),
        _("撤回派单"),
    ),
    "sign": Action(_plain(forms.Form), _on_order(order_sign), _("已签收，请尽快联系居民")),
    "contact": Action(_plain(ContactRecordForm), _on_order(order_contact), _("已记下这次联系")),
    "reply": Action(_plain(ReplyForm), _reply, _("已答复，居民马上能看到")),
    "reach_stage": Action(
        _stage_form,
        _reach_stage,
        _("已记下，居民看得到"),
        _("办到了，告诉居民"),
        _("写做了什么，可以放照片。居民马上能看到；最后办好了，另外答复。"),
    ),
    "close": Action(_plain(RateForm), _on_request(request_rate), _("回访已记下")),
    "answer_directly": Action(
        _answer_form,
        _on_request(request_answer_directly),
        _("已直接答复，居民马上能看到"),
        _("发给居民，办结"),
        _("一句话能答清楚的，不用派单。居民不满意，可以重新打开。"),
    ),
    "not_dispatch": Action(
        _plain(NotDispatchForm),
        _not_dispatch,
        _("已说明不予派单的理由"),
        _("告诉居民，不派单"),
        _("只有这六种情况可以不派单，都要向居民说明，并告诉该找谁。"),
    ),
    "to_district": Action(
        _plain(DistrictForm),
        _on_request(request_to_district),
        _("已交区级协调，开始计时"),
        _("交区级"),
        _("知道在哪里、不清楚该谁办的，由区级机构牵头协调。"),
    ),
    "name_complained": Action(
        _complained_form,
        _on_request(request_name_complained),
        _("已记下被反映的单位"),
        _("记下"),
        _("它不能牵头；它的人看不到是谁反映的。"),
    ),
    "merge": Action(_plain(MergeForm), _on_request(request_merge), _("已并案"), _("并过去")),
    "approve": Action(_plain(forms.Form), _on_request(reply_approve), _("已通过，居民马上能看到"), _("通过，发给居民")),
    "send_back": Action(_plain(CommentForm), _on_request(reply_send_back), _("已退回重办"), _("退回重办")),
    "whistle": Action(
        _whistle_form,
        _on_request(request_whistle),
        _("已吹哨，等各单位报到"),
        _("吹哨"),
        _("他们要在时限内报到；没有报到的，直接报给区里。办完以后互相评分。"),
    ),
    "answer_supervision": Action(
        _plain(SupervisionAnswerForm), _on_order(supervision_answer), _("已回复督办"), _("回复督办")
    ),
    "urge": Action(
        _plain(UrgeForm), _on_request(request_urge), _("已催办"), _("催办"), _("承办的人马上收到；期限不变。")
    ),
    "supervise": Action(
        _plain(SuperviseForm),
        _on_request(request_supervise),
        _("已列入督办，督办单可以打印"),
        _("督办"),
        _("要承办单位在哪天以前书面回复。到期没有回复，双方都会收到提醒。"),
    ),
    "instruct": Action(_plain(InstructForm), _on_request(request_instruct), _("批示已写进经过"), _("写批示")),
    "reassign": Action(
        _reassign_form,
        _on_request(request_reassign),
        _("已交出去，两边都会收到通知"),
        _("交给他们"),
        _("经办的人不在时用。答应居民的期限不变；交给别的单位的，以后不再退。"),
    ),
    "send_outside": Action(
        _outside_form,
        _on_request(request_send_outside),
        _("链接做好了，请交给对方"),
        _("做链接，发给它"),
        _("对方不用登录：凭链接签收、说明进展、交结果。它牵头的，结果审核后才答复居民；它协办的，结果交给牵头单位。"),
    ),
    "take_back": Action(
        _plain(DecisionForm),
        _on_order(order_take_back),
        _("已收回，请另派"),
        _("收回"),
        _("外单位一直没有办的，收回来另派别的单位。它的链接不能再用。"),
    ),
    "report_in": Action(_plain(ReportInForm), _on_order(order_report_in), _("已报到，吹哨的单位看得到"), _("报到")),
    "rate_called": Action(
        _plain(WhistleRatingForm), _on_order(whistle_rate_called), _("已评分"), _("评分"), _("计入考核，对方看得到。")
    ),
    "rate_call": Action(
        _plain(WhistleRatingForm), _on_order(whistle_rate_call), _("已评分"), _("评分"), _("计入考核，对方看得到。")
    ),
    "co_sign": Action(_plain(forms.Form), _on_order(order_co_sign), _("已签收"), _("签收")),
    "give_result": Action(
        _plain(ResultForm), _on_order(order_give_result), _("协办结果已交给牵头单位"), _("交给牵头单位")
    ),
    "release": Action(
        _plain(DecisionForm),
        _on_order(order_release),
        _("不再等这个单位"),
        _("不再等"),
        _("牵头单位可以不等它就答复居民。"),
    ),
    "request_return": Action(
        _plain(ReturnForm),
        _on_order(order_request_return),
        _("已申请退单，等派单员定夺"),
        _("申请退单"),
        _("只能申请一次。定夺以前，工单和期限仍在您单位。"),
    ),
    "uphold_return": Action(_plain(DecisionForm), _on_order(return_uphold), _("已同意退单，请重新派单"), _("同意退单")),
    "refuse_return": Action(
        _plain(DecisionForm), _on_order(return_refuse), _("已指定由原单位承办"), _("不同意，指定承办")
    ),
    "dispute": Action(_plain(DisputeForm), _on_order(order_dispute), _("异议已提出，等裁定"), _("提出异议")),
    "hand_over": Action(
        _decision_form,
        _on_order(dispute_decide),
        _("已裁定"),
        _("裁定"),
        _("选原单位就是维持；选别的单位，马上改派过去。"),
    ),
    "call_at_limit": Action(
        _plain(RateForm),
        _on_request(request_call_at_limit),
        _("到期回访已记下，算进三率"),
        _("记下回访"),
        _("期限过了还没有答复，也要回访：问居民有没有人联系、解决没有、满意不满意。这件事照旧办下去。"),
    ),
    "ask": Action(_plain(QuestionForm), _on_request(request_ask), *_ASK),
    "ask_resident": Action(_plain(QuestionForm), _on_order(order_ask_resident), *_ASK),
    "ask_check": Action(
        _check_form,
        _on_request(request_ask_check),
        _("已请网格员去看，看过了回到这里"),
        _("请人去看"),
        _("这一片的网格员、社区和督办都看得到，谁方便谁去。期限照走；等的时候也可以直接受理、派单。"),
    ),
    "drop_check": Action(
        _plain(forms.Form), _on_request(request_drop_check), _("不等了，请接着办"), _("不等了"), _("不用人再去看。")
    ),
    "suspend": Action(
        _plain(SuspendForm), _on_request(request_suspend), _("已暂停，到日子自动恢复"), _("暂停，告诉居民")
    ),
    "resume": Action(
        _plain(forms.Form),
        _on_request(request_resume),
        _("已恢复办理，期限接着算"),
        _("恢复办理"),
        _("停着的时间不算，期限顺延。"),
    ),
    "ask_extension": Action(
        _extension_form,
        _on_order(order_ask_extension),
        _("已申请延期，等批准"),
        _("申请延期"),
        _("一件只能申请一次。批准以前，期限不变；到期还没有批，就按原来的期限。"),
    ),
    "approve_extension": Action(
        _plain(forms.Form),
        _on_request(extension_approve),
        _("已同意延期，居民看得到新的日期和理由"),
        _("同意延期"),
    ),
    "refuse_extension": Action(
        _plain(DecisionForm), _on_request(extension_refuse), _("没有同意，期限不变"), _("不同意延期")
    ),
    "ask_ledger": Action(
        _ledger_form,
        _ask_ledger,
        _("已申请挂账，等街道核对、区里审定"),
        _("申请挂账"),
        _("审定以前，期限照走。"),
    ),
    "check_ledger": Action(
        _plain(forms.Form),
        _on_request(ledger_check),
        _("已核对，等区里审定"),
        _("核对过了，报区里审定"),
        _("审定以前，期限照走。"),
    ),
    "ledger": Action(
        _plain(forms.Form), _on_request(ledger_approve), _("已挂账，到日子自动回到办理"), _("同意挂账，告诉居民")
    ),
    "refuse_ledger": Action(_plain(DecisionForm), _on_request(ledger_refuse), _("没有同意，期限不变"), _("不同意挂账")),
    "decline_ledger": Action(
        _plain(DecisionForm), _on_request(ledger_decline), _("没有同意，期限不变"), _("不同意挂账")
    ),
    "reach_milestone": Action(_milestone_form, _on_request(ledger_reach), _("已记下，居民看得到"), _("做到一个节点")),
    "reopen": Action(_plain(CommentForm), _on_request(request_reopen), _("已重新打开，请重新派单"), _("重新打开")),
}
# Steps with a place of their own on the page; the others stand together below.
PLACED = ("accept", "dispatch", "undo_dispatch", "sign", "contact", "reply", "close")
# Answers to what somebody asked for: buttons beside their words.
DECISIONS = (
    "uphold_return",
    "refuse_return",
    "hand_over",
    "check_ledger",
    "ledger",
    "refuse_ledger",
    "decline_ledger",
    "approve_extension",
    "refuse_extension",
    "approve",
    "send_back",
)
# What whoever helps or was called in owes: buttons at the same place, for their own office's order.
OWED = ("report_in", "co_sign", "give_result")
