"""What leaders did: orders under supervision, a ledger, exclusions on their way, and last month's bulletin.

All by the services, now: whoever opens the portal finds it as it would be on a working morning.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from io import BytesIO
from itertools import islice
from typing import Any

from django.utils import timezone

from demo.organisations import DISTRICT_CODE
from demo.photos import photo_bytes
from governance.access import areas
from governance.access.models import User
from governance.access.viewer import Viewer, viewer_for
from governance.errors import DomainError
from governance.files.tables import table_xlsx
from requests_intake.models import BulletinItem, RequestTransition, ServiceRequest, WorkOrder
from requests_intake.permissions import Capability
from requests_intake.services.appraisal import bulletin_freeze, bulletin_publish, month_before, objection_raise
from requests_intake.services.evidence import Evidence, evidence_receive
from requests_intake.services.exclusions import exclusion_ask, exclusion_check, exclusion_decide
from requests_intake.services.interventions import request_instruct, request_supervise, request_urge
from requests_intake.services.ledger import ledger_approve, ledger_check, ledger_reach, order_ask_ledger
from requests_intake.services.returns import order_request_return

DEMANDS = (
    "居民等了很久，请查清为什么没有办，写明哪天能办好。",
    "同一处已经反映过几次，请说明上次怎么办的、这次怎么办。",
    "请先联系居民，再书面回复办到哪一步。",
)
LEDGERED = (
    ("要等整条街的管线改造，单独挖开很快又要重来。", "列入明年上半年的改造，先装临时护栏，每月看一次。"),
    ("地块的权属还没有理清，谁出钱定不下来。", "请区里牵头开一次协调会，定下分摊办法再动工。"),
    ("设备停产，配件要定做。", "已经下单，到货就换；到货以前每天派人巡查。"),
)
EXCLUDED = (
    ("excessive", "要求把整栋楼的门窗都换成新的，超出维修范围，已当面解释过两次。", "pipe-a-before"),
    ("legal", "双方已经起诉到法院，正在审理，这里不能代替判决。", "site-a-before"),
    ("untrue", "三次上门都没有发现反映的情况，有现场照片和物业的证明。", "stairs-a-before"),
)
CALL_TITLES = ["时间", "谁打的", "说了什么"]
CALL = ["10:42", "回访员", "对方说的是楼下的井盖，不是这一件的水管。"]


class Cast:
    """Who may do what where, as viewers of this moment."""

    def __init__(self, people: dict[str, User], at: datetime) -> None:
        self.viewers = [viewer_for(user, at) for user in people.values()]

    def of_area(self, capability: Capability, area_code: str) -> Viewer:
        """Whoever holds a capability closest to a place."""
        holding = [
            (len(code), viewer)
            for viewer in self.viewers
            for code in viewer.areas(capability)
            if area_code.startswith(code)
        ]
        return max(holding, key=lambda pair: pair[0])[1]

    def of_office(self, office_id: int) -> Viewer | None:
        """Whoever handles in an organisation."""
        return next((v for v in self.viewers if office_id in v.organisations(Capability.HANDLE_ORDER)), None)


def load_supervision(people: dict[str, User], at: datetime) -> None:
    """Supervise, urge and instruct; put on the ledger; ask to return and to exclude; freeze and publish last month."""
    cast = Cast(people, at)
    open_ones = ServiceRequest.objects.filter(closed_at=None, state__in=["dispatched", "in_progress"])
    district = cast.of_area(Capability.RUN_APPRAISAL, DISTRICT_CODE)
    for street, _name in areas.children(DISTRICT_CODE):
        late = open_ones.filter(area_code__startswith=street).order_by("next_due_at", "pk")
        for number, request in enumerate(late[:4]):
            leader = cast.of_area(Capability.INTERVENE, request.area_code)
            if number < 2:
                until = timezone.localdate(at) + timedelta(days=2 + number)
                request_supervise(request=request, text=DEMANDS[number], until=until, actor=leader, at=at)
            elif number == 2:
                request_urge(request=request, text="请今天先联系居民，说明进展。", actor=leader, at=at)
            else:
                words = "请举一反三，把附近同样的问题一并查清。"
                request_instruct(request=request, text=words, actor=district, at=at)
    _ledger(cast, at)
    _returns(cast, at)
    _exclusions(cast, at)
    _appraisal(cast, at)


def _orders(state: str, within: datetime | None = None) -> Iterator[WorkOrder]:
    """Current lead orders in a state, with nobody waiting for a decision: those that came last first.

    `within`: the oldest first, but none that is late then.
    """
    found = WorkOrder.objects.filter(
        role="lead", is_current=True, state=state, request__waiting_for="", request__supervised_until=None
    )
    order = ("dispatched_at", "pk") if within else ("-dispatched_at", "-pk")
    if within:
        found = found.filter(request__next_due_at__gt=within)
    return found.select_related("request").order_by(*order).iterator(chunk_size=200)


def _ledger(cast: Cast, at: datetime) -> None:
    """Asked, checked and decided the day after the last step; of two, a milestone has been reached since."""
    orders = ((order, cast.of_office(order.organisation_id)) for order in _orders("in_progress", at))
    for number, (order, handler) in enumerate(islice(((o, h) for o, h in orders if h is not None), 4)):
        text, plan = LEDGERED[number % 3]
        before = RequestTransition.objects.filter(request=order.request).latest("at").at
        morning = timezone.localtime(before).replace(hour=10, minute=4) + timedelta(days=1)
        asked, checked, decided = (min(morning + timedelta(minutes=later), at) for later in (0, 80, 270))
        first = timezone.localdate(asked) + timedelta(days=1)
        milestone = timezone.localdate(at) + timedelta(days=40 + 20 * number)
        steps = [f"{first} 和居民说清楚", f"{milestone - timedelta(days=25)} 定下预算和施工单位"]
        steps.append(f"{milestone - timedelta(days=8)} 进场施工")
        entry = order_ask_ledger(
            order=order,
            text=text,
            plan=plan,
            milestone=milestone,
            steps="\n".join(steps),
            actor=handler,
            at=asked,
        )
        if number < 3:
            leader = cast.of_area(Capability.APPROVE_LEDGER, order.area_code)
            district = cast.of_area(Capability.DECIDE_LEDGER, order.area_code)
            ledger_check(request=order.request, actor=leader, at=checked)
            ledger_approve(request=order.request, actor=district, at=decided)
        if number in (1, 2):
            told = str(entry.steps.earliest("day").pk)
            words = "上门谈过，居民知道要等，同意先装护栏。"
            ledger_reach(request=order.request, step=told, text=words, actor=handler, at=at)


def _returns(cast: Cast, at: datetime) -> None:
    asked = 0
    for order in islice(_orders("dispatched"), 40):
        handler = cast.of_office(order.organisation_id)
        if handler is None or asked == 2:
            continue
        try:
            order_request_return(
                order=order, ground="duty", text="这一段不归我们管，请看管养分界图。", actor=handler, at=at
            )
        except DomainError:  # too late for this one
            continue
        asked += 1


def _exclusions(cast: Cast, at: datetime) -> None:
    ended = ServiceRequest.objects.filter(ended_as="closed", rated_grade__lte=3).order_by("-closed_at", "-pk")
    wanted: Any = ((one, cast.of_office(one.organisation_id)) for one in ended.iterator(chunk_size=200))
    for number, (request, handler) in enumerate(islice((pair for pair in wanted if pair[1] is not None), 3)):
        ground, text, picture = EXCLUDED[number]
        evidence = [_sent("现场照片.jpg", photo_bytes(picture), handler, at)]
        made = exclusion_ask(request=request, ground=ground, text=text, evidence=evidence, actor=handler, at=at)
        if number > 0:
            checker = cast.of_area(Capability.CHECK_EXCLUSION, request.area_code)
            made = exclusion_check(exclusion=made, is_upheld=True, text="材料齐全，情况属实。", actor=checker, at=at)
        if number > 1:
            judge = cast.of_area(Capability.DECIDE_EXCLUSION, DISTRICT_CODE)
            exclusion_decide(exclusion=made, is_granted=True, text="同意。", actor=judge, at=at)


def _sent(name: str, data: bytes, actor: Viewer, at: datetime) -> Evidence:
    upload = BytesIO(data)
    upload.name = name
    return evidence_receive(upload=upload, actor=actor, at=at)


def _appraisal(cast: Cast, at: datetime) -> None:
    judge = cast.of_area(Capability.RUN_APPRAISAL, DISTRICT_CODE)
    last = month_before(at)
    for month in (month_before(at - timedelta(days=31)), last):
        made = bulletin_freeze(month=month, actor=judge, at=at)
        if month != last:
            bulletin_publish(bulletin=made, actor=judge, at=at)
    items = BulletinItem.objects.filter(bulletin=made, solved=False, how="rated").select_related(
        "bulletin", "organisation"
    )
    for item in items.order_by("pk")[:50]:
        handler = cast.of_office(item.organisation_id)
        if handler is not None:
            words = "回访时居民说的是另一件事，这件已经在现场修好，有照片。"
            evidence = [
                _sent("修好以后.jpg", photo_bytes("pipe-a-after"), handler, at),
                _sent("回访通话记录.xlsx", table_xlsx(CALL_TITLES, [CALL]), handler, at),
            ]
            objection_raise(item=item, text=words, evidence=evidence, actor=handler, at=at)
            break
