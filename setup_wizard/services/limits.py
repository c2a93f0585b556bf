"""Deadline policies to begin with. They come unconfirmed: the office says where its own numbers are from."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from governance.access.viewer import Viewer
from governance.worktime import Duration
from governance.worktime.durations import Unit
from requests_intake.models import DeadlinePolicy
from requests_intake.services.policies import PolicyDraft, policy_create
from requests_intake.workflow import ClockKind
from setup_wizard.starter.policies import BY_KEY, POLICIES, UNCLASSIFIED, UNCLASSIFIED_NAMES, USUAL, Policy

# What the catalogue calls the whole answer "resolve"; the portal times it as the answer promised at submission.
CLOCKS = {
    "accept": ClockKind.ACCEPT,
    "sign": ClockKind.SIGN,
    "contact": ClockKind.CONTACT,
    "resolve": ClockKind.ANSWER,
}


def policies_begin(*, actor: Viewer, at: datetime) -> int:
    """Make the policies of the starter that are not there yet, none confirmed; return how many.

    Raises `Forbidden` as `policy_create` does.
    """
    there = set(DeadlinePolicy.objects.values_list("key", flat=True))
    wanted = {policy.key: policy for policy in POLICIES} | {UNCLASSIFIED: BY_KEY[USUAL]}
    missing = {key: policy for key, policy in wanted.items() if key not in there}
    with transaction.atomic():
        for key, policy in missing.items():
            policy_create(key=key, draft=_draft(key, policy, at), reason=_("开通时的默认时限"), actor=actor, at=at)
    return len(missing)


def _draft(key: str, policy: Policy, at: datetime) -> PolicyDraft:
    usual = key == UNCLASSIFIED
    return PolicyDraft(
        name=UNCLASSIFIED_NAMES[0] if usual else policy.name,
        name_en=UNCLASSIFIED_NAMES[1] if usual else policy.name_en,
        valid_from=timezone.localdate(at),
        limits={CLOCKS[clock.stage]: Duration(clock.amount, Unit(clock.unit)) for clock in policy.clocks},
        source=policy.source[:200],
    )
