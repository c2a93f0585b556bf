"""Long work of the demo: the register comes when the portal already answers."""

from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from demo.loading.registry import load_registry, people_and_offices, register_is_empty
from demo.registry.district import district
from governance.access.viewer import Viewer
from governance.jobs.registry import Step, job_kind

REGISTER = "demo.registry"


@job_kind(REGISTER, title=_("写入演示用的人房登记"))
def register(*, params: dict[str, Any], cursor: None, limit: int, actor: Viewer, at: datetime) -> Step:
    """Tell and load all of it in one step, about a minute; nothing where there is a register already."""
    if not register_is_empty():
        return Step(0)
    told = district(timezone.localdate(at), params["share"])
    people, offices = people_and_offices()
    load_registry(told, offices, people, at)
    return Step(len(told.people))
