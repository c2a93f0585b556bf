"""Copies of a person's own data (个人信息保护法 §45): begun with the answer, made by a job, there for seven days."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from governance.access.viewer import Viewer
from governance.errors import StaleState
from governance.jobs.models import ACTIVE
from governance.jobs.services import job_start
from governance.outbox.services import publish
from governance.privacy.services import log_read
from governance.privacy.sources import Whose, sources
from governance.protection import events
from governance.protection.person_requests.models import Kind, PersonCopy, PersonRequest, State

COPY_JOB = "protection.personal_copy"
COPY_LIFE = timedelta(days=7)
TAKEN = "person_copy"  # why somebody opened it, in the log of reading


def whose_of(request: PersonRequest) -> Whose:
    """Return whose data is meant: the account with its verified number, or the proved number of somebody else."""
    if request.person is not None:
        phone = getattr(request.person, "phone", None)
        is_proved = phone is not None and phone.verified_at is not None
        return Whose(request.person, str(phone.number) if phone is not None and is_proved else "")
    return Whose(None, request.contact if request.is_number_proved else "")


def copy_begin(request: PersonRequest, actor: Viewer, at: datetime) -> PersonCopy:
    """Ask a worker for the copy of a request that was granted; again where an earlier try has ended without one.

    In the transaction of the caller, who holds the request. A try that still runs is left alone.
    """
    copy, _made = PersonCopy.objects.select_related("job").get_or_create(request=request)
    if copy.job is None or copy.job.state not in ACTIVE:
        copy.parts = []
        copy.job = job_start(kind=COPY_JOB, params={"request": request.pk}, actor=actor, at=at)
        copy.save()
    return copy


def copy_step(*, request_id: int, number: int, actor: Viewer, at: datetime) -> int | None:
    """Add what source `number` holds; return the number of the next, None after the last, when it is there.

    Does nothing more for a request that is over, such as that of an account closed meanwhile.
    """
    with transaction.atomic():
        rows = PersonRequest.objects.select_for_update(of=("self",), no_key=True)
        request = rows.select_related("person__phone").filter(pk=request_id, state=State.DECIDED).first()
        copy = PersonCopy.objects.filter(request=request_id).first()
        if request is None or copy is None:
            return None
        wanted = sources()
        if number < len(wanted):
            with translation.override(request.language):
                source = wanted[number]
                parts = [{"title": one.title, "rows": one.rows} for one in source.parts(whose_of(request), at)]
                kept = [*copy.parts, {"title": str(source.title), "parts": parts}]
            copy.parts = kept if parts else copy.parts
            copy.save(update_fields=["parts"])
        if number + 1 < len(wanted):
            return number + 1
        copy.made_at, copy.expires_at = at, at + COPY_LIFE
        copy.save(update_fields=["made_at", "expires_at"])
        request.state, request.done_at, request.done_by = State.DONE, at, actor.user
        request.save()
        publish(events.PERSON_COPY_MADE, subject=request, actor=actor, payload={"count": len(copy.parts)}, at=at)
        done = {"person_request_kind": Kind.COPY.value}
        publish(events.PERSON_REQUEST_DONE, subject=request, actor=actor, payload=done, at=at)
    return None


def person_copy_take(
    *, request: PersonRequest, actor: Viewer, at: datetime
) -> tuple[PersonRequest, list[Mapping[str, Any]]]:
    """Return the request and what its copy holds, and record who took it.

    The account's owner takes their own; staff only what they hand to somebody without an account, whom they know.
    Raises `StaleState` where it is not there (any more), `PersonRequest.DoesNotExist` for what is not theirs.
    """
    with transaction.atomic():
        rows = PersonRequest.objects.visible_to(actor).select_related("person")
        found: PersonRequest = rows.get(pk=request.pk, kind=Kind.COPY)
        if (found.person_id is None) == (actor.kind == "resident"):
            raise PersonRequest.DoesNotExist
        copy = PersonCopy.objects.filter(request=found).first()
        if copy is None or not copy.is_there(at):
            raise StaleState("copy_gone", _("副本不在了：只留 7 天。可以再提一次。"))
        log_read(user_id=actor.user_id, subject=found, fields=["personal_copy"], purpose=TAKEN, at=at)
        copy.taken_at = at
        copy.save(update_fields=["taken_at"])
    return found, copy.parts


def person_copies_expire(*, at: datetime) -> int:
    """Delete the copies whose days are over; return how many."""
    return PersonCopy.objects.filter(expires_at__lte=at).delete()[0]
