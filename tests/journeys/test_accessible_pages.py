"""Every page of the walk, holding real rows: no violation of WCAG 2.2 AA, no sideways scrolling, targets for fingers.

Each page is loaded once and read whole by axe once: at the desk, residents' pages at the width of a telephone. In the
other sizes (residents' pages at the desk, all with large type and high contrast on a telephone) it reads what depends
on size and colour; the first page of each test is read whole everywhere. Residents' pages also at 320 px, with targets
of 44 px. The watch of `make_page` fails a page that asks another host for anything.
"""

import json
import re
from datetime import date
from decimal import Decimal
from io import BytesIO
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from governance.access.models import User
from governance.access.services.importing import import_hand_in
from governance.access.services.reviewing import review_open
from governance.access.viewer import Viewer
from governance.audit.models import Finding, WatchRule
from governance.jobs.services import job_run
from governance.knowledge.selectors import articles_forget
from governance.knowledge.services import article_create, article_publish
from governance.notifications.services.blocking import block_add
from governance.outbox.models import Delivery, DomainEvent
from governance.privacy.models import AccessLog
from governance.protection.person_requests.services import (
    person_request_decide,
    person_request_file,
    person_request_take,
)
from governance.protection.services import breach_open
from grid.models import DutyItem, Post
from grid.services.component_imports import component_import_map, component_import_take
from grid.services.findings import FindingDraft, finding_report
from grid.services.patrols import point_add, point_seen, route_make
from grid.services.tasks import TaskDraft, task_ask
from grid.services.tasks_doing import assignment_answer
from grid.services.territory_imports import territory_import_map, territory_import_take
from requests_intake.models import Category, DispatchRule, RiskAlert, ServiceRequest
from requests_intake.questions import raw_of
from requests_intake.selectors.appointments import days_to_book
from requests_intake.services.alerts import alert_acknowledge, alerts_raise
from requests_intake.services.appointments import appointment_book
from requests_intake.services.outside import link_revoke, link_sign, request_send_outside
from requests_intake.services.site_checks import request_ask_check
from requests_intake.services.windows import WindowDraft, window_create
from tests.factories.world import DISTRICT, EAST, EAST_GRID, MORNING, STREET
from tests.journeys.steps import NEXT, asking, begin, is_wider_than_screen, say, sign_up_in_browser, small_targets
from tests.requests_intake.test_questions import WHAT
from tests.requests_intake.upstream_files import order, received, source_of, xlsx
from tests.requests_intake.walk import to_state

PHONE, DESK = {"width": 360, "height": 740}, {"width": 1280, "height": 800}
NARROWEST = {"width": 320, "height": 640}


def show(page, viewport, **attributes):
    page.set_viewport_size(viewport)
    page.evaluate(
        "wanted => { const set = document.documentElement.dataset;"
        " delete set.size; delete set.contrast; Object.assign(set, wanted); }",
        attributes,
    )


@pytest.fixture
def look_at(axe):
    """`look_at(page, name)` notes what is wrong with a page; all of it is told when the test ends."""
    faults, seen = [], []

    def fits(page, name):
        if is_wider_than_screen(page):
            faults.append(f"{name}: scrolls sideways")

    def check(page, name, *, looks=False):
        fits(page, name)
        faults.extend(f"{name}: {violation}" for violation in axe(page, looks=looks))

    def look(page, name, *, fingers=False):
        # large type with high contrast is one set of colours and sizes: axe reads it where it is hardest to lay out
        show(page, DESK, size="large", contrast="high")
        fits(page, f"{name} at 1280, large, high contrast")
        show(page, DESK)
        check(page, f"{name} at 1280", looks=bool(seen) and fingers)
        show(page, PHONE, size="large", contrast="high")
        # what only a telephone shows is the frame, the same on every page of a colleague: read whole once
        check(page, f"{name} at 360, large, high contrast", looks=bool(seen))
        seen.append(name)
        show(page, PHONE)
        if fingers:
            check(page, f"{name} at 360")
            faults.extend(f"{name}: too small for a finger: {target}" for target in small_targets(page))
            show(page, NARROWEST)
            if is_wider_than_screen(page):
                faults.append(f"{name}: scrolls sideways at 320")
            show(page, PHONE)
        else:  # axe has read the standard set of a colleague's page at the desk
            fits(page, f"{name} at 360")

    yield look
    assert not faults, "\n".join(faults)


def test_pages_for_everybody(world, make_page, look_at):
    page = make_page(width=360)
    pages = [
        "/",
        "/report/",
        "/track/",
        "/privacy/",
        "/accessibility/",
        "/open/",
        "/no-such-page/",
        "/staff/sign-in/?ended=kept",
    ]
    for path in [*pages, *ENTRANCES]:
        page.goto(path)
        look_at(page, path, fingers=True)


ENTRANCES = ["/account/sign-in/", "/account/sign-in/password/", "/account/sign-up/"]
MINE = ["/", "/my/", "/my/drafts/"]
ACCOUNT = [
    "/account/",
    "/account/notices/",
    "/account/devices/",
    "/account/two-step/",
    "/account/phone/",
    "/account/email/",
    "/account/data/new/",
    "/account/data/ASKED/",
]


def reception(world):
    return WindowDraft(
        organisation=world.organisations["east"],
        name="接待室",
        services="开居住证明，帮着填表",
        address="槐安里 3 号楼",
        phones=["8812 0316", "8812 0317"],
        access="没有台阶",
        hours=dict.fromkeys(range(7), ((510, 720), (810, 1050))),
        open_on_holidays=True,
        slot_minutes=30,
    )


def test_the_knowledge_base(world, make_page, page_of, look_at):
    """What residents read, the page before a question is asked, and what editors write; the windows to go to."""
    editor = world.viewer("operations")
    article = article_create(
        title="居住证怎么续签",
        body="带身份证和租房合同。\n\n十五个工作日出证。",
        keywords=["居住证"],
        organisation=world.organisations["street"],
        review_date=None,
        reason="问的人多",
        actor=editor,
        at=MORNING,
    )
    article_publish(article=article, actor=editor, at=MORNING)
    articles_forget()
    page = make_page(width=360)
    for path in ("/help/", reverse("knowledge:article", args=[article.public_id])):
        page.goto(path)
        look_at(page, path, fingers=True)
    begin(page, "enquiry")
    say(page, "居住证到期了怎么续签？")
    page.wait_for_url("**/answers/")
    page.click("summary")
    look_at(page, "answers before asking", fingers=True)
    window = window_create(draft=reception(world), actor=editor, at=MORNING)
    made = appointment_book(
        window=window,
        starts_at=days_to_book(window, at=timezone.now())[0].slots[0].start,
        subject="",
        name="周梅",
        phone="13912342046",
        email="",
        language="zh-hans",
        submission_key=uuid4(),
        at=timezone.now(),
    )
    booking = (reverse("intake:book", args=[window.public_id]), reverse("intake:appointment", args=[made.token]))
    post = {"area_code": EAST_GRID, "starts_at": MORNING, "created_at": MORNING, "changed_at": MORNING, "reason": "x"}
    Post.objects.create(kind="captain", user=world.people["grid_worker"], is_public=True, public_phone="8812", **post)
    grids = ("/my-grid/?q=x", f"/my-grid/{EAST_GRID}/")
    for path in ("/windows/", reverse("intake:window", args=[window.public_id]), *booking, *grids):
        page.goto(path)
        look_at(page, path, fingers=True)
    desk = page_of("operations")
    counter = page_of("head")
    counter.goto(f"/staff/appointments/?day={timezone.localdate(made.starts_at)}")
    look_at(counter, "the day's appointments")
    walk = a_walk(world)
    for path in ("/staff/posts/", f"/staff/posts/at/{EAST_GRID}/", "/patrol/", f"/patrol/new/?at=point:{walk}"):
        counter.goto(path)
        look_at(counter, path)
    windows = ("/staff/admin/windows/", reverse("intake:window-edit", args=[window.public_id]))
    for path in ("/staff/articles/", reverse("knowledge:edit", args=[article.public_id]), *windows):
        desk.goto(path)
        look_at(desk, path)
    articles_forget()


def test_the_account(world, make_page, look_at, settings):
    """From signing up by telephone, with the code read where a demo shows it, to the pages of the account."""
    page = sign_up_in_browser(make_page(width=360), settings)
    look_at(page, "after signing up", fingers=True)
    mine = ServiceRequest.objects.filter(
        pk__in=[to_state(world, state).pk for state in ("submitted", "callback", "closed")]
    )
    mine.update(account=User.objects.get(kind="resident"))
    asked = request_to_read(world, User.objects.get(kind="resident"))
    begin(page)
    for path in [
        *MINE,
        *(path.replace("ASKED", asked) for path in ACCOUNT),
        reverse("intake:track", args=[mine.get(state="closed").track_token]),
    ]:
        page.goto(path)
        look_at(page, path, fingers=True)
    page.goto("/account/leave/")
    look_at(page, "before something that matters", fingers=True)


def test_reporting(world, make_page, look_at):
    page = make_page(width=360)

    def arrive(step):
        page.wait_for_url(f"**/{step}/")
        look_at(page, step, fingers=True)

    begin(page)
    arrive("where")
    page.fill("[name=address]", "没有人知道的地方")
    page.wait_for_selector("#address-matches .lr-hint")
    page.click("button[name=skip]")
    page.wait_for_url("**/what/")
    page.click(NEXT)
    page.wait_for_selector(".lr-errors")
    look_at(page, "what, with an error", fingers=True)
    say(page, "路灯不亮，已经三天了。")
    arrive("category")
    page.check("input[name=category] >> nth=0")
    page.click(NEXT)
    arrive("photos")
    page.click(NEXT)
    page.wait_for_url("**/contact/")
    page.check("[name=may_be_public][value=yes]")
    arrive("contact")
    page.click(NEXT)
    arrive("preview")
    page.click(NEXT)
    arrive("receipt")


def test_tracking(world, make_page, look_at):
    page = make_page(width=360)
    for state in ("submitted", "callback", "rework", "closed"):
        page.goto(reverse("intake:track", args=[to_state(world, state).track_token]))
        look_at(page, f"tracking a request that is {state}", fingers=True)


# Who looks at which pages, and at one request in which states.
STAFF = {
    "dispatcher": (
        [
            "/staff/requests/?view=triage",
            "/staff/requests/?view=all&q=路灯+状态:已提交+时间:3",
            "/staff/worklists/",
            "/staff/worklists/new/?q=路灯&page=requests&view=open",
            "/staff/requests/bulk/?action=dispatch&all=1&view=open",
            "/staff/requests/bulk/runs/",
            "/staff/macros/",
            "/staff/macros/new/",
            "/staff/inbox/",
            "/staff/components/",
        ],
        ["submitted", "accepted"],
    ),
    "handler": (
        [
            "/staff/orders/",
            "/staff/inbox/",
            "/staff/inbox/choices/",
            "/staff/stand-ins/",
            "/staff/templates/",
            "/staff/templates/new/",
        ],
        ["dispatched", "contacted", "rework"],
    ),
    "agent": (["/staff/requests/?view=callback"], ["callback"]),
    "supervisor": (
        [
            "/staff/registry/imports/",
            "/staff/overview/?all=1",
            "/staff/overview/?wall=1",
            "/staff/map/",
            "/staff/requests/?view=overdue",
            "/staff/asks/new/",
            "/staff/tasks/TASK/",
            "/staff/burden/?month=2026-11",
        ],
        ["closed"],
    ),
    "administrator": (
        [
            "/staff/areas/990105001001001/",
            "/staff/areas/990105001001001/redraw/",
            "/staff/territory/imports/AREAS/",
            "/staff/inventory/imports/PARTS/",
            "/staff/admin/grants/",
            "/staff/admin/grants/new/",
            "/staff/admin/grants/import/",
            "/staff/admin/grants/reviews/REVIEW/",
            "/staff/admin/people/PERSON/stand-ins/",
            "/staff/admin/roles/",
            "/staff/admin/roles/compare/?a=handler&b=dispatcher",
            "/staff/admin/explain/?who=handler&record=990105",
            "/staff/audit/?kind=write",
            "/staff/audit/?who=nobody",
            "/staff/audit/event/EVENT/",
            "/staff/audit/register/",
            "/staff/audit/seals/",
            "/staff/audit/findings/FINDING/",
            "/staff/audit/watch/",
            "/staff/protection/breaches/new/",
            "/staff/protection/breaches/CASE/",
            "/staff/protection/requests/",
            "/staff/protection/requests/COUNTER/",
            "/staff/protection/assessments/",
            "/staff/messages/",
            "/staff/messages/robots/",
            "/staff/messages/deliveries/",
            "/staff/messages/texts/",
            "/staff/messages/hours/",
            "/staff/messages/blocks/",
            "/staff/messages/texts/requests_intake.received/?channel=sms&language=en",
            "/staff/admin/tokens/",
            "/staff/admin/tokens/new/",
            "/staff/admin/sign-in/",
            "/staff/admin/duties/",
            "/staff/admin/emergency/",
            "/staff/account/",
            "/staff/account/second-step/",
            "/staff/account/password/",
            "/staff/setup/",
            "/staff/setup/district/",
            "/staff/setup/areas/",
            "/staff/setup/people/invitations/",
        ],
        [],
    ),
    "operations": (
        [
            "/staff/admin/rules/",
            "/staff/admin/rules/new/",
            "/staff/admin/rules/RULE/acting/",
            "/staff/admin/catalogue/",
            "/staff/admin/catalogue/new/",
            "/staff/admin/communities/",
            "/staff/admin/communities/village/",
            "/staff/admin/policies/",
            "/staff/admin/policies/general/",
            "/staff/admin/policies/general/version/",
            "/staff/admin/limits/",
            "/staff/admin/limits/turns/return/",
            "/staff/admin/calendar/",
            "/staff/admin/calendar/2099-01-01/",
            "/staff/setup/limits/",
            "/staff/setup/catalogue/",
            "/staff/setup/catalogue/starter/",
        ],
        [],
    ),
}


def a_walk(world):
    """A place that is due on a route, one that was looked at, a finding; the key of the place."""
    head, at = world.viewer("head"), timezone.now()
    route = route_make(name="每日", area_code=EAST_GRID, area_set=None, submission_key=uuid4(), actor=head, at=at)
    place, other = (
        point_add(route=route, name=name, every_days=7, area_code=EAST_GRID, actor=head, at=at)
        for name in ("消防通道", "天台门")
    )
    point_seen(point=other, key=uuid4(), actor=head, at=at)
    draft = FindingDraft(kind="hazard", text="楼道堆了纸箱", area_code=EAST_GRID)
    finding_report(uuid=uuid4(), draft=draft, actor=head, at=at)
    return place.public_id


def something_failed():
    """A step whose follow-up failed for good."""
    event = DomainEvent.objects.filter(name="requests_intake.submitted").latest("pk")
    Delivery.objects.filter(event=event).update(
        state="failed", attempts=6, next_at=None, done_at=None, error="RuntimeError in send, handlers.py:7: no answer"
    )
    assert Delivery.objects.filter(state="failed").exists()


def files_handed_in(world):
    """A file of areas with a fault, and a table of components with a row that is refused, both looked over."""
    boss = world.viewer("administrator")
    ring = [[121.901, 30.901], [121.903, 30.903], [121.903, 30.901], [121.901, 30.903], [121.901, 30.901]]
    feature = {
        "properties": {"code": "99010500100100101", "name": "一号"},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }
    body = json.dumps({"type": "FeatureCollection", "features": [feature]}).encode()
    made = {"submission_key": uuid4(), "actor": boss, "at": MORNING}
    areas = territory_import_take(upload=BytesIO(body), file_name="areas.geojson", **made)
    territory_import_map(
        territory_import=areas, seen=1, columns={"code": "code", "name": "name"}, datum="wgs84", level="", repairs=[],
        ends_missing=False, is_sure=False, actor=boss,
    )  # fmt: skip
    parts = component_import_take(upload=BytesIO("种类代码,名称\n99999,灯".encode()), file_name="parts.csv", **made)
    columns = {"code": "种类代码", "name": "名称"}
    job = component_import_map(component_import=parts, seen=1, columns=columns, datum="wgs84", actor=boss, at=MORNING)
    job_run(job_id=job.pk, clock=lambda: MORNING)
    return {"AREAS": str(areas.public_id), "PARTS": str(parts.public_id)}


def grants_to_look_at(world):
    """A table that was handed in, with a fault; a review that is going on; somebody to stand in for."""
    actor, person = world.viewer("administrator"), world.people["handler"]
    rows = [[2, {"who": "nobody", "role": "handler", "reason": "x"}, {}], [3, {"who": person.email}, {}]]
    import_hand_in(rows=rows, has_merged=False, file_name="grants.csv", actor=actor, at=MORNING)
    review = review_open(
        title="秋季核查", due_on=date(2027, 1, 31), area_code=DISTRICT, organisation=None, role=None,
        ends_undecided=False, submission_key=uuid4(), actor=actor, at=MORNING,
    )  # fmt: skip
    return {"REVIEW": str(review.public_id), "PERSON": str(person.public_id)}


def case_of_a_breach(world):
    """A list went to the wrong office; nobody has been told yet."""
    return breach_open(
        words={"title": "发错了名单", "what": "把甲小区的名单发给了乙小区", "kinds": "姓名、电话"},
        noticed_at=MORNING, people=312, finding=None, submission_key=uuid4(), actor=world.viewer("administrator"),
        at=MORNING,
    )  # fmt: skip


def request_to_read(world, resident):
    """A deletion that was granted in part, on a ground of the law."""
    asked = person_request_file(
        kind="delete", words="以前留的电话，请删掉", language="zh-hans", submission_key=uuid4(),
        actor=Viewer(kind="resident", user=resident), at=MORNING,
    )  # fmt: skip
    answered = person_request_decide(
        request=asked, decision="partly", ground="retention", reason="电话删掉，经过按规定要留。",
        actor=world.viewer("administrator"), at=MORNING,
    )  # fmt: skip
    return str(answered.public_id)


def request_at_the_counter(world):
    """Somebody wants a copy, and nobody has checked who it is."""
    taken = person_request_take(
        kind="copy", name="王桂兰", contact="13912340001", words="", identity="", identity_note="",
        is_number_proved=False, language="zh-hans", submission_key=uuid4(), actor=world.viewer("clerk"), at=MORNING,
    )  # fmt: skip
    return str(taken.public_id)


def something_stood_out(world):
    """The handler has looked at a good deal today."""
    rule = WatchRule.objects.get(key="looks")
    looks = [
        AccessLog(at=MORNING, user=world.people["handler"], subject_ref="x.y:1", fields=["phone"], purpose="contact")
        for _ in range(3)
    ]
    AccessLog.objects.bulk_create(looks)
    day = timezone.localdate(MORNING)
    return Finding.objects.create(rule=rule, person=world.people["handler"], day=day, count=3, found_at=MORNING)


def task_to_look_at(world):
    """A form that a community has filled in, partly known to the portal."""
    DutyItem.objects.filter(code="P-1").update(community_list="assist")
    fields = [{"label": "网格", "kind": "", "fact": "grid.grids"}, {"label": "几盏灯", "kind": "number", "fact": ""}]
    task = task_ask(
        draft=TaskDraft(
            title="数楼道灯", purpose="数一数", kind="form", legal_ground="文件", area_code=STREET, addressees=[EAST],
            organisation=world.organisations["street"], hours=Decimal(2), days=5, fields=fields,
            duty=DutyItem.objects.get(code="P-1"),
        ),
        submission_key=uuid4(), actor=world.viewer("supervisor"), at=MORNING,
    )  # fmt: skip
    row = task.assignments.get()
    head = world.viewer("head")
    assignment_answer(assignment=row, text="数过了", values=["2", "9"], file_ids=(), actor=head, at=MORNING)
    return str(row.public_id)


@pytest.mark.parametrize("role", list(STAFF))
def test_staff(world, page_of, look_at, role):
    paths, states = STAFF[role]
    rows = ("submitted", "accepted", "dispatched", "contacted", "callback", "rework", "closed")
    # what administrators look at lists no requests: one is enough for its messages
    requests = {state: to_state(world, state) for state in (rows if states else rows[:1])}
    block_add(
        address="13800000009",
        reason="换了主人",
        until=date(2027, 3, 1),
        actor=world.viewer("administrator"),
        at=MORNING,
    )
    something_failed()
    page = page_of(role, width=360)
    rule = DispatchRule.objects.earliest("pk")
    keys = {"RULE": str(rule.pk), "EVENT": str(DomainEvent.objects.latest("pk").pk)}
    keys["FINDING"] = str(something_stood_out(world).pk)
    if role == "administrator":
        keys |= grants_to_look_at(world)
        keys |= files_handed_in(world)
        keys["CASE"] = str(case_of_a_breach(world).public_id)
        keys["COUNTER"] = request_at_the_counter(world)
    if role == "supervisor":
        keys["TASK"] = task_to_look_at(world)
    for path in paths:
        for word, key in keys.items():
            path = path.replace(word, key)
        page.goto(path)
        look_at(page, f"{role} {path}")
    for state in states:
        page.goto(reverse("intake:request", args=[requests[state].number]))
        look_at(page, f"{role}, request {state}")
    assert {request.state for request in requests.values()} == set(
        ServiceRequest.objects.values_list("state", flat=True)
    )


def test_an_order_that_goes_outside(world, make_page, page_of, look_at):
    """The party's page as it signs and as it answers, the end of its link, and the link for the staff."""
    request = to_state(world, "dispatched", organisation="firm")
    desk = world.viewer("dispatcher")
    link = request_send_outside(
        request=request, organisation=world.organisations["firm"], actor=desk, at=timezone.now()
    )
    page, staff = make_page(width=360), page_of("dispatcher", width=360)
    own = reverse("intake:outside", args=[link.token])
    page.goto(own)
    look_at(page, "an order outside, to sign", fingers=True)
    link_sign(link=link, at=timezone.now())
    page.goto(own)
    look_at(page, "an order outside, signed", fingers=True)
    staff.goto(reverse("intake:external-link", args=[request.number, link.pk]))
    look_at(staff, "a link outside")
    staff.goto(reverse("intake:request", args=[request.number]))
    look_at(staff, "a request with a link outside")
    link_revoke(link=link, actor=desk, at=timezone.now())
    page.goto(own)
    look_at(page, "a link that ended", fingers=True)


def test_a_look_on_site(world, page_of, look_at):
    """The list on the phone of whoever goes, and the page on which they say what they saw."""
    request = to_state(world, "accepted")
    asked = {"text": "看北侧的灯亮不亮", "actor": world.viewer("dispatcher"), "at": timezone.now()}
    check = request_ask_check(request=request, **asked)
    page = page_of("supervisor", width=360)
    for path in (reverse("grid:checks"), reverse("grid:check", args=[check.public_id])):
        page.goto(path)
        look_at(page, f"a look on site {path}")


def test_taking_down_a_request(world, page_of, look_at):
    """With everything that helps beside it: likely items, the same matter, the same caller; then the slip.

    The item asks something: it comes without another page, and what it says to an answer is there to be read out.
    """
    Category.objects.filter(code="010101").update(questions=raw_of([WHAT]))
    world.submit(body="槐安里路灯坏了三天，老人晚上看不清", place_kind="address", area_code=EAST, lng=None, lat=None)
    page = page_of("dispatcher", width=360)
    page.goto("/staff/entry/")
    look_at(page, "empty entry")
    page.fill("[name=phone]", "13912342046")
    page.fill("[name=body]", "槐安里路灯坏了三天，老人晚上看不清路，请来修")
    page.select_option("[name=area_code]", EAST)
    page.wait_for_selector("#entry-aside a.s-rows__t")
    page.click("#entry-aside .lr-chip")
    assert page.input_value("[name=category_words]").endswith("010101")
    page.check("#questions [name=q_what][value=bare]")
    page.wait_for_selector("#questions a[href='tel:110']")
    look_at(page, "entry with what helps")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector(".lr-errors")
    look_at(page, "entry with an error")
    page.check("[name=kind][value=help]")
    page.check("#questions [name=q_what][value=street]")
    page.wait_for_selector("#questions a[href='tel:110']", state="detached")
    page.focus("[name=phone]")
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/slip/**")
    look_at(page, "slip")
    page.keyboard.press("n")
    page.wait_for_url("**/staff/entry/*/")


def test_alerts_and_the_roster(world, page_of, look_at):
    """One alert that waits and one that was answered; a week with gaps, and one with an error."""
    at = timezone.now()
    requests = [to_state(world, "accepted", at, body="三楼有很浓的煤气味") for _number in range(2)]
    alerts_raise(request_ids=[one.pk for one in requests], at=at)
    first = RiskAlert.objects.earliest("pk")
    alert_acknowledge(alert=first, action="已关总阀。", actor=world.viewer("supervisor", at), at=at)
    page = page_of("supervisor", width=360)
    waiting = requests[1].number
    for path in ("/staff/alerts/", f"/staff/requests/{waiting}/", f"/staff/requests/{requests[0].number}/alert/"):
        page.goto(path)
        look_at(page, path)
    page.goto("/staff/duty/")
    look_at(page, "roster")
    page.select_option("[name$=_person] >> nth=-1", index=1)
    page.click("main .lr-actions button.lr-btn")
    page.wait_for_selector(".lr-errors")
    look_at(page, "roster with an error")


def test_batches_of_the_hotline(world, page_of, look_at):
    source = source_of()
    batch = received(world, source, xlsx([order(1), order(2, 截止时间="尽快"), order(3, 主要内容="")]))
    page = page_of("dispatcher", width=360)
    for path in ["", "new/", f"{batch.public_id}/", f"sources/{source.key}/"]:
        page.goto(f"/staff/upstream/{path}")
        look_at(page, f"upstream {path}")


def test_the_editor_of_the_catalogue(world, page_of, look_at):
    """One category with questions and a version, its editor, the changes before they are saved, a question."""
    lamp = asking(world)
    page = page_of("operations", width=360)
    page.goto(reverse("intake:category", args=[lamp.pk]))
    look_at(page, "a category")
    page.goto(reverse("intake:category-edit", args=[lamp.pk]))
    look_at(page, "editing a category")
    page.fill("[name=guide]", "请写灯杆编号。")
    page.fill("[name=reason]", "说清楚些")
    page.click("main form > .lr-actions button >> nth=-1")
    page.wait_for_selector("#changes")
    look_at(page, "changes of a category")
    page.goto(reverse("intake:question", args=[lamp.pk, "lit"]))
    look_at(page, "editing a question")


def test_the_pane_beside_a_list(world, page_of, look_at):
    request = to_state(world, "contacted")
    page = page_of("handler", width=1280)
    page.goto("/staff/orders/")
    page.click(f"a[href$='{request.number}/']")
    page.wait_for_selector("#pane article")
    look_at(page, "pane")
    assert re.search(r"/staff/orders/$", page.url)
