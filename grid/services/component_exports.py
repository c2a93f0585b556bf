"""Exporting components: a job reads them with the rights of whoever asked, and makes a file for them alone."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from governance.access.viewer import Viewer
from governance.errors import DomainError, Forbidden
from governance.files.tables import table_csv, table_xlsx
from governance.jobs.services import job_start
from governance.outbox.services import publish
from grid import events
from grid.component_lists import Wanted, components_for
from grid.component_tables import COLUMNS, LAT, LNG
from grid.models import Component, ComponentExport, ComponentExportPart, ExportFormat
from grid.permissions import Capability

JOB_KIND = "grid.component_export"
KEPT = timedelta(days=7)
# The columns of the template, so that an export can be handed in again, and what the portal adds.
ADDED = {"kind": _("种类"), "changed_on": _("变更日期"), "inspected_on": _("上次检查"), "inspect_due": _("下次检查")}
KEYS = (*(column.key for column in COLUMNS), *ADDED)


def component_export_start(*, wanted: Wanted, form: str, actor: Viewer, at: datetime) -> ComponentExport:
    """Write down what is wanted and start the job; the trail says who exports. Raises `DomainError`, `Forbidden`."""
    if actor.user is None or not actor.can(Capability.VIEW_COMPONENT):
        raise Forbidden("forbidden", _("您的角色不能在这里做这件事。如果工作需要，请找管理员授权。"))
    if form not in ExportFormat.values:
        raise DomainError("format_unknown", _("只能导出 Excel、CSV 或 GeoJSON"), field="format")
    with transaction.atomic():
        made = ComponentExport.objects.create(
            owner=actor.user, format=form, wanted=asdict(wanted), created_at=at, expires_at=at + KEPT
        )
        made.job = job_start(kind=JOB_KIND, params={"export": made.pk}, actor=actor, at=at)
        made.save(update_fields=["job"])
        publish(
            events.COMPONENTS_EXPORTED,
            subject=made,
            actor=actor,
            area_code=wanted.area,
            payload={"format": form},
            at=at,
        )
    return made


def component_export_total(*, pk: int, actor: Viewer, at: datetime) -> int:
    """How many components there will be. 2 SQL."""
    return _rows(ComponentExport.objects.get(pk=pk), actor, at).count()


def component_export_step(
    *, pk: int, after: int | None, limit: int, actor: Viewer, at: datetime
) -> tuple[int, int | None]:
    """Take the next components, in the order of entry; after the last ones make the file. -1 stands for the file."""
    made = ComponentExport.objects.select_for_update(of=("self",), no_key=True).filter(pk=pk).first()
    if made is None:
        return 0, None
    if after == -1:
        made.content = _file(made)
        made.save(update_fields=["content"])
        made.parts.all().delete()
        return 0, None
    rows = _rows(made, actor, at).select_related("item", "manager", "owner", "maintainer").filter(pk__gt=after or 0)
    found = list(rows.order_by("pk")[:limit])
    if found:
        ComponentExportPart.objects.create(component_export=made, rows=[_cells(row) for row in found])
        made.rows += len(found)
        made.save(update_fields=["rows"])
    return len(found), found[-1].pk if len(found) == limit else -1


def component_exports_expire(*, at: datetime) -> int:
    """Forget exports whose week is over."""
    deleted, _per_model = ComponentExport.objects.filter(expires_at__lt=at).delete()
    return deleted


def _rows(made: ComponentExport, actor: Viewer, at: datetime) -> Any:
    return components_for(actor, Wanted(**made.wanted), timezone.localdate(at))


def _cells(row: Component) -> list[str]:
    values = {key: getattr(row, key, "") for key in KEYS}
    values |= {"code": row.item.code, "kind": row.item.label, "state": row.get_state_display()}
    for role in ("manager", "owner", "maintainer"):
        office = getattr(row, role)
        values[f"{role}_name"] = office.label if office is not None else getattr(row, f"{role}_name")
    return ["" if (value := values[key]) is None else str(value) for key in KEYS]


def _file(made: ComponentExport) -> bytes:
    rows = _all_rows(made)
    if made.format == ExportFormat.GEOJSON:
        features = [_feature(dict(zip(KEYS, cells, strict=True))) for cells in rows]
        return json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False).encode()
    titles = [str(column.title) for column in COLUMNS] + [str(title) for title in ADDED.values()]
    write = table_csv if made.format == ExportFormat.CSV else table_xlsx
    return write(titles, rows)


def _all_rows(made: ComponentExport) -> Iterator[list[str]]:
    for part in made.parts.order_by("pk").iterator(chunk_size=20):
        yield from part.rows


def _feature(values: dict[str, str]) -> dict[str, Any]:
    lng, lat = values.pop(LNG), values.pop(LAT)
    point = {"type": "Point", "coordinates": [float(lng), float(lat)]} if lng and lat else None
    return {"type": "Feature", "properties": values, "geometry": point}
