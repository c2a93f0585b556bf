"""Earlier requests of the same telephone number: for the clerk who is just speaking with the person."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q
from django.utils import timezone

from governance.access.viewer import Viewer
from requests_intake.models import ServiceRequest
from requests_intake.permissions import Capability
from requests_intake.selectors.sight import unshielded
from requests_intake.services.filing import phone_indexes

SHORTEST = 7


@dataclass(frozen=True, slots=True)
class SameCaller:
    """How often this number came this month (月次) and this year (年次), counted and not kept; the latest requests."""

    month: int
    year: int
    latest: list[ServiceRequest]


def same_caller(viewer: Viewer, phone: str, *, at: datetime, limit: int = 5) -> SameCaller | None:
    """Return what the viewer may see of this number's earlier requests; None where they may not, or it is no number.

    Month and year are those of the local calendar. 2 SQL by the blind index.
    """
    if len(phone) < SHORTEST or not viewer.can(Capability.VIEW_SAME_CALLER):
        return None
    theirs = ServiceRequest.objects.visible_to(viewer).filter(
        unshielded(viewer), contact__phone_index__in=phone_indexes(phone)
    )
    local = timezone.localtime(at).replace(hour=0, minute=0, second=0, microsecond=0)
    year, month = local.replace(month=1, day=1), local.replace(day=1)
    counts = theirs.filter(submitted_at__gte=year, submitted_at__lt=at + timedelta(seconds=1)).aggregate(
        year=Count("pk"), month=Count("pk", filter=Q(submitted_at__gte=month))
    )
    latest = theirs.select_related("category", "organisation").defer("body", "track_token")
    return SameCaller(counts["month"], counts["year"], list(latest.order_by("-submitted_at", "-id")[:limit]))
