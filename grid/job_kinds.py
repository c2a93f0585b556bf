"""Long work of the territory and of what stands in it."""

from datetime import datetime
from typing import Any

from django.utils import translation
from django.utils.translation import gettext_lazy as _

from governance.access.viewer import Viewer
from governance.jobs.registry import Step, job_kind
from grid.services.component_exports import JOB_KIND as EXPORT_KIND
from grid.services.component_exports import component_export_step, component_export_total
from grid.services.component_imports import (
    CHECK_KIND,
    WRITE_KIND,
    component_import_check,
    component_import_write,
    rows_total,
)
from grid.services.territory_imports import JOB_KIND as TERRITORY
from grid.services.territory_imports import territory_import_write


def _rows(*, params: dict[str, Any], actor: Viewer, at: datetime) -> int:
    return rows_total(params["import"])


def _exported(*, params: dict[str, Any], actor: Viewer, at: datetime) -> int:
    return component_export_total(pk=params["export"], actor=actor, at=at)


@job_kind(EXPORT_KIND, title=_("导出部件"), count=_exported, back_url="grid:component-exports")
def component_export(*, params: dict[str, Any], cursor: int | None, limit: int, actor: Viewer, at: datetime) -> Step:
    """Take the next rows, or make the file."""
    with translation.override(actor.user.language if actor.user else "zh-hans"):
        done, following = component_export_step(pk=params["export"], after=cursor, limit=limit, actor=actor, at=at)
    return Step(done, following)


@job_kind(CHECK_KIND, title=_("检查部件表"), back_url="grid:component-imports")
def component_check(*, params: dict[str, Any], cursor: int | None, limit: int, actor: Viewer, at: datetime) -> Step:
    """Read the file, or look over the next part of it."""
    done, following = component_import_check(
        pk=params["import"], seen=params["version"], number=cursor, limit=limit, actor=actor, at=at
    )
    return Step(done, following)


@job_kind(WRITE_KIND, title=_("写入部件"), count=_rows, back_url="grid:component-imports")
def component_import(*, params: dict[str, Any], cursor: int | None, limit: int, actor: Viewer, at: datetime) -> Step:
    """Write the next part."""
    with translation.override(actor.user.language if actor.user else "zh-hans"):  # refusals are kept in words
        done, following = component_import_write(
            pk=params["import"], seen=params["version"], number=cursor or 0, actor=actor, at=at
        )
    return Step(done, following)


@job_kind(TERRITORY, title=_("写入区域和边界"), back_url="grid:territory-imports")
def territory(*, params: dict[str, Any], cursor: Any, limit: int, actor: Viewer, at: datetime) -> Step:
    """Load all areas of a file at once: neighbours are checked against each other."""
    with translation.override(actor.user.language if actor.user else "zh-hans"):  # what is wrong is kept in words
        return Step(territory_import_write(pk=params["import"], seen=params["version"], actor=actor, at=at))
