"""Where the titles of a table stand: below a heading, in one row or in two with merged cells."""

from collections.abc import Collection, Iterator, Sequence

from governance.text import clean_text

HEAD_ROWS = 10  # above the titles may stand a heading, often in merged cells


def tidy_title(text: str) -> str:
    """A title without line breaks, stars and spaces at its ends."""
    return clean_text(text, multiline=False).strip(" *＊:：")


def titles_found(rows: Sequence[Sequence[str]], known: Collection[str]) -> tuple[int, list[str]]:
    """Return (index of the last row of titles, titles): of the first ten rows, alone or in pairs, what has most known.

    `rows` are texts of cells, `known` titles as they are compared (`tidy_title`, any case). One row wins over two.
    """
    heads = [[tidy_title(cell) for cell in row] for row in rows[:HEAD_ROWS]]
    small = {title.casefold() for title in known}
    best, most = (0, heads[0] if heads else []), -1
    for index, titles in _candidates(heads, small):
        count = len({title.casefold() for title in titles} & small)
        if count > most:
            best, most = (index, titles), count
    return best


def _candidates(heads: Sequence[list[str]], known: Collection[str]) -> Iterator[tuple[int, list[str]]]:
    yield from enumerate(heads)
    for index in range(1, len(heads)):
        upper, lower = heads[index - 1], heads[index]
        if "" in lower[: len(upper)] or len(lower) < len(upper):  # else nothing was merged downwards
            yield index, _joined(upper, lower, known)


def _joined(upper: Sequence[str], lower: Sequence[str], known: Collection[str]) -> list[str]:
    """Titles of two rows: a lower one carries the upper one over it, which Excel writes in the first cell only."""
    titles: list[str] = []
    above = ""
    for at in range(max(len(upper), len(lower))):
        own = upper[at] if at < len(upper) else ""
        below = lower[at] if at < len(lower) else ""
        above = own or (above if below else "")
        both = f"{above}{below}"
        titles.append(below if below and both.casefold() not in known and below.casefold() in known else both)
    return titles
