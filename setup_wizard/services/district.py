"""The district of somebody whom the command `create_administrator` made before there was any."""

from datetime import datetime

from governance.access.viewer import Viewer
from grid.district import district_forget
from grid.features import AreaDraft
from grid.services import areas_enter


def district_make(*, code: str, name: str, actor: Viewer, at: datetime) -> None:
    """Make the district of a code. Raises as `areas_enter` does."""
    areas_enter(drafts=[AreaDraft(code=code, name=name)], actor=actor, at=at)
    district_forget()
