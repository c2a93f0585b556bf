"""What maps ask for: outlines of areas, and the place of one point. Public: boundaries and names are public notice."""

import re
from hashlib import sha256
from math import isfinite
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import condition, require_safe

from governance.access.decorators import public
from grid.models import Level
from grid.outlines import outlines_json
from grid.selectors import geometry_stamp, place_at

WITHIN = re.compile(r"[0-9A-Z]{0,17}")


def _outlines_etag(request: HttpRequest, *args: Any) -> str | None:
    request.geometry_stamp = geometry_stamp()  # type: ignore[attr-defined]  # read once, used by the view below
    facts = (
        request.geometry_stamp,  # type: ignore[attr-defined]
        timezone.localdate(),
        get_language(),
        request.GET.get("level"),
        request.GET.get("within"),
    )
    return f'"{sha256(repr(facts).encode()).hexdigest()[:32]}"'


@public("Names and boundaries of areas are public notice; maps on public pages draw them.")
@require_safe
@gzip_page
@condition(etag_func=_outlines_etag)
def outlines(request: HttpRequest) -> HttpResponseBase:
    """Outlines as GeoJSON: `?level=grid&within=<code>`. 304 while the territory has not changed."""
    level, within = request.GET.get("level", Level.GRID), request.GET.get("within", "")
    if level not in Level.values or not WITHIN.fullmatch(within):
        return _bad_request(_("地图请求不对：level 应是区、街道、社区或网格的代号，within 应是区域编码"))
    body = outlines_json(level=level, within=within, stamp=request.geometry_stamp)  # type: ignore[attr-defined]
    response = HttpResponse(body, content_type="application/geo+json")
    response["Cache-Control"] = "no-cache"  # keep it, but ask before using it
    return response


@public("A resident without account asks which grid the pin is in; the answer names offices, no person.")
@require_safe
def where(request: HttpRequest) -> JsonResponse:
    """Place of a point: `?lng=&lat=` in degrees WGS-84 -> names, organisation, and one sentence to read out."""
    lng, lat = degrees_of(request.GET.get("lng"), 180), degrees_of(request.GET.get("lat"), 90)
    if lng is None or lat is None:
        return _bad_request(_("没有看懂这个位置，请在地图上再点一次，或者直接写地址"))
    place = place_at(lng, lat)
    if place is None:
        message = _("这个位置不在本区的网格里。您可以照样提交，我们会转给值班人员看。")
        return JsonResponse({"outside": True, "message": message})
    office = place.organisation.label if place.organisation else ""
    return JsonResponse(
        {
            "outside": False,
            "grid_code": place.grid_code,
            "areas": {area.level: {"code": area.code, "name": area.label} for area in place.areas},
            "organisation": office,
            "message": place.path,
            "detail": _("这一片由%(office)s负责") % {"office": office} if office else "",
        }
    )


def degrees_of(text: str | None, limit: int) -> float | None:
    """A number of degrees up to the limit, or None for anything else."""
    try:
        value = float(text or "")
    except ValueError:
        return None
    return value if isfinite(value) and abs(value) <= limit else None


def _bad_request(message: str) -> JsonResponse:
    return JsonResponse({"error": message}, status=400)
