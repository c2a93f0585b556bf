"""A small town for tests: two communities with a grid each, offices, people of every role, a short catalogue."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from importlib import import_module
from typing import Any, TypeVar
from uuid import uuid4

from django.db import transaction

from governance.access.models import Grant, Role, User
from governance.access.viewer import Viewer, viewer_for
from governance.audit.models import WatchRule
from governance.organisations.models import Organisation
from governance.privacy.register import sensitive_uses
from governance.protection.models import ImpactAssessment
from governance.worktime import calendar_forget
from governance.worktime.models import CalendarDay, Source
from governance.worktime.published_days import days_of
from grid import lookup
from grid.district import district_forget
from grid.models import Area, DutyItem, GeometryVersion
from requests_intake.models import (
    Category,
    DeadlinePolicy,
    DispatchRule,
    EscalationStep,
    PolicyClock,
    ReasonText,
    RiskWords,
    ScoringScheme,
    TurnLimit,
)
from requests_intake.selectors.catalogue import catalogue_forget
from requests_intake.selectors.detail import precedents_forget
from requests_intake.services.clocks import ladder_clear, stages_of, turn_limits_forget
from requests_intake.services.submission import Submission, limits_forget, request_submit, rules_forget

DISTRICT = "990105"
STREET = "990105001"
EAST, WEST = "990105001001", "990105001002"
EAST_GRID, WEST_GRID = "990105001001001", "990105001002001"
IN_EAST, IN_WEST, OUTSIDE = (121.905, 30.905), (121.915, 30.905), (120.0, 30.0)
# A Tuesday morning in office hours, 10:00 in Shanghai.
MORNING = datetime(2026, 11, 17, 2, 0, tzinfo=UTC)
PASSWORD = "a-long-test-password"
Made = TypeVar("Made")


def square(lng: float, lat: float, size: float = 0.01) -> dict[str, Any]:
    ring = [[lng, lat], [lng + size, lat], [lng + size, lat + size], [lng, lat + size], [lng, lat]]
    return {"type": "Polygon", "coordinates": [ring]}


def _area(code: str, level: str, kind: str, name: str, name_en: str, lng: float, width: float) -> Area:
    ring = [[lng, 30.9], [lng + width, 30.9], [lng + width, 30.91], [lng, 30.91], [lng, 30.9]]
    return Area(
        code=code,
        level=level,
        kind=kind,
        name=name,
        name_en=name_en,
        geometry={"type": "Polygon", "coordinates": [ring]},
        min_lng=lng,
        min_lat=30.9,
        max_lng=lng + width,
        max_lat=30.91,
        label_lng=lng + width / 2,
        label_lat=30.905,
        surface_m2=1.0e6,
        valid_from=date(2020, 1, 1),
    )


@dataclass
class World:
    """Everything tests name."""

    people: dict[str, User] = field(default_factory=dict)
    organisations: dict[str, Organisation] = field(default_factory=dict)
    categories: dict[str, Category] = field(default_factory=dict)
    policies: dict[str, DeadlinePolicy] = field(default_factory=dict)

    def viewer(self, name: str, at: datetime = MORNING) -> Viewer:
        return viewer_for(self.people[name], at)

    def submit(self, at: datetime = MORNING, **changes: Any) -> Any:
        """File a request of the town, with a pin in the east unless told otherwise."""
        number = len(Grant.objects.none()) + _next()
        values: dict[str, Any] = {
            "kind": "help",
            "body": "槐安里 7 号楼北侧的路灯不亮了，晚上老人走路看不清。",
            "submission_key": f"{number:032x}",
            "category_id": self.categories["lamp"].pk,
            "place_kind": "pin",
            "lng": IN_EAST[0],
            "lat": IN_EAST[1],
            "name": "周梅",
            "phone": "13912342046",
            "email": "zhou@example.com",
        } | changes
        from governance.access.viewer import ANONYMOUS

        return request_submit(submission=Submission(**values), actor=ANONYMOUS, at=at)


_counter = iter(range(1, 10**9))


def _next() -> int:
    return next(_counter)


def build() -> World:
    """Create the town (about 40 rows)."""
    world = World()
    CalendarDay.objects.bulk_create(CalendarDay(**day) for day in _calendar())
    _ladder()
    _territory()
    _offices(world)
    _people(world)
    _assessments(world)
    _catalogue(world)
    forget()
    return world


@contextmanager
def kept(blocker: Any, furnish: Callable[[World], Made]) -> Iterator[Made]:
    """What `furnish` makes of the town, in a transaction around all tests of a module, for a fixture of that scope.

    Each test undoes only what it did itself.
    """
    with blocker.unblock():
        atomic = transaction.atomic()
        atomic.__enter__()
    try:
        with blocker.unblock():
            made = furnish(build())
        yield made
    finally:
        with blocker.unblock():
            transaction.set_rollback(True)
            atomic.__exit__(None, None, None)
        forget()


def forget() -> None:
    """Drop what this process keeps of a town: another one may lie in the tables now."""
    calendar_forget()
    lookup.forget()
    district_forget()
    ladder_clear()
    catalogue_forget()
    limits_forget()
    turn_limits_forget()
    stages_of.cache_clear()
    precedents_forget()
    rules_forget()


@lru_cache(maxsize=1)
def _calendar() -> tuple[dict[str, Any], ...]:
    """Every day of two years. Asking the package for the holidays costs more than the whole town, so ask once."""
    return tuple(
        {
            "date": day.date,
            "is_workday": day.is_workday,
            "name": day.name,
            "name_en": day.name_en,
            "source": Source.ESTIMATE if day.is_estimate else Source.PUBLISHED,
        }
        for year in (2026, 2027)
        for day in days_of(year)
    )


def _ladder() -> None:
    """Tests that empty the tables lose the rows of the data migration: write them again."""
    steps = import_module("requests_intake.migrations.0002_escalation_ladder").STEPS
    for level, name, name_en, share, hours, role in steps:
        EscalationStep.objects.get_or_create(
            level=level,
            defaults={"name": name, "name_en": name_en, "share": share, "hours_after": hours, "role": role},
        )
    turns = import_module("requests_intake.migrations.0009_turn_limits")
    whistle = import_module("requests_intake.migrations.0016_turn_limits_whistle")
    pauses = import_module("requests_intake.migrations.0023_pause_limits")
    outside = import_module("requests_intake.migrations.0027_external_link_limit")
    looks = import_module("requests_intake.migrations.0059_check_limit")
    for key, name, name_en, amount, unit in [
        *turns.LIMITS,
        *whistle.LIMITS,
        *pauses.LIMITS,
        *outside.LIMITS,
        *looks.LIMITS,
    ]:
        TurnLimit.objects.get_or_create(
            key=key, defaults={"name": name, "name_en": name_en, "amount": amount, "unit": unit}
        )
    for key, limit in import_module("governance.audit.migrations.0003_watch").RULES:
        WatchRule.objects.get_or_create(key=key, defaults={"limit": limit})
    risks = import_module("requests_intake.migrations.0032_risk_words")
    TurnLimit.objects.get_or_create(key=risks.LIMIT[0], defaults=dict(zip(risks.FIELDS, risks.LIMIT[1:], strict=True)))
    keep = import_module("requests_intake.migrations.0050_appointment_limit").LIMIT
    TurnLimit.objects.get_or_create(key=keep[0], defaults=dict(zip(risks.FIELDS, keep[1:], strict=True)))
    if not RiskWords.objects.exists():
        RiskWords.objects.create(words=risks.WORDS)
    scheme = import_module("requests_intake.migrations.0048_first_scheme")
    ScoringScheme.objects.get_or_create(version=1, defaults=scheme.SCHEME)
    for reason, text, text_en in turns.REASONS:
        ReasonText.objects.get_or_create(reason=reason, defaults={"text": text, "text_en": text_en})


def _territory() -> None:
    Area.objects.bulk_create(
        [
            _area(DISTRICT, "district", "", "澄湾区", "Chengwan District", 121.9, 0.02),
            _area(STREET, "subdistrict", "street", "柳塘街道", "Liutang Sub-district", 121.9, 0.02),
            _area(EAST, "community", "committee", "槐安社区", "Huai'an Community", 121.9, 0.01),
            _area(WEST, "community", "committee", "青禾社区", "Qinghe Community", 121.91, 0.01),
            _area(EAST_GRID, "grid", "basic", "第一网格", "Grid 1", 121.9, 0.01),
            _area(WEST_GRID, "grid", "basic", "第一网格", "Grid 1", 121.91, 0.01),
        ]
    )
    GeometryVersion.objects.get_or_create(pk=1)


def _offices(world: World) -> None:
    for key, kind, name, name_en, code in [
        ("district", "district_office", "区城市运行管理中心", "District Operations Centre", DISTRICT),
        ("street", "subdistrict_office", "柳塘街道办事处", "Liutang Sub-district Office", STREET),
        ("lamps", "department", "市政设施所", "Public Works Station", DISTRICT),
        ("parks", "department", "园林绿化所", "Parks Station", DISTRICT),
        ("firm", "property_firm", "安居物业有限公司", "Anju Property Management", STREET),
        ("east", "community", "槐安社区居委会", "Huai'an Residents' Committee", EAST),
        ("west", "community", "青禾社区居委会", "Qinghe Residents' Committee", WEST),
    ]:
        world.organisations[key] = Organisation.objects.create(
            kind=kind, name=name, name_en=name_en, short_name=name, short_name_en=name_en, area_code=code
        )


def _people(world: World) -> None:
    for key, role, code, organisation in [
        ("dispatcher", "dispatcher", STREET, "street"),
        ("handler", "handler", "", "lamps"),
        ("second_handler", "handler", "", "lamps"),
        ("other_handler", "handler", "", "parks"),
        ("head", "community_head", EAST, "east"),
        ("agent", "callback_agent", STREET, "street"),
        ("supervisor", "supervisor", STREET, "street"),
        ("district", "district_viewer", DISTRICT, "district"),
        ("grid_worker", "grid_worker", EAST_GRID, "east"),
        ("administrator", "administrator", DISTRICT, "district"),
        ("clerk", "counter_clerk", STREET, "street"),
        ("operations", "operations_admin", DISTRICT, "district"),
        ("stranger", "", "", "street"),
    ]:
        add_person(world, key, role, code, world.organisations[organisation])


def add_person(world: World, key: str, role: str, code: str, organisation: Organisation) -> User:
    user = User(
        email=f"{key}@example.com", display_name=f"{key.title()} Person", organisation=organisation, staff_no=key
    )
    user.set_password(PASSWORD)
    user.save()
    world.people[key] = user
    if role:
        grant(world, key, role, code or organisation.area_code, None if code else organisation)
    return user


def grant(world: World, key: str, role: str, code: str, organisation: Organisation | None = None) -> Grant:
    """Give somebody of the town a role in an area, or in an organisation there."""
    return Grant.objects.create(
        user=world.people[key],
        role=Role.objects.get(key=role),
        area_code=code,
        organisation=organisation,
        starts_at=MORNING - timedelta(days=400),
        reason="test",
        created_at=MORNING - timedelta(days=400),
    )


def _assessments(world: World) -> None:
    """What the law asks to assess first was assessed: what it locks is open in this town."""
    ImpactAssessment.objects.bulk_create(
        ImpactAssessment(
            submission_key=uuid4(),
            use=use,
            necessity="test",
            risks="test",
            measures="test",
            valid_until=date(2029, 12, 31),
            filed_at=MORNING - timedelta(days=300),
            filed_by=world.people["administrator"],
            decided_at=MORNING - timedelta(days=299),
            decided_by=world.people["district"],
            is_approved=True,
        )
        for use in sensitive_uses()
    )


def _catalogue(world: World) -> None:
    for key, accept, sign, contact, answer in [
        ("general", 2, (2, "working_hour"), 24, (7, "natural_day")),
        ("urgent", 1, (1, "natural_hour"), 1, (2, "natural_hour")),
    ]:
        policy = world.policies[key] = DeadlinePolicy.objects.create(
            key=key, name=key, name_en=key, valid_from=date(2020, 1, 1), is_confirmed=False
        )
        PolicyClock.objects.bulk_create(
            [
                PolicyClock(policy=policy, kind="accept", amount=accept, unit="natural_hour"),
                PolicyClock(policy=policy, kind="sign", amount=sign[0], unit=sign[1]),
                PolicyClock(policy=policy, kind="contact", amount=contact, unit="natural_hour"),
                PolicyClock(policy=policy, kind="answer", amount=answer[0], unit=answer[1]),
            ]
        )
    assist = DutyItem.objects.create(code="P-1", name="协助", name_en="Assist", kind="assist")
    basic = DutyItem.objects.create(code="B-1", name="基本", name_en="Basic", kind="basic")
    rows = [
        ("lamp", "010101", "路灯不亮", "Street lamp out", basic, ["路灯", "灯不亮", "照明"], "", ""),
        ("noise", "010102", "施工噪声", "Construction noise", assist, ["噪声", "施工", "工地"], "", ""),
        ("fire", "010103", "火情", "Fire", basic, ["着火", "起火", "火情"], "请马上打 119。", "119"),
    ]
    for key, code, name, name_en, duty, words, stop, phone in rows:
        world.categories[key] = Category.objects.create(
            code=code,
            name=name,
            name_en=name_en,
            policy_key="general",
            duty_item=duty,
            keywords=words,
            stop_text=stop,
            stop_text_en="Call 119 now." if stop else "",
            stop_phone=phone,
            is_public=True,
        )
    DispatchRule.objects.create(
        category_prefix="010101", area_prefix=DISTRICT, organisation=world.organisations["lamps"]
    )
    DispatchRule.objects.create(category_prefix="", area_prefix=EAST, organisation=world.organisations["east"])
    DispatchRule.objects.create(category_prefix="", area_prefix=DISTRICT, organisation=world.organisations["street"])
