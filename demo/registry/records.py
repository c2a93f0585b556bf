"""What the register is told in. Records point at each other by their place in the lists of `District`."""

from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True, slots=True)
class Seen:
    """Where a record comes from, since when it is there, and when somebody last saw that it is true."""

    source: str
    collected_on: date
    confirmed_on: date


@dataclass(slots=True)
class Compound:
    """An estate, lane, hamlet or stretch of street inside one grid. `style` is the demo's own kind, "" for a street."""

    name: str
    name_en: str
    kind: str
    area_code: str
    style: str


@dataclass(slots=True)
class Building:
    """A house. `address` is the text of its standard address; `entrances` the names, "" for the only way in."""

    address: str
    compound: int
    area_code: str
    use: str
    floors_above: int
    floors_below: int
    skipped_floors: list[int]
    built_year: int
    entrances: list[str]
    has_lift: bool


@dataclass(slots=True)
class Dwelling:
    """A door. `entrance` is its place in the building's list."""

    building: int
    entrance: int
    floor: int
    door: str
    area_m2: float
    seen: Seen
    use: str = "home"
    occupancy: str = "unknown"
    dispute: str = ""
    ended_on: date | None = None


@dataclass(slots=True)
class Household:
    """Those who keep house together. `number` is that of the household register, "" without one."""

    dwelling: int
    formed_on: date
    kind: str = "family"
    number: str = ""
    ended_on: date | None = None


@dataclass(slots=True)
class Person:
    """One person; `mother` is another, where both are told of."""

    name: str
    sex: str
    born: date
    document_kind: str
    document_number: str
    phone: str
    home: int
    seen: Seen
    died_on: date | None = None
    mother: int | None = None


@dataclass(slots=True)
class Residency:
    """A person in a household, from a day until the day before `to_date`."""

    person: int
    household: int
    kind: str
    relation: str
    from_date: date
    seen: Seen
    is_main: bool = True
    to_date: date | None = None
    end_reason: str = ""
    purpose: str = "service"


@dataclass(slots=True)
class Ownership:
    """A share of a dwelling: of a person or of an entity."""

    dwelling: int
    share: int
    of: int
    from_date: date
    seen: Seen
    person: int | None = None
    entity: int | None = None
    to_date: date | None = None


@dataclass(slots=True)
class Entity:
    """A legal entity with its seat. `organisation` is the key of the demo's organisation that it is, or ""."""

    name: str
    credit_code: str
    kind: str
    trade: str
    representative: str
    phone: str
    staff: str
    building: int
    seen: Seen
    dwelling: int | None = None
    organisation: str = ""
    opened_on: date | None = None
    closed_on: date | None = None


@dataclass(slots=True)
class Space:
    """An underground space of a building."""

    label: str
    kind: str
    use: str
    level: int
    area_m2: float
    building: int
    inspected_on: date
    inspect_due: date
    seen: Seen
    keeper: int | None = None
    keeper_name: str = ""
    keeper_phone: str = ""


@dataclass(frozen=True, slots=True)
class Fault:
    """Something planted: `person` or `household` is where, `other` the record that it is a duplicate of."""

    kind: str
    person: int | None = None
    household: int | None = None
    other: int | None = None


@dataclass(slots=True)
class District:
    """The whole register as of the evening before `today`."""

    today: date
    compounds: list[Compound] = field(default_factory=list)
    buildings: list[Building] = field(default_factory=list)
    dwellings: list[Dwelling] = field(default_factory=list)
    households: list[Household] = field(default_factory=list)
    people: list[Person] = field(default_factory=list)
    residencies: list[Residency] = field(default_factory=list)
    ownerships: list[Ownership] = field(default_factory=list)
    entities: list[Entity] = field(default_factory=list)
    spaces: list[Space] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
