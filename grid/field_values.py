"""What may stand in a line of a form, by its kind; what the portal knows is put in first."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext as _

from governance import facts
from governance.errors import DomainError
from governance.facts import Known
from governance.text import clean_text
from grid.models import Assignment, FieldKind

VALUE_MAX = 200
YES, NO = "yes", "no"
_NUMBER = re.compile(r"-?\d{1,12}([.]\d{1,4})?")


@dataclass(frozen=True, slots=True)
class FilledField:
    """A line with what stands in it, and what the portal knows of it."""

    name: str
    label: str
    kind: str
    value: str
    known: Known | None

    @property
    def differs(self) -> bool:
        """Whether somebody wrote something else than the portal knew."""
        return self.known is not None and self.value != "" and self.value != self.known.value


def field_name(position: int) -> str:
    """Name of the line in the page's form."""
    return f"field_{position}"


def checked_values(fields: Sequence[Mapping[str, str]], values: Sequence[str]) -> list[str]:
    """Values as they are kept, one a line. Raises `DomainError` on the line that is wrong."""
    made = []
    for position, field in enumerate(fields):
        value = clean_text(values[position] if position < len(values) else "", multiline=False)
        fault = _fault(field["kind"], value)
        if fault:
            raise DomainError("value_wrong", fault, field=field_name(position))
        made.append(value)
    return made


def _fault(kind: str, value: str) -> str:
    if not value:
        return _("请填这一项；不知道的写“不清楚”") if kind == FieldKind.TEXT else _("请填这一项")
    if len(value) > VALUE_MAX:
        return _("最多写 %(most)s 字，请写短一些") % {"most": VALUE_MAX}
    if kind == FieldKind.NUMBER and not _NUMBER.fullmatch(value):
        return _("请写一个数字")
    if kind == FieldKind.YES_NO and value not in (YES, NO):
        return _("请选是或否")
    if kind == FieldKind.DATE:
        try:
            date.fromisoformat(value)
        except ValueError:
            return _("日期没有看懂，请写成 2026-01-05")
    return ""


def filled(assignment: Assignment, at: datetime) -> list[FilledField]:
    """The lines of an assignment's form: answered, or with what the portal knows. Some SQL for each known thing."""
    fields = assignment.task.fields
    known = facts.known((field["fact"] for field in fields if field["fact"]), assignment.area_code, at)
    rows = []
    for position, field in enumerate(fields):
        found = known.get(field["fact"])
        answered = assignment.values[position] if position < len(assignment.values) else None
        value = answered if answered is not None else found.value if found is not None else ""
        rows.append(FilledField(field_name(position), field["label"], field["kind"], value, found))
    return rows
