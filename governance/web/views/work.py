"""Where staff arrive, and the counts of the rail."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from governance.access.decorators import requires
from governance.access.permissions import Capability
from governance.web import navigation


@requires(Capability.WORK)
@require_safe
def work(request: HttpRequest) -> HttpResponse:
    """Go to the first entry of the rail where a day begins; somebody without any reads whom to ask."""
    viewer = request.viewer  # type: ignore[attr-defined]
    items = sorted(navigation.items_for(viewer), key=lambda item: not item.begins(viewer))
    first = next((url for item in items if (url := navigation.resolve(item.url_name))), "")
    return redirect(first) if first else render(request, "web/work_empty.html")


@requires(Capability.WORK)
@require_safe
def rail(request: HttpRequest) -> HttpResponse:
    """The rail with fresh counts and the bell beside it, as a piece of the page at `at`."""
    viewer = request.viewer  # type: ignore[attr-defined]
    counts = navigation.fresh_counts(viewer)
    links = navigation.links_for(viewer, request.GET.get("at", ""), counts)
    context = {"links": links, "unread": int(counts.get("inbox") or 0), "at": request.GET.get("at", ""), "swap": True}
    context["duty"] = counts.get("duty")
    return render(request, "components/rail.html", context)
