"""What comes in when: as many requests as wanted over the twelve months before the seeding day.

Kinds follow a published week of a city hotline (enquiry 47.6, help 29.4, suggestion 15.6, complaint and report 5.0 of
97.6); matters follow data/mix.csv. Seasons: heating in winter, floods in summer, schools before September. The portal
grows through the year, and the last hour is busy, so that every state has open requests. A small demo crowds into
its last weeks for the same reason; a large one has enough open without it.
"""

import csv
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Shanghai")
TOTAL = 20_000
SMALL = 2000  # texts are written, and the last weeks filled, for a set of this size
DAYS = 365
KIND_SHARES = {"enquiry": 975, "help": 603, "suggestion": 320, "complaint": 70, "tip_off": 32}  # of 2,000
ENGLISH_SHARE = 0.03
LAST_DAY = 30

# Share of a matter's year by month, January first; matters not named here come evenly.
SEASONS: dict[str, tuple[float, ...]] = {
    "030401": (9, 6, 3, 0.4, 0.1, 0.1, 0.1, 0.1, 0.5, 3, 14, 10),
    "010304": (0.3, 0.3, 0.8, 1.5, 3, 8, 10, 9, 5, 1.5, 0.4, 0.3),
    "010401": (1.5, 2, 3, 3, 3.5, 3, 3, 3, 2.5, 2, 2, 1.5),
    "010202": (1, 1, 1, 1, 1, 1, 1, 1, 1.4, 2.5, 3.5, 2),
    "010101": (0.6, 0.8, 1, 1.5, 2, 2.5, 2.6, 2.5, 2, 1.4, 1, 0.7),
    "050201": (0.7, 0.8, 1, 1.2, 1.6, 2, 2.2, 2, 1.6, 1.2, 0.9, 0.7),
    "050301": (0.5, 0.5, 0.8, 1.2, 1.8, 2.2, 2.6, 2.4, 1.6, 1, 0.6, 0.5),
    "050102": (0.7, 0.7, 1, 1.2, 1.5, 1.8, 2, 1.9, 1.5, 1.2, 0.9, 0.8),
    "070601": (0.8, 1, 1.8, 2.6, 3.4, 4, 4.4, 5, 1.4, 0.7, 0.6, 0.6),
    "070602": (1, 1, 1, 1.2, 1.4, 2, 2.6, 1.8, 1.6, 1.2, 1, 1),
    "070502": (1, 0.9, 1, 1, 1, 1, 1, 1, 1.4, 2.4, 2.4, 1.6),
    "070501": (1.4, 1, 0.8, 0.8, 0.8, 0.8, 0.8, 0.9, 1.2, 1.8, 2.4, 2.4),
    "070402": (3.5, 1.5, 0.8, 0.8, 0.8, 0.9, 0.9, 0.9, 1, 1.2, 1.8, 2.8),
    "060301": (0.7, 0.7, 1, 1.2, 1.4, 1.4, 1.4, 1.3, 1.1, 1, 0.8, 0.7),
    "090102": (1, 0.8, 1, 1, 1.2, 2, 2.4, 1.4, 1, 1.4, 1, 0.9),
    "010203": (0.8, 0.8, 1, 1.2, 1.4, 1.4, 1.4, 1.3, 1.1, 1, 0.8, 0.7),
}
_HOURS = (2, 1, 1, 1, 1, 3, 9, 18, 30, 38, 36, 26, 20, 22, 30, 32, 30, 26, 22, 26, 30, 26, 14, 6)
_WEEKDAYS = (1.25, 1.15, 1.1, 1.05, 1.0, 0.75, 0.7)


@dataclass(frozen=True, slots=True)
class Plan:
    """One request to be: `sequence` counts from 1 in the order of submission."""

    sequence: int
    category: str
    kind: str
    language: str
    submitted_at: datetime


def anchor(now: datetime) -> datetime:
    """The full hour before `now`, local time: the same hour gives the same demo."""
    return now.astimezone(ZONE).replace(minute=0, second=0, microsecond=0)


@cache
def mix(total: int) -> dict[tuple[str, str], int]:
    """How many requests of each (matter, kind): data/mix.csv scaled to the exact total by largest remainder."""
    path = Path(__file__).parent / "data" / "mix.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    result: dict[tuple[str, str], int] = {}
    for kind, of_kind in _scaled(KIND_SHARES, total).items():
        counts = _scaled({row["category"]: int(row[kind]) for row in rows}, of_kind)
        result |= {(code, kind): count for code, count in counts.items() if count}
    return result


def _scaled(raw: dict[str, int], total: int) -> dict[str, int]:
    """The same shares of another total."""
    scaled = {key: count * total / sum(raw.values()) for key, count in raw.items()}
    counts = {key: int(value) for key, value in scaled.items()}
    by_rest = sorted(scaled, key=lambda key: (int(scaled[key]) - scaled[key], key))
    for key in by_rest[: total - sum(counts.values())]:
        counts[key] += 1
    return counts


def plans(now: datetime, total: int, english: dict[tuple[str, str], int], rng: Random) -> list[Plan]:
    """All requests in the order of submission. `english` says how many of a (matter, kind) are written in English."""
    start = anchor(now)
    drawn: list[tuple[datetime, str, str, str]] = []
    for (category, kind), count in mix(total).items():
        for i in range(count):
            language = "en" if i < english.get((category, kind), 0) else "zh"
            drawn.append((start, category, kind, language))
    rng.shuffle(drawn)
    ends = [start - timedelta(days=i) for i in range(DAYS)]  # of 24 hours each, the last ones first
    days = [(end - timedelta(hours=12)).date() for end in ends]
    crowding = min(1.0, SMALL / total)
    growth = [_growth(i, crowding) * _WEEKDAYS[day.weekday()] for i, day in enumerate(days)]
    last_day_total = max(min(LAST_DAY, total // 20), round(1.2 * total / DAYS))
    by_category: dict[str, list[float]] = {}
    timed = []
    last_day = 0
    for _, category, kind, language in drawn:
        if last_day < last_day_total and SEASONS.get(category, (1,) * 12)[days[0].month - 1] >= 0.8:
            last_day += 1
            timed.append((_lately(start, last_day / last_day_total, rng), category, kind, language))
            continue
        if category not in by_category:
            by_category[category] = _cumulative(category, days, growth)
        end = rng.choices(ends[1:], cum_weights=by_category[category])[0]
        timed.append((_moment(end, rng), category, kind, language))
    timed.sort(key=lambda item: item[0])
    return [
        Plan(number, category, kind, language, at) for number, (at, category, kind, language) in enumerate(timed, 1)
    ]


def _growth(days_back: int, crowding: float) -> float:
    """More people know the portal every month; the last week is the busiest, the more so the smaller the demo."""
    base = 1.2 - 0.4 * days_back / DAYS
    return base * (1 + crowding * (1.9 if days_back <= 7 else 0.8 if days_back <= 20 else 0.0))


def _cumulative(category: str, days: list[date], growth: list[float]) -> list[float]:
    season = SEASONS.get(category, (1.0,) * 12)
    total, result = 0.0, []
    for day, weight in zip(days[1:], growth[1:], strict=True):
        total += weight * season[day.month - 1]
        result.append(total)
    return result


def _moment(end: datetime, rng: Random) -> datetime:
    """Some time in the 24 hours before `end`, more likely in the morning and after work."""
    hour = rng.choices(range(24), weights=_HOURS)[0]
    at = datetime.combine(end.date(), time(hour, rng.randrange(60), rng.randrange(60)), ZONE)
    return at if at < end else at - timedelta(days=1)


def _lately(end: datetime, share: float, rng: Random) -> datetime:
    """The last 24 hours: one in four so shortly before `end` that nobody need have looked at it yet."""
    return end - timedelta(seconds=rng.randrange(1, 6000)) if share < 0.25 else _moment(end, rng)
