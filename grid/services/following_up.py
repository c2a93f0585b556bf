"""The night after a change of the territory: whatever is still under an old code goes along, or somebody is told."""

from datetime import datetime, timedelta

from django.db.models import Q

from governance.access.viewer import SYSTEM
from governance.impact.services import recode_rest
from governance.impact.succession import Succession
from governance.outbox.models import DomainEvent
from governance.outbox.services import publish
from governance.refs import ref_of
from grid import events
from grid.models import AreaChange

LOOKED_BACK = timedelta(hours=48)  # each change is met by two nights


def changes_follow_up(*, at: datetime) -> int:
    """Take along what was filed under an old code while the job ran; return how many rows stay behind.

    A process knows the grids of a few seconds ago, so a request may get a code that has just ended. Rows that no rule
    lets into the new area stay, and whoever made the change is told once how many of what.
    """
    changes = AreaChange.objects.filter(Q(at__gt=at - LOOKED_BACK, at__lte=at), ~Q(code_map=[])).order_by("at", "pk")
    behind = 0
    for change in changes.select_related("by"):
        left = recode_rest(succession=Succession(tuple(change.code_map)), at=at)
        subject = ref_of(change)
        told = DomainEvent.objects.filter(name=events.ROWS_LEFT.name, subject_ref=subject)
        if left and not told.exists():
            payload = {"left": sum(left.values()), "models": sorted(left), "user_id": change.by_id}
            area_code = change.code_map[0].partition(">")[2]
            publish(events.ROWS_LEFT, subject=subject, actor=SYSTEM, area_code=area_code, payload=payload, at=at)
        behind += sum(left.values())
    return behind
