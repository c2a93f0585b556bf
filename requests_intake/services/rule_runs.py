"""Trying the rules on the past: where they would have sent what came in, and where it went."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Q

from governance.access.viewer import Viewer
from governance.jobs.models import Job
from governance.jobs.services import job_start
from governance.worktime import calendar_current
from requests_intake.models import DispatchRule, RuleRun, RuleRunRow, ServiceRequest
from requests_intake.permissions import Capability
from requests_intake.selectors.rules import RuleBook, for_people, matter_of, rule_book
from requests_intake.services.office import require_office

DRY_RUN = "requests_intake.rules_dry_run"
PERIOD = timedelta(days=30)
KEPT = timedelta(days=30)


def run_start(*, rule: DispatchRule | None, actor: Viewer, at: datetime) -> tuple[RuleRun, Job]:
    """Begin a trial over the last 30 days as a job; with `rule`, as if that one were in use. Old trials go."""
    require_office(actor, Capability.EDIT_RULES)
    with transaction.atomic():
        RuleRun.objects.filter(started_at__lt=at - KEPT).delete()
        run = RuleRun.objects.create(
            started_by=actor.user,
            started_at=at,
            since=at - PERIOD,
            until=at,
            rule=rule,
            rule_version=rule.version if rule is not None else None,
        )
        job = job_start(kind=DRY_RUN, params={"run": run.pk}, actor=actor, at=at)
    return run, job


def run_total(run_id: int) -> int:
    """How many requests a trial asks about."""
    run = RuleRun.objects.get(pk=run_id)
    return _went_somewhere(run).count()


def run_step(*, run_id: int, cursor: list[Any] | None, limit: int, at: datetime) -> tuple[int, list[Any] | None]:
    """Ask the rules about the next requests; return how many they were and where to go on (None: finished)."""
    run = RuleRun.objects.select_related("rule").get(pk=run_id)
    rows = _went_somewhere(run)
    if cursor is not None:
        moment, pk = datetime.fromisoformat(cursor[0]), cursor[1]
        rows = rows.filter(Q(submitted_at=moment, pk__gt=pk) | Q(submitted_at__gt=moment))
    found = list(rows.select_related("category").only(*_READ, *_OF_CATEGORY).order_by("submitted_at", "pk")[:limit])
    _compare(run, found, rule_book(run.rule))
    if len(found) == limit:
        return len(found), [found[-1].submitted_at.isoformat(), found[-1].pk]
    RuleRun.objects.filter(pk=run.pk).update(finished_at=at)
    return len(found), None


_READ = ("category", "area_code", "kind", "channel", "body", "submitted_at", "organisation", "is_outside_district")
_OF_CATEGORY = ("category__code", "category__stop_text")


def _went_somewhere(run: RuleRun) -> Any:
    """What came in during the trial's period and was sent to somebody."""
    return ServiceRequest.objects.filter(
        submitted_at__gte=run.since, submitted_at__lt=run.until, organisation__isnull=False
    )


def _compare(run: RuleRun, requests: Sequence[ServiceRequest], book: RuleBook) -> None:
    calendar = calendar_current()
    different, agreed, unanswered, fitted, fitted_agreed = [], 0, 0, 0, 0
    for request in requests:
        assert request.organisation_id is not None  # noqa: S101  only those that went somewhere are asked about
        answer = book.first(matter_of(request), calendar).rule
        is_same = answer is not None and answer.organisation_id == request.organisation_id
        if answer is not None and answer.pk == run.rule_id and not for_people(request):
            fitted += 1
            fitted_agreed += is_same
        if is_same:
            agreed += 1
            continue
        unanswered += answer is None
        different.append(
            RuleRunRow(
                run=run,
                request=request,
                rule_id=answer.pk if answer is not None else None,
                ruled_id=answer.organisation_id if answer is not None else None,
                went_id=request.organisation_id,
            )
        )
    RuleRunRow.objects.bulk_create(different)
    RuleRun.objects.filter(pk=run.pk).update(
        asked=F("asked") + len(requests),
        agreed=F("agreed") + agreed,
        differed=F("differed") + len(different) - unanswered,
        unanswered=F("unanswered") + unanswered,
        fitted=F("fitted") + fitted,
        fitted_agreed=F("fitted_agreed") + fitted_agreed,
    )
