"""Released requests for machines: clusters for the map, RSS for feed readers. Capped, cached, throttled."""

from datetime import UTC
from email.utils import format_datetime
from math import isfinite
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
from requests_intake.public_forms import PublicFilterForm
from requests_intake.selectors.public import Box, cell_size, clusters, listed, names_of, place_of
from requests_intake.views.public import WHY

FEED_ROWS = 200
ZOOM_MAX = 19


@public(WHY)
@require_safe
@gzip_page
@throttle("public-map", limit=300, seconds=300, methods=("GET", "HEAD"))
def map_clusters(request: HttpRequest) -> HttpResponse:
    """Clusters in a box: `?box=west,south,east,north&zoom=` and the filters of the list. 3 SQL."""
    box = _box(request.GET.get("box", ""))
    if box is None:
        message = _("没有看懂地图的范围：box 应是 西,南,东,北 四个经纬度")
        return JsonResponse({"error": message}, status=400)
    zoom = _zoom(request.GET.get("zoom", ""))
    found = clusters(PublicFilterForm(request.GET).query(), box, zoom, at=timezone.now())
    body = {
        "cell": cell_size(box, zoom),
        "clusters": [[round(one.lng, 6), round(one.lat, 6), one.count, one.area] for one in found],
    }
    response = JsonResponse(body, json_dumps_params={"separators": (",", ":")})
    response["Cache-Control"] = "public, max-age=60"
    return response


def _box(text: str) -> Box | None:
    parts = text.split(",")
    if len(text) > 200 or len(parts) != 4:
        return None
    try:
        west, south, east, north = (float(part) for part in parts)
    except ValueError:
        return None
    if not all(isfinite(value) for value in (west, south, east, north)) or west >= east or south >= north:
        return None
    return Box(max(west, -180.0), max(south, -90.0), min(east, 180.0), min(north, 90.0))


def _zoom(text: str) -> int:
    try:
        return min(max(int(float(text[:10])), 0), ZOOM_MAX)
    except (ValueError, OverflowError):
        return ZOOM_MAX


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
