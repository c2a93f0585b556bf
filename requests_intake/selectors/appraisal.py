"""What a month adds up to for each organisation: one SQL for the preview and for what is frozen."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import connection
from django.db.models import Q
from django.utils import timezone

from governance.access.rules import area_q
from governance.access.viewer import Viewer
from governance.organisations.models import Organisation
from requests_intake.models import Bulletin, BulletinRow, Objection, ScoringScheme, ServiceRequest
from requests_intake.models.orders import WorkOrder
from requests_intake.models.whistles import Whistle, WhistleRating
from requests_intake.permissions import Capability
from requests_intake.scoring import Score, score
from requests_intake.selectors.sight import unshielded

_REQUEST = ServiceRequest._meta.db_table
_ORDER, _WHISTLE, _MARK = (model._meta.db_table for model in (WorkOrder, Whistle, WhistleRating))


def month_window(first: date) -> tuple[datetime, datetime]:
    """Return the local month `[since, until)` of its first day."""
    zone = timezone.get_current_timezone()
    after = (first + timedelta(days=32)).replace(day=1)
    return datetime.combine(first, time.min, tzinfo=zone), datetime.combine(after, time.min, tzinfo=zone)


def scheme_of(first: date) -> ScoringScheme:
    """Return the scheme that judges a month: the newest that was valid on its first day."""
    valid = ScoringScheme.objects.filter(valid_from__lte=first).order_by("-valid_from", "-version").first()
    return valid or ScoringScheme.objects.order_by("version")[0]


def counted_sql() -> str:
    """SQL: the requests of a month with how each is counted; parameters `since` and `until`.

    Rated: the last call-back lies in the month, somebody answered it, and the request was not excluded; it counts for
    the office that led when it was given. Unanswered: the promised date lies in the month, nobody has answered yet,
    the clocks do not stand still, and there is no valid call-back; it counts for the office that leads. One request
    counts once.
    """
    return (
        f"SELECT rated_organisation_id AS organisation_id, id AS request_id, 'rated' AS how, "
        f"coalesce(rated_contacted, false) AS contacted, rated_solved = 'yes' AS solved, rated_grade AS grade "
        f"FROM {_REQUEST} WHERE rated_at >= %(since)s AND rated_at < %(until)s AND rated_contacted IS NOT NULL "
        f"AND excluded_at IS NULL AND rated_organisation_id IS NOT NULL "
        f"UNION ALL "
        f"SELECT organisation_id, id, 'unanswered', contacted_at IS NOT NULL, false, NULL "
        f"FROM {_REQUEST} WHERE closed_at IS NULL AND replied_at IS NULL AND paused_until IS NULL "
        f"AND due_at >= %(since)s AND due_at < %(until)s AND organisation_id IS NOT NULL AND excluded_at IS NULL "
        f"AND (rated_at >= %(since)s AND rated_at < %(until)s AND rated_contacted IS NOT NULL "
        f"AND rated_organisation_id IS NOT NULL) IS NOT TRUE"
    )


def sums_sql(items: str) -> str:
    """SQL: one row an organisation with everything a bulletin keeps, from `items` and from what stands beside them."""
    return (
        "SELECT organisation_id, sum(valid)::int AS valid, sum(unanswered)::int AS unanswered, "
        "sum(contacted)::int AS contacted, sum(solved)::int AS solved, sum(good)::int AS good, sum(fair)::int AS fair, "
        "sum(excluded)::int AS excluded, sum(ledgered)::int AS ledgered, sum(unrated)::int AS unrated, "
        "sum(marks)::int AS marks, sum(marks_sum)::int AS marks_sum FROM ("
        "SELECT organisation_id, (how = 'rated')::int AS valid, (how = 'unanswered')::int AS unanswered, "
        "contacted::int AS contacted, solved::int AS solved, (coalesce(grade, 0) >= 4)::int AS good, "
        "(coalesce(grade, 0) = 3)::int AS fair, 0 AS excluded, 0 AS ledgered, 0 AS unrated, 0 AS marks, 0 AS marks_sum "
        f"FROM ({items}) i UNION ALL "
        f"SELECT coalesce(rated_organisation_id, organisation_id), 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0 FROM {_REQUEST} "
        "WHERE excluded_at >= %(since)s AND excluded_at < %(until)s UNION ALL "
        f"SELECT organisation_id, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0 FROM {_REQUEST} "
        "WHERE ledgered_at >= %(since)s AND ledgered_at < %(until)s UNION ALL "
        f"SELECT rated_organisation_id, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0 FROM {_REQUEST} "
        "WHERE rated_at >= %(since)s AND rated_at < %(until)s AND rated_contacted IS NULL UNION ALL "
        # both sides of a whistle: the caller marks who came, who came marks the call
        f"SELECT CASE m.side WHEN 'caller' THEN o.organisation_id ELSE w.organisation_id END, "
        f"0, 0, 0, 0, 0, 0, 0, 0, 0, 1, m.grade FROM {_MARK} m JOIN {_ORDER} o ON o.id = m.order_id "
        f"JOIN {_WHISTLE} w ON w.id = o.whistle_id WHERE m.at >= %(since)s AND m.at < %(until)s"
        ") a WHERE organisation_id IS NOT NULL GROUP BY 1"
    )


@dataclass(frozen=True, slots=True)
class Judged:
    """An organisation with its counts and what a scheme makes of them."""

    organisation: Organisation
    row: BulletinRow
    score: Score


@dataclass(frozen=True, slots=True)
class Class:
    """Organisations of one kind, which are compared with each other and with nobody else."""

    kind: str
    label: Any
    rows: Sequence[Judged]


def preview(first: date) -> list[BulletinRow]:
    """Return the unsaved rows of a month as they would be frozen now. 1 SQL."""
    since, until = month_window(first)
    values = {"since": since, "until": until}
    with connection.cursor() as cursor:
        cursor.execute(sums_sql(counted_sql()), values)
        names = [column[0] for column in cursor.description]
        return [BulletinRow(**dict(zip(names, row, strict=True))) for row in cursor.fetchall()]


def judged(rows: Sequence[BulletinRow], scheme: ScoringScheme) -> list[Class]:
    """Return the rows with their scores, by kind of organisation. 1 SQL.

    Ordered by name; by the composite only where the district has recorded its rule, and those with too few last.
    """
    offices = Organisation.objects.in_bulk([row.organisation_id for row in rows])
    found: dict[str, list[Judged]] = {}
    for row in rows:
        office = offices[row.organisation_id]
        found.setdefault(office.kind, []).append(Judged(office, row, score(row, scheme)))
    labels = dict(Organisation._meta.get_field("kind").flatchoices)
    return [
        Class(kind, labels[kind], sorted(found[kind], key=_by_composite if scheme.is_official else _by_name))
        for kind in labels
        if kind in found
    ]


def _by_name(one: Judged) -> Any:
    return (one.organisation.area_code, one.organisation.short_label)


def _by_composite(one: Judged) -> Any:
    return (one.score.is_small, -(one.score.composite or 0), one.organisation.area_code)


def with_evidence(viewer: Viewer) -> Any:
    """Return the objections whose evidence this viewer may see: who decides them, and the organisation that objects."""
    if viewer.kind == "system":
        return Objection.objects.all()
    mine = Q(organisation__in=viewer.organisations(Capability.VIEW_APPRAISAL))
    decided = area_q(viewer.areas(Capability.RUN_APPRAISAL))
    return Objection.objects.filter(mine if decided is None else mine | decided).filter(
        unshielded(viewer, "item__request")
    )


def newest_bulletins() -> list[Bulletin]:
    """Return the last version of each month's bulletin, the newest month first. 1 SQL."""
    return list(Bulletin.objects.select_related("scheme", "frozen_by").order_by("-month", "-version").distinct("month"))
