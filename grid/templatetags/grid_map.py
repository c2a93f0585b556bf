"""What templates with a map need beside their own rows."""

import json

from django import template
from django.conf import settings

register = template.Library()


@register.simple_tag
def map_tiles() -> str:
    """Tile settings as JSON for a data attribute; "" where none are set: then the outlines are drawn alone."""
    return json.dumps(settings.LIREN_MAP_TILES, ensure_ascii=False) if settings.LIREN_MAP_TILES else ""
