"""Who hears when the clocks of a request stand still, go on, or move."""

from functools import partial

from django.utils.translation import gettext_lazy as _

from requests_intake.notice_groups import DECISIONS, ORDERS, PROGRESS
from requests_intake.notices import handler_kind, request_kind, requester_kind
from requests_intake.notices_turns import deciders, leads
from requests_intake.permissions import Capability

_extension_kind = partial(request_kind, group=DECISIONS, audiences=partial(deciders, Capability.APPROVE_EXTENSION))
_ledger_kind = partial(request_kind, group=DECISIONS, audiences=partial(deciders, Capability.APPROVE_LEDGER))
_review_kind = partial(request_kind, group=DECISIONS, audiences=partial(deciders, Capability.DECIDE_LEDGER))
_lead_kind = partial(request_kind, group=ORDERS, audiences=leads)

requester_kind(
    "requests_intake.question",
    "requests_intake.question_asked",
    _("问居民"),
    (
        "请您补充：{number}",
        "您好：\n\n您反映的事（{number}）要请您补充一些情况，才好接着办。请打开看看问了什么，直接回答：{link}",
    ),
    (
        "We need to ask you something: {number}",
        "Hello,\n\nTo carry on with your report {number} we need to know a little more. "
        "Please read the question and answer it here: {link}",
    ),
    sms=(
        "您反映的事（{number}）要请您补充，请打开回答：{link}",
        "We have a question about your report {number}. Please answer: {link}",
    ),
)
requester_kind(
    "requests_intake.paused",
    "requests_intake.suspended",
    _("暂停办理"),
    (
        "您反映的事暂停办理：{number}",
        "您好：\n\n您反映的事（{number}）暂停办理。为什么、到哪一天，都写在这里：{link}\n\n到时间会自动接着办。",
    ),
    (
        "Your report {number} is on hold",
        "Hello,\n\nWork on your report {number} is on hold. Why, and until when, is written here: {link}\n\n"
        "It goes on by itself when that day comes.",
    ),
    sms=(
        "您反映的事（{number}）暂停办理，原因和时间：{link}",
        "Your report {number} is on hold. Why, and until when: {link}",
    ),
)
requester_kind(
    "requests_intake.going_on",
    "requests_intake.resumed",
    _("恢复办理"),
    (
        "您反映的事接着办了：{number}",
        "您好：\n\n您反映的事（{number}）恢复办理，最晚 {due_at} 前答复您。看进展：{link}",
    ),
    (
        "Work on your report {number} goes on",
        "Hello,\n\nWork on your report {number} has started again. You will have an answer by {due_at}: {link}",
    ),
    group=PROGRESS,
    sms=(
        "您反映的事（{number}）恢复办理，最晚 {due_at} 前答复：{link}",
        "Work on your report {number} goes on. Answer by {due_at}: {link}",
    ),
)
requester_kind(
    "requests_intake.long_term",
    "requests_intake.ledgered",
    _("长期挂账"),
    (
        "您反映的事列入长期办理：{number}",
        "您好：\n\n您反映的事（{number}）一时解决不了，列入长期办理。原因、打算和哪一天再看，都写在这里：{link}",
    ),
    (
        "Your report {number} will take longer",
        "Hello,\n\nYour report {number} cannot be solved for now, so it stays on our long-term list. "
        "The reason, the plan and the day on which we look again are here: {link}",
    ),
    sms=(
        "您反映的事（{number}）列入长期办理，原因和打算：{link}",
        "Your report {number} will take longer. Why, and our plan: {link}",
    ),
)
requester_kind(
    "requests_intake.extended_for_requester",
    "requests_intake.extended",
    _("延期"),
    (
        "您反映的事延期答复：{number}",
        "您好：\n\n您反映的事（{number}）要多花些时间，改为 {due_at} 前答复您。"
        "为什么延期、谁同意的，都写在这里：{link}",
    ),
    (
        "More time is needed for your report {number}",
        "Hello,\n\nYour report {number} needs more time. You will now have an answer by {due_at}. "
        "Why, and who agreed to it, is written here: {link}",
    ),
    sms=(
        "您反映的事（{number}）改为 {due_at} 前答复，原因：{link}",
        "Your report {number} will now be answered by {due_at}. Why: {link}",
    ),
)
_lead_kind(
    "requests_intake.question_answered",
    "requests_intake.question_answered",
    _("居民回答"),
    ("居民回答了 {number}", "{number} 的居民回答了，期限接着走，{due_at} 前要答复。请看。\n\n{link}"),
    (
        "The resident has answered: {number}",
        "The resident of {number} has answered the question. The clock is running again; the answer is due by {due_at}."
        "\n\n{link}",
    ),
)
_lead_kind(
    "requests_intake.question_lapsed",
    "requests_intake.question_lapsed",
    _("居民没有回答"),
    (
        "居民没有回答 {number}",
        "{number} 等了几天，居民没有回答。期限接着走，{due_at} 前要答复，请按已经知道的办，或打电话问一问。\n\n{link}",
    ),
    (
        "No answer from the resident: {number}",
        "The resident of {number} has not answered in time. The clock is running again and the answer is due by "
        "{due_at}: please go on with what is known, or ring them.\n\n{link}",
    ),
)
_lead_kind(
    "requests_intake.resumed_office",
    "requests_intake.resumed",
    _("恢复办理"),
    ("{number} 恢复办理", "{number} 恢复办理，期限接着走，{due_at} 前要答复居民。\n\n{link}"),
    (
        "Work on {number} goes on",
        "{number} is being worked on again. The resident must have an answer by {due_at}.\n\n{link}",
    ),
)
_lead_kind(
    "requests_intake.suspended_office",
    "requests_intake.suspended",
    _("暂停办理"),
    ("{number} 暂停办理", "派单员暂停了 {number}，期限停着。原因和到哪一天，请看。\n\n{link}"),
    (
        "{number} is on hold",
        "The desk has put {number} on hold; its clocks stand still. See why, and until when.\n\n{link}",
    ),
)
_lead_kind(
    "requests_intake.called_at_limit",
    "requests_intake.called_at_limit",
    _("到期回访"),
    ("{number} 到期没有答复，已回访", "{number} 到期没有答复，回访员问过居民了，结果算进三率。请尽快答复。\n\n{link}"),
    (
        "{number} is overdue: the resident has been asked",
        "{number} was not answered in time, so an agent has called the resident; what they said counts in the rates. "
        "Please answer soon.\n\n{link}",
    ),
)
_extension_kind(
    "requests_intake.extension_asked",
    "requests_intake.extension_asked",
    _("申请延期"),
    ("{number} 申请延期", "{office}申请 {number} 延期答复，请在 {due_at} 前定夺；到期没有定夺，就不延。\n\n{link}"),
    (
        "More time is asked for: {number}",
        "{office} asks for more time for {number}. Please decide before {due_at}; if nobody does, the date stays."
        "\n\n{link}",
    ),
)
_ledger_kind(
    "requests_intake.ledger_asked",
    "requests_intake.ledger_asked",
    _("申请挂账"),
    ("{number} 申请长期挂账", "{office}申请把 {number} 列入长期挂账，请核对。定下以前期限照走。\n\n{link}"),
    (
        "Asked to go on the ledger: {number}",
        "{office} asks to put {number} on the long-term ledger. Please check it; its clocks run on until it is decided."
        "\n\n{link}",
    ),
)
_review_kind(
    "requests_intake.ledger_checked",
    "requests_intake.ledger_checked",
    _("挂账待审定"),
    (
        "{number} 的挂账请审定",
        "街道核对过了：{office}申请把 {number} 列入长期挂账，请审定。定下以前期限照走。\n\n{link}",
    ),
    (
        "For the ledger, checked: {number}",
        "The sub-district has checked it: {office} asks to put {number} on the long-term ledger. Please decide; "
        "its clocks run on until then.\n\n{link}",
    ),
)
handler_kind(
    "requests_intake.extension_granted",
    "requests_intake.extended",
    _("延期有结果"),
    ("{number} 同意延期", "{number} 的延期批了，改为 {due_at} 前答复居民。\n\n{link}"),
    (
        "More time granted: {number}",
        "The extension of {number} is granted. The resident must have an answer by {due_at}.\n\n{link}",
    ),
)
handler_kind(
    "requests_intake.extension_refused",
    "requests_intake.extension_refused",
    _("延期有结果"),
    ("{number} 没有同意延期", "{number} 的延期没有批，仍要在 {due_at} 前答复居民。\n\n{link}"),
    (
        "No more time: {number}",
        "The extension of {number} was not granted. The answer is still due by {due_at}.\n\n{link}",
    ),
)
handler_kind(
    "requests_intake.ledger_granted",
    "requests_intake.ledgered",
    _("挂账有结果"),
    ("{number} 同意挂账", "{number} 已列入长期挂账，期限停着，到计划再看的那天回到办理。\n\n{link}"),
    (
        "On the ledger: {number}",
        "{number} is on the long-term ledger. Its clocks stand still until the day planned.\n\n{link}",
    ),
)
handler_kind(
    "requests_intake.ledger_refused",
    "requests_intake.ledger_refused",
    _("挂账有结果"),
    ("{number} 没有同意挂账", "{number} 的挂账没有批，仍要在 {due_at} 前答复居民。\n\n{link}"),
    (
        "Not on the ledger: {number}",
        "{number} was not put on the ledger. The answer is still due by {due_at}.\n\n{link}",
    ),
)
