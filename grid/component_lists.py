"""Which components a list or a map shows."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from governance.access.viewer import Viewer
from grid.models import Component
from grid.models.components import INSPECTION_SOON, ComponentQuerySet

DUE = ("late", "soon")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list is narrowed to; empty values narrow nothing. Removed ones show only when their state is asked for."""

    area: str = ""
    code: str = ""  # of a class (2) or a kind (5)
    state: str = ""
    due: str = ""
    organisation: int | None = None
    words: str = ""


def components_for(viewer: Viewer, wanted: Wanted, today: date) -> ComponentQuerySet:
    """Components the viewer may see and asked for, in no order yet."""
    rows: ComponentQuerySet = Component.objects.visible_to(viewer)
    rows = rows.filter(state=wanted.state) if wanted.state else rows.standing()
    if wanted.area:
        rows = rows.filter(area_code__startswith=wanted.area)
    if wanted.code:
        rows = (
            rows.filter(item__code__startswith=wanted.code)
            if len(wanted.code) == 2
            else rows.filter(item__code=wanted.code)
        )
    if wanted.organisation is not None:
        pk = wanted.organisation
        rows = rows.filter(Q(manager=pk) | Q(owner=pk) | Q(maintainer=pk))
    if wanted.due == "late":
        rows = rows.filter(inspect_due__lt=today)
    elif wanted.due == "soon":
        rows = rows.filter(inspect_due__range=(today, today + INSPECTION_SOON))
    for word in wanted.words.split()[:4]:
        rows = rows.filter(Q(identity__startswith=word.upper()) | Q(name__contains=word) | Q(place__contains=word))
    return rows
