"""The only writers of dispatch rules. What a rule can no longer mean switches it off, loudly, and stops no request."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from governance.access import areas
from governance.access.models import User
from governance.access.viewer import SYSTEM, Viewer
from governance.errors import DomainError, StaleState, constraint_errors
from governance.organisations.models import Organisation
from governance.outbox.services import NewEvent, publish, publish_many
from governance.refs import ref_of
from governance.text import clean_text
from governance.worktime import calendar_current
from requests_intake import events
from requests_intake.models import Category, Channel, DispatchRule, RequestKind, RuleFault, RuleHours
from requests_intake.permissions import Capability
from requests_intake.selectors.rules import Matter, asked_of, rules_forget
from requests_intake.services.office import checked_text, require_office

WORDS_MAX = 20
WORD_MAX = 20
_CONDITIONS = ("category_prefix", "area_prefix", "kinds", "channels", "words", "hours", "time_from", "time_until")
_SENDING = {*_CONDITIONS, "organisation_id"}


@dataclass(frozen=True, slots=True)
class RuleDraft:
    """A rule as it was typed; an empty condition fits everything."""

    organisation: Organisation
    category_prefix: str = ""
    area_prefix: str = ""
    kinds: Sequence[str] = ()
    channels: Sequence[str] = ()
    words: Sequence[str] = ()
    hours: str = RuleHours.ANY
    time_from: time | None = None
    time_until: time | None = None
    is_active: bool = True
    note: str = ""
    owner: User | None = None


def rule_create(*, draft: RuleDraft, position: int, actor: Viewer, at: datetime) -> DispatchRule:
    """Add a rule at a position (from 1; beyond the end: last).

    Raises `DomainError` with the field for a category, area or organisation that is not in use, too many or too long
    words, half a span of time, and a rule that is there already.
    """
    require_office(actor, Capability.EDIT_RULES)
    with constraint_errors(), transaction.atomic():
        order = _locked_order()
        rule = _filled(DispatchRule(), draft)
        _check_new(rule)
        rule.save(force_insert=True)
        _place(order, rule.pk, position)
        publish(events.RULE_CREATED, subject=ref_of(rule), actor=actor, payload={"rule_id": rule.pk}, at=at)
        transaction.on_commit(rules_forget)
    rule.refresh_from_db(fields=["position"])
    return rule


def rule_change(*, rule: DispatchRule, draft: RuleDraft, position: int, actor: Viewer, at: datetime) -> DispatchRule:
    """Change a rule and its place; whatever was wrong with it is taken as put right. Raises as `rule_create` does.

    One that acts only proposes again once its conditions or its organisation are others.
    """
    require_office(actor, Capability.EDIT_RULES)
    with constraint_errors(), transaction.atomic():
        order = _locked_order()
        locked = rule_lock(rule)
        before = _values(locked)
        _filled(locked, draft)
        locked.fault, locked.fault_at = "", None
        _check_new(locked)
        changed = sorted(name for name, value in _values(locked).items() if before[name] != value)
        if _SENDING & set(changed):  # another rule: it is tried and confirmed anew before it acts
            locked.version, locked.acts = locked.version + 1, False
        if not changed and order.index(locked.pk) + 1 == position:
            raise DomainError("nothing_changed", _("和现在的一样，没有改动"))
        locked.save()
        _place([pk for pk in order if pk != locked.pk], locked.pk, position)
        payload = {"rule_id": locked.pk, "fields": changed}
        publish(events.RULE_CHANGED, subject=ref_of(locked), actor=actor, payload=payload, at=at)
        transaction.on_commit(rules_forget)
    locked.refresh_from_db(fields=["position"])
    return locked


def rule_move(*, rule: DispatchRule, position: int, actor: Viewer, at: datetime) -> DispatchRule:
    """Ask a rule earlier or later (position from 1)."""
    require_office(actor, Capability.EDIT_RULES)
    with transaction.atomic():
        order = _locked_order()
        locked = rule_lock(rule)
        _place([pk for pk in order if pk != locked.pk], locked.pk, position)
        locked.refresh_from_db(fields=["position"])
        payload = {"rule_id": locked.pk, "position": locked.position}
        publish(events.RULE_MOVED, subject=ref_of(locked), actor=actor, payload=payload, at=at)
        transaction.on_commit(rules_forget)
    return locked


def rule_activate(*, rule: DispatchRule, is_active: bool, actor: Viewer, at: datetime) -> DispatchRule:
    """Switch a rule on or off. Raises `DomainError` for one that still names what is not in use."""
    require_office(actor, Capability.EDIT_RULES)
    with transaction.atomic():
        locked = rule_lock(rule)
        fault = _fault_of(locked, at) if is_active else ""
        if fault:
            raise DomainError("rule_faulty", RuleFault(fault).label)
        locked.is_active, locked.fault, locked.fault_at = is_active, "", None
        locked.save(update_fields=["is_active", "fault", "fault_at"])
        payload = {"rule_id": locked.pk, "fields": ["is_active"]}
        publish(events.RULE_CHANGED, subject=ref_of(locked), actor=actor, payload=payload, at=at)
        transaction.on_commit(rules_forget)
    return locked


def rule_delete(*, rule: DispatchRule, actor: Viewer, at: datetime) -> None:
    """Remove a rule. What it suggested before stays with the requests."""
    require_office(actor, Capability.EDIT_RULES)
    with transaction.atomic():
        locked = rule_lock(rule)
        subject, payload = ref_of(locked), {"rule_id": locked.pk}
        locked.delete()
        publish(events.RULE_DELETED, subject=subject, actor=actor, payload=payload, at=at)
        transaction.on_commit(rules_forget)


def rules_check(*, at: datetime) -> list[int]:
    """Switch off every rule in use that names a category or organisation not in use, or fails; return their keys."""
    faults = {}
    for rule in DispatchRule.objects.filter(is_active=True).select_related("organisation"):
        if fault := _fault_of(rule, at):
            faults[rule.pk] = fault
    return rules_switch_off(faults=faults, at=at)


def rules_switch_off(*, faults: Mapping[int, str], at: datetime) -> list[int]:
    """Switch rules off for a reason each and tell their owners; those already off are left as they are."""
    if not faults:
        return []
    with transaction.atomic():
        rows = list(
            DispatchRule.objects.select_for_update(of=("self",), no_key=True)
            .filter(pk__in=list(faults), is_active=True)
            .order_by("pk")
        )
        for row in rows:
            row.is_active, row.acts, row.fault, row.fault_at = False, False, faults[row.pk], at
        DispatchRule.objects.bulk_update(rows, ["is_active", "acts", "fault", "fault_at"])
        publish_many(
            NewEvent(
                event_type=events.RULE_SWITCHED_OFF,
                subject=ref_of(row),
                actor=SYSTEM,
                payload={"rule_id": row.pk, "fault": row.fault, "owner_id": row.owner_id},
                at=at,
            )
            for row in rows
        )
        transaction.on_commit(rules_forget)
    rules_forget()
    return [row.pk for row in rows]


def _fault_of(rule: DispatchRule, at: datetime) -> str:
    if rule.category_prefix:
        category = Category.objects.filter(code=rule.category_prefix).only("is_active").first()
        if category is None:
            return RuleFault.CATEGORY_GONE
        if not category.is_active:
            return RuleFault.CATEGORY_RETIRED
    if not rule.organisation.is_active:
        return RuleFault.ORGANISATION_CLOSED
    # every condition is asked: a made-up request that meets the earlier ones
    matter = Matter(
        category_code=rule.category_prefix,
        area_code=rule.area_prefix,
        at=at,
        kind=next(iter(rule.kinds), ""),
        channel=next(iter(rule.channels), ""),
        words=" ".join(rule.words),
    )
    try:
        asked_of([rule])[0].fits(matter, calendar_current())
    except DomainError:  # the calendar has run out: the next request would fail as well
        return RuleFault.ERROR
    return ""


def rule_lock(rule: DispatchRule) -> DispatchRule:
    """Return the rule, its row locked until the end of the transaction. Raises `StaleState` where it is gone."""
    locked = (
        DispatchRule.objects.select_related("organisation")
        .select_for_update(of=("self",), no_key=True)
        .filter(pk=rule.pk)
        .first()
    )
    if locked is None:
        raise StaleState("rule_gone", _("这条规则刚才有人删掉了"))
    return locked


def _filled(rule: DispatchRule, draft: RuleDraft) -> DispatchRule:
    rule.organisation = draft.organisation
    rule.category_prefix, rule.area_prefix = draft.category_prefix, draft.area_prefix
    rule.kinds, rule.channels = sorted(draft.kinds), sorted(draft.channels)
    rule.words = list(dict.fromkeys(filter(None, (clean_text(word, multiline=False) for word in draft.words))))
    rule.hours = draft.hours
    rule.time_from, rule.time_until = draft.time_from, draft.time_until
    rule.is_active = draft.is_active
    rule.note = checked_text({"note": draft.note}, "note", 200)
    rule.owner = draft.owner
    return rule


def _check_new(rule: DispatchRule) -> None:
    if rule.category_prefix and not Category.objects.filter(code=rule.category_prefix, is_active=True).exists():
        raise DomainError("category_unknown", _("这个事项已经停用，请重新选一个"), field="category_prefix")
    if rule.area_prefix and not areas.exists(rule.area_prefix):
        raise DomainError("area_unknown", _("没有这个区域，请从列表里选"), field="area_prefix")
    if not rule.organisation.is_active:
        raise DomainError("organisation_inactive", _("这个单位已经停用，请选别的单位"), field="organisation")
    if not set(rule.kinds) <= set(RequestKind.values) or not set(rule.channels) <= set(Channel.values):
        raise DomainError("choice_unknown", _("请从列表里选"), field="kinds")
    if len(rule.words) > WORDS_MAX or any(len(word) > WORD_MAX for word in rule.words):
        raise DomainError("words_too_long", _("最多 20 个词，每个最多 20 个字"), field="words")
    if (rule.time_from is None) != (rule.time_until is None):
        field = "time_until" if rule.time_from else "time_from"
        raise DomainError("half_a_span", _("几点到几点，要么都写，要么都空着"), field=field)
    if rule.time_from is not None and rule.time_from == rule.time_until:
        raise DomainError("empty_span", _("开始和结束不能是同一个时间"), field="time_until")
    same = DispatchRule.objects.filter(**{name: getattr(rule, name) for name in _CONDITIONS}).exclude(pk=rule.pk)
    if same.exists():
        raise DomainError("rule_there", _("已经有一条条件一样的规则"))


def _values(rule: DispatchRule) -> dict[str, object]:
    names = (*_CONDITIONS, "organisation_id", "is_active", "note", "owner_id")
    return {name: getattr(rule, name) for name in names}


def _locked_order() -> list[int]:
    """Return the keys of all rules in their order; whoever changes the order next waits."""
    rows = list(DispatchRule.objects.select_for_update(no_key=True).order_by("pk"))
    return [asked.pk for asked in asked_of(rows)]


def _place(others: Sequence[int], pk: int, position: int) -> None:
    """Write the order with one rule at its position: 1 SQL, only rows whose place changes."""
    index = max(0, min(position - 1, len(others)))
    order = [*others[:index], pk, *others[index:]]
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {DispatchRule._meta.db_table} AS rule SET position = placed.position "  # noqa: S608
            "FROM unnest(%s::bigint[], %s::int[]) AS placed (id, position) "
            "WHERE rule.id = placed.id AND rule.position <> placed.position",
            [order, list(range(1, len(order) + 1))],
        )
