"""Writing the rows of one part of a table of people, and taking them back. Set by set: about 20 SQL for any number."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from governance.access.viewer import Viewer
from governance.errors import DomainError, constraint_errors
from governance.outbox.services import NewEvent, publish_many
from population import events
from population.import_people import Home, PersonRow
from population.models import Dwelling, EndReason, Household, Person, Relation, Residency, Source
from population.services.recording import differing, record_changes


def rows_write(rows: Sequence[PersonRow], *, actor: Viewer, at: datetime) -> list[dict[str, Any]]:
    """Write rows that were judged: all at once; where the database refuses, one after the other.

    A row that is refused alone gets a problem and stays out. Returns what was written, to be taken back by it.
    """
    if not rows:
        return []
    try:
        return [_attempt(rows, actor, at)]
    except DomainError:
        found = []
        for row in rows:
            try:
                found.append(_attempt([row], actor, at))
            except DomainError as error:
                row.wrong("name", "refused", error)
        return found


def _attempt(rows: Sequence[PersonRow], actor: Viewer, at: datetime) -> dict[str, Any]:
    """One attempt; where it fails, the rows are as they were before."""
    batch = _Batch(rows, actor, at)
    try:
        with constraint_errors(), transaction.atomic():
            return batch.write()
    except DomainError:
        batch.forget()
        raise


class _Batch:
    """Rows on their way into the registry; `note` says what was made and changed, by line and key."""

    def __init__(self, rows: Sequence[PersonRow], actor: Viewer, at: datetime) -> None:
        self.rows, self.actor, self.at = rows, actor, at
        self.people: dict[int, Person] = {}  # by line
        self.dwellings: dict[tuple[int, str], int] = {}  # by door
        self.made_homes: list[Home] = []
        self.changed: list[tuple[Any, dict[str, Any]]] = []
        self.events: list[NewEvent] = []
        self.note: dict[str, Any] = {"at": at.isoformat()}

    def write(self) -> dict[str, Any]:
        """Places first, then people, then who leaves, then who comes."""
        self._doors()
        self._homes()
        self._newcomers()
        self._corrections()
        self._leavings()
        self._stays()
        publish_many(self.events)
        return self.note

    def forget(self) -> None:
        """Nothing of it was written."""
        for home in self.made_homes:
            home.row = None
        for row, before in self.changed:
            for name, value in before.items():
                setattr(row, name, value)

    def _collected(self) -> dict[str, Any]:
        at, by = self.at, self.actor.user_id
        return {
            "source": Source.IMPORT.value,
            "collected_at": at,
            "collected_by_id": by,
            "confirmed_at": at,
            "confirmed_by_id": by,
        }

    def _tell(self, event_type: Any, subject: Any, area_code: str, **payload: Any) -> None:
        self.events.append(
            NewEvent(
                event_type=event_type,
                subject=subject,
                actor=self.actor,
                at=self.at,
                area_code=area_code,
                payload=payload,
            )
        )

    def _doors(self) -> None:
        doors = {row.at.key: row.at for row in self.rows}
        self.dwellings = {key: door.pk for key, door in doors.items() if door.pk is not None}
        missing = {key: door for key, door in doors.items() if door.pk is None}
        if not missing:
            return
        there = Dwelling.objects.standing().filter(
            entrance__in=[door.entrance_id for door in missing.values()],
            door__in=[door.door for door in missing.values()],
        )
        for pk, entrance, door in there.order_by("pk").values_list("pk", "entrance_id", "door"):
            if missing.pop((entrance, door), None) is not None:
                self.dwellings[entrance, door] = pk
        made = Dwelling.objects.bulk_create(
            Dwelling(
                building_id=door.building.pk,
                entrance_id=door.entrance_id,
                floor=door.floor,
                door=door.door,
                area_code=door.area_code,
                changed_at=self.at,
                **self._collected(),
            )
            for door in missing.values()
        )
        self.dwellings |= {(one.entrance_id, one.door): one.pk for one in made}
        self.note["doors"] = [one.pk for one in made]

    def _dwelling(self, home: Home) -> int:
        return self.dwellings[home.door.key]

    def _homes(self) -> None:
        wanted = {id(row.home): row.home for row in self.rows if row.home is not None and row.home.row is None}
        for home in wanted.values():
            home.row = Household(
                dwelling_id=self._dwelling(home),
                number=home.number or None,
                area_code=home.door.area_code,
                formed_on=home.formed_on,
                changed_at=self.at,
            )
            self.made_homes.append(home)
        made = Household.objects.bulk_create([home.row for home in self.made_homes if home.row is not None])
        self.note["homes"] = [one.pk for one in made]
        for one in made:
            dwelling = f"population.dwelling:{one.dwelling_id}"
            self._tell(events.HOUSEHOLD_FORMED, one, one.area_code, dwelling=dwelling)

    def _newcomers(self) -> None:
        new = [row for row in self.rows if row.person is None]
        for row in new:
            self.people[row.line] = Person(
                **row.digests,
                home_id=self.dwellings[row.at.key],
                area_code=row.at.area_code,
                changed_at=self.at,
                **self._collected(),
            )
        made = Person.objects.bulk_create([self.people[row.line] for row in new])
        self.note["people"] = [[row.line, one.pk] for row, one in zip(new, made, strict=True)]
        for one in made:
            self._tell(events.PERSON_REGISTERED, one, one.area_code, source=Source.IMPORT.value)
        self.people |= {row.line: row.person for row in self.rows if row.person is not None}

    def _corrections(self) -> None:
        """Other words for people and for stays that are there: what they were is kept."""
        people = [(row, row.person, row.person_changes) for row in self.rows if row.person and row.person_changes]
        stays = [(row, row.stay, row.stay_changes) for row in self.rows if row.stay and row.stay_changes]
        self.note["changed"] = [[row.line, one.pk] for row, one, _changes in people]
        self.note["stays_changed"] = [[row.line, one.pk] for row, one, _changes in stays]
        kinds: list[tuple[Any, list[Any]]] = [(Person, people), (Residency, stays)]
        for model, found in kinds:
            changes = [(one, differing(one, said)) for _row, one, said in found]
            self.changed += changes
            names = {name for _one, before in changes for name in before}
            if not names:
                continue
            if model is Person:
                names.add("changed_at")
                for one, before in changes:
                    one.changed_at = self.at
                    fields = sorted(name for name in before if not name.endswith("_index"))
                    source = Source.IMPORT.value
                    self._tell(events.PERSON_CHANGED, one, one.area_code, fields=fields, source=source)
            model.objects.bulk_update([one for one, _before in changes], sorted(names))
            record_changes(changes, source=Source.IMPORT, actor=self.actor, at=self.at)

    def _leavings(self) -> None:
        """Whoever moves leaves the place they lived in; a household that nobody is left in ends."""
        moves = [(row, row.leaves) for row in self.rows if row.leaves is not None and row.home is not None]
        self.note["left"] = [[row.line, leaves.pk] for row, leaves in moves]
        if not moves:
            return
        for row, leaves in moves:
            self.changed.append((leaves, differing(leaves, {"to_date": row.from_date, "end_reason": EndReason.MOVED})))
            self._tell(
                events.MOVED_OUT,
                leaves,
                leaves.area_code,
                person=f"population.person:{leaves.person_id}",
                dwelling=f"population.dwelling:{leaves.dwelling_id}",
                to_date=row.from_date,
                reason=EndReason.MOVED.value,
            )
        Residency.objects.bulk_update([leaves for _row, leaves in moves], ["to_date", "end_reason"])
        last_day = {leaves.household_id: row.from_date for row, leaves in moves}
        inhabited = Residency.objects.current().filter(household__in=last_day).values("household")
        empty = Household.objects.filter(pk__in=last_day, ended_on__isnull=True).exclude(pk__in=inhabited)
        ended = list(empty.order_by("pk").select_for_update(of=("self",), no_key=True))
        for one in ended:
            one.ended_on, one.changed_at = max(last_day[one.pk], one.formed_on), self.at
            self._tell(events.HOUSEHOLD_ENDED, one, one.area_code, dwelling=f"population.dwelling:{one.dwelling_id}")
        Household.objects.bulk_update(ended, ["ended_on", "changed_at"])
        self.note["ended"] = [one.pk for one in ended]

    def _stays(self) -> None:
        begun = [(row, row.home.row) for row in self.rows if row.home is not None and row.home.row is not None]
        rows = [self._stay(row, household) for row, household in begun]
        made = Residency.objects.bulk_create(rows)
        self.note["stays"] = [[row.line, one.pk] for (row, _home), one in zip(begun, made, strict=True)]
        for one in made:
            self._tell(
                events.MOVED_IN,
                one,
                one.area_code,
                person=f"population.person:{one.person_id}",
                dwelling=f"population.dwelling:{one.dwelling_id}",
                kind=one.kind,
                from_date=one.from_date,
            )
        self._settle([(row.line, row.person, one) for (row, _home), one in zip(begun, made, strict=True) if row.person])

    def _settle(self, stays: Sequence[tuple[int, Person, Residency]]) -> None:
        """Who was known is now at home where they live; where they were is noted."""
        moved = [(line, person, stay) for line, person, stay in stays if stay.is_main]
        self.note["moved"] = [[line, person.pk, person.home_id] for line, person, _stay in moved]
        for _line, person, stay in moved:
            now = {"home_id": stay.dwelling_id, "area_code": stay.area_code, "changed_at": self.at}
            self.changed.append((person, differing(person, now)))
        Person.objects.bulk_update([person for _line, person, _stay in moved], ["home", "area_code", "changed_at"])

    def _stay(self, row: PersonRow, household: Household) -> Residency:
        return Residency(
            person_id=self.people[row.line].pk,
            household_id=household.pk,
            dwelling_id=household.dwelling_id,
            area_code=household.area_code,
            kind=row.kind,
            is_main=row.lives is not False,
            relation=row.relation or Relation.OTHER,
            from_date=row.from_date,
            **self._collected(),
        )
