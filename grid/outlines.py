"""Outlines for maps: simplified together, so that neighbours meet along one line, and kept in the cache."""

import json
from typing import Any
from uuid import UUID

import numpy as np
import shapely
from django.core.cache import cache
from django.utils import timezone
from django.utils.translation import get_language
from shapely.geometry import shape

from grid.features import geometry_of
from grid.models import Area

DECIMALS = 5  # about a metre
SIMPLIFY_DEGREES = 1e-5
KEEP_SECONDS = 24 * 3600


def outlines_json(*, level: str, within: str, stamp: UUID | None) -> bytes:
    """GeoJSON FeatureCollection of today's areas of a level that lie in `within`, names in the language of the page.

    Properties: `code`, `name`, `label` ([lng, lat], where the name is written). Areas without a polygon are left out.
    1 SQL, or none when the cache holds this version.
    """
    key = f"grid.outlines:{stamp}:{timezone.localdate()}:{level}:{within}:{get_language()}"
    body = cache.get(key)
    if body is None:
        collection = _collection(level, within)
        body = json.dumps(collection, ensure_ascii=False, separators=(",", ":")).encode()
        if collection["features"]:  # not for made-up codes, or anybody could fill the cache
            cache.set(key, body, KEEP_SECONDS)
    return body


def _collection(level: str, within: str) -> dict[str, Any]:
    areas = list(
        Area.objects.valid_on(timezone.localdate()).filter(level=level, code__startswith=within, geometry__isnull=False)
    )
    polygons = _simplified([shape(area.geometry) for area in areas])
    features = [
        {
            "type": "Feature",
            "properties": {
                "code": area.code,
                "name": area.label,
                "label": [round(area.label_lng, DECIMALS), round(area.label_lat, DECIMALS)],
            },
            "geometry": geometry_of(polygon, DECIMALS),
        }
        for area, polygon in zip(areas, polygons, strict=True)
    ]
    return {"type": "FeatureCollection", "features": features}


def _simplified(polygons: list[Any]) -> list[Any]:
    if not polygons:
        return []
    array = np.array(polygons, dtype=object)
    return list(shapely.coverage_simplify(array, SIMPLIFY_DEGREES))
