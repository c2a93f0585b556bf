"""Filing a request: words, place, promise, owner; and everything that is refused, beside what is not."""

from datetime import UTC, date, datetime, timedelta

import pytest

from governance.errors import DomainError
from governance.outbox.models import DomainEvent
from requests_intake.models import (
    Clock,
    DeadlinePolicy,
    DispatchRule,
    PolicyClock,
    RequesterContact,
    RequestTransition,
    ServiceRequest,
)
from requests_intake.numbers import parse_number
from requests_intake.selectors.catalogue import catalogue_forget
from requests_intake.services.submission import limits_forget, rules_forget, title_of
from tests.factories.world import DISTRICT, EAST, EAST_GRID, IN_WEST, MORNING, OUTSIDE, WEST, WEST_GRID
from tests.requests_intake.walk import to_state

FAMILY = "👩‍👩‍👧"


def test_what_a_request_holds(world):
    request = world.submit().request
    assert parse_number(request.number) == request.number
    assert request.number.startswith("20261117")
    assert request.number_tail == request.number[-4:]
    assert (request.state, request.kind, request.area_code) == ("submitted", "help", EAST_GRID)
    assert request.title == "槐安里 7 号楼北侧的路灯不亮了，晚上老人走路看不清"
    assert request.probable_organisation == world.organisations["lamps"]
    assert request.organisation is None
    step = RequestTransition.objects.get(request=request)
    assert (step.name, step.to_state, step.at, step.actor_kind) == ("submit", "submitted", MORNING, "anonymous")


def test_promises_count_from_submission(world):
    request = world.submit(MORNING).request
    assert request.submitted_at == MORNING
    assert request.accept_due_at == MORNING + timedelta(hours=2)
    # seven natural days end when the office closes on the last day: 18:00 in Shanghai
    assert request.due_at == request.original_due_at == datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
    assert request.next_due_at == request.accept_due_at
    clocks = {clock.kind: clock for clock in Clock.objects.filter(request=request)}
    assert set(clocks) == {"accept", "answer"}
    assert clocks["accept"].warn_at == clocks["accept"].next_at == MORNING + timedelta(minutes=90)
    assert clocks["answer"].original_due_at == request.due_at


def test_a_later_accept_or_dispatch_does_not_move_the_promise(world):
    request = world.submit(MORNING).request
    handled = to_state(world, "contacted")
    assert handled.original_due_at == handled.due_at == request.original_due_at


@pytest.mark.parametrize(
    ("at", "hours"),
    [
        (datetime(2026, 11, 17, 15, 59, tzinfo=UTC), 48),  # 23:59 in Shanghai, the day before the new version
        (datetime(2026, 11, 17, 16, 0, tzinfo=UTC), 12),  # midnight
    ],
)
def test_the_version_in_force_on_the_local_day_of_submission_counts(world, at, hours):
    for version, amount, day in [(2, 48, date(2026, 11, 10)), (3, 12, date(2026, 11, 18)), (4, 1, date(2026, 12, 1))]:
        policy = DeadlinePolicy.objects.create(
            key="general", version=version, name="v", name_en="v", valid_from=day, is_confirmed=True
        )
        PolicyClock.objects.bulk_create(
            PolicyClock(policy=policy, kind=kind, amount=amount, unit="natural_hour")
            for kind in ("accept", "sign", "contact", "answer")
        )
    request = world.submit(at).request
    assert request.due_at - at == timedelta(hours=hours)


def test_a_promise_outlives_the_policy_it_was_made_under(world):
    request = world.submit(MORNING).request
    PolicyClock.objects.filter(kind="answer").update(amount=30)
    request.refresh_from_db()
    assert request.original_due_at == datetime(2026, 11, 24, 10, 0, tzinfo=UTC)


def test_without_any_policy_the_reason_is_told(world):
    world.submit()
    PolicyClock.objects.all().delete()
    limits_forget()
    with pytest.raises(DomainError) as refused:
        world.submit()
    assert refused.value.code == "policy_missing"


def test_the_same_key_files_once_and_returns_the_same_token(world):
    first = world.submit(submission_key="a" * 32)
    second = world.submit(submission_key="a" * 32, body="别的话")
    assert (second.request.pk, second.token, second.is_repeat) == (first.request.pk, first.token, True)
    assert ServiceRequest.objects.count() == 1
    assert RequestTransition.objects.count() == 1


# --- place ---


def test_a_pin_lies_in_its_grid(world):
    assert world.submit(lng=IN_WEST[0], lat=IN_WEST[1]).request.area_code == WEST_GRID


def test_a_pin_outside_is_kept_and_goes_to_the_district_desk(world):
    request = world.submit(lng=OUTSIDE[0], lat=OUTSIDE[1]).request
    assert (request.area_code, request.is_outside_district) == (DISTRICT, True)
    assert (request.lng, request.lat) == OUTSIDE
    assert request.probable_organisation == world.organisations["lamps"]


def test_an_address_keeps_its_community(world):
    request = world.submit(place_kind="address", address="槐安里 7 号楼", area_code=WEST, lng=None, lat=None).request
    assert (request.area_code, request.is_outside_district, request.address) == (WEST, False, "槐安里 7 号楼")


def test_an_unknown_address_and_no_place_go_to_the_district_desk(world):
    for place in ({"place_kind": "address", "address": "村口大树"}, {"place_kind": "none"}):
        request = world.submit(area_code="", lng=None, lat=None, **place).request
        assert (request.area_code, request.is_outside_district, request.lng) == (DISTRICT, False, None)


def test_a_point_that_is_none_is_refused_with_words(world):
    world.submit()
    for lng, lat in [(181.0, 0.0), (float("nan"), 30.0), (float("inf"), 30.0)]:
        with pytest.raises(DomainError) as refused:
            world.submit(lng=lng, lat=lat)
        assert refused.value.code == "request_point_valid"


# --- who probably handles it ---


def test_the_longest_category_then_the_longest_area_wins(world):
    parks, lamps, east, street = (world.organisations[key] for key in ("parks", "lamps", "east", "street"))
    assert world.submit().request.probable_organisation == lamps  # six digits beat a nearer area
    assert world.submit(category_id=None).request.probable_organisation == east  # then the nearer area
    assert world.submit(category_id=None, lng=IN_WEST[0], lat=IN_WEST[1]).request.probable_organisation == street
    DispatchRule.objects.create(category_prefix="010101", area_prefix=EAST, organisation=parks)
    rules_forget()
    assert world.submit().request.probable_organisation == parks
    assert world.submit(lng=IN_WEST[0], lat=IN_WEST[1]).request.probable_organisation == lamps


# --- words ---


@pytest.mark.parametrize("body", ["", "  \n\t ", "\x00\x07", "\u200b"])
def test_empty_words_are_refused(world, body):
    world.submit()
    with pytest.raises(DomainError) as refused:
        world.submit(body=body)
    assert (refused.value.code, refused.value.field) == ("body_required", "body")
    assert ServiceRequest.objects.count() == 1


def test_two_thousand_characters_and_no_more(world):
    assert len(world.submit(body="灯" * 2000).request.body) == 2000
    for length in (2001, 10_000):
        with pytest.raises(DomainError) as refused:
            world.submit(body="灯" * length)
        assert (refused.value.code, refused.value.field) == ("body_too_long", "body")


def test_words_are_stored_as_typed_without_control_characters(world):
    typed = f"<script>alert('x')</script> 灯\x00坏\x1b[31m了 {FAMILY}\r\n第二行"
    request = ServiceRequest.objects.get(pk=world.submit(body=typed).request.pk)
    assert request.body == f"<script>alert('x')</script> 灯坏[31m了 {FAMILY}\n第二行"


@pytest.mark.parametrize(
    ("body", "title"),
    [
        ("路灯坏了。请修。", "路灯坏了"),
        ("路灯坏了", "路灯坏了"),
        ("路灯坏了！！急", "路灯坏了"),
        ("是不是没人管？三天了", "是不是没人管"),
        ("第一行\n第二行", "第一行"),
        ("灯" * 30, "灯" * 30),
        ("灯" * 31, "灯" * 29 + "…"),
        ("？？？到底谁管", "到底谁管"),
        ("，、灯坏了", "灯坏了"),
        ("？？？", "？？？"),
        ("Lamp out near No. 7; dark", "Lamp out near No. 7"),
    ],
)
def test_title_is_the_first_clause_that_says_something(body, title):
    assert title_of(body) == title


# --- what is refused ---


def test_an_emergency_is_stopped_with_what_to_do_instead(world):
    assert world.submit(category_id=world.categories["lamp"].pk).request.category == world.categories["lamp"]
    with pytest.raises(DomainError) as refused:
        world.submit(category_id=world.categories["fire"].pk)
    assert (refused.value.code, refused.value.field) == ("emergency", "category")
    assert "119" in str(refused.value)
    assert ServiceRequest.objects.count() == 1


def test_a_retired_category_is_refused(world):
    noise = world.categories["noise"]
    world.submit(category_id=noise.pk)
    noise.is_active = False
    noise.save()
    catalogue_forget()  # otherwise within a minute
    for pk in (noise.pk, 10**9):
        with pytest.raises(DomainError) as refused:
            world.submit(category_id=pk)
        assert refused.value.code == "category_unknown"


def test_unknown_kinds_are_refused(world):
    for changes, code in [({"kind": "bogus"}, "kind_unknown"), ({"place_kind": "moon"}, "place_unknown")]:
        with pytest.raises(DomainError) as refused:
            world.submit(**changes)
        assert refused.value.code == code


def test_a_tip_off_is_never_public(world):
    assert world.submit(kind="complaint", may_be_public=True).request.may_be_public is True
    assert world.submit(kind="tip_off", may_be_public=True).request.may_be_public is False


# --- personal data ---


def test_contact_is_kept_apart_and_not_at_all_when_none_was_left(world):
    contact = world.submit(phone="139 1234-2046").request.contact
    assert (contact.name, contact.phone, contact.email) == ("周梅", "13912342046", "zhou@example.com")
    request = world.submit(name="", phone="", email="").request
    assert not RequesterContact.objects.filter(request=request).exists()


def test_events_hold_no_personal_data(world):
    world.submit(body="我叫周梅，电话 13912342046，住槐安里。")
    event = DomainEvent.objects.get(name="requests_intake.submitted")
    assert event.payload.keys() == {"kind", "category", "due_at"}
    assert (event.payload["kind"], event.payload["category"], event.area_code) == ("help", "010101", EAST_GRID)


def test_numbers_do_not_repeat(world):
    numbers = [world.submit().request.number for _ in range(5)]
    assert len(set(numbers)) == 5
    assert len({number[8:14] for number in numbers}) == 5
