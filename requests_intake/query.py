"""What staff type into the search box: `状态:超期 网格:3 路灯 -"三号楼"`. Text in, terms out, and back; no database.

Terms are separated by spaces, all of them must hold. `key:value,value` narrows by a property (one of the values),
anything else is a word to find. A leading minus negates. Quotes keep spaces, commas and colons together. Keys are read
in Chinese and English, punctuation in full width or half width, so that no input method stands in the way.
"""

import re
import unicodedata
from dataclasses import dataclass

MAX_LENGTH = 300

# key -> the names people type; the first Chinese and the first English one are the ones we write
KEYS: dict[str, tuple[str, ...]] = {
    "state": ("状态", "state", "status"),
    "kind": ("类型", "kind", "type"),
    "category": ("事项", "category"),
    "area": ("区域", "area", "街道", "subdistrict"),
    "community": ("社区", "community"),
    "grid": ("网格", "grid"),
    "office": ("单位", "office", "承办"),
    "handler": ("经办", "handler"),
    "channel": ("渠道", "channel"),
    "number": ("号码", "number", "编号", "尾号"),
    "due": ("期限", "due"),
    "submitted": ("提交", "submitted"),
}
# values that are no names
OVERDUE, OPEN = ("超期", "overdue"), ("未办结", "open")
NONE, ME = ("无", "未派", "none"), ("我", "me")

_BY_NAME = {name: key for key, names in KEYS.items() for name in names}
_QUOTES = {'"': '"', "“": "”", "”": "”", "「": "」", "『": "』", "«": "»"}
_CONTROL = re.compile(r"[\x00-\x1f\x7f\u200b-\u200f\u2028-\u202e\ufeff\ud800-\udfff]")
_PHONE = re.compile(r"1[3-9]\d{9}|0\d{2,3}[1-9]\d{6,7}")  # a mobile, or a landline with its area
_KEY = re.compile(r"[^\W\d_]+$")
_ALREADY_PLAIN = re.compile(r"[^\s\"“”「」『』«»:,\-、][^\s\"“”「」『』«»:,、]*")


@dataclass(frozen=True, slots=True)
class Term:
    """One condition. `key` is "" for a word, and what was typed where nobody knows the key."""

    key: str
    values: tuple[str, ...]
    negated: bool = False

    @property
    def is_word(self) -> bool:
        """Whether this is a word to find."""
        return self.key == ""

    @property
    def is_known(self) -> bool:
        """Whether the key means something to us."""
        return self.is_word or self.key in KEYS

    def text(self, *, english: bool = False) -> str:
        """The term as it is typed."""
        name = KEYS[self.key][1 if english else 0] if self.key in KEYS else self.key
        values = ",".join(_quoted(value) for value in self.values)
        return f"{'-' if self.negated else ''}{name + ':' if name else ''}{values}"


@dataclass(frozen=True, slots=True)
class Query:
    """Terms in the order in which they were typed."""

    terms: tuple[Term, ...] = ()
    is_cut: bool = False  # longer than anybody types; the rest was not read

    @property
    def words(self) -> tuple[Term, ...]:
        """The words to find, negated ones among them."""
        return tuple(term for term in self.terms if term.is_word)

    @property
    def unknown(self) -> tuple[Term, ...]:
        """Terms whose key nobody knows."""
        return tuple(term for term in self.terms if not term.is_known)

    def text(self, *, english: bool = False) -> str:
        """The query as it is typed; parsing it gives the same terms again."""
        return " ".join(term.text(english=english) for term in self.terms)

    @property
    def phone(self) -> str:
        """The telephone number that is all this query says, as it was left (digits); "" for any other query."""
        if not self.terms or any(not term.is_word or term.negated for term in self.terms):
            return ""
        digits = re.sub(r"[\s\-()]", "", self.text())
        return digits if _PHONE.fullmatch(digits) else ""

    def without(self, term: Term) -> "Query":
        """This query without one of its terms."""
        return Query(tuple(one for one in self.terms if one != term), self.is_cut)

    def with_terms(self, *more: Term) -> "Query":
        """This query with more terms; what is there already is not repeated."""
        return Query(tuple(dict.fromkeys((*self.terms, *more))), self.is_cut)


def plain(text: str) -> str:
    """Text as it is compared: one width for every letter and sign, small letters, no control characters."""
    return _CONTROL.sub(" ", unicodedata.normalize("NFKC", _CONTROL.sub(" ", text))).casefold()


def parse(text: str) -> Query:
    """Read a query. Never raises: what cannot be understood is a word, and an unknown key says so itself."""
    source = _CONTROL.sub(" ", unicodedata.normalize("NFKC", _CONTROL.sub(" ", text))).strip()
    is_cut = len(source) > MAX_LENGTH
    reader = _Reader(source[:MAX_LENGTH])
    terms: list[Term] = []
    while (term := reader.term()) is not None:
        if term.values:
            terms.append(term)
    return Query(tuple(dict.fromkeys(terms)), is_cut)


class _Reader:
    """Walks over the text once."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def term(self) -> Term | None:
        """Read the next term, None at the end; a term without values is nothing."""
        while self._now().isspace():
            self.at += 1
        if not self._now():
            return None
        negated = self._now() == "-"
        if negated:
            self.at += 1
        first, was_quoted = self._value(stop=":,、")
        if self._now() == ":" and not was_quoted and _KEY.fullmatch(first):
            self.at += 1
            return Term(_BY_NAME.get(first.casefold(), first), self._values(), negated)
        if was_quoted:
            return Term("", (first,) if first.strip() else (), negated)
        rest, _quoted_rest = self._value(stop="")  # a colon or comma inside a word belongs to it
        word = first + rest
        return Term("", (word,) if word.strip() else (), negated)

    def _values(self) -> tuple[str, ...]:
        values = []
        while True:
            value, _was_quoted = self._value(stop=",、")
            if value.strip():
                values.append(value.strip())
            if self._now() not in (",", "、") or not self._now():
                break
            self.at += 1
        return tuple(dict.fromkeys(values))

    def _value(self, stop: str) -> tuple[str, bool]:
        closing = _QUOTES.get(self._now())
        if closing is not None:
            end = self.text.find(closing, self.at + 1)
            end = len(self.text) if end < 0 else end
            value, self.at = self.text[self.at + 1 : end], end + 1
            return " ".join(value.split()), True
        start = self.at
        while (now := self._now()) and not now.isspace() and now not in stop and now not in _QUOTES:
            self.at += 1
        return self.text[start : self.at], False

    def _now(self) -> str:
        return self.text[self.at] if self.at < len(self.text) else ""


def _quoted(value: str) -> str:
    value = unicodedata.normalize("NFKC", _CONTROL.sub(" ", value))
    if _ALREADY_PLAIN.fullmatch(value):
        return value
    for opening, closing in (('"', '"'), ("「", "」"), ("“", "”"), ("『", "』"), ("«", "»")):
        if opening not in value and closing not in value:
            return f"{opening}{value}{closing}"
    return '"{}"'.format(value.replace('"', "”"))
