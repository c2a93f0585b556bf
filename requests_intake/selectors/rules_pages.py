"""Dispatch rules in words, for their pages and for notices."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from governance.access import areas
from requests_intake.models import Category, Channel, DispatchRule, RequestKind, RuleHours
from requests_intake.selectors.rules import Asked, RuleBook, asked_of, rule_book


@dataclass(frozen=True, slots=True)
class RuleRow:
    """One rule of the list: when it fits, what it suggests, what is odd about it."""

    rule: DispatchRule
    conditions: list[str]
    fits_all: bool
    shadowed_by: int | None


@dataclass(frozen=True, slots=True)
class Names:
    """Names of the categories and areas that rules name."""

    categories: Mapping[str, str]
    areas: Mapping[str, str]


def names_for(rules: Iterable[DispatchRule]) -> Names:
    """Return the names that these rules need, in the language of the page. 2 SQL."""
    found = list(rules)
    codes = {rule.category_prefix for rule in found if rule.category_prefix}
    places = {rule.area_prefix for rule in found if rule.area_prefix}
    return Names(
        categories={category.code: category.label for category in Category.objects.filter(code__in=codes)}
        if codes
        else {},
        areas=areas.names(places) if places else {},
    )


def conditions_of(rule: DispatchRule, names: Names) -> list[str]:
    """Return the conditions of a rule as sentences, in the language of the page; none: it fits everything."""
    comma, or_ = _("、"), _("”或“")
    said = []
    if rule.category_prefix:
        said.append(_("事项是“%(what)s”") % {"what": names.categories.get(rule.category_prefix, rule.category_prefix)})
    if rule.area_prefix:
        said.append(_("在%(where)s") % {"where": names.areas.get(rule.area_prefix, rule.area_prefix)})
    if rule.kinds:
        said.append(_("类型：%(kinds)s") % {"kinds": comma.join(str(RequestKind(kind).label) for kind in rule.kinds)})
    if rule.channels:
        said.append(
            _("来自：%(channels)s") % {"channels": comma.join(str(Channel(one).label) for one in rule.channels)}
        )
    if rule.words:
        said.append(_("话里有“%(words)s”") % {"words": or_.join(rule.words)})
    if rule.hours != RuleHours.ANY:
        said.append(str(RuleHours(rule.hours).label))
    if rule.time_from and rule.time_until:
        said.append(
            _("%(begin)s 到 %(end)s 之间") % {"begin": f"{rule.time_from:%H:%M}", "end": f"{rule.time_until:%H:%M}"}
        )
    return said


def rules_matching(*, words: str = "", state: str = "") -> Any:
    """Return the rules for the list, by position: with words, those whose category, organisation or note holds them."""
    rows = DispatchRule.objects.select_related("organisation", "owner")
    if state == "on":
        rows = rows.filter(is_active=True)
    elif state == "off":
        rows = rows.filter(is_active=False)
    elif state == "faulty":
        rows = rows.exclude(fault="")
    words = words.strip()
    if not words:
        return rows
    named = Category.objects.filter(Q(name__icontains=words) | Q(name_en__icontains=words) | Q(code__startswith=words))
    return rows.filter(
        Q(organisation__name__icontains=words)
        | Q(organisation__name_en__icontains=words)
        | Q(note__icontains=words)
        | Q(category_prefix__in=named.values("code"))
    )


def rule_rows(rules: Sequence[DispatchRule]) -> list[RuleRow]:
    """Return the rows of a page. 3 SQL: names of categories and areas, and all rules, for what stands in whose way."""
    names, book = names_for(rules), rule_book()
    known = {asked.pk: asked for asked in book.rules}
    positions = dict(DispatchRule.objects.values_list("pk", "position")) if rules else {}
    return [_row(rule, names, book, known.get(rule.pk), positions) for rule in rules]


def _row(
    rule: DispatchRule, names: Names, book: RuleBook, asked: Asked | None, positions: Mapping[int, int]
) -> RuleRow:
    shadow = book.shadowing(asked) if asked is not None else None
    return RuleRow(
        rule=rule,
        conditions=conditions_of(rule, names),
        fits_all=asked is not None and asked.fits_all,
        shadowed_by=positions.get(shadow.pk) if shadow is not None else None,
    )


@dataclass(frozen=True, slots=True)
class Warnings:
    """What is odd about a rule that is about to be saved at a position."""

    fits_all: bool
    hides: int
    hidden_by: int | None

    def __bool__(self) -> bool:
        return self.fits_all or bool(self.hides) or self.hidden_by is not None


def warnings_about(rule: DispatchRule, position: int) -> Warnings:
    """Say of an unsaved rule at a position: does it fit everything, hide others, or stay hidden itself? 1 SQL."""
    others = [row for row in DispatchRule.objects.filter(is_active=True) if row.pk != rule.pk]
    ordered = sorted(asked_of(others), key=lambda one: one.rank)
    positions = {row.pk: row.position for row in others}
    mine = asked_of([rule])[0]
    before = [one for one in ordered if positions[one.pk] < position]
    after = [one for one in ordered if positions[one.pk] >= position]
    hidden = next((one for one in before if one.covers(mine)), None)
    return Warnings(
        fits_all=mine.fits_all,
        hides=sum(1 for one in after if mine.covers(one)),
        hidden_by=positions[hidden.pk] if hidden is not None else None,
    )
