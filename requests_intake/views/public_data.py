"""Released requests for machines: clusters for the map, RSS for feed readers. Capped, cached, throttled."""

from datetime import UTC
from email.utils import format_datetime
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from governance.access.decorators import public
from governance.web.throttle import throttle
from grid.boxes import answered, box_of, zoom_of
from requests_intake.public_forms import PublicFilterForm
from requests_intake.selectors.public import clusters, listed, names_of, place_of
from requests_intake.views.public import WHY

FEED_ROWS = 200


@public(WHY)
@require_safe
@gzip_page
@throttle("public-map", limit=300, seconds=300, methods=("GET", "HEAD"))
def map_clusters(request: HttpRequest) -> HttpResponse:
    """Clusters in a box: `?box=west,south,east,north&zoom=` and the filters of the list. 3 SQL."""
    box = box_of(request.GET.get("box", ""))
    if box is None:
        message = _("没有看懂地图的范围：box 应是 西,南,东,北 四个经纬度")
        return JsonResponse({"error": message}, status=400)
    zoom = zoom_of(request.GET.get("zoom", ""))
    found = clusters(PublicFilterForm(request.GET).query(), box, zoom, at=timezone.now())
    body = answered(found, box, zoom)
    response = JsonResponse(body, json_dumps_params={"separators": (",", ":")})
    response["Cache-Control"] = "public, max-age=60"
    return response


@public(WHY)
@require_safe
@gzip_page
@throttle("public-feed", limit=120, seconds=3600, methods=("GET", "HEAD"))
def feed(request: HttpRequest) -> HttpResponse:
    """RSS 2.0 of any list: the filters of its address, the newest 200. 4 SQL."""
    at = timezone.now()
    query = PublicFilterForm(request.GET).query()
    rows = list(listed(query, at=at).order_by("-released_at", "-id")[:FEED_ROWS])
    names = names_of(row.area_code for row in rows)
    parameters = urlencode(query.parameters)
    base = settings.PUBLIC_URL
    context: dict[str, Any] = {
        "rows": [
            {
                "row": row,
                "url": base + reverse("intake:public-one", args=[row.key]),
                "place": place_of(row.area_code, names),
                "date": format_datetime(row.released_at.astimezone(UTC)),
            }
            for row in rows
        ],
        "url": base + reverse("intake:public") + (f"?{parameters}" if parameters else ""),
        "self": base + reverse("intake:public-feed") + (f"?{parameters}" if parameters else ""),
        "built": format_datetime((rows[0].released_at if rows else at).astimezone(UTC)),
    }
    response = HttpResponse(
        render_to_string("requests_intake/public/feed.xml", context, request), content_type="text/xml; charset=utf-8"
    )
    response["Cache-Control"] = "public, max-age=300"
    response["X-Robots-Tag"] = "noindex"
    return response
