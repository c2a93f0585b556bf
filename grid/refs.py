"""How references to areas read: "grid.area:17"."""

from django.urls import reverse

from governance.access.viewer import Viewer
from governance.refs import RefKind, register
from grid.models import Area
from grid.models.area import AreaQuerySet
from grid.selectors import area_path


def _visible(viewer: Viewer) -> AreaQuerySet:
    return Area.objects.visible_to(viewer)


register(
    RefKind(
        kind="grid.area",
        label=lambda area: area_path(area.code) or area.label,
        url=lambda area: f"{reverse('grid:map')}?within={area.code}",
        visible=_visible,
    )
)
