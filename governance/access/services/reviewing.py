"""Going through grants: opening it, deciding over rows, reminding, and what happens when the day has passed."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from governance.access import areas, events
from governance.access.checks import require
from governance.access.guardians import guarding_of
from governance.access.models import Decision, Grant, GrantLife, ReviewCampaign, ReviewItem, Role
from governance.access.permissions import Capability
from governance.access.reasons import checked_reason
from governance.access.reviews import undecided
from governance.access.services import grants_end
from governance.access.services.ending import reminder_days
from governance.access.viewer import SYSTEM, Scope, Viewer
from governance.errors import DomainError
from governance.organisations.models import Organisation
from governance.outbox.services import NewEvent, publish, publish_many
from governance.refs import ref_of
from governance.text import clean_text

ROWS_MOST = 5000
DAYS_MOST = 366
CHUNK = 500


def review_open(
    *,
    title: str,
    due_on: date,
    area_code: str,
    organisation: Organisation | None,
    role: Role | None,
    ends_undecided: bool,
    submission_key: UUID,
    actor: Viewer,
    at: datetime,
) -> ReviewCampaign:
    """Put the grants of an area or an organisation, perhaps of one role, to be confirmed or ended until a day.

    Those in force or still to come now; what stands in for somebody ends with what it stands for and is left out.
    Raises `Forbidden` out of reach; `DomainError` with the field without a title, for a day that is not ahead, an
    unknown place, and where there are no grants or more than 5,000.
    """
    name = clean_text(title, multiline=False)[:60]
    if not name:
        raise DomainError("title_required", _("请给这次核查起个名字"), field="title")
    today = timezone.localdate(at)
    if not today < due_on <= today + timedelta(days=DAYS_MOST):
        raise DomainError("due_on", _("请写明天到一年以内的一天"), field="due_on")
    code = organisation.area_code if organisation is not None else area_code
    if organisation is None and not areas.exists(code):
        raise DomainError("area_unknown", _("没有这个区域，请从列表里选"), field="area_code")
    require(actor, Capability.GIVE_GRANT, Scope(code))
    rows = Grant.objects.people().filter(stands_in_for=None).exclude(ends_at__lte=at)
    rows = rows.filter(organisation=organisation) if organisation else rows.filter(area_code__startswith=code)
    if role is not None:
        rows = rows.filter(role=role)
    with transaction.atomic():
        grants = [one for one in rows.order_by("pk")[: ROWS_MOST + 1] if one.life(at) is not GrantLife.ENDED]
        if not grants:
            raise DomainError("no_grants", _("这个范围里没有授权，不用核查"), field="area_code")
        if len(grants) > ROWS_MOST:
            told = _("一次最多核查 %(most)s 项，请缩小范围") % {"most": ROWS_MOST}
            raise DomainError("too_many", told, field="area_code")
        campaign = ReviewCampaign.objects.create(
            title=name,
            due_on=due_on,
            area_code=code,
            organisation=organisation,
            role=role,
            ends_undecided=ends_undecided,
            opened_by=actor.user,
            opened_at=at,
            submission_key=submission_key,
        )
        ReviewItem.objects.bulk_create(
            ReviewItem(campaign=campaign, grant=one, area_code=one.area_code) for one in grants
        )
        payload = {"count": len(grants), "due_on": due_on, "ends_undecided": ends_undecided}
        publish(events.REVIEW_OPENED, subject=ref_of(campaign), actor=actor, area_code=code, payload=payload, at=at)
    return campaign


@dataclass(frozen=True, slots=True)
class Decided:
    """What became of the rows somebody decided over."""

    done: int
    own: int  # left to somebody else: their own grant
    already: int  # somebody else was faster, or the grant had ended meanwhile


def review_decide(
    *, campaign: ReviewCampaign, items: Collection[int], decision: Decision, reason: str, actor: Viewer, at: datetime
) -> Decided:
    """Confirm these grants, or end them with a reason, all or none of those that can be decided.

    About 15 SQL for any number. Raises `Forbidden` for rows out of reach; `DomainError` with the field for no rows, for
    ending without a reason, and where nobody would be left who gives grants or changes roles.
    """
    ending = decision is Decision.ENDED
    why = checked_reason(reason, missing=_("结束要写原因，以后查起来才清楚")) if ending or reason.strip() else ""
    with transaction.atomic():
        locked = ReviewItem.objects.select_for_update(of=("self",), no_key=True).filter(campaign=campaign)
        rows = list(locked.filter(pk__in=list(items)).select_related("grant").order_by("pk"))
        if not rows:
            raise DomainError("rows_required", _("请先选几项授权"), field="items")
        for row in rows:
            require(actor, Capability.GIVE_GRANT, row)
        others = [row for row in rows if row.grant.user_id != actor.user_id]
        deciding = [row for row in others if not row.decision and row.grant.life(at) is not GrantLife.ENDED]
        if ending:
            grants_end([row.grant for row in deciding], actor=actor, at=at)
        _settle(deciding, decision, why, actor, at)
    return Decided(len(deciding), len(rows) - len(others), len(others) - len(deciding))


def reviews_remind(*, at: datetime) -> int:
    """Remind, on the days of the policy, those who still have to decide, once each; return of how many reviews."""
    today, days, count = timezone.localdate(at), reminder_days(), 0
    with transaction.atomic():
        waiting = ReviewCampaign.objects.select_for_update(of=("self",), skip_locked=True).filter(due_on__gte=today)
        for campaign in waiting.filter(pk__in=undecided(at).values("campaign")).order_by("pk"):
            opened = timezone.localdate(campaign.opened_at)
            reached = [day for day in days if opened <= campaign.due_on - timedelta(days=day) <= today]
            if not reached or (campaign.reminded_days is not None and campaign.reminded_days <= min(reached)):
                continue
            campaign.reminded_days = min(reached)
            campaign.save(update_fields=["reminded_days"])
            _tell(events.REVIEW_REMINDED, campaign, at)
            count += 1
    return count


def reviews_close(*, at: datetime) -> int:
    """When the day has passed: end what nobody has decided where that was asked for, and tell loudly of the rest.

    Those who guard the giving of grants are never ended by themselves. Returns how many reviews it was about.
    """
    count = 0
    with transaction.atomic():
        over = ReviewCampaign.objects.select_for_update(of=("self",), skip_locked=True).filter(overdue_at=None)
        for campaign in over.filter(due_on__lt=timezone.localdate(at)).order_by("pk"):
            if campaign.ends_undecided:
                _end_left(campaign, at)
            campaign.overdue_at = at
            campaign.save(update_fields=["overdue_at"])
            if undecided(at).filter(campaign=campaign).exists():
                _tell(events.REVIEW_OVERDUE, campaign, at)
            count += 1
    return count


def review_export_note(*, campaign: ReviewCampaign, rows: int, actor: Viewer, at: datetime) -> None:
    """Keep in the trail that somebody took the result away."""
    with transaction.atomic():
        subject = ref_of(campaign)
        publish(events.REVIEW_EXPORTED, subject=subject, actor=actor, payload={"rows": rows}, at=at)


def _end_left(campaign: ReviewCampaign, at: datetime) -> None:
    while True:
        left = list(undecided(at).filter(campaign=campaign).select_related("grant").order_by("pk"))
        guarding = guarding_of([row.grant for row in left])
        ending = [row for row in left if row.grant_id not in guarding][:CHUNK]
        if not ending:
            return
        grants_end([row.grant for row in ending], actor=SYSTEM, at=at)
        _settle(ending, Decision.ENDED, "", SYSTEM, at)


def _settle(rows: list[ReviewItem], decision: Decision, reason: str, actor: Viewer, at: datetime) -> None:
    for row in rows:
        row.decision, row.reason, row.decided_by, row.decided_at = decision, reason, actor.user, at
    ReviewItem.objects.bulk_update(rows, ["decision", "reason", "decided_by", "decided_at"], batch_size=CHUNK)
    publish_many(
        NewEvent(
            event_type=events.REVIEW_DECIDED,
            subject=ref_of(row.grant),
            actor=actor,
            area_code=row.area_code,
            payload={"user_id": row.grant.user_id, "review_id": row.campaign_id, "decision": str(decision)},
            at=at,
        )
        for row in rows
    )


def _tell(event_type: object, campaign: ReviewCampaign, at: datetime) -> None:
    left = undecided(at).filter(campaign=campaign).count()
    payload = {"count": left, "due_on": campaign.due_on}
    publish(
        event_type,  # type: ignore[arg-type]
        subject=ref_of(campaign),
        actor=SYSTEM,
        area_code=campaign.area_code,
        payload=payload,
        at=at,
    )
