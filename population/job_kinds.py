"""Long work of the registry."""

from datetime import datetime
from typing import Any

from django.utils import translation
from django.utils.translation import gettext_lazy as _

from governance.access.viewer import Viewer
from governance.jobs.registry import Step, job_kind
from population.services.imports import (
    CHECK_KIND,
    UNDO_KIND,
    WRITE_KIND,
    import_check,
    import_undo,
    import_write,
    rows_total,
)

IMPORTS = "population:imports"


def _rows(*, params: dict[str, Any], actor: Viewer, at: datetime) -> int:
    return rows_total(params["import"])


@job_kind(CHECK_KIND, title=_("检查台账"), back_url=IMPORTS)
def check(*, params: dict[str, Any], cursor: Any, limit: int, actor: Viewer, at: datetime) -> Step:
    """Read a piece of the file, or look over the next part of it."""
    done, following = import_check(
        pk=params["import"], seen=params["version"], cursor=cursor, limit=limit, actor=actor, at=at
    )
    return Step(done, following)


@job_kind(WRITE_KIND, title=_("写入台账"), count=_rows, back_url=IMPORTS)
def write(*, params: dict[str, Any], cursor: Any, limit: int, actor: Viewer, at: datetime) -> Step:
    """Write the next part."""
    with translation.override(actor.user.language if actor.user else "zh-hans"):  # refusals are kept in words
        done, following = import_write(
            pk=params["import"], seen=params["version"], number=cursor or 0, actor=actor, at=at
        )
    return Step(done, following)


@job_kind(UNDO_KIND, title=_("撤回导入"), count=_rows, back_url=IMPORTS)
def undo(*, params: dict[str, Any], cursor: Any, limit: int, actor: Viewer, at: datetime) -> Step:
    """Take back the part before."""
    done, following = import_undo(pk=params["import"], seen=params["version"], number=cursor, actor=actor, at=at)
    return Step(done, following)
