"""Compounds, buildings and doors of the register, from the demo's estates and streets."""

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import groupby
from random import Random

from demo.addresses import StandardAddress, standard_addresses
from demo.registry.records import Building, Compound, District, Dwelling, Seen
from demo.territory import Estate, territory

KINDS = {"old": "old", "gated": "estate", "moved": "moved", "lane": "lane", "flats": "flats", "hamlet": "village"}
BUILT = {"old": (1978, 1996), "gated": (2003, 2020), "moved": (2009, 2019), "lane": (1928, 1958),
         "flats": (2008, 2018), "hamlet": (1985, 2006), "": (1985, 2012)}  # fmt: skip
SKIPPED = ([], [], [4], [4, 14], [4, 13, 14], [13])  # floors that towers do not have
# Metres squared of an ordinary home, least and most.
SIZES = {"old": (38, 72), "gated": (78, 148), "moved": (58, 105), "lane": (16, 45), "flats": (28, 62),
         "hamlet": (120, 260), "": (24, 90)}  # fmt: skip
DOORS = {"old": (2, 2, 3), "gated": (2, 2, 3, 4), "moved": (2, 3), "flats": (6, 8, 10), "lane": (2, 3),
         "hamlet": (1,), "": (2, 3, 4)}  # fmt: skip
CENSUS_YEARS_AGO = 4


class Doors:
    """Adds the places of a district; all chance comes from one generator."""

    def __init__(self, district: District, rng: Random) -> None:
        self.district, self.rng = district, rng
        self._compounds: dict[tuple[str, str], int] = {}

    def build(self, share: float) -> None:
        """Add every open house, or an even `share` of them (0 < share <= 1)."""
        taken = 0.0
        estates = {estate.key: estate for estate in territory().estates}
        for one in standard_addresses():
            if not one.is_open:
                continue
            taken += share
            if taken >= 1 - 1e-9:
                taken -= 1
                self._house(one, estates.get(one.estate_key))

    def _compound(self, name: str, estate: Estate | None, grid: str) -> int:
        key = (grid, name)
        if key not in self._compounds:
            english = estate.name_en if estate else _street_english(name)
            kind = KINDS[estate.kind] if estate else "lane"
            self._compounds[key] = len(self.district.compounds)
            self.district.compounds.append(Compound(name, english, kind, grid, estate.kind if estate else ""))
        return self._compounds[key]

    def _house(self, one: StandardAddress, estate: Estate | None) -> None:
        rng, style = self.rng, estate.kind if estate else ""
        compound = self._compound(estate.name if estate else one.street, estate, one.grid_code)
        above, below, skipped, entrances = _shape(style, rng)
        place = Random(f"built {estate.key if estate else one.text}")  # an estate was built in a few years
        year = place.randint(*BUILT[style]) + rng.randint(0, 2)
        at_shops = estate is not None and "商住" in estate.name
        use = "mixed" if at_shops or (not estate and above > 2) else "homes" if estate else "shops"
        names = [""] if entrances == 1 else [f"{number}单元" for number in range(1, entrances + 1)]
        house = Building(one.text, compound, one.grid_code, use, above, below, skipped, year, names, above > 7)
        self.district.buildings.append(house)
        for door in self._doors(house, style, at_shops):
            self.district.dwellings.append(door)

    def _doors(self, house: Building, style: str, at_shops: bool) -> Iterator[Dwelling]:
        rng, building = self.rng, len(self.district.buildings) - 1
        per_floor = _doors_per_floor(style, rng)
        floors = [floor for floor in range(1, house.floors_above + 1) if floor not in house.skipped_floors]
        for entrance in range(len(house.entrances)):
            sizes = [rng.uniform(*SIZES[style]) for _door in range(per_floor)]
            for floor in floors:
                for place, size in enumerate(sizes, 1):
                    seen = first_seen(rng, self.district.today)
                    dwelling = Dwelling(building, entrance, floor, f"{floor}{place:02d}", round(size, 2), seen)
                    self._used(dwelling, house, style, at_shops)
                    yield dwelling

    def _used(self, dwelling: Dwelling, house: Building, style: str, at_shops: bool) -> None:
        chance = self.rng.random()
        if (not style and dwelling.floor == 1) or (at_shops and dwelling.floor <= 2):
            dwelling.use, dwelling.occupancy = "shop", "let" if chance < 0.7 else "owner"
        elif (not style and chance < 0.35) or (style == "flats" and house.floors_above > 6 and chance < 0.04):
            dwelling.use, dwelling.occupancy = "office", "let"
        elif style == "old" and dwelling.floor == 1 and chance < 0.05:
            dwelling.use, dwelling.occupancy = "shop", "let"
        elif chance > 0.996:
            dwelling.use, dwelling.occupancy = "store", "lent"


def _shape(style: str, rng: Random) -> tuple[int, int, list[int], int]:
    """Floors above and below, floors that are missing, entrances."""
    if style == "old":
        return 6, 0, [], rng.choice((3, 3, 3, 4, 4, 5))
    if style == "gated":
        above = rng.choice((11, 11, 14, 16, 18, 18, 22, 26))
        return above, rng.choice((1, 1, 2)), [one for one in rng.choice(SKIPPED) if one <= above], 1 + (above < 17)
    if style == "moved":
        return 11, rng.choice((0, 1)), [], rng.choice((2, 2, 3))
    if style == "flats":
        return rng.choice((7, 9, 12)), rng.choice((0, 1)), [], 1
    return (1 if style == "hamlet" else 2 if style == "lane" else rng.choice((2, 2, 3, 4))), 0, [], 1


def _doors_per_floor(style: str, rng: Random) -> int:
    return rng.choice(DOORS[style])


def first_seen(rng: Random, today: date) -> Seen:
    """Entered in the census of four years ago, or later; most were confirmed in the last year, some never since."""
    census = date(today.year - CENSUS_YEARS_AGO, 4, 1) + timedelta(days=rng.randrange(180))
    chance = rng.random()
    if chance < 0.74:
        days = rng.randrange(2, 360)
    elif chance < 0.92:
        days = rng.randrange(365, 730)
    elif chance < 0.97:
        days = rng.randrange(730, 1080)
    else:
        return Seen("door", census, census)
    return Seen("door" if chance < 0.9 else "import", census, max(census, today - timedelta(days=days)))


def later(seen: Seen, since: date, today: date) -> Seen:
    """The same for what began on a day: entered some days after it, if that was after the census."""
    entered = max(seen.collected_on, since + timedelta(days=1 + since.day % 9))
    entered = min(entered, today - timedelta(days=1))
    if entered == seen.collected_on:
        return seen
    return Seen("counter" if since.day % 3 else "resident", entered, max(entered, seen.confirmed_on))


def by_building(district: District) -> dict[int, list[int]]:
    """Dwellings of each building."""
    every = range(len(district.dwellings))
    return {key: list(group) for key, group in groupby(every, key=lambda one: district.dwellings[one].building)}


def _street_english(name: str) -> str:
    return next(street.name_en for street in territory().streets if street.name == name)
