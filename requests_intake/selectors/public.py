"""What everybody may read: released public versions, in lists, on the map, one by one. Never the private row."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from django.core.cache import cache
from django.db.models import Q
from django.db.models.expressions import RawSQL
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from governance.access import areas
from governance.files.keys import file_url
from governance.files.models import Variant
from governance.text.words import bigrams
from grid.boxes import Box, Cluster, gathered
from requests_intake.models import Progress, Publication, PublicFigures, PublicPhoto, PublicState
from requests_intake.selectors.drafts import Photo
from requests_intake.workflow import REQUEST_TRANSITIONS

COUNT_LIMIT = 1000
COUNT_SECONDS = 60
STATES: tuple[tuple[str, str | Promise], ...] = (
    ("open", gettext_lazy("正在办")),
    ("late", gettext_lazy("晚了")),
    ("answered", gettext_lazy("已答复")),
    ("done", gettext_lazy("已办结")),
)


@dataclass(frozen=True, slots=True)
class PublicQuery:
    """Which released requests: "" and 0 leave a question open. `days` counts back from now."""

    words: str = ""
    category: str = ""
    area: str = ""
    kind: str = ""
    state: str = ""
    days: int = 0

    @property
    def parameters(self) -> dict[str, str]:
        """The same as parameters of an address, without what is open."""
        values = {
            "q": self.words,
            "category": self.category,
            "area": self.area,
            "kind": self.kind,
            "state": self.state,
            "period": str(self.days or ""),
        }
        return {name: value for name, value in values.items() if value}


# Found by the index of pieces first, whatever order the list wants: the planner would rather walk the list from its
# newest end, which reads everything where few or none fit.
_WITH_PIECES = """
WITH hits AS MATERIALIZED (
    SELECT id FROM requests_intake_publication WHERE state = 'released' AND pieces @> %s::varchar(2)[]
) SELECT id FROM hits
"""


def released(query: PublicQuery, *, at: datetime) -> Any:
    """Released public versions that fit the query, as a queryset without order."""
    rows = Publication.objects.released()
    if query.area:
        rows = rows.filter(area_code__startswith=query.area)
    if query.category:
        rows = rows.filter(category_code__startswith=query.category)
    if query.kind:
        rows = rows.filter(kind=query.kind)
    if query.days:
        rows = rows.filter(released_at__gte=at - timedelta(days=query.days))
    if query.words:
        pieces = sorted(piece for piece in bigrams(query.words) if len(piece) > 1)
        rows = rows.filter(pk__in=RawSQL(_WITH_PIECES, [pieces]))  # noqa: S611 - a constant with parameters
    return rows.filter(_state_q(query.state, at)) if query.state else rows


def _state_q(state: str, at: datetime) -> Q:
    if state == "late":
        return Q(progress=Progress.OPEN, due_at__lt=at)
    return Q(progress=state)


def listed(query: PublicQuery, *, at: datetime) -> Any:
    """The same with what rows of lists and feeds show: 1 SQL."""
    return released(query, at=at).select_related("category", "organisation").defer("history", "pieces", "note")


@dataclass(frozen=True, slots=True)
class Counts:
    """How many fit, by state; at most `COUNT_LIMIT` of the newest are looked at."""

    total: int
    open: int
    late: int
    answered: int
    done: int

    @property
    def is_capped(self) -> bool:
        """Whether there are more than were looked at."""
        return self.total >= COUNT_LIMIT


def counts(query: PublicQuery, *, at: datetime) -> Counts:
    """Counts for the chips, whatever the query's own state: one bounded SQL a minute for each query."""
    base = PublicQuery(query.words, query.category, query.area, query.kind, "", query.days)
    key = f"public-counts:{sha256(repr(base).encode()).hexdigest()[:40]}"
    found: Counts | None = cache.get(key)
    if found is None:
        newest = released(base, at=at).order_by("-released_at", "-id").values("progress", "due_at")[:COUNT_LIMIT]
        states = list(newest)
        found = Counts(
            total=len(states),
            open=sum(row["progress"] == Progress.OPEN for row in states),
            late=sum(row["progress"] == Progress.OPEN and row["due_at"] < at for row in states),
            answered=sum(row["progress"] == Progress.ANSWERED for row in states),
            done=sum(row["progress"] == Progress.DONE for row in states),
        )
        cache.set(key, found, timeout=COUNT_SECONDS)
    return found


def place_of(code: str, names: Mapping[str, str]) -> str:
    """Community and grid, as far as they are known."""
    parts = [names[part] for part in dict.fromkeys((code[:12], code)) if part in names and len(part) > 6]
    return " · ".join(parts)


def names_of(codes: Iterable[str]) -> dict[str, str]:
    """Names of these areas and their communities: 1 SQL, none for no codes."""
    wanted = set(codes)
    return areas.names(wanted | {code[:12] for code in wanted}) if wanted else {}


@dataclass(frozen=True, slots=True)
class PublicStep:
    """One line of the public history."""

    title: str
    at: datetime


_TITLES: dict[str, str | Promise] = {
    "submit": gettext_lazy("一位居民提交"),
    "accept": gettext_lazy("已受理"),
    "dispatch": gettext_lazy("派给%(office)s"),
    "signed": gettext_lazy("%(office)s签收"),
    "contacted": gettext_lazy("%(office)s联系了居民"),
    "replied": gettext_lazy("%(office)s答复"),
    "close": gettext_lazy("已办结"),
    "close_unrated": gettext_lazy("已办结，未评价"),
    "bring_back": gettext_lazy("没有解决，退回重办"),
    "answer_directly": gettext_lazy("%(office)s直接答复"),
    "not_dispatch": gettext_lazy("%(office)s说明了为什么不派单"),
    "merge": gettext_lazy("和另一件是同一件事，并在一起办"),
    "joined": gettext_lazy("又有一位居民反映了同一件事"),
    "returned": gettext_lazy("%(office)s退回，受理台另派"),
    "withdraw": gettext_lazy("居民撤回了"),
    "reopen": gettext_lazy("重新打开，受理台重新看"),
    "supplement": gettext_lazy("居民补充了"),
    "remind": gettext_lazy("居民提醒了承办单位"),
    "archive": gettext_lazy("已归档"),
}


def step_title(name: str, office: str) -> str:
    """A step of the public history in words."""
    known = _TITLES.get(name)
    if known is None and name in REQUEST_TRANSITIONS:
        known = REQUEST_TRANSITIONS[name].label
    return str(known or "") % {"office": office or _("区受理台")}


@dataclass(frozen=True, slots=True)
class PublicOne:
    """One released request with all that the public may read of it."""

    publication: Publication
    place: str
    steps: list[PublicStep]
    photos: list[Photo] = field(default_factory=list)
    reply_photos: list[Photo] = field(default_factory=list)
    is_late: bool = False


def public_one(key: str, *, at: datetime) -> PublicOne | None:
    """Return a released request by its public key, else None: 3 SQL."""
    found = Publication.objects.released().filter(key=key).select_related("category", "organisation").first()
    if found is None:
        return None
    photos = list(
        PublicPhoto.objects.filter(publication=found, is_shown=True).select_related("file").order_by("created_at", "id")
    )
    english = (get_language() or "").startswith("en")
    steps = [
        PublicStep(title, datetime.fromisoformat(step["at"]))
        for step in reversed(found.history)
        if (title := step_title(step["name"], step["office_en" if english else "office"]))
    ]
    return PublicOne(
        publication=found,
        place=place_of(found.area_code, names_of([found.area_code])),
        steps=steps,
        photos=[_photo(row) for row in photos if not row.of_reply],
        reply_photos=[_photo(row) for row in photos if row.of_reply],
        is_late=found.progress == Progress.OPEN and found.due_at < at,
    )


def moved_key(key: str) -> str:
    """Public key of the request that a merged one goes on as, "" for all others. 1 SQL."""
    rows = Publication.objects.filter(key=key, moved_to__state=PublicState.RELEASED)
    return rows.values_list("moved_to__key", flat=True).first() or ""


def _photo(row: PublicPhoto) -> Photo:
    """Addresses without a key: the file opens for everybody while it is shown, and for nobody afterwards."""
    return Photo(
        id=row.pk,
        thumb_url=file_url(row.file, Variant.THUMB),
        full_url=file_url(row.file, Variant.FULL),
        width=row.file.width,
        height=row.file.height,
    )


# ---------- map ----------


def clusters(query: PublicQuery, box: Box, zoom: int, *, at: datetime) -> list[Cluster]:
    """Pins inside the box, gathered on a grid of cells. 1 SQL."""
    return gathered(released(query, at=at), box, zoom)


# ---------- figures ----------


@dataclass(frozen=True, slots=True)
class FigureRow:
    """One line of the statistics. None where a number would mean nothing: too few, or nothing to take it from."""

    label: str
    code: str
    received: int | None
    answered: int | None = None
    done: int | None = None
    days: float | None = None


SMALL = 5


def figure_rows(cells: Mapping[str, Mapping[str, Any]], names: Mapping[str, str]) -> list[FigureRow]:
    """Lines of one table, the largest first; cells under five are not told, nor the one next to a lone small one.

    With a single hidden line its number would follow from the total.
    """
    ordered = sorted(cells, key=lambda code: (-cells[code]["received"], code))
    hidden = {code for code in ordered if cells[code]["received"] < SMALL}
    if len(hidden) == 1 and len(ordered) > 1:
        hidden.add(next(code for code in reversed(ordered) if code not in hidden))
    return [
        FigureRow(names.get(code, code), code, None)
        if code in hidden
        else FigureRow(names.get(code, code), code, **figure_of(cells[code]))
        for code in ordered
        if code in names
    ]


def figure_of(cell: Mapping[str, Any]) -> dict[str, Any]:
    """The numbers of one cell; a median of fewer than five answers says nothing and is left out."""
    enough = cell["answered"] >= SMALL and cell["days"] is not None
    return {
        "received": cell["received"],
        "answered": cell["answered"],
        "done": cell["done"],
        "days": round(cell["days"], 1) if enough else None,
    }


def public_figures() -> PublicFigures | None:
    """The last figures that were made, or None before the first: 1 SQL."""
    return PublicFigures.objects.filter(pk=PublicFigures.ROW).first()
