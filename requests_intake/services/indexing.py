"""The words of requests, cut and kept for the search box."""

from collections.abc import Iterable, Sequence

from django.db.models import Func, Value

from requests_intake.models import ServiceRequest
from requests_intake.models.words import RequestWords
from requests_intake.pieces import area_pieces, pieces

STEP = 500


def words_index(*, request_ids: Iterable[int]) -> int:
    """Cut the words of these requests (anew) and return how many there were. Two SQL for each 500 of them."""
    wanted, count = sorted(set(request_ids)), 0
    for start in range(0, len(wanted), STEP):
        rows = ServiceRequest.objects.filter(pk__in=wanted[start : start + STEP]).order_by("pk")
        count += _write(list(rows.values_list("pk", "title", "body", "address", "area_code")))
    return count


def words_index_after(*, pk: int, missing_only: bool, limit: int = STEP) -> list[int]:
    """Cut the words of the next requests after `pk` in the order of their keys; return their keys."""
    rows = ServiceRequest.objects.filter(pk__gt=pk)
    if missing_only:
        rows = rows.exclude(pk__in=RequestWords.objects.values("request_id"))
    found = list(rows.order_by("pk").values_list("pk", "title", "body", "address", "area_code")[:limit])
    _write(found)
    return [row[0] for row in found]


def _write(rows: Sequence[tuple[int, str, str, str, str]]) -> int:
    RequestWords.objects.bulk_create(
        [
            RequestWords(request_id=pk, words=_vector(pieces(title, body, address) | area_pieces(code)))
            for pk, title, body, address, code in rows
        ],
        update_conflicts=True,
        unique_fields=["request"],
        update_fields=["words"],
    )
    return len(rows)


def _vector(found: set[str]) -> Func:
    return Func(
        Func(Value(" ".join(sorted(found))), Value(" "), function="string_to_array"), function="array_to_tsvector"
    )
