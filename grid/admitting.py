"""What may be asked of communities without asking anybody else, and what has to be admitted first (STANDARDS 7.3)."""

from collections.abc import Sequence

from grid.models import AdmissionReason, CommunityList, DutyItem, DutyKind, Task
from grid.models.tasks import Admission

ON_THE_LIST = (CommunityList.OWN, CommunityList.ASSIST)


def duty_reason(duty: DutyItem | None) -> AdmissionReason | None:
    """Why a duty is no ground to ask a community; None where the list says that it is."""
    if duty is None:
        return AdmissionReason.NO_DUTY
    if duty.kind == DutyKind.WITHDRAWN:
        return AdmissionReason.WITHDRAWN
    return None if duty.community_list in ON_THE_LIST else AdmissionReason.NOT_LISTED


def reasons_against(
    duty: DutyItem | None, *, asks_communities: bool, is_appraisal: bool, fields: Sequence[dict[str, str]]
) -> list[AdmissionReason]:
    """Why an ask must be admitted first; [] where it may go out.

    What a community asks of its own grids rests on no list.
    """
    listed = duty_reason(duty) if asks_communities else None
    reasons = [listed] if listed is not None else []
    if is_appraisal:
        reasons.append(AdmissionReason.APPRAISAL)
    if is_known_already(fields):
        reasons.append(AdmissionReason.KNOWN)
    return reasons


def is_known_already(fields: Sequence[dict[str, str]]) -> bool:
    """Whether the portal could fill in the whole form itself."""
    return bool(fields) and all(field["fact"] for field in fields)


def may_refuse(task: Task) -> bool:
    """Whether a community need not do it: nobody admitted it, and the list does not, or not any more, say so.

    `task` with its duty.
    """
    if not task.asks_communities or task.admission == Admission.ADMITTED:
        return False
    return task.admission == Admission.NONE or duty_reason(task.duty) is not None
