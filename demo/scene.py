"""Where a letter plays, who writes it and when: the values behind the names of the grammar."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from random import Random

from demo.addresses import house_point, house_site
from demo.organisations import by_key, firm_for
from demo.people import Requester, pinyin
from demo.staff import DemoStaff, staff_by_role
from demo.territory import Area, Estate, Street, points_inside, territory
from demo.topics import Topic

WEEKDAYS = "一二三四五六日"
_NUMERALS = ("零", "一", "二", "三", "四", "五", "六", "七", "八", "九", "十")
DEFAULT_ESTATES = ("old", "gated", "moved", "flats", "lane")


@dataclass(frozen=True, slots=True)
class Place:
    """The place of a letter. `area_code` is the grid where it is known, else the community; no pin without a grid.
    `address` is exact and private; `public_place` stops at the estate or the street."""

    estate: Estate
    grid: Area
    community: Area
    street: str
    second_street: str
    landmark: str
    building: int
    entrance: int
    floor: int
    door: str
    area_code: str
    address: str
    public_place: str
    lon: float | None
    lat: float | None


@dataclass(frozen=True, slots=True)
class Moment:
    """Dates that texts may name. `visited` and `checked` lie between signing and reply, `promised` after the reply."""

    submitted: datetime
    visited: date
    checked: date
    replied: date
    promised: date


@cache
def _weights() -> tuple[tuple[Estate, ...], tuple[float, ...]]:
    """Estates and how many letters come from each; a few are busier than their size explains."""
    busy = {"槐安里": 3.0, "柳塘新村": 1.8, "青禾里": 2.4, "望江新村": 1.6, "渔火街 5 弄": 1.8, "禾苑新城": 1.5}
    people = {"old": 1.0, "gated": 1.3, "moved": 1.2, "flats": 2.2, "lane": 0.6, "hamlet": 0.25}
    estates = territory().estates
    return estates, tuple(e.buildings**0.6 * people[e.kind] * busy.get(e.name, 1.0) for e in estates)


@cache
def _estates_for(kinds: tuple[str, ...]) -> tuple[tuple[Estate, ...], tuple[float, ...]]:
    pairs = [(e, w) for e, w in zip(*_weights(), strict=True) if e.kind in kinds]
    return tuple(e for e, _ in pairs), tuple(w for _, w in pairs)


@cache
def streets_by_name() -> dict[str, Street]:
    """Streets of the district by name."""
    return {street.name: street for street in territory().streets}


def choose_place(topic: Topic, rng: Random) -> Place:
    """A place that suits the topic: an estate with lifts for a lift, a hamlet for a field ditch."""
    kinds = topic.estates or (DEFAULT_ESTATES if topic.where in {"estate", "home"} else (*DEFAULT_ESTATES, "hamlet"))
    estate = rng.choices(*_estates_for(kinds))[0]
    places = territory()
    grid = places.by_code[estate.grid_code]
    community = places.by_code[grid.parent]
    streets = [s for s in grid.streets if s not in {"海堤路", "北环路", "盐运路", "南港路"}] or list(grid.streets)
    street = rng.choice(streets)
    others = [s for s in grid.streets if s != street] or [estate.street]
    landmark = rng.choice(grid.landmarks)
    building = rng.randint(1, estate.buildings)
    entrance = rng.randint(1, estate.entrances) if estate.entrances else 0
    floor = rng.randint(1, estate.floors)
    door = f"{floor}{rng.randint(1, 4):02d}"
    prefix = f"{places.by_code[community.parent].name}{community.name}"
    code, lon, lat = grid.code, None, None
    if topic.where == "road":
        lon, lat = points_inside(grid, rng)
        public = f"{street}（靠近{landmark}）"
        address = f"{prefix}{street}{rng.randint(2, 290)}号附近"
    elif topic.where == "public":
        lon, lat = points_inside(grid, rng)
        public, address = landmark, f"{prefix}{landmark}"
    elif topic.where in {"estate", "home"}:
        lon, lat = house_point(estate, building, grid)
        public = estate.name.replace(" ", "")
        address = prefix + house_site(estate, building)
        if topic.where == "home" and estate.entrances:
            address += f"{entrance}单元{door}室"
    else:
        code, public, address = community.code, "", ""
    return Place(
        estate, grid, community, street, rng.choice(others), landmark, building, entrance, floor, door, code,
        address, public, lon, lat,
    )  # fmt: skip


def _days_ago(days: int, at: datetime, rng: Random) -> tuple[str, str]:
    """The same stretch of time as a point ("上周三") and as a length ("四五天")."""
    then = at.date() - timedelta(days=days)
    if days <= 1:
        return rng.choice(("昨天", "昨晚", "昨天傍晚", "昨天一早")), rng.choice(("一天", "一天一夜", "一整天"))
    if days == 2:
        return rng.choice(("前天", "前天晚上", "前天下午")), rng.choice(("两天", "两三天"))
    if days <= 6:
        week = "上" if then.isocalendar().week != at.isocalendar().week else "这"
        word = rng.choice(("周", "个星期"))
        return f"{week}{word}{WEEKDAYS[then.weekday()]}", rng.choice(
            {3: ("三天", "三四天"), 4: ("四天", "四五天"), 5: ("五天", "快一个星期")}.get(days, ("快一周", "六七天"))
        )
    if days <= 13:
        return rng.choice((f"{then.month}月{then.day}号", "上个礼拜", f"{then.month}月{then.day}日")), rng.choice(
            ("一个多星期", "十来天", "一个多礼拜", f"{days}天")
        )
    if days <= 24:
        third = "初" if then.day < 11 else "中旬" if then.day < 21 else "底"
        return rng.choice((f"{then.month}月{then.day}号", f"{then.month}月{third}")), rng.choice(
            ("半个多月", "快三个礼拜", "半个月", f"{days}天")
        )
    return rng.choice((f"{then.month}月份", f"{then.month}月底" if then.day > 20 else f"{then.month}月里")), rng.choice(
        ("一个多月", "一个月了吧，快两个月", "个把月", "一个半月")
    )


def _clock(rng: Random, hours: tuple[int, ...], words: str) -> str:
    hour = rng.choice(hours)
    spoken = _NUMERALS[hour] if hour <= 10 else f"十{_NUMERALS[hour - 10]}"
    spoken = "两" if hour == 2 else spoken
    return f"{words}{spoken}点{rng.choice(('', '多', '半', '左右', '多钟'))}"


def _night(rng: Random) -> str:
    if rng.random() < 0.2:
        return _clock(rng, (8, 9, 10, 11, 12, 1, 2), "")
    return rng.choice(
        (
            _clock(rng, (8, 9, 10), "晚上"),
            _clock(rng, (11, 12), "夜里"),
            _clock(rng, (1, 2, 3), "半夜"),
            _clock(rng, (4, 5), "凌晨"),
        )
    )


def _floor_word(floor: int) -> str:
    return f"{'二' if floor == 2 else _NUMERALS[floor]}楼" if floor <= 6 else f"{floor}楼"


def grid_worker_for(grid_code: str) -> DemoStaff:
    """Who walks a grid."""
    for person in staff_by_role("grid_worker"):
        if any(grant.area_code == grid_code for grant in person.grants):
            return person
    return staff_by_role("grid_worker")[0]


def place_values(place: Place, rng: Random) -> dict[str, str | Callable[[], str]]:
    """Grammar names of a place."""
    estate = place.estate
    community = by_key()[f"comm:{place.community.code}"]
    plain = estate.kind in {"lane", "hamlet"}
    firm = firm_for(estate)
    number = f"{rng.randint(2, 290)}号"
    worker = grid_worker_for(place.grid.code)
    road = place.street
    return {
        "estate": estate.name.replace(" ", ""),
        "bldg": f"{place.building}号" if plain else f"{place.building}{rng.choice(('号楼', '号楼', '幢'))}",
        "unit": f"{place.entrance}单元" if place.entrance and estate.entrances > 1 else "",
        "room": f"{place.door}室" if place.entrance else "",
        "floor": _floor_word(place.floor),
        "up": _floor_word(min(place.floor + 1, estate.floors)),
        "top": _floor_word(estate.floors),
        "road": road,
        "road2": place.second_street,
        "no": number,
        "mark": place.landmark,
        "near": lambda: rng.choice(
            (f"{number}附近", f"靠近{place.landmark}", f"和{place.second_street}交叉口", f"{place.landmark}对面",
             f"靠{place.second_street}这头", f"{estate.name.replace(' ', '')}门口那段", f"{number}门前")
        ),
        "comm": place.community.name,
        "subd": territory().by_code[place.community.parent].name,
        "firm": by_key()[firm].short_name if firm else "物业",
        "commname": community.short_name,
        "commtel": community.phone,
        "gw": f"网格员{worker.call}",
        "pole": f"{place.community.code[6:9]}-{rng.randint(102, 988)}",
    }  # fmt: skip


def time_values(at: datetime, rng: Random) -> dict[str, str | Callable[[], str]]:
    """Grammar names of the moment of writing."""
    days = int(1 + rng.random() ** 1.6 * 34)
    since, ago = _days_ago(days, at, rng)
    recent = at.date() - timedelta(days=rng.randint(3, 6))
    return {
        "since": since,
        "ago": ago,
        "day": lambda: rng.choice(
            ("昨天", "前天", "今天", "大前天", f"{recent.day}号那天", f"星期{WEEKDAYS[recent.weekday()]}")
        ),
        "night": lambda: _night(rng),
        "eve": lambda: _clock(rng, (5, 6, 7), "傍晚" if rng.random() < 0.3 else "晚上"),
        "morn": lambda: _clock(rng, (5, 6, 7), rng.choice(("早上", "清早", "一大早"))),
        "noon": lambda: rng.choice(("中午", "中饭那会儿", "十二点左右", "吃中饭的时候")),
        "month": f"{at.month}月",
        "year": str(at.year),
        "lastyear": str(at.year - 1),
        "times": lambda: rng.choice(("两次", "三次", "三四次", "五六次", "好几次", "四回", "不下五次")),
        "week": lambda: rng.choice(("这周末", "月底", "下周一", "周五", "下个礼拜")),
    }  # fmt: skip


def person_values(requester: Requester, rng: Random) -> dict[str, str | Callable[[], str]]:
    """Grammar names of the writer and the family."""
    age = rng.randint(68, 89)
    own_age = rng.randint(66, 84)
    return {
        "age": f"{own_age}岁" if requester.age == "old" else f"{age}岁",
        "call": requester.call,
        "kin": lambda: rng.choice(
            ("老伴", "老伴", "大姐", "妹妹") if requester.age == "old" else ("我妈", "我爸", "老母亲", "公公", "婆婆", "岳母", "奶奶")
        ),
        "kid": lambda: rng.choice(
            ("孙子", "外孙女", "小孙女", "外孙") if requester.age == "old" else ("孩子", "女儿", "儿子", "小孩", "老二")
        ),
        "phone": requester.phone,
    }  # fmt: skip


def reply_values(
    moment: Moment, place: Place, organisation_key: str, handler: DemoStaff, rng: Random
) -> dict[str, str | Callable[[], str]]:
    """Grammar names of the answering side."""
    organisation = by_key()[organisation_key]
    after = moment.promised
    next_month = (moment.replied.replace(day=1) + timedelta(days=40)).month
    later_month = (moment.replied.replace(day=1) + timedelta(days=72)).month
    return {
        "org": organisation.short_name,
        "orgtel": organisation.phone,
        "worker": handler.call,
        "vdate": f"{moment.visited.month}月{moment.visited.day}日",
        "vdate2": f"{moment.checked.month}月{moment.checked.day}日",
        "vtime": lambda: rng.choice(("上午", "下午", "一早", "傍晚", "中午")),
        "rdate": f"{moment.replied.month}月{moment.replied.day}日",
        "fdate": f"{after.month}月{after.day}日",
        "fmonth": lambda: f"{rng.choice((next_month, next_month, later_month))}月",
        "fweek": lambda: f"下周{WEEKDAYS[rng.randint(0, 5)]}",
    }  # fmt: skip


def note_values(requester: Requester) -> dict[str, str | Callable[[], str]]:
    """Grammar names used in notes; what the letter asks (`asked`, `point`) is known once it is written."""
    return {"surname": requester.name[0], "day2": "前一天"}


def english_values(place: Place, moment: Moment, handler: DemoStaff, rng: Random) -> dict[str, str | Callable[[], str]]:
    """Grammar names of an English letter."""
    surname = pinyin(handler.display_name[0])
    title = "Ms" if handler.sex == "f" else "Mr"
    weekday = (moment.submitted - timedelta(days=rng.randint(1, 5))).strftime("%A")
    return {
        "estate_en": place.estate.name_en,
        "road_en": streets_by_name()[place.street].name_en,
        "comm_en": place.community.name_en,
        "since_en": rng.choice(
            (f"since {weekday}", "for about a week", "for more than two weeks", "since last weekend")
        ),
        "day_en": weekday,
        "vdate_en": f"{moment.visited.day} {moment.visited:%B}",
        "fdate_en": f"{moment.promised.day} {moment.promised:%B}",
        "worker_en": f"{title} {surname}" if surname else "the team",
    }
