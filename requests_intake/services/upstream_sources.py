"""Upstream sources: how their tables read, edited on a page, never in code."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from governance.access.checks import require
from governance.access.viewer import Scope, Viewer
from governance.errors import DomainError, constraint_errors
from governance.outbox.services import publish
from governance.refs import ref_of
from governance.text import clean_text
from requests_intake import events
from requests_intake.models import UpstreamSource
from requests_intake.permissions import Capability
from requests_intake.upstream.fields import INCOMING, REQUIRED, RETURNED, VALUED

Values = Mapping[str, Mapping[str, str]]


def source_save(
    *,
    source: UpstreamSource | None,
    key: str,
    name: str,
    name_en: str,
    area_code: str,
    columns: Mapping[str, str],
    values: Values,
    actor: Viewer,
    at: datetime,
) -> UpstreamSource:
    """Create a source or change how its tables read; orders that were filed stay as they are.

    Raises `DomainError` with the field for a missing name, a required column without title, or one title for two
    fields that cannot share it; `Forbidden` outside the actor's areas.
    """
    require(actor, Capability.IMPORT_ORDERS, Scope(area_code))
    if source is not None:
        require(actor, Capability.IMPORT_ORDERS, source)
    kept = _checked_columns(columns)
    name = clean_text(name, multiline=False)[:60]
    if not name:
        raise DomainError("name_required", _("请写来源的名称"), field="name")
    with constraint_errors(), transaction.atomic():
        row = source or UpstreamSource(key=key)
        row.name, row.name_en, row.area_code = name, clean_text(name_en, multiline=False)[:80], area_code
        row.columns, row.values = kept, {table: dict(values.get(table, {})) for table in VALUED}
        row.updated_at, row.updated_by = at, actor.user
        row.save()
        publish(
            events.SOURCE_CHANGED,
            subject=ref_of(row),
            actor=actor,
            area_code=area_code,
            payload={"source": row.key, "columns": len(kept), "values": sum(map(len, row.values.values()))},
            at=at,
        )
    return row


def _checked_columns(columns: Mapping[str, str]) -> dict[str, str]:
    kept = {
        name: clean_text(columns[name], multiline=False)[:200]
        for name in (*INCOMING, *RETURNED)
        if columns.get(name, "").strip()
    }
    for name in REQUIRED:
        if name not in kept:
            raise DomainError("column_required", _("这一列一定要有，请写上级表里的列名"), field=f"column_{name}")
    return kept
