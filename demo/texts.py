"""Writes the letters: what a resident says, what the office answers, and the notes between.

A letter is put together from the lines of its topic and from phrases of its voice. A sentence that has been used a few
times in the whole set is written again another way, so no sentence is common.
"""

import re
from collections import Counter
from dataclasses import dataclass
from random import Random

from demo.grammar import Letter
from demo.people import Requester
from demo.scene import Place
from demo.topics import Line, Topic, voice_lines

SENTENCE = re.compile(r"[。！？；\n]+")
REPEAT_LIMIT = 3
TRIES = 14
SAME_TRIES = 4  # a letter that somebody has written word for word is written again

# Shape of a letter: share, chance of an opener, lines of detail, chance of history, feeling, and asking.
_SHAPES = {
    "terse": (0.10, 0.0, 0, 0.0, 0.0, 0.12),
    "short": (0.27, 0.22, 0, 0.05, 0.0, 0.62),
    "normal": (0.42, 0.42, 1, 0.22, 0.12, 0.72),
    "long": (0.21, 0.8, 2, 0.6, 0.4, 0.9),
}
_ENQUIRY_SHARES = (0.15, 0.37, 0.38, 0.10)
_MANNERS = {"enquiry": "_answer", "suggestion": "_idea"}
_ENDS = "。！？~…!?"
_GREETINGS = "{{call}您好：|{call}，您好：|您好，{call}：|{call}：|您好：|}"


@dataclass(frozen=True, slots=True)
class Written:
    """Title and body of a letter, and the voice it was written in."""

    title: str
    body: str
    voice: str


def sentences(text: str) -> list[str]:
    """Sentences of a Chinese text, without their stops."""
    return [part.strip() for part in SENTENCE.split(text) if part.strip()]


class Writer:
    """Writes all letters of one demo and remembers what has been said."""

    def __init__(self, rng: Random, scale: float = 1) -> None:
        self.rng = rng
        self.scale = scale  # how many times as often a sentence may come as in a small set
        self.used: Counter[str] = Counter()
        self.bodies: set[str] = set()
        self.lines_used: Counter[str] = Counter()

    def letter(self, topic: Topic, kind: str, requester: Requester, letter: Letter) -> Written:
        """The resident's title and body."""
        voice = self._voice(kind, requester)
        before, points = letter.mark(), letter.points
        for _ in range(SAME_TRIES):
            letter.back_to(dict(before))
            letter.points = points
            body = self._dress(self._letter_parts(topic, kind, voice, letter), voice)
            if body not in self.bodies:
                break
        self.bodies.add(body)
        title = self._say(topic.fitting("title", kind, letter.points), "", letter, limit=4, settles=True)
        self.used.update(sentences(body))
        return Written(title, body, voice)

    def _letter_parts(self, topic: Topic, kind: str, voice: str, letter: Letter) -> list[str]:
        """The parts of a letter of some length; the shortest is often one line."""
        shares = _ENQUIRY_SHARES if kind == "enquiry" else [row[0] for row in _SHAPES.values()]
        shape = self.rng.choices(list(_SHAPES), weights=shares)[0]
        short = topic.fitting("short", kind) if shape == "terse" and self.rng.random() < 0.7 else ()
        if short:
            return [self._say(short, voice, letter, settles=True)]
        return self._parts(topic, kind, voice, shape, letter)

    def reply(self, topic: Topic, kind: str, letter: Letter, *, again: bool = False) -> str:
        """The office's public answer to what the letter asks: two to four sentences. `again` after rework."""
        english = topic.language == "en"
        general = voice_lines()
        manner = "_en" if english else _MANNERS.get(kind, "")
        parts = [self._say(general[f"reply_again{manner}"], "", letter)] if again else []
        greeting = letter.write("Dear {call}, " if english else _GREETINGS)
        parts.append(self._say(topic.fitting("did", kind, letter.points), "", letter, settles=True))
        parts.append(self._say(topic.fitting("then", kind, letter.points), "", letter, optional=True))
        if self.rng.random() < (0.3 if parts[-1] else 1.0):
            parts.append(self._say(general[f"reply_end{manner}"], "", letter, optional=True))
        if english:
            body = greeting + " ".join(part if part[-1] in ".!?" else f"{part}." for part in parts if part)
        else:
            body = greeting + "".join(self._stopped(part) for part in parts if part)
        self.used.update(sentences(body))
        return body

    def phrase(self, section: str, letter: Letter, *, limit: int = 12) -> str:
        """One phrase of a section of data/voices.txt, for notes and comments."""
        text = self._say(voice_lines()[section], "", letter, limit=limit)
        self.used[text] += 1
        return text

    def _voice(self, kind: str, requester: Requester) -> str:
        chance = self.rng.random()
        if requester.language == "en":
            return ""
        if requester.age == "old":
            return "e" if chance < 0.6 else ""
        if kind in {"complaint", "help"} and chance < (0.35 if kind == "complaint" else 0.07):
            return "a"
        if chance > 0.88:
            return "f"
        return "c" if requester.age == "young" and chance > 0.62 else ""

    def _parts(self, topic: Topic, kind: str, voice: str, shape: str, letter: Letter) -> list[str]:
        _, opener, details, history, feel, ask = _SHAPES[shape]
        general = voice_lines()
        suffix = "_en" if topic.language == "en" else ""
        core = self._say(topic.fitting("core", kind), voice, letter, settles=True)
        parts = []
        if self.rng.random() < opener:
            section = "opener_enquiry" if kind == "enquiry" and not suffix else f"opener{suffix}"
            parts.append(self._say(general[section], voice, letter, optional=True))
        parts.append(core)
        seen: set[str] = set()
        more = topic.fitting("more", kind, letter.points)
        parts.extend(self._say(more, voice, letter, avoid=seen, optional=True) for _ in range(details))
        if not suffix and kind in {"help", "complaint"} and topic.where != "none":
            if self.rng.random() < history:
                parts.append(self._say(general["history"], voice, letter, optional=True))
            if self.rng.random() < feel:
                parts.append(self._say(general["feel"], voice, letter, optional=True))
        if self.rng.random() < ask:
            own = topic.fitting("ask", kind, letter.points)
            use_own = own and self.rng.random() < 0.6
            section = {"tip_off": "ask_tip"}.get(kind, f"ask_{kind}") if not suffix else "ask_en"
            if section == "ask_help" and topic.where == "none":
                section = "ask_office"
            parts.append(self._say(own if use_own else general[section], voice, letter, optional=True))
        if not suffix and kind == "help" and topic.where != "none" and self.rng.random() < 0.06:
            parts.append(self._say(general["wait"], voice, letter, optional=True))
        return [part for part in parts if part]

    def _say(
        self,
        lines: tuple[Line, ...],
        voice: str,
        letter: Letter,
        *,
        limit: int = REPEAT_LIMIT,
        avoid: set[str] | None = None,
        optional: bool = False,
        settles: bool = False,
    ) -> str:
        """One line in the voice, written so that none of its sentences is worn out; empty if optional and all are.
        With `settles` the line decides which question the rest of the letter is about."""
        usable = [line for line in lines if line.voice in {"", voice} and not (avoid and line.text in avoid)]
        usable = usable or ([] if optional else list(lines))
        if not usable:
            return ""
        best, best_count, limit = "", 10**9, round(limit * self.scale)
        for _ in range(TRIES):
            weights = [(3 if line.voice else 1) / (1 + self.lines_used[line.text]) for line in usable]
            line = self.rng.choices(usable, weights=weights)[0]
            mark = letter.mark()
            text = letter.write(line.text)
            count = max((self.used[s] for s in sentences(text)), default=0)
            if count < best_count:
                best, best_count, best_line, kept = text, count, line, letter.mark()
            if count < limit:
                break
            letter.back_to(mark)
        if optional and best_count >= limit:
            return ""
        letter.back_to(kept)
        self.lines_used[best_line.text] += 1
        if avoid is not None:
            avoid.add(best_line.text)
        if settles and best_line.points:
            letter.points = (letter.points & best_line.points) or best_line.points
        return best

    def _stopped(self, text: str) -> str:
        return text if text[-1] in _ENDS else text + "。"

    def _dress(self, parts: list[str], voice: str) -> str:
        """Join the parts with the stops, and the slips, of the voice."""
        if parts and all(ord(c) < 0x2E80 for c in parts[0][:12]):
            return " ".join(p if p[-1] in ".!?" else p + "." for p in parts)
        chance = self.rng.random()
        if voice == "e" and chance < 0.16:
            return re.sub(r"[，。：；]", " ", " ".join(parts)).strip()
        stop = "！" if voice == "a" and chance < 0.4 else "。"
        text = ""
        for number, part in enumerate(parts):
            last = number == len(parts) - 1
            if part[-1] in _ENDS:
                text += part
            elif number == 0 and not last and len(part) < 22 and chance < 0.62:
                text += part + "，"
            elif last and voice in {"c", ""} and chance > 0.86:
                text += part
            else:
                text += part + (stop if voice != "a" or number else "。")
            if voice == "f" and not last and chance < 0.35:
                text = text.rstrip("，") + "\n"
        return self._slip(text)

    def _slip(self, text: str) -> str:
        """A wrong character now and then, as people type."""
        if self.rng.random() > 0.045:
            return text
        pairs = [tuple(line.text.split()) for line in voice_lines()["typo"]]
        self.rng.shuffle(pairs)
        for right, wrong in pairs:
            if right in text:
                return text.replace(right, wrong, 1)
        return text


def title_place(place: Place) -> str:
    """What a title may say of the place in public: estate or street, never a door."""
    return place.public_place or place.community.name
