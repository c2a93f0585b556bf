"""System checks of the map settings."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register


@register()
def check_map_tiles(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Tiles must be in a datum that the maps can follow, or every border would lie hundreds of metres off."""
    tiles = settings.LIREN_MAP_TILES
    if not tiles:
        return []
    if not isinstance(tiles, dict) or not isinstance(tiles.get("url"), str):
        return [Error('LIREN_MAP_TILES must be a JSON object with a "url".', id="grid.E001")]
    if tiles.get("crs", "wgs84") not in ("wgs84", "gcj02"):
        return [
            Error(
                f"LIREN_MAP_TILES: tiles in {tiles['crs']} are not supported.",
                hint='"wgs84" for tiles in WGS-84 or CGCS2000 in Web Mercator, such as the vec_w and cva_w layers of '
                'Tianditu; "gcj02" for those of Amap or Tencent. Tiles in BD-09 have a numbering of their own.',
                id="grid.E002",
            )
        ]
    return []
