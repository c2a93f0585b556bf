"""What neighbours may read without signing in: the list beside its map, one released request, the figures."""

from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from governance.access import areas
from governance.access.decorators import public
from governance.web.keyset import KeysetPage
from governance.web.pages import render_page
from governance.web.throttle import throttle
from requests_intake.models import Category
from requests_intake.public_forms import FollowForm, PublicFilterForm
from requests_intake.selectors.public import (
    STATES,
    counts,
    figure_of,
    figure_rows,
    listed,
    moved_key,
    names_of,
    place_of,
    public_figures,
    public_one,
)

WHY = "Residents read what staff have released; it holds no personal data."
PAGE_SIZE = 20


@public(WHY)
@require_safe
@throttle("public-list", limit=240, seconds=300, methods=("GET", "HEAD"))
def listing(request: HttpRequest) -> HttpResponse:
    """Show released requests, the newest first, filtered by the address. 5 SQL, 4 while counts are remembered."""
    at = timezone.now()
    form = PublicFilterForm(request.GET)
    query = form.query()
    page = KeysetPage(
        listed(query, at=at), order=("-released_at", "-id"), size=PAGE_SIZE, cursor=request.GET.get("cursor")
    )
    names = names_of(row.area_code for row in page.rows)
    context: dict[str, Any] = {
        "form": form,
        "query": query,
        "page": page,
        "rows": [(row, place_of(row.area_code, names)) for row in page.rows],
        "counts": counts(query, at=at),
        "states": STATES,
        "area_name": dict(form.fields["area"].choices).get(query.area, "") if query.area else "",  # type: ignore[attr-defined]
        "map_query": urlencode(query.parameters),
        "now": at,
    }
    response = render_page(request, "requests_intake/public/list.html", "requests_intake/public/_list.html", context)
    if request.GET:  # one address for robots: the plain list and the pages behind it
        response["X-Robots-Tag"] = "noindex, follow"
    return response


@public(WHY)
@require_safe
@throttle("public-one", limit=300, seconds=300, methods=("GET", "HEAD"))
def one(request: HttpRequest, key: str) -> HttpResponse:
    """Show one released request: what it is, how far it is, the answer, photos; no names. 3 SQL."""
    return one_page(request, key, FollowForm())


def one_page(request: HttpRequest, key: str, form: FollowForm, status: int = 200) -> HttpResponse:
    """The page with a form to follow it."""
    found = public_one(key, at=timezone.now())
    if found is None:
        if target := moved_key(key):
            return redirect("intake:public-one", key=target)
        raise Http404
    context = {"one": found, "publication": found.publication, "form": form}
    return render(request, "requests_intake/public/one.html", context, status=status)


@public(WHY)
@require_safe
def figures(request: HttpRequest) -> HttpResponse:
    """Show the figures as they were last made: 3 SQL, whatever the number of requests."""
    found = public_figures()
    context: dict[str, Any] = {"figures": found}
    if found is not None:
        data = found.data
        names = areas.names(data["areas"])
        labels = {row.code: row.label for row in Category.objects.filter(code__in=list(data["categories"]))}
        context |= {
            "all": figure_of(data["all"]),
            "areas": figure_rows(data["areas"], names),
            "categories": figure_rows(data["categories"], labels),
            "list_url": reverse("intake:public"),
        }
    return render(request, "requests_intake/public/figures.html", context)
