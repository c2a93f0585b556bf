"""Text of CSV files that may be hundreds of megabytes: which encoding, which separator, read piece by piece."""

import codecs
import io
from typing import Any

PIECE = 1 << 18
HEAD = 1 << 14


def encoding_of(upload: Any) -> str | None:
    """UTF-16 by its mark (Excel's "Unicode text"), else UTF-8 with or without mark, else GB18030; None for no text.

    Reads all of it once, in pieces: that the first lines are UTF-8 proves nothing of the others. Rewinds it.
    """
    upload.seek(0)
    head = upload.read(4096)
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        tries = ["utf-16"]
    elif b"\x00" in head or head.startswith(b"%PDF"):
        tries = []
    else:
        tries = ["utf-8-sig", "gb18030"]
    found = next((encoding for encoding in tries if _decodes(upload, encoding)), None)
    upload.seek(0)
    return found


def text_of(upload: Any, encoding: str) -> io.TextIOWrapper:
    """The file as text, from its start, line ends as they are; the file itself stays open when this is let go."""
    upload.seek(0)
    return io.TextIOWrapper(io.BufferedReader(_Borrowed(upload), PIECE), encoding=encoding, newline="")


def delimiter_of(upload: Any, encoding: str) -> str:
    """What separates the cells: comma, tab or semicolon, by the first line that has any (a heading above has none)."""
    with text_of(upload, encoding) as text:
        head = text.read(HEAD)
    for line in head.splitlines()[:10]:
        best = max(",\t;", key=line.count)
        if line.count(best):
            return best
    return ","


def _decodes(upload: Any, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    upload.seek(0)
    try:
        while piece := upload.read(PIECE):
            decoder.decode(piece)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


class _Borrowed(io.RawIOBase):
    """Bytes of somebody else's file, which is not closed with it."""

    def __init__(self, upload: Any) -> None:
        self._upload = upload

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._upload.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)
