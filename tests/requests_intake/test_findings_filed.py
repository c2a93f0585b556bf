"""What a patrol found becomes an order, once; its category by the matter's code; its progress goes back."""

import uuid
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from governance.errors import DomainError, Forbidden, StaleState
from governance.files.services import image_store
from governance.outbox import relay
from governance.outbox.models import DomainEvent
from governance.refs import ref_of
from grid.code_files import SHIPPED
from grid.models import CodeItem, CodeList, Finding
from grid.services.codes import code_list_load, code_succession_set
from grid.services.components import ComponentDraft, component_enter
from grid.services.findings import FindingDraft, finding_report
from requests_intake.models import CaseStandard, PolicyStage, RequestTransition, ServiceRequest
from requests_intake.selectors.matters import category_of, matters_found
from requests_intake.selectors.standards import conditions_of
from requests_intake.services.closing import request_merge
from requests_intake.services.findings import finding_file
from requests_intake.services.matters import category_matter_tie, category_matter_untie
from requests_intake.services.standards import case_standard_set, case_standards_load
from requests_intake.services.triage import request_dispatch, request_not_dispatch
from tests.factories.world import EAST_GRID, IN_EAST, MORNING, OUTSIDE
from tests.governance.file_samples import telephone_jpeg
from tests.requests_intake.walk import to_state
from tests.sql import assert_sql

LATER = MORNING + timedelta(hours=2)


@pytest.fixture
def codes(world):
    return code_list_load(shipped=SHIPPED["gbt47678-5-2026"], actor=world.viewer("operations"), at=MORNING)


def matter(codes, code="01037"):
    return CodeItem.objects.get(code_list=codes, kind="matter", code=code)


def tie(world, item, category="lamp", by="operations"):
    return category_matter_tie(category=world.categories[category], item=item, actor=world.viewer(by), at=MORNING)


def found(world, **changes):
    values = {"kind": "matter", "text": "路灯杆歪了", "place": "7 号楼北侧", "lng": IN_EAST[0], "lat": IN_EAST[1]}
    files = changes.pop("file_ids", [])
    draft = FindingDraft(**values | changes)
    actor = world.viewer("grid_worker")
    return finding_report(uuid=uuid.uuid4(), draft=draft, file_ids=files, actor=actor, at=MORNING)


def test_a_matters_code_leads_to_a_category_also_by_its_old_code(world, codes, client_of):
    item, lamp = matter(codes), world.categories["lamp"]
    tied = tie(world, item)
    assert tie(world, item) == tied, "said again"
    for wrong in (None, CodeItem.objects.get(code_list=codes, kind="component", code="01037"), matter(codes, "06")):
        with pytest.raises(DomainError) as error:
            tie(world, wrong)
        assert error.value.field == "item"
    with pytest.raises(DomainError, match="先从那里去掉"):
        tie(world, item, "noise")
    with pytest.raises(Forbidden):
        tie(world, matter(codes, "06010"), by="supervisor")
    with assert_sql(1):
        assert category_of(item) == lamp
    # the next standard gives it another code: what was tied before leads on
    newer = CodeList.objects.create(key="next", standard="GB/T 99999", title="x", valid_from=MORNING.date())
    heir = CodeItem.objects.create(code_list=newer, kind="matter", code="02001", name="照明")
    boss = world.viewer("operations")
    old = {"old_standard": codes.standard, "kind": "matter", "old_code": item.code, "old_name": item.name, "note": ""}
    code_succession_set(**old, item=heir, actor=boss, at=MORNING)
    assert category_of(heir) == lamp
    assert category_of(matter(codes, "06010")) is None
    assert [one.code for one in matters_found("02", MORNING.date())] == ["02001"]
    assert [one.code for one in matters_found(item.code, MORNING.date())] == ["02001"], "found by its old code"
    page = reverse("intake:category-matters", args=[lamp.pk])
    shown = client_of("operations").get(page, {"q": "照明"}).content.decode()
    assert item.code in shown
    assert "02001" in shown
    assert client_of("operations").post(page, {"item": "x"}).status_code == 422
    assert client_of("operations").post(page, {"item": heir.pk}).status_code == 302
    assert client_of("supervisor").get(page).status_code == 403
    assert category_matter_untie(category=lamp, tie_id=tied.pk, actor=boss, at=MORNING)
    assert not category_matter_untie(category=lamp, tie_id=tied.pk, actor=boss, at=MORNING)
    assert category_of(item) == lamp, "by what became of it"
    names = list(DomainEvent.objects.filter(name__contains="tied").order_by("pk").values_list("name", flat=True))
    assert names == [f"requests_intake.category_{word}" for word in ("tied", "tied", "untied")]


def test_a_finding_is_filed_once_with_all_that_was_seen(world, codes, client_of):
    item = matter(codes)
    tie(world, item)
    lamp_post = component_enter(
        draft=ComponentDraft(
            item=CodeItem.objects.get(code_list=codes, kind="component", code="01037"),
            name="路灯 7", state="intact", started_on=MORNING.date(), area_code=EAST_GRID, place="北侧",
            manager_name="所",
        ),
        submission_key=uuid.uuid4(), actor=world.viewer("head"), at=MORNING,
    )  # fmt: skip
    photo = image_store(
        upload=SimpleUploadedFile("a.jpg", telephone_jpeg()),
        owner_ref="",
        actor=world.viewer("grid_worker"),
        at=MORNING,
    )
    finding = found(world, matter=item, component=lamp_post, file_ids=[photo.pk])
    relay.drain()
    request = ServiceRequest.objects.get()
    assert (request.channel, request.state, request.category) == ("patrol", "accepted", world.categories["lamp"])
    assert (request.area_code, request.address, request.lng) == (EAST_GRID, "7 号楼北侧", IN_EAST[0])
    assert (request.component, request.matter, request.body) == (lamp_post, item, "路灯杆歪了")
    assert (request.entered_by, hasattr(request, "contact")) == (world.people["grid_worker"], False)
    assert [row.file_id for row in request.attachments.all()] == [photo.pk]
    finding.refresh_from_db()
    assert (finding.state, finding.order_ref, finding.order_number) == (
        "filed",
        ref_of(request),
        request.number_grouped,
    )
    for _again in range(3):
        assert finding_file(finding=finding, at=LATER) == request
    assert ServiceRequest.objects.count() == RequestTransition.objects.filter(name="accept").count() == 1
    page = client_of("dispatcher").get(reverse("intake:request", args=[request.number])).content.decode()
    assert "巡查发现的，没有反映人" in page
    assert "居民原话" not in page
    assert (
        request.title in client_of("head").get(reverse("grid:component", args=[lamp_post.public_id])).content.decode()
    )
    assert request.title not in (
        client_of("handler").get(reverse("grid:component", args=[lamp_post.public_id])).content.decode()
    ), "whoever may not see the order does not see it there"
    desk = world.viewer("dispatcher")
    request_dispatch(request=request, organisation=world.organisations["lamps"], actor=desk, at=LATER)
    relay.drain()
    finding.refresh_from_db()
    assert finding.state == "handling"


def test_without_a_code_the_desk_chooses_and_what_it_decides_goes_back(world, codes):
    plain = found(world, lng=OUTSIDE[0], lat=OUTSIDE[1], area_code=EAST_GRID)
    hazard = found(world, kind="hazard", text="楼道堆了电瓶车")
    spot = found(world, settled_on_spot=True, done_on_spot="扶正了")
    relay.drain()
    rows = {row.submission_key: row for row in ServiceRequest.objects.all()}
    assert set(rows) == {f"finding:{plain.uuid}", f"finding:{hazard.uuid}"}, "what was put right needs no order"
    assert f"finding:{spot.uuid}" not in rows
    one, risky = rows[f"finding:{plain.uuid}"], rows[f"finding:{hazard.uuid}"]
    assert (one.state, one.category, one.area_code, one.place_kind) == ("submitted", None, EAST_GRID, "address")
    assert risky.urgent_remark
    assert Finding.objects.get(pk=plain.pk).state == "reported", "filed is what was accepted"
    desk = world.viewer("dispatcher")
    request_not_dispatch(request=one, reason="beyond", text="不归我们管", actor=desk, at=LATER)
    other = to_state(world, "accepted")
    request_merge(request=risky, target=other, actor=desk, at=LATER)
    relay.drain()
    assert Finding.objects.get(pk=plain.pk).state == "declined"
    merged = Finding.objects.get(pk=hazard.pk)
    assert (merged.state, merged.order_number) == ("handling", other.number_grouped)


def test_a_matter_may_have_its_own_conditions_and_staged_limits(world, codes, client_of):
    boss = world.viewer("operations")
    with pytest.raises(Forbidden):
        case_standards_load(actor=world.viewer("supervisor"), at=MORNING)
    assert case_standards_load(actor=boss, at=MORNING) == 6
    assert case_standards_load(actor=boss, at=MORNING) == 0, "what is there stays"
    assert not CaseStandard.objects.filter(is_confirmed=True).exists()
    shed = matter(codes, "06001")
    stages = PolicyStage.objects.filter(policy__key="case_building").values_list("amount", "unit")
    assert list(stages) == [(4, "working_hour"), (7, "working_day"), (20, "working_day")], "STANDARDS 2.6"
    tie(world, shed)
    found(world, matter=shed)
    relay.drain()
    request = ServiceRequest.objects.get()
    assert (request.state, request.policy.key, request.category) == (
        "accepted",
        "case_building",
        world.categories["lamp"],
    )
    assert request.clocks.filter(kind="stage", stopped_at=None).count() == 3
    told = conditions_of(request)
    assert (told.closing, told.is_unconfirmed) == ("拆除完毕，材料清走", True)
    seen = CaseStandard.objects.get(item=shed).changed_at
    said = {"item": shed, "filing": "", "closing": "拆完", "policy_key": "", "source": "", "reason": "本地标准"}
    common = {"seen": seen, "actor": boss, "at": MORNING}
    for changes, field in (
        ({"is_confirmed": True}, "source"),
        ({"is_confirmed": False, "policy_key": "none-like-it"}, "policy_key"),
        ({"is_confirmed": False, "reason": ""}, "reason"),
    ):
        with pytest.raises(DomainError) as error:
            case_standard_set(**said | changes, **common)
        assert error.value.field == field
    case_standard_set(**said | {"source": "市规〔2026〕1 号"}, is_confirmed=True, **common)
    with pytest.raises(StaleState):
        case_standard_set(**said, is_confirmed=False, **common)
    told = conditions_of(request)
    assert (told.filing, told.closing, told.is_unconfirmed) == (world.categories["lamp"].acceptance, "拆完", False)
    page = client_of("operations").get(reverse("intake:standards")).content.decode()
    assert "有 5 项还没有和文件核实" in page
    assert client_of("handler").get(reverse("intake:standards")).status_code == 403
