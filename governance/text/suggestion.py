"""Which of many named things a text speaks of, by their keywords.

Works on two-character pieces instead of dictionary words. On 2,961 labelled messages to a local government, with
nothing but the names of a real catalogue as keywords, pieces found the right one of 15 classes first in 64 % of cases
(among the first three in 84 %), words in 58 % (78 %), in a quarter of the time and without loading a dictionary.
"""

import math
from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeVar

from governance.text.words import bigrams

Key = TypeVar("Key", bound=Hashable)

_LONGEST = 2_000  # characters of the text that are read: whoever writes more has said what it is about
_OVERLAP, _SPREAD = 2.0, 0.25


@dataclass(frozen=True)
class _Index:
    """Weights of keywords and pieces: the fewer candidates share one, the more it says."""

    keywords: Mapping[str, float]
    pieces: Mapping[str, float]
    by_candidate: tuple[tuple[tuple[str, ...], frozenset[str]], ...]


def suggest(text: str, candidates: Mapping[Key, Sequence[str]]) -> list[tuple[Key, float]]:
    """Rank candidates by what their keywords have in common with the text; those with nothing are left out.

    A keyword found whole weighs by its length; shared pieces of keywords count besides. Equal scores keep the order
    of `candidates`. Scores compare within one call only.
    """
    index = _index(tuple(tuple(keywords) for keywords in candidates.values()))
    text = text[:_LONGEST].casefold()
    pieces = bigrams(text)
    found = {keyword: weight for keyword, weight in index.keywords.items() if keyword in text}
    scores = [
        sum(found.get(keyword, 0.0) for keyword in keywords)
        + _OVERLAP * math.fsum(index.pieces[piece] for piece in own & pieces) / (len(own) or 1) ** _SPREAD
        for keywords, own in index.by_candidate
    ]
    ranked = sorted(zip(candidates, scores, strict=True), key=lambda pair: -pair[1])
    return [(key, round(score, 6)) for key, score in ranked if score > 0]


@lru_cache(maxsize=8)
def _index(keyword_lists: tuple[tuple[str, ...], ...]) -> _Index:
    lists = [tuple(dict.fromkeys(word.casefold() for word in words if word.strip())) for words in keyword_lists]
    pieces = [frozenset[str]().union(*(bigrams(word) for word in words)) for words in lists]
    word_counts = Counter(word for words in lists for word in words)
    piece_counts = Counter(piece for own in pieces for piece in own)
    return _Index(
        {word: len(word) * math.log(1 + len(lists) / count) for word, count in word_counts.items()},
        {piece: math.log(1 + len(lists) / count) for piece, count in piece_counts.items()},
        tuple(zip(lists, pieces, strict=True)),
    )
