"""The front page of the registry: one box that finds people, places and legal entities.

What is looked for is posted: a name, a number or a telephone never stands in an address, a log or a browser's history.
"""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from governance.access.checks import can
from governance.access.decorators import requires, viewer_of
from governance.access.viewer import Viewer
from governance.web.keyset import KeysetPage
from governance.web.pages import render_page
from grid.selectors import area_paths
from population.permissions import Capability
from population.selectors.compounds import compound_lines, compounds_for
from population.selectors.search import (
    WORDS_MAX,
    Places,
    entities_found,
    people_found,
    person_lines,
    places_found,
    wanted_of,
)

PEOPLE_SIZE, COMPOUNDS_SIZE = 50, 50


class SearchForm(forms.Form):
    """One box."""

    wanted = forms.CharField(
        label=gettext_lazy("找人、找房、找单位"),
        max_length=WORDS_MAX,
        help_text=gettext_lazy(
            "写全名、证件号码、电话，或者地址（3栋2单元501）、单位名称、信用代码。只找您负责的范围；找什么不会留在网址里。"
        ),
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": gettext_lazy("请写要找的人、地址或单位")},
    )


@requires(Capability.VIEW_REGISTRY, Capability.VIEW_ENTITY)
@sensitive_post_parameters("wanted")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def registry(request: HttpRequest) -> HttpResponse:
    """The box with what it found, and the compounds of one's area. `cursor` turns the pages of people, or compounds."""
    viewer = viewer_of(request)
    form = SearchForm(request.POST or None)
    context: dict[str, Any] = {
        "form": form,
        "may_change": can(viewer, Capability.CHANGE_REGISTRY),
        "may_people": can(viewer, Capability.VIEW_REGISTRY),
        "may_import": can(viewer, Capability.IMPORT_REGISTRY),
        "may_fields": can(viewer, Capability.VIEW_QUALITY),
        "may_entities": can(viewer, Capability.VIEW_ENTITY),
    }
    status = 200
    if request.method == "POST":
        if form.is_valid():
            context |= _found(viewer, form.cleaned_data["wanted"], request.POST.get("cursor", ""))
        else:
            status = 422
    else:
        context |= _compounds(viewer, request.GET.get("cursor", ""))
    return render_page(request, "population/registry.html", "population/_registry.html", context, status=status)


def _found(viewer: Viewer, words: str, cursor: str) -> dict[str, Any]:
    wanted = wanted_of(words)
    people = KeysetPage(people_found(viewer, wanted), order=("id",), size=PEOPLE_SIZE, cursor=cursor)
    is_first = not people.has_previous
    places = places_found(viewer, wanted) if is_first and viewer.can(Capability.VIEW_REGISTRY) else Places()
    return {
        "wanted": wanted,
        "people": people,
        "person_rows": person_lines(people.rows, viewer, timezone.now()),
        "places": places,
        "entities": entities_found(viewer, wanted) if is_first and viewer.can(Capability.VIEW_ENTITY) else [],
        "is_first": is_first,
    }


def _compounds(viewer: Viewer, cursor: str) -> dict[str, Any]:
    page = KeysetPage(compounds_for(viewer), order=("area_code", "name", "id"), size=COMPOUNDS_SIZE, cursor=cursor)
    paths = area_paths({row.area_code for row in page.rows})
    return {"page": page, "rows": compound_lines(page.rows, paths, viewer)}
