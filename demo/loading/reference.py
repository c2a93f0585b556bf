"""Territory, addresses, calendar, offices, catalogue, deadlines: what an office would set up before its first day."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from demo import addresses, organisations
from demo.organisations import DISTRICT_CODE
from demo.territory import territory
from governance.access.viewer import SYSTEM
from governance.notifications.services import preference_defaults_save
from governance.organisations.models import Organisation
from governance.worktime.services import calendar_fill
from grid.district import district_forget
from grid.models import DutyItem
from grid.services.areas import areas_load
from grid.services.duties import duty_items_load
from population.services.addresses import AddressDraft, addresses_load
from requests_intake.models import (
    Category,
    CommunityProfile,
    DeadlinePolicy,
    DispatchRule,
    Offer,
    PolicyClock,
    PolicyStage,
    ProfileArea,
    ProfileCategory,
    UpstreamSource,
)
from requests_intake.upstream.fields import USUAL_TITLES
from setup_wizard.starter import catalogue, policies

# The demo calls the whole answer "resolve"; the portal times it as the answer promised at submission.
CLOCKS = {"accept": "accept", "sign": "sign", "contact": "contact", "resolve": "answer"}
GENERAL = policies.UNCLASSIFIED
# Stages before the answer, counted from acceptance: name, amount, unit. The district's own promise [GK].
STAGED: dict[str, tuple[tuple[str, str, int, str], ...]] = {
    "immediate_24h": (
        ("到现场", "On the spot", 2, "natural_hour"),
        ("临时措施", "Stop-gap in place", 12, "natural_hour"),
    ),
}
# Nobody in the village pays a property firm, takes a lift or parks in an underground garage.
OFF_IN_VILLAGES = ("0201", "020202", "020203", "020204", "020301")
FIRST_IN = {"village": ("010304", "050301", "090102"), "old_estate": ("020203", "020205")}
OLD_ESTATES = ("990105001002",)


@dataclass(frozen=True, slots=True)
class Reference:
    """Rows by the keys that the demo's own data uses."""

    organisations: dict[str, Organisation]
    categories: dict[str, Category]
    policies: dict[str, DeadlinePolicy]


def load_reference(at: datetime) -> Reference:
    """Load all reference data; `at` is the moment of loading."""
    for year in (at.year - 1, at.year, at.year + 1):
        calendar_fill(year=year)
    _territory(at)
    offices = _organisations()
    limits = _policies(at.date())
    categories = _catalogue()
    _profiles(categories)
    _rules(offices)
    _upstream(at)
    # A demo is looked at in the night, too: nothing waits for the morning.
    preference_defaults_save(quiet_from=None, quiet_until=None, digest_at=time(8), actor=SYSTEM, at=at)
    return Reference(offices, categories, limits)


def _territory(at: datetime) -> None:
    start = (at - timedelta(days=800)).date().isoformat()
    features = [
        {
            "type": "Feature",
            "geometry": area.geojson,
            "properties": {
                "code": area.code,
                "name": area.name,
                "name_en": area.name_en,
                "kind": "village" if area.is_village and area.level == "community" else "",
                "valid_from": start,
            },
        }
        for area in territory().areas
    ]
    areas_load(geojson={"type": "FeatureCollection", "features": features}, actor=SYSTEM, at=at)
    district_forget()
    addresses_load(drafts=_addresses(), actor=SYSTEM, at=at)


def _addresses() -> list[AddressDraft]:
    names = {estate.key: estate.name for estate in territory().estates}
    return [
        AddressDraft(
            estate=names.get(one.estate_key, one.street),
            building=one.house,
            lng=one.point[0],
            lat=one.point[1],
            area_code=one.grid_code,
            aliases=[one.short] if one.short != one.text else [],
            text=one.text,
        )
        for one in addresses.standard_addresses()
    ]


def _organisations() -> dict[str, Organisation]:
    rows = {
        one.key: Organisation(
            kind=one.kind,
            name=one.name,
            name_en=one.name_en,
            short_name=one.short_name,
            short_name_en=one.short_name_en,
            area_code=one.area_code,
            phone=one.phone,
            hours=one.hours,
            hours_en=one.hours_en,
        )
        for one in organisations.organisations()
    }
    Organisation.objects.bulk_create(rows.values())
    parents = organisations.by_key()
    children = [key for key in rows if parents[key].parent]
    for key in children:
        rows[key].parent = rows[parents[key].parent]
    Organisation.objects.bulk_update([rows[key] for key in children], ["parent"])
    return rows


def _policies(today: date) -> dict[str, DeadlinePolicy]:
    rows = {
        one.key: DeadlinePolicy(
            key=one.key,
            name=one.name,
            name_en=one.name_en,
            source=one.source[:200],
            valid_from=today - timedelta(days=800),
        )
        for one in policies.POLICIES
    }
    usual = policies.BY_KEY[policies.USUAL]
    # What a request gets whose category nobody knows yet.
    rows[GENERAL] = DeadlinePolicy(
        key=GENERAL,
        name=policies.UNCLASSIFIED_NAMES[0],
        name_en=policies.UNCLASSIFIED_NAMES[1],
        source=rows[usual.key].source,
        valid_from=rows[usual.key].valid_from,
    )
    DeadlinePolicy.objects.bulk_create(rows.values())
    sources = {**{one.key: one for one in policies.POLICIES}, GENERAL: usual}
    PolicyClock.objects.bulk_create(
        PolicyClock(policy=rows[key], kind=CLOCKS[clock.stage], amount=clock.amount, unit=clock.unit)
        for key, one in sources.items()
        for clock in one.clocks
    )
    PolicyStage.objects.bulk_create(
        PolicyStage(policy=rows[key], position=position, name=name, name_en=name_en, amount=amount, unit=unit)
        for key, stages in STAGED.items()
        for position, (name, name_en, amount, unit) in enumerate(stages, 1)
    )
    return rows


def _catalogue() -> dict[str, Category]:
    entries = catalogue.catalogue()
    leaves = [entry for entry in entries if entry.is_leaf]
    duty_items_load(
        items=[
            DutyItem(code=f"CW-{leaf.code}", name=leaf.name, name_en=leaf.name_en, kind=leaf.duty)
            for leaf in leaves
            if leaf.duty
        ],
        actor=SYSTEM,
    )
    duties = {duty.code: duty for duty in DutyItem.objects.all()}
    rows = {
        entry.code: Category(
            code=entry.code,
            name=entry.name,
            name_en=entry.name_en,
            guide=entry.guide,
            guide_en=entry.guide_en,
            answered_by=_answered_by(entry)[0],
            answered_by_en=_answered_by(entry)[1],
            legal_basis=entry.legal_basis,
            acceptance=entry.accept_when,
            closing=entry.close_when,
            urgency=entry.urgency or "general",
            policy_key=entry.policy or GENERAL,
            duty_item=duties.get(f"CW-{entry.code}"),
            is_public=entry.public_by_default,
            needs_place=not entry.is_enquiry,
            round_the_clock=entry.round_the_clock,
            stop_text=entry.stop_text,
            stop_text_en=entry.stop_text_en,
            stop_phone=_phone(entry.stop_text),
            keywords=list(entry.keywords),
        )
        for entry in entries
    }
    Category.objects.bulk_create(rows.values())
    return rows


def _profiles(categories: dict[str, Category]) -> None:
    """The villages are villages and the old lanes an old estate; what does not arise in a village is not offered."""
    profiles = {row.key: row for row in CommunityProfile.objects.all()}
    treated = [("village", code, Offer.OFF) for code in OFF_IN_VILLAGES]
    treated += [(key, code, Offer.FIRST) for key, codes in FIRST_IN.items() for code in codes]
    ProfileCategory.objects.bulk_create(
        ProfileCategory(profile=profiles[key], category=categories[code], offer=offer) for key, code, offer in treated
    )
    ProfileArea.objects.bulk_create(
        ProfileArea(area_code=area.code, profile=profiles["village" if area.is_village else "old_estate"])
        for area in territory().communities
        if area.is_village or area.code in OLD_ESTATES
    )


def _answered_by(entry: catalogue.CatalogueEntry) -> tuple[str, str]:
    """Who answers, in both languages: a department by name, else the kind of office."""
    if entry.answer_kind == "department":
        office = organisations.by_key()[entry.answer_key]
        return office.name, office.name_en
    return {
        "section": ("街道对口科室", "the section of your sub-district office"),
        "community": ("社区居委会或村委会", "your residents' or villagers' committee"),
    }.get(entry.answer_kind, ("", ""))


def _phone(stop_text: str) -> str:
    found = re.search(r"1(?:10|19|20|22)", stop_text)
    return found.group() if found else ""


SENT_AT_ONCE = "010301"  # street lights: one office for all of them, and nothing to weigh


def _rules(offices: dict[str, Organisation]) -> None:
    """The catalogue's own rules, and for matters not yet classified the desk of the sub-district or the centre."""
    rules = [
        DispatchRule(
            category_prefix=rule.category_code,
            area_prefix=rule.area_code,
            organisation=offices[rule.organisation_key],
            acts=rule.category_code == SENT_AT_ONCE,
        )
        for rule in organisations.dispatch_rules()
    ]
    places = territory().areas
    rules += [
        DispatchRule(area_prefix=area.code, organisation=offices[f"sub:{area.code}"])
        for area in places
        if area.level == "subdistrict"
    ]
    rules += [
        DispatchRule(area_prefix=area.code, organisation=offices["centre"])
        for area in places
        if area.level == "district"
    ]
    # the more specific is asked first
    rules.sort(key=lambda rule: (-len(rule.category_prefix), -len(rule.area_prefix)))
    for position, rule in enumerate(rules, 1):
        rule.position = position
    DispatchRule.objects.bulk_create(rules)


def _upstream(at: datetime) -> None:
    """The city's hotline as a source, so that a table can be handed in at once."""
    UpstreamSource.objects.create(
        key="city-12345",
        name="市 12345 热线",
        name_en="City hotline 12345",
        area_code=DISTRICT_CODE,
        columns=USUAL_TITLES,
        values={
            "kind": {"诉求": "help", "表扬": "suggestion"},
            "channel": {"0": "本地录入", "1": "区分转", "2": "直派"},
        },
        updated_at=at,
    )
