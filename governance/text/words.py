"""Words of Chinese text, and how alike two texts are."""

import logging
import re
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings

_RUN = re.compile(r"[0-9a-z]+|[^\W0-9a-z_]+")


def tokens(text: str) -> list[str]:
    """Return the words of a text in order, lower case, without punctuation and stop words.

    Loads the dictionary at first use (about 1.5 s): for background work, not for a page's first request.
    """
    words = (word.strip() for word in _tokenizer().cut(text.casefold()))
    return [word for word in words if _RUN.fullmatch(word) and word not in _stop_words()]


def similarity(first: str, second: str) -> float:
    """Return how alike two texts are, 0 to 1: the share of their two-character pieces that they have in common.

    Punctuation, spaces and case do not count. Two texts without any word are not alike.
    """
    pieces, others = bigrams(first), bigrams(second)
    total = len(pieces) + len(others)
    return 2 * len(pieces & others) / total if total else 0.0


def bigrams(text: str) -> frozenset[str]:
    """Return the two-character pieces of a text's words (a single character stays itself)."""
    return frozenset(
        run[start : start + 2] for run in _RUN.findall(text.casefold()) for start in range(max(1, len(run) - 1))
    )


@cache
def _stop_words() -> frozenset[str]:
    """Words that say nothing about what a message is about."""
    return frozenset((Path(__file__).parent / "stop_words.txt").read_text("utf-8").split())


@cache
def _tokenizer() -> Any:
    import jieba  # heavy, and needed by few processes

    jieba.setLogLevel(logging.WARNING)
    tokenizer = jieba.Tokenizer()
    # Its dictionary cache is loaded as code: it must not lie in a folder that others can write to.
    tokenizer.tmp_dir = str(settings.VAR_DIR)
    return tokenizer
