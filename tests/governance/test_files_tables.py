"""Tables from offices: read as people read them, refused in words where they cannot be, never at any price."""

import io
import tracemalloc
import zipfile
from datetime import date, datetime

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.utils.datetime import CALENDAR_MAC_1904, CALENDAR_WINDOWS_1900
from openpyxl.xml.constants import SHARED_STRINGS, SHEET_MAIN_NS

from governance.errors import DomainError
from governance.files import tables
from governance.files.tables import table_csv, table_read, table_xlsx


def workbook(*rows, merge="", write_only=False) -> io.BytesIO:
    book = Workbook(write_only=write_only)
    sheet = book.create_sheet() if write_only else book.active
    for row in rows:
        sheet.append(row)
    if merge:
        sheet.merge_cells(merge)
    out = io.BytesIO()
    book.save(out)
    return out


def refused(upload, most_rows=100) -> DomainError:
    with pytest.raises(DomainError) as error:
        table_read(upload, most_rows=most_rows)
    assert error.value.field == "file"
    assert str(error.value)
    return error.value


def test_cells_are_what_a_person_reads():
    row = ["路灯", 7, 7.0, 7.5, True, datetime(2026, 11, 20, 8, 30), date(2026, 11, 20), None, " 尾 "]
    (read,) = table_read(workbook(row), most_rows=5).rows
    assert read.cells == ["路灯", "7", "7", "7.5", "TRUE", "2026-11-20 08:30:00", "2026-11-20 00:00:00", "", "尾"]
    assert read.faults == {}


def test_what_cannot_be_read_faithfully_is_a_fault_of_its_cell():
    (read,) = table_read(workbook(["=A2&B2", "#N/A", 2026112012345678, "好"]), most_rows=5).rows
    assert read.faults == {0: tables.FORMULA, 1: tables.ERROR, 2: tables.DIGITS_LOST}
    assert read.cells[3] == "好"


def sheet_of(rows: str) -> io.BytesIO:
    """A workbook whose first sheet has these rows as XML: what other programs than Excel write."""
    upload = io.BytesIO()
    with zipfile.ZipFile(workbook(["x", datetime(2026, 1, 5)])) as model, zipfile.ZipFile(upload, "w") as packed:
        for part in model.infolist():
            data = model.read(part)
            if part.filename == "xl/worksheets/sheet1.xml":
                data = data.partition(b"<sheetData>")[0] + f"<sheetData>{rows}</sheetData></worksheet>".encode()
            elif part.filename == "[Content_Types].xml":
                entry = f'<Override PartName="/xl/sharedStrings.xml" ContentType="{SHARED_STRINGS}"/></Types>'
                data = data.replace(b"</Types>", entry.encode())
            packed.writestr(part.filename, data)
        packed.writestr("xl/sharedStrings.xml", f'<sst xmlns="{SHEET_MAIN_NS}"><si><t>共</t></si></sst>')
    return upload


def test_cells_as_other_programs_write_them():
    rows = (
        '<row r="3"><c r="B3" t="inlineStr"><is><t>整</t></is></c>'
        '<c t="inlineStr"><is><r><t>两</t></r><r><t>段</t></r><rPh sb="0" eb="1"><t>liǎng</t></rPh></is></c>'
        '<c r="E3" t="str"><v>文</v></c><c r="F3" t="b"><v>0</v></c><c r="G3" t="d"><v>2026-01-05</v></c>'
        '<c r="H3" t="s"><v>0</v></c><c r="I3"/><c r="J3"><v>1.5E2</v></c><c r="ZZZ3"><v>1</v></c></row>'
        '<row><c><v>7</v></c><c t="str"><f>A1</f><v>x</v></c></row>'
    )
    first, second = table_read(sheet_of(rows), most_rows=5).rows
    assert (first.line, second.line) == (3, 4), "rows that are left out count"
    assert first.cells == ["", "整", "两段", "", "文", "FALSE", "2026-01-05", "共", "", "150"]
    assert (second.cells, second.faults) == (["7", ""], {1: tables.FORMULA})


@pytest.mark.parametrize(
    "row",
    [
        '<row r="x"/>',
        '<row><c t="s"><v>99</v></c></row>',
        "<row><c><v>many</v></c></row>",
        '<row><c t="d"><v>soon</v></c></row>',
        "<row><c>",
    ],
)
def test_sheets_that_make_no_sense_are_damaged(row):
    assert refused(sheet_of(row)).code == "table_damaged"


def test_a_day_that_no_calendar_has_is_an_error_of_its_cell():
    (read,) = table_read(sheet_of('<row><c s="1"><v>46027</v></c><c s="1"><v>99999999</v></c></row>'), most_rows=5).rows
    assert read.cells[0].startswith("2026-01-05")
    assert read.faults == {1: tables.ERROR}


def test_text_that_begins_like_a_formula_is_no_formula():
    book = load_workbook(io.BytesIO(table_xlsx(["话"], [["=1+1"], ["+86"], ["-1"], ["@all"]])))
    cells = [cell for row in book.active.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} == {"s"}
    again = table_read(io.BytesIO(table_xlsx(["话"], [["=1+1"], ["+86"]])), most_rows=5).rows
    assert [row.cells for row in again] == [["话"], ["=1+1"], ["+86"]]
    assert not any(row.faults for row in again)


def test_csv_that_goes_out_is_guarded_and_comes_back_as_it_was():
    written = table_csv(["a", "b"], [["=cmd()", "x"], ["+1", "-2"], ["@x", "'y"]])
    assert written.startswith(b"\xef\xbb\xbf")
    lines = written.decode("utf-8-sig").splitlines()
    assert lines[1:] == ["'=cmd(),x", "'+1,'-2", "'@x,'y"]
    rows = table_read(io.BytesIO(written), most_rows=9).rows
    assert [row.cells for row in rows[1:]] == [["=cmd()", "x"], ["+1", "-2"], ["@x", "'y"]]


def test_empty_lines_are_left_out_and_lines_keep_their_number():
    rows = table_read(workbook(["标题"], [], [None, ""], ["内容"]), most_rows=5).rows
    assert [(row.line, row.cells) for row in rows] == [(1, ["标题"]), (4, ["内容"])]


def test_merged_cells_are_noticed():
    assert table_read(workbook(["a", "b"], ["c", "d"], merge="A1:B1"), most_rows=5).has_merged
    assert not table_read(workbook(["a", "b"]), most_rows=5).has_merged


@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_csv_in_every_encoding(encoding, delimiter):
    text = delimiter.join(["编号", "㐀䶮内容"]) + "\r\n" + delimiter.join(["1", '"两行\n的话"'])
    rows = table_read(io.BytesIO(text.encode(encoding)), most_rows=5).rows
    assert [row.cells for row in rows] == [["编号", "㐀䶮内容"], ["1", "两行\n的话"]]


def test_a_heading_without_separators_does_not_hide_them():
    text = "槐安里社区人员表\n\n姓名;地址\n张三;东巷, 3 号\n"
    rows = table_read(io.BytesIO(text.encode("gb18030")), most_rows=5).rows
    assert [row.cells for row in rows[1:]] == [["姓名", "地址"], ["张三", "东巷, 3 号"]]


def test_utf8_that_breaks_off_into_gb18030_late_is_seen():
    """The encoding is that of all of the file: a first piece in ASCII or UTF-8 says nothing."""
    late = b"name,place\n" + b"a,b\n" * 100_000 + "张三,槐安里\n".encode("gb18030")
    assert table_read(io.BytesIO(late), most_rows=200_000).rows[-1].cells == ["张三", "槐安里"]


def test_a_million_lines_of_csv_are_never_in_memory_at_once():
    upload = io.BytesIO("序号,姓名,住址\n".encode() + "1,张三,槐安里 3幢 2单元 501室\n".encode() * 300_000)
    tracemalloc.start()
    _form, rows, _merged = tables.table_open(upload)
    assert sum(1 for _ in rows) == 300_001
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 4 * 1024 * 1024
    assert not upload.closed


def test_titles_in_two_rows_are_joined():
    rows = table_read(
        workbook(["登记表"], ["姓名", "证件"], [None, "类型", "号码"], ["张三", "护照", "E1"]), most_rows=9
    ).rows
    known = {"姓名", "证件类型", "证件号码"}
    assert tables.table_header(rows, known=known, needed=[["姓名"], ["证件号码"]], advice="") == (
        2,
        ["姓名", "证件类型", "证件号码"],
    )


@pytest.mark.parametrize("is_1904", [True, False])
def test_days_of_a_workbook_from_an_old_mac(is_1904):
    book = Workbook()
    book.epoch = CALENDAR_MAC_1904 if is_1904 else CALENDAR_WINDOWS_1900
    book.active.append([date(2026, 1, 5), 44197])
    out = io.BytesIO()
    book.save(out)
    assert tables.counts_from_1904(out) is is_1904
    cells = table_read(out, most_rows=5).rows[0].cells
    assert cells == ["2026-01-05 00:00:00", "44197"], "a cell with the form of a day is right in both"


def test_what_is_no_workbook_counts_from_1900():
    assert not tables.counts_from_1904(io.BytesIO(b"a,b"))


def test_more_rows_than_agreed_are_refused_not_cut():
    assert len(table_read(workbook(*[["x"]] * 7), most_rows=7).rows) == 7
    assert refused(workbook(*[["x"]] * 8), most_rows=7).code == "table_too_long"
    assert refused(io.BytesIO(b"a\n" * 9), most_rows=7).code == "table_too_long"


def test_two_hundred_thousand_rows_do_not_fill_the_memory():
    sheet = b"".join(
        b'<row r="%d"><c r="A%d"><v>%d</v></c><c r="B%d" t="inlineStr"><is><t>%s</t></is></c></row>'
        % (n, n, n, n, "路灯坏了".encode())
        for n in range(1, 200_001)
    )
    upload = io.BytesIO()
    with (
        zipfile.ZipFile(workbook(["x"])) as model,
        zipfile.ZipFile(upload, "w", zipfile.ZIP_DEFLATED) as packed,
    ):
        for part in model.infolist():
            data = model.read(part)
            if part.filename == "xl/worksheets/sheet1.xml":
                head, _, _ = data.partition(b"<sheetData>")
                data = head + b"<sheetData>" + sheet + b"</sheetData></worksheet>"
            packed.writestr(part.filename, data)
    del sheet
    tracemalloc.start()
    error = refused(upload, most_rows=5_000)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert error.code == "table_too_long"
    assert "5,000" in str(error)
    assert peak < 32 * 1024 * 1024


def test_a_zip_that_would_burst_is_not_opened(monkeypatch):
    monkeypatch.setattr(tables, "MAX_UNPACKED", 30 << 20)
    upload = io.BytesIO()
    with (
        zipfile.ZipFile(upload, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as packed,
        packed.open("xl/x.xml", "w") as x,
    ):
        for _ in range(tables.MAX_UNPACKED // (1 << 20) + 1):
            x.write(b"0" * (1 << 20))
    assert upload.tell() < 1 << 20
    assert refused(upload).code == "table_unpacks_too_big"


def test_a_part_that_shrank_beyond_belief_is_not_opened(monkeypatch):
    monkeypatch.setattr(tables, "RATIO_FROM", 1 << 20)
    upload = io.BytesIO()
    with zipfile.ZipFile(workbook(["x"])) as model, zipfile.ZipFile(upload, "w", zipfile.ZIP_DEFLATED) as packed:
        for part in model.infolist():
            packed.writestr(part.filename, model.read(part))
        packed.writestr("xl/media/picture.bin", b"\0" * (2 << 20))
    assert upload.tell() < 20_000
    assert refused(upload).code == "table_is_a_bomb"
    monkeypatch.setattr(tables, "RATIO_FROM", 4 << 20)
    assert table_read(upload, most_rows=5).rows[0].cells == ["x"], "what is small unpacked does no harm"


def test_a_zip_that_lies_about_its_size_is_read_no_further_than_it_says():
    upload = io.BytesIO()
    with zipfile.ZipFile(workbook(["x"])) as model, zipfile.ZipFile(upload, "w", zipfile.ZIP_DEFLATED) as packed:
        for part in model.infolist():
            data = model.read(part)
            if part.filename == "xl/worksheets/sheet1.xml":
                data += b" " * (1 << 20)
                true_size = len(data)
            packed.writestr(part.filename, data)
    data = upload.getvalue()
    assert data.count(true_size.to_bytes(4, "little")) == 2
    lying = io.BytesIO(data.replace(true_size.to_bytes(4, "little"), (300).to_bytes(4, "little")))
    assert refused(lying).code == "table_damaged"


def test_a_text_that_breeds_is_not_unfolded():
    """Entities that name one another ("a billion laughs") in the sheet."""
    entities = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    cell = '<worksheet><sheetData><row><c t="str"><v>&a9;</v></c></row></sheetData></worksheet>'
    bomb = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a0 "ha">{entities}]>{cell}'
    upload = io.BytesIO()
    with zipfile.ZipFile(workbook(["x"])) as model, zipfile.ZipFile(upload, "w") as packed:
        for part in model.infolist():
            data = bomb.encode() if part.filename == "xl/worksheets/sheet1.xml" else model.read(part)
            packed.writestr(part.filename, data)
    assert refused(upload).code == "table_damaged"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "table_empty"),
        (b"\n\n , \n", "table_empty"),
        (b"%PDF-1.7 renamed to .xlsx", "table_unknown"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "table_unknown"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 99, "table_old_excel"),
        (b"PK\x03\x04 cut short", "table_damaged"),
        (b'a,"' + b"x" * 200_000, "table_damaged"),
    ],
)
def test_what_is_no_table_is_refused_in_words(data, code):
    assert refused(io.BytesIO(data)).code == code


def test_a_zip_that_is_no_excel():
    upload = io.BytesIO()
    with zipfile.ZipFile(upload, "w") as packed:
        packed.writestr("word/document.xml", "<w/>")
    assert refused(upload).code == "table_damaged"


def test_too_heavy(monkeypatch):
    monkeypatch.setattr(tables, "MAX_BYTES", 10)
    assert refused(io.BytesIO(b"x" * 11)).code == "table_too_big"
