"""Residents who write: invented names, and numbers from prefixes that no carrier uses (160, 163, 164, 168, 169)."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random

UNUSED_PREFIXES = ("160", "163", "164", "168", "169")


@dataclass(frozen=True, slots=True)
class Requester:
    """One resident. `call` is how the office addresses them, in Chinese or (for a foreigner) English."""

    name: str
    call: str
    sex: str
    age: str
    phone: str
    language: str = "zh"


@cache
def name_pool() -> dict[str, tuple[str, ...]]:
    """Sections of data/people.txt."""
    path = Path(__file__).parent / "data" / "people.txt"
    sections: dict[str, list[str]] = {}
    name = ""
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            name = line.strip("[]")
            sections[name] = []
        elif line and not line.startswith("#"):
            sections[name].extend([line] if name == "surnames" else line.split())
    return {key: tuple(values) for key, values in sections.items()}


def pinyin(surname: str) -> str:
    """Latin spelling of a surname of the pool; empty for others."""
    return next((entry.split()[1] for entry in name_pool()["surnames"] if entry.split()[0] == surname), "")


def invent(rng: Random, *, age: str) -> Requester:
    """A resident of an age group: old, mid or young. Surnames early in the pool are drawn more often."""
    pool = name_pool()
    surnames = pool["surnames"]
    surname = surnames[int(rng.random() ** 1.9 * len(surnames))].split()[0]
    sex = rng.choice("fm")
    given = rng.choice(pool[f"{age}_{sex}"])
    titles = {
        "old": {"f": ("阿姨", "阿姨", "奶奶", "老师"), "m": ("大爷", "师傅", "老伯", "老师")},
        "mid": {"f": ("女士", "女士", "大姐"), "m": ("先生", "先生", "师傅")},
        "young": {"f": ("女士", "小姐", "女士"), "m": ("先生",)},
    }[age][sex]
    return Requester(surname + given, surname + rng.choice(titles), sex, age, phone_number(rng))


FOREIGN_NAMES = (
    ("Daniel Okafor", "m"), ("Sophie Lambert", "f"), ("Marco Bellini", "m"), ("Hannah Lindqvist", "f"),
    ("James Whitcombe", "m"), ("Priya Raman", "f"), ("Aleksei Dorin", "m"), ("Julia Hartmann", "f"),
    ("Tomás Arriaga", "m"), ("Emily Pearce", "f"), ("Kofi Mensah-Boadu", "m"), ("Ingrid Solberg", "f"),
    ("Rafael Teixeira", "m"), ("Nadia Benhaddou", "f"), ("Peter Novotny", "m"), ("Grace Mwangi", "f"),
    ("Luca Ferrando", "m"), ("Chloe Brisbois", "f"), ("Minh Tran Quoc", "m"), ("Katarzyna Wilk", "f"),
    ("Samuel Adeyinka", "m"), ("Olivia Thornbury", "f"), ("Yusuf Karahan", "m"), ("Beatriz Salgado", "f"),
)  # fmt: skip


def invent_foreigner(rng: Random) -> Requester:
    """A foreign resident who writes in English."""
    name, sex = rng.choice(FOREIGN_NAMES)
    call = f"{'Ms' if sex == 'f' else 'Mr'} {name.split()[-1]}"
    return Requester(name, call, sex, "mid", phone_number(rng), "en")


def phone_number(rng: Random) -> str:
    """Eleven digits that look like a mobile number and belong to nobody."""
    return rng.choice(UNUSED_PREFIXES) + f"{rng.randrange(10**8):08d}"
