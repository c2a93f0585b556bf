"""What people type, made safe to store and compare: one Unicode form, no invisible characters."""

import re
import unicodedata

_LINE_ENDS = re.compile("\r\n|[\r\v\f\x1c-\x1e\x85\u2028\u2029]")
# Control characters (NUL would be refused by the database), halves of surrogate pairs, zero-width spaces and marks,
# and marks that reverse the direction of writing, by which a text can be made to show something else than it says.
# The zero-width joiners stay: emoji and some scripts need them.
_UNWANTED = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff]")
_MORE_THAN_TWO_BLANK_LINES = re.compile(r"\n{4,}")


def clean_text(text: str, *, multiline: bool = True) -> str:
    """Return the text in NFC, trimmed, without control and invisible characters.

    Lines end with a line feed; more than two blank lines in a row become two. With `multiline=False` every run of
    white space, line ends included, becomes one space.
    """
    text = _UNWANTED.sub("", _LINE_ENDS.sub("\n", text).replace("\t", " "))
    text = unicodedata.normalize("NFC", text)
    if not multiline:
        return " ".join(text.split())
    lines = "\n".join(line.rstrip() for line in text.split("\n"))  # a pattern would be quadratic in the spaces
    return _MORE_THAN_TWO_BLANK_LINES.sub("\n\n\n", lines).strip()
