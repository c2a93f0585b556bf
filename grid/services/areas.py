"""Adding areas one by one, by a list of names, or from a file; changing outlines is in `changes`."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from governance.access.viewer import Viewer
from governance.errors import DomainError, constraint_errors
from grid.features import AreaDraft, drafts_of, polygon_of
from grid.models import Area
from grid.services.writing import AreasLoaded, areas_write, lock_territory


def area_create(
    *,
    code: str,
    name: str,
    actor: Viewer,
    at: datetime,
    name_en: str = "",
    kind: str = "",
    geometry: Mapping[str, Any] | None = None,
    valid_from: date | None = None,
) -> Area:
    """Add one area; `geometry` is GeoJSON in WGS-84. Raises like `areas_load`, and for a code that was ever used."""
    draft = AreaDraft(
        code=code.strip(),
        name=name.strip(),
        name_en=name_en.strip(),
        kind=kind,
        polygon=polygon_of(geometry, "wgs84", _("%(name)s（%(code)s）") % {"name": name, "code": code}),
        valid_from=valid_from,
    )
    with constraint_errors(), transaction.atomic():
        lock_territory(at)
        if Area.objects.filter(code=draft.code).exists():
            raise DomainError("area_code_unique", _("这个编码已经用过，编码不能重复使用"), field="code")
        areas_write([draft], actor=actor, at=at)
    return Area.objects.get(code=draft.code)


def areas_load(*, geojson: Mapping[str, Any], actor: Viewer, at: datetime, datum: str = "wgs84") -> AreasLoaded:
    """Create or update areas from a GeoJSON FeatureCollection, all or none; see `grid.features.drafts_of`.

    A feature replaces name, kind and, if it brings one, the geometry of the area with its code; other areas stay.
    `valid_from` defaults to the local day of `at`. Raises `DomainError` for the first fault (and says how many more):
    unreadable features, codes of the wrong shape, missing parents, invalid polygons, overlaps, holes, children outside
    their parent; `Forbidden` where the actor may not change areas. About 10 SQL for any number of areas.
    """
    return areas_enter(drafts=drafts_of(geojson, datum), actor=actor, at=at)


def areas_enter(*, drafts: Sequence[AreaDraft], actor: Viewer, at: datetime) -> AreasLoaded:
    """Create areas by code and name, or change names and kinds of known ones, all or none; outlines come when they do.

    Raises as `areas_load` does. A code that is no more in use is refused.
    """
    if not drafts:
        return AreasLoaded((), (), ())
    with constraint_errors(), transaction.atomic():
        lock_territory(at)
        return areas_write(drafts, actor=actor, at=at)[0]
