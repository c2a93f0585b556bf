"""Rules that act (直派): what the first fitting rule says is done at once, as a step of the system.

A rule acts after somebody has seen what it would have done and said so, for this version of it. It never acts on what
people must look at first; whatever goes wrong leaves the request on the desk and switches the rule off.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from governance.access.viewer import SYSTEM, Viewer
from governance.errors import DomainError
from governance.organisations.models import OUTSIDE_KINDS
from governance.outbox.services import NewEvent, publish_many
from governance.protection.assessments.services import is_assessed, require_assessed
from governance.refs import ref_of
from governance.worktime import calendar_current
from requests_intake import events
from requests_intake.models import (
    DispatchRule,
    RequestTransition,
    RiskAlert,
    RuleFault,
    RuleRun,
    ServiceRequest,
    WorkOrder,
)
from requests_intake.permissions import Capability
from requests_intake.personal import ACTING_RULES
from requests_intake.selectors.choices import organisations_for
from requests_intake.selectors.course import BY_RULE, BY_RULE_FAILED
from requests_intake.selectors.rules import asked_of, for_people, matter_of, rule_book, rules_forget
from requests_intake.services.alerts import alerts_raise
from requests_intake.services.office import require_office
from requests_intake.services.rules import rule_lock, rules_switch_off
from requests_intake.services.stepping import note, request_lock
from requests_intake.services.triage import request_dispatch
from requests_intake.workflow import RequestState

TRIAL_HOLDS = timedelta(days=7)


def rule_let_act(*, rule: DispatchRule, run: RuleRun | None, actor: Viewer, at: datetime) -> DispatchRule:
    """Let a rule dispatch at once from now on.

    Raises `DomainError` unless `run` is a finished trial of this very version within the last seven days, and for a
    rule that is off, fits everything, or names a party outside the portal, which needs a link that somebody sends; and
    while what rules decide about people is not assessed (个人信息保护法 §55).
    """
    require_office(actor, Capability.EDIT_RULES)
    require_assessed(ACTING_RULES, at=at)
    with transaction.atomic():
        locked = rule_lock(rule)
        if not locked.is_active:
            raise DomainError("rule_off", _("停用的规则不能直派，请先启用"))
        if asked_of([locked])[0].fits_all:
            raise DomainError("rule_fits_all", _("没有条件的规则什么都会命中，不能直派。请先写条件。"))
        if locked.organisation.kind in OUTSIDE_KINDS:
            raise DomainError("rule_outside", _("外单位要有人发链接，不能直派"))
        if run is None or not is_trial_of(run, locked, at):
            raise DomainError("trial_missing", _("请先用最近 30 天试一遍，看过结果再确认。改过规则以后，要重新试。"))
        _set_acting([locked], True, actor, at)
    return locked


def is_trial_of(run: RuleRun, rule: DispatchRule, at: datetime) -> bool:
    """Whether this trial says what this version of the rule would do: finished, and not long ago."""
    is_of = run.rule_id == rule.pk and run.rule_version == rule.version
    return is_of and run.finished_at is not None and run.started_at > at - TRIAL_HOLDS


def rule_only_propose(*, rule: DispatchRule, actor: Viewer, at: datetime) -> DispatchRule:
    """Let a rule only propose again: a dispatcher decides. What it has sent out stays where it is."""
    require_office(actor, Capability.EDIT_RULES)
    with transaction.atomic():
        locked = rule_lock(rule)
        if locked.acts:
            _set_acting([locked], False, actor, at)
    return locked


def rules_only_propose(*, actor: Viewer, at: datetime) -> int:
    """Stop all rules that act: from now on they propose. Each is confirmed anew before it acts again. How many."""
    require_office(actor, Capability.EDIT_RULES)
    with transaction.atomic():
        rows = list(DispatchRule.objects.select_for_update(no_key=True).filter(acts=True).order_by("pk"))
        _set_acting(rows, False, actor, at)
    return len(rows)


def _set_acting(rows: list[DispatchRule], acts: bool, actor: Viewer, at: datetime) -> None:
    DispatchRule.objects.filter(pk__in=[row.pk for row in rows]).update(acts=acts)
    for row in rows:
        row.acts = acts
    publish_many(
        NewEvent(
            event_type=events.RULE_CHANGED,
            subject=ref_of(row),
            actor=actor,
            payload={"rule_id": row.pk, "fields": ["acts"]},
            at=at,
        )
        for row in rows
    )
    transaction.on_commit(rules_forget)


def requests_act(*, request_ids: Iterable[int], at: datetime) -> int:
    """Dispatch those of these requests, which were just accepted, that a rule sends out at once; return how many.

    1 SQL whatever the number where no rule does. None acts once the assessment of that use has run out.
    """
    if not DispatchRule.objects.filter(is_active=True, acts=True).exists():
        return 0
    if not is_assessed(ACTING_RULES, on=timezone.localdate(at)):
        return 0
    waiting = ServiceRequest.objects.filter(pk__in=list(request_ids), state=RequestState.ACCEPTED).order_by("pk")
    return sum(request_act(request_id=pk, at=at) is not None for pk in waiting.values_list("pk", flat=True))


def request_act(*, request_id: int, at: datetime) -> WorkOrder | None:
    """Dispatch a request that was just accepted as the first fitting rule says, if that rule acts; None if it does not.

    The first that fits decides: where it only proposes, a later one does not act. It is dispatched by the service of a
    dispatcher's own step, with all its checks. Twice for one request does nothing more.
    """
    with transaction.atomic():
        alerts_raise(request_ids=[request_id], at=at)  # events come in no order: whether somebody is in danger is known
        request = request_lock(request_id)
        if not _is_fresh(request) or for_people(request) or RiskAlert.objects.filter(request=request).exists():
            return None
        answer = rule_book().first(matter_of(request), calendar_current())
        rules_switch_off(faults=dict.fromkeys(answer.broken, RuleFault.ERROR), at=at)
        if answer.rule is None or not answer.rule.acts:
            return None
        rule = DispatchRule.objects.select_related("organisation").get(pk=answer.rule.pk)
        if request.complained_organisation_id == rule.organisation_id:
            return None  # no fault of the rule: a dispatcher finds somebody else
        return _dispatch(request, rule, at)


def _is_fresh(request: ServiceRequest) -> bool:
    """Accepted for the first time, sent to nobody yet, waiting for nobody, and no rule has tried before."""
    return (
        request.state == RequestState.ACCEPTED
        and not (request.waiting_for or request.reopen_count or request.is_designated)
        and not WorkOrder.objects.filter(request=request).exists()
        and not RequestTransition.objects.filter(request=request, name__in=(BY_RULE, BY_RULE_FAILED)).exists()
    )


def _dispatch(request: ServiceRequest, rule: DispatchRule, at: datetime) -> WorkOrder | None:
    told = f"#{rule.pk} v{rule.version}"  # the course says it in words
    try:
        with transaction.atomic():
            if not organisations_for(request).filter(pk=rule.organisation_id).exists():
                raise DomainError("rule_far", _("规则写的单位管不到这里"))
            note(request, BY_RULE, actor=SYSTEM, at=at, text=told, organisation=rule.organisation, is_public=False)
            return request_dispatch(request=request, organisation=rule.organisation, actor=SYSTEM, at=at)
    except DomainError as refused:
        words = f"{told} {refused.message}"
        note(request, BY_RULE_FAILED, actor=SYSTEM, at=at, text=words, is_public=False)
        rules_switch_off(faults={rule.pk: RuleFault.REFUSED}, at=at)
    return None
