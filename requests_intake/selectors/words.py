"""Finding requests by words, at a cost that does not grow with how common the words are."""

from django.contrib.postgres.search import SearchVectorField
from django.db import connection
from django.db.models import BooleanField, Func, OuterRef, Q, Subquery, Value

from requests_intake.models import ServiceRequest
from requests_intake.models.words import RequestWords
from requests_intake.numbers import parse_number
from requests_intake.pieces import words_query
from requests_intake.query import Query

# Up to so many hits the list is made of them; beyond, the list is read in its own order and each row is asked.
FEW = 3_000
_FIND = "SELECT request_id FROM requests_intake_requestwords WHERE words @@ %s::tsquery LIMIT %s"
_MOST_AREAS = 12
_TAIL = 4


class _Holds(Func):
    """SQL `words @@ query`, in a form of which the planner expects nothing in particular.

    It takes `@@` with a value it cannot know for very rare, and would then read the whole table instead of the first
    rows in the list's order.
    """

    template = "COALESCE(%(expressions)s, false)"
    arg_joiner = " @@ "
    output_field = BooleanField()
    conditional = True


class _TsQuery(Func):
    """SQL `'...'::tsquery`."""

    template = "%(expressions)s::tsquery"
    output_field = SearchVectorField()  # PostgreSQL knows better; Django needs only some type


def holding_words(query: Query, *, areas: tuple[str, ...], request_field: str = "pk") -> Q | None:
    """Return the condition "holds all these words", None where the query has none. At most two SQL, each capped.

    `areas` are the code prefixes that the viewer's rows lie in anyway ("" is none): a common word in a narrow place
    costs no more than the place. `request_field` names the request's key in the model that is filtered.
    """
    number = parse_number(query.text())
    if number is not None:
        return Q(**{f"{request_field}__in": ServiceRequest.objects.filter(number=number).values("pk")})
    wanted = words_query(query.words, areas if 0 < len(areas) <= _MOST_AREAS else ())
    if not wanted:
        return None
    tail = _only_tail(query)
    ids = _tails(tail) if tail else set()
    if all(term.negated for term in query.words):
        return _each_row(request_field, wanted)
    found = _find(wanted)
    if len(found) <= FEW:
        return Q(**{f"{request_field}__in": sorted(ids.union(found))})
    return Q(**{f"{request_field}__in": sorted(ids)}) if tail else _each_row(request_field, wanted)


def _find(wanted: str) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(_FIND, [wanted, FEW + 1])
        return [pk for (pk,) in cursor.fetchall()]


def _each_row(request_field: str, wanted: str) -> Q:
    """Ask each row of the list. A scalar subquery: as a join the planner would gather all hits first."""
    own = RequestWords.objects.filter(request_id=OuterRef(request_field)).values("words")
    return Q(_Holds(Subquery(own), _TsQuery(Value(wanted))))


def _only_tail(query: Query) -> str:
    """The last four digits of a number, where they are all that was typed."""
    if len(query.words) != 1 or query.words[0].negated or len(query.words[0].values) != 1:
        return ""
    word = query.words[0].values[0]
    return word if len(word) == _TAIL and word.isascii() and word.isdigit() else ""


def _tails(tail: str) -> set[int]:
    rows = ServiceRequest.objects.filter(number_tail=tail).values_list("pk", flat=True)
    return set(rows.order_by("-pk")[:FEW])
