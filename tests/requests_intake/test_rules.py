"""Dispatch rules: order, conditions, rules that break, the move from longest prefixes, trials on the past, pages."""

import random
from datetime import UTC, date, datetime, time, timedelta
from importlib import import_module

import pytest
from django.apps import apps
from django.urls import reverse

from demo.organisations import DISTRICT_CODE, dispatch_rules
from demo.territory import territory
from governance.access.viewer import SYSTEM
from governance.errors import DomainError, Forbidden
from governance.jobs.services import job_run
from governance.notifications.models import Message
from governance.organisations.services import organisation_change
from governance.outbox import relay
from governance.outbox.models import DomainEvent
from governance.worktime import calendar_current, calendar_forget
from governance.worktime.models import CalendarDay
from requests_intake.models import Category, DispatchRule, RuleFault, RuleRun, RuleRunRow
from requests_intake.selectors.rules import Matter, RuleBook, asked_of, rule_book, rules_forget
from requests_intake.selectors.rules_pages import rule_rows, warnings_about
from requests_intake.services.catalogue import category_activate
from requests_intake.services.rule_runs import run_start
from requests_intake.services.rules import (
    RuleDraft,
    rule_activate,
    rule_change,
    rule_create,
    rule_delete,
    rule_move,
    rules_check,
)
from setup_wizard.starter.catalogue import leaves
from tests.factories.world import DISTRICT, EAST, EAST_GRID, MORNING, STREET, WEST, WEST_GRID, add_person
from tests.requests_intake.walk import to_state
from tests.sql import assert_sql

EVENING = MORNING + timedelta(hours=10)  # 20:00 in Shanghai


def matter(category="010101", area=EAST_GRID, at=MORNING, **changes) -> Matter:
    return Matter(category, area, at, **changes)


def first(*rules: DispatchRule, **changes) -> DispatchRule | None:
    answer = RuleBook(asked_of(rules)).first(matter(**changes), calendar_current()).rule
    return next(rule for rule in rules if rule.pk == answer.pk) if answer is not None else None


def rule(pk: int, position: int = 0, **values) -> DispatchRule:
    return DispatchRule(pk=pk, position=position, organisation_id=pk, **values)


def test_the_first_that_fits_wins_however_specific_a_later_one_is(world):
    broad, narrow = rule(1, 1, area_prefix=DISTRICT), rule(2, 2, category_prefix="010101", area_prefix=EAST)
    assert first(broad, narrow) is broad
    broad.position = 3
    assert first(broad, narrow) is narrow
    assert first(broad, narrow, area=WEST_GRID) is broad


def test_rules_without_a_place_in_the_order_are_asked_the_more_specific_first(world):
    rows = [rule(1), rule(2, area_prefix=DISTRICT), rule(3, category_prefix="0101"), rule(4, category_prefix="010101")]
    assert first(*rows) is rows[3]
    assert first(*rows, category="010102") is rows[2]
    assert first(*rows, category="02") is rows[1]


@pytest.mark.parametrize(
    ("condition", "fits", "fits_not"),
    [
        ({"category_prefix": "0101"}, {"category": "010199"}, {"category": "0102"}),
        ({"area_prefix": EAST}, {"area": EAST_GRID}, {"area": STREET}),
        ({"kinds": ["complaint", "tip_off"]}, {"kind": "tip_off"}, {"kind": "help"}),
        ({"channels": ["hotline"]}, {"channel": "hotline"}, {"channel": "web"}),
        ({"words": ["煤气", "燃气"]}, {"words": "闻到燃气味"}, {"words": "路灯不亮"}),
        ({"hours": "office"}, {"at": MORNING}, {"at": EVENING}),
        ({"hours": "closed"}, {"at": EVENING}, {"at": MORNING}),
        (
            {"hours": "closed"},
            {"at": datetime(2026, 10, 1, 2, 0, tzinfo=UTC)},
            {"at": datetime(2026, 10, 10, 2, 0, tzinfo=UTC)},
        ),
        ({"time_from": time(18), "time_until": time(6)}, {"at": EVENING}, {"at": MORNING}),
        ({"time_from": time(9), "time_until": time(11)}, {"at": MORNING}, {"at": EVENING}),
    ],
)
def test_each_condition(world, condition, fits, fits_not):
    one = rule(1, **condition)
    assert first(one, **fits) is one
    assert first(one, **fits_not) is None


def by_longest_prefix(rules: dict[tuple[str, str], int], category: str, area: str) -> int | None:
    """How it was done before: the slow, obvious reference."""
    for category_length in range(len(category), -1, -1):
        for area_length in range(len(area), -1, -1):
            if (found := rules.get((category[:category_length], area[:area_length]))) is not None:
                return found
    return None


def test_the_demo_rules_keep_their_results(world):
    """The numbering of the migration against the old way, on the demo's rules and random matters."""
    plain = {(one.category_code, one.area_code): number for number, one in enumerate(dispatch_rules(), 1)}
    plain |= {("", area.code): 10_000 + n for n, area in enumerate(territory().areas) if area.level == "subdistrict"}
    plain[("", DISTRICT_CODE)] = 20_000
    DispatchRule.objects.all().delete()
    office = world.organisations["lamps"]
    keys = list(plain)
    random.Random(7).shuffle(keys)
    DispatchRule.objects.bulk_create(
        DispatchRule(category_prefix=category, area_prefix=area, organisation=office) for category, area in keys
    )
    migration = import_module("requests_intake.migrations.0014_rules_in_order")
    migration.number_rules(apps, None)
    rows = list(DispatchRule.objects.all())
    assert sorted(row.position for row in rows) == list(range(1, len(rows) + 1))
    book = RuleBook(asked_of(rows))
    numbers = {row.pk: plain[row.category_prefix, row.area_prefix] for row in rows}
    chance = random.Random(11)
    codes = [area.code for area in territory().areas]
    calendar = calendar_current()
    for _try in range(3000):
        category = chance.choice([*leaves(), "", "01", "0101", "990000"])
        area = chance.choice([*codes, "990105", "99"])
        answer = book.first(matter(category, area), calendar).rule
        assert (numbers[answer.pk] if answer else None) == by_longest_prefix(plain, category, area), (category, area)


def test_a_submission_asks_no_database_and_is_suggested_what_the_rules_say(world, django_capture_on_commit_callbacks):
    draft = RuleDraft(organisation=world.organisations["parks"], words=["树"], kinds=["complaint"])
    with django_capture_on_commit_callbacks(execute=True):
        rule_create(draft=draft, position=1, actor=world.viewer("operations"), at=MORNING)
    told = world.submit(kind="complaint", body="树枝挡住了路灯。").request
    assert told.probable_organisation == world.organisations["parks"]
    assert world.submit(body="树枝挡住了路灯。").request.probable_organisation == world.organisations["lamps"]
    from requests_intake.services.submission import probable_organisation_id

    with assert_sql(0):
        probable_organisation_id(matter())


def make(world, *, position=1, at=MORNING, actor="operations", organisation="parks", **values):
    draft = RuleDraft(organisation=world.organisations[organisation], **values)
    return rule_create(draft=draft, position=position, actor=world.viewer(actor), at=at)


def order() -> list[int]:
    return list(DispatchRule.objects.order_by("position", "pk").values_list("pk", flat=True))


def test_the_order_is_kept_without_gaps(world):
    import_module("requests_intake.migrations.0014_rules_in_order").number_rules(apps, None)
    before = order()
    one = make(world, position=2, words=["树"])
    assert order() == [before[0], one.pk, *before[1:]]
    rule_move(rule=one, position=99, actor=world.viewer("operations"), at=MORNING)
    assert order() == [*before, one.pk]
    rule_move(rule=one, position=0, actor=world.viewer("operations"), at=MORNING)
    assert order() == [one.pk, *before]
    assert sorted(DispatchRule.objects.values_list("position", flat=True)) == [1, 2, 3, 4]
    rule_delete(rule=one, actor=world.viewer("operations"), at=MORNING)
    assert order() == before


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"category_prefix": "999999"}, "category_prefix"),
        ({"area_prefix": "990199"}, "area_prefix"),
        ({"words": ["长" * 21]}, "words"),
        ({"kinds": ["shouting"]}, "kinds"),
        ({"time_from": time(9)}, "time_until"),
        ({"time_from": time(9), "time_until": time(9)}, "time_until"),
        ({"note": "长" * 201}, "note"),
        ({"area_prefix": EAST}, None),  # there already
    ],
)
def test_what_a_rule_must_say(world, values, field):
    with pytest.raises(DomainError) as refused:
        make(world, **values)
    assert refused.value.field == field


def test_only_who_may(world):
    add_person(world, "street_admin", "operations_admin", STREET, world.organisations["street"])
    for name in ("dispatcher", "administrator", "street_admin"):
        with pytest.raises(Forbidden):
            make(world, actor=name, words=["树"])


def switched_off() -> list[str]:
    return list(DispatchRule.objects.exclude(fault="").values_list("fault", flat=True))


def told(world, name: str) -> int:
    relay.drain(EVENING)
    return Message.objects.filter(
        kind="requests_intake.rule_switched_off", user=world.people[name], channel="in_app"
    ).count()


def test_a_rule_that_names_a_retired_category_switches_itself_off_and_tells_its_owner(world):
    second = add_person(world, "second_operations", "operations_admin", DISTRICT, world.organisations["district"])
    lamps = DispatchRule.objects.get(category_prefix="010101")
    DispatchRule.objects.filter(pk=lamps.pk).update(owner=second)
    category_activate(
        category=world.categories["lamp"],
        version=1,
        is_active=False,
        reason="停用",
        actor=world.viewer("operations"),
        at=MORNING,
    )
    assert switched_off() == [RuleFault.CATEGORY_RETIRED]
    assert (told(world, "second_operations"), told(world, "operations")) == (1, 0)
    with pytest.raises(DomainError):
        rule_activate(rule=lamps, is_active=True, actor=world.viewer("operations"), at=MORNING)
    draft = RuleDraft(organisation=world.organisations["lamps"], category_prefix="010102")
    assert rule_change(rule=lamps, draft=draft, position=1, actor=world.viewer("operations"), at=MORNING).fault == ""


def test_a_closed_organisation_is_never_suggested(world):
    organisation_change(organisation=world.organisations["lamps"], is_active=False, actor=SYSTEM, at=MORNING)
    rules_forget()
    assert world.submit().request.probable_organisation == world.organisations["east"]  # at once
    assert switched_off() == []
    relay.drain(EVENING)  # the event of the closing
    assert switched_off() == [RuleFault.ORGANISATION_CLOSED]
    assert told(world, "operations") == 1


def test_a_rule_that_fails_stops_no_request(world, django_capture_on_commit_callbacks):
    """The calendar has run out, and a rule asks whether the office was open."""
    with django_capture_on_commit_callbacks(execute=True):
        one = make(world, hours="closed")
    CalendarDay.objects.filter(date__gt=date(2026, 6, 1)).delete()
    calendar_forget()
    with django_capture_on_commit_callbacks(execute=True):
        filed = world.submit().request
    assert filed.probable_organisation == world.organisations["lamps"]
    one.refresh_from_db()
    assert (one.is_active, one.fault) == (False, RuleFault.ERROR)
    assert DomainEvent.objects.filter(name="requests_intake.rule_switched_off").count() == 1


def test_the_check_finds_a_category_that_is_gone_and_leaves_good_rules(world):
    assert rules_check(at=MORNING) == []
    lost = DispatchRule.objects.create(category_prefix="010999", organisation=world.organisations["parks"])
    assert rules_check(at=MORNING) == [lost.pk]
    assert switched_off() == [RuleFault.CATEGORY_GONE]
    assert rules_check(at=MORNING) == []


def test_a_rule_that_fits_everything_warns(world):
    import_module("requests_intake.migrations.0014_rules_in_order").number_rules(apps, None)
    everything = DispatchRule(organisation=world.organisations["parks"])
    found = warnings_about(everything, 1)
    assert (found.fits_all, found.hides, found.hidden_by) == (True, 3, None)
    assert warnings_about(everything, 99).hides == 0
    later = DispatchRule(organisation=world.organisations["parks"], area_prefix=EAST_GRID)
    assert warnings_about(later, 99).hidden_by == DispatchRule.objects.get(area_prefix=EAST).position
    assert not warnings_about(DispatchRule(organisation=world.organisations["parks"], words=["树"]), 1)


def test_the_list_says_who_never_has_a_turn(world):
    import_module("requests_intake.migrations.0014_rules_in_order").number_rules(apps, None)
    one = make(world, position=99, area_prefix=WEST)
    rows = {row.rule.pk: row for row in rule_rows(list(DispatchRule.objects.select_related("organisation")))}
    assert rows[one.pk].shadowed_by == DispatchRule.objects.get(area_prefix=DISTRICT, category_prefix="").position
    assert rows[order()[0]].shadowed_by is None


def done(world, run_and_job):
    run, job = run_and_job
    job_run(job_id=job.pk, clock=lambda: EVENING)
    run.refresh_from_db()
    return run


def test_a_trial_over_the_last_month(world):
    """Sent as the rules say, sent elsewhere, never sent, and too old: what counts, what differs."""
    lamp, noise = world.categories["lamp"], world.categories["noise"]
    to_state(world, "dispatched")
    elsewhere = to_state(world, "dispatched", category_id=noise.pk)
    to_state(world, "submitted")
    DispatchRule.objects.filter(organisation=world.organisations["street"]).delete()
    actor = world.viewer("operations", EVENING)
    run = done(world, run_start(rule=None, actor=actor, at=EVENING))
    assert (run.asked, run.agreed, run.differed, run.unanswered) == (2, 1, 1, 0)
    assert run.finished_at == EVENING
    row = RuleRunRow.objects.get(run=run)
    assert (row.request, row.ruled, row.went) == (elsewhere, world.organisations["east"], elsewhere.organisation)
    # as if one more rule were in use
    also = make(world, is_active=False, category_prefix="010102", organisation="lamps")
    tried = done(world, run_start(rule=also, actor=actor, at=EVENING))
    assert (tried.agreed, tried.differed) == (2, 0)
    assert lamp.code == "010101"
    later = done(world, run_start(rule=None, actor=actor, at=EVENING + timedelta(days=40)))
    assert later.asked == 0
    assert RuleRun.objects.count() == 1  # the old ones are gone


def test_a_trial_goes_on_where_it_stopped(world, monkeypatch):
    from requests_intake.services import rule_runs

    for _number in range(3):
        to_state(world, "dispatched")
    run, _job = run_start(rule=None, actor=world.viewer("operations", EVENING), at=EVENING)
    rows, cursor = rule_runs.run_step(run_id=run.pk, cursor=None, limit=2, at=EVENING)
    assert (rows, cursor is None) == (2, False)
    rows, cursor = rule_runs.run_step(run_id=run.pk, cursor=cursor, limit=2, at=EVENING)
    assert (rows, cursor) == (1, None)
    run.refresh_from_db()
    assert (run.asked, run.agreed) == (3, 3)


@pytest.fixture
def today(time_machine):
    time_machine.move_to(MORNING, tick=False)


@pytest.mark.usefixtures("today")
def test_the_pages(world, client_of):
    client = client_of("operations")
    new = reverse("intake:rule-new")
    empty = {"organisation": "", "position": "1", "hours": "any", "is_active": "on", "words": "树 枝"}
    refused = client.post(new, empty)
    assert refused.status_code == 422
    assert "树 枝" in refused.content.decode()
    parks = world.organisations["parks"].pk
    saved = client.post(new, empty | {"organisation": parks})
    assert saved.status_code == 302
    page = client.get(reverse("intake:rules")).content.decode()
    assert "话里有“树”或“枝”" in page
    warned = client.post(new, {"organisation": parks, "position": "1", "hours": "any", "is_active": "on"})
    assert warned.status_code == 200
    assert "什么都会命中" in warned.content.decode()
    assert DispatchRule.objects.count() == 4
    posted = {
        "organisation": parks,
        "position": "1",
        "hours": "any",
        "is_active": "on",
        "accepted": warned.context["accepted"],
    }
    assert client.post(new, posted).status_code == 302
    page = client.get(reverse("intake:rules")).content.decode()
    assert "轮不到：被第 1 条盖住了" in page
    one = DispatchRule.objects.get(position=1)
    step = reverse("intake:rule-step", args=[one.pk])
    assert client.post(step, {"do": "down"}).status_code == 302
    one.refresh_from_db()
    assert one.position == 2
    client.post(step, {"do": "off"})
    client.post(step, {"do": "delete"})
    assert not DispatchRule.objects.filter(pk=one.pk).exists()
    job = client.post(reverse("intake:rules-try"))
    assert "/staff/jobs/" in job["Location"]
    run = RuleRun.objects.get()
    assert client.get(reverse("intake:rules-run", args=[run.pk])).status_code == 200
    assert client.get(reverse("intake:rules"), {"q": "路灯", "state": "on"}).status_code == 200
    Category.objects.filter(code="010101").update(is_active=False)
    rules_check(at=MORNING)
    assert "写的事项停用了" in client.get(reverse("intake:rules"), {"state": "faulty"}).content.decode()


@pytest.mark.usefixtures("today")
def test_who_sees_the_pages(world, client_of):
    add_person(world, "street_admin", "operations_admin", STREET, world.organisations["street"])
    one = DispatchRule.objects.first()
    assert client_of("dispatcher").get(reverse("intake:rules")).status_code == 403
    assert client_of("street_admin").get(reverse("intake:rules")).status_code == 200
    assert client_of("street_admin").get(reverse("intake:rule", args=[one.pk])).status_code == 403
    assert client_of("street_admin").post(reverse("intake:rule-step", args=[one.pk]), {"do": "off"}).status_code == 403
    assert client_of("street_admin").post(reverse("intake:rules-try")).status_code == 403


@pytest.mark.usefixtures("today")
def test_the_list_asks_the_database_little(world, client_of):
    client = client_of("operations")
    client.get(reverse("intake:rules"))
    with assert_sql(
        10, at_most=True
    ):  # session, person, viewer; rules, faults, trials; names, areas, all rules, places
        client.get(reverse("intake:rules"))


def test_asking_many_rules_is_quick(world):
    """Six hundred rules: about as quick as the two look-ups a prefix took before."""
    office = world.organisations["lamps"]
    DispatchRule.objects.bulk_create(
        DispatchRule(
            position=n,
            category_prefix=f"{n % 90 + 10:02d}{n % 9 + 10:02d}{n % 7 + 10:02d}",
            area_prefix=f"{DISTRICT}{n % 9:03d}",
            organisation=office,
        )
        for n in range(600)
    )
    book = rule_book()
    assert len(book.in_question("010101", EAST_GRID)) == 3
