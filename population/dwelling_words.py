"""What people write for one dwelling, taken to parts: 3栋2单元501, 三号楼二门501室, 槐安里3-2-501, 12弄5号301室.

Two writings name the same place where their parts are equal: compare `written(a)` with `written(b)`, never the texts.
Printed as the standard address wants it (STANDARDS 4.4): N幢, N单元, N层, NNN室, in digits. Nothing here knows which
places exist; a floor read off a door is a proposal, for buildings that skip floors number their doors as they like.
"""

import re
import unicodedata
from dataclasses import dataclass, replace

from governance.text import clean_text
from population.normalising import number_of

BASEMENTS_MOST = 6

_NUMERAL = "零〇一二两三四五六七八九十百"
_HAN = "\u3007\u3400-\u9fff"  # with the zero 〇
_SIDES = "东西南北中左右前后"
# Numbers in the name of a place ("三里屯", "五一新村", "三门路") stay words: only before these they count something.
_COUNTED = re.compile(rf"第?([{_NUMERAL}]+)(?=号|单元|[栋幢座层楼室弄#]|[组队](?![{_HAN}]))")
_NUMERALS = re.compile(rf"[{_NUMERAL}]+")
_PUNCTUATION = re.compile(rf"[^0-9A-Z{_HAN}#|-]+")
_NUMBER = r"(?:(?<![0-9A-Z])[A-Z][0-9]{0,2}|(?<![0-9])[0-9]{1,4}[A-Z]?)"
_BUILDING = re.compile(rf"({_NUMBER})(?:号[楼栋幢]|[栋幢]楼?|座|#楼?|楼(?=[0-9A-Z{_NUMERAL}]+(?:单元|号?门)))")
_HOUSE = re.compile(r"((?<![0-9-])[0-9]{1,5}(?:-[0-9]{1,3})?[A-Z]?)号((?:附|之)[0-9]{1,3}号?)?(?!大?院|[门房弄路线])")
_STOREY = re.compile(r"(?<![0-9-])([0-9]{1,2})楼")
_DASHED = re.compile(
    rf"(?<![0-9A-Z#栋幢座楼号元门层-])({_NUMBER})-"
    r"(?:([0-9]{1,2})-)?(?:([0-9]{1,2})-)?([0-9]{3,4}(?![0-9]).*)$"
)
_DOOR = (
    r"[0-9]{1,2}[A-Z][0-9]{2}"  # 12A03: the floor has a letter
    r"|(?:地下|负|B)?[0-9]{1,4}(?:[A-Z](?![0-9A-Z])|-[0-9]{1,2}(?![0-9-]))?"
    r"|[A-Z][0-9]{2,4}(?:-[0-9]{1,2})?"
)
_INSIDE = re.compile(
    r"-?(?:(?P<entrance>[0-9]{1,2}|[A-Z])(?:单元|号?门)|(?P<dashed>[0-9]{1,2})(?=-[0-9]{3,4}(?![0-9])))?"
    r"-?(?:(?P<below>地下|负|B|-)?(?P<floor>[0-9]{1,3})[层楼]|(?P<basement>地下室?(?![0-9]{3})))?"
    rf"-?(?:(?P<side>[{_SIDES}]{{1,2}})[户室]?(?=$|\|)|(?P<door>{_DOOR})(?:室|号?房|号|户(?=$|\|)|(?=$|\|)))?"
)
_ROOM = re.compile(rf"(?:^|(?<=[^0-9A-Z-]))(?:({_DOOR})(?:室|号?房)|([0-9]{{3,4}}[A-Z]?)(?=$|\|))")
_ABOVE = re.compile(
    rf"^(?:(?:[{_HAN}]{{2,7}}?(?:省|自治区))?[{_HAN}]{{2,7}}?市[{_HAN}]{{1,7}}?(?:(?<!小)区|县|市)"
    rf"(?:[{_HAN}]{{2,8}}?[镇乡](?=[{_HAN}]{{2}}))?)?"
    rf"(?:[{_HAN}]{{2,8}}?街道(?:办事处)?)?(?:[{_HAN}]{{2,10}}?(?:社区|居委会|村委会))?(?=[{_HAN}]{{2}})"
)
_STREET = re.compile(rf"^.*[路街巷道][0-9]+(?:-[0-9]+)?号(?!大?院)(?=[{_HAN}]{{2}})")
_DOOR_ON_FLOOR = re.compile(r"[A-Z]?([0-9]{1,2})[0-9]{2}(?:[A-Z]|-[0-9]{1,2})?")
_DOOR_BELOW = re.compile(rf"B([1-{BASEMENTS_MOST}])[0-9]{{2}}(?:[A-Z]|-[0-9]{{1,2}})?")
_DOOR_OF_A_SIDE = re.compile(rf"(地下)?([0-9]{{1,3}})层[{_SIDES}]{{1,2}}户")


@dataclass(frozen=True, slots=True)
class Written:
    """An address in parts, each "" (the floor None) where nobody wrote it.

    `estate`: an estate, a lane or a village, with the numbers that stand before the building (12弄, 上河村2组).
    `building`: "3幢", "A幢" or a house number "18号". `entrance`: "2单元". `floor`: -1 is the first basement; read off
    the door where it is not written. `door`: "501", "B101"; "5层东户" where doors have no number.
    """

    estate: str = ""
    building: str = ""
    entrance: str = ""
    floor: int | None = None
    door: str = ""

    @property
    def building_number(self) -> str:
        """The building without 幢 or 号: in some estates people say 3号 for 3幢, so a second guess compares this."""
        return self.building.rstrip("幢号")


def written(text: str) -> Written:
    """Take an address to its parts. What follows the door ("对面", "靠近车棚") is dropped; a text that names nothing
    numbered is all estate.
    """
    plain = _plain(text)
    found = _BUILDING.search(plain) or _last_house(plain) or _first_storey(plain)
    if found is None:
        return _without_building(plain)
    building = _number(found[1]) + (f"号{found[2] or ''}" if found.re is _HOUSE else "幢")
    inside = _inside(_NUMERALS.sub(_digits, plain[found.end() :]))
    return replace(inside, estate=_estate(plain[: found.start()]), building=building)


def estate_key(name: str) -> str:
    """The name of an estate as `Written.estate` has it: to compare with."""
    return _estate(_plain(name))


def address_text(written: Written) -> str:
    """Print a standard address: "槐安里 3幢 2单元 501室". A floor stands in it only where the door does not tell it."""
    tells = floor_of_door(written.door)
    floor = "" if written.floor is None or written.floor == tells else floor_text(written.floor)
    room = written.door if not written.door or _DOOR_OF_A_SIDE.fullmatch(written.door) else f"{written.door}室"
    return " ".join(part for part in (written.estate, written.building, written.entrance, floor, room) if part)


def floor_text(floor: int) -> str:
    """A floor as standard addresses name it: 5层, 地下1层."""
    return f"{floor}层" if floor > 0 else f"地下{-floor}层"


def floor_of_door(door: str) -> int | None:
    """The floor that a door's number proposes: 501 -> 5, 1203 -> 12, B101 -> -1, 5层东户 -> 5; None for none.

    Numbers of five digits (entrance and door in one) and floors with a letter (12A03) tell nothing for sure.
    """
    plain = unicodedata.normalize("NFKC", door).upper().strip().removesuffix("室")
    if below := _DOOR_BELOW.fullmatch(plain):
        return -int(below[1])
    if side := _DOOR_OF_A_SIDE.fullmatch(plain):
        return -int(side[2]) if side[1] else int(side[2])
    match = _DOOR_ON_FLOOR.fullmatch(plain)
    return (int(match[1]) or None) if match else None


def _plain(text: str) -> str:
    """One width, capitals, digits where something is counted, "-" between numbers, "|" for what else separates."""
    plain = unicodedata.normalize("NFKC", clean_text(text, multiline=False)).upper()
    plain = re.sub(r"[‐‑‒–—―−_/~.]+", "-", plain)
    plain = re.sub(r"(?<=[0-9A-Z]) +(?=[0-9])", "-", plain).replace(" ", "")
    plain = _PUNCTUATION.sub("|", plain)
    plain = _COUNTED.sub(_digits, plain)
    plain = re.sub(r"第(?=[0-9])", "", plain)
    return _DASHED.sub(_spelled_out, plain).strip("|-")


def _digits(match: re.Match[str]) -> str:
    return str(number_of(match[match.lastindex or 0]))


def _spelled_out(match: re.Match[str]) -> str:
    building, entrance, floor, door = match.groups()
    return f"{building}幢" + (f"{entrance}单元" if entrance else "") + (f"{floor}层" if floor else "") + door


def _last_house(plain: str) -> re.Match[str] | None:
    """The last house number that is followed by nothing, or by what stands inside a house; not 8号公馆501室."""
    last = None
    for match in _HOUSE.finditer(plain):
        last = match
    if last is not None:
        rest = _NUMERALS.sub(_digits, plain[last.end() :])
        if _inside(rest) == Written() and _ROOM.search(rest):
            return None
    return last


def _first_storey(plain: str) -> re.Match[str] | None:
    """3楼501: the third building, since the door is on the fifth floor; 5楼501 is a floor."""
    match = _STOREY.search(plain)
    if match is None:
        return None
    tells = _inside(plain[match.end() :]).floor
    return match if tells is not None and tells != int(match[1]) else None


def _without_building(plain: str) -> Written:
    """Only an entrance, a floor or a room is named, or nothing."""
    for pattern in (r"[0-9]{1,2}单元", r"(?:地下|负|B|-)?[0-9]{1,3}[层楼]"):
        if match := re.search(rf"(?<![0-9A-Z]){pattern}", plain):
            inside = _inside(_NUMERALS.sub(_digits, plain[match.start() :]))
            return replace(inside, estate=_estate(plain[: match.start()]))
    if room := _ROOM.search(plain):
        return replace(_inside(plain[room.start() :]), estate=_estate(plain[: room.start()]))
    return Written(estate=_estate(plain))


def _inside(rest: str) -> Written:
    """What stands behind the building: entrance, floor, door."""
    match = _INSIDE.match(rest)
    if match is None:  # never: every part of it is optional
        return Written()
    entrance, door = match["entrance"] or match["dashed"] or "", _door(match["door"] or "")
    floor = int(match["floor"]) if match["floor"] else None
    if match["below"] and floor is not None:
        floor = -floor
    elif match["basement"]:
        floor = -1
    if match["side"] and floor:
        door = f"{floor_text(floor)}{match['side']}户"
    if not floor:
        floor = floor_of_door(door)
    return Written(entrance=f"{_number(entrance)}单元" if entrance else "", floor=floor, door=door)


def _door(number: str) -> str:
    """501 for 0501, B101 for 负101 and 地下101."""
    door = re.sub(r"^(?:地下|负)", "B", number)
    return door[1:] if re.match(r"0[1-9][0-9]{2}(?![0-9])", door) else door


def _number(text: str) -> str:
    """Without zeros in front."""
    return text.lstrip("0") or text


def _estate(before: str) -> str:
    """The name of the place, without the areas above it, without the street in front of an estate's own name."""
    name = before.replace("|", "").strip("-")
    return _STREET.sub("", _ABOVE.sub("", name))
