"""Letting go of a person's data at their request (个人信息保护法 §47), through what each app offers."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from governance.access.checks import require
from governance.access.viewer import Viewer
from governance.errors import DomainError
from governance.outbox.services import publish
from governance.privacy.sources import PersonalDataSource, sources
from governance.protection import events
from governance.protection.permissions import Capability
from governance.protection.person_requests.models import Kind, PersonRequest, State
from governance.protection.person_requests.services.copies import whose_of
from governance.protection.person_requests.services.requests import request_lock

WHAT_MISSING = _("请选要删哪些")


def erasable() -> list[PersonalDataSource]:
    """Return the sources that can let go of something."""
    return [one for one in sources() if one.erase is not None]


def person_data_erase(*, request: PersonRequest, what: Collection[str], actor: Viewer, at: datetime) -> PersonRequest:
    """Let go of what these sources (by key) hold of the person, after a deletion was granted.

    May be done again: what came in between goes, too. Raises `DomainError` on "what", `StaleState`, `Forbidden`.
    """
    require(actor, Capability.HANDLE_PERSON_REQUESTS, None)
    wanted = [one for one in erasable() if one.key in what]
    if not wanted or request.kind != Kind.DELETE:
        raise DomainError("what_required", WHAT_MISSING, field="what")
    with transaction.atomic():
        locked = request_lock(request, actor, State.DECIDED)
        whose = whose_of(locked)
        count = sum(one.erase(whose, actor, at) for one in wanted if one.erase is not None)
        locked.erased_at, locked.erased_count = at, locked.erased_count + count
        locked.save(update_fields=["erased_at", "erased_count"])
        publish(events.PERSON_DATA_ERASED, subject=locked, actor=actor, payload={"count": count}, at=at)
    return locked
