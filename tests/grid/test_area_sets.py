"""Named sets of grids: who may make which, what they hold, how they follow the territory; their pages."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from governance.errors import DomainError, Forbidden, StaleState
from governance.impact.succession import Succession
from grid.models import Area, AreaSet, SetKind
from grid.services.area_sets import area_set_change, area_set_end, area_set_make, members_move
from tests.factories.world import EAST, EAST_GRID, MORNING, STREET, WEST_GRID
from tests.requests_intake.conftest import _town, client_of, world  # noqa: F401
from tests.sql import assert_sql

TODAY = timezone.localdate(MORNING)
SECOND = f"{EAST}002"


@pytest.fixture
def grids(world):  # noqa: F811
    """A second grid in the east, not drawn."""
    Area.objects.create(code=SECOND, level="grid", kind="basic", name="第二网格", name_en="Grid 2", valid_from=TODAY)
    return world


def make(world, by="head", **changes):  # noqa: F811
    order = {"kind": "patrol", "name": "东片", "name_en": "East", "area_code": EAST, "codes": [EAST_GRID, SECOND]}
    order |= {"starts_on": TODAY, "submission_key": uuid4(), "actor": world.viewer(by), "at": MORNING}
    return area_set_make(**order | changes)


def codes_of(area_set):
    return list(area_set.members.values_list("area_code", flat=True))


def test_what_a_set_holds_and_who_may_make_it(grids):
    key = uuid4()
    assert make(grids, submission_key=key) == make(grids, submission_key=key), "sent twice is one"
    for changes, field in (
        ({"codes": []}, "codes"),
        ({"codes": [EAST_GRID, WEST_GRID]}, "codes"),
        ({"codes": [f"{EAST}999"]}, "codes"),
        ({"name": " "}, "name"),
        ({"kind": "show"}, "kind"),
    ):
        with pytest.raises(DomainError) as error:
            make(grids, **changes)
        assert error.value.field == field, changes
    with pytest.raises(Forbidden):
        make(grids, by="grid_worker")
    with pytest.raises(Forbidden):
        make(grids, area_code=STREET)
    with pytest.raises(Forbidden, match="角色"):
        make(grids, kind="evaluation")  # who is evaluated draws no evaluation areas
    first = make(grids, by="supervisor", kind="evaluation", codes=[EAST_GRID])
    with pytest.raises(DomainError, match="东片"):
        make(grids, by="supervisor", kind="evaluation", area_code=STREET, codes=[EAST_GRID, WEST_GRID])
    boss = grids.viewer("supervisor")
    area_set_end(area_set=first, last_day=TODAY, actor=boss, at=MORNING)
    later = TODAY + timedelta(days=1)
    assert make(grids, by="supervisor", kind="evaluation", codes=[EAST_GRID], starts_on=later), "after the first"
    assert set(AreaSet.objects.visible_to(grids.viewer("grid_worker"))) == set(AreaSet.objects.all())
    assert not AreaSet.objects.visible_to(grids.viewer("stranger")).exists()


def test_members_follow_the_territory_and_what_is_over_keeps_its_own(grids):
    living, over = make(grids), make(grids, starts_on=TODAY - timedelta(days=9))
    head = grids.viewer("head")
    with pytest.raises(DomainError):
        area_set_end(area_set=over, last_day=TODAY - timedelta(days=2), actor=head, at=MORNING)
    area_set_end(area_set=over, last_day=TODAY - timedelta(days=1), actor=head, at=MORNING)
    with pytest.raises(StaleState):
        area_set_end(area_set=over, last_day=TODAY, actor=head, at=MORNING)
    split = Succession(code_map=(f"{EAST_GRID}>{EAST}003", f"{EAST_GRID}>{EAST}004"))
    for _twice in range(2):
        members_move(split, MORNING)
        assert codes_of(living) == [SECOND, f"{EAST}003", f"{EAST}004"]
    members_move(Succession(code_map=(f"{EAST}003>{SECOND}", f"{EAST}004>{SECOND}")), MORNING)
    assert codes_of(living) == [SECOND], "merged into one that is a member already"
    assert codes_of(over) == [EAST_GRID, SECOND]
    seen = living.changed_at
    change = {"name": "东片", "name_en": "", "codes": [SECOND], "actor": head}
    area_set_change(area_set=living, **change, seen=seen, at=MORNING + timedelta(hours=1))
    with pytest.raises(StaleState):
        area_set_change(area_set=living, **change, seen=seen, at=MORNING + timedelta(hours=2))


def test_by_the_pages_and_the_keyboard(grids, client_of, time_machine):  # noqa: F811
    time_machine.move_to(MORNING, tick=False)
    head, worker = client_of("head"), client_of("grid_worker")
    new = reverse("grid:area-set-new")
    assert SECOND in head.get(new).content.decode(), "the only community is listed at once"
    sent = {"kind": "patrol", "name": "", "area_code": EAST, "starts_on": "2026-11-17", "key": str(uuid4())}
    found = head.post(new, sent | {"find": "1", "q": "第二", "codes": [EAST_GRID]})
    assert found.status_code == 200
    assert f'value="{EAST_GRID}" checked' in found.content.decode(), "what has a tick stays"
    wrong = head.post(new, sent | {"codes": [EAST_GRID]})
    assert wrong.status_code == 422
    assert f'value="{EAST_GRID}" checked' in wrong.content.decode()
    there = head.post(new, sent | {"name": "东片", "codes": [EAST_GRID]})["Location"]
    one = AreaSet.objects.get()
    assert one.kind == SetKind.PATROL
    page = worker.get(there).content.decode()
    assert f'data-code="{EAST_GRID}" data-value="" class="is-current"' in page
    assert f'data-code="{SECOND}" data-value="">' in page, "beside it, so that the map shows where it ends"
    assert reverse("grid:area-set-edit", args=[one.public_id]) not in page
    edit, end = (reverse(f"grid:area-set-{act}", args=[one.public_id]) for act in ("edit", "end"))
    assert worker.get(edit).status_code == 403
    seen = head.get(edit).context["form"].initial["seen"]
    assert head.post(edit, {"name": "东片", "codes": [SECOND], "seen": seen}).status_code == 302
    assert codes_of(one) == [SECOND]
    assert head.post(end, {"last_day": "2026-11-01"}).status_code == 422
    assert head.post(end, {"last_day": "2026-11-16"}).status_code == 302
    listing = reverse("grid:area-sets")
    assert "东片" not in worker.get(listing).content.decode()
    worker.get(listing)
    with assert_sql(6, at_most=True):
        assert "东片" in worker.get(listing + "?over=1&kind=patrol").content.decode()
