"""The only writers of the territory."""

from grid.services.areas import AreasLoaded, area_create, areas_enter, areas_load
from grid.services.duties import duty_items_load

__all__ = ["AreasLoaded", "area_create", "areas_enter", "areas_load", "duty_items_load"]
