"""Filters of the staff lists: what was typed, the chips and the address are one and the same query."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache, reduce
from operator import or_
from typing import Any

import django_filters
from django.db.models import Q, TextChoices
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy, override
from django.utils.translation import gettext as _

from governance.access.models import User
from governance.access.rules import area_q
from governance.access.viewer import Viewer
from governance.organisations.models import Organisation
from requests_intake.models import Category, Channel, RequestKind, ServiceRequest
from requests_intake.moments import window
from requests_intake.numbers import parse_number
from requests_intake.permissions import Capability
from requests_intake.pieces import word_query
from requests_intake.query import KEYS, ME, NONE, OPEN, OVERDUE, Query, Term, parse, plain
from requests_intake.selectors.absences import stood_in_for
from requests_intake.selectors.metrics import RATED
from requests_intake.selectors.places import areas_named
from requests_intake.selectors.sight import unshielded
from requests_intake.selectors.words import holding_words
from requests_intake.services.filing import phone_indexes
from requests_intake.workflow import OPEN_ORDER_STATES, OPEN_REQUEST_STATES, OrderState, RequestState

MOST_FOUND = 60  # names that one value may stand for

KEY_LABELS: dict[str, str | Promise] = {
    "state": gettext_lazy("状态"),
    "kind": gettext_lazy("类型"),
    "category": gettext_lazy("事项"),
    "area": gettext_lazy("区域"),
    "community": gettext_lazy("社区"),
    "grid": gettext_lazy("网格"),
    "office": gettext_lazy("单位"),
    "handler": gettext_lazy("经办"),
    "channel": gettext_lazy("渠道"),
    "number": gettext_lazy("号码"),
    "due": gettext_lazy("期限"),
    "submitted": gettext_lazy("提交"),
}
# old and short addresses of the same conditions: a list that another page links to, a chosen option
_PARAMETERS = {"state": "state", "kind": "kind", "area": "area", "category": "category", "channel": "channel"}


def _moment(field: str, operator: str) -> Any:
    return django_filters.IsoDateTimeFilter(field_name=field, lookup_expr=operator)


class FigureFilter(django_filters.FilterSet):
    """The conditions that a figure of the overview puts into the address of its rows; nobody types them."""

    since, until = _moment("submitted_at", "gte"), _moment("submitted_at", "lt")
    rated = django_filters.ChoiceFilter(choices=[(value, value) for value in RATED], method="by_rating")
    rated_since, rated_until = _moment("rated_at", "gte"), _moment("rated_at", "lt")
    category_id = django_filters.NumberFilter(field_name="category_id")
    uncategorised = django_filters.BooleanFilter(field_name="category", lookup_expr="isnull")
    rated_office = django_filters.NumberFilter(field_name="rated_organisation_id")
    ended = django_filters.BaseInFilter(field_name="ended_as")
    closed_since, closed_until = _moment("closed_at", "gte"), _moment("closed_at", "lt")
    sent_since, sent_until = _moment("dispatched_at", "gte"), _moment("dispatched_at", "lt")
    contacted_since, contacted_until = _moment("contacted_at", "gte"), _moment("contacted_at", "lt")
    due_since, due_until = _moment("next_due_at", "gte"), _moment("next_due_at", "lt")
    returned_since, returned_until = _moment("returned_at", "gte"), _moment("returned_at", "lt")
    disputed_since, disputed_until = _moment("disputed_at", "gte"), _moment("disputed_at", "lt")
    ledgered_since, ledgered_until = _moment("ledgered_at", "gte"), _moment("ledgered_at", "lt")
    excluded_since, excluded_until = _moment("excluded_at", "gte"), _moment("excluded_at", "lt")
    waits = django_filters.BooleanFilter(method="by_waiting")
    gridless = django_filters.BooleanFilter(method="by_grid")
    weekday = django_filters.NumberFilter(field_name="submitted_at", lookup_expr="iso_week_day")
    hour = django_filters.NumberFilter(field_name="submitted_at", lookup_expr="hour")

    class Meta:
        model = ServiceRequest
        fields: list[str] = []

    def by_rating(self, queryset: Any, name: str, value: str) -> Any:
        """Requests whose last call-back is valid (and contacted, solved, satisfied), or that nobody answered."""
        return queryset.filter(RATED[value])

    def by_grid(self, queryset: Any, name: str, value: bool) -> Any:
        """Requests whose place is not known down to the grid."""
        return queryset.exclude(area_code__regex=r"^.{15}") if value else queryset

    def by_waiting(self, queryset: Any, name: str, value: bool) -> Any:
        """Requests whose answer somebody waits for: open, and not at the rating."""
        return queryset.open().exclude(state=RequestState.CALLBACK) if value else queryset


@dataclass(frozen=True, slots=True)
class Chip:
    """One condition as the page shows it; `rest` is the query without it."""

    label: str
    rest: str


@dataclass(frozen=True, slots=True)
class Columns:
    """Where the conditions lie in the model of a list: of requests, or of orders with their request."""

    request: str
    states: type[TextChoices]
    open_states: tuple[str, ...]
    overdue: Callable[[datetime], Q]

    def of(self, name: str) -> str:
        """Name of a request's column."""
        return f"{self.request}__{name}" if self.request else name


REQUEST_COLUMNS = Columns(
    "",
    RequestState,
    OPEN_REQUEST_STATES,
    # who was answered does not wait any more: the clock that runs is theirs
    lambda at: Q(next_due_at__lt=at) & ~Q(state=RequestState.CALLBACK),
)
ORDER_COLUMNS = Columns(
    "request", OrderState, OPEN_ORDER_STATES, lambda at: Q(next_due_at__lt=at, state__in=OPEN_ORDER_STATES)
)


@dataclass
class Filtered:
    """A list narrowed by a query: rows, chips, and what could not be understood."""

    queryset: Any
    query: Query
    chips: list[Chip] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def query_of(parameters: QueryDict) -> Query:
    """Return the query of an address: what was typed, and what was chosen beside it."""
    query = parse(parameters.get("q", ""))
    more = [
        Term(key, values)
        for name, key in _PARAMETERS.items()
        if (values := tuple(value for value in map(_short, parameters.getlist(name)) if value))
    ]
    if parameters.get("overdue") in ("on", "true", "True", "1"):
        more.append(Term("state", (OVERDUE[0],)))
    if office := _short(parameters.get("organisation", "")):
        more.append(Term("office", (f"#{office}",)))
    return parse(query.with_terms(*more).text())


def _short(value: str) -> str:
    return plain(value).strip()[:40]


def areas_to_search(viewer: Viewer) -> tuple[str, ...]:
    """Return the prefixes in which all requests that the viewer may see lie, () where there is no such limit."""
    # by organisation the viewer may see rows anywhere: their areas say nothing then
    return () if viewer.organisations(Capability.VIEW_ORDER) else viewer.areas(Capability.VIEW_REQUEST)


def narrow(
    queryset: Any, query: Query, *, viewer: Viewer, columns: Columns, areas: tuple[str, ...], at: datetime
) -> Filtered:
    """Narrow a list to what the query says. `areas`: the prefixes in which all its rows lie, () if unknown.

    What nobody understands narrows nothing and is told in `problems`.
    """
    reading = _Reading(viewer, columns, at)
    found = Filtered(queryset, query)
    for term in query.terms:
        if term.is_word:
            label = _("、").join(f"“{value}”" for value in term.values)
            found.chips.append(_chip(query, term, label))
            if not any(map(word_query, term.values)) and parse_number(query.text()) is None:
                found.problems.append(_("%(words)s里没有可以找的字") % {"words": label})
            continue
        condition, label, problems = reading.read(term)
        found.problems += problems
        named = _("%(key)s：%(value)s") % {"key": KEY_LABELS.get(term.key, term.key), "value": label}
        found.chips.append(_chip(query, term, named))
        if condition is not None:
            found.queryset = found.queryset.filter(~condition if term.negated else condition)
    held = reading.codes if reading.codes else areas
    words = _of_phone(query, viewer, columns) or holding_words(
        query, areas=held, request_field="request_id" if columns.request else "pk"
    )
    if words is not None:
        # who is complained about must not find out by searching what they may not read
        found.queryset = found.queryset.filter(words).filter(unshielded(viewer, columns.request))
    if query.is_cut:
        found.problems.append(_("太长了，只看了前 300 个字"))
    return found


def _of_phone(query: Query, viewer: Viewer, columns: Columns) -> Q | None:
    """A telephone number alone finds what came from it, for those who may know that: by the blind index, no SQL."""
    if not query.phone or not viewer.can(Capability.VIEW_SAME_CALLER):
        return None
    return Q(**{columns.of("contact__phone_index__in"): phone_indexes(query.phone)})


def _chip(query: Query, term: Term, label: str) -> Chip:
    english = get_language() == "en"
    shown = _("不含 %(what)s") % {"what": label} if term.negated else label
    return Chip(shown, query.without(term).text(english=english))


Read = tuple[Q | None, str, list[str]]


class _Reading:
    """Turns terms into conditions. `codes` are the areas that a positive place term has named."""

    def __init__(self, viewer: Viewer, columns: Columns, at: datetime) -> None:
        self.viewer, self.columns, self.at = viewer, columns, at
        self.codes: tuple[str, ...] = ()

    def read(self, term: Term) -> Read:
        """Return (condition, label, problems) of a term."""
        if not term.is_known:
            names = _("、").join(str(KEY_LABELS[key]) for key in KEYS)
            text = _("没有“%(key)s”这个条件，能用的有：%(names)s。要找这几个字，请加引号。")
            return None, _("、").join(term.values), [text % {"key": term.key, "names": names}]
        codes: list[str] = []
        reads = [self._one(term, value, codes) for value in term.values]
        if not term.negated and not self.codes:
            self.codes = tuple(codes)
        conditions = [condition for condition, _label, _problems in reads if condition is not None]
        label = _("、").join(label for _condition, label, _problems in reads)
        problems = [problem for _condition, _label, some in reads for problem in some]
        return (reduce(or_, conditions) if conditions else None), label, problems

    def _one(self, term: Term, value: str, codes: list[str]) -> Read:
        if term.key in ("area", "community", "grid"):
            return self._place(term.key, value, codes)
        read: Callable[[str], Read] = getattr(self, f"_{term.key}")
        return read(value)

    def _choice(self, key: str, choices: type[TextChoices], column: str, value: str) -> Read:
        found = _matching(choices, plain(value))
        if not found:
            options = _("、").join(str(label) for label in choices.labels)
            return None, value, [_unknown(key, value, options)]
        return Q(**{f"{column}__in": found}), _("、").join(str(choices(one).label) for one in found), []

    def _state(self, value: str) -> Read:
        if plain(value) in OVERDUE:
            return self.columns.overdue(self.at), _("超期"), []
        if plain(value) in OPEN:
            return Q(state__in=self.columns.open_states), _("未办结"), []
        return self._choice("state", self.columns.states, "state", value)

    def _kind(self, value: str) -> Read:
        return self._choice("kind", RequestKind, self.columns.of("kind"), value)

    def _channel(self, value: str) -> Read:
        return self._choice("channel", Channel, self.columns.of("channel"), value)

    def _category(self, value: str) -> Read:
        if plain(value) in NONE:
            return Q(**{self.columns.of("category") + "__isnull": True}), _("未分类"), []
        if value.isascii() and value.isdigit():
            named = Q(code__startswith=value)
        else:
            named = Q(name__icontains=value) | Q(name_en__icontains=value)
        rows = list(Category.objects.filter(named).order_by("code")[: MOST_FOUND + 1])
        if not 0 < len(rows) <= MOST_FOUND:
            return None, value, [_amount("category", value, len(rows))]
        label = rows[0].label if len(rows) == 1 or rows[0].code == value else value
        return Q(**{self.columns.of("category") + "__in": [row.pk for row in rows]}), label, []

    def _place(self, key: str, value: str, codes: list[str]) -> Read:
        found = areas_named(self.viewer, value, level=key)
        if not 0 < len(found) <= MOST_FOUND:
            return None, value, [_amount(key, value, len(found))]
        codes += [code for code, _name in found]
        return area_q([code for code, _name in found]), found[0][1] if len(found) == 1 else value, []

    def _office(self, value: str) -> Read:
        column = "organisation_id"
        if plain(value) in NONE:
            return Q(**{f"{column}__isnull": True}), _("未派"), []
        if value.startswith("#") and value[1:].isascii() and value[1:].isdigit() and len(value) < 19:
            named = Q(pk=int(value[1:]))
        else:
            named = reduce(
                or_, (Q(**{f"{name}__icontains": value}) for name in ("name", "short_name", "name_en", "short_name_en"))
            )
        rows = list(Organisation.objects.filter(named).order_by("pk")[: MOST_FOUND + 1])
        if not 0 < len(rows) <= MOST_FOUND:
            return None, value, [_amount("office", value, len(rows))]
        return Q(**{f"{column}__in": [row.pk for row in rows]}), rows[0].short_label if len(rows) == 1 else value, []

    def _handler(self, value: str) -> Read:
        if plain(value) in NONE:
            return Q(handler_id__isnull=True), _("还没有人"), []
        if plain(value) in ME:
            people = [self.viewer.user_id, *stood_in_for(self.viewer.user_id, self.at)]
            return Q(handler_id__in=people), _("我") if len(people) == 1 else _("我，和我代班的"), []
        named = User.objects.filter(Q(display_name__icontains=value) | Q(staff_no__iexact=value))
        found = list(named.order_by("pk").values_list("pk", flat=True)[: MOST_FOUND + 1])
        if not 0 < len(found) <= MOST_FOUND:
            return None, value, [_amount("handler", value, len(found))]
        return Q(handler_id__in=found), value, []

    def _number(self, value: str) -> Read:
        number = parse_number(value)
        if number is not None:
            return Q(**{self.columns.of("number"): number}), value, []
        if len(value) == 4 and value.isascii() and value.isdigit():
            return Q(**{self.columns.of("number_tail"): value}), value, []
        return None, value, [_("“%(value)s”不是编号：请写 15 位编号，或者最后 4 位") % {"value": value}]

    def _due(self, value: str) -> Read:
        if plain(value) in OVERDUE:
            return self.columns.overdue(self.at), _("超期"), []
        return self._days("due", "next_due_at", value)

    def _submitted(self, value: str) -> Read:
        return self._days("submitted", self.columns.of("submitted_at"), value)

    def _days(self, key: str, column: str, value: str) -> Read:
        bounds = window(value, self.at)
        if bounds is None:
            return (
                None,
                value,
                [_unknown(key, value, _("今天、明天、本周、本月、2026-01、2026-01-05、2026-01..2026-03"))],
            )
        condition = Q(**{f"{column}__isnull": False})
        for operator, moment in (("gte", bounds[0]), ("lt", bounds[1])):
            if moment is not None:
                condition &= Q(**{f"{column}__{operator}": moment})
        return condition, value, []


def _unknown(key: str, value: str, options: str) -> str:
    text = _("“%(key)s”里没有“%(value)s”。可以写：%(options)s")
    return text % {"key": KEY_LABELS[key], "value": value, "options": options}


def _amount(key: str, value: str, count: int) -> str:
    if count == 0:
        return _("没有叫“%(value)s”的%(key)s") % {"key": KEY_LABELS[key], "value": value}
    return _("叫“%(value)s”的%(key)s太多了，请写得具体一些") % {"key": KEY_LABELS[key], "value": value}


def _matching(choices: type[TextChoices], value: str) -> list[str]:
    """Codes of the choices so called: exactly, else those whose name begins so."""
    names = _names(choices)
    exact = [code for code, called in names if value in called]
    return exact or [code for code, called in names if any(name.startswith(value) for name in called)]


@lru_cache(maxsize=8)
def _names(choices: type[TextChoices]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Code and names in both languages of each choice."""
    languages: Iterable[str] = ("zh-hans", "en")
    names: dict[str, tuple[str, ...]] = {code: (plain(code),) for code in choices.values}
    for language in languages:
        with override(language):
            for code, label in choices.choices:
                names[code] += (plain(str(label)),)
    return tuple(names.items())
