"""Moves of several steps that are one act: a newcomer who is entered and moves in, a household that goes elsewhere."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from governance.access.viewer import Viewer
from governance.errors import DomainError, constraint_errors
from population.models import Dwelling, EndReason, Household, Person, Relation, Residency
from population.services.households import Stay, household_split, move_in, move_out
from population.services.people import PersonData, person_create


def newcomer_move_in(
    *,
    data: PersonData,
    stay: Stay,
    dwelling: Dwelling,
    household: Household | None = None,
    submission_key: UUID | None = None,
    source: str,
    actor: Viewer,
    at: datetime,
) -> Residency:
    """Enter somebody who is not in the registry and put them into a household, or a new one of the dwelling.

    All or nothing; the same key twice is one person. Raises as `person_create` and `move_in` do.
    """
    with constraint_errors(), transaction.atomic():
        if submission_key is not None:
            known = Residency.objects.filter(submission_key=submission_key).order_by("pk").first()
            if known is not None:
                return known
        person = person_create(data=data, home=dwelling, source=source, actor=actor, at=at)
        return move_in(
            person=person, stay=stay, household=household, dwelling=dwelling, submission_key=submission_key,
            source=source, actor=actor, at=at,
        )  # fmt: skip


def members_move(
    *,
    household: Household,
    leaving: Sequence[Residency],
    on: date,
    to: Dwelling | None = None,
    new_head: Residency | None = None,
    ends_household: bool = False,
    reason: str = EndReason.MOVED,
    source: str,
    actor: Viewer,
    at: datetime,
) -> Household | None:
    """Members of a household leave it on a day: out of the registry's district, or into another dwelling of it.

    Returns the household they form there, None where they are gone. Those who stay need a head (`new_head`); where all
    go, `ends_household` has to say so. Raises as `move_out` and `move_in` do; "nobody_leaves" beside "leaving".
    """
    goers = sorted(
        (one for one in leaving if one.household_id == household.pk),
        key=lambda one: (one.relation == Relation.HEAD, one.pk),
    )
    if not goers:
        raise DomainError("nobody_leaves", _("请选谁搬走"), field="leaving")
    with constraint_errors(), transaction.atomic():
        ids = sorted(one.person_id for one in goers)  # people before households, in the order of their keys
        list(Person.objects.filter(pk__in=ids).order_by("pk").select_for_update(of=("self",), no_key=True))
        if to is not None and to.pk == household.dwelling_id:
            raise DomainError("moves_nowhere", _("这一户就住在那里；分成两户请办分户"), field="to")
        current = household.residencies.filter(to_date__isnull=True).count()
        if to is not None and len(goers) < current:
            keeps_relations = goers[-1].relation == Relation.HEAD  # else nobody knows them to the new head
            return household_split(
                household=household, leaving=goers, new_head=goers[-1], stays_head=new_head, dwelling=to, on=on,
                relations={one.pk: one.relation for one in goers[:-1]} if keeps_relations else None,
                source=source, actor=actor, at=at,
            )  # fmt: skip
        if to is not None and not ends_household:
            raise DomainError("household_would_be_empty", _("整户都搬走，就勾选“这一户不在了”"), field="ends_household")
        for one in goers:  # the head last, so that nobody is left without one meanwhile
            move_out(
                residency=one, to_date=on, reason=reason, new_head=new_head, ends_household=ends_household,
                source=source, actor=actor, at=at,
            )  # fmt: skip
        return None if to is None else _settle(goers, to, on, source, actor, at)


def _settle(goers: Sequence[Residency], to: Dwelling, on: date, source: str, actor: Viewer, at: datetime) -> Household:
    """The whole household in another dwelling, the head first; relations and footing stay what they were."""
    made: Household | None = None
    for one in reversed(goers):
        stay = Stay(kind=one.kind, relation=one.relation, from_date=on, is_main=one.is_main, purpose=one.purpose)
        made = move_in(
            person=one.person, stay=stay, household=made, dwelling=to, source=source, actor=actor, at=at
        ).household
    return made  # type: ignore[return-value]  # there is somebody among the goers
