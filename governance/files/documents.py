"""Documents that prove something: PDF and Excel, kept as they came, so that only harmless ones may come.

They are never shown within a page: who may see one saves it, and opens it with a program of their own.
"""

import re
from typing import IO, Any

from django.utils.translation import gettext_lazy as _

from governance.errors import DomainError
from governance.files.models import FileKind
from governance.files.sniffing import format_of
from governance.files.tables import workbook_check

MAX_BYTES = 10 * 1024 * 1024
_TAIL = 2048  # the mark of the end stands in here
_LOCKED = re.compile(rb"/Encrypt\b")
# Scripts, programs to start, files within the file. Hidden in a packed part they are not seen: hence no page shows it.
_ACTIVE = re.compile(rb"/(JavaScript|Launch|EmbeddedFiles?)\b")


def document_kind(upload: IO[bytes] | Any) -> FileKind:
    """Return what document it is by its content; raises `DomainError` with a sentence that says what is wrong.

    Up to 10 MB. Refused are damaged files, locked ones (nobody could read the evidence), old Excel (.xls), and what
    runs or carries something: macros, scripts, files within the file.
    """
    upload.seek(0)
    data = upload.read(MAX_BYTES + 1)
    upload.seek(0)
    if not data:
        raise DomainError("file_empty", _("这个文件是空的"))
    if len(data) > MAX_BYTES:
        raise DomainError("document_too_big", _("文件太大：PDF 和 Excel 最多 10 MB。请压缩一下，或者只留有关的几页。"))
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise DomainError("document_old", _("这是旧格式（.xls、.doc）或加了密码的文件，请另存为 .xlsx 或 PDF 再放。"))
    match format_of(data[:1024]):
        case "PDF":
            _check_pdf(data)
            return FileKind.PDF
        case "ZIP":
            workbook_check(upload)
            return FileKind.XLSX
    raise DomainError("document_unknown", _("这个文件不是照片、PDF，也不是 Excel（.xlsx）。"))


def _check_pdf(data: bytes) -> None:
    if not data.startswith(b"%PDF-") or b"%%EOF" not in data[-_TAIL:]:
        raise DomainError("document_broken", _("这个 PDF 不完整或已损坏，打不开。请重新导出一次。"))
    if _LOCKED.search(data):
        raise DomainError("document_locked", _("这个 PDF 加了密码，别人打不开。请去掉密码再放。"))
    if _ACTIVE.search(data):
        raise DomainError("document_active", _("这个 PDF 里有脚本或附件，不能收。请用“打印成 PDF”另存一份再放。"))
