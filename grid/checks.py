"""System checks of the map settings."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register


@register()
def check_map_tiles(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Tiles must lie where the outlines lie: in another datum every border would be hundreds of metres off."""
    tiles = settings.LIREN_MAP_TILES
    if not tiles:
        return []
    if not isinstance(tiles, dict) or not isinstance(tiles.get("url"), str):
        return [Error('LIREN_MAP_TILES must be a JSON object with a "url".', id="grid.E001")]
    if tiles.get("crs", "wgs84") != "wgs84":
        return [
            Error(
                f"LIREN_MAP_TILES: tiles in {tiles['crs']} are not supported.",
                hint="Use tiles in WGS-84 or CGCS2000 in Web Mercator, such as the vec_w and cva_w layers of Tianditu.",
                id="grid.E002",
            )
        ]
    return []
