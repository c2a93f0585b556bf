"""Tables of other people's making: which of their columns is what, said once by a person, then read row by row.

A `TableShape` says what may be read (columns, what others call them, how large a file may be) and is all that an
import of an app hands in; nothing is judged or written here. Raises `DomainError` on "file" with what to do.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain, islice
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.errors import DomainError
from governance.files.checked_tables import Column, StoredRow
from governance.files.headings import HEAD_ROWS, titles_found
from governance.files.tables import Limits, TableRow, table_open, table_template
from governance.text import clean_text

SAMPLES = 3
Opened = tuple[str, Iterator[TableRow], bool]


@dataclass(frozen=True, slots=True)
class Head:
    """The beginning of a file: its form, the titles of its columns in their order, a few values under each."""

    format: str
    titles: list[str]
    samples: dict[str, str]
    has_merged: bool


@dataclass(frozen=True)
class TableShape:
    """What a kind of table holds. `aliases`: column -> what other systems call it, parted by blanks.

    `open_other` opens forms of file besides Excel and CSV: it returns None for what it does not know.
    """

    columns: tuple[Column, ...]
    limits: Limits
    aliases: Mapping[str, str] = field(default_factory=dict)
    open_other: Callable[[Any], Opened | None] | None = None

    @cached_property
    def known(self) -> Mapping[str, str]:
        """Title in small letters -> column, of all titles that are recognised, in both languages."""
        found: dict[str, str] = {}
        for column in self.columns:
            names = {column.key, *column.titles(), *self.aliases.get(column.key, "").split()}
            found |= dict.fromkeys((name.casefold() for name in names), column.key)
        return found

    def proposed(self, titles: Sequence[str]) -> dict[str, str]:
        """Column -> the title that is probably it; the first that fits."""
        found: dict[str, str] = {}
        for title in titles:
            key = self.known.get(title.casefold())
            if key and key not in found:
                found[key] = title
        return found

    def template(self, sheet_title: str, example: Mapping[str, str] | None = None) -> bytes:
        """The empty table, in the language of the page; `example`: a made-up row by column, to be written over."""
        hints = {str(column.title): str(column.hint) for column in self.columns}
        starred = {str(column.title) for column in self.columns if column.required}
        filled = [str((example or {}).get(column.key, "")) for column in self.columns] if example else None
        return table_template(sheet_title, hints, starred=starred, example=filled)

    def opened(self, upload: Any) -> Opened:
        """Form, rows and whether cells are merged."""
        upload.seek(0)
        other = self.open_other(upload) if self.open_other is not None else None
        return other if other is not None else table_open(upload, limits=self.limits)

    def head_of(self, upload: Any) -> Head:
        """The titles and a few rows. Raises `DomainError` where there are none, or a title stands twice."""
        form, rows, has_merged = self.opened(upload)
        head = list(islice((row for row in rows if not row.is_empty), HEAD_ROWS + SAMPLES))
        if not head:
            raise _refused("table_empty", gettext_lazy("这个文件里没有内容"))
        at, titles = titles_found([row.cells for row in head], self.known)
        named = [title for title in titles if title]
        twice = sorted({title for title in named if named.count(title) > 1})
        if twice:
            message = _("这几列出现了两次，不知道读哪一列：%(titles)s") % {"titles": _("、").join(twice[:5])}
            raise _refused("columns_twice", message)
        if not self.proposed(named):
            words = {"found": _("、").join(named[:12]) or _("（没有）")}
            message = _("没有认出列名。文件里的列是：%(found)s。请把列名写在第一行，或者用这一页的空表。") % words
            raise _refused("columns_missing", message)
        body = head[at + 1 : at + 1 + SAMPLES]
        if not body:
            raise _refused("table_empty", gettext_lazy("列名下面没有行，请填好再交"))
        samples = {
            title: _("、").join(dict.fromkeys(row.cells[n][:20] for row in body if n < len(row.cells) and row.cells[n]))
            for n, title in enumerate(titles)
            if title
        }
        return Head(form, named, samples, has_merged)

    def rows_of(self, upload: Any, columns: Mapping[str, str]) -> Iterator[StoredRow]:
        """The rows below the titles by a mapping (column -> title): (line, {column: text}, {column: fault}).

        Empty rows are left out.
        """
        _form, rows, _merged = self.opened(upload)
        filled = (row for row in rows if not row.is_empty)
        head = list(islice(filled, HEAD_ROWS))
        at, titles = titles_found([row.cells for row in head], self.known)
        places = {key: titles.index(title) for key, title in columns.items() if title in titles}
        for row in chain(head[at + 1 :], filled):
            cells, count = row.cells, len(row.cells)
            values = {key: text for key, n in places.items() if n < count and (text := clean_text(cells[n]).strip())}
            faults = {key: row.faults[n] for key, n in places.items() if n in row.faults} if row.faults else {}
            if values or faults:
                yield row.line, values, faults


def _refused(code: str, message: str | Promise) -> DomainError:
    return DomainError(code, message, field="file")
