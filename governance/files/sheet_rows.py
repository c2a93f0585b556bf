"""Rows of one sheet of a workbook, read as they stream by: openpyxl's own way takes five times as long for each cell.

openpyxl opens the workbook and knows its shared texts and which styles are days; here only the rows are read.
"""

import re
from collections.abc import Callable, Container, Iterator, Sequence
from datetime import datetime
from typing import Any
from xml.etree.ElementTree import Element, iterparse

from openpyxl.utils.datetime import from_excel, from_ISO8601

_NAMESPACE = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_ROW, _CELL, _SHEET = f"{_NAMESPACE}row", f"{_NAMESPACE}c", f"{_NAMESPACE}sheetData"
_VALUE, _FORMULA, _INLINE = f"{_NAMESPACE}v", f"{_NAMESPACE}f", f"{_NAMESPACE}is"
_TEXT, _RICH = f"{_NAMESPACE}t", f"{_NAMESPACE}r"
_WHOLE = re.compile(r"-?[0-9]{1,18}")

Cell = tuple[Any, str]  # value; kind as openpyxl names it: s text, n number or day, b yes or no, e error, f formula
_EMPTY: Cell = (None, "n")


def sheet_rows(book: Any, sheet: Any, *, columns: int) -> Iterator[tuple[int, list[Cell]]]:
    """Return (number, cells) of each row that stands in the file; rows left out in between are left out here, too.

    Cells beyond `columns` are not read. What is no sheet raises `ParseError`, `KeyError` or `ValueError`.
    """
    shared, days, spans, epoch = sheet._shared_strings, book._date_formats, book._timedelta_formats, book.epoch

    def read(cell: Element) -> Cell:
        return _cell(cell, shared, days, spans, epoch)

    letters: dict[str, int] = {}
    number = 0
    with book._archive.open(sheet._worksheet_path) as source:
        holder: Element | None = None
        for event, element in iterparse(source, events=("start", "end")):  # noqa: S314  # expat itself stops what breeds
            if event == "start":
                holder = element if element.tag == _SHEET else holder
            elif element.tag == _ROW:
                number = int(element.get("r") or number + 1)
                yield number, _cells(element, letters, columns, read)
                if holder is not None:
                    holder.clear()


def _cells(row: Element, letters: dict[str, int], columns: int, read: Callable[[Element], Cell]) -> list[Cell]:
    found: list[Cell] = []
    at = -1
    for cell in row:
        if cell.tag != _CELL:
            continue
        at = _column(cell.get("r"), letters, at + 1)
        if not 0 <= at < columns:
            continue
        if at >= len(found):
            found.extend([_EMPTY] * (at - len(found)))
            found.append(read(cell))
        else:
            found[at] = read(cell)
    return found


def _column(reference: str | None, letters: dict[str, int], otherwise: int) -> int:
    """The column of "AB12", from 0."""
    if reference is None:
        return otherwise
    name = reference.rstrip("0123456789")
    if name not in letters:
        at = 0
        for sign in name.upper():
            at = at * 26 + ord(sign) - 64
        letters[name] = at - 1
    return letters[name]


def _cell(cell: Element, shared: Sequence[str], days: Container[int], spans: Container[int], epoch: datetime) -> Cell:
    kind, text = cell.get("t", "n"), cell.findtext(_VALUE)
    if cell.find(_FORMULA) is not None:
        return None, "f"
    if kind == "inlineStr":
        return _inline(cell.find(_INLINE)), "s"
    if text is None:
        return _EMPTY
    match kind:
        case "s":
            return shared[int(text)], "s"
        case "n":
            value: Any = int(text) if _WHOLE.fullmatch(text) else float(text)
            style = int(cell.get("s", "0"))
            is_span = style in spans
            return _day(value, epoch, is_span) if is_span or style in days else (value, "n")
        case "b":
            return text.strip() == "1", "b"
        case "e":
            return text, "e"
        case "d":
            return from_ISO8601(text), "d"
        case _:
            return text, "s"


def _day(value: float, epoch: datetime, is_span: bool) -> Cell:
    try:
        return from_excel(value, epoch, timedelta=is_span), "d"
    except (OverflowError, ValueError):
        return "#VALUE!", "e"  # as Excel shows a day that no calendar has


def _inline(holder: Element | None) -> str:
    """The text of an inline cell: its own, or that of its runs; not how it is read aloud."""
    if holder is None:
        return ""
    runs = [holder.findtext(_TEXT) or "", *(run.findtext(_TEXT) or "" for run in holder.findall(_RICH))]
    return "".join(runs)
