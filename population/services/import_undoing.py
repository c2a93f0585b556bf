"""Taking back what one part of an import wrote, where nobody has changed it since. A few dozen SQL for any number."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from governance.access.viewer import Viewer
from governance.errors import DomainError, constraint_errors
from governance.outbox.services import NewEvent, publish_many
from population import events
from population.models import Dwelling, EndReason, Household, Person, Residency, Revision, Source
from population.permissions import Capability
from population.services.recording import differing, record_changes

# why a row could not be taken back
LEFT: Mapping[str, Any] = {
    "changed": _("导入以后有人改过、核对过，或者已经不归您管"),
    "used": _("别的登记已经用到了这个人"),
    "stay_changed": _("导入以后办过搬家、分户等"),
    "not_reopened": _("原来的住处现在回不去"),
}


def batch_undo(note: Mapping[str, Any], *, actor: Viewer, at: datetime) -> dict[int, str]:
    """Take back one batch (`rows_write`); returns line -> which of `LEFT` for what had to stay."""
    return _Undo(note, actor, at).run()


class _Undo:
    def __init__(self, note: Mapping[str, Any], actor: Viewer, at: datetime) -> None:
        self.note, self.actor, self.at = note, actor, at
        self.written_at = datetime.fromisoformat(note["at"])
        self.areas = actor.areas(Capability.IMPORT_REGISTRY)
        self.left: dict[int, str] = {}
        self.events: list[NewEvent] = []

    def run(self) -> dict[int, str]:
        """Stays first, so that nothing hangs on people; then people, old stays, households, doors."""
        people = self._people_to_go()
        kept = {line for line, pk in self._pairs("people") if pk not in people}
        self._end_stays(kept)
        gone = {pk: line for line, pk in self._pairs("people") if pk in people and line not in self.left}
        Person.objects.filter(pk__in=gone).delete()
        self._put_back(Person, "changed")
        self._put_back(Residency, "stays_changed")
        self._return()
        for model, name in ((Household, "homes"), (Dwelling, "doors")):
            rows = model._default_manager.filter(pk__in=self.note.get(name, []), changed_at=self.written_at)
            keys = set(rows.values_list("pk", flat=True))
            model._default_manager.filter(pk__in=keys - referred(model, keys)).delete()
        publish_many(self.events)
        return self.left

    def _pairs(self, name: str) -> list[tuple[int, int]]:
        return [(line, pk) for line, pk in self.note.get(name, [])]

    def _people_to_go(self) -> set[int]:
        """People whom the import made, whom nobody changed or confirmed since, and of whom nothing else speaks."""
        lines = {pk: line for line, pk in self._pairs("people")}
        if not lines:
            return set()
        rows = Person.objects.filter(pk__in=lines).select_for_update(of=("self",), no_key=True).order_by("pk")
        fresh = {
            one.pk
            for one in rows
            if one.changed_at == one.confirmed_at == self.written_at
            and one.merged_into_id is None
            and one.area_code.startswith(self.areas)
        }
        own = {pk for _line, pk in self._pairs("stays")}
        used = referred(Person, fresh, besides={Residency: own})
        self.left |= {lines[pk]: "changed" for pk in lines if pk not in fresh}
        self.left |= {lines[pk]: "used" for pk in used}
        return fresh - used

    def _end_stays(self, kept: Collection[int]) -> None:
        lines = {pk: line for line, pk in self._pairs("stays") if line not in kept}
        rows = Residency.objects.filter(pk__in=lines).select_for_update(of=("self",), no_key=True).order_by("pk")
        found = {one.pk: one for one in rows}
        used = referred(Residency, set(found))
        go = []
        for pk, line in lines.items():
            one = found.get(pk)
            if one is None or one.to_date is not None or one.confirmed_at != self.written_at or pk in used:
                self.left[line] = "stay_changed"
            else:
                go.append(one)
        for one in go:
            payload = {
                "person": f"population.person:{one.person_id}",
                "dwelling": f"population.dwelling:{one.dwelling_id}",
                "to_date": one.from_date,
                "reason": EndReason.MISTAKE.value,
            }
            self._tell(events.MOVED_OUT, one, one.area_code, payload)
        Residency.objects.filter(pk__in=[one.pk for one in go]).delete()

    def _tell(self, event_type: Any, subject: Any, area_code: str, payload: Mapping[str, Any]) -> None:
        new = NewEvent(
            event_type=event_type,
            subject=subject,
            actor=self.actor,
            at=self.at,
            area_code=area_code,
            payload=payload,
        )
        self.events.append(new)

    def _put_back(self, model: type[models.Model], name: str) -> None:
        """Values that the import replaced come back from the revision it left, if that is still the last one."""
        lines = {pk: line for line, pk in self._pairs(name)}
        if not lines:
            return
        rows = model._default_manager.select_for_update(of=("self",), no_key=True).in_bulk(list(lines))
        revisions = Revision.objects.filter(kind=model._meta.model_name, record_id__in=lines).order_by("at", "id")
        last = {one.record_id: one for one in revisions}
        changes = []
        for pk, line in lines.items():
            row, revision = rows.get(pk), last.get(pk)
            if row is None or revision is None or revision.at != self.written_at:
                self.left[line] = "changed"
                continue
            changes.append((row, differing(row, {key: _plain(value) for key, value in revision.before.items()})))
            if isinstance(row, Person):
                row.changed_at = self.at
                fields = sorted(key for key in changes[-1][1] if not key.endswith("_index"))
                payload = {"fields": fields, "source": Source.IMPORT.value}
                self._tell(events.PERSON_CHANGED, row, row.area_code, payload)
        names = {key for _row, before in changes for key in before} | ({"changed_at"} if model is Person else set())
        if changes and names:
            model._default_manager.bulk_update([row for row, _before in changes], sorted(names))
            record_changes(changes, source=Source.IMPORT, actor=self.actor, at=self.at)

    def _return(self) -> None:
        """Who moved by the import lives again where they lived, each alone: somebody else may be head there now."""
        homes = {line: (person, home) for line, person, home in self.note.get("moved", [])}
        ended = set(self.note.get("ended", []))
        for line, pk in self._pairs("left"):
            if line in self.left:
                continue
            try:
                with constraint_errors(), transaction.atomic():
                    self._reopen(pk, ended)
            except DomainError:
                self.left[line] = "not_reopened"
                continue
        for line, (person, home) in homes.items():
            if line not in self.left:
                area = Dwelling.objects.values_list("area_code", flat=True).get(pk=home)
                Person.objects.filter(pk=person).update(home=home, area_code=area, changed_at=self.at)

    def _reopen(self, pk: int, ended: Collection[int]) -> None:
        stay = Residency.objects.select_for_update(of=("self",), no_key=True).get(pk=pk)
        if stay.household_id in ended:
            Household.objects.filter(pk=stay.household_id).update(ended_on=None, changed_at=self.at)
        stay.to_date, stay.end_reason = None, ""
        stay.save(update_fields=["to_date", "end_reason"])
        payload = {
            "person": f"population.person:{stay.person_id}",
            "dwelling": f"population.dwelling:{stay.dwelling_id}",
            "kind": stay.kind,
            "from_date": stay.from_date,
        }
        self._tell(events.MOVED_IN, stay, stay.area_code, payload)


def referred(
    model: type[models.Model],
    keys: Collection[int],
    *,
    besides: Mapping[type[models.Model], Collection[int]] | None = None,
) -> set[int]:
    """Those of the keys that any row of any app points at. 1 SQL for each foreign key that leads here."""
    found: set[int] = set()
    for relation in model._meta.get_fields(include_hidden=True):
        if not keys or not relation.auto_created or relation.concrete or relation.many_to_many:
            continue
        theirs: Any = relation.related_model
        name = relation.field.name  # type: ignore[union-attr]
        rows = theirs._base_manager.filter(**{f"{name}__in": keys})
        if besides and theirs in besides:
            rows = rows.exclude(pk__in=besides[theirs])
        found.update(rows.values_list(name, flat=True))
    return found


def _plain(value: Any) -> Any:
    """Text as it is written again, not as it was hidden from logs."""
    return str(value) if isinstance(value, str) else value
