"""Reads of goings-through of grants: how far each is, its rows with what is known of the person, who decides."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery

from governance.access.models import ReviewCampaign, ReviewItem, User
from governance.access.selectors import may_give_where
from governance.access.viewer import Viewer
from governance.outbox.models import DomainEvent

NOT_WORK = ("access.signed_in", "access.signed_out")
ROW_PARTS = ("grant__user__organisation", "grant__role", "grant__organisation", "decided_by", "campaign")


def alive(at: datetime) -> Q:
    """Rows whose grant has not ended at `at`."""
    return Q(grant__ends_at__isnull=True) | (Q(grant__ends_at__gt=at) & Q(grant__ends_at__gt=F("grant__starts_at")))


def undecided(at: datetime) -> "QuerySet[ReviewItem]":
    """Rows over which somebody still has to decide: what ended meanwhile is done with."""
    return ReviewItem.objects.filter(alive(at), decision="")


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a going-through is: rows in all, confirmed, ended by it, ended meanwhile, still to decide."""

    total: int
    confirmed: int
    ended: int
    gone: int

    @property
    def left(self) -> int:
        """Still to decide."""
        return self.total - self.confirmed - self.ended - self.gone

    @property
    def done(self) -> int:
        """No longer to decide."""
        return self.total - self.left


def progress_of(campaigns: Iterable[ReviewCampaign], at: datetime) -> dict[int, Progress]:
    """How far each is, by primary key. 1 SQL."""
    rows = ReviewItem.objects.filter(campaign__in=[one.pk for one in campaigns]).order_by().values("campaign")
    counted = rows.annotate(
        total=Count("pk"),
        confirmed=Count("pk", filter=Q(decision="confirmed")),
        ended=Count("pk", filter=Q(decision="ended")),
        gone=Count("pk", filter=Q(decision="") & ~alive(at)),
    )
    fields = ("total", "confirmed", "ended", "gone")
    return {pk: Progress(*numbers) for pk, *numbers in counted.values_list("campaign", *fields)}


def reviews_for(viewer: Viewer) -> "QuerySet[ReviewCampaign]":
    """Goings-through in which the viewer decides over something, unordered."""
    return ReviewCampaign.objects.visible_to(viewer).select_related("opened_by", "organisation", "role")


def rows_for(viewer: Viewer, campaign: ReviewCampaign) -> "QuerySet[ReviewItem]":
    """Its rows as far as the viewer decides over them, with person, role and place, unordered."""
    return ReviewItem.objects.visible_to(viewer).filter(campaign=campaign).select_related(*ROW_PARTS)


def last_work_of(users: Iterable[int]) -> dict[int, datetime]:
    """When each of these people (by primary key) last did something that the trail holds. 1 SQL, by its index."""
    own = DomainEvent.objects.filter(actor_id=OuterRef("pk")).exclude(name__in=NOT_WORK).order_by("-at", "-id")
    people = User.objects.filter(pk__in=set(users)).order_by()
    known = people.annotate(last=Subquery(own.values("at")[:1])).filter(last__isnull=False)
    return dict(known.values_list("pk", "last"))


def overdue_left(viewer: Viewer, at: datetime) -> int:
    """How many rows in the viewer's reach nobody has decided although the day has passed. 1 SQL."""
    rows = ReviewItem.objects.visible_to(viewer).filter(alive(at), decision="", campaign__overdue_at__isnull=False)
    return rows.count()


def reviewers_of(campaign_id: int, at: datetime) -> list[int]:
    """Active people who may decide over a row that is still open, in order. 2 SQL."""
    codes = set(undecided(at).filter(campaign=campaign_id).order_by().values_list("area_code", flat=True).distinct())
    return sorted({user for user, prefix in may_give_where(at) if any(code.startswith(prefix) for code in codes)})
