"""Looks on site: what the desk wants to see before it files, what was seen; which matter's code leads where."""

import uuid
from datetime import datetime, timedelta
from random import Random

from demo.loading.supervision import Cast
from governance.access.models import User
from governance.access.viewer import SYSTEM, Viewer
from governance.refs import ref_of
from grid.models import Check, CheckResult, CodeItem, Finding, FindingKind
from grid.permissions import Capability as Grid
from grid.services.checks import check_complete
from grid.services.findings import FindingDraft, finding_report
from requests_intake.models import Category, ServiceRequest
from requests_intake.permissions import Capability
from requests_intake.services.findings import finding_file
from requests_intake.services.handling import order_reply, order_sign
from requests_intake.services.matters import category_matter_tie
from requests_intake.services.site_checks import check_receive, request_ask_check
from requests_intake.services.triage import request_dispatch

GRID = 15  # digits of a grid's code
# the standard's matter -> an item of the catalogue
TIES = {"01003": "010303", "01037": "010301", "06010": "010201", "09005": "010101"}
ASKED = (
    "请看是不是真的这样，拍一张照片；现场没有人的话，问一下旁边店里的人。",
    "请看一眼现在还有没有，大概多大一片。",
    "请看是哪一栋、哪一侧，是公共的还是自家的。",
)
SEEN = (
    (CheckResult.FOUND, "去看了，是这样，东边一侧更严重。"),
    (CheckResult.NOT_FOUND, "转了两圈没有看到，问了保安，说昨天清过。"),
)
# text, kind, what the office did; the last is still to be checked
HANDLED = (
    ("路灯不亮，连着三盏", "01037", "换了镇流器，三盏都亮了。"),
    ("雨水井盖缺一角，放了一块木板", "01003", "换了新井盖，和路面齐平。"),
)


def load_checks(people: dict[str, User], at: datetime) -> None:
    """Tie a few codes; send somebody to look at three requests; take two findings as far as the check on site."""
    cast, chance = Cast(people, at), Random("checks")
    items = {item.code: item for item in CodeItem.objects.filter(kind="matter", code__in=TIES)}
    categories = {row.code: row for row in Category.objects.filter(code__in=TIES.values())}
    for code, category in TIES.items():
        category_matter_tie(category=categories[category], item=items[code], actor=SYSTEM, at=at)
    fresh = ServiceRequest.objects.filter(state__in=["submitted", "accepted"], waiting_for="", place_kind="pin")
    for number, request in enumerate(fresh.order_by("-submitted_at", "-pk")[:3]):
        desk = cast.of_area(Capability.DISPATCH_REQUEST, request.area_code)
        asked = at - timedelta(hours=chance.randint(2, 5))
        check = request_ask_check(request=request, text=ASKED[number], actor=desk, at=max(asked, request.submitted_at))
        if number < len(SEEN):
            result, words = SEEN[number]
            _look(check, cast.of_area(Grid.CHECK_ON_SITE, request.area_code), result, words, at)
    for number, (text, code, done) in enumerate(HANDLED):
        _handled(cast, text, items[code], done, at, is_checked=number == 0)


def _look(check: Check, who: Viewer, result: CheckResult, words: str, at: datetime) -> None:
    check_complete(check=check, result=result, words=words, file_ids=[], actor=who, at=at)
    check_receive(check_id=check.pk, at=at)


def _handled(cast: Cast, text: str, item: CodeItem, done: str, at: datetime, *, is_checked: bool) -> None:
    """Found, filed, sent out, done; closed by a look on site, or waiting for one."""
    walks = ((v, area) for v in cast.viewers for area in v.areas(Grid.REPORT_FINDING))
    worker, code = next((viewer, area) for viewer, area in walks if len(area) == GRID)
    draft = FindingDraft(kind=FindingKind.MATTER, text=text, place="小区东门外", area_code=code, matter=item)
    began = at - timedelta(hours=30)
    finding: Finding = finding_report(uuid=uuid.uuid4(), draft=draft, actor=worker, at=began)
    request = finding_file(finding=finding, at=began)
    desk = cast.of_area(Capability.DISPATCH_REQUEST, code)
    office = request.probable_organisation
    handler = cast.of_office(office.pk) if office is not None else None
    if office is None or handler is None:
        return
    order = request_dispatch(request=request, organisation=office, actor=desk, at=began + timedelta(hours=1))
    order = order_sign(order=order, actor=handler, at=began + timedelta(hours=2))
    order_reply(order=order, text=done, file_ids=[], actor=handler, at=began + timedelta(hours=20))
    if is_checked:
        check = Check.objects.open().get(subject_ref=ref_of(request))
        independent = next(
            v for v in cast.viewers if not check.keeps_away(v) and v.holds(Grid.CHECK_ON_SITE, check.access_scope())
        )
        _look(check, independent, CheckResult.SETTLED, "看过了，已经好了。", at)
