"""What request intake does when something has happened."""

from typing import Any

from django.utils import timezone

from governance.outbox.events import declared
from governance.outbox.subscriptions import subscribe
from grid.models import Finding
from requests_intake.models import ServiceRequest
from requests_intake.services.acting import requests_act
from requests_intake.services.alerts import alerts_raise
from requests_intake.services.findings import finding_file, findings_follow
from requests_intake.services.grants import grants_end_of
from requests_intake.services.indexing import words_index
from requests_intake.services.ownership import account_forget
from requests_intake.services.publishing import publications_follow
from requests_intake.services.recordings import request_recording_failed
from requests_intake.services.rules import rules_check
from requests_intake.services.site_checks import check_receive
from requests_intake.services.standins import stand_ins_check, stand_ins_end_of, stand_ins_follow


@subscribe("requests_intake.submitted", batch=True)
@subscribe("requests_intake.history_loaded", batch=True)
def index_words(events: list[Any]) -> None:
    """Make new requests findable by their words: later and many at once, so that nobody waits for it."""
    words_index(request_ids=[int(event.subject_ref.partition(":")[2]) for event in events])


@subscribe("requests_intake.submitted", batch=True)
def raise_alerts(events: list[Any]) -> None:
    """See whether somebody may be in danger, and call whoever is on duty. Records of the past are not looked at."""
    alerts_raise(request_ids=[_pk(event.subject_ref) for event in events], at=timezone.now())


@subscribe("requests_intake.accepted", batch=True)
def act_by_rules(events: list[Any]) -> None:
    """Send out what was just accepted, where a rule does so at once."""
    requests_act(request_ids=[_pk(event.subject_ref) for event in events], at=timezone.now())


# Events that change nothing of what the public reads of a request; all others are followed, new ones too.
SILENT = (
    "merged",  # has a handler of its own, below
    "handed_in", "help_called", "help_signed", "result_given", "help_released", "whistle_blown", "reported_in",
    "whistle_rated", "recused", "return_asked", "dispute_raised", "assigned", "reassigned", "taken_over", "name_hidden",
    "contact_removed", "contact_revealed", "deadline_reached", "deadlines_missed", "recording_failed",
    "recording_described", "check_asked", "check_dropped", "check_received",
)  # fmt: skip
OTHER_SUBJECTS = (
    "publication_", "follow_", "area_news", "policy_", "calendar_", "category_", "rule_", "batch_", "source_",
    "limit_", "reason_", "standard_", "rung_", "alert_", "duty_", "risk_",
    "profile_", "window_", "appointment_",
)  # fmt: skip
_REQUEST = f"{ServiceRequest._meta.label_lower}:"


def _is_progress(name: str) -> bool:
    app, _, fact = name.partition(".")
    return app == "requests_intake" and fact not in SILENT and not fact.startswith(OTHER_SUBJECTS)


def _pk(ref: str) -> int:
    return int(ref.partition(":")[2])


def follow_requests(events: list[Any]) -> None:
    """Open public versions and keep them in step; tell whoever patrols what became of what they found."""
    ids = [_pk(event.subject_ref) for event in events if event.subject_ref.startswith(_REQUEST)]
    publications_follow(request_ids=ids, at=timezone.now())
    findings_follow(request_ids=ids, at=timezone.now())


for _name in filter(_is_progress, declared()):
    subscribe(_name, batch=True)(follow_requests)


@subscribe("requests_intake.merged", batch=True)
def follow_merged(events: list[Any]) -> None:
    """The one that was merged leaves the public; the other one says that somebody joined."""
    ids = [_pk(ref) for event in events for ref in (event.payload["into"], event.subject_ref)]
    publications_follow(request_ids=ids, at=timezone.now())
    findings_follow(request_ids=ids, at=timezone.now())


@subscribe("grid.finding_reported")
@subscribe("grid.hazard_reported")
def file_finding(event: Any) -> None:
    """Somebody saw something on a patrol that has to be handled: a request is opened for it."""
    finding = Finding.objects.select_related("matter__code_list", "component", "found_by").get(
        pk=_pk(event.subject_ref)
    )
    finding_file(finding=finding, at=timezone.now())


@subscribe("grid.check_completed")
def receive_check(event: Any) -> None:
    """Somebody has looked on site: the desk that asked gets what was seen."""
    check_receive(check_id=_pk(event.subject_ref), at=timezone.now())


@subscribe("files.recording_failed")
def tell_of_recording(event: Any) -> None:
    """A film or voice note of a request could not be kept: whoever sent it and whoever handles it hear of it."""
    request_recording_failed(owner_ref=event.subject_ref, at=timezone.now())


@subscribe("accounts.account_deleted")
def forget_account(event: Any) -> None:
    """A resident has closed their account: their requests stay with the office, bound to nobody."""
    account_forget(user_id=int(event.subject_ref.partition(":")[2]))


@subscribe("access.stand_in_given")
def look_after_orders(event: Any) -> None:
    """An administrator has put somebody in a handler's place: the orders there go the same way."""
    stand_ins_follow(person_id=event.payload["person_id"], substitute_id=_pk(event.subject_ref), at=timezone.now())


@subscribe("access.grant_ended", batch=True)
def look_after_no_more(events: list[Any]) -> None:
    """Standing in has ended before its time: the orders go to whoever has them."""
    stand_ins_check(grant_ids=[_pk(event.subject_ref) for event in events], at=timezone.now())


@subscribe("access.person_left")
def forget_colleague(event: Any) -> None:
    """A colleague has left: what they saw exceptionally ends, and nobody looks after orders for them, nor they."""
    grants_end_of(user_id=_pk(event.subject_ref), at=timezone.now())
    stand_ins_end_of(user_id=_pk(event.subject_ref), at=timezone.now())


@subscribe("organisations.organisation_changed", batch=True)
@subscribe("requests_intake.category_deleted", batch=True)
@subscribe("requests_intake.category_changed", batch=True)
def check_rules(events: list[Any]) -> None:
    """Switch off the dispatch rules that name what has gone out of use."""
    rules_check(at=timezone.now())
