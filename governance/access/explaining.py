"""Why somebody may see or do something: the same rules as `visible_to` and `require`, asked one by one.

It tells rules and grants, never what the record says.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.utils.functional import Promise

from governance.access.checks import can
from governance.access.models import Grant, GrantLife, User
from governance.access.rules import Rule, matching_rules
from governance.access.sync import permission_modules
from governance.access.viewer import HeldGrant, Scope, Viewer, viewer_for
from governance.refs import limits_of

GRANTS_SHOWN = 30


class Standing(StrEnum):
    """What a rule says of a person and a record."""

    HOLDS = "holds"
    MISSES = "misses"  # it could apply to this person, but not to this record
    IDLE = "idle"  # nothing that this person holds lets it apply


@dataclass(frozen=True, slots=True)
class RuleLine:
    """A named rule, how it stands, the grants that alone make it hold, and when it ends by itself."""

    text: str | Promise
    standing: Standing
    grants: tuple[int, ...] = ()
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class GrantLine:
    """A grant of the person: where it stands in time, whether the record lies in it, whether it holds what is asked."""

    grant: Grant
    life: GrantLife
    covers: bool
    holds: bool | None


@dataclass(frozen=True, slots=True)
class Explanation:
    """Whether a person sees a record and may do something to it at a moment, and why.

    `may` is None where nothing was asked for. `limits` are sentences about what they do not see of it.
    """

    person: User
    is_active: bool
    sees: bool
    rules: Sequence[RuleLine]
    grants: Sequence[GrantLine]
    limits: Sequence[Any]
    may: bool | None
    may_do: Sequence[str]


def explain(*, person: User, record: Any, capability: str = "", at: datetime) -> Explanation:
    """Return why this person sees this record at `at`, and whether a capability (if one is named) holds for it.

    The record's model has `RULES` and `access_scope()`. SQL: 2, and one for each rule that can apply, and for each of
    those with each live grant.
    """
    viewer = viewer_for(person, at)
    scope: Scope = record.access_scope()
    holding = matching_rules(record, viewer)
    rules = tuple(_rule_line(rule, record, viewer, holding) for rule in type(record).RULES)
    own = Grant.objects.filter(user=person).select_related(
        "role__group", "organisation", "granted_by", "stands_in_for__user"
    )
    held = {one.grant_id: one for one in viewer.grants}
    grants = tuple(
        GrantLine(
            grant,
            grant.life(at),
            _covers(grant, scope),
            None
            if not capability
            else capability in (held[grant.pk].capabilities if grant.pk in held else grant.role.capabilities()),
        )
        for grant in own.order_by("-starts_at", "-pk")[:GRANTS_SHOWN]
    )
    here = [one for one in _all_capabilities(record) if can(viewer, one, scope)]
    return Explanation(
        person=person,
        is_active=person.is_active,
        sees=bool(holding),
        rules=rules,
        grants=grants,
        limits=limits_of(record, viewer) if holding else [],
        may=can(viewer, capability, scope) if capability else None,
        may_do=here,
    )


def _rule_line(rule: Rule, record: Any, viewer: Viewer, holding: Sequence[Rule]) -> RuleLine:
    if rule.q(viewer) is None:
        return RuleLine(rule.text, Standing.IDLE)
    if rule not in holding:
        return RuleLine(rule.text, Standing.MISSES)
    alone = [
        grant.grant_id
        for grant in viewer.grants
        if any(one is rule for one in matching_rules(record, replace(viewer, grants=(grant,)), (rule,)))
    ]
    until = rule.until(record, viewer) if rule.until else None
    return RuleLine(rule.text, Standing.HOLDS, tuple(alone), until)


def _covers(grant: Grant, scope: Scope) -> bool:
    """As a live grant of the viewer would be asked."""
    place = grant.area_code if grant.organisation_id is None else None
    return HeldGrant(grant.pk, grant.role.key, frozenset(), place, grant.organisation_id).covers(scope)


def _all_capabilities(record: Any) -> list[str]:
    """The capabilities of the record's own app, in the order of the table."""
    return [
        str(name)
        for label, module in permission_modules()
        if label == record._meta.app_label
        for name in module.Capability
    ]
