"""Pages that only say something."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from governance.access.decorators import public
from governance.privacy.register import processings_of_residents

ROBOTS = (
    "User-agent: *\nDisallow: /staff/\nDisallow: /t/\nDisallow: /o/\nDisallow: /track/\nDisallow: /files/\n"
    "Disallow: /report/\nDisallow: /follow/\nDisallow: /neighbours/map.json\n"
)


@public("everybody may read what works without sight, mouse or script")
@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    """What was done, what is not good yet, whom to tell."""
    return render(request, "web/accessibility.html")


@public("everybody may read what happens to their data before giving any")
@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    """What is kept, who sees it, how to have it corrected."""
    return render(request, "web/privacy.html", {"processings": processings_of_residents()})


@public("read by robots")
@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """Keep robots out of forms, tracking pages and the staff side."""
    return HttpResponse(ROBOTS, content_type="text/plain; charset=utf-8")
