"""Tables that offices hand over: Excel (.xlsx) and CSV, read row by row, never more of them than was agreed.

Every cell becomes text as a person reads it; what cannot be read faithfully (a formula, an error, a long number whose
last digits Excel has dropped) is a fault of that cell. Raises `DomainError` on field "file" with what to do.
"""

import csv
import io
import re
import zipfile
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import IO, Any
from xml.etree.ElementTree import ParseError

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from governance.errors import DomainError
from governance.files.csv_text import delimiter_of, encoding_of, text_of
from governance.files.headings import HEAD_ROWS as HEAD_ROWS
from governance.files.headings import tidy_title as tidy_title
from governance.files.headings import titles_found
from governance.files.sheet_rows import Cell, sheet_rows

MAX_BYTES = 20 * 1024 * 1024
MAX_UNPACKED = 120 * 1024 * 1024  # an Excel file is a zip: what it holds, whatever it weighs
MAX_STRINGS = 40 * 1024 * 1024  # its table of texts is read as a whole
MAX_RATIO = 200  # sheets shrink to a tenth, seldom to a hundredth; what shrinks more was made to burst
RATIO_FROM = 8 * 1024 * 1024  # smaller parts do no harm, whatever they shrank to
MAX_COLUMNS = 200
EXACT_DIGITS = 10**15  # a number in Excel has fifteen digits; those after are lost

XLSX, CSV = "xlsx", "csv"
FORMULA, ERROR, DIGITS_LOST = "formula", "error", "digits_lost"


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row as it stands in the file: its number there, the texts of its cells, the faults by column (from 0)."""

    line: int
    cells: list[str]
    faults: dict[int, str] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        """Whether nothing stands in it."""
        return not any(self.cells) and not self.faults


@dataclass(frozen=True, slots=True)
class Table:
    """A table and the form it came in; `has_merged`: Excel cells are merged, so some values stand only in the first."""

    format: str
    rows: list[TableRow]
    has_merged: bool = False


@dataclass(frozen=True, slots=True)
class Limits:
    """How large a table may be, in bytes: as it comes, unpacked, and the texts of an Excel file (read as a whole)."""

    size: int
    unpacked: int
    texts: int


def usual() -> Limits:
    """The limits of a table that is read within a request."""
    return Limits(MAX_BYTES, MAX_UNPACKED, MAX_STRINGS)


def table_read(upload: IO[bytes] | Any, *, most_rows: int) -> Table:
    """Return the rows of the first sheet that are not empty, at most `most_rows`; more are refused, not cut.

    Reads no further than the first row too many, so that a table of 200,000 rows costs no more than a small one.
    """
    form, rows, has_merged = table_open(upload)
    return Table(form, _limited(rows, most_rows), has_merged)


def table_open(upload: IO[bytes] | Any, *, limits: Limits | None = None) -> tuple[str, Iterator[TableRow], bool]:
    """Return format, rows one after the other (also empty ones) and whether cells are merged: for very long tables."""
    limits = limits or usual()
    upload.seek(0, io.SEEK_END)
    size = upload.tell()
    upload.seek(0)
    if size == 0:
        raise _refused("table_empty", _("这个文件是空的"))
    if size > limits.size:
        raise _refused("table_too_big", _("文件太大：最多 %(size)s MB，请分几次") % {"size": limits.size >> 20})
    head = upload.read(8)
    upload.seek(0)
    if head.startswith(b"PK\x03\x04"):
        merged = _check_zip(upload, limits)
        return XLSX, _excel_rows(upload), merged
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        raise _refused("table_old_excel", _("这是旧格式（.xls）或加了密码的 Excel，请另存为不加密的 .xlsx"))
    encoding = encoding_of(upload)
    if encoding is None:
        raise _refused("table_unknown", _("这不是 Excel（.xlsx）也不是 CSV。请从上级系统导出这两种之一"))
    return CSV, _csv_rows(upload, encoding), False


def table_header(
    rows: Sequence[TableRow], *, known: Collection[str], needed: Sequence[Collection[str]], advice: Any
) -> tuple[int, list[str]]:
    """Return (index, titles) of the last row that holds titles: of the first ten what has most of the known.

    Titles in two rows, merged cells over single ones, are joined (`governance.files.headings`).

    `needed` are the columns that must be there, each with the titles that will do. Raises `DomainError` on "file" for
    one that is missing, naming what the file has instead and the advice, and for a known title that stands twice.
    """
    index, titles = titles_found([row.cells for row in rows[:HEAD_ROWS]], known)
    missing = [next(iter(any_of)) for any_of in needed if not set(any_of) & set(titles)]
    if missing or not set(known) & set(titles):
        said = {
            "missing": gettext("、").join(missing),
            "found": gettext("、").join(title for title in titles[:12] if title) or gettext("（没有）"),
            "advice": advice,
        }
        raise _refused(
            "columns_missing", _("没有找到这几列：%(missing)s。文件第一行的列是：%(found)s。%(advice)s") % said
        )
    twice = sorted({title for title in titles if title in known and titles.count(title) > 1})
    if twice:
        said = {"titles": gettext("、").join(twice)}
        raise _refused("columns_twice", _("这几列出现了两次，不知道读哪一列：%(titles)s") % said)
    return index, titles


def _limited(rows: Iterable[TableRow], most: int) -> list[TableRow]:
    found: list[TableRow] = []
    for row in rows:
        if row.is_empty:
            continue
        if len(found) >= most:
            raise _refused(
                "table_too_long", _("行数太多：一次最多 %(most)s 行，请拆成几个文件再传") % {"most": f"{most:,}"}
            )
        found.append(row)
    if not found:
        raise _refused("table_empty", _("这个文件里没有内容"))
    return found


def _refused(code: str, message: Any) -> DomainError:
    return DomainError(code, message, field="file")


# --- Excel ---


def _check_zip(upload: Any, limits: Limits) -> bool:
    """Refuse what would burst when unpacked; return whether the first sheet has merged cells."""
    try:
        with zipfile.ZipFile(upload) as packed:
            parts = packed.infolist()
            unpacked = sum(part.file_size for part in parts)
            texts = max((part.file_size for part in parts if part.filename.endswith("sharedStrings.xml")), default=0)
            if unpacked > limits.unpacked or texts > limits.texts or len(parts) > 2000:
                raise _refused(
                    "table_unpacks_too_big",
                    _("这个 Excel 解开后太大（超过 %(size)s MB），没有打开。请只留要导入的行，另存再传")
                    % {"size": limits.unpacked >> 20},
                )
            if any(part.file_size > max(RATIO_FROM, MAX_RATIO * part.compress_size) for part in parts):
                raise _refused(
                    "table_is_a_bomb",
                    _("这个 Excel 压得异常紧，解开会撑爆，没有打开。请从原来的系统重新导出，或者只留要导入的行另存"),
                )
            sheets = sorted(part.filename for part in parts if part.filename.startswith("xl/worksheets/sheet"))
            return bool(sheets) and _has_merged(packed, sheets[0])
    except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError, RuntimeError) as error:
        raise _refused("table_damaged", _("这个文件打不开，可能坏了，或者不是 Excel。请重新导出一次")) from error
    finally:
        upload.seek(0)


def workbook_check(upload: Any) -> None:
    """Refuse what is no Excel file (.xlsx) to be kept as it came: damaged, bursting when unpacked, or with macros."""
    _check_zip(upload, usual())
    with zipfile.ZipFile(upload) as packed:
        names = packed.namelist()
    upload.seek(0)
    if "xl/workbook.xml" not in names:
        raise _refused("not_a_workbook", _("这个文件不是 Excel（.xlsx）。请另存为 .xlsx 或 PDF 再放。"))
    if any(name.endswith("vbaProject.bin") for name in names):
        raise _refused("workbook_macros", _("这个 Excel 里有宏，不能收。请另存为不带宏的 .xlsx 再放。"))


def counts_from_1904(upload: Any) -> bool:
    """Whether the days of this workbook are counted from 1904, as old Macs did: 0 is 1 January 1904 (ECMA-376)."""
    upload.seek(0)
    try:
        with zipfile.ZipFile(upload) as packed, packed.open("xl/workbook.xml") as book:
            found = re.search(rb"<(?:\w+:)?workbookPr\b[^>]*\bdate1904=[\"'](1|true|on)[\"']", book.read(1 << 20))
            return found is not None
    except (zipfile.BadZipFile, KeyError, NotImplementedError, EOFError, OSError, RuntimeError):
        return False
    finally:
        upload.seek(0)


def _has_merged(packed: zipfile.ZipFile, name: str) -> bool:
    tail = b""
    with packed.open(name) as sheet:
        while piece := sheet.read(1 << 16):
            if b"<mergeCell " in tail + piece:
                return True
            tail = piece[-16:]
    return False


def _excel_rows(upload: Any) -> Iterator[TableRow]:
    try:
        book = load_workbook(upload, read_only=True, data_only=False, keep_links=False)
        try:
            sheet: Any = next((one for one in book.worksheets if one.sheet_state == "visible"), None)
            if sheet is None:
                raise _refused("table_empty", _("这个 Excel 里没有工作表"))
            for number, cells in sheet_rows(book, sheet, columns=MAX_COLUMNS):
                yield _excel_row(number, cells)
        finally:
            book.close()
    except (zipfile.BadZipFile, InvalidFileException, ParseError, LookupError, ValueError, TypeError, OSError) as error:
        raise _refused("table_damaged", _("这个文件打不开，可能坏了，或者不是 Excel。请重新导出一次")) from error


def _excel_row(number: int, cells: Iterable[Cell]) -> TableRow:
    texts: list[str] = []
    faults: dict[int, str] = {}
    for position, (value, kind) in enumerate(cells):
        if kind == "f":
            faults[position] = FORMULA
        elif kind == "e":
            faults[position] = ERROR
        elif isinstance(value, int | float) and abs(value) >= EXACT_DIGITS:
            faults[position] = DIGITS_LOST
        texts.append(_text(value))
    while texts and not texts[-1] and len(texts) - 1 not in faults:
        texts.pop()
    return TableRow(number, texts, faults)


def _text(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "TRUE" if value else "FALSE"
        case datetime():
            return value.strftime("%Y-%m-%d %H:%M:%S")
        case date():
            return value.isoformat()
        case time():
            return value.strftime("%H:%M:%S")
        case float() if value.is_integer():
            return str(int(value))
        case _:
            return str(value).strip()


# --- CSV ---


def _csv_rows(upload: Any, encoding: str) -> Iterator[TableRow]:
    delimiter = delimiter_of(upload, encoding)
    lines = csv.reader(text_of(upload, encoding), delimiter=delimiter)
    try:
        for cells in lines:
            texts = [_unguarded(cell.strip()) for cell in cells[:MAX_COLUMNS]]
            while texts and not texts[-1]:
                texts.pop()
            yield TableRow(lines.line_num, texts)
    except csv.Error as error:
        raise _refused(
            "table_damaged", _("第 %(line)s 行读不下去：引号没有配对，或者一格太长") % {"line": lines.line_num}
        ) from error


def _unguarded(cell: str) -> str:
    """Take off the apostrophe that `table_csv` put before what a spreadsheet would take for a formula."""
    return cell[1:] if cell[:1] == "'" and cell[1:2] in _STARTS_FORMULA else cell


# --- writing ---

_STARTS_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def table_xlsx(titles: list[str], rows: Iterable[Iterable[str]]) -> bytes:
    """Return an Excel file in which every cell is text: what begins with = + - @ stays what it is."""
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell

    book = Workbook(write_only=True)
    sheet: Any = book.create_sheet()

    def cell(text: str) -> Any:
        one = WriteOnlyCell(sheet, value="")
        one.value, one.data_type = _printable(text)[:32_767], "s"
        one.number_format = "@"
        return one

    sheet.append([cell(title) for title in titles])
    for row in rows:
        sheet.append([cell(text) for text in row])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def book_xlsx(sheets: Iterable[tuple[str, Sequence[str], Iterable[Sequence[Any]]]]) -> bytes:
    """Return an Excel file of several sheets, (title, titles of the columns, rows): numbers stay numbers, else text.

    A title is cut to the 31 characters that Excel allows, without the signs that it forbids.
    """
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font

    book = Workbook(write_only=True)
    for number, (title, titles, rows) in enumerate(sheets, 1):
        name = "".join(" " if sign in "[]*?:/\\" else sign for sign in title)
        sheet: Any = book.create_sheet(f"{number} {name}"[:31])

        def cell(value: Any, *, bold: bool = False, sheet: Any = sheet) -> Any:
            one = WriteOnlyCell(sheet, value=value if isinstance(value, int | float) else "")
            if isinstance(value, str):
                one.value, one.data_type = _printable(value)[:32_767], "s"
            if bold:
                one.font = Font(bold=True)
            return one

        sheet.append([cell(one, bold=True) for one in titles])
        for row in rows:
            sheet.append([cell(one) for one in row])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def table_template(
    sheet_title: str, hints: Mapping[str, str], *, starred: Collection[str], example: Sequence[str] | None = None
) -> bytes:
    """Return an empty Excel table to fill in: title -> what belongs there, as a comment on the title.

    Columns that must be filled carry a star. All cells are text, so that codes keep their zeros. `example`: the cells
    of a first row that shows how.
    """
    from openpyxl import Workbook
    from openpyxl.comments import Comment
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    book = Workbook()
    sheet: Any = book.active
    sheet.title = sheet_title[:31]
    for number, (title, hint) in enumerate(hints.items(), start=1):
        cell = sheet.cell(row=1, column=number, value=f"{title} *" if title in starred else title)
        cell.font = Font(bold=True)
        if hint:
            cell.comment = Comment(hint, "", width=320, height=120)
        letter = get_column_letter(number)
        sheet.column_dimensions[letter].width = max(14, min(40, 3 * len(title)))
        sheet.column_dimensions[letter].number_format = "@"
        for row in range(2, 302):
            sheet.cell(row=row, column=number).number_format = "@"
        if example is not None:
            sheet.cell(row=2, column=number, value=example[number - 1])
    sheet.freeze_panes = "A2"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def table_csv(titles: list[str], rows: Iterable[Iterable[str]]) -> bytes:
    """Return a CSV file (UTF-8 with its mark, for Excel); an apostrophe guards what would be taken for a formula."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    for row in [titles, *rows]:
        writer.writerow([f"'{cell}" if cell.startswith(_STARTS_FORMULA) else cell for cell in row])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def _printable(text: str) -> str:
    """Without the control characters that an Excel file may not hold."""
    return "".join(sign for sign in text if sign >= " " or sign in "\n\t")
