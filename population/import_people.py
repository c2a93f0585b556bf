"""Rows of tables of people, judged: what each would write, or why it cannot.

First each row alone (`read_rows`: no SQL), then a part of them by what the registry has (`judge`: about 9 SQL for any
number). What is wrong with a row alone is told again in the language of whoever looks; what the registry said is kept.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from governance.access.viewer import Viewer
from governance.errors import DomainError
from governance.files.checked_tables import FAULTS, StoredRow
from population.check_digits import plain
from population.dwelling_words import Written
from population.import_places import PLACE_FAULTS, BuildingBook, Door, doors_found, words_of
from population.import_tables import KINDS, PEOPLE, PEOPLE_EXAMPLE, SEXES, YES_NO
from population.models import DocumentKind, Household, Person, Relation, Residency
from population.models.imports import ImportRule, RegistryImport
from population.permissions import Capability
from population.services.people import PersonData, columns, person_judged, proposed
from population.value_reading import day_read, document_kind_read, number_read, phone_read, relation_read

Problem = tuple[str, str, str]  # column, what, value
LEFT_OUT, SOMEBODY_NEW = -1, 0  # answers to "who is this?"
# what -> sentence; %(value)s is what stands in the cell, or what the registry says
WORDS: Mapping[str, Any] = {
    "missing": _("空着"),
    "too_long": _("太长了"),
    "said": _("%(value)s"),
    "example": _("这是模板里的示例行，请删掉"),
    "word_unknown": _("没有看懂“%(value)s”"),
    "in_future": _("这一天还没有到"),
    "born_after": _("早于出生日期（%(value)s）"),
    "twice": _("和第 %(value)s 行是同一个人"),
    "place_missing": _("没有写住址"),
    "estate_missing": _("没有写小区或道路"),
    "door_missing": _("没有写室号"),
    "building_unknown": _("没有这栋楼，请先登记，或者检查写法"),
    "place_ambiguous": _("有几处同名的地方，请写全小区名称"),
    "outside": _("不在您可以导入的范围里"),
    "entrance_missing": _("这栋楼有几个单元，请写哪一个"),
    "entrance_unknown": _("这栋楼没有这个单元"),
    "floor_missing": _("看不出在哪一层，请先登记这个户室"),
    "floor_skipped": _("这栋楼没有这一层"),
    "floor_beyond": _("这栋楼没有这么高，请检查室号"),
    "dwelling_unknown": _("没有这个户室；要新建就勾选“没有的户室新建”"),
    "dead": _("登记里这个人已经去世"),
    "lives_elsewhere": _("登记里这个人住在别处；是搬家就选“用文件里的”，并写从哪天起住"),
    "moves_too_early": _("登记里这个人 %(value)s 才住到原来的地方，日期要晚于这一天"),
    "leaves_no_head": _("户主搬走，原来那户还有别人；请先在登记里换户主"),
    "two_heads": _("这一户已经有户主"),
    "household_missing": _("这个户室有几户，请写户号"),
    "before_household": _("这一户 %(value)s 才立户"),
    "refused": _("%(value)s"),
    **FAULTS,
}
NOWHERE, NOBODY = Written(), PersonData(name="")
_PLACE_COLUMNS = ("estate", "building", "entrance", "door")


class Outcome(StrEnum):
    """What writing a row would do."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"
    ASKED = "asked"
    LEFT_OUT = "left_out"


@dataclass(slots=True)
class Home:
    """A household as rows of a part join it: one that is there (`row`), or one that is to be made."""

    door: Door
    number: str = ""
    row: Household | None = None
    formed_on: date = date.max
    head: object = None  # the person, or the row that is the head
    members: list["PersonRow"] = field(default_factory=list)  # rows that join
    is_empty: bool = True  # nobody was there before


@dataclass(slots=True)
class PersonRow:
    """A row: what it says, what is wrong, what it would write on what is there."""

    line: int
    values: dict[str, str]
    problems: list[Problem] = field(default_factory=list)
    data: PersonData = NOBODY
    digests: dict[str, Any] = field(default_factory=dict)  # the columns of a person
    place: Written = NOWHERE
    kind: str = ""
    relation: str = ""
    since: date | None = None
    lives: bool | None = None
    # looked up
    door: Door | None = None
    outcome: Outcome = Outcome.NEW
    asks: list[int] = field(default_factory=list)
    person: Person | None = None
    person_changes: dict[str, Any] = field(default_factory=dict)
    home: Home | None = None  # of a stay that begins
    from_date: date = date.min  # of that stay
    leaves: Residency | None = None
    stay: Residency | None = None  # the one that is there
    stay_changes: dict[str, Any] = field(default_factory=dict)

    def wrong(self, column: str, what: str, value: object = "") -> None:
        """Note a problem."""
        self.problems.append((column, what, str(value)[:240]))

    @property
    def at(self) -> Door:
        """The door of a row that has no problem with its place."""
        if self.door is None:
            raise ValueError("this row has no place")
        return self.door

    @property
    def writes(self) -> bool:
        """Whether this row would change anything."""
        return not self.problems and self.outcome in (Outcome.NEW, Outcome.CHANGED)


def read_rows(stored: Sequence[StoredRow], found: RegistryImport, today: date) -> list[PersonRow]:
    """What the rows say, each judged alone. No SQL."""
    return [_read(line, values, faults, found, today) for line, values, faults in stored]


def _read(
    line: int, values: Mapping[str, str], faults: Mapping[str, str], found: RegistryImport, today: date
) -> PersonRow:
    row = PersonRow(line, dict(values))
    said = row.values.get
    for column in PEOPLE.columns:
        if fault := faults.get(column.key):
            kind, _sign, value = fault.partition(":")
            row.wrong(column.key, kind, value)
        elif len(said(column.key, "")) > column.most:
            row.wrong(column.key, "too_long")
    if said("name") == PEOPLE_EXAMPLE["name"]:
        row.wrong("name", "example")
    if row.problems:
        return row
    born = _day(row, "birth_date", today)
    row.since = _day(row, "since", today)
    sex, document = _word(row, "sex", SEXES), _cell(row, "document_kind", document_kind_read)
    row.kind = _word(row, "kind", KINDS) or found.kind_default
    row.relation, lives = _cell(row, "relation", relation_read) or "", _word(row, "lives", YES_NO)
    row.lives = lives if isinstance(lives, bool) else None
    number = _cell(row, "document_number", number_read) or ""
    if found.takes_from_number and number and not (sex and born):
        tells = proposed(number, today=today)
        sex, born = sex or str(tells.sex or ""), born or tells.birth_date
    data = PersonData(
        name=said("name", ""),
        sex=sex or "0",
        birth_date=born,
        document_kind=document or _kind_of(number),
        document_number=number,
        phone=_cell(row, "phone", phone_read) or "",
    )
    row.data, wrong = person_judged(data, today=today, old_numbers_too=True)
    for error in wrong:
        row.wrong(error.field or "name", "said", error)
    row.place = words_of(row.values)
    if not row.kind:
        row.wrong("kind", "missing")
    if row.since is not None and born is not None and row.since < born:
        row.wrong("since", "born_after", born)
    return row


def _kind_of(number: str) -> str:
    """What a number without a kind is taken for: by its length an identity card, whose check character then counts."""
    return DocumentKind.IDENTITY.value if len(plain(number)) in (15, 18) else ""


def _day(row: PersonRow, column: str, today: date) -> date | None:
    day = _cell(row, column, day_read)
    if column == "since" and day is not None and day > today:
        row.wrong(column, "in_future")
    return day


def _cell(row: PersonRow, column: str, reader: Callable[..., Any]) -> Any:
    """The value of a cell, None for one that nobody can read: a fault of the row."""
    try:
        return reader(row.values.get(column, ""), field=column)
    except DomainError as error:
        row.wrong(column, "said", error)
        return None


def _word(row: PersonRow, column: str, words: Mapping[str, Any]) -> Any:
    text = row.values.get(column, "").casefold()
    found = words.get(text, "") if text else ""
    if text and found == "":
        row.wrong(column, "word_unknown", row.values[column])
    return found


def key_in_file(row_values: Mapping[str, str]) -> int:
    """What tells people of one file from each other: the number, else name, day of birth and place; 0 for nobody."""
    number = row_values.get("document_number", "")
    if number:
        return hash(("".join(number.split()).upper().lstrip("'"),))
    name = row_values.get("name", "")
    place = tuple(row_values.get(key, "") for key in ("address", *_PLACE_COLUMNS))
    return hash((name, row_values.get("birth_date", ""), place)) if name else 0


def same_place(values: Mapping[str, str], before: Mapping[str, str]) -> bool:
    """Whether two rows write their place alike: households stay together where a file is cut."""
    return all(values.get(key, "") == before.get(key, "") for key in ("address", *_PLACE_COLUMNS))


# --- by what the registry has ---


@dataclass(slots=True)
class _Registry:
    """What rows of a part are looked up in."""

    by_number: dict[str, Person] = field(default_factory=dict)
    stays_at: defaultdict[int, list[Residency]] = field(default_factory=lambda: defaultdict(list))  # by dwelling
    stays_of: defaultdict[int, list[Residency]] = field(default_factory=lambda: defaultdict(list))  # by person
    homes: defaultdict[tuple[int, str], list[Home]] = field(default_factory=lambda: defaultdict(list))  # by door
    touched: dict[tuple[int, str], Home] = field(default_factory=dict)
    by_household: dict[int, Home] = field(default_factory=dict)
    taken: set[int] = field(default_factory=set)  # people of the rows before


def judge(
    rows: Sequence[PersonRow],
    found: RegistryImport,
    *,
    answers: Mapping[str, int],
    book: BuildingBook,
    actor: Viewer,
    at: datetime,
    locks: bool = False,
) -> None:
    """Judge rows that were read by what the registry has now. `locks`: they are about to be written."""
    today = timezone.localdate(at)
    good = [row for row in rows if not row.problems]
    areas = actor.areas(Capability.IMPORT_REGISTRY)
    doors = doors_found([row.place for row in good], book=book, areas=areas, makes=found.makes_dwellings)
    for row, door in zip(good, doors, strict=True):
        if isinstance(door, str):
            row.wrong(PLACE_FAULTS[door] if row.values.get(PLACE_FAULTS[door]) else "address", door)
        else:
            row.door = door
    good = [row for row in good if not row.problems]
    for row in good:
        row.digests = columns(row.data)
    registry = _registry(good, locks)
    for row in good:
        _who(row, registry, answers)
        if not row.problems and row.outcome not in (Outcome.ASKED, Outcome.LEFT_OUT):
            _compare(row, found, answers)
            _settle(row, registry, found, today)
    _keep_heads(good, registry)
    for row in good:
        if row.problems or row.outcome in (Outcome.ASKED, Outcome.LEFT_OUT):
            continue
        if row.person is not None:
            changes = row.person_changes or row.stay_changes or row.home is not None
            row.outcome = Outcome.CHANGED if changes else Outcome.SAME


def _registry(rows: Sequence[PersonRow], locks: bool) -> _Registry:
    registry = _Registry()
    index: Any = Person._meta.get_field("document_index")
    numbers = {row.data.document_number for row in rows if row.data.document_number}
    digests = {digest: number for number in numbers for digest in index.digests(number)}
    people = Person.objects.filter(document_index__in=list(digests), merged_into__isnull=True).order_by("pk")
    if locks:
        people = people.select_for_update(of=("self",), no_key=True)
    registry.by_number = {digests[one.document_index]: one for one in people}
    dwellings = {row.at.pk for row in rows if row.at.pk is not None}
    _stays(registry, dwellings, {one.pk for one in registry.by_number.values()})
    _homes(registry, rows, dwellings)
    return registry


def _stays(registry: _Registry, dwellings: set[int], people: set[int]) -> None:
    """All who live behind these doors or are these people, and those they keep house with."""
    current = Residency.objects.current().select_related("person").order_by("pk")
    there = list(current.filter(dwelling__in=dwellings))
    known = {one.pk for one in there}
    elsewhere = [one for one in current.filter(person__in=people) if one.pk not in known] if people else []
    households = {one.household_id for one in elsewhere}
    others = current.filter(household__in=households).exclude(pk__in=[one.pk for one in elsewhere])
    for one in (*there, *elsewhere, *(others if households else ())):
        registry.stays_at[one.dwelling_id].append(one)
        registry.stays_of[one.person_id].append(one)


def _homes(registry: _Registry, rows: Sequence[PersonRow], dwellings: set[int]) -> None:
    doors = {row.at.pk: row.at for row in rows if row.at.pk is not None}
    for household in Household.objects.filter(dwelling__in=dwellings, ended_on__isnull=True).order_by("pk"):
        door = doors[household.dwelling_id]
        home = Home(door, str(household.number or ""), household, household.formed_on)
        for stay in registry.stays_at[household.dwelling_id]:
            if stay.household_id == household.pk:
                home.is_empty = False
                if stay.relation == Relation.HEAD:
                    home.head = stay.person_id
        registry.homes[door.key].append(home)
        registry.by_household[household.pk] = home


def _who(row: PersonRow, registry: _Registry, answers: Mapping[str, int]) -> None:
    """Who the row is: by number; else somebody behind that door with that name, if a person says so."""
    row.person = registry.by_number.get(row.data.document_number) if row.data.document_number else None
    if row.person is None and row.at.pk is not None:
        alike = {stay.person_id: stay.person for stay in registry.stays_at[row.at.pk] if _is_alike(row, stay.person)}
        answer = answers.get(str(row.line))
        identical = [one for one in alike.values() if not differing_fields(row, one)]
        if answer == LEFT_OUT:
            row.outcome = Outcome.LEFT_OUT
        elif answer is not None and answer in alike:
            row.person = alike[answer]
        elif len(identical) == 1 and answer is None:
            row.person = identical[0]
        elif alike and answer != SOMEBODY_NEW:
            row.outcome, row.asks = Outcome.ASKED, sorted(alike)
    if row.person is not None and row.person.died_on is not None:
        row.wrong("name", "dead")
    if row.person is not None and row.person.pk in registry.taken:
        row.wrong("name", "twice", "?")
    elif row.person is not None:
        registry.taken.add(row.person.pk)


def _is_alike(row: PersonRow, person: Person) -> bool:
    """One name behind one door, and neither the number nor the day of birth says that they are two people."""
    mine, theirs = row.digests, person
    return (
        mine["name_index"] == theirs.name_index
        and not (mine["document_index"] and theirs.document_index)
        and not (mine["birth_year"] and theirs.birth_year and mine["birth_date"] != theirs.birth_date)
    )


_GROUPS = (
    ("name", "name_index"),
    ("sex",),
    ("birth_date", "birth_year"),
    ("document_number", "document_kind", "document_index"),
    ("phone", "phone_index"),
)


def _is_empty(name: str, value: object) -> bool:
    return not value or (name == "sex" and value == "0")


def differing_fields(row: PersonRow, person: Person) -> list[str]:
    """The fields that the row says and the person does not have so."""
    if not row.digests:
        row.digests = columns(row.data)
    said = [group[0] for group in _GROUPS if not _is_empty(group[0], row.digests[group[0]])]
    return [name for name in said if _comparable(row.digests, name) != _comparable(vars(person), name)]


def _comparable(values: Mapping[str, Any], name: str) -> object:
    """Numbers are compared as they are found: with or without what separates their digits."""
    return values[f"{'document' if name == 'document_number' else name}_index"] if name in _INDEXED else values[name]


_INDEXED = frozenset({"name", "document_number", "phone"})


def _compare(row: PersonRow, found: RegistryImport, answers: Mapping[str, int]) -> None:
    """What the row changes in a person who is known, by the rule of the import; an empty cell changes nothing."""
    person = row.person
    if person is None:
        return
    rule = found.rule
    if rule == ImportRule.KEEP and str(row.line) not in answers:
        return
    for group in _GROUPS:
        name = group[0]
        if name in differing_fields(row, person) and (
            rule == ImportRule.TAKE or _is_empty(name, getattr(person, name))
        ):
            row.person_changes |= {one: row.digests[one] for one in group}


def _settle(row: PersonRow, registry: _Registry, found: RegistryImport, today: date) -> None:
    """Where the row puts the person: nothing to do, other words for the stay that is there, or a stay that begins."""
    door = row.at
    stays = registry.stays_of[row.person.pk] if row.person is not None else []
    here = next((one for one in stays if door.pk is not None and one.dwelling_id == door.pk), None)
    if here is not None:
        _stay_on(row, here, registry, found)
        return
    row.from_date = row.since or today
    born = row.data.birth_date or (row.person.born_on if row.person is not None else None)
    if born is not None and row.from_date < born:
        row.wrong("since", "born_after", born)
    main = next((one for one in stays if one.is_main), None)
    if row.lives is not False and main is not None:
        if found.rule != ImportRule.TAKE or row.since is None:
            row.wrong("address", "lives_elsewhere")
        elif row.since <= main.from_date:
            row.wrong("since", "moves_too_early", main.from_date)
        row.leaves = main
    if not row.problems:
        _join(row, registry)


def _stay_on(row: PersonRow, here: Residency, registry: _Registry, found: RegistryImport) -> None:
    home = registry.by_household.get(here.household_id)
    if home is not None:
        registry.touched[home.door.key] = home
        home.number = home.number or row.values.get("household", "")
    row.stay = here
    if found.rule != ImportRule.TAKE:
        return
    said = {"kind": row.kind if row.values.get("kind") else "", "relation": row.relation, "is_main": row.lives}
    row.stay_changes = {
        name: value for name, value in said.items() if value not in ("", None) and value != getattr(here, name)
    }
    if home is not None and row.stay_changes.get("relation") == Relation.HEAD:
        if home.head is not None:
            row.wrong("relation", "two_heads")
        home.head = home.head or here.person_id
    elif "relation" in row.stay_changes and here.relation == Relation.HEAD:
        row.wrong("relation", "leaves_no_head")
    if row.stay_changes.get("is_main") and any(
        one.is_main for one in registry.stays_of[here.person_id] if one.pk != here.pk
    ):
        row.wrong("lives", "lives_elsewhere")


def _join(row: PersonRow, registry: _Registry) -> None:
    """The household that the row belongs to: by its number, else the one its head is in, else the only one."""
    door = row.at
    home = _home_for(row, registry, door)
    if home is None:
        return
    if home.row is not None and row.from_date < home.formed_on:
        row.wrong("since", "before_household", home.formed_on)
    if row.relation == Relation.HEAD and home.head is not None:
        row.wrong("relation", "two_heads")
    if row.problems:
        return
    if row.relation == Relation.HEAD:
        home.head = row
    if home.row is None:
        home.formed_on = min(home.formed_on, row.from_date)
    row.home = home
    home.members.append(row)
    registry.touched[door.key] = home


def _home_for(row: PersonRow, registry: _Registry, door: Door) -> Home | None:
    homes, number = registry.homes[door.key], row.values.get("household", "")
    if number:
        same = next((one for one in homes if one.number == number), None)
        return same or _new_home(homes, door, number)
    if row.relation == Relation.HEAD:
        headless = next((one for one in homes if one.head is None and not one.number), None)
        return headless or _new_home(homes, door, "")
    touched = registry.touched.get(door.key)
    if touched is not None or len(homes) == 1:
        return touched or homes[0]
    if not homes:
        return _new_home(homes, door, "")
    row.wrong("household", "household_missing")
    return None


def _new_home(homes: list[Home], door: Door, number: str) -> Home:
    home = Home(door, number)
    homes.append(home)
    return home


def _keep_heads(rows: Sequence[PersonRow], registry: _Registry) -> None:
    """A household that is begun has a head; one that loses its head must lose everybody."""
    homes = {id(row.home): row.home for row in rows if row.home is not None}
    for home in homes.values():
        joined = [row for row in home.members if not row.problems]
        if home.head is None and home.is_empty and joined:
            home.head, joined[0].relation = joined[0], Relation.HEAD
    leaving = {row.leaves.pk for row in rows if row.leaves is not None and not row.problems}
    for row in rows:
        leaves = row.leaves
        if leaves is None or row.problems or leaves.relation != Relation.HEAD:
            continue
        stays = registry.stays_at[leaves.dwelling_id]
        if any(one.household_id == leaves.household_id and one.pk not in leaving for one in stays):
            row.wrong("address", "leaves_no_head")
