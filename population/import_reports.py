"""What pages and files say of a table that was looked over: counts, faults in words, rows to decide by hand."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from governance.files.checked_tables import said
from governance.privacy.masks import mask_id_number, mask_name, mask_phone
from population.import_people import WORDS, differing_fields, read_rows
from population.import_tables import PEOPLE, SHAPES
from population.models import Person, RegistryImport, RegistryImportPart, Sex

FAULTS_SHOWN, ASKS_SHOWN, LEFT_SHOWN = 100, 20, 100
PARTS_LOOKED = 40  # for what is shown first


@dataclass(frozen=True, slots=True)
class Fault:
    """A row that is not written, and why."""

    line: int
    name: str
    said: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody in the registry whom a row may mean: masked, with what would differ."""

    pk: int
    name: str
    differences: list[tuple[str, str, str]]  # what, in the file, in the registry


@dataclass(frozen=True, slots=True)
class Ask:
    """A row that a person has to decide over."""

    line: int
    name: str
    place: str
    candidates: list[Candidate]


def faults_told(found: RegistryImport, today: date) -> Iterator[tuple[Fault, dict[str, str]]]:
    """Rows that are not written, with their cells as they came, in the language of the page."""
    titles = {column.key: column.title for column in SHAPES[found.kind].columns}
    for part in found.parts.filter(refused__gt=0).order_by("number").iterator(chunk_size=5):
        stored = {line: (line, values, faults) for line, values, faults in part.rows}
        for line, kept in part.problems.items():
            row = stored[int(line)]
            problems = kept or read_rows([row], found, today)[0].problems
            words = [said(titles.get(key, key), _word(what, value)) for key, what, value in problems]
            values = {key: str(text) for key, text in row[1].items()}
            yield Fault(int(line), values.get("name", ""), _("；").join(words)), values


def _word(what: str, value: str) -> str:
    return str(WORDS.get(what, what)).replace("%(value)s", value)


def asks_open(found: RegistryImport, today: date) -> list[Ask]:
    """The first rows that nobody has decided over yet. A few SQL."""
    waiting: list[tuple[Any, Sequence[int]]] = []
    parts = found.parts.exclude(asks={}).order_by("number").iterator(chunk_size=5)
    for part in parts:
        stored = {line: (line, values, faults) for line, values, faults in part.rows}
        waiting += [(stored[int(line)], keys) for line, keys in part.asks.items() if line not in part.answers]
        if len(waiting) >= ASKS_SHOWN:
            break
    people = Person.objects.in_bulk({pk for _row, keys in waiting[:ASKS_SHOWN] for pk in keys})
    return [_ask(row, [people[pk] for pk in keys if pk in people], found, today) for row, keys in waiting[:ASKS_SHOWN]]


def asks_waiting(found: RegistryImport) -> int:
    """How many rows wait for a decision. 1 SQL."""
    rows = found.parts.exclude(asks={}).order_by("number").values_list("asks", "answers")
    return sum(len(asks.keys() - answers.keys()) for asks, answers in rows)


def _ask(stored: Any, people: Sequence[Person], found: RegistryImport, today: date) -> Ask:
    row = read_rows([stored], found, today)[0]
    values = row.values
    parts = [values.get(key, "") for key in ("estate", "building", "entrance", "door")]
    place = values.get("address") or " ".join(part for part in parts if part)
    candidates = [Candidate(one.pk, mask_name(one.name), _differences(row, one)) for one in people]
    return Ask(row.line, values.get("name", ""), place, candidates)


def _differences(row: Any, person: Person) -> list[tuple[str, str, str]]:
    """What the file and the registry do not say alike; the registry's side masked."""
    shown: Mapping[str, Any] = {
        "sex": lambda text: str(Sex(text).label) if text else "",
        "birth_date": lambda text: f"{text[:4]}-**-**" if text else "",
        "document_number": mask_id_number,
        "phone": mask_phone,
    }
    titles = {column.key: str(column.title) for column in PEOPLE.columns}
    return [
        (titles[name], row.values.get(name, ""), shown[name](str(getattr(person, name) or "")))
        for name in differing_fields(row, person)
        if name in shown
    ]


def rows_left(found: RegistryImport) -> list[tuple[int, str, str]]:
    """The first rows that could not be taken back: line, name, what of `services.import_undoing.LEFT`."""
    shown: list[tuple[int, str, str]] = []
    for part in found.parts.exclude(left={}).order_by("number").iterator(chunk_size=5):
        names = {line: str(values.get("name", "")) for line, values, _faults in part.rows}
        shown += [(int(line), names.get(int(line), ""), why) for line, why in part.left.items()]
        if len(shown) >= LEFT_SHOWN:
            break
    return shown[:LEFT_SHOWN]


def parts_unwritten(found: RegistryImport) -> bool:
    """Whether anything is still to be written. 1 SQL."""
    return RegistryImportPart.objects.filter(registry_import=found, is_written=False).exists()
