"""A new key in front, everything renewed by a job that may be interrupted, the old key taken away."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from governance.accounts.adapter import AccountAdapter
from governance.audit.job_kinds import REKEY_KIND
from governance.jobs.models import Job
from governance.jobs.services import job_run, running
from governance.notifications.blocking import block_of, blocked_among
from governance.notifications.services.blocking import block_add
from governance.privacy.keys import DecryptionError, key_ids
from governance.privacy.services.rekeying import rekey_batch, sealed_tables, uses
from requests_intake.models import RequesterContact, ServiceRequest
from requests_intake.selectors.callers import same_caller
from requests_intake.selectors.tracking import request_by_number
from requests_intake.services.following import follow_ask
from tests.factories.residents import resident
from tests.factories.world import EAST, MORNING
from tests.requests_intake.conftest import _town, world  # noqa: F401
from tests.requests_intake.walk import to_state
from tests.sql import assert_sql

OLD, NEW = b"k" * 32, b"n" * 32
PHONE, EMAIL, BLOCKED = "13912342046", "zhou@example.com", "nobody@example.com"


def said(**options):
    out = StringIO()
    call_command("field_keys", stdout=out, **options)
    return out.getvalue()


def found_everywhere(world, person, first):  # noqa: F811
    """Everything that is found by a telephone number or an address."""
    assert request_by_number(first.number, PHONE) == first
    assert request_by_number(first.number, "+86 139-1234-2046") == first
    caller = same_caller(world.viewer("dispatcher"), PHONE, at=timezone.now())
    assert first in caller.latest
    assert AccountAdapter().get_user_by_phone("+8613812345678") == person
    assert block_of(BLOCKED, at=timezone.now()) is not None
    assert blocked_among([BLOCKED], at=timezone.now())
    return len(caller.latest)


def test_everything_is_renewed_while_it_stays_findable_and_the_old_key_goes(world, settings, monkeypatch):  # noqa: F811
    settings.FIELD_KEYS = [OLD]
    person, first = resident(email="mei@example.com"), to_state(world, "submitted", phone=PHONE, email=EMAIL)
    operations = world.viewer("administrator")
    until = timezone.localdate() + timedelta(days=9)
    block_add(address=BLOCKED, reason="x", until=until, actor=operations, at=timezone.now())
    follow_ask(email=EMAIL, language="en", area_code=EAST, at=MORNING)
    old = key_ids()[0]
    assert {use.key for use in uses()} == {old}, "what is written fits what the job would write"
    found_everywhere(world, person, first)

    settings.FIELD_KEYS = [NEW, OLD]
    new = key_ids()[0]
    found_everywhere(world, person, first)
    second = to_state(world, "submitted", phone=PHONE)
    assert {use.key for use in uses()} == {new, old, "old"}
    assert found_everywhere(world, person, first) >= 2, "the new request and the old are found as one caller's"
    assert "run this with --renew" in said()
    with pytest.raises(CommandError, match="No active member of staff"):
        said(renew="mei@example.com")
    assert "/staff/jobs/" in said(renew="administrator@example.com")
    job = Job.objects.get(kind=REKEY_KIND)

    monkeypatch.setattr(running, "STEP_ROWS", 2)
    running._begin(job.pk, MORNING)
    for _ in range(4):  # then the worker dies
        running._step(job.pk, MORNING)
    job.refresh_from_db()
    assert 0 < job.done < job.total
    job_run(job_id=job.pk, clock=timezone.now)
    job.refresh_from_db()
    assert (job.state, job.done) == ("done", job.total)
    assert {use.key for use in uses()} == {new}
    assert "older ones may be taken out" in said()

    settings.FIELD_KEYS = [NEW]
    assert found_everywhere(world, person, first) >= 2
    assert str(RequesterContact.objects.get(request=first).phone) == PHONE
    assert ServiceRequest.objects.get(pk=second.pk).track_token
    contacts = next(table for table in sealed_tables() if table.model is RequesterContact)
    with assert_sql(1):  # nothing is written a second time
        rekey_batch(contacts, None, limit=500)
    settings.FIELD_KEYS = [OLD]
    with pytest.raises(DecryptionError):
        RequesterContact.objects.get(request=first)
