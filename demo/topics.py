"""What people write about: topics read from data/topics/*.txt.

A topic starts with a line `@ <category> <kinds> [key=value ...]` and goes on with marked lines, one variant each, in
the grammar of `demo.grammar`:

    t title   b what is the matter   m more about it   q what is asked for   o a whole one-line letter
    r what the office did or answers   n what comes next   p a word for the contact note

A letter after the mark limits a line to a voice: e elderly, a angry, f formal, c chatty (`be`, `ma`, ...). Capitals
limit it to kinds: E enquiry, H help, S suggestion, C complaint, T tip-off (`tS`, `bHC`). Digits say which question of
the topic a line belongs to: the letter asks `b2` and is answered by `r2` or `r23`; a line without digits fits any. Keys:
where=road|estate|home|public|none, estates=old,gated,..., months=11,12,1, w=<weight>, lang=en.
Lines that begin with # are notes.
"""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

VOICES = {"e": "elderly", "a": "angry", "f": "formal", "c": "chatty"}
MARKS = {"t": "title", "b": "core", "m": "more", "q": "ask", "o": "short", "r": "did", "n": "then", "p": "point"}
KIND_LETTERS = {"E": "enquiry", "H": "help", "S": "suggestion", "C": "complaint", "T": "tip_off"}
KINDS = ("enquiry", "help", "suggestion", "complaint", "tip_off")
_MARK = re.compile(r"([tbmqornp])([eafc]?)([EHSCT]*)([1-9]*)")


@dataclass(frozen=True, slots=True)
class Line:
    """One variant. `voice` is empty when any voice may say it, `kinds` when any kind may, `points` (digits) when it
    fits every question of the topic."""

    text: str
    voice: str = ""
    kinds: frozenset[str] = frozenset()
    points: frozenset[str] = frozenset()

    def fits(self, kind: str, points: frozenset[str]) -> bool:
        """Whether a letter of this kind about these questions may use the line; no points means not settled yet."""
        return (not self.kinds or kind in self.kinds) and (not self.points or not points or bool(self.points & points))


@dataclass(frozen=True, slots=True)
class Topic:
    """One concrete thing that goes wrong, is asked or is wished for."""

    key: str
    category: str
    kinds: tuple[str, ...]
    where: str
    estates: tuple[str, ...]
    months: tuple[int, ...]
    weight: float
    language: str
    lines: dict[str, tuple[Line, ...]]

    def variants(self, part: str) -> tuple[Line, ...]:
        """Lines of one part; empty when the topic has none."""
        return self.lines.get(part, ())

    def fitting(self, part: str, kind: str, points: frozenset[str] = frozenset()) -> tuple[Line, ...]:
        """Lines of one part for a letter of this kind about these questions."""
        return tuple(line for line in self.variants(part) if line.fits(kind, points))


class TopicError(ValueError):
    """A topic file that cannot be read; the message names file and line."""


@cache
def topics() -> tuple[Topic, ...]:
    """All topics of all files."""
    folder = Path(__file__).parent / "data" / "topics"
    return tuple(topic for path in sorted(folder.glob("*.txt")) for topic in _read(path))


@cache
def topics_for(category: str, kind: str, language: str = "zh") -> tuple[Topic, ...]:
    """Topics of one matter that can be said as this kind."""
    return tuple(t for t in topics() if t.category == category and kind in t.kinds and t.language == language)


@cache
def voice_lines() -> dict[str, tuple[Line, ...]]:
    """Phrases that fit any topic, by section, from data/voices.txt (`[section]`, then one variant a line)."""
    path = Path(__file__).parent / "data" / "voices.txt"
    sections: dict[str, list[Line]] = {}
    name = ""
    for raw in path.read_text(encoding="utf-8").splitlines():
        line = raw.strip()
        if line.startswith("[") and line.endswith("]"):
            name = line[1:-1]
            sections[name] = []
        elif line and not line.startswith("#"):
            voice, found, text = line.partition("> ")
            sections[name].append(Line(text, voice) if found and voice in VOICES else Line(line))
    return {key: tuple(lines) for key, lines in sections.items()}


def _read(path: Path) -> list[Topic]:
    found: list[Topic] = []
    for number, raw in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        if line.startswith("@ "):
            found.append(_head(f"{path.stem}-{number}", line[2:].split()))
            continue
        mark, _, text = line.partition(" ")
        match = _MARK.fullmatch(mark)
        if not found or not match or not text:
            raise TopicError(f"{path.name}:{number}: {line}")
        lines = found[-1].lines
        part = MARKS[match[1]]
        kinds = frozenset(KIND_LETTERS[letter] for letter in match[3])
        lines[part] = (*lines.get(part, ()), Line(text.strip(), match[2], kinds, frozenset(match[4])))
    return found


def _head(key: str, words: list[str]) -> Topic:
    category, *rest = words
    options = dict(word.split("=", 1) for word in rest if "=" in word)
    kinds = tuple(word for word in rest if "=" not in word)
    if not kinds or set(kinds) - set(KINDS):
        raise TopicError(f"{key}: kinds {kinds}")
    return Topic(
        key=key,
        category=category,
        kinds=kinds,
        where=options.get("where", "none"),
        estates=tuple(e for e in options.get("estates", "").split(",") if e),
        months=tuple(int(m) for m in options.get("months", "").split(",") if m),
        weight=float(options.get("w", "1")),
        language=options.get("lang", "zh"),
        lines={},
    )
