"""The only writers of the territory."""

from grid.services.areas import area_create, areas_enter, areas_load
from grid.services.changes import PARTS_MAX, area_retire, area_split, areas_merge, areas_redraw, areas_take_in
from grid.services.duties import duty_items_load
from grid.services.posts import (
    post_appoint,
    post_end,
    post_extend,
    post_release,
    post_stand_in,
    post_stand_ins_stop,
    posts_end_of,
)
from grid.services.writing import AreasLoaded

__all__ = [
    "PARTS_MAX",
    "AreasLoaded",
    "area_create",
    "area_retire",
    "area_split",
    "areas_enter",
    "areas_load",
    "areas_merge",
    "areas_redraw",
    "areas_take_in",
    "duty_items_load",
    "post_appoint",
    "post_end",
    "post_extend",
    "post_release",
    "post_stand_in",
    "post_stand_ins_stop",
    "posts_end_of",
]
