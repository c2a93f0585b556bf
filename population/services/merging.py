"""Making one record of two of the same person, and parting them again."""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from governance.access.checks import require
from governance.access.viewer import Viewer
from governance.errors import DomainError, StaleState, constraint_errors
from governance.outbox.services import publish
from governance.refs import ref_of
from population import events
from population.models import EndReason, Ownership, Person, Relation, Residency
from population.models.merging import PersonMerge
from population.permissions import Capability
from population.selectors.duplicates import reasons_for
from population.services.bindings import bindings_follow
from population.services.households import household_end, household_reopen, settle_home
from population.services.recording import differing, record_change

# What may be taken from the record that goes: a word for the form -> columns that belong together.
TAKEN: dict[str, tuple[str, ...]] = {
    "name": ("name", "name_index"),
    "sex": ("sex",),
    "birth_date": ("birth_date", "birth_year"),
    "document_number": ("document_kind", "document_number", "document_index"),
    "phone": ("phone", "phone_index"),
}


def person_merge(*, kept: Person, merged: Person, take: Collection[str], actor: Viewer, at: datetime) -> PersonMerge:
    """Make one record of two. `take`: keys of `TAKEN` whose values come from the one that goes; empty ones do anyway.

    Stays move to the record that is kept; a second entry of the same stay is taken for none. Raises `DomainError`
    where both live in different places or one is dead, `StaleState` where one was merged meanwhile.
    """
    with constraint_errors(), transaction.atomic():
        kept, merged = _lock_both(kept, merged, actor)
        reasons = reasons_for(kept, merged)
        if (kept.died_on is None) != (merged.died_on is None):
            raise DomainError("merge_one_dead", _("一条登记为已经去世，另一条没有：先把这一点核对清楚"))
        before: dict[str, Any] = {"residencies": [], "ownerships": [], "households": []}
        merged.merged_into, merged.changed_at = kept, at
        merged.save(update_fields=["merged_into", "changed_at"])
        before["kept"] = _take(kept, merged, take, actor, at)
        for residency in _residencies(merged):
            _bring(residency, kept, before, actor, at)
        for ownership in Ownership.objects.filter(person=merged).order_by("pk"):
            before["ownerships"].append(ownership.pk)
            ownership.person = kept
            ownership.save(update_fields=["person"])
        settle_home(kept)
        made = PersonMerge.objects.create(
            kept=kept, merged=merged, reasons=reasons, before=before, merged_at=at, merged_by_id=actor.user_id
        )
        bindings_follow(person_ids=[merged.pk, kept.pk], at=at)
        payload = {"person": ref_of(kept)}
        publish(events.PERSON_MERGED, subject=merged, actor=actor, area_code=kept.area_code, payload=payload, at=at)
    return made


def merge_undo(*, merge: PersonMerge, actor: Viewer, at: datetime) -> PersonMerge:
    """Part two records again: each stay goes back to whose it was, and the kept record says what it said before.

    What somebody corrected in the kept record since stays as it is now. A second time changes nothing. Raises
    `DomainError` "merge_number" where the number that was taken over has been corrected since.
    """
    with constraint_errors(), transaction.atomic():
        locked = PersonMerge.objects.select_for_update(of=("self",), no_key=True).get(pk=merge.pk)
        if locked.undone_at is not None:
            return locked
        people = _locked({locked.kept_id, locked.merged_id})
        kept, merged = people[locked.kept_id], people[locked.merged_id]
        for one in (kept, merged):
            require(actor, Capability.MERGE_PEOPLE, one)
        if kept.merged_into_id is not None:
            raise StaleState("merged_further", _("留下的这一条后来又并到别处了，先把那一次拆开"))
        _give_back(kept, locked.before["kept"], actor, at)
        merged.merged_into, merged.changed_at = None, at
        merged.save(update_fields=["merged_into", "changed_at"])
        for pk in locked.before["households"]:
            household_reopen(pk, at)
        for row in locked.before["residencies"]:
            _put_back(row, merged)
        Ownership.objects.filter(pk__in=locked.before["ownerships"], person=kept).update(person=merged)
        for one in (kept, merged):
            settle_home(one)
        locked.undone_at, locked.undone_by_id = at, actor.user_id
        locked.save(update_fields=["undone_at", "undone_by"])
        bindings_follow(person_ids=[kept.pk, merged.pk], at=at)
        payload = {"person": ref_of(kept)}
        publish(events.PERSON_PARTED, subject=merged, actor=actor, area_code=kept.area_code, payload=payload, at=at)
    return locked


def _lock_both(kept: Person, merged: Person, actor: Viewer) -> tuple[Person, Person]:
    if kept.pk == merged.pk:
        raise DomainError("merge_itself", _("一条记录不能并到它自己"))
    people = _locked({kept.pk, merged.pk})
    for one in people.values():
        require(actor, Capability.MERGE_PEOPLE, one)
        if one.merged_into_id is not None:
            raise StaleState("merged_already", _("其中一条已经并到另一条里了"))
    return people[kept.pk], people[merged.pk]


def _locked(pks: Collection[int]) -> dict[int, Person]:
    rows = Person.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=pks).order_by("pk")
    return {one.pk: one for one in rows}


def _take(kept: Person, merged: Person, take: Collection[str], actor: Viewer, at: datetime) -> dict[str, Any]:
    """Give the kept record what it lacks and what was chosen; return [old, new] of each column."""
    values: dict[str, Any] = {}
    for key, names in TAKEN.items():
        lead = names[1] if key == "document_number" else names[0]
        has = getattr(kept, lead) not in (None, "", "0")
        gives = getattr(merged, lead) not in (None, "", "0")
        if gives and (key in take or not has):
            values |= {name: getattr(merged, name) for name in names}
    before = differing(kept, values)
    if before:
        kept.changed_at = at
        kept.save()
        record_change(kept, before, source=kept.source, actor=actor, at=at)
    return {name: [_text(old), _text(getattr(kept, name))] for name, old in before.items()}


def _bring(residency: Residency, kept: Person, before: dict[str, Any], actor: Viewer, at: datetime) -> None:
    """One stay of the record that goes: it becomes the kept one's, or was entered twice."""
    twins = [
        one
        for one in _residencies(kept)
        if _at_once(one, residency)
        and ((one.is_main and residency.is_main) or one.household_id == residency.household_id)
    ]
    if any(one.dwelling_id != residency.dwelling_id for one in twins):
        raise DomainError("merge_two_homes", _("两条登记同时住在不同的地方：先在其中一条上登记搬走，再合并"))
    if not twins:
        before["residencies"].append({"pk": residency.pk})
        residency.person = kept
        residency.save(update_fields=["person"])
        return
    was = {"pk": residency.pk, "to_date": _text(residency.to_date), "end_reason": residency.end_reason}
    before["residencies"].append(was)
    residency.to_date, residency.end_reason = residency.from_date, EndReason.MERGED
    residency.save(update_fields=["to_date", "end_reason"])
    _keep_head(residency, twins[0], before, actor, at)


def _keep_head(void: Residency, twin: Residency, before: dict[str, Any], actor: Viewer, at: datetime) -> None:
    """The household of an entry that was none has a head, or was none either."""
    rest = list(Residency.objects.current().filter(household_id=void.household_id).order_by("pk"))
    if not rest:
        before["households"].append(void.household_id)
        household_end(void.household_id, void.from_date, actor, at)
    elif void.relation == Relation.HEAD and not any(one.relation == Relation.HEAD for one in rest):
        if twin.household_id != void.household_id:
            raise DomainError("merge_head", _("要并掉的这一条是一户的户主，那一户还有别人：先换户主，再合并"))
        before["residencies"].append({"pk": twin.pk, "relation": twin.relation})
        twin.relation = Relation.HEAD
        twin.save(update_fields=["relation"])


def _give_back(kept: Person, changed: dict[str, list[Any]], actor: Viewer, at: datetime) -> None:
    """What came from the other record goes, unless somebody corrected it since."""
    since = [name for name, (_old, new) in changed.items() if _text(getattr(kept, name)) != new]
    if {"document_number", "document_index"} & set(since):
        raise DomainError("merge_number", _("合并以后改过证件号码：先改回合并时的号码，再拆开"))
    groups = {name: names for names in TAKEN.values() for name in names}
    untouched = [name for name in changed if not set(groups[name]) & set(since)]
    before = differing(kept, {name: changed[name][0] for name in untouched})
    if before:
        kept.changed_at = at
        kept.save()
        record_change(kept, before, source=kept.source, actor=actor, at=at)


def _put_back(row: dict[str, Any], merged: Person) -> None:
    residency = Residency.objects.select_for_update(of=("self",), no_key=True).get(pk=row["pk"])
    if "relation" in row:
        residency.relation = row["relation"]
    elif "to_date" in row:
        residency.to_date = date.fromisoformat(row["to_date"]) if row["to_date"] else None
        residency.end_reason = row["end_reason"]
    else:
        residency.person = merged
    residency.save()


def _residencies(person: Person) -> list[Residency]:
    rows = Residency.objects.select_for_update(of=("self",), no_key=True).filter(person=person)
    return list(rows.exclude(end_reason__in=[EndReason.MISTAKE, EndReason.MERGED]).order_by("pk"))


def _at_once(one: Residency, other: Residency) -> bool:
    """Whether two periods share a day."""
    ends = [row.to_date or date.max for row in (one, other)]
    return max(one.from_date, other.from_date) < min(ends)


def _text(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
