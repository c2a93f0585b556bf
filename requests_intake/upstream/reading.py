"""What a row of an upstream table says, with everything that is wrong with it."""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from governance.access import areas
from governance.errors import DomainError
from governance.files.tables import TableRow, table_header
from governance.organisations.models import Organisation
from governance.text import clean_text
from requests_intake.models import RequestKind
from requests_intake.models.upstream import UpstreamSource
from requests_intake.selectors.catalogue import items_in_use
from requests_intake.services.submission import LONG_BODY_MAX, checked_category
from requests_intake.upstream.fields import BODY, INCOMING, NUMBER, VALUED, titles_of
from requests_intake.upstream.moments import moment_of, names_a_day

NUMBER_MAX = 64
_PHONE = re.compile(r"\+?\d{7,15}")
Remark = tuple[str, str, str]


@dataclass(slots=True)
class Read:
    """One row: what is known, what forbids it (`problems`), what somebody should know (`notes`)."""

    upstream_no: str = ""
    values: dict[str, Any] = field(default_factory=dict)
    received: dict[str, str] = field(default_factory=dict)
    problems: list[Remark] = field(default_factory=list)
    notes: list[Remark] = field(default_factory=list)


class Reader:
    """Reads rows by the mapping of a source. Built once for a table: 3 SQL."""

    def __init__(self, source: UpstreamSource, titles: Sequence[str]) -> None:
        self.source = source
        self.titles = list(titles)
        self.positions = {title: position for position, title in reversed(list(enumerate(titles))) if title}
        self.tables = {name: _table(source.values.get(name)) for name in VALUED}
        items = items_in_use().values()
        self.categories = _unambiguous([*((one.name, one.pk) for one in items), *((one.code, one.pk) for one in items)])
        with translation.override("zh-hans"):  # upstream writes Chinese
            below = areas.below(source.area_code)
            own = areas.names([source.area_code])
        named = [(name, code) for code, name in [*below, *own.items()]]
        self.areas = _unambiguous([*named, *((code, code) for _name, code in named)])
        offices = Organisation.objects.filter(is_active=True).values_list("pk", "name", "short_name")
        self.organisations = _unambiguous([(name, pk) for pk, *names in offices for name in set(names)])
        self.kinds = {str(kind.value): kind.value for kind in RequestKind}
        with translation.override("zh-hans"):
            self.kinds |= {str(kind.label): kind.value for kind in RequestKind}

    def read(self, cells: Sequence[str], faults: Mapping[int, str]) -> Read:
        """Return what a row says; the faults are those of its cells, by column."""
        row = Read(received={title: cells[at] for title, at in self.positions.items() if at < len(cells) and cells[at]})
        texts = {name: self._texts(name, cells) for name in INCOMING}
        for name in INCOMING:
            for title in titles_of(self.source.columns, name):
                if fault := faults.get(self.positions.get(title, -1)):
                    row.problems.append((fault, title, ""))
        self._words(row, texts)
        self._looked_up(row, texts)
        self._moments(row, texts)
        self._place(row, texts)
        self._person(row, texts)
        return row

    def number_of(self, cells: Sequence[str]) -> str:
        """Only the number of a row."""
        return clean_text(" ".join(self._texts(NUMBER, cells)), multiline=False)

    def title(self, name: str) -> str:
        """The title under which a field stands in this table."""
        return " + ".join(titles_of(self.source.columns, name)) or str(INCOMING[name])

    def _texts(self, name: str, cells: Sequence[str]) -> list[str]:
        found = []
        for title in titles_of(self.source.columns, name):
            at = self.positions.get(title)
            text = cells[at].strip() if at is not None and at < len(cells) else ""
            if text and text != "-":
                found.append(text)
        return found

    def _words(self, row: Read, texts: Mapping[str, list[str]]) -> None:
        number = clean_text(" ".join(texts[NUMBER]), multiline=False)
        body = clean_text("\n".join(texts[BODY]))
        if not number and not any(title == self.title(NUMBER) for _code, title, _word in row.problems):
            row.problems.append(("missing", self.title(NUMBER), ""))
        if len(number) > NUMBER_MAX:
            row.problems.append(("too_long", self.title(NUMBER), number[:40]))
        if not body and not any(title == self.title(BODY) for _code, title, _word in row.problems):
            row.problems.append(("missing", self.title(BODY), ""))
        if len(body) > LONG_BODY_MAX:
            row.problems.append(("too_long", self.title(BODY), ""))
        row.upstream_no = number
        row.values |= {"body": body, "case_no": " ".join(texts["case_no"])[:64]}
        row.values |= {"title": " ".join(texts["title"]), "urgent": " ".join(texts["urgent"])}

    def _looked_up(self, row: Read, texts: Mapping[str, list[str]]) -> None:
        kind = self._found("kind", texts["kind"], self.kinds)
        if texts["kind"] and kind is None:
            row.problems.append(("unknown", self.title("kind"), texts["kind"][0][:40]))
        row.values["kind"] = kind or RequestKind.HELP
        category = self._found("category", texts["category"], self.categories)
        row.values["category_id"] = self._usable(row, category, texts["category"])
        for name, known in (("area", self.areas), ("organisation", self.organisations)):
            value = self._found(name, texts[name], known)
            if texts[name] and value is None:
                row.notes.append(("unknown", self.title(name), texts[name][-1][:40]))
            row.values[name] = value
        channel = texts["channel"][0] if texts["channel"] else ""
        row.values["channel"] = self.tables["channel"].get(channel, channel)[:40]

    def _usable(self, row: Read, category: Any, texts: list[str]) -> int | None:
        """An item that is not in use, or that is an emergency, is left to the dispatcher."""
        if texts and category is None:
            row.notes.append(("unknown", self.title("category"), " / ".join(texts)[:40]))
        try:
            checked_category(category)
        except DomainError as refused:
            row.notes.append((refused.code, self.title("category"), " / ".join(texts)[:40]))
            return None
        found: int | None = category
        return found

    def _found(self, name: str, words: list[str], known: Mapping[str, Any]) -> Any:
        """Look for all the words together, then for each alone, the last (the most particular) first."""
        table = self.tables[name]
        for word in [" / ".join(words), *reversed(words)] if words else []:
            mapped = table.get(word, word)
            if mapped in known:
                return known[mapped]
        return None

    def _moments(self, row: Read, texts: Mapping[str, list[str]]) -> None:
        for name in ("called_at", "dispatched_at", "due_at"):
            text = " ".join(texts[name])
            moment = moment_of(text) if text else None
            if text and moment is None:
                row.problems.append(("no_moment", self.title(name), text[:40]))
            if moment is not None and name == "due_at" and names_a_day(text):
                moment += timedelta(days=1) - timedelta(seconds=1)
            row.values[name] = moment
        due, sent = row.values["due_at"], row.values["dispatched_at"]
        if due is not None and sent is not None and due < sent:
            row.problems.append(("due_before_sent", self.title("due_at"), " ".join(texts["due_at"])[:40]))

    def _place(self, row: Read, texts: Mapping[str, list[str]]) -> None:
        row.values["address"] = clean_text(" ".join(texts["address"]), multiline=False)[:200]
        lng, lat = (_degrees(texts[name], most) for name, most in (("lng", 180), ("lat", 90)))
        given = bool(texts["lng"] or texts["lat"])
        row.values |= {"lng": None, "lat": None}
        if given and (lng is None or lat is None):
            row.notes.append(("no_point", f"{self.title('lng')}, {self.title('lat')}", ""))
        elif given:
            row.values |= {"lng": lng, "lat": lat}

    def _person(self, row: Read, texts: Mapping[str, list[str]]) -> None:
        phone = re.sub(r"[\s\-－—()（）]", "", texts["phone"][0]) if texts["phone"] else ""
        if phone and not _PHONE.fullmatch(phone):
            row.notes.append(("no_phone", self.title("phone"), ""))
            phone = ""
        row.values |= {"name": " ".join(texts["name"])[:40], "phone": phone}


def promised(row: Read) -> datetime | None:
    """The date that upstream promised, if it named one."""
    found: datetime | None = row.values["due_at"]
    return found


def header_of(rows: Sequence[TableRow], columns: Mapping[str, str]) -> tuple[int, list[str]]:
    """Return (index, titles) of the row that holds the titles; raises as `table_header` does."""
    known = {title for name in INCOMING for title in titles_of(dict(columns), name)}
    needed = [{title} for name in (NUMBER, BODY) for title in titles_of(dict(columns), name)]
    return table_header(rows, known=known, needed=needed, advice=_("请核对文件，或者改来源的列名对照。"))


def _table(values: Any) -> dict[str, str]:
    return {str(theirs): str(ours) for theirs, ours in (values or {}).items()}


def _unambiguous(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """Names that mean one thing only: two grids of the same name cannot be told apart by it."""
    found: dict[str, Any] = {}
    double: set[str] = set()
    for name, value in pairs:
        if name in found and found[name] != value:
            double.add(name)
        found[name] = value
    return {name: value for name, value in found.items() if name and name not in double}


def _degrees(texts: list[str], most: float) -> float | None:
    try:
        value = float(texts[0])
    except (ValueError, IndexError):
        return None
    return value if math.isfinite(value) and abs(value) <= most else None
