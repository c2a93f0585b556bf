"""Who lives where from when to when: moving in and out, births, deaths, households that split or change their head.

A residency ends the day before its `to_date`; whoever moves on a day leaves the old place and is in the new one that
day. A household always has a head while anybody is in it, and ends with its last member: what would break this is
refused with words that ask for what is missing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from governance.access.checks import require
from governance.access.viewer import Viewer
from governance.errors import DomainError, constraint_errors
from governance.outbox.services import publish
from governance.refs import ref_of
from population import events
from population.models import Dwelling, EndReason, Household, Person, Purpose, Relation, Residency, ResidencyKind
from population.permissions import Capability
from population.services.people import PersonData, person_create, person_locked
from population.services.recording import differing, record_change


@dataclass(frozen=True, slots=True, kw_only=True)
class Stay:
    """On what footing somebody is in a household from a day on. `is_main`: they live there."""

    kind: str
    relation: str
    from_date: date
    is_main: bool = True
    purpose: str = Purpose.SERVICE


def move_in(
    *,
    person: Person,
    stay: Stay,
    household: Household | None = None,
    dwelling: Dwelling | None = None,
    leaves_previous: bool = False,
    new_head: Residency | None = None,
    submission_key: UUID | None = None,
    source: str,
    actor: Viewer,
    at: datetime,
) -> Residency:
    """Put a person into a household, or into a new one of a dwelling, of which they become the head.

    Somebody who lives elsewhere leaves there that day if `leaves_previous` says so (with `new_head` for those who
    stay); else it is refused with "lives_elsewhere". The same key twice is one residency.
    Raises `DomainError` beside the field: born after moving in, in the future, dead, a dwelling that ended.
    """
    with constraint_errors(), transaction.atomic():
        if submission_key is not None and (known := _once(submission_key)) is not None:
            return known
        locked = person_locked(person.pk)
        place = household.dwelling if household is not None else dwelling
        if place is None:
            raise DomainError("dwelling_required", _("请选住进哪一户"), field="dwelling")
        require(actor, Capability.CHANGE_REGISTRY, place)
        _judge_stay(locked, place, household, stay, at)
        _leave_previous(locked, stay, leaves_previous, new_head, source, actor, at)
        household = _lock_household(household.pk) if household is not None else _form(place, stay.from_date, actor, at)
        made = _reside(locked, household, stay, submission_key, source, actor, at)
        settle_home(locked)
    return made


def move_out(
    *,
    residency: Residency,
    to_date: date,
    reason: str = EndReason.MOVED,
    new_head: Residency | None = None,
    ends_household: bool = False,
    source: str,
    actor: Viewer,
    at: datetime,
) -> Residency:
    """End a residency on a day, the first on which they are not there any more.

    Raises `DomainError`: "household_needs_head" (field new_head) where the head leaves others behind,
    "household_would_be_empty" (field ends_household) where the last one leaves and that was not said.
    """
    with constraint_errors(), transaction.atomic():
        person = person_locked(residency.person_id)
        require(actor, Capability.CHANGE_REGISTRY, residency)
        ended = _end(residency, to_date, reason, actor, at)
        _keep_household(ended, to_date, new_head, ends_household, source, actor, at)
        settle_home(person)
    return ended


def birth(
    *,
    household: Household,
    data: PersonData,
    relation: str,
    kind: str = ResidencyKind.REGISTERED,
    submission_key: UUID | None = None,
    source: str,
    actor: Viewer,
    at: datetime,
) -> Residency:
    """A child is born into a household: entered as a person who lives there since the day of birth."""
    if data.birth_date is None:
        raise DomainError("birth_date_required", _("请写出生日期"), field="birth_date")
    stay = Stay(kind=kind, relation=relation, from_date=data.birth_date)
    with constraint_errors(), transaction.atomic():
        if submission_key is not None and (known := _once(submission_key)) is not None:
            return known
        person = person_create(data=data, home=household.dwelling, source=source, actor=actor, at=at)
        return move_in(
            person=person,
            stay=stay,
            household=household,
            submission_key=submission_key,
            source=source,
            actor=actor,
            at=at,
        )


def death(
    *,
    person: Person,
    died_on: date,
    new_heads: Mapping[int, Residency] | None = None,
    ends_households: bool = False,
    source: str,
    actor: Viewer,
    at: datetime,
) -> Person:
    """Note that somebody died: all their residencies end that day. `new_heads`: household -> who is head from then on.

    Raises as `move_out`; "died_before_birth" and "died_in_future" beside the day.
    """
    with constraint_errors(), transaction.atomic():
        locked = person_locked(person.pk)
        require(actor, Capability.CHANGE_REGISTRY, locked)
        born = locked.born_on
        if died_on > timezone.localdate(at):
            raise DomainError("died_in_future", _("这一天还没有到"), field="died_on")
        if born is not None and died_on < born:
            raise DomainError("died_before_birth", _("去世不会早于出生"), field="died_on")
        if locked.died_on is not None:
            raise DomainError("died_already", _("已经登记了去世"), field="died_on")
        for residency in _current(person=locked):
            ended = _end(residency, max(died_on, residency.from_date), EndReason.DIED, actor, at)
            head = (new_heads or {}).get(residency.household_id)
            _keep_household(ended, died_on, head, ends_households, source, actor, at)
        before = differing(locked, {"died_on": died_on})
        locked.changed_at = locked.confirmed_at = at
        locked.confirmed_by_id, locked.source = actor.user_id, source
        locked.save()
        record_change(locked, before, source=source, actor=actor, at=at)
        publish(
            events.PERSON_DIED,
            subject=locked,
            actor=actor,
            area_code=locked.area_code,
            payload={"died_on": died_on},
            at=at,
        )
    return locked


def head_change(
    *,
    household: Household,
    head: Residency,
    on: date,
    relations: Mapping[int, str] | None = None,
    source: str,
    actor: Viewer,
    at: datetime,
) -> Residency:
    """Make a member the head from a day on; `relations`: residency -> relation to the new head, for whom it changes.

    The one who was head becomes "other" unless told.
    """
    with constraint_errors(), transaction.atomic():
        _lock_household(household.pk)
        require(actor, Capability.CHANGE_REGISTRY, household)
        members = {one.pk: one for one in _current(household=household)}
        if head.pk not in members:
            raise DomainError("head_not_member", _("新户主要是这一户现在的人"), field="head")
        told = {pk: relation for pk, relation in (relations or {}).items() if pk in members and pk != head.pk}
        old = next((one for one in members.values() if one.relation == Relation.HEAD and one.pk != head.pk), None)
        if old is not None:
            told.setdefault(old.pk, Relation.OTHER)
        if Relation.HEAD in told.values():
            raise DomainError("two_heads", _("一户只有一个户主"), field="head")
        for pk, relation in told.items():  # the old head lets go before the new one takes over
            _turn(members[pk], relation, on, source, actor, at)
        return _become_head(members[head.pk], on, source, actor, at)


def household_split(
    *,
    household: Household,
    leaving: Sequence[Residency],
    new_head: Residency,
    stays_head: Residency | None = None,
    dwelling: Dwelling | None = None,
    on: date,
    relations: Mapping[int, str] | None = None,
    source: str,
    actor: Viewer,
    at: datetime,
) -> Household:
    """Some members form a household of their own (分户), in the same dwelling or in another.

    Raises "split_leaves_nobody" where all would go (that is a move), "household_needs_head" where the head goes and
    nobody was named.
    """
    with constraint_errors(), transaction.atomic():
        place = dwelling or household.dwelling
        require(actor, Capability.CHANGE_REGISTRY, household)
        require(actor, Capability.CHANGE_REGISTRY, place)
        for person_id in sorted(one.person_id for one in leaving):  # people before households, everywhere
            person_locked(person_id)
        _lock_household(household.pk)
        members = {one.pk: one for one in _current(household=household)}
        goers = [members[one.pk] for one in leaving if one.pk in members]
        if not goers or new_head.pk not in {one.pk for one in goers}:
            raise DomainError("split_needs_head", _("请选谁分出去，新户主要在里面"), field="new_head")
        if len(goers) == len(members):
            raise DomainError("split_leaves_nobody", _("所有人都走就不是分户；请办搬走"), field="leaving")
        for one in goers:
            _end(one, on, EndReason.SPLIT, actor, at)
        _keep_household(goers[0], on, stays_head, False, source, actor, at)
        made = _form(place, on, actor, at)
        for one in goers:
            relation = Relation.HEAD if one.pk == new_head.pk else (relations or {}).get(one.pk, Relation.OTHER)
            stay = Stay(kind=one.kind, relation=relation, from_date=on, is_main=one.is_main, purpose=one.purpose)
            _reside(one.person, made, stay, None, source, actor, at)
            settle_home(one.person)
    return made


def _judge_stay(person: Person, place: Dwelling, household: Household | None, stay: Stay, at: datetime) -> None:
    def refuse(code: str, message: str, field: str) -> None:
        raise DomainError(code, message, field=field)

    if stay.kind not in ResidencyKind.values:
        refuse("kind_unknown", _("请选居住类型"), "kind")
    if stay.relation not in Relation.values:
        refuse("relation_unknown", _("请选与户主的关系"), "relation")
    if stay.from_date > timezone.localdate(at):
        refuse("moves_in_future", _("这一天还没有到；到了那天再登记"), "from_date")
    born = person.born_on
    if born is not None and stay.from_date < born:
        refuse("born_after_moving_in", _("搬来的日期早于出生日期"), "from_date")
    if person.died_on is not None:
        refuse("person_dead", _("这个人登记为已经去世"), "person")
    if person.merged_into_id is not None:
        refuse("person_merged", _("这条登记已经并到另一条里了"), "person")
    if place.ended_on is not None or (household is not None and household.ended_on is not None):
        refuse("place_ended", _("这一户已经不在了，请另选一户"), "dwelling")
    if household is not None and stay.from_date < household.formed_on:
        message = _("这一户 %(day)s 才立户") % {"day": household.formed_on}
        refuse("before_household", message, "from_date")


def _leave_previous(
    person: Person, stay: Stay, agreed: bool, head: Residency | None, source: str, actor: Viewer, at: datetime
) -> None:
    """Whoever moves leaves the place they lived in: one registry for the whole district, told to both areas."""
    if not stay.is_main:
        return
    previous = [one for one in _current(person=person) if one.is_main]
    if previous and not agreed:
        raise DomainError(
            "lives_elsewhere", _("登记里这个人住在别处；是搬家就勾选“从原来的住处搬走”"), field="leaves_previous"
        )
    for one in previous:
        ended = _end(one, stay.from_date, EndReason.MOVED, actor, at)
        _keep_household(ended, stay.from_date, head, True, source, actor, at)


def _reside(
    person: Person, household: Household, stay: Stay, key: UUID | None, source: str, actor: Viewer, at: datetime
) -> Residency:
    relation = stay.relation
    if relation != Relation.HEAD and not _current(household=household):
        relation = Relation.HEAD  # the first one in a household is its head
    made = Residency.objects.create(
        submission_key=key,
        person=person,
        household=household,
        dwelling_id=household.dwelling_id,
        area_code=household.area_code,
        kind=stay.kind,
        is_main=stay.is_main,
        relation=relation,
        from_date=stay.from_date,
        purpose=stay.purpose,
        source=source,
        collected_at=at,
        collected_by_id=actor.user_id,
        confirmed_at=at,
        confirmed_by_id=actor.user_id,
    )
    payload = {
        "person": ref_of(person),
        "dwelling": f"population.dwelling:{household.dwelling_id}",
        "kind": stay.kind,
        "from_date": stay.from_date,
    }
    publish(events.MOVED_IN, subject=made, actor=actor, area_code=made.area_code, payload=payload, at=at)
    return made


def _end(residency: Residency, to_date: date, reason: str, actor: Viewer, at: datetime) -> Residency:
    locked = Residency.objects.select_for_update(of=("self",), no_key=True).get(pk=residency.pk)
    if locked.to_date is not None:
        raise DomainError("ended_already", _("已经登记了搬走"), field="to_date")
    if to_date < locked.from_date:
        message = _("搬走不会早于搬来（%(day)s）") % {"day": locked.from_date}
        raise DomainError("moves_out_before_in", message, field="to_date")
    if to_date > timezone.localdate(at):
        raise DomainError("moves_out_in_future", _("这一天还没有到；到了那天再登记"), field="to_date")
    locked.to_date, locked.end_reason = to_date, reason
    locked.save(update_fields=["to_date", "end_reason"])
    if reason != EndReason.HEAD:
        payload = {
            "person": f"population.person:{locked.person_id}",
            "dwelling": f"population.dwelling:{locked.dwelling_id}",
            "to_date": to_date,
            "reason": reason,
        }
        publish(events.MOVED_OUT, subject=locked, actor=actor, area_code=locked.area_code, payload=payload, at=at)
    return locked


def _keep_household(
    ended: Residency, on: date, head: Residency | None, may_end: bool, source: str, actor: Viewer, at: datetime
) -> None:
    """A household that lost a member has a head, or ends."""
    _lock_household(ended.household_id)
    members = {one.pk: one for one in _current(household_id=ended.household_id)}
    if not members:
        if not may_end:
            message = _("这是这一户最后一个人；是整户搬走就勾选“这一户不在了”")
            raise DomainError("household_would_be_empty", message, field="ends_household")
        household_end(ended.household_id, on, actor, at)
    elif not any(one.relation == Relation.HEAD for one in members.values()):
        if head is None or head.pk not in members:
            raise DomainError("household_needs_head", _("户主走了，请选留下的人里谁是户主"), field="new_head")
        _become_head(members[head.pk], on, source, actor, at)


def _become_head(residency: Residency, on: date, source: str, actor: Viewer, at: datetime) -> Residency:
    made = _turn(residency, Relation.HEAD, on, source, actor, at)
    payload = {"person": f"population.person:{made.person_id}"}
    publish(events.HEAD_CHANGED, subject=made.household, actor=actor, area_code=made.area_code, payload=payload, at=at)
    return made


def _turn(residency: Residency, relation: str, on: date, source: str, actor: Viewer, at: datetime) -> Residency:
    """Somebody goes on in the household in another relation to its head, from a day on."""
    if residency.relation == relation:
        return residency
    if on < residency.from_date:
        message = _("有人 %(day)s 才住进来，日期要不早于这一天") % {"day": residency.from_date}
        raise DomainError("before_residency", message, field="on")
    ended = _end(residency, on, EndReason.HEAD, actor, at)
    made = Residency(
        person_id=ended.person_id,
        household_id=ended.household_id,
        dwelling_id=ended.dwelling_id,
        area_code=ended.area_code,
        kind=ended.kind,
        is_main=ended.is_main,
        relation=relation,
        from_date=on,
        purpose=ended.purpose,
        source=source,
        collected_at=at,
        collected_by_id=actor.user_id,
        confirmed_at=at,
        confirmed_by_id=actor.user_id,
    )
    made.save(force_insert=True)
    return made


def _form(dwelling: Dwelling, on: date, actor: Viewer, at: datetime) -> Household:
    made = Household.objects.create(dwelling=dwelling, area_code=dwelling.area_code, formed_on=on, changed_at=at)
    payload = {"dwelling": ref_of(dwelling)}
    publish(events.HOUSEHOLD_FORMED, subject=made, actor=actor, area_code=made.area_code, payload=payload, at=at)
    return made


def household_end(household_id: int, on: date, actor: Viewer, at: datetime) -> None:
    """End a household that nobody is in any more, from a day on. In the transaction of what emptied it."""
    household = _lock_household(household_id)
    household.ended_on, household.changed_at = max(on, household.formed_on), at
    household.save(update_fields=["ended_on", "changed_at"])
    payload = {"dwelling": f"population.dwelling:{household.dwelling_id}"}
    publish(
        events.HOUSEHOLD_ENDED, subject=household, actor=actor, area_code=household.area_code, payload=payload, at=at
    )


def household_reopen(household_id: int, at: datetime) -> None:
    """Take back that a household ended: what had emptied it was undone, in the same transaction."""
    household = _lock_household(household_id)
    household.ended_on, household.changed_at = None, at
    household.save(update_fields=["ended_on", "changed_at"])


def settle_home(person: Person) -> None:
    """Their home is where they live, else where they are registered, else what it was. The row is locked."""
    rows = sorted(_current(person=person), key=lambda one: (not one.is_main, one.kind != ResidencyKind.REGISTERED))
    if rows and rows[0].dwelling_id != person.home_id:
        person.home_id, person.area_code = rows[0].dwelling_id, rows[0].area_code
        person.save(update_fields=["home", "area_code"])


def _lock_household(pk: int) -> Household:
    return Household.objects.select_for_update(of=("self",), no_key=True).get(pk=pk)


def _current(**of: Any) -> list[Residency]:
    return list(Residency.objects.current().filter(**of).select_related("person").order_by("pk"))


def _once(key: UUID) -> Residency | None:
    return Residency.objects.filter(submission_key=key).order_by("pk").first()
