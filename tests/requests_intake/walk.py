"""Brings a request of the test town into any state, through the services."""

from datetime import date, timedelta

from governance.access.viewer import requester
from governance.refs import ref_of
from requests_intake.models import PolicyStage, ServiceRequest, WorkOrder
from requests_intake.services.callback import request_rate
from requests_intake.services.clocks import stages_of
from requests_intake.services.closing import request_archive, request_merge, request_withdraw
from requests_intake.services.extension import extension_approve, extension_refuse, order_ask_extension
from requests_intake.services.handling import order_contact, order_reply, order_sign
from requests_intake.services.helping import order_co_sign, order_give_result
from requests_intake.services.interventions import request_supervise
from requests_intake.services.ledger import ledger_approve, ledger_check, order_ask_ledger
from requests_intake.services.resting import order_ask_resident, request_suspend
from requests_intake.services.returns import order_dispute, order_request_return, return_refuse, return_uphold
from requests_intake.services.site_checks import request_ask_check
from requests_intake.services.triage import (
    request_accept,
    request_answer_directly,
    request_dispatch,
    request_not_dispatch,
)
from requests_intake.services.whistling import order_report_in, request_whistle
from tests.factories.world import MORNING, World

# Turns beside the straight way, each with the state it begins in.
TURNS = (
    "fresh",
    "returning",
    "designated",
    "returned",
    "disputed",
    "helped",
    "help_signed",
    "help_done",
    "whistled",
    "reported_in",
    "whistle_done",
    "review",
    "answered",
    "not_dispatched",
    "withdrawn",
    "merged",
    "archived",
    "late",
    "asked",
    "suspended",
    "ledger_asked",
    "ledger_checked",
    "ledgered",
    "extension_asked",
    "extended",
    "unextended",
    "staged",
    "supervised",
    "looked_for",
)


def to_turn(world: World, turn: str, at=MORNING, **changes) -> ServiceRequest:
    """Return a request in which this turn was taken, an hour after it was filed."""
    later = at + timedelta(hours=1)
    act = world.viewer
    own = None
    if turn in ("answered", "not_dispatched", "withdrawn", "merged"):
        request = to_state(world, "submitted" if turn == "withdrawn" else "accepted", at, **changes)
        own = requester(ref_of(request))
    elif turn == "looked_for":  # somebody goes and looks before it is sent out
        request = to_state(world, "accepted", at, **changes)
        request_ask_check(request=request, text="看灯亮不亮", actor=act("dispatcher"), at=later)
    elif turn == "fresh":  # sent out four hours after it was filed, six seconds ago
        request = to_state(world, "accepted", at, **changes)
        moment = at + timedelta(hours=4) - timedelta(seconds=6)
        request_dispatch(request=request, organisation=world.organisations["lamps"], actor=act("dispatcher"), at=moment)
    elif turn == "staged":
        staged(world)
        request = to_state(world, "signed", at, **changes)
    elif turn == "late":
        request = to_state(world, "contacted", at - timedelta(days=9), **changes)
    elif turn == "archived":
        request = to_state(world, "closed", at, **changes)
    elif turn == "review":
        world.categories["lamp"].needs_review = True
        world.categories["lamp"].save()
        request = to_state(world, "callback", at, **changes)
    elif turn in ("helped", "help_signed", "help_done"):
        request = to_state(world, "accepted", at, **changes)
        lead = request_dispatch(
            request=request,
            organisation=world.organisations["lamps"],
            helpers=[world.organisations["parks"]],
            actor=act("dispatcher"),
            at=later,
        )
        order_sign(order=lead, actor=act("handler"), at=later)
        order_contact(order=lead, how="phone", reached=True, note="", actor=act("handler"), at=later)
    elif turn in ("whistled", "reported_in", "whistle_done"):
        request = to_state(world, "contacted", at, **changes)
        whistle(world, request, later)
    else:
        request = to_state(world, "signed", at, **changes)
    order = WorkOrder.objects.filter(request=request, role="lead").first()
    helper = WorkOrder.objects.filter(request=request, role="co").first()
    if turn in ("returning", "designated", "returned"):
        order_request_return(order=order, ground="duty", text="不是我们的灯", actor=act("handler"), at=later)
    if turn == "designated":
        return_refuse(order=order, text="就是你们的", actor=act("dispatcher"), at=later)
    elif turn == "returned":
        return_uphold(order=order, text="有道理", actor=act("dispatcher"), at=later)
    elif turn == "disputed":
        order_dispute(order=order, basis="条例第十二条，应由园林所承办", actor=act("handler"), at=later)
    elif turn in ("help_signed", "help_done"):
        order_co_sign(order=helper, actor=act("other_handler"), at=later)
        if turn == "help_done":
            order_give_result(order=helper, text="树枝剪好了", actor=act("other_handler"), at=later)
    elif turn in ("reported_in", "whistle_done"):
        called = WorkOrder.objects.get(request=request, role="whistle")
        order_report_in(order=called, commitment="下午来剪树枝", actor=act("other_handler"), at=later)
        if turn == "whistle_done":
            order_give_result(order=called, text="树枝剪好了", actor=act("other_handler"), at=later)
    elif turn == "asked":
        order_ask_resident(order=order, text="是哪一盏灯？", actor=act("handler"), at=later)
    elif turn == "suspended":
        request_suspend(request=request, text="等新灯到货", until=date(2026, 11, 24), actor=act("dispatcher"), at=later)
    elif turn in ("ledger_asked", "ledger_checked", "ledgered"):
        order_ask_ledger(
            order=order,
            text="要等整条路改造",
            plan="明年春天改造时一起换",
            milestone=date(2027, 2, 15),
            steps="2026-12-20 采购灯杆\n2027-01-30 开工",
            actor=act("handler"),
            at=later,
        )
        if turn != "ledger_asked":
            ledger_check(request=request, actor=act("supervisor"), at=later)
        if turn == "ledgered":
            ledger_approve(request=request, actor=act("district"), at=later)
    elif turn in ("extension_asked", "extended", "unextended"):
        order_ask_extension(order=order, amount=5, text="灯杆要从外地运来", actor=act("handler"), at=later)
        if turn == "extended":
            extension_approve(request=request, actor=act("supervisor"), at=later)
        elif turn == "unextended":
            extension_refuse(request=request, text="能按时办", actor=act("supervisor"), at=later)
    elif turn == "supervised":
        request_supervise(
            request=request, text="居民等了很久", until=date(2026, 11, 19), actor=act("supervisor"), at=later
        )
    elif turn == "answered":
        request_answer_directly(request=request, text="带身份证来窗口就行。", actor=act("dispatcher"), at=later)
    elif turn == "not_dispatched":
        request_not_dispatch(request=request, reason="legal", text="请找法院。", actor=act("dispatcher"), at=later)
    elif turn == "withdrawn":
        request_withdraw(request=request, comment="自己弄好了", actor=own, at=later)
    elif turn == "merged":
        target = to_state(world, "accepted", at)
        request_merge(request=request, target=target, actor=act("dispatcher"), at=later)
    elif turn == "archived":
        request_archive(request_id=request.pk, at=at + timedelta(days=100))
    return ServiceRequest.objects.get(pk=request.pk)


def staged(world: World, *stages: tuple[str, str, int, str], policy: str = "general") -> None:
    """Give a policy of the town stages before the answer: on the spot, a stop-gap; or others."""
    wanted = stages or (("到现场", "On the spot", 2, "natural_hour"), ("临时措施", "Stop-gap", 1, "working_day"))
    PolicyStage.objects.bulk_create(
        PolicyStage(policy=world.policies[policy], position=position, name=name, name_en=en, amount=amount, unit=unit)
        for position, (name, en, amount, unit) in enumerate(wanted, 1)
    )
    stages_of.cache_clear()


def whistle(world: World, request: ServiceRequest, at, by: str = "dispatcher", called=("parks",)):
    """Call organisations in, to be on the spot an hour later."""
    return request_whistle(
        request=request,
        organisations=[world.organisations[key] for key in called],
        issue="树枝遮灯，一起去看",
        due_at=at + timedelta(days=1),
        is_on_site=True,
        meeting_at=at + timedelta(hours=1),
        place="7 号楼北侧",
        actor=world.viewer(by, at),
        at=at,
    )


STATES = ("submitted", "accepted", "dispatched", "signed", "contacted", "callback", "rework", "closed")


def to_state(world: World, state: str, at=MORNING, organisation: str = "lamps", **changes) -> ServiceRequest:
    """Return a request in the state; each step takes ten minutes."""
    request = world.submit(at, **changes).request
    steps = STATES.index(state) if state not in ("rework", "closed") else STATES.index("callback")
    moments = [at + timedelta(minutes=10 * number) for number in range(1, 8)]
    if steps >= 1:
        request_accept(request=request, category=None, actor=world.viewer("dispatcher"), at=moments[0])
    if steps >= 2:
        request_dispatch(
            request=request,
            organisation=world.organisations[organisation],
            actor=world.viewer("dispatcher"),
            at=moments[1],
        )
    order = WorkOrder.objects.filter(request=request).first()
    if steps >= 3:
        order_sign(order=order, actor=world.viewer("handler"), at=moments[2])
    if steps >= 4:
        order_contact(order=order, how="phone", reached=True, note="", actor=world.viewer("handler"), at=moments[3])
    if steps >= 5:
        order_reply(order=order, text="两盏灯都修好了。", file_ids=[], actor=world.viewer("handler"), at=moments[4])
    if state in ("rework", "closed"):
        request_rate(
            request=request,
            contacted=True,
            solved="no" if state == "rework" else "yes",
            grade=1 if state == "rework" else 5,
            comment="灯还是不亮" if state == "rework" else "",
            actor=requester(ref_of(request)),
            at=moments[5],
        )
    return ServiceRequest.objects.get(pk=request.pk)
