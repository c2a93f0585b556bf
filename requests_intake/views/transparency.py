"""Open figures: what the office shows everybody, on the page, as CSV and as JSON, from the same numbers."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from governance.access import areas
from governance.access.decorators import public
from governance.files.tables import table_csv
from requests_intake.models import Bulletin, BulletinRow, Category
from requests_intake.selectors.appraisal import judged
from requests_intake.selectors.transparency import SMALL, Open, open_figures, published_bulletins, withheld
from requests_intake.views.appraisal import csv_of, first_of

NAMES = ("table", "key", "label", "new", "ended", "solved_percent", "satisfied_percent")


@public("aggregates of whole months only, small cells suppressed")
@require_safe
def figures(request: HttpRequest) -> HttpResponse:
    """The open figures, the published bulletins, and who answers for what."""
    matters = (
        Category.objects.filter(is_active=True, code__regex=r"^\d{6}$").select_related("duty_item").order_by("code")
    )
    context = {"open": _open(), "bulletins": published_bulletins(), "matters": matters}
    return render(request, "requests_intake/public/open_figures.html", context)


def _open() -> Open:
    districts = areas.children("")
    if not districts:
        raise Http404
    return open_figures(districts[0][0], timezone.now())


@public("aggregates of whole months only, small cells suppressed")
@require_safe
def as_csv(request: HttpRequest) -> HttpResponse:
    """The same as CSV; an empty cell was suppressed or has no data."""
    rows = [["" if value is None else str(value) for value in row] for row in rows_of(_open())]
    response = HttpResponse(table_csv(list(NAMES), rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="open-figures.csv"'
    return response


@public("aggregates of whole months only, small cells suppressed")
@require_safe
def as_json(request: HttpRequest) -> HttpResponse:
    """The same as JSON; null was suppressed or has no data."""
    rows = [dict(zip(NAMES, row, strict=True)) for row in rows_of(_open())]
    return JsonResponse({"rows": rows}, json_dumps_params={"ensure_ascii": False})


def rows_of(found: Open) -> list[tuple[Any, ...]]:
    """All cells of the page as flat rows."""
    rows: list[tuple[Any, ...]] = []
    for table, lines in (("month", found.months), ("area", found.areas)):
        rows += [
            (table, line.key, line.label, line.cell.new, line.cell.ended, line.cell.solved, line.cell.satisfied)
            for line in lines
        ]
    return rows + [("kind", kind, label, number, None, None, None) for kind, label, number in found.kinds]


@public("a bulletin that the district has published")
@require_safe
def bulletin(request: HttpRequest, month: str) -> HttpResponse:
    """A published bulletin: organisations within their kind, with bases and what was left out."""
    found = _published(month)
    rows = list(BulletinRow.objects.filter(bulletin=found))
    context = {"bulletin": found, "scheme": found.scheme, "classes": judged(rows, found.scheme), "least": SMALL}
    context["withheld"] = withheld(found)
    return render(request, "requests_intake/public/bulletin.html", context)


@public("a bulletin that the district has published")
@require_safe
def bulletin_csv(request: HttpRequest, month: str) -> HttpResponse:
    """The same as CSV."""
    found = _published(month)
    return csv_of(found, least=SMALL, without=withheld(found))


def _published(month: str) -> Bulletin:
    published = Bulletin.objects.filter(month=first_of(month), published_at__isnull=False).select_related("scheme")
    newest = published.order_by("-version").values_list("pk", flat=True)[:1]
    return get_object_or_404(published, pk__in=list(newest))
