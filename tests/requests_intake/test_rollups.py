"""Roll-ups against a slow, obvious count in Python, over thousands of changes by services and by bare SQL."""

import random
from collections import Counter
from datetime import datetime, timedelta
from io import StringIO
from math import floor, log

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from governance.access.viewer import requester
from governance.notifications.models import Message
from governance.outbox import relay
from governance.refs import ref_of
from requests_intake.models import (
    CallBack,
    Dispute,
    LedgerEntry,
    OrderReturn,
    RollupCell,
    RollupCheck,
    RollupDelta,
    ServiceRequest,
)
from requests_intake.rollups import LEVELS, SERIES, STOCKS, bounds, spread
from requests_intake.selectors.rollups import read, total, totals, waiting_by_area, waiting_by_office
from requests_intake.services.closing import request_reopen
from requests_intake.services.rollups import rollups_fold, rollups_fold_all, rollups_recount
from requests_intake.tasks import run_rollups_fold
from tests.factories.bulk import scatter
from tests.factories.world import DISTRICT, EAST, EAST_GRID, MORNING, STREET, WEST, WEST_GRID
from tests.requests_intake.walk import TURNS, to_state, to_turn
from tests.sql import assert_sql


def local(moment):
    return timezone.localtime(moment) if moment else None


NOW = datetime(2000, 1, 1)  # the one day under which what is open is kept, however old


def bucket(since, until):
    seconds = max((until - since).total_seconds(), 60.0)
    return str(min(99, floor(log(seconds / 60) / log(1.15))))


def plainly(grid=""):
    """Count every series from the rows, one request at a time: the reference. Of a grid, everything; else as kept."""
    calls, found = {}, Counter()
    for call in CallBack.objects.order_by("round", "-is_at_limit"):
        calls[call.request_id] = call
    returned = dict(OrderReturn.objects.order_by("asked_at").values_list("order__request_id", "asked_at"))
    disputed = dict(Dispute.objects.order_by("raised_at").values_list("order__request_id", "raised_at"))
    entries = LedgerEntry.objects.filter(is_approved=True).order_by("decided_at")
    ledgered = dict(entries.values_list("request_id", "decided_at"))
    for row in ServiceRequest.objects.filter(area_code__startswith=grid):
        office = str(row.organisation_id or "")
        submitted, closed, due = local(row.submitted_at), local(row.closed_at), local(row.next_due_at)
        counts = [
            ("new", submitted, ""),
            ("new_kind", submitted, row.kind),
            ("new_channel", submitted, row.channel),
            ("new_category", submitted, str(row.category_id or "")),
            ("new_hour", submitted, str(submitted.hour)),
        ]
        if closed is None:
            counts += [("open", NOW, ""), ("open_state", NOW, row.state), ("open_day", submitted, "")]
            if office:
                counts.append(("open_office", NOW, office))
            if row.state != "callback":
                counts.append(("due", due, ""))
                if office:
                    counts.append(("due_office", due, office))
        else:
            counts.append(("ended", closed, row.ended_as))
            if row.ended_as in ("closed", "answered"):
                counts.append(("took", closed, bucket(row.submitted_at, row.closed_at)))
            if row.ended_as == "closed" and office:
                counts.append(("ended_office", closed, office))
        if row.ended_as in ("closed", "answered"):
            counts.append(("settled", submitted, ""))
        if row.dispatched_at and office:
            owed = local(row.due_at)
            done = row.replied_at is not None and row.state not in ("dispatched", "in_progress")
            counts.append(("owed", owed, office))
            counts += [("owed_done", owed, office)] if done else []
            counts += [("owed_ontime", owed, office)] if done and row.replied_at <= row.due_at else []
            counts += [("owed_closed", owed, office)] if row.ended_as == "closed" else []
            counts += [("owed_rework", owed, office)] if row.rework_count else []
        if row.dispatched_at and office:
            counts.append(("sent_office", local(row.dispatched_at), office))
        if row.contacted_at:
            counts.append(("contact", local(row.contacted_at), bucket(row.submitted_at, row.contacted_at)))
        if row.excluded_at is None and (call := calls.get(row.pk)):
            at, judged = local(call.at), str(call.organisation_id or "")
            if call.source == "silent":
                counts.append(("unrated", at, ""))
            else:
                counts.append(("valid", at, ""))
                counts += [("valid_office", at, judged)] if judged else []
                counts += [("contacted", at, "")] if call.contacted else []
                counts += [("solved", at, "")] if call.solved == "yes" else []
                counts += [("solved_office", at, judged)] if call.solved == "yes" and judged else []
                counts += [("satisfied", at, "")] if (call.grade or 0) >= 3 else []
        for series, moments in (("returned", returned), ("disputed", disputed), ("ledgered", ledgered)):
            if row.pk in moments:
                counts.append((series, local(moments[row.pk]), ""))
        if row.excluded_at:
            counts.append(("excluded", local(row.excluded_at), ""))
        for series, moment, dim in counts:
            for length in [15] if grid else LEVELS:
                if len(row.area_code) >= length and (grid or length <= 12 or series in STOCKS):
                    found[series, row.area_code[:length], moment.date(), dim] += 1
    return dict(found)


def kept():
    return {(cell.series, cell.area, cell.day, cell.dim): cell.value for cell in RollupCell.objects.exclude(value=0)}


def as_read(area):
    """All series of an area by day, as the pages read them."""
    lines = read([area], SERIES, by_day=True)
    return {(line.series, area, line.day, line.dim): line.value for line in lines}


def wander(world, chance, number):
    """Change rows at random, one or many in a statement, as sweeps and re-codings do."""
    pks = list(ServiceRequest.objects.values_list("pk", flat=True))
    offices = [one.pk for one in world.organisations.values()]
    for _step in range(number):
        rows = ServiceRequest.objects.filter(pk__in=chance.sample(pks, chance.choice((1, 1, 1, 20))))
        at = MORNING + timedelta(minutes=chance.randrange(-9000, 9000))
        change = chance.randrange(5)
        if change == 0:  # the territory was drawn anew
            rows.update(area_code=chance.choice((EAST_GRID, WEST_GRID, EAST, STREET, DISTRICT)))
        elif change == 1:
            rows.update(
                kind=chance.choice(("help", "enquiry")), category=chance.choice([None, world.categories["lamp"]])
            )
        elif change == 2:
            rows.filter(organisation__isnull=False).update(organisation_id=chance.choice(offices))
        elif change == 3:
            rows.update(excluded_at=chance.choice([None, at]))
        else:
            rows.filter(closed_at__isnull=True).update(next_due_at=at)


@pytest.fixture
def lived(world, time_machine):
    """A town in which every turn was taken, and much was changed beside."""
    time_machine.move_to(MORNING, tick=False)
    chance = random.Random(4)
    scatter(world, 160)
    for number, turn in enumerate(sorted(TURNS, key=lambda turn: turn == "review")):  # it changes the category
        to_turn(world, turn, at=MORNING - timedelta(days=number % 4))
        rollups_fold()
    type(world.categories["lamp"]).objects.update(needs_review=False)
    world.categories["lamp"].refresh_from_db()
    for _again in range(6):
        request = to_state(world, chance.choice(("closed", "rework", "callback")))
        if request.state == "closed":
            request_reopen(
                request=request, comment="又坏了", actor=requester(ref_of(request)), at=MORNING + timedelta(hours=9)
            )
    return world


def test_every_figure_equals_a_plain_count_after_thousands_of_changes(lived):
    chance = random.Random(11)
    for limit in (7, 300, 20_000, 300, 7, 20_000, 300, 7):  # some wait in the end
        wander(lived, chance, 200)
        rollups_fold(limit=limit)
    expected = plainly()
    assert {key[0] for key in expected} == set(SERIES)  # or a series was never tried
    assert len(expected) > 1000
    assert RollupDelta.objects.exists()
    for area in (DISTRICT, STREET, EAST, WEST):
        assert as_read(area) == {key: value for key, value in expected.items() if key[1] == area}
    assert as_read(EAST_GRID) == plainly(EAST_GRID)  # a grid's requests are counted themselves
    rollups_fold_all()
    assert not RollupDelta.objects.exists()
    assert kept() == expected
    check = rollups_recount(at=MORNING)
    assert (check.differences, check.cells, check.sample) == (0, len(expected), [])


def test_a_recount_finds_and_mends_what_was_changed_by_hand(lived):
    rollups_fold_all()
    RollupCell.objects.filter(series="new", area=DISTRICT).update(value=999)
    RollupCell.objects.filter(series="open", area=EAST).delete()
    found = rollups_recount(at=MORNING)
    assert found.differences >= 2
    assert ["new", DISTRICT] in [row[:2] for row in found.sample]
    assert not found.was_repaired
    relay.drain()
    told = Message.objects.filter(kind="requests_intake.figures_differ")
    assert set(told.values_list("user__display_name", flat=True)) == {lived.people["administrator"].display_name}
    with pytest.raises(CommandError):
        call_command("recount_figures", stdout=StringIO())
    assert rollups_recount(at=MORNING, repair=True).was_repaired
    assert rollups_recount(at=MORNING).differences == 0
    assert kept() == plainly()
    assert RollupCheck.objects.count() == 4
    RollupCell.objects.all().delete()
    assert rollups_recount(at=MORNING, repair=True).was_repaired
    assert kept() == plainly()


def test_many_rows_in_a_statement_cost_one_statement(world):
    scatter(world, 60)
    RollupDelta.objects.all().delete()
    with assert_sql(1):
        ServiceRequest.objects.update(area_code=WEST_GRID)
    assert RollupDelta.objects.count() > 60
    RollupDelta.objects.all().delete()
    ServiceRequest.objects.update(title="另一个标题")  # nothing that anybody counts
    assert not RollupDelta.objects.exists()


@pytest.mark.parametrize("folded", [True, False])
def test_what_is_late_changes_with_the_minute(world, folded):
    scatter(world, 120, seed=3)
    if folded:
        run_rollups_fold()
    assert RollupDelta.objects.exists() is not folded
    for minutes in (0, 7, 59, 60, 61, 1441):
        at = MORNING + timedelta(minutes=minutes)
        late = ServiceRequest.objects.filter(closed_at=None, next_due_at__lt=at).exclude(state="callback")
        for area in (DISTRICT, EAST, EAST_GRID):
            inside = late.filter(area_code__startswith=area)
            found = waiting_by_area([area], at)[area]
            assert found.late == inside.count()
            assert found.open == ServiceRequest.objects.filter(closed_at=None, area_code__startswith=area).count()
        by_office = waiting_by_office([DISTRICT], at)
        for office in world.organisations.values():
            number = by_office[str(office.pk)].late if str(office.pk) in by_office else 0
            assert number == late.filter(organisation=office).count()
    assert late.exists()


def test_reading_costs_one_statement(world):
    scatter(world, 40)
    with assert_sql(1):
        found = totals([EAST, WEST], ["new", "valid"])
    inside = ServiceRequest.objects.filter(area_code__startswith=EAST) | ServiceRequest.objects.filter(
        area_code__startswith=WEST
    )
    assert total(found, "new") == inside.count() > 0
    assert totals([], ["new"]) == {}
    with assert_sql(2):
        waiting_by_area([DISTRICT], MORNING)


@pytest.mark.parametrize("part", [0.5, 0.9])
def test_a_quantile_is_right_to_within_its_bucket(part):
    chance = random.Random(5)
    seconds = sorted(60 * 1.0005 ** chance.randrange(0, 20_000) for _ in range(999))
    counts = Counter(str(min(99, floor(log(max(one, 60) / 60) / log(1.15)))) for one in seconds)
    exact = seconds[round(part * 999)]
    assert spread(counts).quantile(part) == pytest.approx(exact, rel=0.15)
    assert spread({}).quantile(part) is None
    low, high = bounds(10)
    assert low <= spread({"10": 4}).quantile(0.5) <= high
