"""Tables whose rows are judged before they are written: columns, templates, what is wrong with each row.

The wizard and the import of grants hand theirs in; nothing is written here.
"""

import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import IO, Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from governance.access.viewer import Viewer
from governance.errors import DomainError
from governance.files.tables import DIGITS_LOST, ERROR, FORMULA, table_header, table_read, table_template
from governance.text import clean_text

LANGUAGES = ("zh-hans", "en")
SHOWN = 200
FAULTS: dict[str, str | Promise] = {
    FORMULA: gettext_lazy("这一格是公式，请换成算好的值"),
    ERROR: gettext_lazy("这一格是 Excel 的错误值"),
    DIGITS_LOST: gettext_lazy("数字太长，后几位已经丢了，请把这一列设成文本重新填"),
}
StoredRow = tuple[int, dict[str, str], dict[str, str]]


class Verdict(StrEnum):
    """What writing a row would do."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"


@dataclass(frozen=True, slots=True)
class Column:
    """One column: `hint` stands as a comment on its title in the template."""

    key: str
    title: str | Promise
    hint: str | Promise = ""
    required: bool = False
    most: int = 200

    def titles(self) -> set[str]:
        """The title in both languages: a template may be filled in by somebody else."""
        found = set()
        for language in LANGUAGES:
            with override(language):
                found.add(str(self.title))
        return found


@dataclass(slots=True)
class Line:
    """A row as it was read. `problems` keep it out; `notes` only tell; `draft` is what would be written."""

    number: int
    values: dict[str, str]
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    verdict: Verdict = Verdict.NEW
    draft: Any = None

    def __getitem__(self, key: str) -> str:
        return self.values.get(key, "")

    @property
    def writes(self) -> bool:
        """Whether this row would change anything."""
        return not self.problems and self.verdict is not Verdict.SAME


@dataclass(frozen=True, slots=True)
class TableKind:
    """A step that takes a table. `check` judges the lines (few SQL for any number), `write` writes their drafts."""

    key: str
    columns: tuple[Column, ...]
    check: Callable[[Sequence[Line], Viewer, datetime], None]
    write: Callable[[Sequence[Line], Viewer, datetime], None]
    most_rows: int = 3000

    def template(self) -> bytes:
        """An empty Excel table in the language of the page."""
        hints = {str(column.title): str(column.hint) for column in self.columns}
        starred = {str(column.title) for column in self.columns if column.required}
        return table_template(_("填写"), hints, starred=starred)

    def lines(self, rows: Sequence[StoredRow], viewer: Viewer, at: datetime) -> list[Line]:
        """Return what the stored rows say today, judged."""
        found = [self._line(*row) for row in rows]
        self.check(found, viewer, at)
        return found

    def _line(self, number: int, values: Mapping[str, str], faults: Mapping[str, str]) -> Line:
        line = Line(number, dict(values))
        for column in self.columns:
            if fault := faults.get(column.key):
                line.problems.append(said(column.title, FAULTS.get(fault, fault)))
            elif column.required and not line[column.key]:
                line.problems.append(said(column.title, _("空着")))
            elif len(line[column.key]) > column.most:
                line.problems.append(said(column.title, _("太长了，最多 %(limit)s 个字") % {"limit": column.most}))
        return line


@dataclass(frozen=True, slots=True)
class ReadTable:
    """A table as it came: rows to keep, and whether cells were merged."""

    rows: list[StoredRow]
    has_merged: bool


def read_table(kind: TableKind, upload: IO[bytes]) -> ReadTable:
    """Read a file of the template's columns. Raises `DomainError` on "file", as `table_read` and `table_header` do."""
    table = table_read(upload, most_rows=kind.most_rows + 10)  # a heading and the titles are no rows
    titles = {column.key: column.titles() for column in kind.columns}
    index, header = table_header(
        table.rows,
        known=set().union(*titles.values()),
        needed=[_ordered(column) for column in kind.columns if column.required],
        advice=_("请用这一页的模板。"),
    )
    at = {key: next((n for n, title in enumerate(header) if title in known), None) for key, known in titles.items()}
    rows: list[StoredRow] = []
    for row in table.rows[index + 1 :]:
        found = {key: (row.cells[n] if n is not None and n < len(row.cells) else "") for key, n in at.items()}
        faults = {key: row.faults[n] for key, n in at.items() if n is not None and n in row.faults}
        values = {key: clean_text(text) for key, text in found.items() if text.strip()}
        if values or faults:
            rows.append((row.line, values, faults))
    if not rows:
        raise DomainError("table_empty", _("列名下面没有行，请填好再交"), field="file")
    return ReadTable(rows, table.has_merged)


@dataclass(frozen=True, slots=True)
class ShownRow:
    """A row as the page shows it."""

    number: int
    problems: list[str]
    notes: list[str]
    verdict: Verdict
    cells: list[str]


def judged(kind: TableKind, lines: list[Line]) -> dict[str, Any]:
    """What a page says of a table: rows with problems first, at most 200; columns that nobody filled are left out."""
    used = [column for column in kind.columns if any(line[column.key] for line in lines)][:7]
    broken = [line for line in lines if line.problems]
    ordered = [*broken, *(line for line in lines if not line.problems)]
    return {
        "columns": used,
        "rows": [
            ShownRow(line.number, line.problems, line.notes, line.verdict, [line[one.key][:60] for one in used])
            for line in ordered[:SHOWN]
        ],
        "total": len(lines),
        "hidden": max(0, len(lines) - SHOWN),
        "broken": len(broken),
        "new": sum(line.writes and line.verdict is Verdict.NEW for line in lines),
        "changed": sum(line.writes and line.verdict is Verdict.CHANGED for line in lines),
        "same": sum(not line.problems and line.verdict is Verdict.SAME for line in lines),
        "writing": sum(line.writes for line in lines),
    }


def pasted(text: str) -> IO[bytes]:
    """What was pasted from a spreadsheet (tabs) or typed (commas), as a file."""
    return io.BytesIO(text.encode())


def said(title: str | Promise, what: str | Promise) -> str:
    """A remark about one cell."""
    return _("%(title)s：%(said)s") % {"title": title, "said": what}


def mark_twice(lines: Sequence[Line], key: Callable[[Line], str], title: str | Promise) -> None:
    """Refuse a row whose key an earlier row has."""
    seen: dict[str, int] = {}
    for line in lines:
        name = key(line)
        if name and name in seen:
            line.problems.append(said(title, _("和第 %(line)s 行重复") % {"line": seen[name]}))
        elif name:
            seen[name] = line.number


def choice_words(choices: Mapping[str, str | Promise]) -> dict[str, str]:
    """Words that stand for a code: the code itself and its label in both languages."""
    words = {code: code for code in choices}
    for language in LANGUAGES:
        with override(language):
            words |= {str(label).casefold(): code for code, label in choices.items()}
    return words


def several(text: str) -> list[str]:
    """The parts of a cell that holds several: 、 ， , ； ; or line breaks between them, each once."""
    for sign in "，,；;\n":
        text = text.replace(sign, "、")
    return list(dict.fromkeys(part.strip() for part in text.split("、") if part.strip()))


def _ordered(column: Column) -> list[str]:
    """The titles that will do, the one of the page's language first: an error names it."""
    return [str(column.title), *sorted(column.titles() - {str(column.title)})]
