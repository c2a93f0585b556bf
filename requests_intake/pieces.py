"""Words cut for the index, and the same cut for a search: both sides must agree, or nothing is found.

Chinese has no spaces, and a dictionary cuts 路灯杆 in one message and 路灯 in the next. So the index holds every two
neighbouring characters (and each run's last one alone, for searches of one character): any word of two characters is
found wherever it stands. A longer word asks for all of its pieces.
"""

import re
from itertools import groupby

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from requests_intake.query import Term, plain

_RUN = re.compile(r"[0-9a-z]+|[^\W0-9a-z_]+")
_AREA = "@"  # no word begins so
_LEVELS = (9, 12, 15, 17)  # the whole district narrows nothing


def pieces(*texts: str) -> set[str]:
    """Return what the index holds of these texts."""
    found: set[str] = set()
    for text in texts:
        for run in _RUN.findall(plain(text)):
            found.add(run[-1])
            found.update(run[at : at + 2] for at in range(len(run) - 1))
    return found


def area_pieces(code: str) -> set[str]:
    """Return what the index holds of a place: one mark for each area around it."""
    return {_AREA + code[:length] for length in _LEVELS if length <= len(code)}


def word_query(value: str) -> str:
    """Return the index query (tsquery) of one word, "" where it holds no letter, digit or character at all."""
    parts: list[str] = []
    for run in _RUN.findall(plain(value)):
        parts += [f"'{run[at : at + 2]}'" for at in range(len(run) - 1)] if len(run) > 1 else [f"'{run}':*"]
    return " & ".join(dict.fromkeys(parts))


def words_query(words: tuple[Term, ...], areas: tuple[str, ...] = ()) -> str:
    """Return the index query of all words together, inside any of the areas (code prefixes; none: everywhere)."""
    parts = []
    for term in words:
        one = " | ".join(f"({part})" for value in term.values if (part := word_query(value)))
        if one:
            parts.append(f"!({one})" if term.negated else f"({one})")
    # a code between two levels has no mark of its own
    if parts and areas and all(len(code) in _LEVELS for code in areas):
        parts.append("(" + " | ".join(f"'{_AREA}{code}'" for code in areas) + ")")
    return " & ".join(parts)


def highlighted(title: str, words: tuple[Term, ...]) -> SafeString | str:
    """Return the title with the found words marked; the very title where none stands in it."""
    wanted = [plain(value).strip() for term in words if not term.negated for value in term.values]
    letters = [plain(letter) for letter in title]
    text = "".join(letters)
    origin = [place for place, letter in enumerate(letters) for _part in letter]
    marked: set[int] = set()
    for word in filter(None, wanted):
        at = text.find(word)
        while at >= 0:
            marked.update(origin[at : at + len(word)])
            at = text.find(word, at + len(word))
    if not marked:
        return title
    runs = groupby(enumerate(title), key=lambda pair: pair[0] in marked)
    parts = [(hit, "".join(letter for _place, letter in run)) for hit, run in runs]
    return format_html_join("", "{}", ((format_html("<mark>{}</mark>", part) if hit else part,) for hit, part in parts))
