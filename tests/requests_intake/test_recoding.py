"""When areas change, all that holds their codes goes along: by job, by position, once; nobody loses a right."""

from datetime import datetime, timedelta

import pytest
from django.apps import apps
from django.utils import timezone
from shapely.geometry import box, shape

from governance.access.models import Grant
from governance.errors import DomainError
from governance.impact.registry import area_uses
from governance.impact.selectors import dependents_of
from governance.impact.services import JOB_KIND
from governance.jobs.models import Job
from governance.jobs.services import job_run
from governance.knowledge.models import Article
from governance.organisations.models import Organisation
from governance.outbox.models import DomainEvent
from governance.outbox.relay import drain
from grid.features import AreaDraft
from grid.models import Area
from grid.services import area_retire, area_split, areas_merge, areas_redraw
from grid.services.following_up import changes_follow_up
from population.models import StandardAddress
from requests_intake.models import DispatchRule, DutyShift, Follow, ServiceRequest, UpstreamSource, WorkOrder
from requests_intake.services.rollups import rollups_recount
from tests.factories import bulk
from tests.factories import world as worlds
from tests.factories.world import DISTRICT, EAST, EAST_GRID, STREET, WEST, WEST_GRID, World
from tests.sql import assert_sql

pytestmark = pytest.mark.django_db

# Rows that tell of the past, or of a place outside the district's tree, and keep the code they were written with.
PAST = {
    "grid.Area.code": "the areas themselves",
    "grid.AreaVersion.code": "what an area was",
    "outbox.DomainEvent.area_code": "the trail, sealed",
    "notifications.Message.area_code": "a message that was sent",
    "dashboards.Export.area": "an export of a day, gone within a week",
    "requests_intake.RollupDelta.area_code": "written by the trigger when requests move",
    "requests_intake.RollupCell.area": "folded from the deltas",
    "grid.BurdenCell.area_code": "counted anew every night from the assignments, which move",
}
SOUTH_HALF, NORTH_HALF = f"{EAST}002", f"{EAST}003"
NOON = worlds.MORNING + timedelta(hours=2)


def run_jobs() -> Job:
    """What workers do after a change: hand out the event, run its job."""
    drain()
    job = Job.objects.filter(kind=JOB_KIND).latest("pk")
    done = job_run(job_id=job.pk, clock=timezone.now)
    assert done is not None
    assert (done.state, done.error) == ("done", "")
    return done


def split_east(world: World, at: datetime = NOON) -> None:
    """Grid 1 of the east in a southern and a northern half; rows without a point go to the southern one."""
    lng, lat = 121.9, 30.9
    parts = [
        AreaDraft(SOUTH_HALF, "南片", polygon=box(lng, lat, lng + 0.01, lat + 0.004)),
        AreaDraft(NORTH_HALF, "北片", polygon=box(lng, lat + 0.004, lng + 0.01, lat + 0.01)),
    ]
    area_split(code=EAST_GRID, parts=parts, version=1, reason="户数太多", actor=world.viewer("administrator"), at=at)


def test_every_code_of_an_area_is_registered_or_named_as_past() -> None:
    """Rule: a column with the code of an area is taken along, or said to tell of the past.

    Reason: a forgotten column loses its rows from every list the day two communities are merged.
    """
    columns = {
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models()
        for field in model._meta.get_fields()
        if field.name in {"area_code", "area_prefix", "area"} and getattr(field, "max_length", None)
    }
    known = {f"{use.model}.{use.field}" for use in area_uses()}
    assert columns - known - set(PAST) == set()
    for use in area_uses():
        assert use.queryset(timezone.now()).filter(pk=None).count() == 0  # the model and the rule are readable


def test_a_split_takes_rows_along_by_where_they_lie(world: World) -> None:
    rows = [
        bulk.request_row(world, 1, lng=121.905, lat=30.902, place_kind="pin"),
        bulk.request_row(world, 2, lng=121.905, lat=30.908, place_kind="pin", state="closed"),
        bulk.request_row(world, 3),
        bulk.request_row(world, 4, area_code=WEST_GRID, lng=121.905, lat=30.908, place_kind="pin"),
        bulk.request_row(world, 5, area_code=EAST),
        *(bulk.request_row(world, n, lng=121.905, lat=30.908, place_kind="pin") for n in range(10, 620)),
    ]
    rows[1].organisation = world.organisations["lamps"]
    requests = bulk.save_requests(rows, handler=world.people["handler"])
    StandardAddress.objects.create(text="槐安里 7 号", estate="槐安里", search_text="x", area_code=EAST_GRID,
                                   lng=121.905, lat=30.909)  # fmt: skip
    source = UpstreamSource.objects.create(key="k", name="热线", area_code=DISTRICT, updated_at=NOON,
                                           values={"area": {"东一格": EAST_GRID}, "kind": {"a": "help"}})  # fmt: skip
    rule = DispatchRule.objects.create(area_prefix=EAST_GRID, organisation=world.organisations["lamps"])
    split_east(world)
    job = run_jobs()
    assert job.total is not None
    assert job.done == job.total > 614

    now = dict(
        ServiceRequest.objects.filter(pk__in=[one.pk for one in requests]).values_list("number_tail", "area_code")
    )
    assert [now[f"{n:04d}"] for n in range(1, 6)] == [SOUTH_HALF, NORTH_HALF, SOUTH_HALF, WEST_GRID, EAST]
    assert {now[f"{n:04d}"] for n in range(10, 620)} == {NORTH_HALF}
    assert WorkOrder.objects.get(request=requests[1]).area_code == NORTH_HALF
    assert StandardAddress.objects.get().area_code == NORTH_HALF
    source.refresh_from_db()
    assert source.values == {"area": {"东一格": SOUTH_HALF}, "kind": {"a": "help"}}
    rule.refresh_from_db()
    assert rule.area_prefix == SOUTH_HALF
    assert rollups_recount(at=timezone.now()).differences == 0  # the figures moved with the rows

    # who looked after the whole looks after both halves, until when they did; what is over keeps its code
    held = Grant.objects.filter(user=world.people["grid_worker"]).order_by("area_code")
    assert [grant.area_code for grant in held] == [SOUTH_HALF, NORTH_HALF]
    assert {grant.reason for grant in held} == {"test"}
    assert DomainEvent.objects.filter(name="access.grant_moved").count() == 2


def test_a_merge_of_communities_leaves_one_of_what_was_two(world: World) -> None:
    worlds.grant(world, "head", "community_head", WEST)
    worlds.grant(world, "grid_worker", "community_head", EAST)
    both = worlds.grant(world, "grid_worker", "community_head", WEST)
    ended = worlds.grant(world, "agent", "callback_agent", EAST)
    Grant.objects.filter(pk=ended.pk).update(ends_at=NOON - timedelta(days=1))
    for code in (EAST, WEST):
        Follow.objects.create(email="zhou@example.com", area_code=code, asked_at=NOON)
        DutyShift.objects.create(person=world.people["head"], area_code=code, phone="1", entered_at=NOON,
                                 starts_at=NOON, ends_at=timezone.now() + timedelta(days=2))  # fmt: skip
    article = Article.objects.create(title="办证", body="带证件", organisation=world.organisations["east"],
                                     area_code=EAST, review_date=NOON.date(), updated_at=NOON)  # fmt: skip
    new = "990105001003"
    areas_merge(
        versions={EAST: 1, WEST: 1},
        into=AreaDraft(new, "槐禾社区"),
        reason="合署办公",
        actor=world.viewer("administrator"),
        at=NOON,
    )
    assert set(Organisation.objects.filter(kind="community").values_list("area_code", flat=True)) == {EAST, WEST}
    run_jobs()
    assert set(Organisation.objects.filter(kind="community").values_list("area_code", flat=True)) == {new}
    article.refresh_from_db()
    assert article.area_code == new
    both.refresh_from_db()
    assert both.ends_at is not None
    assert both.area_code == WEST  # it had nothing to add to the other one
    ended.refresh_from_db()
    assert ended.area_code == EAST
    assert list(Follow.objects.filter(ended_at=None).values_list("area_code", flat=True)) == [new]
    # two are on duty at once: the second one keeps its code, and is neither lost nor doubled
    assert sorted(DutyShift.objects.values_list("area_code", flat=True)) == sorted([new, WEST])
    # at night what was filed under the old code meanwhile goes along; what cannot is told once to who made the change
    (late,) = bulk.save_requests([bulk.request_row(world, 9, area_code=WEST_GRID)])
    night = timezone.now() if timezone.now() - NOON < timedelta(hours=40) else NOON + timedelta(hours=15)
    assert [changes_follow_up(at=night) for _time in range(2)] == [1, 1]
    late.refresh_from_db()
    assert late.area_code.startswith(new)
    told = DomainEvent.objects.get(name="grid.rows_left")
    assert told.payload == {
        "left": 1, "models": ["requests_intake.DutyShift"], "user_id": world.people["administrator"].pk,
    }  # fmt: skip
    # again, as after a lost worker: nothing moves
    before = list(Grant.objects.order_by("pk").values())
    Job.objects.update(state="running", cursor=None, finished_at=None, done=0, total=None)
    job_run(job_id=Job.objects.get(kind=JOB_KIND).pk, clock=timezone.now)
    assert list(Grant.objects.order_by("pk").values()) == before


def test_a_border_that_moves_takes_only_what_lies_beyond_it(world: World) -> None:
    rows = [
        bulk.request_row(world, 1, lng=121.909, lat=30.905, place_kind="pin"),
        bulk.request_row(world, 2, lng=121.905, lat=30.905, place_kind="pin"),
        bulk.request_row(world, 3),
    ]
    bulk.save_requests(rows)
    worlds.grant(world, "head", "grid_worker", EAST_GRID)
    # both communities are one street's: the border between their grids moves with theirs
    Area.objects.filter(code__in=[EAST, WEST]).update(
        geometry=None, min_lng=None, min_lat=None, max_lng=None, max_lat=None, label_lng=None, label_lat=None,
        surface_m2=None,
    )  # fmt: skip
    outlines = {
        EAST_GRID: box(121.9, 30.9, 121.908, 30.91),
        WEST_GRID: box(121.908, 30.9, 121.92, 30.91),
    }
    areas_redraw(
        outlines=outlines,
        versions={EAST_GRID: 1, WEST_GRID: 1},
        reason="按道路划界",
        actor=world.viewer("administrator"),
        at=NOON,
    )
    grants = list(Grant.objects.order_by("pk").values())
    run_jobs()
    assert list(ServiceRequest.objects.order_by("number").values_list("area_code", flat=True)) == [
        WEST_GRID, EAST_GRID, EAST_GRID,
    ]  # fmt: skip
    assert list(Grant.objects.order_by("pk").values()) == grants


def test_nothing_open_is_left_behind_and_it_is_said_what(world: World) -> None:
    (request,) = bulk.save_requests([bulk.request_row(world, 1, area_code=WEST_GRID)])
    administrator = world.viewer("administrator")
    with assert_sql(sum(use.is_counted for use in area_uses()) + 1):  # one a kind, one more where some are open
        found = dependents_of([WEST_GRID], viewer=administrator, at=NOON)
    assert [(str(one.label), one.count, one.open) for one in found] == [("诉求", 1, 1)]
    retire = {"code": WEST_GRID, "version": 1, "reason": "拆迁", "actor": administrator, "at": NOON}
    with pytest.raises(DomainError, match="诉求 1"):
        area_retire(**retire)
    ServiceRequest.objects.filter(pk=request.pk).update(
        state="closed", closed_at=NOON, ended_as="closed", next_due_at=None, organisation=world.organisations["lamps"]
    )
    area_retire(**retire)
    request.refresh_from_db()
    assert request.area_code == WEST_GRID
    assert next(one.count for one in dependents_of([STREET], viewer=administrator, at=NOON)) > 1
    assert shape(Area.objects.get(code=WEST_GRID).geometry).area > 0
