"""What templates with a map need beside their own rows."""

import json
from typing import Any

from django import template
from django.conf import settings
from django.templatetags.static import static

from grid.lookup import current_index

register = template.Library()


@register.simple_tag
def grids_drawn() -> bool:
    """Whether a point on a map finds its grid: before grids are drawn a map would lead nowhere."""
    return len(current_index()) > 0


@register.simple_tag
def map_tiles() -> str:
    """Tile settings as JSON for a data attribute; "" where none are set: then the outlines are drawn alone."""
    tiles: Any = settings.LIREN_MAP_TILES
    if not tiles:
        return ""
    if tiles.get("crs", "wgs84") == "gcj02":
        tiles = {**tiles, "shift": static("vendor/gcoord/gcoord.js")}
    return json.dumps(tiles, ensure_ascii=False)
