"""Exporting the overview: a job makes one sheet a panel, from the same numbers as the page; the file is one's own."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from governance.access.viewer import Viewer
from governance.dashboards import events
from governance.dashboards.models import Export
from governance.dashboards.periods import Period, period_of
from governance.dashboards.permissions import Capability
from governance.dashboards.registry import panels_for
from governance.dashboards.scope import chosen_area
from governance.errors import Forbidden
from governance.jobs.services import job_start
from governance.outbox.services import publish

KEPT = timedelta(days=7)
JOB_KIND = "dashboards.export"


def export_start(*, area: str, period: Period, actor: Viewer, at: datetime) -> Export:
    """Write down what is wanted and start the job; who exports what is in the trail. Raises `Forbidden`."""
    if not actor.can(Capability.EXPORT) or actor.user is None or chosen_area(area, actor) is None:
        raise Forbidden("export_forbidden", _("您的角色不能导出看板"))
    with transaction.atomic():
        made = Export.objects.create(
            owner=actor.user, area=area, period=dict(period.query), created_at=at, expires_at=at + KEPT
        )
        made.job = job_start(kind=JOB_KIND, params={"export": made.pk}, actor=actor, at=at)
        made.save(update_fields=["job"])
        publish(
            events.EXPORTED,
            subject=made,
            actor=actor,
            area_code=area,
            payload={"period": period.key, "until": period.end},
            at=at,
        )
    return made


def export_total(actor: Viewer) -> int:
    """How many sheets there will be."""
    return sum(panel.sheet is not None for panel in panels_for(actor))


def export_step(*, export_id: int, position: int, actor: Viewer) -> int | None:
    """Make the sheet at this position; return the next position, None after the last one.

    The period ends where it did when the export was asked for.
    """
    made = Export.objects.select_for_update().get(pk=export_id)
    panels = [(panel, panel.sheet) for panel in panels_for(actor) if panel.sheet is not None]
    if position < len(panels) and chosen_area(made.area, actor) is not None:
        panel, made_of = panels[position]
        with translation.override(actor.user.language if actor.user else "zh-hans"):
            titles, rows = made_of(panel.data(actor, made.area, period_of(made.period, made.created_at)))
            sheet: dict[str, Any] = {
                "title": str(panel.title),
                "titles": [str(title) for title in titles],
                "rows": [
                    ["" if cell is None else cell if isinstance(cell, int | float) else str(cell) for cell in row]
                    for row in rows
                ],
            }
        made.sheets = [*made.sheets[:position], sheet]
        made.save(update_fields=["sheets"])
    return position + 1 if position + 1 < len(panels) else None


def exports_expire(*, at: datetime) -> int:
    """Forget exports whose week is over."""
    deleted, _per_model = Export.objects.filter(expires_at__lt=at).delete()
    return deleted
