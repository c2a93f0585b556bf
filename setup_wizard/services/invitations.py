"""Links that are shown to be printed leave a trace: whoever sees one could use it."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from governance.access.checks import require
from governance.access.models import User
from governance.access.permissions import Capability
from governance.access.viewer import Scope, Viewer
from governance.outbox.services import publish
from setup_wizard import events


def links_show(*, people: Sequence[User], actor: Viewer, at: datetime) -> None:
    """Note that the links of these people are shown. Raises `Forbidden` for one in an office out of reach."""
    for person in people:
        require(actor, Capability.GIVE_GRANT, Scope(person.organisation.area_code if person.organisation else ""))
    with transaction.atomic():
        payload = {"count": len(people)}
        publish(events.LINKS_SHOWN, subject=events.PROFILE, actor=actor, payload=payload, at=at)
