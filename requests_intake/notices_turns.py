"""Who hears of the turns that a request takes: answered at once, refused, returned, disputed, merged, withdrawn."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from django.utils.translation import gettext_lazy as _

from governance.access.models import Grant
from governance.notifications.registry import Recipient, user_recipient
from requests_intake.models import ServiceRequest
from requests_intake.notice_groups import DECISIONS, ORDERS, PROGRESS
from requests_intake.notices import (
    handler_kind,
    handlers_of,
    request_kind,
    requester_kind,
    requests_of,
)
from requests_intake.permissions import Capability


def deciders(capability: Capability, events: Sequence[Any]) -> list[list[Recipient]]:
    """Whoever may decide it closest to the place: all holders of the longest area that covers it. 1 SQL a batch."""
    codename = capability.partition(".")[2]
    holders: dict[str, list[int]] = {}
    rows = (
        Grant.objects.live(max(event.at for event in events))
        .people()
        .filter(organisation__isnull=True, role__group__permissions__codename=codename)
        .order_by("user_id")
        .values_list("area_code", "user_id")
    )
    for area_code, user_id in rows:
        holders.setdefault(area_code, []).append(user_id)
    return [[user_recipient(pk) for pk in _closest(holders, event.area_code)] for event in events]


def _closest(holders: dict[str, list[int]], area_code: str) -> list[int]:
    covering = (area_code[:end] for end in range(len(area_code), 5, -1))
    return next((holders[code] for code in covering if code in holders), [])


def leads(events: Sequence[Any]) -> list[list[Recipient]]:
    """Whoever handles in the organisation that leads the request now; before there is one, the desk."""
    found = requests_of(events)
    offices = [_office(found.get(event.subject_ref)) for event in events]
    led = handlers_of([office for office in offices if office is not None], max(event.at for event in events))
    desk = deciders(Capability.DISPATCH_REQUEST, events)
    return [led[office] if office is not None else waiting for office, waiting in zip(offices, desk, strict=True)]


def _office(request: ServiceRequest | None) -> int | None:
    return request.organisation_id if request is not None else None


_desk_kind = partial(request_kind, group=DECISIONS, audiences=partial(deciders, Capability.DISPATCH_REQUEST))
_reviewer_kind = partial(request_kind, group=DECISIONS, audiences=partial(deciders, Capability.REVIEW_REPLY))
_judge_kind = partial(request_kind, group=DECISIONS, audiences=partial(deciders, Capability.DECIDE_DISPUTE))
_lead_kind = partial(request_kind, group=ORDERS, audiences=leads)

requester_kind(
    "requests_intake.answered_at_once",
    "requests_intake.answered_directly",
    _("直接答复"),
    (
        "已答复您：{number}",
        "您好：\n\n您反映的事（{number}）已经答复，请看：{link}\n\n没有说清楚的话，可以在那一页重新打开。",
    ),
    (
        "We have answered: {number}",
        "Hello,\n\nYour report {number} has been answered: {link}\n\n"
        "If that does not settle it, you can reopen it there.",
    ),
    sms=("您反映的事（{number}）已经答复：{link}", "Your report {number} has been answered: {link}"),
)
requester_kind(
    "requests_intake.refused",
    "requests_intake.refused",
    _("不予派单"),
    (
        "您反映的事我们不能派单：{number}",
        "您好：\n\n您反映的事（{number}）我们不能派单办理，原因和该找谁都写在这里：{link}\n\n不同意的话，可以在那一页重新打开。",
    ),
    (
        "We cannot send out your report {number}",
        "Hello,\n\nWe cannot send your report {number} to an office. The reason, and whom to turn to, are here: {link}"
        "\n\nIf you disagree, you can reopen it there.",
    ),
    sms=(
        "您反映的事（{number}）不能派单，原因和该找谁：{link}",
        "Your report {number} cannot be sent out. Why, and whom to ask: {link}",
    ),
)
requester_kind(
    "requests_intake.joined_another",
    "requests_intake.merged",
    _("并案"),
    (
        "您反映的事和另一件一起办：{number}",
        "您好：\n\n您反映的事（{number}）和另一位居民反映的是同一件，并在一起办。进展还在您原来的链接看：{link}",
    ),
    (
        "Your report {number} is handled together with another",
        "Hello,\n\nAnother resident reported the same matter, so your report {number} is handled together with theirs. "
        "Follow it at the same link as before: {link}",
    ),
    group=PROGRESS,
    sms=(
        "您反映的事（{number}）和另一件并在一起办，进展看：{link}",
        "Your report {number} is handled with another: {link}",
    ),
)

handler_kind(
    "requests_intake.help_wanted",
    "requests_intake.help_called",
    _("协办工单"),
    ("请协办 {number}", "{number} 要您单位协办。请先签收，把结果交给牵头单位。\n\n{link}"),
    (
        "Your help is needed with {number}",
        "Your office is asked to help with {number}. Please sign for it first, then give the lead your result."
        "\n\n{link}",
    ),
    can_be_withdrawn=True,
)
handler_kind(
    "requests_intake.called_in",
    "requests_intake.whistle_blown",
    _("吹哨，请报到"),
    (
        "请报到：{number}",
        "{number} 需要您单位到场，请先报到，写明负责做什么，再按时交结果。没有按时报到的，会报给区里。\n\n{link}",
    ),
    (
        "You are called in: {number}",
        "Your office is called in for {number}. Please report in, say what you will do, and give your result on time. "
        "The district is told of offices that do not report in.\n\n{link}",
    ),
)
_lead_kind(
    "requests_intake.reported_in",
    "requests_intake.reported_in",
    _("已报到"),
    ("{number} 有单位报到了", "您为 {number} 叫来的单位报到了，请看它负责做什么。\n\n{link}"),
    (
        "An office has reported in for {number}",
        "An office that was called in for {number} has reported in. See what it will do.\n\n{link}",
    ),
)
handler_kind(
    "requests_intake.reply_sent_back",
    "requests_intake.sent_back",
    _("答复退回"),
    ("{number} 的答复要重写", "{number} 的答复没有通过审核，请按意见重办、重新答复。\n\n{link}"),
    (
        "Your reply to {number} needs more work",
        "The reply to {number} did not pass review. Please see the comments, do what is missing "
        "and reply again.\n\n{link}",
    ),
)
handler_kind(
    "requests_intake.return_decided",
    "requests_intake.return_decided",
    _("退单有结果"),
    ("{number} 的退单有结果了", "您单位申请退回的 {number} 已经定夺，请看结果。\n\n{link}"),
    (
        "Decided: the return of {number}",
        "Your office asked to return {number}. It has been decided: please see.\n\n{link}",
    ),
)
handler_kind(
    "requests_intake.dispute_decided",
    "requests_intake.dispute_decided",
    _("异议有裁定"),
    ("{number} 的派单异议裁定了", "您单位对 {number} 提出的派单异议已经裁定，请看结果。\n\n{link}"),
    ("Decided: the dispute about {number}", "The dispute that your office raised about {number} is decided.\n\n{link}"),
)
_desk_kind(
    "requests_intake.return_asked",
    "requests_intake.return_asked",
    _("申请退单"),
    ("有单位申请退回 {number}", "{office}申请退回 {number}，请定夺。到期没有定夺，就由原单位承办。\n\n{link}"),
    (
        "An office wants to return {number}",
        "{office} asks to return {number}. Please decide; if nobody does in time, it stays where it is.\n\n{link}",
    ),
)
_desk_kind(
    "requests_intake.reopened_desk",
    "requests_intake.reopened",
    _("重新打开"),
    ("居民重新打开了 {number}", "{number} 重新打开，请看原因，重新派单。新的期限是 {due_at}。\n\n{link}"),
    (
        "{number} has been reopened",
        "{number} is open again. Please read why and dispatch it anew; the new deadline is {due_at}.\n\n{link}",
    ),
)
_judge_kind(
    "requests_intake.dispute_raised",
    "requests_intake.dispute_raised",
    _("派单异议"),
    ("{number} 有派单异议", "{office}对 {number} 的派单有异议，请裁定。\n\n{link}"),
    ("Dispute about {number}", "{office} objects to being sent {number}. Please decide who handles it.\n\n{link}"),
)
_reviewer_kind(
    "requests_intake.handed_in",
    "requests_intake.handed_in",
    _("答复送审"),
    ("{number} 的答复等审核", "{office}写好了 {number} 的答复，审核通过居民才看到。\n\n{link}"),
    (
        "A reply to {number} awaits review",
        "{office} has written a reply to {number}. The resident gets it once you pass it.\n\n{link}",
    ),
)
_lead_kind(
    "requests_intake.result_given",
    "requests_intake.result_given",
    _("协办结果"),
    ("{number} 的协办结果到了", "{number} 有协办单位交了结果，请看。\n\n{link}"),
    ("A result for {number} has come in", "A helping office has handed in its result for {number}.\n\n{link}"),
)
_lead_kind(
    "requests_intake.supplemented",
    "requests_intake.supplemented",
    _("居民补充"),
    ("居民补充了 {number}", "{number} 的居民补充了情况，请看。\n\n{link}"),
    ("The resident added to {number}", "The resident has added something to {number}. Please read it.\n\n{link}"),
)
requester_kind(
    "requests_intake.recording_failed",
    "requests_intake.recording_failed",
    _("视频或录音没有存成"),
    (
        "您的视频或录音没有存成：{number}",
        "您好：\n\n您反映的事（{number}）我们收到了，但随它来的视频或录音没有存成，办的人看不到。\n\n"
        "原因写在这一页，也可以在那里再放一段：{link}",
    ),
    (
        "Your video or voice note was not saved: {number}",
        "Hello,\n\nWe have your report {number}, but the video or voice note that came with it was not saved, so "
        "nobody can open it.\n\nThis page says why, and you can add another one there: {link}",
    ),
    group=PROGRESS,
    sms=(
        "您反映的事（{number}）收到了，但视频或录音没有存成，可以再放一段：{link}",
        "Report {number}: your video or voice note was not saved. You can add another: {link}",
    ),
)
_lead_kind(
    "requests_intake.recording_missing",
    "requests_intake.recording_failed",
    _("居民的视频或录音没有存成"),
    (
        "{number} 的视频或录音没有存成",
        "{number} 的居民放了一段视频或录音，没有存成，已经请居民再放一段。要紧的话，请打电话问。\n\n{link}",
    ),
    (
        "A video or voice note of {number} was not saved",
        "The resident sent a video or voice note with {number}, which was not saved; they have been asked for another. "
        "If it matters, please call them.\n\n{link}",
    ),
)
_lead_kind(
    "requests_intake.reminded",
    "requests_intake.reminded",
    _("居民催办"),
    ("居民在催 {number}", "{number} 的居民在等，{due_at} 前要答复。请先联系居民，说明进展。\n\n{link}"),
    (
        "The resident is waiting: {number}",
        "The resident of {number} asks how it is going; the answer is due by {due_at}. Please speak with them first."
        "\n\n{link}",
    ),
)
_lead_kind(
    "requests_intake.withdrawn",
    "requests_intake.withdrawn",
    _("居民撤回"),
    ("居民撤回了 {number}", "{number} 的居民撤回了诉求，不用再办。\n\n{link}"),
    ("{number} was withdrawn", "The resident has withdrawn {number}; nothing more needs to be done.\n\n{link}"),
)
