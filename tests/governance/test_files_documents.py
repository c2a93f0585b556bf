"""Documents that prove something: which are taken, and what is said of the others."""

import zipfile
from io import BytesIO

import pytest

from governance.errors import DomainError
from governance.files.documents import MAX_BYTES, document_kind
from governance.files.tables import table_xlsx

TABLE = table_xlsx(["a"], [["1"]])


def pdf(inside=b""):
    return b"%PDF-1.7\n" + inside + b"\ntrailer << >>\nstartxref\n0\n%%EOF\n"


def packed(**parts):
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in parts.items():
            archive.writestr(name.replace("__", "/") + (".xml" if name.endswith("workbook") else ".bin"), data)
    return out.getvalue()


def test_what_is_taken():
    assert document_kind(BytesIO(pdf(b"/JS3 /Launched /EncryptMetadata"))) == "pdf"
    assert document_kind(BytesIO(TABLE)) == "xlsx"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "file_empty"),
        (b"MZ\x90\x00 program", "document_unknown"),
        (b"<html>%PDF-1.7 %%EOF</html>", "document_broken"),
        (pdf()[:-8], "document_broken"),
        (pdf(b"<< /Encrypt 5 0 R >>"), "document_locked"),
        (pdf(b"<< /S /JavaScript /JS (app.alert(1)) >>"), "document_active"),
        (pdf(b"<< /S /Launch /F (cmd.exe) >>"), "document_active"),
        (pdf(b"<< /EmbeddedFiles 3 0 R >>"), "document_active"),
        (b"\xd0\xcf\x11\xe0" + bytes(64), "document_old"),
        (packed(word__document=b"x"), "not_a_workbook"),
        (packed(xl__workbook=b"<x/>", xl__vbaProject=b"x"), "workbook_macros"),
        (TABLE[:400], "table_damaged"),
        (pdf(bytes(MAX_BYTES)), "document_too_big"),
    ],
)
def test_what_is_not_taken(data, code):
    with pytest.raises(DomainError) as refused:
        document_kind(BytesIO(data))
    assert refused.value.code == code
