"""Drawn "phone photos" for the demo: no picture of a real place, the same bytes on every machine.

A key is `<scene>-<take>-<before|after>`. The two takes of a scene differ in place, light and side, so that
a page of similar requests does not show one picture twice.
"""

import random
from collections.abc import Callable
from functools import lru_cache

from demo import pictures_estate, pictures_street
from demo.drawing import Canvas
from demo.scenery import CLEAR, CLOUDY, LATE, MORNING, Hour

# The light before and after, for each take.
_FAIR: tuple[tuple[Hour, Hour], ...] = ((CLOUDY, CLEAR), (LATE, MORNING))
_WET: tuple[tuple[Hour, Hour], ...] = ((CLOUDY, CLEAR), (CLOUDY, LATE))
_SCENES: dict[str, tuple[Callable[..., bytes], tuple[tuple[Hour, Hour], ...]]] = {
    "lamp": (pictures_street.lamp, _FAIR),
    "road": (pictures_street.road, _FAIR),
    "manhole": (pictures_street.manhole, _FAIR),
    "flood": (pictures_street.flood, _WET),
    "walkway": (pictures_street.walkway, _FAIR),
    "site": (pictures_street.site, _FAIR),
    "bins": (pictures_estate.bins, _FAIR),
    "pipe": (pictures_estate.pipe, _FAIR),
    "bench": (pictures_estate.bench, _FAIR),
    "stairs": (pictures_estate.stairs, _FAIR),
    "branch": (pictures_estate.branch, _FAIR),
    "fitness": (pictures_estate.fitness, _FAIR),
}
_STATES = ("before", "after")
_TAKES = ("a", "b")

_BY_CATEGORY: dict[str, tuple[str, ...]] = {
    "010201": ("bins",),
    "010204": ("bins",),
    "010301": ("lamp",),
    "010302": ("road",),
    "010303": ("manhole",),
    "010304": ("flood",),
    "010401": ("branch",),
    "010403": ("bench", "fitness"),
    "020201": ("pipe",),
    "020205": ("pipe",),
    "040101": ("walkway",),
    "050101": ("site",),
    "060101": ("stairs",),
}

KEYS: tuple[str, ...] = tuple(f"{scene}-{take}-{state}" for scene in _SCENES for take in _TAKES for state in _STATES)


def scene_for(category_code: str, rng: random.Random) -> tuple[str, str] | None:
    """Return the keys of a picture before and one after; None for a third of cases and where none fits."""
    scenes = _BY_CATEGORY.get(category_code)
    chance, choice, take = rng.random(), rng.random(), rng.choice(_TAKES)
    if scenes is None or chance < 1 / 3:
        return None
    scene = scenes[int(choice * len(scenes))]
    return f"{scene}-{take}-before", f"{scene}-{take}-after"


@lru_cache(maxsize=len(KEYS))
def photo_bytes(key: str) -> bytes:
    """Return the picture as JPEG, 1200 by 900; KeyError for a key not in `KEYS`."""
    if key not in KEYS:
        raise KeyError(key)
    scene, take, state = key.split("-")
    paint, hours = _SCENES[scene]
    side = _TAKES.index(take)
    solved = state == "after"
    canvas = Canvas(f"{scene}-{take}", key, mirrored=bool(side))
    return paint(canvas, hours[side][solved], solved=solved)
