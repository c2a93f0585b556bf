"""The steps from an empty portal to the first request. How far each is follows from the data, not from a counter."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from governance.access.permissions import Capability as Access
from governance.access.viewer import Viewer
from governance.organisations.permissions import Capability as Organisations
from grid.permissions import Capability as Grid
from population.permissions import Capability as Population
from requests_intake.permissions import Capability as Intake
from setup_wizard.selectors import progress
from setup_wizard.selectors.progress import Fact


class StepState(StrEnum):
    """How far a step is."""

    MISSING = "missing"
    READY = "ready"
    OPTIONAL = "optional"  # nothing there, and the portal works without


@dataclass(frozen=True, slots=True)
class Step:
    """One page of the wizard. `facts` say what is there, what is missing and what nobody has confirmed."""

    key: str
    title: str | Promise
    lede: str | Promise
    capability: str
    facts: Callable[[datetime], list[Fact]]
    is_optional: bool = False

    @property
    def url_name(self) -> str:
        """Name of its page."""
        return f"setup:{self.key}"


_ALL = (
    Step(
        "district",
        _("本区和门户"),
        _("门户叫什么、谁主办、居民打哪个电话"),
        Grid.CHANGE_AREA,
        progress.district_facts,
    ),
    Step("areas", _("街道和社区"), _("名称和官方编码；边界以后再画"), Grid.CHANGE_AREA, progress.area_facts),
    Step(
        "addresses",
        _("小区和楼栋"),
        _("有了名称，居民不用地图也选得到自己家"),
        Population.CHANGE_ADDRESS,
        progress.address_facts,
        is_optional=True,
    ),
    Step(
        "offices",
        _("各单位"),
        _("谁接单：中心、街道、部门、社区"),
        Organisations.EDIT_ORGANISATION,
        progress.office_facts,
    ),
    Step("people", _("人员和授权"), _("谁登录、管哪里、做什么"), Access.GIVE_GRANT, progress.people_facts),
    Step("limits", _("时限和日历"), _("多久受理、多久答复，哪天上班"), Intake.EDIT_POLICIES, progress.limit_facts),
    Step("catalogue", _("事项目录"), _("居民能反映哪些事"), Intake.EDIT_CATALOGUE, progress.catalogue_facts),
)
STEPS: dict[str, Step] = {step.key: step for step in _ALL}
CAPABILITIES = tuple(dict.fromkeys(str(step.capability) for step in _ALL))


@dataclass(frozen=True, slots=True)
class StepRow:
    """A step as one viewer sees it now."""

    step: Step
    number: int
    facts: list[Fact]
    may_open: bool

    @property
    def state(self) -> StepState:
        """Ready once nothing that is needed is missing."""
        if any(fact.is_missing for fact in self.facts):
            return StepState.OPTIONAL if self.step.is_optional else StepState.MISSING
        return StepState.READY


def step_rows(viewer: Viewer, at: datetime) -> list[StepRow]:
    """All steps in their order, with what is there. About 20 SQL, none of which grows with the data."""
    return [
        StepRow(step, number, step.facts(at), viewer.can(step.capability)) for number, step in enumerate(_ALL, start=1)
    ]


def next_step(key: str) -> Step | None:
    """The step after this one; None after the last."""
    order = list(STEPS)
    after = order.index(key) + 1
    return STEPS[order[after]] if after < len(order) else None
