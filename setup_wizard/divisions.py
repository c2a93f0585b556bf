"""Official codes of areas (china-division, WTFPL), read from LIREN_DATA_DIR/divisions where an office has put them.

Counties and sub-districts are there for the whole country, communities for some districts only.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.utils.translation import get_language

FOUND_MOST = 20
_ENDINGS = ("居民委员会", "社区居委会", "村民委员会", "村委会", "居委会")
# GB/T 2260, first two digits: what tells one 朝阳区 from another
PROVINCES = {
    "11": ("北京", "Beijing"), "12": ("天津", "Tianjin"), "13": ("河北", "Hebei"), "14": ("山西", "Shanxi"),
    "15": ("内蒙古", "Inner Mongolia"), "21": ("辽宁", "Liaoning"), "22": ("吉林", "Jilin"),
    "23": ("黑龙江", "Heilongjiang"), "31": ("上海", "Shanghai"), "32": ("江苏", "Jiangsu"), "33": ("浙江", "Zhejiang"),
    "34": ("安徽", "Anhui"), "35": ("福建", "Fujian"), "36": ("江西", "Jiangxi"), "37": ("山东", "Shandong"),
    "41": ("河南", "Henan"), "42": ("湖北", "Hubei"), "43": ("湖南", "Hunan"), "44": ("广东", "Guangdong"),
    "45": ("广西", "Guangxi"), "46": ("海南", "Hainan"), "50": ("重庆", "Chongqing"), "51": ("四川", "Sichuan"),
    "52": ("贵州", "Guizhou"), "53": ("云南", "Yunnan"), "54": ("西藏", "Tibet"), "61": ("陕西", "Shaanxi"),
    "62": ("甘肃", "Gansu"), "63": ("青海", "Qinghai"), "64": ("宁夏", "Ningxia"), "65": ("新疆", "Xinjiang"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Division:
    """One area of the official list."""

    code: str
    name: str

    @property
    def province(self) -> str:
        """Its province in the language of the page."""
        chinese, english = PROVINCES.get(self.code[:2], ("", ""))
        return english if get_language() == "en" else chinese


def districts_like(words: str) -> list[Division]:
    """At most twenty districts whose name contains the words or whose code begins with them."""
    wanted = words.strip()
    if not wanted:
        return []
    fitting = [one for one in _districts(_folder()) if wanted in one.name or one.code.startswith(wanted)]
    return sorted(fitting, key=lambda one: (one.name != wanted, one.code))[:FOUND_MOST]


def are_there() -> bool:
    """Whether the list is on this machine."""
    return bool(_districts(_folder()))


def below(district: str) -> list[tuple[Division, list[Division]]]:
    """Sub-districts of a district, each with the communities that are known."""
    communities = [one for one in _communities(_folder()) if one.code.startswith(district)]
    return [
        (street, [one for one in communities if one.code.startswith(street.code)])
        for street in _streets(_folder(), district)
    ]


def plain_name(name: str) -> str:
    """A community as its residents call it: 多福巷社区居委会 is 多福巷社区, 岭下村委会 is 岭下村."""
    for ending in _ENDINGS:
        if name.endswith(ending):
            stem = name.removesuffix(ending)
            if ending.startswith("村"):
                return stem if stem.endswith("村") else f"{stem}村"
            return stem if stem.endswith(("社区", "村")) else f"{stem}社区"
    return name


def _folder() -> Path:
    return Path(settings.DATA_DIR) / "divisions"


def _read(path: Path) -> Iterator[Division]:
    if path.is_file():
        with path.open(encoding="utf-8-sig", newline="") as file:
            for row in csv.DictReader(file):
                yield Division(row["code"], row["name"])


@lru_cache(maxsize=2)
def _districts(folder: Path) -> tuple[Division, ...]:
    return tuple(_read(folder / "areas.csv"))


@lru_cache(maxsize=4)
def _streets(folder: Path, district: str) -> tuple[Division, ...]:
    return tuple(one for one in _read(folder / "streets_all.csv") if one.code.startswith(district))


@lru_cache(maxsize=2)
def _communities(folder: Path) -> tuple[Division, ...]:
    files = sorted(folder.glob("*_communities.csv")) if folder.is_dir() else []
    return tuple(Division(one.code, plain_name(one.name)) for path in files for one in _read(path))
